"""Reads a response body that may be endless, trickling or compressed without bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import httpcore
import httpx

from enhance_gui.core.errors import EnhanceError
from enhance_gui.transport.encodings import Unpacker, encodings_of
from enhance_gui.transport.error_mapping import BodyTooSlow, ChunksTooSmall
from enhance_gui.transport.timeouts import Timeouts

_CHUNKS_A_TURN: Final = 1000
_MIN_CHUNK_BYTES: Final = 32
"""On the average of all; a chunk costs some 20 µs, whatever its size."""

_PIECES_A_TURN: Final = 16
"""Pieces that are unpacked before others get a turn: a megabyte."""
_FRAME_BYTES: Final = 1024
"""What an encoding adds of its own."""


def body_chunks(
    response: httpx.Response,
    *,
    max_bytes: int,
    too_long: EnhanceError,
    timeouts: Timeouts,
    now_s: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[bytes, None]:
    """Yield a streamed body as it comes, unpacked, never more than ``max_bytes`` of it.

    :param too_long: what to raise where the body is, or says it is, longer than ``max_bytes``.
    :raises BodyCompressed: it has an encoding that is not unpacked here.
    :raises BodyNotUnpackable: it is not of its encoding, or of next to nothing makes too much.
    :raises BodyTooSlow: below the minimum rate for a whole window.
    :raises ChunksTooSmall: in pieces of a few bytes each, which cost more time than they are worth.
    """
    encodings = encodings_of(response)
    if not encodings:
        return _raw_chunks(response, max_bytes, too_long, timeouts, now_s)
    unpacker = Unpacker(encodings, max_bytes, too_long)
    # What cannot be compressed gets a little longer by it.
    packed_bytes = max_bytes + max_bytes // 100 + _FRAME_BYTES
    return _unpacked(_raw_chunks(response, packed_bytes, too_long, timeouts, now_s), unpacker)


async def _raw_chunks(
    response: httpx.Response,
    max_bytes: int,
    too_long: EnhanceError,
    timeouts: Timeouts,
    now_s: Callable[[], float],
) -> AsyncGenerator[bytes, None]:
    if (promised_bytes(response) or 0) > max_bytes:
        raise too_long
    window_began_s, window_bytes = now_s(), 0
    seen_bytes = seen_chunks = 0
    async for chunk in response.aiter_raw():
        seen_bytes += len(chunk)
        seen_chunks += 1
        if seen_bytes > max_bytes:
            raise too_long
        window_bytes += len(chunk)
        passed_s = now_s() - window_began_s
        if passed_s >= timeouts.slow_window_s:
            if window_bytes < passed_s * timeouts.slow_bytes_per_s:
                raise BodyTooSlow(f"{window_bytes} bytes in {passed_s:.0f} s")
            window_began_s, window_bytes = window_began_s + passed_s, 0
        if seen_chunks % _CHUNKS_A_TURN == 0:
            if seen_bytes < seen_chunks * _MIN_CHUNK_BYTES:
                raise ChunksTooSmall(f"{seen_bytes} bytes in {seen_chunks} pieces")
            # Thousands of chunks may lie in one buffer, and nobody else would get a turn.
            await asyncio.sleep(0)
        yield chunk


async def _unpacked(
    chunks: AsyncGenerator[bytes, None], unpacker: Unpacker
) -> AsyncGenerator[bytes, None]:
    steps = 0
    async with aclosing(chunks):
        async for chunk in chunks:
            for piece in unpacker.unpacked(chunk):
                steps += 1
                if steps % _PIECES_A_TURN == 0:
                    await asyncio.sleep(0)
                if piece:
                    yield piece
    if not unpacker.is_complete:
        raise httpcore.RemoteProtocolError("the compressed body ends in its middle")


def promised_bytes(response: httpx.Response) -> int | None:
    """Return the length that the headers promise; ``None`` where they promise none."""
    if "Transfer-Encoding" in response.headers:
        return None
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
