"""From a host name to network addresses, without holding up the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From host and port to network addresses; raises OSError where there are none."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, in the order the system prefers.

    Every spelling the system's own resolver takes is understood, decimal, octal and hexadecimal
    IPv4 numbers included, so that what is checked is what would be connected to.

    :raises OSError: the name is not known, or nobody could be asked.
    """
    try:
        return _addresses(host, port, socket.AI_NUMERICHOST)
    except OSError:
        return await _in_a_daemon_thread(lambda: _addresses(host, port, 0))


def _addresses(host: str, port: int, flags: int) -> list[str]:
    # The encoding is done here: getaddrinfo raises UnicodeError, no OSError, for a label that is
    # too long.
    try:
        name = host.encode("ascii")
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _in_a_daemon_thread(ask: Callable[[], list[str]]) -> list[str]:
    """Wait for a blocking question in a thread of its own.

    A name server that does not answer holds getaddrinfo for tens of seconds. The loop's executor
    would be waited for when the program ends; a daemon thread is not.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | None, error: OSError | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or [])

    def work() -> None:
        found, error = None, None
        try:
            found = ask()
        except OSError as failure:
            error = failure
        # The loop may have been closed while the name server kept silent.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, found, error)

    threading.Thread(target=work, name="resolve a host", daemon=True).start()
    return await answer
