"""The base of the bridges: runs the user's commands as supervised asyncio tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.explanations import full_sentence
from enhance_gui.core.text.i18n import tr

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue

_log = logging.getLogger(__name__)

_P = ParamSpec("_P")
_Bridge = TypeVar("_Bridge", bound="AsyncBridge")


def command(
    method: Callable[Concatenate[_Bridge, _P], Awaitable[None]],
) -> Callable[Concatenate[_Bridge, _P], None]:
    """Wrap a coroutine function of a bridge so that a plain call starts it as a task.

    The asyncio task has the method's name, with the picture's task where it is about one, and the
    bridge's supervisor; an error becomes a sentence for the user.
    """

    @wraps(method)
    def start(self: _Bridge, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        if not self._closed:
            call = partial(method, self, *args, **kwargs)
            of = [f" of task {argument.id}" for argument in args if isinstance(argument, Task)]
            self._supervisor.start(self._guarded(call), "".join([method.__qualname__, *of]))

    return start


class AsyncBridge(QObject):
    """Runs commands until it is closed; those that need the queue wait until it is attached."""

    message = Signal(str)
    """A sentence for the user."""

    def __init__(self) -> None:
        super().__init__()
        self._supervisor = TaskSupervisor(self._crashed)
        self._closed = False
        self._queue: asyncio.Future[TaskQueue] = asyncio.get_running_loop().create_future()

    def attach(self, queue: TaskQueue) -> None:
        """Connect to the queue."""
        self._queue.set_result(queue)

    async def close(self) -> None:
        """Accept no more commands; cancel and await those that run."""
        self._closed = True
        await self._supervisor.close()
        self._queue.cancel()

    async def _guarded(self, call: Callable[[], Awaitable[None]]) -> None:
        # Called in here and not before: a command that is cancelled before its turn would
        # leave a coroutine behind that nobody has awaited.
        try:
            await call()
        except TransitionRefused as overtaken:
            # A second click, or one that came a moment late: the window already shows the new
            # state.
            _log.info("overtaken: %s", overtaken.detail)
        except EnhanceError as error:
            self.message.emit(full_sentence(error))

    def _crashed(self, error: BaseException) -> None:
        _log.error("a command of the user ended with a fault", exc_info=error)
        self.message.emit(tr("Something went wrong; see the log."))
