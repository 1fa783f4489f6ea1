"""Finds the pictures of a page's HTML: what each tag names, and the largest version of it.

What a page shows need not be its ``src``: that is often a small fallback, or a few blurred pixels
that stand in until the picture is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

from enhance_gui.core.images.formats import KNOWN_FORMATS, plain_format

_LAZY_SOURCES: Final = ("data-src", "data-original", "data-lazy-src", "data-lazy")
"""Where scripts that load pictures late keep the address until then."""
_SOURCE_SETS: Final = ("srcset", "data-srcset", "data-lazy-srcset")
_WEB: Final = ("http://", "https://")
_MAX_VERSIONS: Final = 200
"""Of one picture. Real ones have a dozen."""
_VERSION: Final = re.compile(r"[\s,]*([^\s,]\S*)")
_DESCRIPTORS: Final = re.compile(r"(?:\([^)]*\)|[^,(])*")
_DESCRIPTOR: Final = re.compile(r"(\d+(?:\.\d+)?)([wx])")


@dataclass(frozen=True, slots=True)
class Version:
    """One address under which a picture can be had."""

    address: str
    width_px: float = 0.0
    """0: the page does not say."""
    density: float = 1.0
    """How many pixels of it one of the page's has."""
    is_known: bool = True
    """Whether it is of a kind that is recognised here, as far as the page says."""

    @property
    def rank(self) -> tuple[bool, bool, float, float]:
        return self.is_known, self.width_px > 0, self.width_px, self.density


@dataclass(slots=True)
class PagePicture:
    """A picture of a page."""

    source: str
    """Its ``src``: an address, ``data:…``, ``blob:…``, or empty."""
    versions: list[Version] = field(default_factory=list)
    """All addresses on the web that its tags name, of whatever size."""

    @property
    def largest(self) -> str:
        """The address of the largest version; empty: it has none on the web."""
        return max(self.versions, key=lambda each: each.rank).address if self.versions else ""

    def has(self, address: str) -> bool:
        return any(each.address == address for each in self.versions)


@dataclass(slots=True)
class PageContent:
    """The pictures of a page, in order, and where its links lead."""

    pictures: list[PagePicture] = field(default_factory=list)
    links: set[str] = field(default_factory=set)


def read_page(html: str, page: str, origin: str = "") -> PageContent:
    """Read a fragment of HTML.

    :param page: the address that relative ones start from; empty where it is not known.
    :param origin: scheme and host of the page, where no more of its address is known.
    """
    parser = _Parser(page, origin)
    parser.feed(html)
    return parser.content


def versions_of(source_set: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a ``srcset``, each with its descriptors: "480w", "2x" or nothing.

    An address may have commas in it, but not at its end.
    """
    place = 0
    for _ in range(_MAX_VERSIONS):
        found = _VERSION.match(source_set, place)
        if found is None:
            return
        place = found.end()
        address = found[1].rstrip(",")
        if address != found[1]:
            yield address, ""
            continue
        described = _DESCRIPTORS.match(source_set, place)
        assert described is not None  # noqa: S101  it may match nothing, but it matches
        place = described.end()
        yield address, described[0].strip()
        if source_set[place : place + 1] == "(":
            return  # what no bracket closes goes on to the end


class _Parser(HTMLParser):
    """Collects pictures and links."""

    def __init__(self, page: str, origin: str) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._origin = origin
        self._sources: list[Version] = []
        """Of the ``<picture>`` that is open."""
        self.content = PageContent()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value.strip() for name, value in attrs if value}
        if tag == "a" and "href" in held:
            self.content.links.add(self._whole(held["href"]))
        elif tag == "picture":
            self._sources = []
        elif tag == "source" and len(self._sources) < _MAX_VERSIONS:
            self._sources += self._of_sets(held)
        elif tag == "img":
            self._take(held)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![`` and what follows; Python's own raises where it does not know it."""
        return self.parse_bogus_comment(i, report)

    def handle_endtag(self, tag: str) -> None:
        if tag == "picture":
            self._sources = []

    def _take(self, held: Mapping[str, str]) -> None:
        named = [held[name] for name in (*_LAZY_SOURCES, "src") if name in held]
        versions = [*self._of_sets(held), *self._sources, *map(Version, named)]
        self._sources = []  # a <picture> has one <img>
        source = self._whole(held.get("src", ""))
        folder = self._folder_of(source, [each.address for each in versions])
        whole = [replace(each, address=self._whole(each.address, folder)) for each in versions]
        on_web = [each for each in whole if each.address.lower().startswith(_WEB)]
        if source or on_web:
            self.content.pictures.append(PagePicture(source, on_web))

    def _of_sets(self, held: Mapping[str, str]) -> list[Version]:
        kind = held.get("type", "").lower()
        is_known = not kind or plain_format(kind.removeprefix("image/")) in KNOWN_FORMATS
        return [
            _version(address, described, is_known=is_known)
            for name in _SOURCE_SETS
            for address, described in versions_of(held.get(name, ""))
        ]

    def _folder_of(self, source: str, addresses: Iterable[str]) -> str:
        """Return where relative addresses of a picture start: Chromium makes its ``src`` whole and
        leaves the others as the page has them, among which that one often is.
        """
        relative = (each for each in addresses if not each.startswith("/") and ":" not in each)
        found = (source.removesuffix(each) for each in relative if source.endswith(f"/{each}"))
        return self._page or next(found, "")

    def _whole(self, address: str, folder: str = "") -> str:
        """Return an address made whole by that of the page; empty: it cannot be."""
        base = folder or self._page
        if address.startswith("/") and not base:
            base = self._origin or ("https:" if address.startswith("//") else "")
        try:
            return urljoin(base, address) if address else ""
        except ValueError:  # a host that cannot be, in brackets say
            return ""


def _version(address: str, described: str, *, is_known: bool) -> Version:
    width_px, density = 0.0, 1.0
    for each in described.split():
        if found := _DESCRIPTOR.fullmatch(each):
            if found[2] == "w":
                width_px = float(found[1][:12])
            else:
                density = float(found[1][:12])
    return Version(address, width_px, density, is_known)
