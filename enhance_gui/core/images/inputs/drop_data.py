"""Reads the addresses of pictures out of what was dropped, pasted or typed.

The picture in a page is often inside a link; then every plain address in the data is that of the
linked page, and the picture's own stands only in the HTML or in Firefox's promise type. So the
order is: promise, the list of addresses where it names what the page shows, first picture of the
HTML, list of addresses, plain text, the picture's bytes. What browsers really send was recorded
from Chromium and Firefox.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from enhance_gui.core.images.addresses import host_of, without_login
from enhance_gui.core.images.formats import PICTURE_ENDINGS, SNIFF_BYTES, format_of
from enhance_gui.core.images.inputs.page_pictures import PageContent, read_page
from enhance_gui.core.images.inputs.search_links import picture_behind
from enhance_gui.core.images.inputs.source import (
    address_without_scheme,
    is_web,
    parse_source,
    scheme_problem,
)
from enhance_gui.core.images.inputs.text_addresses import LINE, addresses_in, candidates
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.threads import unhurried

URI_LIST: Final = "text/uri-list"
PROMISE: Final = "application/x-moz-file-promise-url"
HTML: Final = "text/html"
TEXT: Final = "text/plain"

ORIGIN: Final = "chromium/x-renderer-taint"
"""Scheme and host of the page that something was dragged out of."""

PAGE_FORMATS: Final = (HTML, PROMISE, "text/x-moz-url", ORIGIN)
"""What only comes out of a page. All the rest may then be written by that page, too: it may name
addresses, but no files of this computer."""

MAX_INPUTS: Final = 100_000
"""Maximum number of lines and addresses that are read of a text or a list."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on how much of dropped data is read. Each input takes tens of microseconds."""

    text_bytes: int
    file_list_bytes: int
    """Of a list of files that another program than a browser gave."""
    inputs: int
    """Of a text."""
    files: int
    """Of a list of files."""


DROPPED: Final = Bounds(2**20, 2**24, 20_000, MAX_INPUTS)

HOVERING: Final = Bounds(2**14, 2**16, 256, 256)
"""For what hovers over the window, which must not stand still meanwhile."""

LIGHT_FORMATS: Final = (PROMISE, HTML, URI_LIST, TEXT)
"""What is read while something still hovers over the window."""

SHOWN_FORMATS: Final = (
    "application/octet-stream",
    'application/x-qt-windows-mime;value="FileContents";index=0',
)
"""In which Chromium gives the file of the very picture that it shows: on Linux, on Windows."""

PICTURE_FORMATS: Final = ("image/png", "image/jpeg", "image/webp", "image/bmp", *SHOWN_FORMATS)
"""What may hold a picture's bytes. They are used where no address can be had, and kept where its
host may refuse the program."""

MAX_CARRIED_BYTES: Final = 2**26
"""Largest picture that is kept beside its address."""

NOTHING: Final = N_("There is no picture in that, and no address of one.")

CUT: Final = N_(
    "There was more text than is read at once; its beginning is added. Save the rest as a text "
    "file and open that one."
)

_WEB: Final = re.compile(r"https?:", re.IGNORECASE)
_OF_A_PAGE: Final = N_("a page may not name files of this computer: open the file itself")
_NEITHER: Final = N_("it is neither an address nor the full path of a file")
_MAX_PROBLEMS: Final = 1000
_MAX_PROMISE_BYTES: Final = 2**16
_MAX_TAGS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Dropped:
    """The addresses, files and pictures found in dropped data, or in folders and lists."""

    inputs: tuple[str, ...] = ()
    """Addresses and absolute paths, each once, in order."""
    unusable: tuple[str, ...] = ()
    """What looked like an input and is none: a sentence each."""
    picture: bytes | None = None
    """A picture that has no address: the bytes of its file."""
    carried: bytes | None = field(default=None, compare=False, repr=False)
    """The bytes of the one picture at the address in :attr:`inputs`, which came along with it."""
    from_text: bool = False
    """Whether the inputs only stood in a text: then a folder is none that anybody chose."""
    is_cut: bool = False
    """Whether there was more text than is looked at."""

    @property
    def is_empty(self) -> bool:
        return not self.inputs and self.picture is None

    @property
    def problem(self) -> str:
        """Why nothing could be used; empty where something can."""
        if not self.is_empty:
            return ""
        return self.unusable[0] if self.unusable else tr(NOTHING)


def read_dropped(formats: Mapping[str, bytes], bounds: Bounds = DROPPED) -> Dropped:
    """Find the inputs in dropped or pasted data.

    :param formats: the data of each MIME type, as the other program gave it.
    """
    of_page = any(name in formats for name in PAGE_FORMATS)
    max_text_bytes = bounds.text_bytes
    max_bytes = max_text_bytes if of_page else bounds.file_list_bytes
    links = _links(formats.get(URI_LIST, b""), max_bytes, bounds.files + 1)
    of_files = not of_page and any(link.lower().startswith("file:") for link in links)
    linked = _usable(links, bounds.files if of_files else bounds.inputs, paths=not of_page)
    linked = replace(linked, is_cut=linked.is_cut or len(formats.get(URI_LIST, b"")) > max_bytes)
    if of_files:
        return linked
    if len(links) == 1 and linked.inputs and picture_behind(links[0]) != links[0]:
        return linked  # what the page shows of it is a small preview
    promise = _text(formats.get(PROMISE, b""), _MAX_PROMISE_BYTES).strip()
    promised = [promise] if promise else []
    of_html = [] if is_web(promise) else _pictures_of_page(formats, links, max_text_bytes)
    pictures = of_html if any(map(_WEB.match, of_html)) else promised or of_html
    web = [each for each in pictures if _WEB.match(each)]
    found = _usable(web, bounds.inputs)
    if pictures and not web:
        # A picture that lives inside the page: the address of the page is not its own.
        found = _embedded(pictures[0], formats)
    if not found.is_empty:
        return _with_bytes(found, formats)
    if linked.inputs:
        return _with_bytes(linked, formats)
    text = _text(formats.get(TEXT, b""), max_text_bytes)
    read = read_text(text, bounds.inputs, paths=not of_page)
    if read.inputs:
        return replace(read, is_cut=read.is_cut or len(formats[TEXT]) > max_text_bytes)
    picture = _bytes_of_picture(formats)
    if picture is not None:
        return Dropped(picture=picture)
    return Dropped(unusable=(*linked.unusable, *read.unusable)[:_MAX_PROBLEMS])


def read_text(text: str, max_inputs: int = MAX_INPUTS, *, paths: bool = True) -> Dropped:
    """Find the inputs in a text: many addresses, paths one a line, or prose with addresses.

    :param paths: whether it may name files of this computer.
    """
    return replace(_usable(candidates(text), max_inputs, paths=paths), from_text=True)


def _usable(candidates: Iterable[str], max_inputs: int, *, paths: bool = True) -> Dropped:
    inputs: dict[str, None] = {}
    unusable: list[str] = []
    left = iter(candidates)
    for each in unhurried(islice(left, max_inputs)):
        try:
            inputs[_key(each, paths=paths)] = None
        except AddressNotUsable as error:
            if len(unusable) < _MAX_PROBLEMS:
                text = tr("“{input}”: {problem}.")
                problem = shown(error.detail)
                unusable.append(text.format(input=shown_input(each), problem=problem))
    is_cut = next(left, None) is not None
    return Dropped(tuple(inputs), tuple(unusable), is_cut=is_cut)


def _key(text: str, *, paths: bool) -> str:
    """:raises AddressNotUsable: neither an address nor a path that means one file."""
    # Nothing here asks the system: a text may have countless lines that are neither.
    if address := address_without_scheme(text):
        return picture_behind(parse_source(address).key)
    own = text == "~" or text.startswith(("~/", f"~{os.sep}"))
    is_full = os.path.isabs(text)  # noqa: PTH117  a Path takes ten times as long
    if text.startswith("//"):
        raise AddressNotUsable(_NEITHER)
    if own or is_full or text.lower().startswith("file:"):
        if not paths:
            raise AddressNotUsable(_OF_A_PAGE)
    elif not _WEB.match(text):
        raise AddressNotUsable(scheme_problem(text) or _NEITHER)
    return picture_behind(parse_source(text).key)


def shown_input(text: str) -> str:
    """Return the beginning of an input, for people: without a password."""
    shown = "".join(char if char.isprintable() else " " for char in without_login(text[:2000])[:61])
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _links(data: bytes, max_bytes: int, max_links: int) -> list[str]:
    """Read a text/uri-list: one a line, comments begin with #."""
    lines = (line.group().strip() for line in LINE.finditer(_text(data, max_bytes)))
    return list(islice((line for line in lines if line and not line.startswith("#")), max_links))


def _pictures_of_page(
    formats: Mapping[str, bytes], links: Sequence[str], max_bytes: int
) -> list[str]:
    """Return the addresses of the pictures in the HTML, or of what is shown of a single one."""
    data = formats.get(HTML, b"")
    html = "<".join(_text(data, max_bytes).split("<", _MAX_TAGS)[:_MAX_TAGS])
    origin = _text(formats.get(ORIGIN, b""), _MAX_PROMISE_BYTES)
    link = links[0] if links and not links[0].lower().startswith("data:") else ""
    content = read_page(html, "" if origin else link, origin)
    if len(data) > max_bytes and not content.pictures:
        return [""]  # a picture that stands in the page itself, as far as can be told
    found = [each.largest or each.source for each in content.pictures]
    if links:
        # A dragged picture or link is one thing; only a selection of text may hold several.
        is_shown = bool(link and found) and _is_shown(link, content, origin)
        return [link] if is_shown else found[:1]
    if len(found) > 1 and addresses_in(_text(formats.get(TEXT, b""), max_bytes)):
        # The addresses that the selected text itself names are what the person reads there.
        return []
    return found


def _is_shown(link: str, content: PageContent, origin: str) -> bool:
    """Return whether the address that was dragged is that of the picture which the page shows.

    Chromium gives this one alone of what a ``<picture>`` has chosen. Of a picture inside a link it
    gives where the link leads, and often no more of the link than that.
    """
    picture = content.pictures[0]
    if picture.has(link) or link in content.links:
        return picture.has(link)
    host, own_host = host_of(link), host_of(picture.source)
    name = urlsplit(link).path.rpartition("/")[2] if host else ":"
    if ":" in name:  # the page about a file, in a wiki
        return False
    is_elsewhere = bool(origin) and host == own_host and host != host_of(origin)
    return is_elsewhere or f".{name.lower().rpartition('.')[2]}" in PICTURE_ENDINGS


def _embedded(address: str, formats: Mapping[str, bytes]) -> Dropped:
    """Return a picture that stands in the page itself: "data:image/png;base64,…".

    What the browser adds is what it shows; what stands in the page may be there in its place.
    """
    head, _, body = address.partition(",")
    data = unquote_to_bytes(body) if head.lower().startswith("data:image/") else b""
    try:
        data = base64.b64decode(data, validate=True) if head.lower().endswith(";base64") else data
    except binascii.Error:
        data = b""
    shown_data = _bytes_of_picture(formats, SHOWN_FORMATS)
    if shown_data is None and _is_picture(data):
        shown_data = data
    return Dropped(picture=shown_data or _bytes_of_picture(formats))


def _bytes_of_picture(
    formats: Mapping[str, bytes], names: Iterable[str] = PICTURE_FORMATS
) -> bytes | None:
    held = (formats.get(name, b"") for name in names)
    return next(filter(_is_picture, held), None)


def _with_bytes(found: Dropped, formats: Mapping[str, bytes]) -> Dropped:
    """Add the bytes of the one picture whose address was found, as far as they are there."""
    data = _bytes_of_picture(formats)
    is_one = len(found.inputs) == 1 and is_web(found.inputs[0])
    if data is None or not is_one or len(data) > MAX_CARRIED_BYTES:
        return found
    if base64.b64encode(data[:300]) in formats.get(HTML, b""):
        return found  # what stands in the page is there in the picture's place
    return replace(found, carried=data)


def _text(data: bytes, max_bytes: int) -> str:
    """Decode a text, or its beginning up to the end of a word."""
    text = _decoded_text(data[:max_bytes]).rstrip("\0")
    if len(data) <= max_bytes:
        return text
    return text[: max(text.rfind("\n"), text.rfind(" ")) + 1]


def _decoded_text(data: bytes) -> str:
    """Decode a text: Firefox's own types are UTF-16LE, the others UTF-8, some with a BOM."""
    if data.startswith(b"\xff\xfe"):
        return data.decode("utf-16", "replace")
    if len(data) >= 2 and data[1] == 0 and len(data) % 2 == 0:
        return data.decode("utf-16-le", "replace")
    return data.decode("utf-8-sig", "replace")


def _is_picture(data: bytes) -> bool:
    return format_of(data[:SNIFF_BYTES]) is not None
