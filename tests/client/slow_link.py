"""A network between a client and a server on loopback: it has a latency, and it breaks.

Requests name the server and not the link, as a reverse proxy would write them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_READ_BYTES = 64 * 1024


class SlowLink:
    """Hands the bytes of each connection on, both ways."""

    def __init__(self, base_url: str, delay_s: float) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname, parts.port
        self._far_name = f"Host: {parts.netloc}\r\n".encode()
        self._own_name = b""
        self._delay_s = delay_s
        self._ends: set[asyncio.StreamWriter] = set()
        self.base_url = ""
        """Where the server is found behind the link."""
        self.sent_bytes = 0
        """What the clients have sent, all connections together."""
        self.breaks_after_bytes: int | None = None
        """After so many of them the connection breaks, once."""

    def listens_on(self, port: int) -> None:
        """Take over the port of the link."""
        self.base_url = f"http://127.0.0.1:{port}"
        self._own_name = b"Host: 127.0.0.1:%d\r\n" % port

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            self._ends |= {writer, far_writer}
            async with asyncio.TaskGroup() as both:
                both.create_task(self._relay(reader, far_writer, writer, is_sending=True))
                both.create_task(self._relay(far_reader, writer, far_writer, is_sending=False))

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        *,
        is_sending: bool,
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                if is_sending:
                    data = data.replace(self._own_name, self._far_name)
                loop.call_later(self._delay_s, writer.write, data)
                await writer.drain()
                if is_sending and self._breaks(len(data)):
                    writer.transport.abort()
                    back.transport.abort()
        loop.call_later(self._delay_s, writer.close)

    async def close(self) -> None:
        """Break what is still open."""
        for end in self._ends:
            end.transport.abort()
        for end in self._ends:
            with contextlib.suppress(OSError):
                await end.wait_closed()
        # Each relay has one step left: it reads that its connection is gone.
        await asyncio.sleep(self._delay_s)

    def _breaks(self, count: int) -> bool:
        self.sent_bytes += count
        if self.breaks_after_bytes is None or self.sent_bytes < self.breaks_after_bytes:
            return False
        self.breaks_after_bytes = None
        return True


@contextlib.asynccontextmanager
async def slow_link(base_url: str, delay_s: float = 0.0) -> AsyncIterator[SlowLink]:
    """Relay a server of loopback; each direction takes ``delay_s``."""
    link = SlowLink(base_url, delay_s)
    async with await asyncio.start_server(link.accept, "127.0.0.1", 0) as server:
        link.listens_on(server.sockets[0].getsockname()[1])
        try:
            yield link
        finally:
            server.close()
            await link.close()
