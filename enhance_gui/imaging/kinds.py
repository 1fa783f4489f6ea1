"""What a file is, by its first bytes alone: never by its name or by what a server says."""

from __future__ import annotations

import re
from mmap import mmap
from typing import Final

SNIFF_BYTES: Final = 32
"""With this many bytes a binary kind is known for certain."""

_TEXT_SNIFF_BYTES: Final = 1024

_MAGICS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
    (re.compile(rb"BM.{12}[\x0c-\x80]\0\0\0", re.DOTALL), "bmp"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (re.compile(rb".{4}ftyp(avif|avis)", re.DOTALL), "avif"),
    (re.compile(rb".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), "heic"),
    (re.compile(rb"%PDF-"), "pdf"),
)
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta)\b", re.IGNORECASE
)
_SVG: Final = re.compile(rb"<svg\b", re.IGNORECASE)


def sniff_kind(data: bytes | mmap) -> str | None:
    """Return the kind by the usual extension, ``None`` where the bytes tell none.

    Pictures: ``jpg``, ``png``, ``webp``, ``bmp``, ``gif``, ``tiff``, ``heic``, ``avif``, ``svg``;
    others that are often found in a picture's place: ``html``, ``pdf``.
    """
    for magic, kind in _MAGICS:
        if magic.match(data):
            return kind
    return _text_kind(data[:_TEXT_SNIFF_BYTES])


def could_still_become_known(data: bytes | mmap) -> bool:
    """Tell whether more bytes could make :func:`sniff_kind` know what it does not know yet."""
    if len(data) < SNIFF_BYTES:
        return True
    return _text_start(data[:_TEXT_SNIFF_BYTES]).startswith(b"<") and len(data) < _TEXT_SNIFF_BYTES


def _text_kind(data: bytes) -> str | None:
    start = _text_start(data)
    if not start.startswith(b"<"):
        return None
    if _HTML.search(start):
        return "html"
    return "svg" if _SVG.search(start) else None


def _text_start(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()
