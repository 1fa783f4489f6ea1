"""Runs jobs in one worker process: started when needed, replaced when it dies or hangs.

Each slot has its own process and its own pipe, so a picture that brings its worker down is known
by name and costs no other picture anything.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final, NamedTuple

from enhance_gui.service.engine import WorkJob
from enhance_gui.service.work.slots import Outcome, WorkerLost
from enhance_gui.service.work.worker import Message, work_until_closed

# A forked child would inherit the service's threads' locks, sockets and database.
_SPAWN: Final = multiprocessing.get_context("spawn")

WORKER_NAME: Final = "enhance-gui worker"
"""What the processes are called within Python."""


class _Worker(NamedTuple):
    process: SpawnProcess
    jobs: Connection[WorkJob, Message]


class WorkerSlot:
    """Gives jobs to one worker process. :meth:`run` blocks: call it from a thread of its own."""

    def __init__(self, worker_bytes: int) -> None:
        """:param worker_bytes: memory that the process may take."""
        self._worker_bytes = worker_bytes
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._stopped = False
        self._task_id = ""
        self._withdrawn_id = ""
        self._reported = ("", 0.0)

    def warm_up(self) -> None:
        """Start the process, so that the first job does not wait for its libraries."""
        self._ready()

    def run(self, task_id: str, job: WorkJob, limit_s: float) -> Outcome:
        """Run one job, within ``limit_s`` seconds.

        :param task_id: by which it can be withdrawn.
        """
        worker = self._ready(task_id)
        if worker is None:
            withdrawn = self._withdrawn_id == task_id
            return WorkerLost.WITHDRAWN if withdrawn else WorkerLost.CRASHED
        self._reported = (task_id, 0.0)
        outcome = self._await(worker, job, limit_s)
        with self._lock:
            self._task_id = ""
            if self._withdrawn_id == task_id:
                outcome = WorkerLost.WITHDRAWN
        if isinstance(outcome, WorkerLost):
            self.close()
        return outcome

    def withdraw(self, task_id: str) -> None:
        """Stop the work on a task: end the process that does it. From any thread.

        It may block for as long as a process takes to start.
        """
        with self._lock:
            self._withdrawn_id = task_id
            if self._worker is not None and self._task_id == task_id:
                self._worker.process.kill()

    def share(self, task_id: str) -> float:
        """Return which share of the work on a task is done, from 0 to 1. From any thread."""
        reported_id, share = self._reported
        return share if reported_id == task_id else 0.0

    def stop(self) -> None:
        """End the process, were it in the middle of a job. From any thread, for good."""
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                self._worker.process.kill()

    def close(self) -> None:
        """End the process, and wait until it has; when no job runs."""
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.jobs.close()
            worker.process.kill()
            worker.process.join()
            worker.process.close()

    def _await(self, worker: _Worker, job: WorkJob, limit_s: float) -> Outcome:
        due_s = time.monotonic() + limit_s
        process, jobs = worker
        try:
            jobs.send(job)
            while True:
                left_s = max(0.0, due_s - time.monotonic())
                arrived = multiprocessing.connection.wait([jobs, process.sentinel], left_s)
                if jobs not in arrived:
                    return WorkerLost.CRASHED if arrived else WorkerLost.TIMED_OUT
                message = jobs.recv()
                if not isinstance(message, float):
                    return message
                self._reported = (self._task_id, message)
        except (EOFError, OSError):
            return WorkerLost.CRASHED

    def _ready(self, task_id: str = "") -> _Worker | None:
        """Return a living process and its connection, reserved for a task.

        ``None`` after :meth:`stop`, and where the task has been withdrawn.
        """
        if self._worker is not None and not self._worker.process.is_alive():
            self.close()
        with self._lock:
            if self._stopped or (task_id and self._withdrawn_id == task_id):
                return None
            self._task_id = task_id
            if self._worker is None:
                ours, theirs = _SPAWN.Pipe()
                process = _SPAWN.Process(
                    target=work_until_closed,
                    args=(theirs, self._worker_bytes),
                    name=WORKER_NAME,
                    daemon=True,
                )
                process.start()
                theirs.close()
                self._worker = _Worker(process, ours)
            return self._worker
