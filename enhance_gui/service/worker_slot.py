"""One place for a worker process: started when needed, replaced when it dies or hangs.

Each slot has its own process and its own pipe, so a picture that brings its worker down is known
by name and costs no other picture anything.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import threading
from enum import Enum
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

from enhance_gui.service.engine import WorkJob, WorkResult
from enhance_gui.service.worker import Verdict, work_until_closed

# A forked child would inherit the service's threads' locks, sockets and database.
_SPAWN: Final = multiprocessing.get_context("spawn")

WORKER_NAME: Final = "enhance-gui worker"
"""What the processes are called within Python."""


class WorkerLost(Enum):
    """Why a job came back without an outcome."""

    CRASHED = "crashed"
    TIMED_OUT = "timed out"


Outcome = WorkResult | Verdict | WorkerLost


class WorkerSlot:
    """Gives jobs to one worker process. :meth:`run` blocks: call it from a thread of its own."""

    def __init__(self, worker_bytes: int) -> None:
        """:param worker_bytes: memory that the process may take."""
        self._worker_bytes = worker_bytes
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._jobs: Connection[WorkJob, WorkResult | Verdict] | None = None
        self._stopped = False

    def warm_up(self) -> None:
        """Start the process, so that the first job does not wait for its libraries."""
        self._ready()

    def run(self, job: WorkJob, limit_s: float) -> Outcome:
        """Have one job done, within ``limit_s`` seconds."""
        ready = self._ready()
        if ready is None:
            return WorkerLost.CRASHED
        process, jobs = ready
        try:
            jobs.send(job)
            arrived = multiprocessing.connection.wait([jobs, process.sentinel], limit_s)
            if jobs in arrived:
                return jobs.recv()
        except (EOFError, OSError):
            arrived = [process.sentinel]
        self._drop()
        return WorkerLost.CRASHED if arrived else WorkerLost.TIMED_OUT

    def stop(self) -> None:
        """End the process, were it in the middle of a job. From any thread, for good."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Wait for the end of the process; after :meth:`stop`, when no job runs."""
        self._drop()

    def _ready(self) -> tuple[SpawnProcess, Connection[WorkJob, WorkResult | Verdict]] | None:
        """Return a living process and its connection; ``None`` after :meth:`stop`."""
        if self._process is not None and not self._process.is_alive():
            self._drop()
        with self._lock:
            if self._stopped:
                return None
            if self._process is None or self._jobs is None:
                ours, theirs = _SPAWN.Pipe()
                process = _SPAWN.Process(
                    target=work_until_closed,
                    args=(theirs, self._worker_bytes),
                    name=WORKER_NAME,
                    daemon=True,
                )
                process.start()
                theirs.close()
                self._process, self._jobs = process, ours
            return self._process, self._jobs

    def _drop(self) -> None:
        with self._lock:
            process, jobs = self._process, self._jobs
            self._process = self._jobs = None
        if jobs is not None:
            jobs.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()
