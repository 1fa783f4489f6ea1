"""A blocking call in a thread that the end of the program does not wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def in_daemon_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Start ``work`` in a thread of its own and return its result to come.

    For calls that may hang for ever: the event loop's executor would be waited for when the
    program ends. A result that nobody waits for any more is dropped.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    # Marks an error as seen, so that one which comes after its asker has gone is not reported.
    answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # of the work that has ended well

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        # Whatever it is, it belongs to the one who asked.
        except BaseException as failure:  # noqa: BLE001
            error = failure
        # The loop may have been closed meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return answer
