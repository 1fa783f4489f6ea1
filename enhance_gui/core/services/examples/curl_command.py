"""Reads curl commands: which request one would send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote_plus

from enhance_gui.core.services.examples.known_names import as_shown
from enhance_gui.core.services.examples.request import COOKIES, ExampleRequest
from enhance_gui.core.services.examples.shell_words import words_of
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

_MAX_COMMANDS: Final = 10
"""So many of the commands in a text are looked at."""

_CURL: Final = re.compile(r"(?<![\w./@-])curl(?:\.exe)?(?=[\s\\^`])", re.IGNORECASE)

_SHORT_VALUES: Final = frozenset("AbcCdDeEFhHKmoPQrtTuUwxXyYz")
"""The letters of curl that are followed by a value."""

_LONG: Final = {
    "request": "X",
    "header": "H",
    "data": "d",
    "data-ascii": "d",
    "data-binary": "d",
    "data-raw": "raw",
    "data-urlencode": "encoded",
    "json": "json",
    "form": "F",
    "form-string": "F",
    "get": "G",
    "head": "I",
    "url": "url",
    "url-query": "query",
    "user": "u",
    "oauth2-bearer": "bearer",
    "cookie": "b",
    "insecure": "k",
    "proxy": "x",
    "upload-file": "T",
}
_LONG_VALUES: Final = frozenset(
    {
        *(name for name, short in _LONG.items() if short not in "GIk"),
        *("user-agent", "referer", "output", "max-time", "connect-timeout", "retry", "cacert"),
        *(
            "cert",
            "key",
            "cookie-jar",
            "write-out",
            "dump-header",
            "config",
            "resolve",
            "limit-rate",
        ),
        *("max-redirs", "proxy-user", "proxy-header", "range", "stderr", "trace", "trace-ascii"),
        *("retry-delay", "retry-max-time", "interface", "ciphers", "capath", "cert-type", "pass"),
    }
)
_LOGIN: Final = N_(
    "It logs in with a user name and a password (-u), which this program does not do: ask the "
    "provider for a token."
)
_INSECURE: Final = N_("-k (--insecure): certificates are always checked.")
_PROXY: Final = N_("Its proxy: that is set under Settings, Network.")
_FILE: Final = N_("“{name}” is read from a file, which is not looked at.")
_UPLOAD: Final = N_("It uploads a file; this program hands over the address of a picture.")
_PARTS: Final = N_(
    "It sends its form in parts (multipart). This program sends it in one piece, which most "
    "services take too: test the connection."
)


def curl_requests(text: str) -> Iterator[ExampleRequest]:
    """Yield the requests of the curl commands in a text that name an address."""
    place = 0
    for _ in range(_MAX_COMMANDS):
        found = _CURL.search(text, place)
        if found is None:
            return
        following = _CURL.search(text, found.end())
        place = following.start() if following else len(text)
        # To the next one only: each part of the text is read once.
        request = _request(words_of(text[found.start() : place])[1:])
        if request.url:
            yield request


def _request(words: list[str]) -> ExampleRequest:
    request = ExampleRequest()
    left = iter(words)
    for word in left:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            if name in _LONG_VALUES:
                value = value if equals else next(left, "")
            _take(request, _LONG.get(name, ""), value)
        elif word.startswith("-") and len(word) > 1:
            _take_short(request, word[1:], left)
        elif _is_address(word) and "://" not in request.url:
            request.url = word
    return request


def _take_short(request: ExampleRequest, letters: str, left: Iterator[str]) -> None:
    """Take letters joined to one word; the first with a value has all the rest of it."""
    for place, letter in enumerate(letters):
        if letter in _SHORT_VALUES:
            _take(request, letter, letters[place + 1 :] or next(left, ""))
            return
        _take(request, letter, "")


def _take(request: ExampleRequest, option: str, value: str) -> None:
    take = _OPTIONS.get(option)
    if take is not None:
        take(request, value)


def _header(request: ExampleRequest, value: str) -> None:
    name, colon, text = value.partition(":")
    if colon and name.strip():
        request.headers.append((name.strip(), text.strip()))


def _data(request: ExampleRequest, value: str) -> None:
    if value.startswith("@"):
        request.left_out.append(Detail(_FILE, name=as_shown(value[1:])))
    else:
        request.data.append(value)


def _encoded(request: ExampleRequest, value: str) -> None:
    name, equals, text = value.partition("=")
    if not equals and "@" in value:
        request.left_out.append(Detail(_FILE, name=as_shown(value.partition("@")[2])))
    elif equals:
        request.data.append(f"{name}={quote_plus(text)}" if name else quote_plus(text))
    else:
        request.data.append(quote_plus(value))


def _json(request: ExampleRequest, value: str) -> None:
    request.is_json = True
    _data(request, value)


def _part(request: ExampleRequest, value: str) -> None:
    name, _, text = value.partition("=")
    if text.startswith(("@", "<")):
        _note(_UPLOAD)(request, "")
    else:
        _note(_PARTS)(request, "")
        request.parts.append((name, text))


def _query(request: ExampleRequest, value: str) -> None:
    name, _, text = value.partition("=")
    request.query.append((name.lstrip("+"), text))


def _set(name: str, value: object = None) -> Callable[[ExampleRequest, str], None]:
    """Return what keeps an option's value, or the one given here, under a name."""
    return lambda request, text: setattr(request, name, text if value is None else value)


def _note(sentence: str) -> Callable[[ExampleRequest, str], None]:
    """Return what notes, once, that something is not taken over."""

    def note(request: ExampleRequest, _: str) -> None:
        if sentence not in request.left_out:
            request.left_out.append(sentence)

    return note


_OPTIONS: Final[dict[str, Callable[[ExampleRequest, str], None]]] = {
    "X": _set("method"),
    "H": _header,
    "d": _data,
    "raw": lambda request, value: request.data.append(value),
    "encoded": _encoded,
    "json": _json,
    "F": _part,
    "G": _set("data_in_query", value=True),
    "I": _set("method", value="HEAD"),
    "url": _set("url"),
    "query": _query,
    "bearer": lambda request, value: request.headers.append(("Authorization", f"Bearer {value}")),
    "u": _note(_LOGIN),
    "b": _note(COOKIES),
    "k": _note(_INSECURE),
    "x": _note(_PROXY),
    "T": _note(_UPLOAD),
}


def _is_address(word: str) -> bool:
    return "://" in word or re.fullmatch(r"[\w.-]+\.\w+(:\d+)?(/\S*)?", word) is not None
