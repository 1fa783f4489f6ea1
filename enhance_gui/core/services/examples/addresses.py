"""Takes the address of an example apart: base address, path of a call, and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

from enhance_gui.core.services.examples.known_names import is_placeholder, looks_secret
from enhance_gui.core.services.examples.request import Pairs, form_fields
from enhance_gui.core.services.other_names import CALL_FIELDS
from enhance_gui.core.services.profile_checks import web_address, web_host
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

_CALL: Final = re.compile("(create|get|delete)[_-]?task", re.IGNORECASE)

_IN_ONE_PIECE: Final = re.compile(r"[A-Za-z0-9_]{24,}")
_LOGIN_PART: Final = re.compile(r"(?<=://)[^/?#]*@")
_MAX_CHARS: Final = 2000
"""Of an address: longer ones are no base of an API."""

_LOGIN: Final = N_(
    "The user name in the address: this program does not log in that way; ask the provider for a "
    "token."
)
_NO_CALL: Final = N_(
    "The address names none of the calls createtask, gettask and deletetask, so it is taken as it "
    "is, and “Path of a call” is assumed."
)
_SPELLED: Final = N_(
    "The address spells the call “{written}”; this program calls “{call}”. Ask the provider if "
    "that makes a difference."
)
_NO_SCHEME: Final = N_("The address begins with neither http:// nor https://; https:// is assumed.")
_NOT_USABLE: Final = N_("The address: it {reason}. Type it yourself.")
_SECRET_PATH: Final = N_(
    "The address has a part that looks like a secret, which a service cannot have here. Type the "
    "address yourself."
)
_ADDRESS_BLANK: Final = N_("The address has a placeholder in it: type the one of your account.")


@dataclass(slots=True)
class ReadAddress:
    """An address in its parts."""

    base_url: str = ""
    """Empty where it cannot be used."""
    path: str = "/{call}"
    query: Pairs = field(default_factory=list)
    """Its parameters, without one that names the call."""
    call: str = ""
    """Which call it is of; empty where it names none."""
    call_parameter: str = ""
    """The parameter that names the call, where it is one."""
    left_out: list[str] = field(default_factory=list)

    def path_with(self, fixed: Mapping[str, object]) -> str:
        """Return the path of a call with parameters that are always the same."""
        pairs = [f"{self.call_parameter}={{call}}"] if self.call_parameter else []
        pairs += [f"{quote_plus(name)}={quote_plus(str(value))}" for name, value in fixed.items()]
        return "?".join([self.path, "&".join(pairs)] if pairs else [self.path])


def read_address(url: str) -> ReadAddress:
    """Take an address apart."""
    read = ReadAddress()
    if len(url) > _MAX_CHARS:
        read.left_out.append(Detail(_NOT_USABLE, reason=N_("is too long")))
        return read
    if "://" not in url:
        url = f"https://{url}"
        read.left_out.append(_NO_SCHEME)
    without_login = _LOGIN_PART.sub("", url)
    if without_login != url:
        read.left_out.append(_LOGIN)
    try:
        # Not with the password: what is wrong may quote the address.
        parts = urlsplit(without_login)
    except ValueError as error:
        read.left_out.append(
            Detail(_NOT_USABLE, reason=Detail("is not a web address ({reason})", reason=error))
        )
        return read
    netloc = parts.netloc
    read.query = form_fields(parts.query)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    origin = f"{parts.scheme.lower()}://{netloc}"
    if _has_placeholder(netloc) or _has_placeholder(parts.path):
        read.left_out.append(_ADDRESS_BLANK)
        return read
    if any(_IN_ONE_PIECE.fullmatch(part) and looks_secret(part) for part in path.split("/")):
        read.left_out.append(_SECRET_PATH)
        return read
    base = _find_call(read, path)
    base_url = f"{origin}{base}".rstrip("/")
    if reason := web_address(base_url) or web_host(base_url):
        read.left_out.append(Detail(_NOT_USABLE, reason=reason))
        return read
    read.base_url = base_url
    return read


def _find_call(read: ReadAddress, path: str) -> str:
    """Find where the call stands; return the path of the base address."""
    before, slash, after = path, "", ""
    for found in _CALL.finditer(path):
        first = path.rfind("/", 0, found.start())
        last = found.end()
        before, slash, after = path[:first], path[first : found.start()], path[last:]
        _note_call(read, found[0])
    if slash:
        read.path = f"{slash}{{call}}{after}"
        return before
    for name, value in read.query:
        if _CALL.fullmatch(value):
            _note_call(read, value)
            read.call_parameter = quote_plus(name)
            read.path = path or "/"
            read.query = [pair for pair in read.query if pair[0] != name]
            return ""
    read.left_out.append(_NO_CALL)
    return path


def _note_call(read: ReadAddress, written: str) -> None:
    read.call = re.sub("[_-]", "", written.lower())
    if written not in CALL_FIELDS:
        read.left_out.append(Detail(_SPELLED, written=written, call=read.call))


def _has_placeholder(text: str) -> bool:
    return any(sign in text for sign in "<>{}$…") or any(
        is_placeholder(part) and len(part) > 3 and "your" in part.lower()
        for part in re.split("[/.]", text)
    )
