"""A cluster of real processes on loopback, for tests: a scheduler, and workers that come and go."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


class Cluster:
    """A scheduler and its workers, each ended with the tests."""

    def __init__(self, folder: Path) -> None:
        """:param folder: takes what they say."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None

    def start_scheduler(self) -> None:
        """Start the scheduler, at the same address each time."""
        options = ["--host=127.0.0.1", f"--port={self._port}", "--no-dashboard"]
        self.scheduler = self._start("distributed.cli.dask_scheduler", *options)

    def kill_scheduler(self) -> None:
        """Kill the scheduler."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start what a user starts as a worker; it joins when it can."""
        return self._start("enhance_gui", "worker", self.address, *options)

    def log(self) -> str:
        """Return what all of them have said."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def end(self) -> None:
        """Kill all that is left, with what each has started."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = self._folder / f"{len(self._processes)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=file,
                stderr=file,
                cwd=self._folder,
                start_new_session=True,
            )
        self._processes.append(process)
        return process


@contextlib.contextmanager
def a_cluster(folder: Path, workers: int = 0) -> Iterator[Cluster]:
    """Run a cluster with some workers."""
    folder.mkdir()
    cluster = Cluster(folder)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.end()
