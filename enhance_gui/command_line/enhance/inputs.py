"""The inputs of ``enhance``: arguments, and the lines of a list."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import LIST_UNREADABLE, UsageError
from enhance_gui.core.images.source import lines_of_list

_MAX_LIST_BYTES: Final = 16 * 2**20


def all_inputs(given: Sequence[str], list_file: str | None) -> tuple[str, ...]:
    """Return the arguments and what the list adds.

    :param list_file: a path, ``-`` for standard input, or ``None``.
    :raises UsageError: the list cannot be read.
    """
    # A name that is no valid text can be neither stored nor printed; as it is shown here, no file
    # has it, and its own sentence says so.
    given = [each.encode("utf-8", "backslashreplace").decode() for each in given]
    if list_file is None:
        return tuple(given)
    try:
        data = _read(list_file)
        text = data.decode("utf-8-sig")
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise UsageError(f"{list_file}: {error}", kind=LIST_UNREADABLE) from error
    if len(data) > _MAX_LIST_BYTES:
        raise UsageError(f"{list_file} is far too large for a list of inputs", kind=LIST_UNREADABLE)
    return (*given, *lines_of_list(text))


def _read(list_file: str) -> bytes:
    if list_file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed", kind=LIST_UNREADABLE)
        return sys.stdin.buffer.read(_MAX_LIST_BYTES + 1)
    with Path(list_file).expanduser().open("rb") as file:
        return file.read(_MAX_LIST_BYTES + 1)
