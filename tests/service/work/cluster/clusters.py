"""A cluster of real processes on loopback, for tests: a scheduler, and workers that come and go."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enhance_gui.service.work.cluster.slots import ClusterSlots
from tests.service.serving import Asker, serving, until
from tests.support.processes import children


@dataclass
class Member:
    """The scheduler or a worker."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Return what it has written."""
        return self.log.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        """The address of a worker: that of the process which its nanny started last."""
        return str(re.findall(r"Start worker at: +(\S+)", self.said())[-1])

    @property
    def dask_worker(self) -> int:
        """The process of Dask's worker."""
        return spawned_by(self.process.pid)

    @property
    def computing(self) -> int:
        """The process below Dask's worker that computes."""
        return spawned_by(self.dask_worker)


def spawned_by(parent: int) -> int:
    """Return a process that Python's multiprocessing has started below one; its tracker is none."""
    for number in children(parent):
        if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes():
            return number
    raise LookupError(f"{parent} has no process of its own")


class Cluster:
    """A scheduler and its workers, each ended with the tests."""

    def __init__(self, folder: Path, protocol: str = "tcp") -> None:
        """:param folder: takes what they say; it is made."""
        folder.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self._port}"
        self._protocol = protocol
        self._folder = folder
        self._members: list[Member] = []
        self.workers: list[Member] = []
        self.scheduler: Member | None = None

    def start_scheduler(self) -> Member:
        """Start the scheduler, at the same address each time."""
        options = [f"--port={self._port}", f"--protocol={self._protocol}", "--no-dashboard"]
        self.scheduler = self._start("distributed.cli.dask_scheduler", "--host=127.0.0.1", *options)
        return self.scheduler

    def start_worker(self, *options: str, memory_bytes: int | None = None) -> Member:
        """Start what a user starts as a worker; it joins when it can.

        :param memory_bytes: of the computer, as Dask finds it there (Linux).
        """
        worker = self._start("enhance_gui", "worker", self.address, *options)
        if memory_bytes is not None and sys.platform == "linux":
            import resource

            # Linux takes no notice of this limit, and Dask does, once it is loaded.
            limits = memory_bytes, memory_bytes
            resource.prlimit(worker.process.pid, resource.RLIMIT_RSS, limits)
        self.workers.append(worker)
        return worker

    def start_dask_worker(self, preload: Path, *options: str) -> Member:
        """Start a worker of Dask's own, with a script that is run in it."""
        usual = [self.address, "--nthreads=1", "--no-dashboard", f"--preload={preload}"]
        worker = self._start("distributed.cli.dask_worker", *usual, *options)
        self.workers.append(worker)
        return worker

    @contextlib.contextmanager
    def guest(self, worker: Member) -> Iterator[None]:
        """Have one of the workers there for a while; it is none of :attr:`workers` meanwhile."""
        self.workers.remove(worker)
        try:
            yield
        finally:
            os.killpg(worker.process.pid, signal.SIGKILL)

    def worker_at(self, address: str) -> Member:
        """Return the worker of an address."""
        return next(each for each in self.workers if each.address == address)

    def end(self) -> None:
        """Kill all that is left, with what each has started."""
        for member in self._members:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(member.process.pid, signal.SIGKILL)
            member.process.wait()

    def _start(self, module: str, *arguments: str) -> Member:
        log = self._folder / f"{len(self._members)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=file,
                stderr=file,
                cwd=self._folder,
                env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(self._folder)},
                start_new_session=True,
            )
        member = Member(process, log)
        self._members.append(member)
        return member


@contextlib.contextmanager
def a_cluster(folder: Path, workers: int = 0, protocol: str = "tcp") -> Iterator[Cluster]:
    """Run a cluster with some workers."""
    cluster = Cluster(folder, protocol)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.end()


@contextlib.asynccontextmanager
async def cluster_serving(folder: Path, cluster: Cluster, **changes: Any) -> AsyncIterator[Asker]:
    """Run a service whose pictures a cluster works on."""
    async with serving(folder, cluster=cluster.address, **{"workers": 8, **changes}) as asker:
        yield asker


def slots_of(asker: Asker) -> ClusterSlots:
    """Return the slots of a service with a cluster."""
    slots = asker.service.runner.slots
    assert isinstance(slots, ClusterSlots)
    return slots


async def room(asker: Asker, count: int) -> None:
    """Wait until the cluster has room for so many jobs at once."""
    await until(lambda: slots_of(asker).room == count)
