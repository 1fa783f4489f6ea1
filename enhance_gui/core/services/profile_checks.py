"""Checks the values of a service profile: each check returns a reason, empty where it is valid."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.images.hosts import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

HAS_CONTROLS: Final = N_("must not contain control characters")

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of invisible characters: in a terminal they move the cursor or reverse text."""

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
"""Headers that describe the request or its connection: a token in one would break it."""


RECIPE_TOKEN: Final = "token"  # noqa: S105  the name of a part, not a token

RECIPE_FIELDS: Final = frozenset(
    {
        "taskid",
        "chtaskid",
        "status",
        "queuenum",
        "errorcode",
        "errormsg",
        "inputurl",
        "inpathwidth",
        "inpathheight",
        "inpathsize",
        "inpathext",
        "outputurl",
        "outpathwidth",
        "outpathheight",
        "outpathsize",
        "outpathext",
        "facenum",
    }
)
"""Fields of the record that a recipe may name: all of them but ``facelist``, which is no text."""


def nothing(_value: object) -> str:
    """Accept every value."""
    return ""


def form(pattern: re.Pattern[str], reason: str) -> Callable[[str], str]:
    """Return a check of a text's form, which finds ``reason`` in a text of another one."""
    return lambda value: "" if pattern.fullmatch(value) else reason


def has_unseen(text: str) -> bool:
    """Return whether a text has invisible characters."""
    return any(unicodedata.category(char) in _UNSEEN for char in text)


def web_address(value: str) -> str:
    """Check the address of a service."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        return Detail("is not a web address ({reason})", reason=error)
    if parts.scheme not in ("http", "https") or not host:
        return N_("must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.query or parts.fragment:
        return N_("must not carry a user name, a query or a fragment")
    return N_("must not contain spaces") if any(map(str.isspace, value)) else ""


def web_host(value: str) -> str:
    """Check the host of an address that is one in form."""
    try:
        plain_host(urlsplit(value).hostname or "")
    except AddressNotUsable as error:
        return Detail("is not a web address ({reason})", reason=error.detail)
    return ""


def header_is_free(value: str) -> str:
    """Check that a header is not one that HTTP itself uses."""
    is_taken = value.lower() in _OWN_HEADERS
    return N_("is a header that every request needs for itself") if is_taken else ""


def host_and_port(value: str) -> str:
    """Check a place to listen on; it may be left empty."""
    host, colon, port = value.rpartition(":")
    is_number = port.isascii() and port.isdecimal() and len(port) <= 5
    if value and not (colon and host and is_number and int(port) <= 65_535):
        return N_('must be "host:port", such as "127.0.0.1:8899"')
    return ""


class RecipeError(ValueError):
    """A recipe names something that is not a field of the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parts_of(recipe: str) -> Iterator[tuple[str, str | None]]:
    """Yield the parts of the recipe of a callback's ``md5`` header: texts, and fields after them.

    The API's document leaves it open. It is a text over the record's fields and the token, such as
    ``{taskid}{status}{token}``.

    :raises RecipeError: a brace is left open, or a field does not exist.
    """
    try:
        parts = [(literal, name) for literal, name, _, _ in string.Formatter().parse(recipe)]
    except ValueError as error:
        raise RecipeError(N_("is not a recipe: a brace stands alone")) from error
    for _, name in parts:
        if name is not None and name not in RECIPE_FIELDS and name != RECIPE_TOKEN:
            known = ", ".join(sorted(RECIPE_FIELDS | {RECIPE_TOKEN}))
            raise RecipeError(
                Detail(
                    "{field} is not a field of the record (there are: {known})",
                    field=f"{{{name}}}",
                    known=known,
                )
            )
    yield from parts


def recipe(value: str) -> str:
    """Check the recipe of a callback's ``md5`` header; it may be left empty."""
    try:
        list(parts_of(value))
    except RecipeError as error:
        return error.reason
    return ""


def formats(value: Sequence[str]) -> str:
    """Check that a list of file types names one that is recognised here."""
    if {each.lower() for each in value} & set(KNOWN_FORMATS):
        return ""
    return Detail(
        "names no file type that is known here (these are: {known})",
        known=", ".join(KNOWN_FORMATS),
    )
