"""Runs in a worker process: receives jobs and sends their outcomes, one at a time."""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.engine import (
    Report,
    Verdict,
    WorkJob,
    WorkResult,
    prepare_worker,
    run_work,
)
from enhance_gui.service.tasks.refusals import code_of
from enhance_gui.service.work.memory import limit_own_memory
from enhance_gui.wire.codes import Code

REPORT_EVERY_S: Final = 0.25
"""Minimum time between two messages about how far a job is."""
_STANDARD_OUTPUT: Final = 1

Message = float | WorkResult | Verdict
"""What a worker sends of a job: the share that is done, now and then; at last the outcome."""


class ShareReporter:
    """Reports the share of a job that is done: only increases, and not too often."""

    def __init__(self, report_share: Callable[[float], None], now_s: Callable[[], float]) -> None:
        """:param now_s: the clock; the first share is passed on :data:`REPORT_EVERY_S` from now."""
        self._report_share = report_share
        self._now_s = now_s
        self._reported = 0.0
        self._reported_at_s = now_s()

    def __call__(self, share: float) -> None:
        now_s = self._now_s()
        if share > self._reported and now_s - self._reported_at_s >= REPORT_EVERY_S:
            self._reported, self._reported_at_s = share, now_s
            # By its type the service distinguishes it from an outcome; a whole number is no float.
            self._report_share(float(share))


def work_until_closed(jobs: Connection[Message, WorkJob], max_bytes: int) -> None:
    """Do one job after the other until the service closes the connection or is gone.

    :param max_bytes: memory that this process may take.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, name="end with service", daemon=True).start()
    _discard_standard_output()
    prepare_worker()
    limit_own_memory(max_bytes)
    while True:
        try:
            job = jobs.recv()
        except (EOFError, OSError):
            return
        jobs.send(attempt(job, ShareReporter(jobs.send, time.monotonic)))


def attempt(job: WorkJob, report: Report) -> WorkResult | Verdict:
    """Do one job; return any error as a verdict."""
    try:
        return run_work(job, report)
    except EnhanceError as error:
        return Verdict(code_of(error), error.detail)
    except MemoryError:
        return Verdict(Code.TOO_LARGE, "there is not enough memory for a picture of this size")
    # A bug of the engine must cost this picture alone, not the worker.
    except Exception:
        logging.getLogger(__name__).exception("the engine failed")
        return Verdict(Code.CREATE_FAILED, "the picture could not be processed")


def _discard_standard_output() -> None:
    """Keep what libraries say of themselves out of the output of the command that works here."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STANDARD_OUTPUT)
    os.close(nowhere)


def _end_with_the_service() -> None:
    """End this process when the service is gone, were it in the middle of a picture."""
    service = multiprocessing.parent_process()
    if service is not None:
        multiprocessing.connection.wait([service.sentinel])
        os._exit(1)
