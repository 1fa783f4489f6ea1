"""Runs work off the UI thread and delivers its results on it."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

_Result = TypeVar("_Result")
_Then = Callable[[object], None]


class Background(QObject):
    """Runs work in the application's threads, or in those of a pool.

    A pool waits for its threads when it is deleted, and a widget that is deleted out of Python
    does so while it holds the lock that those threads wait for: no pool may be a widget's child.
    """

    def __init__(self, parent: QObject, pool: QThreadPool | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool.globalInstance() if pool is None else pool
        self._courier = _Courier()
        self._courier.came.connect(self._deliver)

    def run(self, work: Callable[[], _Result], then: Callable[[_Result], None]) -> None:
        """Call ``work`` in a thread, then ``then`` with its result on the UI thread.

        What ``work`` raises is raised again on the UI thread, where the program sees it. Where
        this object is deleted in the meantime, the result is dropped.
        """
        self._pool.start(_Job(work, self._courier, then))

    @Slot(object, object)
    def _deliver(self, then: _Then, result: object) -> None:
        if isinstance(result, _Raised):
            raise result.error
        then(result)


@atexit.register
def _finish() -> None:
    """Qt takes itself down at the interpreter's end; work in Python must be over by then."""
    pool = QThreadPool.globalInstance()
    pool.clear()
    pool.waitForDone()


class _Courier(QObject):
    """Has no parent: the jobs keep it alive for as long as they may deliver a result."""

    came = Signal(object, object)


@dataclass(frozen=True, slots=True)
class _Raised:
    error: Exception


class _Job(QRunnable):
    def __init__(
        self,
        work: Callable[[], object],
        courier: _Courier,
        then: Callable[[_Result], None],
    ) -> None:
        super().__init__()
        self._work = work
        self._courier = courier
        self._then = then

    def run(self) -> None:
        try:
            result = self._work()
        # Nobody catches what a thread of Qt raises: the UI thread raises it.
        except Exception as error:  # noqa: BLE001
            result = _Raised(error)
        # At the program's end Qt may be gone before the work is; nobody waits for the result then.
        with suppress(RuntimeError):
            self._courier.came.emit(self._then, result)
