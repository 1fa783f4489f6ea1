"""The program, loaded once and forked for each start: most of a start's time is the loading.

``python -X dev -m tests.support.preloaded SOCKET`` answers, on the socket, each order for a start
with the number of its process and, when that has ended, with its status. What runs is
``enhance_gui.__main__.main`` with arguments, environment, folder and standard streams of its own.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

NUMBER_BYTES = 8
"""Length of each number that is sent."""
STREAMS = 3

# What is loaded when it is used first.
LOADED = (
    "enhance_gui.__main__",
    "enhance_gui.command_line.main",
    "enhance_gui.command_line.enhance.run",
    "anyio._backends._asyncio",
    "idna.uts46data",
    "PIL.PngImagePlugin",
    "PIL.JpegImagePlugin",
)


def sent(number: int) -> bytes:
    """Return a number as it is sent."""
    return number.to_bytes(NUMBER_BYTES, "big")


def serve(path: str) -> None:
    """Fork a start for each order, until standard input ends; return in each of them."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([sys.stdin, listening], [], [])
            if sys.stdin in ready:
                os._exit(0)
            asking, _ = listening.accept()
            if os.fork() == 0:
                break
            asking.close()
    with asking:
        _start(asking)


def _start(asking: socket.socket) -> None:
    """Be the parent of a start, and tell how it ends; return in the start."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(asking, NUMBER_BYTES, STREAMS)
    with asking.makefile("rb") as orders:
        order = json.loads(orders.read(int.from_bytes(head, "big")))
    if number := os.fork():
        for stream in (*range(STREAMS), *streams):
            os.close(stream)
        with suppress(OSError):
            asking.sendall(sent(number))
            asking.sendall(sent(os.waitpid(number, 0)[1]))
        os._exit(0)
    for stream, given in enumerate(streams):
        os.dup2(given, stream)
        os.close(given)
    _take(order)


def _take(order: dict[str, Any]) -> None:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    program = sys.modules["enhance_gui.__main__"]
    sys.argv = [str(program.__file__), *order["arguments"]]
    # Processes that it starts load this one first.
    sys.modules["__main__"] = program


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    # Nobody waits for the parents of the starts.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(sys.argv[1])
    sys.exit(sys.modules["enhance_gui.__main__"].main())
