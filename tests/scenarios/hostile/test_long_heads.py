"""Headers without end cost neither memory nor time, whoever sends them."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import pytest

from enhance_gui.core.picture_errors import PictureUnreachable
from enhance_gui.core.service_errors import ServiceSilent
from enhance_gui.transport.clients import HttpClient, picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.open_image import open_picture
from tests.client.speaking import client_of
from tests.scenarios.hostile.behaviours import sending
from tests.scenarios.hostile.memory import MIB, MemoryWatch
from tests.support.patience import UNHURRIED
from tests.support.scriptable_service import ScriptableService

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
HEADS = {
    "one of a megabyte": OK + b"X: " + b"a" * MIB + b"\r\n\r\n",
    "one that is folded": OK + b"X: a\r\n" + b" a\r\n" * (MIB // 4) + b"\r\n",
    "250,000 of them": OK + b"a:\r\n" * (MIB // 4) + b"\r\n",
    "a status line of a megabyte": b"HTTP/1.1 200 " + b"a" * MIB + b"\r\n\r\n",
    "a megabyte of trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    + b"a: b\r\n" * (MIB // 6)
    + b"\r\n",
}
MAX_GROWTH_BYTES = 16 * MIB
MAX_S = 3.0


async def _fetch(pictures: HttpClient, url: str) -> None:
    opening = open_picture(
        pictures, url, problem=PictureUnreachable, max_redirects=0, timeouts=UNHURRIED
    )
    async with opening as picture:
        too_long = PictureUnreachable("too long")
        async for _ in picture.chunks(max_bytes=1000, too_long=too_long):
            pass


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("asked", ["service", "picture"])
def test_an_answer_with_a_head_of_a_megabyte_is_none(name: str, asked: str) -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", sending(HEADS[name]))
            service.on("/a.jpg", sending(HEADS[name]))
            if asked == "service":
                async with client_of(service.base_url) as client:
                    with pytest.raises(ServiceSilent):
                        await client.get_task("t-1", 1)
                return
            async with picture_client(AddressPolicy.ANY) as pictures:
                with pytest.raises(PictureUnreachable):
                    await _fetch(pictures, service.url("/a.jpg"))

    began_s = time.process_time()
    with MemoryWatch(os.getpid()) as memory:
        asyncio.run(run())
    assert time.process_time() - began_s < MAX_S
    if sys.platform == "linux":
        assert memory.growth_bytes <= MAX_GROWTH_BYTES
