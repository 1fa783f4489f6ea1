"""Limits the number and duration of connections, as uvicorn itself does not.

Whoever cannot show the token must not be able to keep out those who can: another user of this
computer, or anybody on a network. So a connection that nothing is done for may be closed for a new
one, those of strangers first.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final, Protocol

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.http.proxies import Proxies, remote_of

_HEAD_S: Final = 10.0
# A second longer than this program's downloads, which show no token, keep an idle connection: a
# request that meets a connection just being closed is lost.
_UNPROVEN_KEEP_ALIVE_S: Final = 6
_UNREAD_S: Final = 60.0


class _Connection(Protocol):
    """What is counted: a connection, from the moment that it is accepted."""

    remote: str
    is_of_proxy: bool
    is_proven: bool
    is_served: bool

    def drop(self) -> None:
        """Close it."""


class ConnectionLimit:
    """The open connections of one service, in the order in which they began to wait."""

    def __init__(self, maximum: int, max_unproven: int, proxies: Proxies) -> None:
        """
        :param maximum: open at once, and worked on at once.
        :param max_unproven: of one remote address, without the token and nothing done for them.
        :param proxies: to which the latter does not apply: they stand for many.
        """
        self._maximum = maximum
        self._max_unproven = max_unproven
        self.proxies = proxies
        self._open: dict[_Connection, None] = {}

    def add(self, new: _Connection) -> None:
        """Count a connection in; where there are too many, close the one that waited longest."""
        waiting = [each for each in self._open if not each.is_served]
        strangers = [each for each in waiting if not each.is_proven]
        neighbours = [stranger for stranger in strangers if stranger.remote == new.remote]
        if len(neighbours) >= self._max_unproven and not new.is_of_proxy:
            self._drop(neighbours[0])
        elif len(self._open) >= self._maximum and waiting:
            self._drop((strangers or waiting)[0])
        self._open[new] = None

    def remove(self, gone: _Connection) -> None:
        """Forget a connection that was closed."""
        self._open.pop(gone, None)

    def may_serve_one_more(self) -> bool:
        """Return whether there is a place for one more request to be worked on."""
        return sum(each.is_served for each in self._open) < self._maximum

    def wait(self, connection: ServiceProtocol) -> None:
        """Put a connection that waits for its next request behind those that wait already."""
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None

    def _drop(self, connection: _Connection) -> None:
        del self._open[connection]
        connection.drop()


class ServiceProtocol(H11Protocol):
    """One connection.

    It is closed where a request is begun and its head not finished in time, where an answer is
    not taken, and where a newer one needs its place. It is in the state of each request, as
    ``connection``.
    """

    def __init__(self, *arguments: Any, limit: ConnectionLimit, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limit = limit
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self.app_state = {"connection": self}
        self.timeout_keep_alive = _UNPROVEN_KEEP_ALIVE_S
        self.is_proven = False
        """Whether the token was shown here."""
        self.is_served = False
        """Whether a request that may be made is being answered."""
        self.address = ""
        """Where it comes from."""
        self.remote = ""
        """Whose connection this is, as far as an address can tell."""
        self.is_of_proxy = False
        """Whether a named proxy has made it, which keeps it for requests of many clients."""

    def serve(self, *, proves: bool) -> bool:
        """Begin the answer to an admitted request; return whether there is a place for it.

        :param proves: whether it carries the token.
        """
        if proves and not self.is_proven:
            self.is_proven = True
            self.timeout_keep_alive = self.config.timeout_keep_alive
        self.is_served = self._limit.may_serve_one_more()
        return self.is_served

    def drop(self) -> None:
        """Close the connection; at once where its other end may take its time with that.

        It is closed already and that end does not read, or TLS has it say goodbye.
        """
        transport = self.transport
        says_goodbye = transport.get_extra_info("sslcontext") is not None
        if says_goodbye or transport.is_closing() or transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.remote = remote_of(self.address)
        self.is_of_proxy = self._limit.proxies.has(self.address)
        if self.is_of_proxy:
            self.timeout_keep_alive = self.config.timeout_keep_alive
        self._limit.add(self)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._watch_head()
        else:
            self._stop_watching()

    def on_response_complete(self) -> None:
        self.is_served = False
        self._limit.wait(self)
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_timer = self.loop.call_later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_unread_timer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        self._stop_unread_timer()
        self._limit.remove(self)
        super().connection_lost(exc)

    def _watch_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(_HEAD_S, self.transport.close)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


class Handshake(asyncio.Protocol):
    """A connection on which TLS has not been agreed on yet: a stranger's, counted like any."""

    def __init__(
        self,
        make_protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext,
        limit_s: float,
        limit: ConnectionLimit,
        background: TaskSupervisor,
    ) -> None:
        """
        :param make_protocol: makes what goes on with the connection.
        :param limit_s: how long it may take.
        """
        self._make_protocol = make_protocol
        self._tls = tls
        self._limit_s = limit_s
        self._limit = limit
        self._background = background
        self._transport: asyncio.Transport
        self._early = bytearray()
        """What came with the end of the handshake."""
        self.remote = ""
        self.is_of_proxy = False
        self.is_proven = False
        self.is_served = False

    def drop(self) -> None:
        """Close the connection."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.pause_reading()  # until TLS reads
        self._transport = transport
        peer = transport.get_extra_info("peername")
        address = peer[0] if peer else ""
        self.remote = remote_of(address)
        self.is_of_proxy = self._limit.proxies.has(address)
        self._limit.add(self)
        self._background.start(self._shake_hands(), "handshake")

    def data_received(self, data: bytes) -> None:
        self._early += data

    async def _shake_hands(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                self._transport,
                self,
                self._tls,
                server_side=True,
                ssl_handshake_timeout=self._limit_s,
            )
        except OSError:
            return  # it has been closed
        finally:
            self._limit.remove(self)
        if transport is None:  # closed by us, or by the other end
            return
        protocol = self._make_protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._early:
            protocol.data_received(bytes(self._early))
