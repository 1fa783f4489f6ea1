"""Runs blocking calls in threads, and slows those down that would hold up the window."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, Generic, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SHORT_TURN_S: Final = 0.001
"""Below this a process has asked for short turns of Python's lock, since it has a window."""

_WORK_S: Final = 0.001
_REST_S: Final = 0.002


class Store(Protocol):
    """Something that keeps its data on disk and can be closed."""

    def close(self) -> None:
        """Release the files."""


S = TypeVar("S", bound=Store)


class StoreThread(Generic[S]):
    """Runs a store's methods in one thread: their commits wait for the disk, the loop does not.

    They run one after another, in the order in which they were asked for.
    """

    def __init__(self, store: S) -> None:
        self.store = store
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="task-store")

    async def do(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the store and return what it returns.

        A step that has begun is carried out even if the caller is cancelled meanwhile.
        """
        future = self._executor.submit(method, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def close(self) -> None:
        """Wait for the last step, then close the store."""
        await self.do(self.store.close)
        self._executor.shutdown()


async def run_to_end(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function in a thread and return what it returns; wait for it though cancelled.

    For calls that use what their caller closes or removes when it is cancelled, such as an open
    file: its number may be another file's by the time the thread comes to it.
    """
    call = asyncio.get_running_loop().run_in_executor(None, partial(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        while not call.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([call])
        if not call.cancelled():
            call.exception()  # seen: whoever asked is no longer there
        raise


def in_daemon_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Start ``work`` in a thread of its own and return its result to come.

    For calls that may hang for ever: the event loop's executor would be waited for when the
    program ends. A result that nobody waits for any more is dropped.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    # Marks an error as seen, so that one which comes after its asker has gone is not reported.
    answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    def run() -> None:
        try:
            settle = partial(answer.set_result, work())
        # Whatever it is, it belongs to the one who asked.
        except BaseException as failure:  # noqa: BLE001
            settle = partial(answer.set_exception, failure)
        # The loop may have been closed meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: answer.done() or settle())

    threading.Thread(target=run, name=name, daemon=True).start()
    return answer


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """Yield ``items``, sleeping two thirds of the time where the window would otherwise freeze.

    What a window does asks for Python's lock anew at each event and at many calls, and waits a
    turn for each while a thread computes: painting takes tens of times as long. A thread that
    rests makes it take half as long again, however often it asks.
    """
    is_beside = threading.current_thread() is not threading.main_thread()
    if not is_beside or sys.getswitchinterval() > SHORT_TURN_S:
        yield from items
        return
    until_s = time.monotonic() + _WORK_S
    for item in items:
        yield item
        if time.monotonic() > until_s:
            time.sleep(_REST_S)
            until_s = time.monotonic() + _WORK_S
