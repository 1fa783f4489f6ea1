"""Reads the addresses of pictures out of what was dropped, pasted or typed.

The picture in a page is often inside a link; then every plain address in the data is that of the
linked page, and the picture's own stands only in the HTML or in Firefox's promise type. So the
order is: promise, first picture of the HTML, list of addresses, plain text, the picture's bytes.
What browsers really send was recorded from Chromium and Firefox.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin

from enhance_gui.core.details import shown_detail
from enhance_gui.core.errors import AddressNotUsable
from enhance_gui.core.image_sources import LocalFile, parse_source, without_repeats
from enhance_gui.core.language import mark, tr

URI_LIST: Final = "text/uri-list"
PROMISE: Final = "application/x-moz-file-promise-url"
HTML: Final = "text/html"
TEXT: Final = "text/plain"

LIGHT_FORMATS: Final = (PROMISE, HTML, URI_LIST, TEXT)
"""What is read while something still hovers over the window."""

PICTURE_FORMATS: Final = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/bmp",
    "application/octet-stream",
)
"""What may hold a picture's bytes; looked at only where no address can be had."""

NOTHING: Final = mark("There is no picture in that, and no address of one.")

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_NEXT_ADDRESS: Final = re.compile(r"[,;|](?=https?://)", re.IGNORECASE)
_SIGNATURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"BM")
_MOST_PROBLEMS: Final = 1000


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was found."""

    inputs: tuple[str, ...] = ()
    """Addresses and absolute paths, each once, in order."""
    unusable: tuple[str, ...] = ()
    """What looked like an input and is none: a sentence each."""
    picture: bytes | None = None
    """A picture that has no address: the bytes of its file."""

    @property
    def is_empty(self) -> bool:
        return not self.inputs and self.picture is None

    @property
    def problem(self) -> str:
        """Why nothing could be used; empty where something can."""
        if not self.is_empty:
            return ""
        return self.unusable[0] if self.unusable else tr(NOTHING)


def read_dropped(formats: Mapping[str, bytes]) -> Dropped:
    """Find the inputs in dropped or pasted data.

    :param formats: the data of each MIME type, as the other program gave it.
    """
    links = _links(formats.get(URI_LIST, b""))
    if any(link.lower().startswith("file:") for link in links):
        return _usable(links)
    text = _text(formats.get(TEXT, b""))
    for pictures in (_promised(formats), _pictures_of_page(formats, links)):
        web = [each for each in pictures if each.lower().startswith(("http://", "https://"))]
        found = _usable(web)
        if pictures and not web:
            # A picture that lives inside the page: the address of the page is not its own.
            found = _embedded(pictures[0], formats)
        if not found.is_empty:
            return found
    for found in (_usable(links), read_text(text)):
        if found.inputs:
            return found
    picture = _bytes_of_picture(formats)
    if picture is not None:
        return Dropped(picture=picture)
    problems = (*_usable(links).unusable, *read_text(text).unusable)
    return Dropped(unusable=problems[:_MOST_PROBLEMS])


def read_text(text: str) -> Dropped:
    """Find the inputs in a text: many addresses, paths one a line, or prose with addresses."""
    inputs: list[str] = []
    unusable: list[str] = []
    for line in text.removeprefix("\ufeff").splitlines():
        plain = line.strip().strip("\"'<>").strip()
        if not plain or plain.startswith("#"):
            continue
        candidates = _addresses_in(plain) or [plain]
        found = _usable(candidates)
        inputs += found.inputs
        unusable += found.unusable
    return Dropped(tuple(without_repeats(inputs)), tuple(unusable[:_MOST_PROBLEMS]))


def _addresses_in(line: str) -> list[str]:
    return [
        _without_tail(part)
        for match in _ADDRESS.finditer(line)
        for part in _NEXT_ADDRESS.split(match.group())
    ]


def _without_tail(address: str) -> str:
    """Take off what belongs to the sentence around an address."""
    while address:
        last = address[-1]
        unmatched = last in ")]}" and address.count(last) > address.count(
            {")": "(", "]": "[", "}": "{"}[last]
        )
        if not (unmatched or last in ".,;:!?'"):
            return address
        address = address[:-1]
    return address


def _usable(candidates: Sequence[str]) -> Dropped:
    inputs: list[str] = []
    unusable: list[str] = []
    for each in candidates:
        try:
            inputs.append(_key(each))
        except AddressNotUsable as error:
            said = tr("“{input}”: {problem}.")
            unusable.append(said.format(input=_short(each), problem=shown_detail(error.detail)))
    return Dropped(tuple(without_repeats(inputs)), tuple(unusable))


def _key(text: str) -> str:
    """:raises AddressNotUsable: neither an address nor a path that means one file."""
    source = parse_source(text)
    is_path = text.lower().startswith("file:") or Path(text).expanduser().is_absolute()
    if isinstance(source, LocalFile) and not is_path:
        raise AddressNotUsable("it is neither an address nor the full path of a file")
    return source.key


def _short(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _links(data: bytes) -> list[str]:
    """Read a text/uri-list: one a line, comments begin with #."""
    lines = (line.strip() for line in _text(data).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _promised(formats: Mapping[str, bytes]) -> list[str]:
    promise = _text(formats.get(PROMISE, b"")).strip()
    return [promise] if promise else []


def _pictures_of_page(formats: Mapping[str, bytes], links: Sequence[str]) -> list[str]:
    """Return the addresses of the pictures in the HTML, made whole by that of the page."""
    parser = _Pictures()
    parser.feed(_text(formats.get(HTML, b"")))
    found = [urljoin(links[0] if links else "", source.strip()) for source in parser.sources]
    if links:
        # A dragged picture or link is one thing; only a selection of text may hold several.
        return found[:1]
    if len(found) > 1 and _addresses_in(_text(formats.get(TEXT, b""))):
        # The addresses that the selected text itself names are what the person reads there.
        return []
    return found


class _Pictures(HTMLParser):
    """Collects the addresses of pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = dict(attrs).get("src")
        if tag == "img" and source:
            self.sources.append(source)


def _embedded(address: str, formats: Mapping[str, bytes]) -> Dropped:
    """Return a picture that stands in the page itself: "data:image/png;base64,…"."""
    data = None
    if address.lower().startswith("data:image/"):
        head, _, body = address.partition(",")
        data = _decoded(body, is_base64=head.lower().endswith(";base64"))
    if data is None or not data.startswith(_SIGNATURES):
        data = _bytes_of_picture(formats)
    return Dropped(picture=data)


def _decoded(body: str, *, is_base64: bool) -> bytes | None:
    data = unquote_to_bytes(body)
    try:
        return base64.b64decode(data, validate=True) if is_base64 else data
    except binascii.Error:
        return None


def _bytes_of_picture(formats: Mapping[str, bytes]) -> bytes | None:
    for name in PICTURE_FORMATS:
        data = formats.get(name, b"")
        if data.startswith(_SIGNATURES):
            return data
    return None


def _text(data: bytes) -> str:
    """Decode a text: Firefox's own types are UTF-16LE, the others UTF-8, some with a BOM."""
    if data.startswith(b"\xff\xfe"):
        return data.decode("utf-16", "replace").rstrip("\0")
    if len(data) >= 2 and data[1] == 0 and len(data) % 2 == 0:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return data.decode("utf-8-sig", "replace").rstrip("\0")
