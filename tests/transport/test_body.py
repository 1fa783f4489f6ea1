"""Bodies: capped and timed."""

from __future__ import annotations

import asyncio
import gzip
import os
import tracemalloc

import httpx
import pytest

from enhance_gui.core.picture_errors import PictureUnreachable, ResultNotAsPromised
from enhance_gui.transport.body import body_chunks, promised_bytes
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.error_mapping import BodyTooSlow
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.open_image import open_picture
from enhance_gui.transport.timeouts import Timeouts
from tests.support.patience import HUNG_S, QUICK, UNHURRIED
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk

TOO_LONG = ResultNotAsPromised("too long")


def fetch(step: Step, max_bytes: int = 1000, timeouts: Timeouts = UNHURRIED) -> bytes:
    async def run() -> bytes:
        async with (
            asyncio.timeout(HUNG_S / 2),
            ScriptableService() as host,
            picture_client(AddressPolicy.ANY) as client,
        ):
            host.on("/a", step)
            opening = open_picture(
                client,
                host.url("/a"),
                problem=PictureUnreachable,
                max_redirects=0,
                timeouts=timeouts,
            )
            async with opening as picture:
                chunks = picture.chunks(max_bytes=max_bytes, too_long=TOO_LONG)
                return b"".join([chunk async for chunk in chunks])

    return asyncio.run(run())


def test_a_body_up_to_the_cap_comes_whole() -> None:
    assert fetch(Reply(200, b"x" * 1000)) == b"x" * 1000
    assert fetch(Reply(200, b"x" * 1000, tells_length=False)) == b"x" * 1000


def test_a_promise_beyond_the_cap_is_refused_before_reading() -> None:
    with pytest.raises(ResultNotAsPromised):
        fetch(Reply(200, b"", {"Content-Length": "1001"}))


async def _one_more_than_announced(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")
    await talk.send(b"x" * 1001 + b"\r\n0\r\n\r\n")


async def _endless_chunks(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await talk.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")


async def _endless(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await talk.send(b"x" * 65536)


@pytest.mark.parametrize("step", [_one_more_than_announced, _endless_chunks, _endless])
def test_a_body_that_outgrows_the_cap_is_refused(step: Step) -> None:
    with pytest.raises(ResultNotAsPromised):
        fetch(step)


@pytest.mark.parametrize("encoding", ["zstd", "gzip, zstd", "gzip, gzip, gzip"])
def test_an_encoding_that_is_not_unpacked_is_refused_unopened(encoding: str) -> None:
    bomb = gzip.compress(bytes(16 * 2**20))
    with pytest.raises(PictureUnreachable, match="compressed"):
        fetch(Reply(200, bomb, {"Content-Encoding": encoding}), max_bytes=2**20)


def test_a_compressed_body_is_held_to_the_cap_by_what_is_in_it() -> None:
    packed = Reply(200, gzip.compress(bytes(1000)), {"Content-Encoding": "gzip"})
    assert fetch(packed) == bytes(1000)
    with pytest.raises(ResultNotAsPromised):
        fetch(packed, max_bytes=999)
    random = os.urandom(1000)  # which gets longer by it
    assert fetch(Reply(200, gzip.compress(random), {"Content-Encoding": "gzip"})) == random


def test_an_identity_encoding_is_none() -> None:
    assert fetch(Reply(200, b"x", {"Content-Encoding": "identity"})) == b"x"


async def _short(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 499)
    await talk.close()


async def _cut_chunk(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nxxx")
    await talk.close()


async def _trickle_head(talk: Talk) -> None:
    await talk.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000)


async def _trickle_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    await talk.trickle(b"x" * 900)


async def _huge_header(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nX-Big: " + b"b" * 200_000 + b"\r\n\r\n")


async def _endless_head(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-More: " + b"m" * 1000 + b"\r\n")


async def _endless_trailers(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    while True:
        await talk.send(b"X-More: " + b"m" * 1000 + b"\r\n")


async def _endless_chunk_size(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    while True:
        await talk.send(b"e" * 1000)


async def _greeting(talk: Talk) -> None:
    await talk.send(b"SSH-2.0-OpenSSH_9.2\r\n")
    await talk.close()


async def _two_lengths(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx")


async def _silence(talk: Talk) -> None:
    await talk.until_closed_by_peer()


@pytest.mark.parametrize(
    "step",
    [
        _short,
        _cut_chunk,
        _huge_header,
        _endless_head,
        _endless_trailers,
        _endless_chunk_size,
        _greeting,
        _two_lengths,
        Talk.reset,
        Talk.close,
    ],
)
def test_a_hostile_server_ends_with_words(step: Step) -> None:
    with pytest.raises(PictureUnreachable) as caught:
        fetch(step)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


@pytest.mark.parametrize("step", [_trickle_head, _trickle_body, _silence])
def test_what_only_patience_ends_ends_with_words(step: Step) -> None:
    with pytest.raises(PictureUnreachable) as caught:
        fetch(step, timeouts=QUICK)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


@pytest.mark.parametrize("step", [_endless_head, _endless_trailers, _huge_header, _endless])
def test_a_hostile_server_cannot_fill_memory(step: Step) -> None:
    tracemalloc.start()
    try:
        with pytest.raises((PictureUnreachable, ResultNotAsPromised)):
            fetch(step, max_bytes=2**20)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


# -- the least rate, on a clock of the test --------------------------------------------------


class TimedBody(httpx.AsyncByteStream):
    """A body whose chunks come at told times."""

    def __init__(self, *chunks: tuple[float, int]) -> None:
        """
        :param chunks: the second at which each comes, and its length.
        """
        self._chunks = chunks
        self.now = 0.0

    def now_s(self) -> float:
        return self.now

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        for at_s, length in self._chunks:
            self.now = at_s
            yield b"x" * length


def rate_of(*chunks: tuple[float, int]) -> int:
    """Read such a body with the usual limits; return how much came."""

    async def run() -> int:
        body = TimedBody(*chunks)
        parts = body_chunks(
            httpx.Response(200, stream=body),
            max_bytes=10**9,
            too_long=TOO_LONG,
            timeouts=Timeouts(),
            now_s=body.now_s,
        )
        return sum([len(part) async for part in parts])

    return asyncio.run(run())


def test_less_than_a_kilobyte_a_second_over_thirty_seconds_is_given_up() -> None:
    with pytest.raises(BodyTooSlow):
        rate_of(*[(second, 999) for second in range(1, 40)])


def test_a_kilobyte_a_second_is_enough() -> None:
    assert rate_of(*[(second, 1000) for second in range(1, 200)]) == 199_000


def test_a_body_that_slows_down_later_is_given_up_too() -> None:
    with pytest.raises(BodyTooSlow):
        rate_of((1, 10**6), (30, 10), (45, 10), (61, 10))


def test_a_short_pause_is_borne() -> None:
    assert rate_of((1, 10), (29, 10), (29.5, 40_000)) == 40_020


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ({"Content-Length": "12"}, 12),
        ({"Content-Length": "0"}, 0),
        ({}, None),
        ({"Content-Length": "-1"}, None),
        ({"Content-Length": "٣"}, None),
        ({"Content-Length": "9" * 30}, None),
        ({"Content-Length": "12", "Transfer-Encoding": "chunked"}, None),
    ],
)
def test_a_promised_length_is_read_with_care(headers: dict[str, str], length: int | None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert promised_bytes(httpx.Response(200, headers=raw)) == length
