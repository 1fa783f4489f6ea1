"""Gives damaged files to the real command line, with the service of this computer, and judges."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

from PIL import Image

from enhance_gui.core.images.formats import USUAL_FORMATS
from enhance_gui.core.picture_errors import (
    PICTURE_TOO_SMALL,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.core.service_errors import TASK_FAILED
from enhance_gui.imaging.decoders import decoders
from enhance_gui.storage.folders import user_folders
from tests.scenarios.fuzz.mutations import damaged, sound_files
from tests.scenarios.hostile.memory import MIB, resident_bytes
from tests.support.program import run

MAX_RESIDENT_BYTES: Final = 400 * MIB
"""Of any one process: the command, the service and its workers. What they load is about 100 MiB of
it; the rest is for what a file of some kilobytes may claim to be."""

_A_CALL: Final = 50
_NOTHING: Final = "nothing"
"""What was done to a file that must be saved."""
_ERRORS: Final = frozenset(
    {
        *(PictureDamaged.kind, KindNotSupported.kind, PictureTooLarge.kind),
        *(PICTURE_TOO_SMALL, TASK_FAILED),
    }
)
"""Kinds of errors that a damaged file may end with."""
_LOOK_S: Final = 0.1
_PAID_KINDS: Final = frozenset(USUAL_FORMATS)
_MAX_LATE_SHARE: Final = 0.01
"""Of the damaged files of the kinds that services charge for, so many may be found only after they
were created: those whose codes make no sense to a decoder alone."""


@dataclass(slots=True)
class Case:
    """One damaged file, and what became of it."""

    number: int
    source: str
    how: str
    data: bytes
    opens: bool = False
    """Whether an independent reader decodes it."""
    outcome: str = ""
    """``saved``, ``refused`` before anything was created, ``failed`` after it."""
    error: str = ""
    """Its kind."""
    message: str = ""

    @property
    def kind(self) -> str:
        return self.source.split()[0]


@dataclass(slots=True)
class Course:
    """How all of them went."""

    cases: list[Case] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    peak_bytes: int = 0

    def table(self) -> str:
        """Return the outcomes by kind, as Markdown."""
        rows = [
            "| kind | files | open elsewhere | saved | refused | failed later |",
            "|---|" + "---|" * 5,
        ]
        for kind in dict.fromkeys(case.kind for case in sorted(self.cases, key=lambda c: c.kind)):
            of_kind = [case for case in self.cases if case.kind == kind]
            counts = [sum(case.outcome == each for case in of_kind) for each in OUTCOMES]
            cells = [kind, len(of_kind), sum(case.opens for case in of_kind), *counts]
            rows.append("| " + " | ".join(map(str, cells)) + " |")
        rows.append(f"\nLargest process: {self.peak_bytes / MIB:.0f} MiB")
        return "\n".join(rows)


OUTCOMES: Final = ("saved", "refused", "failed")


async def try_files(folder: Path, count: int, seed: int) -> Course:
    """Give so many damaged files to the program, some with each call, among them sound ones."""
    random, course, sound = Random(seed), Course(), sound_files()
    beside = [Case(0, source, _NOTHING, data, opens=True) for source, data in sound.items()]
    while len(course.cases) < count:
        cases = []
        for number in range(len(course.cases), min(count, len(course.cases) + _A_CALL)):
            source, how, data = damaged(sound, random)
            cases.append(Case(number, source, how, data, _opens(data)))
        await _try_call(folder / str(len(course.cases)), [*cases, *beside], course)
        course.cases += cases
        beside = random.sample(beside, 1)
    _judge_logs(course)
    paid = [case for case in course.cases if case.kind in _PAID_KINDS and not case.opens]
    late = [case for case in paid if case.outcome == "failed"]
    if len(late) > _MAX_LATE_SHARE * len(paid):
        course.faults += [f"{_name(each)}: found late: {each.message}" for each in late]
    return course


async def _try_call(folder: Path, cases: list[Case], course: Course) -> None:
    names = _write(folder, cases)
    quick = ("--type", "Quick upscale ×2", "--save", folder / "results", "--json")
    with _Descendants() as descendants:
        done = await run("enhance", *names, *quick)
    course.peak_bytes = max(course.peak_bytes, descendants.peak_bytes)
    if descendants.peak_bytes > MAX_RESIDENT_BYTES:
        course.faults.append(f"a process had {descendants.peak_bytes / MIB:.0f} MiB")
    course.faults += _tracebacks("standard error", done.err)
    lines = {line["input"]: line for line in done.lines()}
    for name, case in zip(names, cases, strict=True):
        if name in lines:
            course.faults += _judge(case, lines[name])
        else:
            course.faults.append(f"{_name(case)}: nothing was said of it")


def _write(folder: Path, cases: list[Case]) -> list[str]:
    """Return the names of the files of these cases."""
    folder.mkdir()
    paths = [folder / f"{number}.{case.kind}" for number, case in enumerate(cases)]
    for path, case in zip(paths, cases, strict=True):
        path.write_bytes(case.data)
    return [str(path) for path in paths]


def _judge(case: Case, line: dict[str, Any]) -> Iterator[str]:
    if line["state"] == "saved":
        case.outcome = "saved"
        yield from _judge_result(case, line["files"])
        return
    error = line["error"] or {}
    case.outcome = "failed" if line["private_id"] else "refused"
    case.error, case.message = error.get("kind", ""), error.get("message", "")
    if line["state"] != "failed" or case.error not in _ERRORS or not error.get("next_step"):
        yield f"{_name(case)}: {line['state']}, with another reason: {json.dumps(error)}"
    elif case.how == _NOTHING:
        yield f"{_name(case)}: not saved: {case.message}"


def _judge_result(case: Case, files: list[str]) -> Iterator[str]:
    if not files:
        yield f"{_name(case)}: saved, but no file"
    for file in files:
        try:
            with Image.open(file) as result:
                result.load()
                sides = result.size
        except Exception as error:  # noqa: BLE001  whatever it is, it is told
            yield f"{_name(case)}: its result does not open: {error!r}"
            continue
        if (before := _sides(case.data)) and sides not in (
            (2 * before[0], 2 * before[1]),
            (2 * before[1], 2 * before[0]),
        ):
            yield f"{_name(case)}: {sides} made of {before}"


class _Descendants:
    """Watches how much memory any process has that this one has started, and those in turn."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            sizes = map(resident_bytes, _descendants())
            self.peak_bytes = max(self.peak_bytes, *sizes, 0)


def _descendants() -> set[int]:
    """Return the numbers of the processes below this one, on Linux."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def _sides(data: bytes) -> tuple[int, int] | None:
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    return None


def _opens(data: bytes) -> bool:
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=decoders()) as image:
            image.load()
            return True
    return False


def _name(case: Case) -> str:
    return f"{case.number} ({case.source}, {case.how})"


def _tracebacks(where: str, text: str) -> Iterator[str]:
    for mark in ("Traceback", "core dumped", "Segmentation", "never awaited", "ResourceWarning"):
        if mark in text:
            at = text.index(mark)
            yield f"{where} has “{mark}”: {text[at : at + 1500]}"


def _judge_logs(course: Course) -> None:
    log = user_folders().log
    for path in log.parent.glob("*"):
        course.faults += _tracebacks(path.name, path.read_text("utf-8", "replace"))
