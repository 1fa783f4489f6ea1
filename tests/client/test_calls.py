"""gettask, deletetask and the upload: what each answer becomes, and where the token goes."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from enhance_gui.client.api import MAX_RECORD_BYTES, ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import LOCAL_FILE_NOT_POSSIBLE, InputError
from enhance_gui.core.service_errors import (
    NotTheApi,
    RecordUnusable,
    RequestRefused,
    ServiceBusy,
    ServiceSilent,
    ServiceUnreachable,
    TaskDeleted,
    TaskUnknown,
    TokenRefused,
)
from enhance_gui.transport.timeouts import Timeouts
from enhance_gui.wire.records import TaskRecord
from tests.client.speaking import REQUEST, TOKEN, at_once, client_of
from tests.support.patience import QUICK, UNHURRIED, undisturbed
from tests.support.raising import raises_kind
from tests.support.resolvers import FixedResolver
from tests.support.scriptable_service import (
    Reply,
    ScriptableService,
    Step,
    Talk,
    envelope,
    redirect,
)

Call = Callable[[ApiClient], Awaitable[Any]]


def against(
    step: Step,
    call: Call,
    path: str = "/gettask",
    timeouts: Timeouts = UNHURRIED,
    **profile: Any,
) -> Any:
    """Make one call against a service that answers with ``step``."""

    async def run() -> Any:
        async with ScriptableService() as service:
            service.on(path, step)
            async with client_of(service.base_url, profile, call_timeouts=timeouts) as client:
                return await call(client)

    return asyncio.run(run())


async def get(client: ApiClient) -> TaskRecord:
    return await client.get_task("t-1", 1)


async def delete(client: ApiClient) -> bool:
    return await client.delete_task("t-1")


async def _cut_body(talk: Talk) -> None:
    await talk.send(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code": 0, "data": {"tas')
    await talk.close()


async def _silence(talk: Talk) -> None:
    await talk.until_closed_by_peer()


async def _trickles(talk: Talk) -> None:
    await talk.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 10_000)


ROWS: dict[str, tuple[Step, type[EnhanceError]]] = {
    "no such task": (envelope(None, 1002001, "?"), TaskUnknown),
    "no such task, with its status": (envelope(None, 1002001, "?", 404), TaskUnknown),
    "deleted": (envelope(None, 1002002, "?"), TaskDeleted),
    "an unknown code": (envelope(None, 4711, "?"), RequestRefused),
    "429": (Reply(429), ServiceBusy),
    "503": (Reply(503, b"<html>"), ServiceBusy),
    "401": (Reply(401), TokenRefused),
    "403 with an unknown code": (envelope(None, 9, "?", 403), TokenRefused),
    "500": (Reply(500, b"<html>"), ServiceSilent),
    "502": (Reply(502), ServiceSilent),
    "a redirect": (redirect("/login"), NotTheApi),
    "a page": (Reply(200, b"<html>"), NotTheApi),
    "a missing page": (Reply(404, b"<html>"), NotTheApi),
    "an empty answer": (Reply(200), NotTheApi),
    "another task's record": (envelope({"taskid": "t-2"}), RecordUnusable),
    "success without a record": (envelope({}), RecordUnusable),
    "a cut body": (_cut_body, ServiceSilent),
    "a body over the cap": (Reply(200, b" " * (MAX_RECORD_BYTES + 1)), ServiceSilent),
    "a compressed body": (Reply(200, b"{}", {"Content-Encoding": "zstd"}), ServiceSilent),
}
SLOW: dict[str, Step] = {"silence": _silence, "trickling headers": _trickles}
"""Ended by nothing but patience."""


@pytest.mark.parametrize(("step", "kind"), ROWS.values(), ids=ROWS.keys())
def test_each_answer_to_gettask_has_its_error(step: Step, kind: type[EnhanceError]) -> None:
    with pytest.raises(kind) as caught:
        against(step, get)
    assert type(caught.value) is kind
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


@pytest.mark.parametrize("step", SLOW.values(), ids=SLOW.keys())
def test_an_answer_that_does_not_come_is_given_up(step: Step) -> None:
    async def got(client: ApiClient) -> TaskRecord:
        # Unreachable is right where the time ran out before anything was sent.
        return await undisturbed(lambda: get(client), ServiceUnreachable)

    with pytest.raises(ServiceSilent) as caught:
        against(step, got, timeouts=QUICK)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")


def test_a_record_is_read_and_carries_the_task_asked_for() -> None:
    record = against(envelope({"status": "2", "outputurl": "https://example.org/b.png"}), get)
    assert record.task_id == "t-1"
    assert record.status == 2
    assert record.after.url == "https://example.org/b.png"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"success": True}, True),
        ({"success": False}, False),
        ({"success": 1}, True),
        ({"success": "true"}, True),
        ({"success": "false"}, False),
        ({}, True),
        (None, True),
    ],
)
def test_deletetask_tells_success(data: Any, expected: bool) -> None:
    assert against(envelope(data), delete, "/deletetask") is expected


def test_a_service_that_is_not_there_is_unreachable() -> None:
    async def run() -> None:
        resolver = FixedResolver()
        async with client_of("http://service.test", resolver=resolver) as client:
            for call in (get, delete):
                with pytest.raises(ServiceUnreachable):
                    await call(client)

    asyncio.run(run())


def test_retry_after_comes_with_busy() -> None:
    with pytest.raises(ServiceBusy) as caught:
        against(Reply(503, b"", {"Retry-After": "120"}), get)
    assert caught.value.retry_after_s == 120


def test_a_get_profile_sends_the_fields_as_a_query() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", envelope({"taskid": "t-1"}))
            async with client_of(service.base_url, {"method": "GET"}) as client:
                await get(client)
            assert service.requests[0].query == {"taskid": "t-1", "type": "1"}
            assert service.requests[0].method == "GET"

    asyncio.run(run())


# -- uploads ---------------------------------------------------------------------------------


def test_an_upload_sends_the_file_and_returns_its_address(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG" + bytes(100_000))

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/upload", envelope({"picurl": "http://127.0.0.1/in/1"}))
            async with client_of(service.base_url, {"upload_path": "/upload"}) as client:
                assert await client.upload(picture) == "http://127.0.0.1/in/1"
            (request,) = service.seen("/upload")
            assert request.method == "POST"
            assert request.body == picture.read_bytes()
            assert request.headers["token"] == TOKEN

    asyncio.run(run())


def test_an_upload_may_take_long_as_long_as_it_moves(tmp_path: Path) -> None:
    size_bytes = 24 * 2**20
    picture = tmp_path / "a.bmp"
    picture.write_bytes(bytes(size_bytes))

    async def reads_slowly(talk: Talk) -> None:
        start = await talk.read(1000)
        left = size_bytes - (len(start) - start.index(b"\r\n\r\n") - 4)
        while left:
            left -= len(await talk.read(min(left, 2**20)))
            await asyncio.sleep(0.02)
        await talk.reply(envelope({"picurl": "http://127.0.0.1/in/1"}))
        await talk.close()

    async def run() -> None:
        async with ScriptableService() as service:
            service.on_connect(reads_slowly)
            profile = {"upload_path": "/upload"}
            async with client_of(service.base_url, profile, call_timeouts=QUICK) as client:
                assert await client.upload(picture) == "http://127.0.0.1/in/1"

    asyncio.run(run())


def test_an_upload_that_cannot_be_is_told(tmp_path: Path) -> None:
    async def upload_missing(client: ApiClient) -> str:
        return await client.upload(tmp_path / "missing.png")

    with raises_kind(LOCAL_FILE_NOT_POSSIBLE, InputError):
        against(envelope({}), upload_missing)
    with pytest.raises(InputError, match="cannot be read"):
        against(envelope({}), upload_missing, "/upload", upload_path="/upload")
    (tmp_path / "missing.png").write_bytes(b"x")
    with pytest.raises(NotTheApi):
        against(envelope({}), upload_missing, "/upload", upload_path="/upload")
    with pytest.raises(ServiceUnreachable, match="leads away"):
        against(envelope({}), upload_missing, "/upload", upload_path="@evil.test/upload")


# -- the token -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_never_crosses_a_redirect(status: int) -> None:
    async def run() -> None:
        async with ScriptableService() as service, ScriptableService() as other:
            for path in ("/createtask", "/gettask", "/deletetask"):
                service.on(path, redirect(other.url(path), status))
            async with client_of(service.base_url) as client:
                for call in (get, delete):
                    with pytest.raises(NotTheApi):
                        await call(client)
                with pytest.raises(EnhanceError):
                    await client.create_task(REQUEST, at_once)
            assert other.connections == 0

    asyncio.run(run())


def test_the_token_is_in_no_log_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []

    async def run() -> None:
        async with ScriptableService() as service:
            steps = [(step, UNHURRIED) for step, _ in ROWS.values()]
            for step, timeouts in [*steps, *((step, QUICK) for step in SLOW.values())]:
                service.on("/gettask", step)
                async with client_of(service.base_url, call_timeouts=timeouts) as client:
                    texts.append(repr(client))
                    with pytest.raises(EnhanceError) as caught:
                        await get(client)
                    texts.extend(traceback.format_exception(caught.value))

    asyncio.run(run())
    texts.append(caplog.text)
    assert TOKEN not in "".join(texts)
    assert "HTTP Request" not in caplog.text, "httpx writes addresses with their query"


def test_no_cookie_is_kept() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            cookie = {"Set-Cookie": "id=1; Path=/"}
            service.on("/gettask", Reply(200, envelope({"taskid": "t-1"}).body, cookie))
            async with client_of(service.base_url) as client:
                await get(client)
                await get(client)
            assert all("cookie" not in request.headers for request in service.requests)

    asyncio.run(run())


def test_the_environment_s_proxies_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert against(envelope({"taskid": "t-1"}), get).task_id == "t-1"


# -- addresses that no service can have -------------------------------------------------------


@pytest.mark.parametrize("host", ["xn--a", "a" * 64, "a..test", "010.1.2.3"])
def test_a_service_where_none_can_be_is_unreachable_for_every_call(
    host: str, tmp_path: Path
) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG")

    async def run() -> None:
        async with client_of(f"https://{host}", {"upload_path": "/upload"}) as client:
            for calling in (
                client.create_task(REQUEST, at_once),
                get(client),
                delete(client),
                client.upload(picture),
            ):
                with pytest.raises(ServiceUnreachable):
                    await calling

    asyncio.run(run())


@pytest.mark.parametrize("host", ["stra\u00dfe.test", "i\u2764.test", "a_b\u00fc.test"])
def test_a_service_and_a_picture_of_one_name_are_looked_for_in_one_place(host: str) -> None:
    resolver = FixedResolver()

    async def run() -> None:
        async with client_of(f"http://{host}", resolver=resolver) as client:
            with pytest.raises(ServiceUnreachable):
                await get(client)

    asyncio.run(run())
    assert resolver.asked == [urlsplit(usable_web_address(f"http://{host}")).hostname]
