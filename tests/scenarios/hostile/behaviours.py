"""What a hostile server does when it is asked for a picture."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final

from tests.scenarios.hostile import bombs
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Handler, Reply, Step, Talk, redirect

PICTURE: Final = picture_bytes("png", 400, 200)
"""An honest one, with the sides that the service promises of every result."""

_OK: Final = b"HTTP/1.1 200 OK\r\n"
_PIECE: Final = bytes(2**16)
_TRICKLE_GAP_S: Final = 0.2

NOTHING_PROMISED: Final = {
    "outpathwidth": 0,
    "outpathheight": 0,
    "outpathsize": 0,
    "outpathext": "",
}
"""A record that leaves it to the file what it is."""


@dataclass(frozen=True)
class Behaviour:
    """One way to answer."""

    step: Step
    slow: bool = False
    """Whether it only ends where the other side's patience does."""
    harmless: bool = False
    """Whether a proper picture comes in the end, which may be saved."""
    record: dict[str, Any] = field(default_factory=dict)
    """What the service's record says of such a result."""


def behaviours(gone_port: int, *, small: bool) -> dict[str, Behaviour]:
    """Return all of them by name.

    :param gone_port: a port of this computer on which nobody listens.
    :param small: leave out what takes a computer more than a few seconds.
    """
    return _endless() | _broken() | _leading_on(gone_port) | _other_bodies() | _bombs(small=small)


def _endless() -> dict[str, Behaviour]:
    return {
        "silent server": Behaviour(silence, slow=True),
        "trickling headers": Behaviour(trickling(_OK + b"X: 1\r\n", b"a"), slow=True),
        "trickling body": Behaviour(
            trickling(_OK + b"Content-Length: 1000000\r\n\r\n\xff\xd8\xff\xe1\xff\xff", b"a"),
            slow=True,
        ),
        "trickling body after a proper head": Behaviour(
            trickling(_OK + b"Content-Length: 1000000\r\n\r\n" + PICTURE[:2000], b"a" * 200),
            slow=True,
        ),
        "head, then silence": Behaviour(
            sending(_OK + b"Content-Length: 1000000\r\n\r\n" + PICTURE[:2000], then=silence),
            slow=True,
        ),
        "endless body": Behaviour(flood(_OK + b"\r\n", _PIECE)),
        "endless body after a proper head": Behaviour(flood(_OK + b"\r\n" + PICTURE, _PIECE)),
        "endless headers": Behaviour(flood(_OK, b"X: " + b"a" * 1000 + b"\r\n")),
        "one endless header": Behaviour(flood(_OK + b"X: ", _PIECE.replace(b"\0", b"a"))),
        "1xx flood": Behaviour(flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20), slow=True),
        "endless tiny chunks": Behaviour(
            flood(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 200)
        ),
        "endless chunk extension": Behaviour(
            flood(_OK + b"Transfer-Encoding: chunked\r\n\r\n1;", _PIECE.replace(b"\0", b"a"))
        ),
        "endless empty lines": Behaviour(flood(b"", b"\r\n" * 1000)),
    }


def _broken() -> dict[str, Behaviour]:
    half = len(PICTURE) // 2
    length = b"Content-Length: %d\r\n\r\n" % len(PICTURE)
    return {
        "reset at once": Behaviour(Talk.reset),
        "closed at once": Behaviour(Talk.close),
        "cut body": Behaviour(sending(_OK + length + PICTURE[:half])),
        "reset in the body": Behaviour(sending(_OK + length + PICTURE[:half], then=Talk.reset)),
        "cut body, no length told": Behaviour(sending(_OK + b"\r\n" + PICTURE[:half])),
        "half a picture, well told": Behaviour(Reply(200, PICTURE[:half])),
        "length: 10^18": Behaviour(
            sending(_OK + b"Content-Length: 1" + b"0" * 18 + b"\r\n\r\n" + PICTURE)
        ),
        "length: a hundred digits": Behaviour(
            sending(_OK + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n" + PICTURE)
        ),
        "length: no number": Behaviour(sending(_OK + b"Content-Length: -1\r\n\r\n" + PICTURE)),
        "length: two of them": Behaviour(
            sending(_OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + PICTURE)
        ),
        "length: shorter than the body": Behaviour(
            sending(_OK + b"Content-Length: 100\r\n\r\n" + PICTURE)
        ),
        "absurd chunk size": Behaviour(
            sending(_OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\n" + PICTURE)
        ),
        "chunk size of a thousand digits": Behaviour(
            sending(_OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 1000 + b"\r\n" + PICTURE)
        ),
        "HTTP/0.9": Behaviour(sending(PICTURE)),
        "another protocol": Behaviour(sending(b"SSH-2.0-OpenSSH_9.6\r\n")),
        "a status that is no number": Behaviour(sending(b"HTTP/1.1 OK 200\r\n\r\n" + PICTURE)),
        "status 999": Behaviour(Reply(999, PICTURE)),
        "garbage after the body": Behaviour(
            sending(_OK + length + PICTURE + b"HTTP/1.1 200 OK\r\n\r\nmore\0"), harmless=True
        ),
    }


def _leading_on(gone_port: int) -> dict[str, Behaviour]:
    return {
        "redirect loop": Behaviour(_to_itself),
        "redirect to ever new addresses": Behaviour(_to_a_new_address),
        "redirect to file:": Behaviour(redirect("file:///etc/passwd")),
        "redirect to data:": Behaviour(redirect("data:image/png;base64,iVBORw0KGgo=")),
        "redirect to javascript:": Behaviour(redirect("javascript:alert(1)")),
        "redirect to a closed port": Behaviour(redirect(f"http://127.0.0.1:{gone_port}/")),
        "redirect to no address": Behaviour(redirect("http://[")),
        "redirect of 60 kB": Behaviour(redirect("/" + "a" * 60_000)),
        "redirect with credentials": Behaviour(redirect("http://a:b@127.0.0.1:1/")),
        "redirect without a target": Behaviour(Reply(302)),
    }


def _other_bodies() -> dict[str, Behaviour]:
    error = b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>'
    image = {"Content-Type": "image/png"}
    return {
        "404": Behaviour(Reply(404, PICTURE)),
        "503, come back in years": Behaviour(Reply(503, b"", {"Retry-After": "999999999"})),
        "partial answer": Behaviour(Reply(206, PICTURE[:900])),
        "compressed": Behaviour(
            Reply(200, gzip.compress(PICTURE), {"Content-Encoding": "gzip"}), harmless=True
        ),
        "compressed unknown": Behaviour(Reply(200, PICTURE, {"Content-Encoding": "zstd"})),
        "compressed bomb": Behaviour(
            Reply(200, gzip.compress(bytes(2**26)), {"Content-Encoding": "gzip"})
        ),
        "empty": Behaviour(Reply(200)),
        "web page": Behaviour(Reply(200, b"<!doctype html><html>expired</html>", image)),
        "JSON": Behaviour(Reply(200, b'{"code": 0, "data": {}}', image)),
        "SVG": Behaviour(Reply(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", image)),
        "XML error": Behaviour(Reply(200, error, image)),
        "PDF": Behaviour(Reply(200, b"%PDF-1.7" + bytes(5000), image)),
        "NUL bytes": Behaviour(Reply(200, bytes(50_000), image)),
        "GIF": Behaviour(Reply(200, picture_bytes("gif", 400, 200))),
        "wrong kind told": Behaviour(
            Reply(200, picture_bytes("jpg", 400, 200), image),
            harmless=True,
            record={"outpathsize": 0},
        ),
        "wrong sides": Behaviour(Reply(200, picture_bytes("png", 63, 20))),
        "wrong size": Behaviour(Reply(200, PICTURE), record={"outpathsize": len(PICTURE) + 1}),
        "JPEG and ZIP": Behaviour(
            Reply(200, bombs.jpeg_and_zip()), harmless=True, record={"outpathsize": 0}
        ),
        "PNG and web page": Behaviour(
            Reply(200, bombs.png_and_page()), harmless=True, record={"outpathsize": 0}
        ),
    }


def _bombs(*, small: bool) -> dict[str, Behaviour]:
    bodies = {
        "PNG that claims 30,000²": bombs.png(30_000, 30_000, b""),
        "PNG that claims 19,000²": bombs.png(19_000, 19_000, b""),
        "PNG of zTXt": bombs.png_of_texts(),
        "JPEG that claims 65,000²": bombs.jpeg_that_claims(65_000, 65_000, progressive=False),
        "BMP that claims 30,000²": bombs.bmp_that_claims(30_000, 30_000, run_lengths=True),
        "BMP that claims 19,000²": bombs.bmp_that_claims(19_000, 19_000, run_lengths=False),
        "WebP of nothing": b"RIFF\xff\xff\xff\xffWEBPVP8L",
        "TIFF told at its end": bombs.tiff_with_far_directory(5 * 2**20),
        "JPEG of metadata": bombs.jpeg_of_segments(5 * 2**20),
    }
    if not small:
        bodies |= {
            "WebP of 16,383² in 34 bytes": bombs.webp_of_one_colour(),
            "JPEG of 19,000² in 700 bytes": bombs.jpeg_that_claims(
                19_000, 19_000, progressive=False
            ),
            "progressive JPEG likewise": bombs.jpeg_that_claims(19_000, 19_000, progressive=True),
            "PNG of 19,000² in 1 MB": bombs.black_png(19_000, 19_000),
            "BMP of run lengths, 19,000²": bombs.bmp_that_claims(19_000, 19_000, run_lengths=True),
        }
    # Where nothing was promised, these are proper pictures like any other.
    proper = ("PNG of 19,000² in 1 MB", "JPEG of metadata")
    return {
        name: Behaviour(Reply(200, body), record=NOTHING_PROMISED, harmless=name in proper)
        for name, body in bodies.items()
    }


# -- ways to send -------------------------------------------------------------------------------


async def silence(talk: Talk) -> None:
    """Say nothing until the other side goes."""
    await talk.until_closed_by_peer()


def sending(data: bytes, then: Handler = Talk.close) -> Handler:
    """Send bytes, then go on as told."""

    async def send(talk: Talk) -> None:
        await talk.send(data)
        await then(talk)

    return send


def flood(start: bytes, piece: bytes) -> Handler:
    """Send without end, as fast as it is taken."""
    return sending(start, then=lambda talk: _repeat(talk, repeat(piece), 0.0))


def trickling(start: bytes, piece: bytes) -> Handler:
    """Send without end, just often enough not to be silent."""
    return sending(start, then=lambda talk: _repeat(talk, repeat(piece), _TRICKLE_GAP_S))


async def _repeat(talk: Talk, pieces: Iterator[bytes], gap_s: float) -> None:
    gone = asyncio.ensure_future(talk.until_closed_by_peer())
    try:
        for piece in pieces:
            await talk.send(piece)
            await asyncio.wait([gone], timeout=gap_s)
            if gone.done():
                return
    finally:
        gone.cancel()


async def _to_itself(talk: Talk) -> None:
    await talk.reply(redirect(talk.request.path))


async def _to_a_new_address(talk: Talk) -> None:
    before, _, number = talk.request.target.partition("?")
    await talk.reply(redirect(f"{before}?{int(number or 0) + 1}"))
