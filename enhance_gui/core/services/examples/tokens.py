"""Finds the token of an example: where it travels, under which name, and what stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from enhance_gui.core.services.examples.known_names import as_shown, carries_secret, looks_secret
from enhance_gui.core.services.other_names import IN_BODY, IN_HEADER, IN_QUERY, names_secret
from enhance_gui.core.services.profile_checks import header_is_free

_SCHEME: Final = re.compile(
    r"(Bearer|Basic|Token|Key|Api-?Key|JWT|OAuth) +(\S.*)", re.IGNORECASE | re.DOTALL
)
"""Known words only: any other one may be a part of the secret."""

_OF_BROWSERS: Final = frozenset(
    {
        *("origin", "referer", "pragma", "cache-control", "priority", "dnt", "accept-language"),
        *("upgrade-insecure-requests", "range", "postman-token", "x-requested-with", "date"),
    }
)
"""Headers that tools add by themselves, beside those that every request has."""


@dataclass(frozen=True, slots=True, repr=False)
class FoundToken:
    """A token as an example carries it; it has no text form."""

    place: str
    name: str
    text: str
    """The token, or what stands in its place."""
    prefix: str = ""
    others: tuple[str, ...] = ()
    """Names of what may be further secrets."""

    def is_at(self, place: str, name: str) -> bool:
        """Return whether the token stands there."""
        return self.place == place and (
            self.name.lower() == name.lower() if place == IN_HEADER else self.name == name
        )


def is_of_browsers(name: str) -> bool:
    """Return whether a header says nothing of the service: it is of the tool, or of HTTP itself."""
    low = name.lower()
    return low in _OF_BROWSERS or low.startswith("sec-") or bool(header_is_free(low))


def first_token(
    headers: Sequence[tuple[str, str]], query: Mapping[str, Any], fields: Mapping[str, Any]
) -> FoundToken | None:
    """Return what is the token most surely; ``None``: there is none.

    :param query: the parameters that stand in the address, without the documented ones; so is
        ``fields`` of the body.
    """
    found = sorted(_secrets(headers, query, fields), key=_doubt)
    if not found:
        return None
    place, name, text = found[0]
    others = tuple(as_shown(each[1]) for each in found[1:] if each[:2] != (place, name))
    scheme = _SCHEME.fullmatch(text) if place == IN_HEADER else None
    if scheme:
        return FoundToken(place, name, scheme[2], f"{scheme[1]} ", others)
    return FoundToken(place, name, text, others=others)


_Found = tuple[str, str, str]
"""Place, name and text."""


def _secrets(
    headers: Sequence[tuple[str, str]], query: Mapping[str, Any], fields: Mapping[str, Any]
) -> Iterator[_Found]:
    for name, text in headers:
        if not is_of_browsers(name) and name.lower() != "cookie" and carries_secret(name, text):
            yield IN_HEADER, name, text
    for place, pairs in ((IN_QUERY, query), (IN_BODY, fields)):
        for name, value in pairs.items():
            if isinstance(value, str | int) and carries_secret(name, str(value)):
                yield place, name, str(value)


def _doubt(found: _Found) -> tuple[bool, bool, int]:
    """Return how doubtful it is that this is the token: by its name, by its looks, by its place."""
    place, name, text = found
    return (
        not names_secret(name),
        not (name.lower() in ("authorization", "token") or looks_secret(text)),
        (IN_HEADER, IN_QUERY, IN_BODY).index(place),
    )
