"""The users of ``enhance-gui serve``: adds one, and shows what they have used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from enhance_gui.command_line.console.output import print_message, print_out
from enhance_gui.service.store.usage import Usage, read_usage
from enhance_gui.service.users import add_user

_OF_OWN_TOKEN: Final = "(own token)"  # noqa: S105  a name


def print_new_user(file: Path, name: str) -> int:
    """Add a user; print their token, which stands nowhere else.

    :raises UsageError: nothing was added.
    """
    print_out(add_user(file, name).reveal())
    print_message(
        f"This is the token of “{name}”. It is shown once: {file} holds only its hash. Hand it "
        "over where nobody else reads it."
    )
    return 0


def print_usage(data_folder: Path, *, as_json: bool) -> int:
    """Print what each user has had on each day.

    :raises EnhanceError: it cannot be read.
    """
    usage = read_usage(data_folder / "tasks.sqlite")
    if as_json:
        for each in usage:
            print_out(json.dumps(each._asdict(), ensure_ascii=False))
    elif usage:
        print_out(_table(usage))
    else:
        print_message(f"No task has been counted yet in {data_folder}.")
    return 0


def _table(usage: list[Usage]) -> str:
    """Return the counts in columns."""
    named = [each._replace(user=each.user or _OF_OWN_TOKEN) for each in usage]
    rows = [Usage._fields, *(tuple(map(str, each)) for each in named)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            # Words begin, and numbers end, below each other.
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
