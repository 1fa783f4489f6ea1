"""Bodies that a server compresses though nobody asked: unpacked within bounds, or refused."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import brotli
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.transport.body import body_chunks
from enhance_gui.transport.error_mapping import FOREIGN, BodyCompressed, BodyNotUnpackable
from enhance_gui.transport.timeouts import Timeouts

TOO_LONG = ResultNotAsPromised("too long")
PICTURE = random.Random(7).randbytes(200_000) + bytes(300_000)


class Body(httpx.AsyncByteStream):
    """A body in pieces, and how many of them were read."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self.read_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.read_bytes += len(piece)
            yield piece


async def _cut(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def read(
    body: bytes | Body, encoding: str, max_bytes: int = 10**6, piece_bytes: int = 60_000
) -> bytes:
    async def run() -> bytes:
        stream = body if isinstance(body, Body) else Body(_cut(body, piece_bytes))
        headers = [("Content-Encoding", each) for each in encoding.split("|")]
        response = httpx.Response(200, headers=headers, stream=stream)
        chunks = body_chunks(response, max_bytes=max_bytes, too_long=TOO_LONG, timeouts=Timeouts())
        return b"".join([chunk async for chunk in chunks])

    return asyncio.run(run())


def deflated(data: bytes, *, framed: bool = True) -> bytes:
    packer = zlib.compressobj(9, wbits=15 if framed else -15)
    return packer.compress(data) + packer.flush()


GZIP = gzip.compress(PICTURE)
# At its best, brotli takes a second for each: every process that runs tests would wait for it.
BROTLI = brotli.compress(PICTURE, quality=5)
PACK = {"gzip": gzip.compress, "deflate": deflated, "br": brotli.compress}


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", GZIP),
        ("GZip", GZIP),
        ("x-gzip", GZIP),
        (" gzip , identity", GZIP),
        ("deflate", deflated(PICTURE)),
        ("deflate", deflated(PICTURE, framed=False)),
        ("gzip, deflate", deflated(GZIP)),
        ("deflate, gzip", gzip.compress(deflated(PICTURE))),
        ("gzip|gzip", gzip.compress(GZIP)),
        ("aws-chunked, gzip", GZIP),
        ("gzip", gzip.compress(PICTURE[:1000]) + gzip.compress(PICTURE[1000:])),
        ("gzip", GZIP + bytes(100)),
        ("deflate", deflated(PICTURE) + b"rest"),
        ("gzip", PICTURE),
        ("br", BROTLI),
        ("gzip, br", brotli.compress(GZIP, quality=5)),
        ("br, gzip", gzip.compress(BROTLI)),
        ("aws-chunked", PICTURE),
        ("UTF-8", PICTURE),
        ("binary", PICTURE),
        ("none", PICTURE),
        ("", PICTURE),
        (",,", PICTURE),
        ("identity", PICTURE),
    ],
)
def test_a_picture_comes_whole_in_whatever_encoding(encoding: str, body: bytes) -> None:
    for piece_bytes in (97, 60_000, 10**6):
        assert read(body, encoding, piece_bytes=piece_bytes) == PICTURE


@given(st.binary(max_size=3000), st.integers(1, 400), st.sampled_from(sorted(PACK)))
def test_it_does_not_matter_where_a_body_is_cut(data: bytes, piece: int, encoding: str) -> None:
    assert read(PACK[encoding](data), encoding, piece_bytes=piece) == data


@pytest.mark.parametrize("more_bytes", range(0, 300, 13))
def test_what_is_left_inside_of_a_full_piece_comes_too(more_bytes: int) -> None:
    data = bytes(2**16 + more_bytes)
    assert read(deflated(data, framed=False), "deflate") == data


def test_an_empty_body_is_empty_in_every_encoding() -> None:
    assert read(b"", "gzip") == read(gzip.compress(b""), "gzip") == read(b"", "deflate") == b""


@pytest.mark.parametrize("encoding", ["zstd", "compress", "dcb", "gzip, zstd", "gzip, gzip, gzip"])
def test_what_cannot_be_unpacked_is_refused_unread(encoding: str) -> None:
    body = Body(_cut(GZIP, 1000))
    with pytest.raises(BodyCompressed):
        read(body, encoding)
    assert body.read_bytes == 0


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", GZIP[:-1]),
        ("gzip", GZIP[: len(GZIP) // 2]),
        ("gzip", GZIP[:5000] + bytes(500) + GZIP[5500:]),
        ("gzip", GZIP[:-8] + bytes(8)),
        ("gzip", GZIP + b"\x1f\x8b"),
        ("deflate", deflated(PICTURE)[:-1]),
        ("deflate", deflated(PICTURE)[:-4] + bytes(4)),
        ("deflate", b"\xff\xd8\xff\xe0" + bytes(100)),
        ("deflate", b"x"),
        ("br", BROTLI[:-1]),
        ("br", PICTURE),
        ("gzip, deflate", deflated(GZIP[:-1])),
    ],
)
def test_a_damaged_body_is_never_taken_for_a_whole_one(encoding: str, body: bytes) -> None:
    with pytest.raises(FOREIGN):
        read(body, encoding)


# -- bombs ------------------------------------------------------------------------------------


async def _endless(start: bytes, more: bytes) -> AsyncIterator[bytes]:
    yield start
    for _ in itertools.count():
        yield more


def _zeros(encoding: str) -> Body:
    """Return a body that never ends, and makes a thousand zeros of each byte."""
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    start = packer.compress(bytes(2**22)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**22)) + packer.flush(zlib.Z_FULL_FLUSH)
    return Body(_endless(start, again))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_at_the_cap(encoding: str) -> None:
    body = _zeros(encoding)
    tracemalloc.start()
    try:
        with pytest.raises(ResultNotAsPromised):
            read(body, encoding, max_bytes=2**24)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert body.read_bytes < 2**16
    # What has been handed on is kept by this test.
    assert peak < 2**24 * 2.5


@pytest.mark.parametrize("encoding", sorted(PACK))
def test_one_small_piece_does_not_become_a_large_one(encoding: str) -> None:
    # Of noise as well: of zeros alone Brotli makes more than a bomb may.
    noise = random.Random(1).randbytes(2**15)

    async def run() -> int:
        response = httpx.Response(
            200,
            headers={"Content-Encoding": encoding},
            stream=Body(_cut(PACK[encoding](noise + bytes(2**24)), 2**20)),
        )
        chunks = body_chunks(response, max_bytes=2**25, too_long=TOO_LONG, timeouts=Timeouts())
        return max([len(chunk) async for chunk in chunks])

    assert asyncio.run(run()) <= 2**17


@pytest.mark.long
def test_a_few_bytes_of_brotli_do_not_become_a_gigabyte() -> None:
    bomb = brotli.compress(bytes(2**28))
    assert len(bomb) < 1000
    with pytest.raises(BodyNotUnpackable):
        read(bomb, "br", max_bytes=2**30)
    with pytest.raises(ResultNotAsPromised):
        read(bomb, "br", max_bytes=2**20)


def test_others_get_a_turn_while_a_body_is_unpacked() -> None:
    async def run() -> int:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        stream = Body(_cut(gzip.compress(bytes(2**24)), 2**20))
        response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)
        async for _ in body_chunks(
            response, max_bytes=2**24, too_long=TOO_LONG, timeouts=Timeouts()
        ):
            pass
        counting.cancel()
        return turns

    assert asyncio.run(run()) >= 16


def test_a_bomb_within_a_bomb_is_none_of_a_picture() -> None:
    twice = gzip.compress(gzip.compress(bytes(2**28)))
    assert len(twice) < 2**14
    with pytest.raises(BodyNotUnpackable):
        read(twice, "gzip, gzip", max_bytes=2**30)


def test_a_layer_that_never_shows_is_counted_too() -> None:
    # The outer layer makes gigabytes of empty members, of which the inner one makes nothing.
    empty = gzip.compress(b"", mtime=0)
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(empty * 50_000) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(empty * 50_000) + packer.flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(ResultNotAsPromised):
        read(Body(_endless(start, again)), "gzip, gzip", max_bytes=2**22)


def test_an_endless_body_that_holds_nothing_is_bounded_by_its_own_length() -> None:
    nothing = b"\0\0\0\xff\xff" * 10_000
    body = Body(_endless(b"\x78\x9c", nothing))
    with pytest.raises(ResultNotAsPromised):
        read(body, "deflate", max_bytes=2**20)
    assert body.read_bytes < 2**21
