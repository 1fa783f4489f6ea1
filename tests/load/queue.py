"""How the service does with 100,000 tasks that wait, of 50 users.

Run ``python -m tests.load.queue``; prints a table in Markdown. ``enhance-gui serve``
in a process of its own, over HTTP on loopback; its worker is stopped, so the queue stays as it is.
The computing time is the service's own, which a busy computer or disk does not change.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from enhance_gui.service.store.task_store import open_task_store
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.users import add_user
from tests.benchmarks.big_queue import MIB, computing_s, peak_bytes
from tests.service.serving import UPSCALE
from tests.support.pictures import picture_bytes

TASKS = 100_000
USERS = 50
CALLS = 2000
AT_ONCE = 4
LINKS_OF_ONE = 30_000
"""Some file systems allow no more names of one file."""

MAX_P99_S = 0.020
MAX_MEMORY_BYTES = 400 * MIB


@dataclass
class Service:
    """The running service, and the users' tokens."""

    process: subprocess.Popen[str]
    base_url: str
    tokens: list[str]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=60)


def call(
    connection: http.client.HTTPConnection, token: str, name: str, **fields: object
) -> dict[str, object]:
    """Make a call that succeeds; return its data."""
    headers = {"token": token, "content-type": "application/json"}
    connection.request("POST", f"/{name}", json.dumps(fields), headers)
    envelope = json.loads(connection.getresponse().read())
    assert envelope["code"] == 0, envelope
    data: dict[str, object] = envelope["data"]
    return data


def fill(data: Path) -> None:
    """Write the queue as so many calls of createtask would have left it."""
    inputs = data / "inputs"
    inputs.mkdir(parents=True)
    picture = picture_bytes("jpg")
    for number in range(TASKS):
        of_these = inputs / name_of(number - number % LINKS_OF_ONE)
        if number % LINKS_OF_ONE == 0:
            of_these.write_bytes(picture)
        else:
            os.link(of_these, inputs / name_of(number))
    database = data / "tasks.sqlite"
    open_task_store(database, 0.0).close()
    with contextlib.closing(sqlite3.connect(database)) as sql, sql:
        sql.executemany(
            "INSERT INTO task (task_id, private_id, type_id, source_key, host, user, day, picture,"
            " status) VALUES (?, ?, ?, '', 'localhost', ?, '2026-11-30', ?, ?)",
            (
                (
                    f"task {number}",
                    f"private {number}",
                    UPSCALE,
                    f"user {number % USERS}",
                    json.dumps(
                        {
                            "name": name_of(number),
                            "width_px": 100,
                            "height_px": 80,
                            "size_bytes": len(picture),
                            "extension": "jpg",
                        }
                    ),
                    Status.QUEUED,
                )
                for number in range(TASKS)
            ),
        )


def name_of(number: int) -> str:
    return f"{number:032}.jpg"


@contextlib.contextmanager
def serving(data: Path, users: Path, tokens: list[str]) -> Iterator[Service]:
    command = [sys.executable, "-m", "enhance_gui", "serve", "--workers", "1"]
    began_s = time.monotonic()
    process = subprocess.Popen(
        [*command, "--data", str(data), "--users", str(users)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        print(f"start to listening: {time.monotonic() - began_s:.1f} s\n", flush=True)
        worker_id = stopped_worker(process.pid)
        yield Service(process, first["base_url"], tokens)
        # It holds the pipe open; where it has been stopped for too long, the service ended it.
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker_id, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()


def stopped_worker(process_id: int) -> int:
    """Stop the worker as soon as there is one; return its id."""
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        for of_thread in Path(f"/proc/{process_id}/task").glob("*/children"):
            for child in of_thread.read_text().split():
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGSTOP)
                    return int(child)
        time.sleep(0.01)
    raise AssertionError("there is no worker")


def upload(service: Service, token: str, picture: bytes) -> str:
    connection = service.connect()
    headers = {"token": token, "content-type": "application/octet-stream"}
    connection.request("POST", "/upload", picture, headers)
    address: str = json.loads(connection.getresponse().read())["data"]["picurl"]
    connection.close()
    return address


def measure(
    service: Service,
    name: str,
    at_once: int,
    one: Callable[[http.client.HTTPConnection, int], None],
) -> float:
    """Make many calls; print a row; return the 99th percentile."""
    process_id = service.process.pid
    before_s = computing_s(process_id)

    def several(part: int) -> list[tuple[float, float]]:
        connection = service.connect()
        found = []
        for number in range(part, CALLS, at_once):
            computed_s, began_s = run_s(process_id), time.perf_counter()
            one(connection, number)
            took_s = time.perf_counter() - began_s
            found.append((took_s, run_s(process_id) - computed_s))
        connection.close()
        return found

    with ThreadPoolExecutor(at_once) as threads:
        found = [each for part in threads.map(several, range(at_once)) for each in part]
    each_s = (computing_s(process_id) - before_s) / CALLS
    took_s = sorted(took for took, _ in found)
    p99_s = took_s[int(0.99 * CALLS)]
    computed_p99_s = sorted(computed for _, computed in found)[int(0.99 * CALLS)]
    # Of several at once it cannot be told which did it.
    shown = f"{1000 * computed_p99_s:.1f} ms" if at_once == 1 else ""
    print(
        f"| {name} | {at_once} | {1000 * statistics.median(took_s):.1f} ms | {1000 * p99_s:.1f} ms "
        f"| {1000 * each_s:.2f} ms | {shown} |",
        flush=True,
    )
    return p99_s


def run_s(process_id: int) -> float:
    """Return how long the threads of a process have been computing, to the nanosecond."""
    threads = Path(f"/proc/{process_id}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def ask(service: Service) -> bool:
    """Print the table; return whether every promise was kept."""
    chance = random.Random(1)
    numbers = [chance.randrange(TASKS) for _ in range(CALLS)]
    picture = picture_bytes("jpg")
    uploads = [upload(service, token, picture) for token in service.tokens]

    def get(connection: http.client.HTTPConnection, number: int) -> None:
        task = numbers[number]
        token = service.tokens[task % USERS]
        record = call(connection, token, "gettask", taskid=f"task {task}", type=UPSCALE)
        assert isinstance(record["queuenum"], int)

    def create(connection: http.client.HTTPConnection, number: int) -> None:
        user = number % USERS
        made = call(
            connection, service.tokens[user], "createtask", picurl=uploads[user], type=UPSCALE
        )
        assert isinstance(made["queuenum"], int)
        assert made["queuenum"] > TASKS // 2

    def delete(connection: http.client.HTTPConnection, number: int) -> None:
        task = TASKS - 1 - number
        call(connection, service.tokens[task % USERS], "deletetask", taskid=f"task {task}")

    print("| call | at once | median | 99 % below | computing a call | 99 % below |")
    print("|---|---|---|---|---|---|")
    p99_s = [
        measure(service, name, at_once, one)
        for name, one in (("gettask", get), ("createtask", create))
        for at_once in (1, AT_ONCE)
    ]
    measure(service, "deletetask", 1, delete)
    peak = peak_bytes(service.process.pid)
    print(f"\npeak memory of the service: {peak / MIB:.0f} MiB")
    kept = max(p99_s) <= MAX_P99_S and peak <= MAX_MEMORY_BYTES
    print("verdict:", "within 20 ms and 400 MiB" if kept else "a promise was not kept")
    return kept


def main() -> int:
    with TemporaryDirectory() as folder:
        data, users = Path(folder, "data"), Path(folder, "users.toml")
        tokens = [add_user(users, f"user {number}").reveal() for number in range(USERS)]
        fill(data)
        with serving(data, users, tokens) as service:
            return 0 if ask(service) else 1


if __name__ == "__main__":
    sys.exit(main())
