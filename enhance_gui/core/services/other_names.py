"""Checks the tables of a profile that hold names of the provider's: its headers and its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from enhance_gui.core.services.profile_checks import RECIPE_FIELDS, header_is_free
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

CALL_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "createtask": ("picurl", "type", "chtaskid"),
    "gettask": ("taskid", "type"),
    "deletetask": ("taskid",),
}
"""The documented parameters of each call."""

ENVELOPE_FIELDS: Final = ("code", "msg", "data")

RECORD_FIELDS: Final = RECIPE_FIELDS | {"facelist"}

_TOGETHER: Final = (*CALL_FIELDS.values(), ENVELOPE_FIELDS, sorted(RECORD_FIELDS))
"""The fields that stand in one object, so that each needs a name of its own."""

DOCUMENTED_FIELDS: Final = frozenset({"success"}.union(*_TOGETHER))

TOKEN_PLACES = (IN_HEADER, IN_QUERY, IN_BODY) = ("header", "query", "body")
"""Where a call may carry the token."""

MAX_PAIRS: Final = 32
"""Lines of one of these tables; no provider is known to need more than a handful."""

MAX_NAME_CHARS: Final = 100
MAX_VALUE_CHARS: Final = 1000

_NO_NAME: Final = N_("is not a name that a field can have")

_LARGEST_NUMBER: Final = 2**63
"""As TOML has it."""

_HEADER_NAME: Final = re.compile("[A-Za-z0-9_-]+")

_SECRET_WORDS: Final = frozenset(
    {
        *("auth", "authorization", "bearer", "cookie", "credential", "credentials", "jwt", "key"),
        *("passwd", "password", "pwd", "secret", "session", "sid", "sign", "signature", "token"),
    }
)
"""The last word of a name that says so."""
_SECRET_ENDS: Final = (
    *("apikey", "accesskey", "appkey", "authkey", "secretkey", "apitoken", "accesstoken"),
    *("appsecret", "authtoken", "usertoken", "sessionid"),
)


def names_secret(name: str) -> bool:
    """Return whether a header or field of this name carries a secret, by all experience."""
    words = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    return bool(words) and (
        words[-1].lower() in _SECRET_WORDS or "".join(words).lower().endswith(_SECRET_ENDS)
    )


def headers(value: Mapping[str, Any]) -> str:
    """Check the further fixed headers."""
    seen: set[str] = set()
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name):
            return _about(name, N_("must be the name of a header: letters, digits, - and _"))
        if reason := header_is_free(name) or _secret(name):
            return _about(name, reason)
        if name.lower() in seen:
            return _about(name, N_("stands there twice"))
        if not isinstance(text, str):
            return _about(name, N_("must be a text in quotes"))
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            return _about(name, N_("must be plain ASCII, as headers are"))
        seen.add(name.lower())
    return _too_much(value)


def extra_fields(value: Mapping[str, Any]) -> str:
    """Check the further fixed fields of calls."""
    for name, each in value.items():
        # In a line of the window a colon ends the name.
        problem = _NO_NAME if ":" in name else _name_problem(name)
        if reason := problem or _secret(name):
            return _about(name, reason)
        if isinstance(each, str) and not each.isprintable():
            return _about(name, N_("must not contain control characters"))
        is_number = isinstance(each, int | float) and abs(each) < _LARGEST_NUMBER
        if not (is_number or isinstance(each, str)):
            return _about(name, N_("must be a text in quotes, a number, true or false"))
    return _too_much(value)


def other_names(value: Mapping[str, Any]) -> str:
    """Check the other names of documented fields."""
    for name, other in value.items():
        if name not in DOCUMENTED_FIELDS:
            return Detail(
                "“{name}” is not a field of the API's document (there are: {known})",
                name=name,
                known=", ".join(sorted(DOCUMENTED_FIELDS)),
            )
        if not isinstance(other, str):
            return _about(name, N_("must be a text in quotes"))
        if reason := _name_problem(other):
            return _about(name, reason)
    for fields in _TOGETHER:
        if twice := next(_repeated(value.get(name, name) for name in fields), ""):
            return _about(twice, N_("would be the name of two fields"))
    return _too_much(value)


Contradiction = tuple[str, str]
"""The key at which values of several keys do not fit together, and why."""


def contradictions(values: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Yield what does not fit together in how calls carry the token and further fields.

    :param values: of the profile, by key; one that is missing has its usual value.
    """
    token_in, name = values.get("token_in", IN_HEADER), values.get("token_header", "token")
    has_body = values.get("body", "json") != "query" and values.get("method", "POST") != "GET"
    if token_in == IN_BODY and not has_body:
        yield "token_in", N_("needs a body, which calls with GET or “query” do not have")
    if token_in == IN_BODY and values.get("upload_path"):
        yield "token_in", N_("cannot be “body” where files are uploaded: an upload is the file")
    fixed = values.get("headers") or {}
    if token_in == IN_HEADER and str(name).lower() in map(str.lower, fixed):
        yield "headers", _about(str(name), N_("is the header of the token"))
    others = values.get("fields") or {}
    taken = {others.get(each, each) for fields in CALL_FIELDS.values() for each in fields}
    for each in values.get("extra_fields") or {}:
        if each in taken:
            yield "extra_fields", _about(each, N_("is a field that the program fills in itself"))
        elif token_in != IN_HEADER and each == name:
            yield "extra_fields", _about(each, N_("is the field of the token"))
    if token_in != IN_HEADER and name in taken:
        yield "token_header", _about(str(name), N_("is a field that the program fills in itself"))
    in_address = {name} if token_in == IN_QUERY else set()
    if not has_body:
        in_address |= taken | set(values.get("extra_fields") or {})
    # They would stand there in place of the call.
    for each in in_address.intersection(_call_parameters(values.get("path") or "")):
        yield "path", _about(each, N_("is a field that the program fills in itself"))


def _call_parameters(path: str) -> list[str]:
    """Return the parameters in a path that name the call."""
    pairs = parse_qsl(path.partition("#")[0].partition("?")[2])
    return [name for name, value in pairs if "{call}" in value]


def _about(name: str, reason: str) -> str:
    return Detail("“{name}” {reason}", name=name[:MAX_NAME_CHARS], reason=reason)


def _secret(name: str) -> str:
    if not names_secret(name):
        return ""
    return N_("names a secret, which belongs in the password manager: make it the token")


def _name_problem(name: str) -> str:
    if not name or name != name.strip() or not name.isprintable():
        return _NO_NAME
    return N_("is too long") if len(name) > MAX_NAME_CHARS else ""


def _too_much(value: Mapping[str, Any]) -> str:
    if len(value) > MAX_PAIRS:
        return Detail("has more than {count} entries", count=MAX_PAIRS)
    for name, each in value.items():
        if isinstance(each, str) and len(each) > MAX_VALUE_CHARS:
            return _about(name, N_("is too long"))
    return ""


def _repeated(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
