"""Saves results as the program does, and ends it after any step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.files.results import PartFile, sha256_of
from enhance_gui.storage.task_db.store import Output, TaskStore
from tests.scenarios.promises.held import RESULT
from tests.scenarios.promises.provider import CrashError
from tests.support.stored import FACTS


def save(store: TaskStore, task: Task, name: Path, crash_after: int) -> None:
    """Save as the program does, ending after any of its steps.

    :param name: of the result, where it has none yet.
    :raises CrashError: that end has come.
    """
    outputs = store.outputs.of(task.id)
    final = outputs[0].final if outputs else name
    facts = outputs[0].facts if outputs else None
    placed = facts is not None and sha256_of(final) == facts.sha256
    part = final.with_name(f".{final.stem}.part")
    opened: list[PartFile] = []

    def write() -> None:
        file = PartFile(part)
        opened.append(file)
        file.write(RESULT)
        file.finish()

    def put() -> None:
        if not placed:
            opened[-1].publish(final)

    steps: list[Callable[[], object]] = [
        lambda: store.outputs.begin_fetch(task.id, [Output(0, part, final)]),
        write,
        lambda: store.outputs.verified(task.id, 0, final, replace(FACTS, sha256=_digest(part))),
        put,
        lambda: store.outputs.placed(task.id, 0),
        lambda: store.outputs.saved(task.id, final.with_suffix(".json")),
    ]
    try:
        for number, step in enumerate(steps):
            if number == crash_after:
                raise CrashError
            step()
    finally:
        for file in opened:
            file.close()


def _digest(path: Path) -> str:
    digest = sha256_of(path)
    assert digest is not None
    return digest
