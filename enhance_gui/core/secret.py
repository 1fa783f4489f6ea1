"""Wraps a secret, such as the API token, so that it never shows in logs or tracebacks."""

from __future__ import annotations

import hmac
from typing import NoReturn

from enhance_gui.core.redaction import HIDDEN, remember_token


class Secret:
    """A text that no print, format, log, pickle or traceback shows.

    Where it stands in some other text by mistake, :mod:`enhance_gui.core.redaction` takes it out.
    Only :meth:`reveal` gives the text; it is called where a request is built, where the keyring is
    written, and where a field that hides it is filled, nowhere else.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        remember_token(text)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def fits(self, prefix: str = "", *, in_header: bool) -> bool:
        """Return whether it can be sent, behind ``prefix``, in a header or elsewhere in a call."""
        value = prefix + self._text
        plain = value.isprintable() and value == value.strip()
        return plain and (value.isascii() or not in_header)

    def matches(self, other: str) -> bool:
        """Compare with ``other`` in constant time."""
        return hmac.compare_digest(self._text.encode(), other.encode())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._text)

    def __hash__(self) -> int:
        return hash(Secret)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, format_spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied to disk")
