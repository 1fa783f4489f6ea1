"""Requests that are nearly callbacks: none is taken for one, and each ends its connection alone."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from tests.client.test_callback_server import (
    RECORD,
    TOKEN,
    Listening,
    body_of,
    request,
    with_receiver,
)

_SEED: Final = 20
_COUNT: Final = 400
_AT_ONCE: Final = 8
_METHODS: Final = (b"GET", b"HEAD", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"BREW")
_HEADERS: Final = (
    b"Host: elsewhere\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 0x10\r\n",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: nonsense\r\n",
    b" folded: into the line before\r\n",
    b"token : the-token\r\n",
    b"\x00: \xff\r\n",
    b"X: " + b"x" * 5000 + b"\r\n",
)


def _mutated(random: Random) -> bytes:
    """Return a callback that was changed in a few places, and has another token."""
    data = bytearray(request(body_of(RECORD), {"token": "the-tokem"}))
    for _ in range(random.randrange(1, 4)):
        change = random.randrange(6)
        place = random.randrange(len(data))
        if change == 0:
            data[place] = random.randrange(256)
        elif change == 1:
            del data[place : place + random.randrange(1, 40)]
        elif change == 2:
            data[place:place] = data[: random.randrange(1, 200)]
        elif change == 3:
            data[: data.index(b" ")] = random.choice(_METHODS)
        elif change == 4 and b"\r\n" in data:
            data[data.index(b"\r\n") + 2 : data.index(b"\r\n") + 2] = random.choice(_HEADERS)
        else:
            data = data[:place]
        if b" " not in data:
            break
    return bytes(data or b"\r\n")


def test_no_mutated_request_is_taken_or_ends_more_than_its_connection() -> None:
    random = Random(_SEED)

    async def send_cut_off(listening: Listening, data: bytes) -> bytes:
        """Send a request that may lack its end, and say that no more comes."""
        reader, writer = await listening.connect()
        answer = b""
        try:
            writer.write(data)
            writer.write_eof()
            answer = await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()
        return answer

    async def test(listening: Listening) -> None:
        for _ in range(_COUNT // _AT_ONCE):
            mutated = [_mutated(random) for _ in range(_AT_ONCE)]
            answers = await asyncio.gather(*(send_cut_off(listening, each) for each in mutated))
            for data, answer in zip(mutated, answers, strict=True):
                assert not answer.startswith(b"HTTP/1.1 200"), data
                assert TOKEN.reveal().encode() not in answer
        assert listening.taken == []
        assert (await listening.send(request()))[0] == 200

    with_receiver(test)
