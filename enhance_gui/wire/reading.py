"""Reads values that a foreign program wrote: lenient about form, strict about size."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any, Final

import msgspec

from enhance_gui.core.images.addresses import MAX_ADDRESS_CHARS
from enhance_gui.core.redaction import without_tokens

MAX_DEPTH: Final = 20
"""Deepest nesting that is read. The record's own depth is 4."""

MAX_VALUES: Final = 100_000
"""Maximum number of values, of texts, numbers, objects and lists together: one costs up to a
hundred times the memory of its single byte. A record of 1,000 faces has 11,000."""

_MAX_LENIENT_BYTES: Final = 4 * 2**20
"""It all becomes text before it becomes values, and each character takes up to four bytes."""

MAX_TEXT_CHARS: Final = MAX_ADDRESS_CHARS
"""Longest text taken from a reply: an address of a picture."""

MAX_MESSAGE_CHARS: Final = 500
"""Longest message of a service that is shown to a person."""


class NotJsonError(ValueError):
    """The text is not JSON, or nested beyond reason."""


def decode_json(body: bytes) -> Any:
    """Decode JSON.

    :raises NotJsonError: not JSON in UTF-8, or deeper or more than anything the API gives.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    _refuse_excess(body)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body)


def whole_number(value: Any) -> int | None:
    """Return ``value`` as a whole number, or ``None``: 3, "3", 3.0 and " 3 " are all 3.

    So is a number that no database holds.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            # int() refuses texts of over 4,300 digits with a ValueError of another meaning.
            value = int(digits) if len(digits := value.strip()) <= 20 else None
        except ValueError:
            return None
    elif isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def text(value: Any) -> str:
    """Return ``value`` as a text: a number is written out, anything else is empty.

    So is a text beyond :data:`MAX_TEXT_CHARS`: half an address or half an id is another one.
    """
    if isinstance(value, str):
        # Half of a surrogate pair cannot be written to a file or a database.
        return value.encode("utf-8", "replace").decode() if len(value) <= MAX_TEXT_CHARS else ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return ""


def message(value: Any) -> str:
    """Return a service's message as one short line without control or bidirectional characters.

    Such characters could colour a terminal, forge a second line of a log or reverse a sentence.
    """
    sentence = value[:MAX_TEXT_CHARS] if isinstance(value, str) else value
    line = " ".join(text(sentence).split())
    kept = "".join(char for char in line if unicodedata.category(char) not in HIDDEN_CATEGORIES)
    # Some services quote the token they do not like; it may hold what was taken out.
    return without_tokens(kept)[:MAX_MESSAGE_CHARS]


HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Of characters that nobody sees, and that change how others are shown."""
_ALL_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_UNMARKED: Final = bytes(set(range(256)) - set(b'"[]{},'))
"""The bytes that separate neither values nor texts."""


def _decode_leniently(body: bytes) -> Any:
    """Decode what msgspec refuses for a single character, such as half of a surrogate pair.

    An answer to createtask must not be lost over the spelling of a message in it.
    """
    if len(body) > _MAX_LENIENT_BYTES:
        raise NotJsonError("not JSON in UTF-8")
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from error


def _refuse_excess(body: bytes) -> None:
    """Refuse what would become more values, or a deeper nest of them, than a record can have.

    Counted before decoding: a reply of a million brackets costs a pass over bytes, no memory.

    :raises NotJsonError: it is nested deeper than :data:`MAX_DEPTH`, or has more values than
        :data:`MAX_VALUES`.
    """
    openings = body.count(b"[") + body.count(b"{")
    if openings <= MAX_DEPTH and openings + body.count(b",") < MAX_VALUES:
        return
    # Whole passes over bytes: character by character in Python, the window would freeze meanwhile.
    marks = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_ALL_ALIKE, _UNMARKED)
    # Each value may have a name, and both two quotes.
    if marks.count(b'"') > 4 * MAX_VALUES:
        raise NotJsonError(f"more than {MAX_VALUES} values")
    bare = b"".join(marks.split(b'"')[::2])  # outside of texts
    if bare.count(b"[") + bare.count(b",") >= MAX_VALUES:
        raise NotJsonError(f"more than {MAX_VALUES} values")
    nest = bare.replace(b",", b"")
    for _ in range(MAX_DEPTH):
        nest = nest.replace(b"[]", b"")  # the innermost level
    if b"[" in nest:
        raise NotJsonError(f"nested deeper than {MAX_DEPTH}, or without an end")
