"""createtask is never sent twice, and never called unsent when it may have left."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enhance_gui.core.errors import (
    TokenMissing,
)
from enhance_gui.core.service_errors import (
    ADDRESS_REFUSED,
    CREATE_FAILED,
    KIND_REFUSED,
    TOO_LARGE_FOR_SERVICE,
    BalanceTooLow,
    CreateInDoubt,
    RequestRefused,
    ServiceBusy,
    ServiceUnreachable,
    TokenRefused,
)
from enhance_gui.wire.records import CreatedTask
from tests.client.speaking import REQUEST, TOKEN, at_once, client_of
from tests.support.patience import HUNG_S, QUICK, SHORT_CONNECT, UNHURRIED, undisturbed
from tests.support.resolvers import FixedResolver, silent_resolver
from tests.support.scriptable_service import (
    Reply,
    ScriptableService,
    Step,
    Talk,
    envelope,
    redirect,
)
from tests.support.tls import TRUSTING, server_context
from tests.support.waiting import eventually

ACCEPTED = envelope({"taskid": "t-1", "status": 0, "queuenum": 3})


def create_against(step: Step) -> CreatedTask:
    """Create one task against a service that answers with ``step``."""

    async def run() -> CreatedTask:
        async with ScriptableService() as service:
            service.on("/createtask", step)
            async with client_of(service.base_url, create_timeouts=UNHURRIED) as client:
                try:
                    return await client.create_task(REQUEST, at_once)
                finally:
                    assert len(service.requests) == 1, "sent once, whatever came back"

    return asyncio.run(run())


# -- the table of answers, row by row --------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 400, 429, 500])
def test_an_accepting_envelope_is_believed_whatever_the_status(status: int) -> None:
    step = envelope({"taskid": "t-1", "status": 0, "queuenum": 3}, status=status)
    assert create_against(step) == CreatedTask("t-1", 3)


def test_a_task_id_may_be_a_number() -> None:
    assert create_against(envelope({"taskid": 17})).task_id == "17"


@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1001001, CREATE_FAILED),
        (1001002, ADDRESS_REFUSED),
        (1001003, TOO_LARGE_FOR_SERVICE),
        (1001004, KIND_REFUSED),
        (1003002, BalanceTooLow.kind),
    ],
)
def test_a_documented_refusal_is_that_refusal(code: int, kind: str, status: int) -> None:
    with pytest.raises(RequestRefused) as caught:
        create_against(envelope(None, code, "no", status))
    assert (caught.value.code, caught.value.kind) == (code, kind)


@pytest.mark.parametrize("body", [b"", b"<html>slow down</html>", b'{"code": 77, "msg": "slow"}'])
def test_429_without_an_accepting_envelope_was_not_processed(body: bytes) -> None:
    with pytest.raises(ServiceBusy) as caught:
        create_against(Reply(429, body, {"Retry-After": "12"}))
    assert caught.value.retry_after_s == 12


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_was_not_processed(status: int) -> None:
    with pytest.raises(TokenRefused):
        create_against(Reply(status, b"who are you?"))


@pytest.mark.parametrize("code", [9_000_400, 9_000_404, 9_000_405, 9_000_408, 9_000_415])
def test_what_a_service_of_this_program_refuses_by_itself_is_no_doubt(code: int) -> None:
    with pytest.raises(RequestRefused, match="why") as caught:
        create_against(envelope({}, code, "why", code - 9_000_000))
    assert caught.value.code == code
    # Its number alone, or a fault, says nothing.
    for status in (200, 404 if code != 9_000_404 else 405, 500, 502):
        with pytest.raises(CreateInDoubt):
            create_against(envelope({}, code, "why", status))
    with pytest.raises(CreateInDoubt):
        create_against(envelope({}, 9_000_500, "why", 500))


@pytest.mark.parametrize(
    ("code", "status", "reason", "kind"),
    [
        (1003002, 200, "day_limit", "day_limit"),
        (1003002, 200, "service_disk_full", "balance_too_low"),
        (1003002, 200, "something", "balance_too_low"),
        (1003002, 200, 7, "balance_too_low"),
        (1003002, 200, ["day_limit"], "balance_too_low"),
        (1001001, 200, "day_limit", "create_failed"),
        (9_000_429, 429, "service_disk_full", "service_disk_full"),
        (9_000_429, 429, "day_limit", "service_busy"),
        (9_000_429, 429, None, "service_busy"),
        (9_000_403, 403, None, "way_refused"),
        (9_000_401, 401, None, "token_refused"),
        (77, 403, None, "token_refused"),
    ],
)
def test_a_reason_counts_where_it_belongs_and_nowhere_else(
    code: int, status: int, reason: object, kind: str
) -> None:
    with pytest.raises((RequestRefused, ServiceBusy, TokenRefused)) as caught:
        create_against(envelope({"x_reason": reason}, code, "no", status))
    assert caught.value.kind == kind


async def _never_answers(talk: Talk) -> None:
    await talk.until_closed_by_peer()


async def _trickles_headers(talk: Talk) -> None:
    await talk.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000)


async def _trickles_a_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    await talk.trickle(b" " * 10_000)


async def _endless_headers(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-More: " + b"m" * 1000 + b"\r\n")


async def _endless_informational_answers(talk: Talk) -> None:
    while True:
        await talk.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)


async def _endless_body(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await talk.send(b" " * 65536)


async def _not_http(talk: Talk) -> None:
    await talk.send(b"220 mail.example.org ESMTP\r\n")
    await talk.close()


_HTML = b"<html><body>Bad gateway</body></html>"
_ZSTD = {"Content-Encoding": "zstd"}

IN_DOUBT: dict[str, Step] = {
    "a server error with HTML": Reply(502, _HTML),
    "a server error without a body": Reply(500),
    "busy without 429": Reply(503, b"", {"Retry-After": "5"}),
    "a gateway's time-out": Reply(504, _HTML),
    "a page instead of the API": Reply(200, _HTML),
    "a page that is not there": Reply(404, _HTML),
    "an empty answer": Reply(200),
    "a redirect": redirect("/elsewhere"),
    "a redirect to what is no address": redirect("http://[::1"),
    "a redirect into a script": redirect("javascript:alert(1)"),
    "truncated JSON": Reply(200, b'{"code": 0, "data": {"taskid": "t-'),
    "JSON that is no object": Reply(200, b"[0]"),
    "no code": Reply(200, b'{"data": {"taskid": "t-1"}}'),
    "success without a task": envelope({"status": 0}),
    "success with a null task": envelope({"taskid": None}),
    "success without data": envelope(None),
    "an unknown code": envelope(None, 4711, "?"),
    "a code of another call": envelope(None, 1002001, "?"),
    "an unknown code with a server error": envelope(None, 4711, "?", 500),
    "a compressed answer": Reply(200, ACCEPTED.body, _ZSTD),
    "a body over the cap": Reply(200, b" " * (2**20 + 1)),
    "endless headers": _endless_headers,
    "an endless body": _endless_body,
    "something that is not HTTP": _not_http,
}


def test_a_paid_answer_is_not_lost_because_it_is_compressed() -> None:
    packed = Reply(200, gzip.compress(ACCEPTED.body), {"Content-Encoding": "gzip"})
    assert create_against(packed).task_id == "t-1"


IN_DOUBT_IN_THE_END: dict[str, Step] = {
    "silence": _never_answers,
    "trickling headers": _trickles_headers,
    "a trickling body": _trickles_a_body,
    "endless informational answers": _endless_informational_answers,
}
"""Ended by nothing but patience."""


@pytest.mark.parametrize("step", IN_DOUBT.values(), ids=IN_DOUBT.keys())
def test_anything_else_after_the_first_byte_is_in_doubt(step: Step) -> None:
    with pytest.raises(CreateInDoubt) as caught:
        create_against(step)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


@pytest.mark.parametrize("step", [redirect("/elsewhere", 307), Reply(302, _HTML)])
def test_a_redirect_is_called_one(step: Step) -> None:
    with pytest.raises(CreateInDoubt, match=r"redirects to another address, .*base_url") as caught:
        create_against(step)
    assert "JSON" not in caught.value.detail


@pytest.mark.parametrize("step", IN_DOUBT_IN_THE_END.values(), ids=IN_DOUBT_IN_THE_END.keys())
def test_an_answer_that_does_not_come_is_in_doubt(step: Step) -> None:
    async def run() -> None:
        async with asyncio.timeout(HUNG_S), ScriptableService() as service:
            service.on("/createtask", step)
            async with client_of(service.base_url, create_timeouts=QUICK) as client:
                with pytest.raises(CreateInDoubt) as caught:
                    # Unreachable is right where the time ran out before anything was sent.
                    await undisturbed(
                        lambda: client.create_task(REQUEST, at_once), ServiceUnreachable
                    )
            assert caught.value.detail
            assert not caught.value.detail.endswith(".")
            assert len(service.requests) <= 1, "sent once"

    asyncio.run(run())


def test_an_accepting_envelope_is_believed_where_its_connection_then_breaks() -> None:
    async def cut_after_the_envelope(talk: Talk) -> None:
        longer = {"Content-Length": str(len(ACCEPTED.body) + 10)}
        await talk.send(Reply(200, ACCEPTED.body, longer).to_bytes())
        await talk.close()

    assert create_against(cut_after_the_envelope).task_id == "t-1"


def test_a_refusal_whose_connection_breaks_stays_in_doubt() -> None:
    async def cut_after_the_envelope(talk: Talk) -> None:
        refusal = envelope(None, 1001001, "no")
        longer = {"Content-Length": str(len(refusal.body) + 10)}
        await talk.send(Reply(200, refusal.body, longer).to_bytes())
        await talk.close()

    with pytest.raises(CreateInDoubt):
        create_against(cut_after_the_envelope)


# -- surely not sent -------------------------------------------------------------------------


def _unsent(base_url: str, **options: Any) -> str:
    async def run() -> str:
        async with client_of(base_url, create_timeouts=SHORT_CONNECT, **options) as client:
            with pytest.raises(ServiceUnreachable) as caught:
                await client.create_task(REQUEST, _must_not_run)
            return caught.value.detail

    return asyncio.run(run())


async def _must_not_run() -> None:
    raise AssertionError("there was no connection to send on")


def test_an_unknown_host_is_unsent() -> None:
    assert "name is not known" in _unsent("http://service.test", resolver=FixedResolver())


def test_a_silent_name_server_is_unsent() -> None:
    assert "in time" in _unsent("http://service.test", resolver=silent_resolver)


def test_a_refused_connection_is_unsent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert "refused" in _unsent(f"http://127.0.0.1:{port}")


def test_a_certificate_nobody_vouches_for_is_unsent() -> None:
    async def run() -> None:
        async with (
            ScriptableService(server_context()) as service,
            client_of(service.base_url) as client,
        ):
            with pytest.raises(ServiceUnreachable, match="certificate"):
                await client.create_task(REQUEST, _must_not_run)
            assert service.requests == []

    asyncio.run(run())


def test_a_server_that_speaks_no_tls_is_unsent() -> None:
    async def no_tls(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await talk.close()

    async def stalls(talk: Talk) -> None:
        await talk.until_closed_by_peer()

    async def run(greeting: Callable[[Talk], Awaitable[None]]) -> None:
        async with ScriptableService() as service:
            service.on_connect(greeting)
            address = service.base_url.replace("http:", "https:")
            opening = client_of(address, create_timeouts=SHORT_CONNECT, settings=TRUSTING)
            async with opening as client:
                with pytest.raises(ServiceUnreachable):
                    await client.create_task(REQUEST, _must_not_run)

    asyncio.run(run(no_tls))
    asyncio.run(run(stalls))


def test_a_token_no_header_can_carry_is_refused_unsent_and_unseen() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            for token in (f"{TOKEN}\r\nX-Evil: 1", f"{TOKEN}ü", f" {TOKEN}"):
                async with client_of(service.base_url, token=token) as client:
                    with pytest.raises(TokenRefused) as caught:
                        await client.create_task(REQUEST, _must_not_run)
                    assert TOKEN not in str(caught.value)
            assert service.connections == 0

    asyncio.run(run())


def test_no_token_where_one_is_needed_is_unsent() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", ACCEPTED)
            async with client_of(service.base_url, token=None) as client:
                with pytest.raises(TokenMissing):
                    await client.create_task(REQUEST, _must_not_run)
            assert service.connections == 0
            open_door = {"needs_token": False}
            async with client_of(service.base_url, open_door, token=None) as client:
                await client.create_task(REQUEST, at_once)
            assert "token" not in service.requests[0].headers

    asyncio.run(run())


@pytest.mark.parametrize("path", ["@evil.test/{call}", ":81/{call}", ".evil.test/{call}"])
def test_a_path_that_leads_to_another_host_is_refused(path: str) -> None:
    async def run() -> None:
        async with client_of("http://127.0.0.1", {"path": path}) as client:
            with pytest.raises(ServiceUnreachable, match="leads away"):
                await client.create_task(REQUEST, _must_not_run)

    asyncio.run(run())


# -- the moment before sending ---------------------------------------------------------------


@pytest.mark.parametrize("over_tls", [False, True])
def test_before_send_runs_on_an_open_connection_before_the_first_byte(over_tls: bool) -> None:
    async def run() -> None:
        async with ScriptableService(server_context() if over_tls else None) as service:
            service.on("/createtask", ACCEPTED)
            seen: list[tuple[int, int]] = []

            async def look() -> None:
                await eventually(lambda: service.talks, "the connection is accepted")
                await asyncio.sleep(0.05)  # what had left would have arrived
                seen.append((service.connections, service.talks[0].received_bytes))

            async with client_of(service.base_url, settings=TRUSTING) as client:
                await client.create_task(REQUEST, look)
            assert seen == [(1, 0)]
            assert len(service.requests) == 1

    asyncio.run(run())


def test_what_before_send_raises_comes_out_and_nothing_is_sent() -> None:
    class DatabaseOnFireError(Exception):
        pass

    async def run(error: Exception) -> None:
        async with ScriptableService() as service:

            async def fail() -> None:
                raise error

            async with client_of(service.base_url) as client:
                with pytest.raises(type(error)) as caught:
                    await client.create_task(REQUEST, fail)
                assert caught.value is error
            await eventually(lambda: service.talks, "the connection is accepted")
            await asyncio.sleep(0.02)
            assert service.talks[0].received_bytes == 0

    asyncio.run(run(DatabaseOnFireError("smoke")))
    asyncio.run(run(TimeoutError("the database took too long")))


def test_the_time_before_send_takes_is_not_the_service_s() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", ACCEPTED)

            async def slow_disk() -> None:
                await asyncio.sleep(QUICK.overall_s + 0.1)

            async with client_of(service.base_url, create_timeouts=QUICK) as client:
                # Were that time the service's, there would be a doubt each time.
                task = await undisturbed(
                    lambda: client.create_task(REQUEST, slow_disk),
                    ServiceUnreachable,
                    CreateInDoubt,
                )
                assert task.task_id == "t-1"

    asyncio.run(run())


def test_the_deadline_holds_after_before_send_too() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", _trickles_headers)
            async with client_of(service.base_url, create_timeouts=QUICK) as client:
                async with asyncio.timeout(HUNG_S):
                    with pytest.raises(CreateInDoubt):
                        await undisturbed(
                            lambda: client.create_task(REQUEST, lambda: asyncio.sleep(0.05)),
                            ServiceUnreachable,
                        )

    asyncio.run(run())


def test_a_connection_that_closes_while_before_send_runs_is_unsent() -> None:
    async def run(end: Callable[[Talk], Awaitable[None]]) -> None:
        async with ScriptableService() as service:
            closed = asyncio.Event()

            async def close_at_once(talk: Talk) -> None:
                await end(talk)
                closed.set()

            async def wait_for_it() -> None:
                await closed.wait()
                await asyncio.sleep(0.02)

            service.on_connect(close_at_once)
            async with client_of(service.base_url) as client:
                with pytest.raises(ServiceUnreachable):
                    await client.create_task(REQUEST, wait_for_it)
            assert service.talks[0].received_bytes == 0

    asyncio.run(run(Talk.close))
    asyncio.run(run(Talk.reset))


def test_each_createtask_has_a_fresh_connection() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", ACCEPTED)
            service.on("/gettask", envelope({"taskid": "t-1"}))
            async with client_of(service.base_url) as client:
                await client.get_task("t-1", 1)
                await client.get_task("t-1", 1)
                assert service.connections == 1
                await client.create_task(REQUEST, at_once)
                await client.create_task(REQUEST, at_once)
                assert service.connections == 3

    asyncio.run(run())


def test_cancelling_is_passed_on() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", _never_answers)
            async with client_of(service.base_url) as client:
                creating = asyncio.ensure_future(client.create_task(REQUEST, at_once))
                await eventually(lambda: service.requests, "the request arrives")
                creating.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await creating
            assert len(service.requests) == 1

    asyncio.run(run())


# -- byte by byte ----------------------------------------------------------------------------


def test_a_reset_after_k_bytes_of_the_request_is_unsent_only_for_none() -> None:
    """The request has some 250 bytes; the service resets after each number of them."""

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", ACCEPTED)
            async with client_of(service.base_url) as client:
                await client.create_task(REQUEST, at_once)
                whole = service.talks[0].received_bytes
                for count in range(whole):
                    await _cut_request_at(service, client.create_task(REQUEST, at_once), count)

    asyncio.run(run())


async def _cut_request_at(
    service: ScriptableService, creating: Awaitable[CreatedTask], count: int
) -> None:
    async def cut(talk: Talk) -> None:
        if count:
            await talk.read(count)
        await talk.reset()

    service.on_connect(cut)
    with pytest.raises((CreateInDoubt, ServiceUnreachable)) as caught:
        await creating
    assert service.talks[-1].received_bytes == count
    if count:
        assert isinstance(caught.value, CreateInDoubt), f"{count} bytes had left"


@pytest.mark.parametrize("end", [Talk.close, Talk.reset], ids=["closed", "reset"])
def test_an_answer_cut_after_k_bytes_is_in_doubt_until_it_is_whole(
    end: Callable[[Talk], Awaitable[None]],
) -> None:
    answer = ACCEPTED.to_bytes()

    async def run() -> None:
        async with ScriptableService() as service:
            async with client_of(service.base_url) as client:
                for count in range(len(answer)):

                    async def cut(talk: Talk, count: int = count) -> None:
                        await talk.send(answer[:count])
                        await end(talk)

                    service.on("/createtask", cut)
                    with pytest.raises(CreateInDoubt):
                        await client.create_task(REQUEST, at_once)
            assert len(service.requests) == len(answer)

    asyncio.run(run())


def test_a_fault_of_this_program_after_the_first_byte_is_in_doubt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken_clock() -> datetime:
        raise ZeroDivisionError

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", ACCEPTED)
            async with client_of(service.base_url, wall=broken_clock) as client:
                with pytest.raises(CreateInDoubt):
                    await client.create_task(REQUEST, at_once)

    asyncio.run(run())
    assert "ZeroDivisionError" in caplog.text
    assert TOKEN not in caplog.text


answers = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"HTTP/1.1 200 OK\r\n",
                b"HTTP/1.0 200\r\n",
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"HTTP/1.1 101 Switching\r\n\r\n",
                b"HTTP/1.1 204 No Content\r\n",
                b"HTTP/1.1 302 Found\r\nLocation: //\xff:x\r\n",
                b"HTTP/1.1 099 Odd\r\n",
                b"Content-Length: 5\r\n",
                b"Content-Length: -5\r\n",
                b"Content-Encoding: \xe4\r\n",
                b"Transfer-Encoding: chunked\r\n",
                b"Transfer-Encoding: gzip\r\n",
                b"Set-Cookie: a=b; expires=\xff\r\n",
                b"Retry-After: \xb2\r\n",
                b"Date: \xff\r\n",
                b"Connection: upgrade\r\n",
                b"X: y",
                b": y\r\n",
                b" folded\r\n",
                b"\r\n",
                b"5\r\nhello\r\n0\r\n\r\n",
                b"fffffffffffffffff\r\n",
                b'{"code": 0}',
                b"hello",
            ]
        ),
        st.binary(max_size=20),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=25, deadline=None)
@given(st.lists(answers, min_size=20, max_size=20))
def test_no_bytes_of_an_answer_get_past_the_table(batch: list[bytes]) -> None:
    """500 odd answers: none names a task, so each is in doubt or plainly not processed."""

    async def run() -> None:
        async with ScriptableService() as service, client_of(service.base_url) as client:
            for answer in batch:

                async def send(talk: Talk, answer: bytes = answer) -> None:
                    await talk.send(answer)
                    await talk.close()

                service.on("/createtask", send)
                with pytest.raises((CreateInDoubt, ServiceBusy, TokenRefused)) as caught:
                    await client.create_task(REQUEST, at_once)
                assert caught.value.detail != "reading the answer failed", answer

    asyncio.run(run())


# -- what goes out ---------------------------------------------------------------------------


def test_the_request_is_as_documented() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/api/createtask", ACCEPTED)
            async with client_of(service.base_url + "/api") as client:
                await client.create_task(REQUEST, at_once)
        (request,) = service.requests
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["token"] == TOKEN
        assert request.headers["accept-encoding"] == "identity"
        assert json.loads(request.body) == {
            "picurl": "https://example.org/a.jpg",
            "type": 1,
            "chtaskid": "private-1",
        }

    asyncio.run(run())


def test_the_profile_decides_header_prefix_path_and_method() -> None:
    odd = {
        "method": "GET",
        "path": "/v2/{call}.do",
        "token_header": "Authorization",
        "token_prefix": "Bearer ",
    }

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/v2/createtask.do", ACCEPTED)
            async with client_of(service.base_url, odd) as client:
                await client.create_task(REQUEST, at_once)
        (request,) = service.requests
        assert request.method == "GET"
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert "token" not in request.headers
        assert request.body == b""
        assert request.query == {
            "picurl": "https://example.org/a.jpg",
            "type": "1",
            "chtaskid": "private-1",
        }

    asyncio.run(run())
