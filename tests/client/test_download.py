"""Downloads: whole, counted, hashed; or an error that tells whether asking anew may help."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from dataclasses import replace

import pytest

from enhance_gui.client.download import (
    RESULT_TIMEOUTS,
    UNANNOUNCED_BYTES,
    body_limit_s,
    download,
)
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import (
    AddressNotUsable,
    PrivateAddress,
    ResultGone,
    ResultNotAsPromised,
    ResultUnreachable,
)
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.timeouts import Timeouts
from tests.support.patience import QUICK, UNHURRIED, undisturbed
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, redirect
from tests.support.tls import TRUSTING, server_context

BODY = bytes(range(256)) * 2000


def fetch(
    step: Step, max_bytes: int = 2**20, timeouts: Timeouts | None = UNHURRIED
) -> tuple[str, bytes]:
    """Download from a host that answers with ``step``."""
    received = bytearray()

    async def run() -> str:
        async with (
            ScriptableService() as host,
            picture_client(AddressPolicy.ANY) as client,
        ):
            host.on("/r", step)
            return await download(
                host.url("/r"),
                received.extend,
                max_bytes=max_bytes,
                client=client,
                timeouts=timeouts,
            )

    return asyncio.run(run()), bytes(received)


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_result_comes_whole_with_its_hash(tells_length: bool) -> None:
    found, received = fetch(Reply(200, BODY, tells_length=tells_length), timeouts=None)
    assert received == BODY
    assert found == hashlib.sha256(BODY).hexdigest()


async def _short(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + bytes(4999))
    await talk.close()


async def _reset_midway(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + bytes(2500))
    await talk.reset()


async def _trickle(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    await talk.trickle(bytes(900))


async def _endless(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await talk.send(bytes(65536))


async def _silence(talk: Talk) -> None:
    await talk.until_closed_by_peer()


ROWS: dict[str, tuple[Step, type[EnhanceError]]] = {
    "401": (Reply(401), ResultGone),
    "403": (Reply(403, b"<Error><Code>AccessDenied</Code></Error>"), ResultGone),
    "404": (Reply(404), ResultGone),
    "410": (Reply(410), ResultGone),
    "429": (Reply(429), ResultUnreachable),
    "500": (Reply(500), ResultUnreachable),
    "503": (Reply(503), ResultUnreachable),
    "206": (Reply(206, b"x"), ResultUnreachable),
    "304": (Reply(304), ResultUnreachable),
    "a short body": (_short, ResultUnreachable),
    "a reset midway": (_reset_midway, ResultUnreachable),
    "a compressed body": (Reply(200, b"x", {"Content-Encoding": "zstd"}), ResultUnreachable),
    "an endless body": (_endless, ResultNotAsPromised),
    "a body over the cap": (Reply(200, bytes(2**20 + 1)), ResultNotAsPromised),
    "a promise over the cap": (
        Reply(200, b"", {"Content-Length": "99999999999"}),
        ResultNotAsPromised,
    ),
    "an empty body": (Reply(200), ResultNotAsPromised),
    "a redirect loop": (redirect("/r"), ResultUnreachable),
    "a redirect to a file": (redirect("file:///etc/passwd"), AddressNotUsable),
}
SLOW: dict[str, Step] = {"a trickling body": _trickle, "silence": _silence}
"""Ended by nothing but patience."""


@pytest.mark.parametrize(("step", "kind"), ROWS.values(), ids=ROWS.keys())
def test_each_failure_has_its_error(step: Step, kind: type[EnhanceError]) -> None:
    with pytest.raises(kind) as caught:
        fetch(step)
    assert type(caught.value) is kind
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


@pytest.mark.parametrize("step", SLOW.values(), ids=SLOW.keys())
def test_a_result_that_does_not_come_is_given_up(step: Step) -> None:
    with pytest.raises(ResultUnreachable) as caught:
        fetch(step, timeouts=QUICK)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


def test_ten_redirects_are_followed_and_no_eleventh() -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            for hop in range(11):
                host.on(f"/{hop}", redirect(f"/{hop + 1}"))
            host.on("/11", Reply(200, b"x"))

            async def get(path: str) -> bytes:
                received = bytearray()
                await download(host.url(path), received.extend, max_bytes=9, client=client)
                return bytes(received)

            assert await get("/1") == b"x"
            with pytest.raises(ResultUnreachable):
                await get("/0")

    asyncio.run(run())


def test_no_redirect_leads_from_https_to_http() -> None:
    async def run() -> None:
        async with (
            ScriptableService(server_context()) as safe,
            ScriptableService() as open_one,
            picture_client(AddressPolicy.ANY, settings=TRUSTING) as client,
        ):
            safe.on("/r", redirect(open_one.url("/r")))
            with pytest.raises(ResultUnreachable, match="https"):
                await download(safe.url("/r"), print, max_bytes=9, client=client)
            assert open_one.connections == 0

    asyncio.run(run())


def test_a_result_on_a_private_address_is_refused() -> None:
    async def run() -> None:
        async with (
            ScriptableService() as host,
            picture_client(AddressPolicy.PUBLIC_ONLY) as client,
        ):
            with pytest.raises(PrivateAddress):
                await download(host.url("/r"), print, max_bytes=9, client=client)
            assert host.connections == 0

    asyncio.run(run())


def test_what_the_sink_raises_comes_out_as_it_is() -> None:
    async def run(error: OSError) -> None:
        def full_disk(_data: bytes) -> None:
            raise error

        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/r", Reply(200, BODY))
            with pytest.raises(OSError) as caught:  # noqa: PT011  this very one
                await download(host.url("/r"), full_disk, max_bytes=2**20, client=client)
            assert caught.value is error

    asyncio.run(run(OSError(28, "No space left on device")))
    asyncio.run(run(TimeoutError("a network drive gave up")))


def test_a_large_result_is_not_held_in_memory() -> None:
    size_bytes = 24 * 2**20
    sizes: list[int] = []

    def count(chunk: bytes) -> None:
        sizes.append(len(chunk))

    async def large(talk: Talk) -> None:
        await talk.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size_bytes}\r\n\r\n".encode())
        piece = bytes(2**16)
        for _ in range(size_bytes // len(piece)):
            await talk.send(piece)

    async def run() -> str:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/r", large)
            return await download(host.url("/r"), count, max_bytes=size_bytes, client=client)

    tracemalloc.start()
    try:
        asyncio.run(run())
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(sizes) == size_bytes
    assert peak < 8 * 2**20


def test_a_trickling_result_of_any_length_is_given_up_after_one_slow_window() -> None:
    """At a pace that HTTP alone would let last for hours."""

    pieces = 0

    async def endless_trickle(talk: Talk) -> None:
        nonlocal pieces
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n")
        while True:
            await talk.trickle(bytes(5), piece_bytes=5)
            pieces += 1

    timeouts = replace(RESULT_TIMEOUTS, slow_window_s=0.2)
    with pytest.raises(ResultUnreachable, match="too slowly"):
        fetch(endless_trickle, max_bytes=2**29, timeouts=timeouts)
    # A hundredth of a second lies between two of them: so many come in two windows.
    assert pieces < 40


@pytest.mark.parametrize(
    ("promised_bytes", "limit_s"),
    [
        (0, 0),
        (5_000_000, 250),
        (None, UNANNOUNCED_BYTES / 20_000),
        (2**29, 3600),
        (10**18, 3600),
    ],
)
def test_a_result_gets_time_for_its_length_and_never_hours(
    promised_bytes: int | None, limit_s: float
) -> None:
    assert body_limit_s(promised_bytes, 2**29) == pytest.approx(limit_s)
    assert body_limit_s(promised_bytes, 1000) <= 0.05, "and none for bytes that are not taken"


_ONE_MOMENT = replace(UNHURRIED, overall_s=0.3)


async def _in_pieces(talk: Talk, size_bytes: int) -> None:
    """Send a body that takes longer than a moment."""
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size_bytes)
    for _ in range(8):
        await asyncio.sleep(0.06)
        await talk.send(bytes(size_bytes // 8))


def test_the_length_that_the_headers_promise_puts_the_deadline_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("enhance_gui.client.download.RESULT_TIMEOUTS", _ONE_MOMENT)
    size_bytes = 400_000  # gets 20 seconds more

    async def run() -> int:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/r", lambda talk: _in_pieces(talk, size_bytes))

            async def get() -> int:
                received = bytearray()
                await download(host.url("/r"), received.extend, max_bytes=2**20, client=client)
                return len(received)

            # Up to the headers, it still is a moment.
            return await undisturbed(get, ResultUnreachable)

    assert asyncio.run(run()) == size_bytes


def test_a_short_length_puts_the_deadline_off_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enhance_gui.client.download.RESULT_TIMEOUTS", _ONE_MOMENT)
    # 0.3 where the headers themselves are late.
    with pytest.raises(ResultUnreachable, match=r"longer than 0\.34? seconds"):
        fetch(lambda talk: _in_pieces(talk, 800), timeouts=None)


@pytest.mark.parametrize(
    ("answer", "asked_s", "may_pass"),
    [
        (Reply(503, headers={"Retry-After": "5"}), 5, True),
        (Reply(429, headers={"retry-after": "7"}), 7, True),
        (Reply(503, headers={"Retry-After": "soon"}), None, True),
        (Reply(500), None, True),
        (Reply(451), None, False),
        (_reset_midway, None, True),
    ],
)
def test_an_error_tells_how_long_the_host_asks_for_and_whether_it_may_pass(
    answer: Step, asked_s: float | None, may_pass: bool
) -> None:
    with pytest.raises(ResultUnreachable) as refused:
        fetch(answer)
    assert refused.value.retry_after_s == asked_s
    assert refused.value.may_pass is may_pass
