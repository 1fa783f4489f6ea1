"""A small internet: public addresses that lead to servers on loopback, with every connect noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import httpcore
import httpx

from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.transport.guarded import GuardedTransport
from enhance_gui.transport.host_lookup import AddressPolicy, Resolver
from tests.support.tls import AUTHORITY


class NotedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to this computer whatever the address, and remembers the address."""

    def __init__(self, dead: str = "") -> None:
        """
        :param dead: an address to which nobody gets through.
        """
        self.connects: list[str] = []
        self._dead = dead
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connects.append(host)
        if host == self._dead:
            raise httpcore.ConnectError("no way there")
        return await self._real.connect_tcp("127.0.0.1", port, timeout=timeout)


def guarded_client(
    resolver: Resolver,
    network: NotedNetwork,
    policy: AddressPolicy = AddressPolicy.PUBLIC_ONLY,
    settings: NetworkSettings = DIRECT,
) -> httpx.AsyncClient:
    """Return a client of that internet."""
    transport = GuardedTransport(
        policy,
        max_connections=4,
        max_idle=4,
        resolver=resolver,
        network=network,
        settings=replace(settings, ca_file=AUTHORITY),
    )
    return httpx.AsyncClient(transport=transport, trust_env=False)
