"""Recognises a file's format by its first bytes, never by its name or a server's claim."""

from __future__ import annotations

import re
from mmap import mmap
from typing import Final

from enhance_gui.core.images.formats import SNIFF_BYTES, format_of

_TEXT_SNIFF_BYTES: Final = 1024

_UNREADABLE: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb".{4}ftyp(avif|avis)", re.DOTALL), "avif"),
    (re.compile(rb".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), "heic"),
    (re.compile(rb"%PDF-"), "pdf"),
)
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta)\b", re.IGNORECASE
)
_SVG: Final = re.compile(rb"<svg\b", re.IGNORECASE)


def sniff_kind(data: bytes | mmap) -> str | None:
    """Return the kind by the usual extension, ``None`` where the bytes match none.

    Pictures: ``jpg``, ``png``, ``webp``, ``bmp``, ``gif``, ``tiff``, ``heic``, ``avif``, ``svg``;
    others that are often found in a picture's place: ``html``, ``pdf``.
    """
    if known := format_of(data):
        return known.name
    for magic, kind in _UNREADABLE:
        if magic.match(data):
            return kind
    return _text_kind(data[:_TEXT_SNIFF_BYTES])


def could_still_become_known(data: bytes | mmap) -> bool:
    """Return whether :func:`sniff_kind` might recognise the format with more bytes."""
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
