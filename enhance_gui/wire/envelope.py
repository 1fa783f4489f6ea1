"""Reads and writes the envelope of every reply: ``{"code": int, "msg": str, "data": object}``."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import msgspec

from enhance_gui.core.service_errors import NotTheApi
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.wire import reading
from enhance_gui.wire.codes import REASONS, Code
from enhance_gui.wire.naming import Names, as_documented

_REASON: Final = "x_reason"


class Envelope(msgspec.Struct, frozen=True):
    """A reply, opened."""

    code: int
    """0 is success."""
    message: str = ""
    """The service's ``msg``, as one harmless line."""
    data: dict[str, Any] = {}
    """The reply's object; empty where it was missing or null."""

    @property
    def is_success(self) -> bool:
        return self.code == Code.SUCCESS

    @property
    def reason(self) -> str:
        """Why a service of this program refuses; empty: it has named none that is known."""
        reason = self.data.get(_REASON)
        return reason if isinstance(reason, str) and reason in REASONS else ""


def read_envelope(body: bytes, names: Names = MappingProxyType({})) -> Envelope:
    """Open a reply; all names in it are the documented ones then.

    :param names: what the service calls fields otherwise.
    :raises NotTheApi: not JSON, not an object, or without a number under ``code``.
    """
    try:
        reply = reading.decode_json(body)
    except reading.NotJsonError as error:
        raise NotTheApi("the reply is not JSON ({reply})", reply=_excerpt(body)) from error
    if not isinstance(reply, dict):
        raise NotTheApi("the reply is JSON, but not an object ({reply})", reply=_excerpt(body))
    reply = as_documented(reply, names)
    code = reading.whole_number(reply.get("code"))
    if code is None:
        raise NotTheApi("the reply has no number under “code” ({reply})", reply=_excerpt(body))
    data = reply.get("data")
    fields = as_documented(data, names) if isinstance(data, dict) else {}
    return Envelope(code, reading.message(reply.get("msg")), fields)


def write_envelope(data: dict[str, Any], code: int = Code.SUCCESS, message: str = "") -> bytes:
    """Write a reply."""
    # A plain ``str``: msgspec writes no subclass of it, such as an error's detail.
    return msgspec.json.encode({"code": int(code), "msg": str(message), "data": data})


def write_refusal(code: int, message: str, reason: str = "") -> bytes:
    """Write the reply to what is not done.

    :param reason: one of :data:`~enhance_gui.wire.codes.REASONS`; empty: code and message say all.
    """
    return write_envelope({_REASON: reason} if reason else {}, code, message)


def _excerpt(body: bytes) -> str:
    """Return the beginning of a reply for an error's sentence."""
    if not body:
        return N_("it is empty")
    start = reading.message(body[:80].decode("utf-8", "replace"))
    return Detail("it begins “{start}”", start=start)
