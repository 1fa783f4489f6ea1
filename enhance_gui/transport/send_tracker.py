"""Tracks the moment a request leaves: "surely not sent" before it, "perhaps sent" after it."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpcore

BeforeSend = Callable[[], Awaitable[None]]


class SendTracker:
    """Watches one request from the opened connection on.

    Its :meth:`trace` goes into the request's extensions under ``"trace"``: httpcore awaits it at
    each step, and at "request headers started" the connection (host, TCP, TLS) is open and no
    byte of the request has left. What is raised there keeps the request from leaving.
    """

    def __init__(self, before_send: BeforeSend | None = None) -> None:
        self.request_started = False
        """Whether the first byte of the request may have left."""
        self._before_send = before_send
        self._connection: httpcore.AsyncNetworkStream | None = None

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take one step of the exchange."""
        if event == "connection.connect_tcp.complete":
            self._connection = info["return_value"]
        elif event == "http11.send_request_headers.started":
            if self._before_send is not None:
                await self._before_send()
            if self._connection is not None and _is_closed(self._connection):
                raise httpcore.ConnectError("the connection closed before the request was sent")
            self.request_started = True
        elif event == "http11.send_request_headers.failed":
            # A header that HTTP cannot carry is found before anything is written.
            self.request_started = not isinstance(info["exception"], httpcore.LocalProtocolError)


def _is_closed(connection: httpcore.AsyncNetworkStream) -> bool:
    """Return whether the other side has closed a connection on which nothing was sent yet."""
    own = connection.get_extra_info("socket")
    if own is None:
        return False
    try:
        peek = own.dup()
    except OSError:  # no more file numbers: nothing is known, so nothing is claimed
        return False
    with peek:
        peek.setblocking(False)
        try:
            first: bytes = peek.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not first
