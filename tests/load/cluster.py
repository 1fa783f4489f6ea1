"""How the throughput of a service grows with its cluster, and what a task costs the service.

``python -m tests.load.cluster`` (five minutes) has clusters of 1, 8 and 64 workers that sleep
instead of computing work off ten pictures each, and prints a table in Markdown. The tasks are
created before the cluster is there. The exit code is 1 where the throughput of a worker among
others is more than a tenth below that of one alone, or a task costs the service 5 ms of a core.

Everything lies in memory, where the system has a folder for that: what a disk takes to keep a task
is not what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.service.serving import TOKEN, UPSCALE
from tests.support.pictures import picture_bytes

ALLOWED_LOSS = 0.1
ALLOWED_COST_S = 0.005
_MEMORY = Path("/dev/shm")  # noqa: S108  the folders in it have names that nobody can guess
IN_MEMORY = _MEMORY if _MEMORY.is_dir() else None
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out with one number of workers."""

    workers: int
    a_second: float
    """Pictures a second, from the first round on."""
    work_s: float
    """Seconds of a core that the service took for a task, from the queue to its record."""
    calls_s: float
    """The same for a createtask and a gettask."""


async def measure(workers: int, rounds: int, sleep_s: float) -> Measured:
    """Have a cluster of so many workers do so many pictures each."""
    tasks = workers * rounds
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        data = Path(folder) / "data"
        service = start(folder, "enhance_gui", "serve", f"--data={data}", _cluster_at(port))
        try:
            assert service.stdout is not None
            base_url = json.loads(service.stdout.readline())["base_url"]
            before_s = _cpu_s(service.pid)
            ids = await create(base_url, tasks, picture_bytes("png", 320, 240))
            calls_s = (_cpu_s(service.pid) - before_s) / tasks
            options = [f"--port={port}", f"--workers={workers}", f"--sleep-s={sleep_s}"]
            cluster = start(folder, "tests.load.sleeping_cluster", *options)
            try:
                assert cluster.stdout is not None
                cluster.stdout.readline()
                ended_s, work_s = ends_s(data / "results", tasks, service.pid, cluster)
            finally:
                cluster.kill()
                cluster.wait()
            assert len(ids) == tasks
        finally:
            service.terminate()
            service.wait()
    a_second = (tasks - workers) / (ended_s[-1] - ended_s[workers - 1])
    return Measured(workers, a_second, work_s / tasks, calls_s)


def _cluster_at(port: int) -> str:
    return f"--cluster=tcp://127.0.0.1:{port}"


def start(scratch: str, module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a module, with the token of the tests."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ENHANCE_GUI_TOKEN": TOKEN, "DASK_TEMPORARY_DIRECTORY": scratch},
        text=True,
    )


async def create(base_url: str, tasks: int, picture: bytes) -> list[str]:
    """Upload a picture, and make so many tasks of it; return their ids."""
    ids = []
    async with httpx.AsyncClient(
        base_url=base_url, headers={"token": TOKEN}, trust_env=False, timeout=60
    ) as http:
        kind = {"content-type": "application/octet-stream"}
        upload = await http.post("/upload", content=picture, headers=kind)
        fields = {"picurl": upload.json()["data"]["picurl"], "type": UPSCALE}
        for _ in range(tasks):
            task = (await http.post("/createtask", json=fields)).json()["data"]
            await http.post("/gettask", json={"taskid": task["taskid"], "type": UPSCALE})
            ids.append(task["taskid"])
    return ids


def ends_s(
    results: Path, tasks: int, service: int, working: subprocess.Popen[str]
) -> tuple[list[float], float]:
    """Wait for all results; return when each was there, and the service's time of a core.

    :param working: the process without which no more would come.
    """
    # From the first result on: before it, the workers are looked at and sent what they lack.
    begun_s = begun_with = 0.0
    while (found := len(list(results.iterdir()))) < tasks:
        assert working.poll() is None, "what works on the pictures has ended"
        if found and not begun_s:
            begun_s, begun_with = _cpu_s(service), found
        time.sleep(0.2)
    took_s = (_cpu_s(service) - begun_s) * tasks / (tasks - begun_with)
    return sorted(path.stat().st_mtime for path in results.iterdir()), took_s


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--sleep-s", type=float, default=2.0)
    given = parser.parse_args(arguments)
    print("| workers | pictures a second | of one worker's | work, a task | calls, a task |")
    print("|---|---|---|---|---|")
    alone = 0.0
    good = True
    for workers in given.workers:
        found = asyncio.run(measure(workers, given.rounds, given.sleep_s))
        each = found.a_second / workers
        alone = alone or each
        # With few workers it is what the service takes while it waits, divided by few tasks.
        is_cheap = found.work_s < ALLOWED_COST_S or workers < max(given.workers)
        good &= each >= (1 - ALLOWED_LOSS) * alone and is_cheap
        figures = f"{found.a_second:.2f} | {each / alone:.0%}"
        costs = f"{1000 * found.work_s:.1f} ms | {1000 * found.calls_s:.1f} ms"
        print(f"| {workers} | {figures} | {costs} |", flush=True)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
