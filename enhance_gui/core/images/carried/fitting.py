"""Brings what a picture says beside its pixels into the places that its kind of file has for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from enhance_gui.core.images.carried.blocks import Blocks, set_resolution
from enhance_gui.core.images.carried.iptc import add_fields_to_xmp
from enhance_gui.core.images.carried.tags import Tags
from enhance_gui.core.images.carried.xmp import DC, EXIF, RIGHTS, XMP, Name, Packet
from enhance_gui.core.images.metadata import unpacked
from enhance_gui.core.text.detail import Detail

_COMMENT: Final = "Comment"

_TEXTS: Final[dict[str, tuple[Name, str]]] = {
    "Title": ((DC, "title"), "Alt"),
    "Author": ((DC, "creator"), "Seq"),
    "Description": ((DC, "description"), "Alt"),
    "Copyright": ((DC, "rights"), "Alt"),
    "Disclaimer": ((RIGHTS, "UsageTerms"), "Alt"),
    "Software": ((XMP, "CreatorTool"), ""),
    "Creation Time": ((XMP, "CreateDate"), ""),
    _COMMENT: ((EXIF, "UserComment"), "Alt"),
    # What programs that make pictures by a model write there.
    "parameters": ((EXIF, "UserComment"), "Alt"),
}
"""Keywords of PNG (third edition, 11.3.3.1) to the properties of XMP that mean the same."""

_DATE: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d.*)?)?)?")


def fit(blocks: Blocks, kind: str) -> list[str]:
    """Change blocks into those that a kind of file has; return why something is left out.

    :param kind: the name of its format, as :data:`~enhance_gui.core.images.formats.FORMATS` has it.
    """
    return _FITTERS[kind](blocks)


def _fit_jpeg(blocks: Blocks) -> list[str]:
    for keyword, text in _texts_of(blocks):
        if keyword == _COMMENT and not blocks.comments:
            blocks.comments.append(text.encode()[:65_000])
    return _texts_to_xmp(blocks)


def _fit_png(blocks: Blocks) -> list[str]:
    if blocks.resolution_dpi is None:
        blocks.resolution_dpi = blocks.resolution
    if not any(keyword == _COMMENT for keyword, _ in _texts_of(blocks)):
        for comment in blocks.comments[:1]:
            text = _comment(comment).encode()
            blocks.texts.append((b"iTXt", b"Comment\0\0\0\0\0" + text))
    blocks.comments = []
    return []


def _fit_webp(blocks: Blocks) -> list[str]:
    return _photoshop_to_xmp(blocks, "WebP")


def _fit_avif(blocks: Blocks) -> list[str]:
    return _photoshop_to_xmp(blocks, "AVIF")


def _photoshop_to_xmp(blocks: Blocks, kind: str) -> list[str]:
    left_out = _all_to_xmp(blocks)
    if blocks.photoshop:
        if blocks.xmp is None:
            blocks.xmp = Packet.empty()
        add_fields_to_xmp(blocks.photoshop, blocks.xmp)
        left_out.append(
            Detail(
                "IPTC and Photoshop: {format} files have no place for them; what XMP can hold is "
                "there",
                format=kind,
            )
        )
    blocks.photoshop = b""
    return left_out


def _fit_tiff(blocks: Blocks) -> list[str]:
    return _all_to_xmp(blocks)


def _fit_bmp(blocks: Blocks) -> list[str]:
    if blocks.resolution_dpi is None:
        blocks.resolution_dpi = blocks.resolution
    return [Detail("all but the print resolution: a BMP has no place for it")]


def _all_to_xmp(blocks: Blocks) -> list[str]:
    """Put texts, comments and the print resolution into blocks that every kind has."""
    comments = [("Comment", _comment(each)) for each in blocks.comments[:1]]
    left_out = _texts_to_xmp(blocks, comments)
    blocks.comments = []
    if blocks.resolution_dpi is not None:
        has_own = blocks.exif is not None and Blocks(exif=blocks.exif).resolution is not None
        if not has_own:
            blocks.exif = blocks.exif or Tags()
            set_resolution(blocks.exif, blocks.resolution_dpi)
    return left_out


def _texts_to_xmp(blocks: Blocks, further: list[tuple[str, str]] | None = None) -> list[str]:
    left_out: list[str] = []
    done = set()
    for keyword, text in _texts_of(blocks) + (further or []):
        named = _TEXTS.get(keyword)
        if named is None or (keyword == "Creation Time" and not _DATE.fullmatch(text)):
            left_out.append(
                Detail(
                    "the text “{keyword}”, for which only a PNG has a place", keyword=keyword[:79]
                )
            )
            continue
        packet = blocks.xmp = blocks.xmp or Packet.empty()
        name, kind = named
        # A look through the packet takes long: once for each of a few names.
        if name not in done and not packet.has(name):
            if kind:
                packet.set_list(name, kind, [text])
            else:
                packet.set(name, text)
        done.add(name)
    blocks.texts = []
    blocks.changed_at = b""
    return left_out


def _texts_of(blocks: Blocks) -> list[tuple[str, str]]:
    found = []
    for kind, data in blocks.texts:
        keyword, _, rest = data.partition(b"\0")
        if kind == b"tEXt":
            text = rest.decode("latin-1")
        elif kind == b"zTXt":
            text = unpacked(rest[1:]).decode("latin-1")
        else:
            content = rest[2:].split(b"\0", 2)[-1]
            text = (unpacked(content) if rest[:1] == b"\1" else content).decode("utf-8", "replace")
        found.append((keyword.decode("latin-1"), _of_xml(text)))
    return found


def _comment(data: bytes) -> str:
    """Return a JPEG's comment, whose characters no standard names."""
    try:
        return _of_xml(data.rstrip(b"\0").decode())
    except UnicodeDecodeError:
        return _of_xml(data.rstrip(b"\0").decode("latin-1"))


def _of_xml(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(each for each in text if each.isprintable() or each in "\n\r\t ")


_FITTERS: Final[dict[str, Callable[[Blocks], list[str]]]] = {
    "jpg": _fit_jpeg,
    "png": _fit_png,
    "webp": _fit_webp,
    "tiff": _fit_tiff,
    "bmp": _fit_bmp,
    "avif": _fit_avif,
}
