"""Writes down what one exchange sent and what came back, for people to read: without the token."""

from __future__ import annotations

import unicodedata
from http import HTTPStatus
from typing import Final

import httpx

from enhance_gui.client.replies import Reply
from enhance_gui.core.redaction import without_tokens
from enhance_gui.core.services.connection_test import Exchange
from enhance_gui.wire.reading import HIDDEN_CATEGORIES

MAX_SHOWN_CHARS: Final = 2000
"""Of what was sent, and of what came back."""

_MAX_READ_BYTES: Final = 32 * 1024
"""So much of a body is looked at."""

_MAX_TOKEN_CHARS: Final = 8 * 1024
"""A token as long as the end of what is looked at may be cut there, and so not be known."""

_SAME_FOR_ALL: Final = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
)
"""Headers of every request of this program."""


def exchange_of(request: httpx.Request, reply: Reply) -> Exchange:
    """Return an exchange as text."""
    lines = [f"{request.method} {request.url}"]
    lines += [
        f"{name.decode('latin-1')}: {value.decode('latin-1')}"
        for name, value in request.headers.raw
        if name.decode("latin-1").lower() not in _SAME_FOR_ALL
    ]
    sent = _shown("\n".join(lines), request.content)
    if not reply.status:
        return Exchange(sent, "")
    first = f"HTTP {reply.status} {_phrase(reply.status)}".rstrip()
    kind = f"\nContent-Type: {reply.content_type}" if reply.content_type else ""
    return Exchange(sent, _shown(first + kind, bytes(reply.body)))


def _shown(head: str, body: bytes) -> str:
    """Return head and body without tokens, and without characters that cannot be seen."""
    is_cut = len(body) > _MAX_READ_BYTES
    text = f"{head}\n\n{body[:_MAX_READ_BYTES].decode('utf-8', 'replace')}".rstrip()
    seen = "".join(
        each
        for each in text
        if each in "\n\t" or unicodedata.category(each) not in HIDDEN_CATEGORIES
    )
    # After that: a character that nobody sees could stand inside of a token.
    hidden = without_tokens(seen)
    if is_cut:
        hidden = hidden[: len(hidden) - len(without_tokens(seen[-_MAX_TOKEN_CHARS:]))]
    return f"{hidden[:MAX_SHOWN_CHARS]}…" if is_cut or len(hidden) > MAX_SHOWN_CHARS else hidden


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
