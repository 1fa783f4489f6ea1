"""Callbacks: taken in within a second where they are the service's, cheap where they are not."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from enhance_gui.client import callback_server
from enhance_gui.client.callback_server import (
    ANSWER_S,
    MAX_BODY_BYTES,
    MAX_CONNECTIONS,
    MAX_HEAD_BYTES,
    CallbackReceiver,
)
from enhance_gui.core.errors import CallbacksNotReceived
from enhance_gui.core.secret import Secret
from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.wire.callback import LOCAL_RECIPE, CallbackHint, acknowledgement, callback_md5
from tests.support.patience import HUNG_S, undisturbed

TOKEN = Secret("the-token")
RECORD = {"taskid": "task-1", "chtaskid": "mine", "status": 2, "outputurl": "http://a/b.png"}


@pytest.fixture(autouse=True)
def time_to_take_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a computer that stands still for seconds refuse no callback."""
    monkeypatch.setattr(callback_server, "ANSWER_S", HUNG_S)


def body_of(data: dict[str, Any]) -> bytes:
    return json.dumps({"code": 0, "msg": "", "data": data}).encode()


def request(
    body: bytes = body_of(RECORD),
    headers: dict[str, str] | None = None,
    *,
    method: str = "POST",
    length: int | None = None,
) -> bytes:
    """Return a callback as the local service sends it, or not quite."""
    given = {
        "Host": "here",
        "token": TOKEN.reveal(),
        "md5": callback_md5(LOCAL_RECIPE, RECORD, TOKEN),
        "Content-Length": str(len(body) if length is None else length),
        **(headers or {}),
    }
    lines = [f"{method} /called HTTP/1.1", *(f"{n}: {v}" for n, v in given.items() if v), "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Listening:
    """A receiver at work, and what it has taken in."""

    receiver: CallbackReceiver
    taken: list[CallbackHint] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.receiver.port)

    async def send(self, data: bytes) -> tuple[int, bytes]:
        """Send a request; return the status and the body of its answer, 0 where there is none."""
        reader, writer = await self.connect()
        answer = b""
        try:
            writer.write(data)
            answer = await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return (int(head.split()[1]) if head else 0), body


def with_receiver(
    test: Callable[[Listening], Awaitable[None]],
    *,
    recipe: str = LOCAL_RECIPE,
    take: Callable[[CallbackHint], Awaitable[None]] | None = None,
    request_s: float = HUNG_S,
    names: dict[str, str] | None = None,
) -> None:
    """Run a test with a receiver on loopback; every owned task has ended at the end."""
    crashes: list[BaseException] = []

    async def run() -> None:
        owner = TaskSupervisor(crashes.append)

        async def keep(hint: CallbackHint) -> None:
            listening.taken.append(hint)

        receiver = CallbackReceiver(
            "127.0.0.1:0",
            TOKEN,
            recipe,
            take or keep,
            owner.start,
            names=names or {},
            request_s=request_s,
        )
        listening = Listening(receiver)
        await receiver.open()
        try:
            async with asyncio.timeout(HUNG_S):
                await test(listening)
        finally:
            receiver.close()
            await owner.close()

    asyncio.run(run())
    assert crashes == []


def test_a_callback_is_taken_in_and_answered_as_documented() -> None:
    async def test(listening: Listening) -> None:
        assert await listening.send(request()) == (200, acknowledgement())
        assert listening.taken == [CallbackHint("task-1", "mine")]

    with_receiver(test)


def test_a_callback_with_the_services_own_names_is_checked_and_taken_in() -> None:
    names = {"taskid": "id", "chtaskid": "ref", "status": "state", "data": "result"}
    renamed = {names.get(name, name): value for name, value in RECORD.items()}
    body = json.dumps({"code": 0, "result": renamed}).encode()

    async def test(listening: Listening) -> None:
        assert (await listening.send(request(body)))[0] == 200
        assert (await listening.send(request(body.replace(b"task-1", b"task-2"))))[0] == 403
        assert listening.taken == [CallbackHint("task-1", "mine")]

    with_receiver(test, names=names)


def test_a_callback_in_chunks_and_one_that_waits_for_a_go_on_are_taken_in() -> None:
    async def test(listening: Listening) -> None:
        body = body_of(RECORD)
        chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
        data = request(b"", {"Content-Length": "", "Transfer-Encoding": "chunked"}) + chunked
        assert (await listening.send(data))[0] == 200
        reader, writer = await listening.connect()
        writer.write(request(b"", {"Expect": "100-continue"}, length=len(body)))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 \r\n\r\n"
        writer.write(body)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        assert len(listening.taken) == 2

    with_receiver(test)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request(headers={"token": "another"}), 403),
        (request(headers={"token": ""}), 403),
        (request(headers={"token": "the-token\r\ntoken: the-token"}), 403),
        (request(headers={"token": "thé-token"}).replace("é".encode(), b"\xe9"), 403),
        (request(headers={"md5": "0" * 32}), 403),
        (request(headers={"md5": ""}), 403),
        (request(headers={"md5": "\xe9"}), 403),
        (request(body_of({**RECORD, "taskid": "task-2"})), 403),
        (request(method="GET"), 405),
        (request(b"not JSON"), 400),
        (request(b"[" * 1000 + b"]" * 1000), 400),
        (request(b'{"code": 0}'), 403),
        (request(headers={"X": "x" * MAX_HEAD_BYTES}), 431),
        (request(length=MAX_BODY_BYTES + 1), 413),
        (request(length=10**30), 413),
        (request(b"x" * (MAX_BODY_BYTES + 1)), 413),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", 0),
    ],
)
def test_what_is_no_callback_of_the_service_is_refused(data: bytes, status: int) -> None:
    async def test(listening: Listening) -> None:
        assert (await listening.send(data))[0] in (status, 0)
        assert listening.taken == []
        assert (await listening.send(request()))[0] == 200

    with_receiver(test)


@pytest.mark.parametrize("token", ["", "the-token"])
@pytest.mark.parametrize(
    "method", ["HEAD", "GET", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "BREW"]
)
def test_no_method_but_post_is_answered_otherwise_than_by_a_refusal(
    method: str, token: str
) -> None:
    async def test(listening: Listening) -> None:
        status, body = await listening.send(request(b"", {"token": token}, method=method))
        assert status == 405
        assert (body == b"") is (method == "HEAD")
        assert (await listening.send(request()))[0] == 200

    with_receiver(test)


def test_a_fault_of_whoever_takes_callbacks_ends_one_connection_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taken: list[CallbackHint] = []

    async def take(hint: CallbackHint) -> None:
        taken.append(hint)
        if len(taken) == 1:
            raise LookupError("unforeseen")

    async def test(listening: Listening) -> None:
        assert (await listening.send(request()))[0] == 0
        assert (await listening.send(request()))[0] == 200

    with_receiver(test, take=take)
    assert "unforeseen" in caplog.text


def test_without_a_recipe_the_token_alone_is_checked_and_a_record_without_ids_refused() -> None:
    async def test(listening: Listening) -> None:
        assert (await listening.send(request(headers={"md5": ""})))[0] == 200
        assert (await listening.send(request(body_of({"taskid": None}))))[0] == 400
        assert (await listening.send(request(headers={"token": "another"})))[0] == 403
        assert len(listening.taken) == 1

    with_receiver(test, recipe="")


@pytest.mark.parametrize(
    ("written", "signed"),
    [("1", "1"), ("1.0", "1.0"), ('"1"', "1"), ("1e0", "1e0"), ("9" * 25, "9" * 25), ("null", "")],
)
def test_a_number_is_signed_as_it_stands_in_the_body(written: str, signed: str) -> None:
    body = b'{"code": 0, "data": {"taskid": "task-1", "outpathwidth": %b}}' % written.encode()
    text = f"task-1 {signed} {TOKEN.reveal()}"
    md5 = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    async def test(listening: Listening) -> None:
        assert (await listening.send(request(body, {"md5": md5})))[0] == 200

    with_receiver(test, recipe="{taskid} {outpathwidth} {token}")


def test_a_body_of_a_gigabyte_costs_no_memory_whether_its_length_is_told_or_not() -> None:
    async def pour(listening: Listening, head: bytes, piece: bytes) -> int:
        """Send until the receiver has had enough; return how much that was."""
        reader, writer = await listening.connect()
        sent_bytes = 0
        try:
            writer.write(head)
            while sent_bytes < 2**30:
                writer.write(piece)
                await writer.drain()
                sent_bytes += len(piece)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
        del reader
        return sent_bytes

    async def test(listening: Listening) -> None:
        piece = b"10000\r\n" + b"x" * 2**16 + b"\r\n"
        chunked = request(b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
        tracemalloc.start()
        try:
            poured = await pour(listening, chunked, piece)
            poured += await pour(listening, request(b"", length=2**30), b"x" * 2**16)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert poured < 2**26
        assert peak_bytes < 4 * 2**20
        assert listening.taken == []

    with_receiver(test)


def test_whoever_sends_a_byte_now_and_then_is_cut_off_and_holds_up_nobody() -> None:
    async def test(listening: Listening) -> None:
        slow = [await listening.connect() for _ in range(MAX_CONNECTIONS - 1)]

        async def trickle() -> None:
            # Without an end: what is cut off is cut off for its slowness.
            while True:
                for _, writer in slow:
                    writer.write(b"P")
                await asyncio.sleep(0.02)

        async def send() -> None:
            # A callback, too, is cut off where the computer stands still.
            if (await listening.send(request()))[0] != 200:
                raise ConnectionError

        trickling = asyncio.ensure_future(trickle())
        await asyncio.sleep(0.05)
        await undisturbed(send, ConnectionError)
        for reader, _ in slow:
            with suppress(ConnectionError):
                assert await reader.read() == b""
        trickling.cancel()
        assert len(listening.taken) == 1
        for _, writer in slow:
            writer.transport.abort()

    with_receiver(test, request_s=0.4)


def test_more_than_sixteen_connections_are_turned_away_and_places_become_free_again() -> None:
    async def test(listening: Listening) -> None:
        # Connections are accepted in the order in which they were made.
        held = [await listening.connect() for _ in range(MAX_CONNECTIONS)]
        assert (await listening.send(request()))[0] == 0
        for _, writer in held:
            writer.close()
        for reader, _ in held:
            assert await reader.read() == b""

        async def send() -> None:
            if (await listening.send(request()))[0] != 200:
                raise ConnectionError

        await undisturbed(send, ConnectionError)

    with_receiver(test)


@pytest.mark.parametrize("trouble", ["disk full", "slow disk"])
def test_what_cannot_be_made_durable_in_time_is_not_acknowledged(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The service may give up after a second.
    assert ANSWER_S < 1
    monkeypatch.setattr(callback_server, "ANSWER_S", ANSWER_S if trouble == "slow disk" else 60)

    async def take(_: CallbackHint) -> None:
        if trouble == "disk full":
            raise DiskFull("no room")
        await asyncio.Event().wait()

    async def test(listening: Listening) -> None:
        status, body = await listening.send(request())
        assert status == 503
        assert b"true" not in body

    with_receiver(test, take=take)


@pytest.mark.parametrize("listen", ["192.0.2.1:8899", "no-such-host.invalid:1", "[::1%none]:80"])
def test_an_address_that_is_not_of_this_computer_is_told_in_a_sentence(listen: str) -> None:
    async def run() -> None:
        async def take(_: CallbackHint) -> None:
            """Take nothing."""

        receiver = CallbackReceiver(listen, TOKEN, "", take, lambda coroutine, _: coroutine.close())
        with pytest.raises(CallbacksNotReceived, match="cannot listen on"):
            await receiver.open()
        receiver.close()

    asyncio.run(run())
