"""Takes the values out of a profile file, each with the checks of its kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.images.addresses import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.services.callback_recipe import RecipeError, parts_of
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import mark

BLANK: Final = "FILL IN"
"""What stands in a template for a value that only the provider can tell."""

BLANK_REASON: Final = mark("is still blank: enter what the provider gives you")


def is_blank(mistake: ProfileInvalid) -> bool:
    """Tell whether nothing is wrong but that a value has still to be filled in."""
    return mistake.reason == BLANK_REASON


class ProfileTable:
    """One table of the file: takes keys out with their checks, then refuses what is left.

    What is wrong is written down, and something harmless taken in its place, so that every
    mistake is found at once.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        source: str,
        mistakes: list[ProfileInvalid],
        place: str = "",
        *,
        was_in_use: bool = False,
    ) -> None:
        """:param was_in_use: whether late mistakes are let pass."""
        self._left = dict(data)
        self._source = source
        self._mistakes = mistakes
        self._place = place
        self._was_in_use = was_in_use
        self._wrong: set[str] = set()

    def mistake(self, key: str, reason: str) -> None:
        self._wrong.add(key)
        self._mistakes.append(ProfileInvalid(self._source, self._place + key, reason))

    def late_mistake(self, key: str, reason: str) -> None:
        """Write down what was no mistake in earlier versions, and keeps no profile from use."""
        if not self._was_in_use:
            self.mistake(key, reason)

    def is_right(self, key: str) -> bool:
        return key not in self._wrong

    def refuse_unknown_keys(self) -> None:
        for key in self._left:
            self.mistake(key, mark("is not a key of a service profile"))

    def _take(self, key: str, kind: type | tuple[type, ...], reason: str) -> Any:
        """Take a value out; ``None`` where there is none, or none of its kind."""
        value = self._left.pop(key, None)
        if value is None:
            return None
        if value == BLANK:
            self.mistake(key, BLANK_REASON)
        elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.mistake(key, reason)
        else:
            return value
        return None

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self._take(key, str, mark("must be a text in quotes"))
        if not isinstance(value, str):
            if required and self.is_right(key):
                self.mistake(key, _MISSING)
            return default
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            self.mistake(key, mark("must not contain control characters"))
        elif required and not value.strip():
            self.mistake(key, mark("must not be empty"))
        else:
            if any(unicodedata.category(char) in _UNSEEN for char in value):
                self.late_mistake(key, mark("must not contain control characters"))
            return value
        return default

    def web_address(self, key: str) -> str:
        value = self.text(key, required=True)
        if not value:
            return value
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname, parts.port
        except ValueError as error:
            self.mistake(key, Detail("is not a web address ({reason})", reason=error))
            return value
        if parts.scheme not in ("http", "https") or not host:
            self.mistake(key, mark("must begin with http:// or https:// and name a host"))
        elif parts.username is not None or parts.query or parts.fragment:
            self.mistake(key, mark("must not carry a user name, a query or a fragment"))
        elif any(char.isspace() for char in value):
            self.mistake(key, mark("must not contain spaces"))
        else:
            self._check_host(key, host)
        return value

    def _check_host(self, key: str, host: str) -> None:
        try:
            plain_host(host)
        except AddressNotUsable as error:
            self.late_mistake(key, Detail("is not a web address ({reason})", reason=error.detail))

    def call_path(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value.startswith("/") or value.count("{call}") != 1:
            self.mistake(key, mark("must begin with / and contain {call} once"))
        elif set("{}") & set(value.replace("{call}", "")):
            self.late_mistake(key, mark("must have no brace but those of {call}"))
        return value

    def own_path(self, key: str) -> str:
        value = self.text(key)
        if value and not value.startswith("/"):
            self.mistake(key, mark("must begin with /"))
        return value

    def header_name(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value or not all(
            char.isascii() and (char.isalnum() or char in "-_") for char in value
        ):
            self.mistake(key, mark("must be the name of a header: letters, digits, - and _"))
        elif value.lower() in _OWN_HEADERS:
            self.late_mistake(key, mark("is a header that every request needs for itself"))
        return value

    def header_text(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value.isascii():
            self.mistake(key, mark("must be plain ASCII, as headers are"))
        return value

    def host_and_port(self, key: str) -> str:
        value = self.text(key)
        host, colon, port = value.rpartition(":")
        is_number = port.isascii() and port.isdecimal() and len(port) <= 5
        if value and not (colon and host and is_number and int(port) <= 65_535):
            self.mistake(key, mark('must be "host:port", such as "127.0.0.1:8899"'))
        return value

    def recipe(self, key: str) -> str:
        value = self.text(key)
        try:
            list(parts_of(value))
        except RecipeError as error:
            self.mistake(key, error.reason)
        return value

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value in choices:
            return value
        self.mistake(key, Detail("must be one of {choices}", choices=", ".join(choices)))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._take(key, bool, mark("must be true or false"))
        return default if value is None else bool(value)

    def number(self, key: str, default: float, minimum: float, maximum: float) -> float:
        value = self._take(key, (int, float), mark("must be a number"))
        if value is None:
            return default
        if not minimum <= value <= maximum:
            self.mistake(
                key,
                Detail("must lie between {least:g} and {most:g}", minimum=minimum, maximum=maximum),
            )
            return default
        return float(value) if isinstance(value, float) else int(value)

    def integer(self, key: str, default: int | None, minimum: int, maximum: int) -> int:
        value = self._take(key, int, _NOT_WHOLE)
        if value is None:
            if default is None and self.is_right(key):
                self.mistake(key, _MISSING)
            return minimum if default is None else default
        if minimum <= value <= maximum:
            return int(value)
        self.mistake(
            key,
            Detail("must lie between {minimum} and {maximum}", minimum=minimum, maximum=maximum),
        )
        return minimum if default is None else default

    def integers(self, key: str) -> tuple[int, ...]:
        reason = mark("must be a list of whole numbers")
        value = self._take(key, list, reason) or []
        if any(type(each) is not int for each in value):
            self.mistake(key, reason)
            return ()
        if any(not -(2**31) <= each <= 2**31 for each in value):
            self.late_mistake(
                key,
                Detail("must lie between {minimum} and {maximum}", minimum=-(2**31), maximum=2**31),
            )
        return tuple(value)

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        reason = mark("must be a list of texts, at least one")
        value = self._take(key, list, reason)
        if value is None:
            return default
        if not value or any(type(each) is not str for each in value):
            self.mistake(key, reason)
            return default
        if any(unicodedata.category(char) in _UNSEEN for each in value for char in each):
            self.late_mistake(key, mark("must not contain control characters"))
        return tuple(each.lower() for each in value)

    def table(self, key: str) -> ProfileTable:
        value = self._take(key, dict, mark("must be a table"))
        return self._inner(value or {}, f"{self._place}{key}.")

    def tables(self, key: str) -> list[ProfileTable]:
        reason = Detail("must be a list of tables, written [[{key}]]", key=key)
        value = self._take(key, list, reason) or []
        if any(not isinstance(each, dict) for each in value):
            self.mistake(key, reason)
            return []
        return [self._inner(each, f"{key}[{n}].") for n, each in enumerate(value)]

    def _inner(self, data: Mapping[str, Any], place: str) -> ProfileTable:
        was_in_use = self._was_in_use
        return ProfileTable(data, self._source, self._mistakes, place, was_in_use=was_in_use)


_OWN_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers that tell of the request or of its connection: a token in one would break it."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Kinds of signs that nobody sees: in a terminal they move the cursor, or turn letters round."""

_MISSING: Final = mark("is missing")
_NOT_WHOLE: Final = mark("must be a whole number")
