"""Reads callbacks: headers, body, and the signature that the document does not define.

The document names an ``md5`` header and leaves its calculation open, so it is a *recipe* of the
profile: a text over the record's fields and the token, such as ``{taskid}{status}{token}``. The
MD5 of the filled-in text, in hexadecimal, is the header. A callback is a hint whatever its
signature says: the record is always fetched with gettask.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile_checks import RECIPE_TOKEN, parts_of
from enhance_gui.wire import reading
from enhance_gui.wire.envelope import write_envelope
from enhance_gui.wire.naming import Names, as_documented

TOKEN_HEADER: Final = "token"  # noqa: S105  the documented header's name, not a token
MD5_HEADER: Final = "md5"

LOCAL_RECIPE: Final = "{taskid}{status}{token}"
"""The recipe that this program's own service signs with."""


class CallbackHint(msgspec.Struct, frozen=True):
    """The ids of a callback's task. All the rest is fetched with gettask."""

    task_id: str
    """``taskid``; never empty."""
    private_id: str
    """``chtaskid``; empty where the service does not give it back."""


def callback_md5(recipe: str, data: Mapping[str, Any], token: Secret) -> str:
    """Return the ``md5`` header for a record.

    :param data: the record's fields as they stand in the body.
    :raises RecipeError: the recipe is not usable.
    """
    filled = []
    for literal, name in parts_of(recipe):
        filled.append(literal)
        if name == RECIPE_TOKEN:
            filled.append(token.reveal())
        elif name is not None:
            filled.append(reading.text(data.get(name)))
    # MD5 is the document's choice, not ours; nothing is trusted because of it.
    return hashlib.md5("".join(filled).encode(), usedforsecurity=False).hexdigest()


def md5_matches(recipe: str, data: Mapping[str, Any], token: Secret, given: str) -> bool:
    """Return whether a callback's ``md5`` header fits, in constant time.

    :param data: of :func:`fields_as_written`.
    """
    expected = callback_md5(recipe, data, token)
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())


def fields_as_written(body: bytes, names: Names) -> dict[str, Any]:
    """Return the record of a callback for its ``md5``: each number as the text it was.

    What somebody has signed as ``1.0`` must not become ``1``.

    :param body: of which :func:`~enhance_gui.wire.envelope.read_envelope` has made an envelope.
    :param names: what the service calls fields otherwise.
    """
    text = body.decode("utf-8-sig", "replace")
    envelope = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    data = as_documented(envelope, names).get("data")
    return as_documented(data, names) if isinstance(data, dict) else {}


def read_callback(data: Mapping[str, Any]) -> CallbackHint | None:
    """Read a callback's record; ``None`` where it names no task."""
    hint = CallbackHint(reading.text(data.get("taskid")), reading.text(data.get("chtaskid")))
    return hint if hint.task_id else None


def acknowledgement() -> bytes:
    """Return the documented answer to a callback."""
    return write_envelope({"success": True})
