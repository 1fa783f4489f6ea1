"""Lists the picture formats that are recognised: their names, endings and first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mmap import mmap
from typing import Final

SNIFF_BYTES: Final = 64
"""With this many bytes a kind is known for certain."""


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """One kind of picture file."""

    name: str
    """The usual extension, which profiles and records name it by."""
    decoder: str
    """What Pillow calls it; Qt does the same in small letters."""
    start: re.Pattern[bytes]
    """What its first bytes are like."""
    endings: tuple[str, ...] = ()
    """Further extensions that pictures of people have."""
    media_subtype: str = ""
    """Where media types call it by another name than Pillow."""

    @property
    def qt_name(self) -> bytes:
        """Qt's name of the decoder."""
        return self.decoder.lower().encode()

    @property
    def media_type(self) -> str:
        return f"image/{self.media_subtype or self.decoder.lower()}"


FORMATS: Final = {
    each.name: each
    for each in (
        PictureFormat(
            "jpg",
            "JPEG",
            re.compile(rb"\xff\xd8\xff"),
            ("jpeg", "jpe", "jfif", "pjpeg", "pjp", "jif"),
        ),
        PictureFormat("png", "PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
        PictureFormat("webp", "WEBP", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
        PictureFormat("bmp", "BMP", re.compile(rb"BM.{12}[\x0c-\x80]\0\0\0", re.DOTALL), ("dib",)),
        PictureFormat("gif", "GIF", re.compile(rb"GIF8[79]a")),
        PictureFormat("tiff", "TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), ("tif",)),
        # The general brands mif1 and msf1 say nothing of the coding; a further one does.
        PictureFormat(
            "avif",
            "AVIF",
            re.compile(rb".{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4}){0,10}?avi[fs])", re.DOTALL),
        ),
        PictureFormat(
            "heic",
            "HEIF",
            re.compile(rb".{4}ftyp(?:hei[cmsx]|hev[cmsx]|m[is]f1)", re.DOTALL),
            ("heif", "hif"),
            "heic",
        ),
        PictureFormat(
            "jp2",
            "JPEG2000",
            re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
            ("j2k", "jpx", "jpf"),
            "jp2",
        ),
    )
}
"""By name."""

KNOWN_FORMATS: Final = tuple(FORMATS)
"""Names of the formats that are recognised when a picture is checked; the service of this computer
takes them all."""

USUAL_FORMATS: Final = ("jpg", "png", "webp", "bmp")
"""Names of the kinds that services take and give, as the API's document has it."""

RESULT_FORMATS: Final = (*USUAL_FORMATS, "tiff")
"""Names of the kinds that a result may have: the service of this computer makes TIFF of TIFF."""

SAVED_FORMATS: Final = (*RESULT_FORMATS, "avif")
"""Names of the kinds that a result is saved as: the program converts to AVIF, too."""

PICTURE_ENDINGS: Final = frozenset(
    f".{ending}" for each in FORMATS.values() for ending in (each.name, *each.endings)
)
"""What is taken out of a folder. A file that is given by itself may have any ending."""

_ALIASES: Final = {ending: each.name for each in FORMATS.values() for ending in each.endings}


def format_of(data: bytes | mmap) -> PictureFormat | None:
    """Return the kind of a file by its first bytes; ``None``: it is none of those known here."""
    return next((format_ for format_ in FORMATS.values() if format_.start.match(data)), None)


def plain_format(extension: str) -> str:
    """Return the name of a kind, however its extension is spelled: "JPEG" is ``jpg``."""
    plain = extension.strip().lower().removeprefix(".")
    return _ALIASES.get(plain, plain)
