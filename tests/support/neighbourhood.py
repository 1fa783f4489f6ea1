"""Servers that announce themselves on this computer's loopback, for one test at a time."""

from __future__ import annotations

import ipaddress
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from folder_lock import take_lock

from enhance_gui.wire.announcements import SERVICE_TYPE, write_announcement

zeroconf = pytest.importorskip("zeroconf")
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf  # noqa: E402  after the question

LOOPBACK = [ipaddress.ip_interface("127.0.0.1/8")]


@contextmanager
def neighbourhood_alone() -> Iterator[None]:
    """Have no other test of this computer announce anything meanwhile, in whatever process."""
    with take_lock(Path(tempfile.gettempdir()) / "enhance-gui-tests-of-the-neighbourhood"):
        yield


def announced(
    name: str,
    port: int = 8080,
    address: str = "127.0.0.1",
    https_name: str = "",
    facts: dict[bytes, bytes] | None = None,
) -> AsyncServiceInfo:
    """Return what a server announces."""
    return AsyncServiceInfo(
        SERVICE_TYPE,
        f"{name}.{SERVICE_TYPE}",
        port=port,
        parsed_addresses=[address],
        properties=write_announcement(https_name) | (facts or {}),
        server=f"host-{port}.local.",
    )


@asynccontextmanager
async def announcing(*infos: AsyncServiceInfo) -> AsyncIterator[None]:
    """Announce servers on loopback until the block ends."""
    async with AsyncZeroconf(interfaces=["127.0.0.1"]) as network:
        for info in infos:
            await (await network.async_register_service(info))
        yield


def packet_of(info: AsyncServiceInfo) -> bytes:
    """Return a packet that announces a server, as somebody may send it who is none."""
    out = zeroconf.DNSOutgoing(0x8400)
    for record in (info.dns_pointer(), info.dns_service(), info.dns_text(), *info.dns_addresses()):
        out.add_answer_at_time(record, 0)
    (packet,) = out.packets()
    return bytes(packet)
