"""How the program does with 10,000 stored tasks of which 1,000 are alive on a service.

Run ``python -m tests.benchmarks.big_queue``; prints a table in Markdown. The service is on loopback
and never finishes a task. All times count from the start of the process, imports included.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.running import profile_of
from tests.support.program import write_profile
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply, Talk, envelope

ENDED = {
    TaskState.SAVED: 8200,
    TaskState.FAILED: 500,
    TaskState.CANCELLED: 200,
    TaskState.WRITTEN_OFF: 100,
}
ALIVE = 1000
ALIVE_WITH_COPY = 500
DURATIONS = 2000
TIMES = 3
WORKS_S = 3.0
"""How long a run goes on after its first look at a task, before it is told to end."""
TIMEOUT_S = 5.0
LIMIT_S = 120.0
MIB = 2**20

MAX_START_S = 2.0
MAX_MEMORY_BYTES = 400 * MIB


class EndlessProvider(Provider):
    """Works on every task it is asked for, for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.on("/gettask", self._busy)
        self.on("/picture.jpg", Reply(200, INPUT))
        self.looked_at: set[str] = set()
        self.first_look = asyncio.Event()

    async def _busy(self, talk: Talk) -> None:
        task_id = talk.request.json()["taskid"]
        self.looked_at.add(task_id)
        self.first_look.set()
        await talk.reply(envelope({"taskid": task_id, "queuenum": 0}))


@dataclass
class Figures:
    """What one run of the program showed."""

    first_look_s: float = 0.0
    first_look_cpu_s: float = 0.0
    """Computing time until then, which a busy computer does not change."""
    looked_at: int = 0
    """Tasks that were asked for until the end."""
    peak_bytes: int = 0
    end_s: float = 0.0
    """From the wish to end, or from the end of the time, to the end of the process."""
    code: int = 0
    lines: int = 0
    marks_s: dict[str, float] = field(default_factory=dict)


# -- the database ---------------------------------------------------------------------------------


def fill(database: Path, provider: Provider, alive: int = ALIVE) -> None:
    """Write the list of tasks as years of work would leave it."""
    store = TaskStore.open(database, Clock().wall)
    store.services.remember(profile_of(provider))
    store.close()
    states = [state for state, count in ENDED.items() for _ in range(count)]
    states += [TaskState.ACCEPTED] * alive
    with closing(sqlite3.connect(database)) as sql, sql:
        for number, state in enumerate(states, start=1):
            _insert(sql, number, state, provider)
        sql.executemany(
            "INSERT INTO duration (service, type_id, megapixels, after_s, by_s) "
            "VALUES ('Studio', 1, ?, ?, ?)",
            [(1 + number % 12, 8 + number % 40, 9 + number % 40) for number in range(DURATIONS)],
        )


def _insert(sql: sqlite3.Connection, number: int, state: TaskState, provider: Provider) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    times = [(at + timedelta(seconds=step * 9)).isoformat() for step in range(4)]
    saved = state is TaskState.SAVED
    alive = state is TaskState.ACCEPTED
    if alive:  # not long ago
        times = [(datetime.now(UTC) - timedelta(seconds=60)).isoformat()] * 4
    has_copy = not alive or number % ALIVE < ALIVE_WITH_COPY
    address = provider.url(f"/picture.jpg?name=holiday-{number}")
    result = f"/home/somebody/Pictures/Enhance GUI/holiday-{number}-enhance"
    failure = None if saved or alive else "result_gone"
    columns = {
        "id": number,
        "input": address,
        "service": "Studio",
        "type_id": 1,
        "type_name": "Enhance",
        "save_folder": "/home/somebody/Pictures/Enhance GUI",
        "state": state.value,
        "created_at": times[0],
        "location": address,
        "format": "jpg",
        "width_px": 4000,
        "height_px": 3000,
        "size_bytes": 5_000_000,
        "input_sha256": f"{number:064x}",
        "input_copy": f"/home/somebody/.cache/inputs/{number}.jpg" if has_copy else None,
        "record": _record(number, provider) if saved else None,
        "failure_kind": failure,
        "failure_detail": failure and "there is nothing at its address any more (HTTP 410)",
        "accepted_at": times[1],
        "finished_at": times[2] if saved else None,
        "saved_at": times[3] if saved else None,
        "sidecar": f"{result}.json" if saved else None,
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql.execute(f"INSERT INTO task ({names}) VALUES ({marks})", list(columns.values()))  # noqa: S608
    sql.execute(
        "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, outcome, "
        "opened_at) VALUES (?, 1, 'Studio', ?, ?, 'open', ?)",
        (number, f"private-{number:020}", f"{number:064x}", times[0]),
    )
    in_doubt = state is TaskState.WRITTEN_OFF
    sql.execute(
        "UPDATE attempt SET outcome = ?, service_task_id = ?, settled_at = ? WHERE task_id = ?",
        (
            "in_doubt" if in_doubt else "accepted",
            None if in_doubt else f"task-{number}",
            times[1],
            number,
        ),
    )
    if saved:
        sql.execute(
            "INSERT INTO output (task_id, number, part, final, sha256, size_bytes, format, "
            "width_px, height_px, placed) VALUES (?, 0, ?, ?, ?, 9000000, 'png', 8000, 6000, 1)",
            (number, f"{result}.part", f"{result}.png", f"{number:064x}"),
        )
    sql.executemany(
        "INSERT INTO event (task_id, step, source, target, cause, at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, step, None, state.value, "as it went", times[0])
            for step in ("add", "send", "accept", "finish", "fetch", "save")
        ],
    )


def _record(number: int, provider: Provider) -> bytes:
    fields = {
        "taskid": f"task-{number}",
        "chtaskid": f"private-{number:020}",
        "status": 3,
        "inputurl": provider.url(f"/picture.jpg?name=holiday-{number}"),
        "outputurl": provider.url(f"/results/{number}.png?signature={number:0128x}"),
        "outpathwidth": 8000,
        "outpathheight": 6000,
        "facelist": [],
    }
    return json.dumps(fields).encode()


# -- running --------------------------------------------------------------------------------------


async def watch(provider: EndlessProvider, command: Sequence[str], stops: bool) -> Figures:
    """Run a command; where it ``stops`` by itself at its time limit, only watch.

    Otherwise it is told to end some seconds after its first look at a task.
    """
    figures = Figures()
    provider.looked_at.clear()
    provider.first_look.clear()
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        lines = group.create_task(_lines(process, figures, began_s))
        peak = group.create_task(_peak(process, figures))
        first = group.create_task(provider.first_look.wait())
        await asyncio.wait([first, lines], return_when=asyncio.FIRST_COMPLETED)
        figures.first_look_s = time.monotonic() - began_s
        figures.first_look_cpu_s = _computing_s(process.pid)
        request_s = began_s + TIMEOUT_S
        if not stops and not lines.done():
            await asyncio.sleep(WORKS_S)
            request_s = time.monotonic()
            process.send_signal(signal.SIGTERM)
        figures.code = await process.wait()
        figures.end_s = time.monotonic() - request_s
        for task in (peak, first):
            task.cancel()
    figures.looked_at = len(provider.looked_at)
    return figures


async def _lines(process: asyncio.subprocess.Process, figures: Figures, began_s: float) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        figures.lines += 1
        if line.startswith(b"mark "):
            figures.marks_s[line.decode().removeprefix("mark ").strip()] = (
                time.monotonic() - began_s
            )


async def _peak(process: asyncio.subprocess.Process, figures: Figures) -> None:
    while process.returncode is None:
        figures.peak_bytes = _peak_bytes(process.pid) or figures.peak_bytes
        await asyncio.sleep(0.02)


def _peak_bytes(process_id: int) -> int:
    """Return a process's own account of its peak, which the kernel keeps; 0 where it has gone."""
    lines = _reported(process_id, "status").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _computing_s(process_id: int) -> float:
    fields = _reported(process_id, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _reported(process_id: int, name: str) -> str:
    try:
        return Path(f"/proc/{process_id}/{name}").read_text("ascii", "replace")
    except OSError:
        return ""


OPEN_AND_READ = """
from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.task_db.store import TaskStore
print("mark loaded", flush=True)
store = TaskStore.open(user_folders().database, Clock().wall)
print("mark opened", flush=True)
tasks = store.tasks(set(TaskState))
print("mark read", flush=True)
store.close()
"""
"""What every start does first, in a process of its own, with a mark after each step."""


async def measure(home: Path) -> bool:
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
    os.environ["ENHANCE_GUI_TOKEN"] = "the-token"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folders = user_folders()
    folders.data.mkdir(parents=True)
    async with EndlessProvider() as provider:
        began_s = time.monotonic()
        await asyncio.to_thread(fill, folders.database, provider)
        size_mb = folders.database.stat().st_size / 1e6
        print(f"filled in {time.monotonic() - began_s:.1f} s: {size_mb:.1f} MB\n", flush=True)
        toml = write_profile(home / "service.toml", profile_of(provider))
        folders.profiles.mkdir(parents=True)
        write_profile(folders.profiles / "studio.toml", profile_of(provider))
        resume = ["-m", "enhance_gui", "enhance", "--resume", "--json", "--service", str(toml)]
        limited = [*resume, "--timeout-s", f"{TIMEOUT_S:g}"]

        async def several(command: Sequence[str], *, stops: bool) -> list[Figures]:
            return [await watch(provider, command, stops) for _ in range(TIMES)]

        return report(
            await several(["-c", OPEN_AND_READ], stops=True),
            await several(limited, stops=True),
            await several(resume, stops=False),
            await several(["-m", "enhance_gui"], stops=False),
        )


def report(
    opened: list[Figures], limited: list[Figures], resumed: list[Figures], window: list[Figures]
) -> bool:
    """Print the tables; return whether every promise was kept."""
    print("| store alone | median of 3 |\n|---|---|")
    for mark in ("loaded", "opened", "read"):
        print(f"| {mark} | {statistics.median(each.marks_s[mark] for each in opened):.2f} s |")
    print(f"| peak memory | {_peak_mib(opened)} |\n")
    print(
        "| run | first look at a task | computing until then | peak memory | tasks looked at "
        "| end after the wish | exit code | lines |\n|---|---|---|---|---|---|---|---|"
    )
    runs = {
        f"enhance --resume --timeout-s {TIMEOUT_S:g}": limited,
        f"enhance --resume, SIGTERM {WORKS_S:g} s later": resumed,
        f"window, SIGTERM {WORKS_S:g} s later": window,
    }
    for name, figures in runs.items():
        first_s = statistics.median(figure.first_look_s for figure in figures)
        end_s = statistics.median(figure.end_s for figure in figures)
        cpu_s = statistics.median(figure.first_look_cpu_s for figure in figures)
        looked_at = statistics.median(figure.looked_at for figure in figures)
        codes = sorted({figure.code for figure in figures})
        print(
            f"| {name} | {first_s:.2f} s | {cpu_s:.2f} s | {_peak_mib(figures)} | {looked_at:.0f} "
            f"| {end_s:.2f} s | {', '.join(map(str, codes))} | {figures[0].lines} |"
        )
    every = [*limited, *resumed, *window]
    kept = (
        statistics.median(each.marks_s["read"] for each in opened) <= MAX_START_S
        and all(
            statistics.median(figure.first_look_s for figure in figures) <= MAX_START_S
            for figures in runs.values()
        )
        and max(each.peak_bytes for each in every) <= MAX_MEMORY_BYTES
    )
    print("\nverdict:", "within 2 s and 400 MiB" if kept else "a promise was not kept")
    return kept


def _peak_mib(figures: list[Figures]) -> str:
    return f"{max(figure.peak_bytes for figure in figures) / MIB:.0f} MiB"


def main() -> int:
    with TemporaryDirectory() as folder:
        return 0 if asyncio.run(measure(Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
