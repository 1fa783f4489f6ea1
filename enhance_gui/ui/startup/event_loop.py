"""Runs asyncio on Qt's event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextvars import Context

from PySide6.QtWidgets import QApplication

# After PySide6: it would look for other bindings first.
from qasync import QEventLoop

_Callback = Callable[..., object]


class WindowLoop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """A qasync loop that ends unfinished asynchronous generators, as asyncio's own loops do.

    qasync leaves them to the garbage collector, which cannot await what they still have to do:
    httpx's, when a body is not read to its end.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)

    def run_forever(self) -> object:
        before = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(
            firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook
        )
        try:
            return super().run_forever()
        finally:
            sys.set_asyncgen_hooks(*before)

    def run_until_complete(self, future: Awaitable[object]) -> object:
        # qasync runs what is due at the end when the loop no longer runs, and in debug mode asks
        # for the thread's loop then. From Python 3.14 on it is an error if there is none.
        asyncio.set_event_loop(self)
        try:
            return super().run_until_complete(future)
        finally:
            asyncio.set_event_loop(None)

    def call_later(
        self, delay: float, callback: _Callback, *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        # qasync's own asks asyncio.iscoroutinefunction, which ends with Python 3.16.
        handle = asyncio.Handle(callback, args, self, context=context)
        self._add_callback(handle, delay)
        return handle

    # From Python 3.15 on, asyncio names the context in which these callbacks are to run. qasync
    # 0.28 does not take it, which cuts everything off from the network. Remove both methods, and
    # ``_within``, with the first qasync that does: https://github.com/CabbageDevelopment/qasync

    def _add_reader(
        self, fd: object, callback: _Callback, *args: object, context: Context | None = None
    ) -> None:
        super()._add_reader(fd, *_within(context, callback), *args)

    def _add_writer(
        self, fd: object, callback: _Callback, *args: object, context: Context | None = None
    ) -> None:
        super()._add_writer(fd, *_within(context, callback), *args)


def _within(context: Context | None, callback: _Callback) -> tuple[object, ...]:
    """Return what to call, and its first arguments, to run a callback in a context."""
    return (callback,) if context is None else (context.run, callback)
