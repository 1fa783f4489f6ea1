"""Serves an application over HTTP, with TLS or without: uvicorn, with our connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.http.application import ServiceApplication
from enhance_gui.service.http.connections import ConnectionLimit, Handshake, ServiceProtocol

_REQUEST_HEAD_BYTES: Final = 16 * 1024
# Longer than clients keep idle connections, so that it is the client that closes them: a request
# that meets a connection just being closed is lost.
_KEEP_ALIVE_S: Final = 75
_LAST_ANSWERS_S: Final = 2
_HANDSHAKE_S: Final = 10.0


class HttpServer(uvicorn.Server):
    """Listens until :attr:`should_exit` is set; from another thread too."""

    on_listening: Callable[[], None]

    def __init__(
        self,
        application: ServiceApplication,
        limit: ConnectionLimit,
        tls: ssl.SSLContext | None,
        background: TaskSupervisor,
    ) -> None:
        """
        :param tls: ``None``: plain HTTP.
        :param background: in which TLS is agreed on.
        """
        # Its messages quote what strangers send, and its errors are in our log already.
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        config = uvicorn.Config(
            application,
            loop="asyncio",
            http=cast("type[asyncio.Protocol]", partial(ServiceProtocol, limit=limit)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_LAST_ANSWERS_S,
            h11_max_incomplete_event_size=_REQUEST_HEAD_BYTES,
        )
        super().__init__(config)
        self._handshake: Callable[[Callable[[], asyncio.Protocol]], Handshake] | None = None
        if tls is not None:
            self._handshake = partial(
                Handshake, tls=tls, limit_s=_HANDSHAKE_S, limit=limit, background=background
            )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._handshake is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            protocol = cast("type[H11Protocol]", self.config.http_protocol_class)
            make_protocol = partial(protocol, self.config, self.server_state, {})
            # As uvicorn does it, but that a connection counts before TLS is agreed on.
            for each in sockets or []:
                server = await asyncio.get_running_loop().create_server(
                    partial(self._handshake, make_protocol), sock=each, backlog=self.config.backlog
                )
                self.servers.append(server)
        self.on_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: uvicorn would end the process by them, not with code 0."""
        yield
