"""What must hold when a run was broken off or disturbed and the program was started again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.scenarios.faults.homes import FOREIGN, FOREIGN_NAME, Ended, Home
from tests.scenarios.faults.ledger_service import input_of
from tests.scenarios.faults.stored_state import StoredState, StoredTask, stored_state
from tests.support.pictures import shows, shows_pixels

UNENDED: Final = ("queued", "sending", "accepted", "finished", "fetching", "cancelling")
"""States that no task may be left in by a start that nothing disturbed."""


def violations(home: Home, before: StoredState, starts: Sequence[Ended]) -> list[str]:
    """Return every promise that is broken, a sentence each.

    :param before: the list as the fault left it.
    :param starts: the undisturbed starts since then; the last one was --resume.
    """
    now = stored_state(home.database)
    return [
        *_of_charges(home, before, now),
        *_of_tasks(home, now),
        *_of_files(home, now),
        *_of_reports(before, now, starts),
    ]


def _of_charges(home: Home, before: StoredState, now: StoredState) -> Iterator[str]:
    charges = home.charges
    known = {private_id for task in now.tasks for private_id in task.private_ids}
    # Who types the same command again after a picture was saved asks for it a second time.
    asked = Counter(before.inputs("saved")) if _typed_again(before, now) else Counter()
    for address, count in Counter(str(charge["picurl"]) for charge in charges).items():
        if count > 1 + asked[address]:
            yield f"{input_of(address)} was charged {count} times"
    for charge in charges:
        if charge["chtaskid"] not in known:
            yield f"a charge for {input_of(charge['picurl'])} belongs to no attempt on record"


def _typed_again(before: StoredState, now: StoredState) -> bool:
    return len(now.tasks) > len(before.tasks)


def _of_tasks(home: Home, now: StoredState) -> Iterator[str]:
    if now.integrity != "ok":
        yield f"the database is damaged: {now.integrity}"
    charged = {charge["chtaskid"] for charge in home.charges}
    for task in now.tasks:
        name = input_of(task.input)
        if task.state in UNENDED:
            yield f"{name} was left {task.state} by an undisturbed start"
        if task.state not in ("saved", "in_doubt") and charged & set(task.private_ids):
            yield f"{name} was charged and is {task.state}"


def _of_files(home: Home, now: StoredState) -> Iterator[str]:
    left = {path.name for path in home.results.iterdir()} - {FOREIGN_NAME}
    if (home.results / FOREIGN_NAME).read_bytes() != FOREIGN:
        yield "a file of somebody else was changed"
    for task in now.tasks:
        if task.state != "saved":
            continue
        yield from _of_saved(home, task)
        left -= {path.name for path in (*task.files, task.sidecar or Path())}
    for name in sorted(left):
        yield f"{_without_id(name)} was left in the folder of results"


def _of_saved(home: Home, task: StoredTask) -> Iterator[str]:
    name = input_of(task.input)
    result = home.provider.result(name)
    if not task.files:
        yield f"{name} is called saved without a file"
        return
    if not task.files[0].exists():
        yield f"the file of {name} is gone"
        return
    if not (shows_pixels if home.wants else shows)(task.files[0], result):
        yield f"the file of {name} is not what the provider made"
    said = _sidecar(task.sidecar)
    if said.get("private_id") not in task.private_ids:
        yield f"{name} has no sidecar of its own"
    elif said["after"]["sha256"] != hashlib.sha256(task.files[0].read_bytes()).hexdigest():
        yield f"the sidecar of {name} tells of another file"


def _sidecar(path: Path | None) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8")) if path is not None else {}
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _of_reports(before: StoredState, now: StoredState, starts: Sequence[Ended]) -> Iterator[str]:
    doubts = {
        "what was being sent": before.inputs("sending", "in_doubt"),
        "what is in doubt": now.inputs("in_doubt"),
    }
    for start in starts:
        if start.hung:
            yield "a start after the fault hung"
        for words, inputs in doubts.items():
            for address in inputs - start.inputs("in_doubt"):
                yield f"{words} was not listed as in doubt: {input_of(address)}"
    expected = 3 if now.inputs("in_doubt") else 0
    if starts[-1].code != expected and not now.inputs("failed"):
        yield f"--resume ended with {starts[-1].code} and not {expected}"


def _without_id(name: str) -> str:
    """Return a name that is the same in each run: parts are named after random ids."""
    return f"….{name.rpartition('-')[2]}" if name.endswith(".part") else name
