"""The callback: its headers, its body, and the signature that the document does not define.

The document names an ``md5`` header and leaves its calculation open, so it is a *recipe* of the
profile: a text over the record's fields and the token, such as ``{taskid}{status}{token}``. The
MD5 of the filled-in text, in hexadecimal, is the header. A callback is a hint whatever its
signature says: the record is always fetched with gettask.
"""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Mapping
from typing import Any, Final

from enhance_gui.core.secret import Secret
from enhance_gui.wire import reading
from enhance_gui.wire.envelope import write_envelope

TOKEN_HEADER: Final = "token"  # noqa: S105  the documented header's name, not a token
MD5_HEADER: Final = "md5"

BUNDLED_RECIPE: Final = "{taskid}{status}{token}"
"""What the service of this program signs with."""

_FIELDS: Final = frozenset(
    {"taskid", "chtaskid", "status", "queuenum", "errorcode", "inputurl", "outputurl", "facenum"}
)


class RecipeError(ValueError):
    """A recipe names something that is not a field of the record."""


def check_recipe(recipe: str) -> None:
    """:raises RecipeError: a brace is left open, or a field does not exist."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(recipe) if name is not None]
    except ValueError as error:
        raise RecipeError(str(error)) from error
    for name in names:
        if name not in _FIELDS and name != "token":
            known = ", ".join(sorted(_FIELDS | {"token"}))
            raise RecipeError(f"{{{name}}} is not a field of the record (there are: {known})")


def callback_md5(recipe: str, data: Mapping[str, Any], token: Secret) -> str:
    """Return the ``md5`` header for a record.

    :param data: the record's fields as they stand in the body.
    :raises RecipeError: the recipe is not usable.
    """
    check_recipe(recipe)
    filled = []
    for literal, name, _, _ in string.Formatter().parse(recipe):
        filled.append(literal)
        if name == "token":
            filled.append(token.reveal())
        elif name is not None:
            filled.append(reading.text(data.get(name)))
    # MD5 is the document's choice, not ours; nothing is believed because of it.
    return hashlib.md5("".join(filled).encode(), usedforsecurity=False).hexdigest()


def md5_matches(recipe: str, data: Mapping[str, Any], token: Secret, given: str) -> bool:
    """Tell whether a callback's ``md5`` header fits, in constant time."""
    expected = callback_md5(recipe, data, token)
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())


def acknowledgement() -> bytes:
    """Return the documented answer to a callback."""
    return write_envelope({"success": True})
