"""Redacts texts: removes the tokens of this run, and the secret parts of URLs.

Every :class:`~enhance_gui.core.secret.Secret` registers itself here when it is made, so that
nobody has to remember to.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "<hidden>"

MIN_CHARS: Final = 4
"""A shorter text is no secret, and to hide it would make every log unreadable."""

_MIN_BASE64_CHARS: Final = 8
"""So much of a token's base64 form does not stand anywhere by chance."""

# A token that was hidden before may be a part of what is looked for.
_SCHEME: Final = r"(\b[a-z][a-z0-9+.-]{0,20}://"
_USER_OF_URL: Final = re.compile(
    _SCHEME + rf")(?:(?:{HIDDEN}|[^/?#\s\"<>@]++)*+@)++", re.IGNORECASE
)
# The query need not be there: an address without one is passed over as a whole, where else each
# further "://" in it would be a beginning that is searched to the end.
_QUERY_OF_URL: Final = re.compile(
    _SCHEME + rf"(?:{HIDDEN}|[^?#\s\"<>]++)*+)(?:([?#])(?:{HIDDEN}|[^\s\"<>]++)++)?",
    re.IGNORECASE,
)

_known_forms: Final[set[str]] = set()
"""The tokens of this run in every form they may appear in."""
_tokens = re.compile(r"(?!)")
"""Finds them; at first nothing."""


def remember_token(token: str) -> None:
    """Hide this text from now on, as long as the process lives."""
    global _tokens  # noqa: PLW0603  they are the process's
    forms = {form for form in _forms(token) if len(form) >= MIN_CHARS}
    if len(token) >= MIN_CHARS and not forms <= _known_forms:
        _known_forms.update(forms)
        # The longest first, or a part of one would be hidden and the rest shown.
        longest_first = sorted(_known_forms, key=len, reverse=True)
        _tokens = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def without_tokens(text: str) -> str:
    """Return a text with every token of this run hidden: plain, URL-encoded, in base64, as JSON."""
    return _tokens.sub(HIDDEN, text)


def redacted(text: str) -> str:
    """Return a text fit for a log: no token, and no URL's user, password, query or fragment."""
    text = _USER_OF_URL.sub(rf"\1{HIDDEN}@", without_tokens(text))
    return _QUERY_OF_URL.sub(lambda url: f"{url[1]}{url[2]}{HIDDEN}" if url[2] else url[0], text)


def _forms(token: str) -> Iterator[str]:
    yield token
    yield quote(token)
    yield quote(token, safe="")
    yield quote_plus(token)
    yield quote(token, safe="!'()*")  # JavaScript's
    yield quote(quote(token, safe=""), safe="")
    yield html.escape(token)
    yield json.dumps(token)[1:-1]
    yield json.dumps(token)[1:-1].replace("/", "\\/")  # PHP's
    yield re.sub("[<>&]", _number_of, json.dumps(token)[1:-1])  # Go's
    yield re.sub(r"[<>&+'`]|\\\"", _number_of, json.dumps(token)[1:-1])  # .NET's
    yield json.dumps(token, ensure_ascii=False)[1:-1]
    yield repr(token)[1:-1]
    yield from _base64_forms(token.encode("utf-8", "surrogateescape"))


def _number_of(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0][-1]):04x}"


def _base64_forms(data: bytes) -> Iterator[str]:
    """Yield the substrings that a token leaves in the base64 form of any text around it.

    Three bytes become four characters, so there are three alignments; characters at the ends
    also depend on the neighbours and are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        # Characters that hold a bit of what stands before, and of what may follow.
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        form = encoded[first:last]
        if len(form) >= _MIN_BASE64_CHARS:
            yield form
            yield form.replace("+", "-").replace("/", "_")
