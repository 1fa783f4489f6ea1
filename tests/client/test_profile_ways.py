"""Every way in which a profile has parameters and token travel, seen by a real service."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from enhance_gui import __version__
from enhance_gui.client.exchanges import MAX_SHOWN_CHARS
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.redaction import HIDDEN
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import ServiceUnreachable, TokenRefused
from enhance_gui.core.services.connection_test import Exchange
from enhance_gui.wire.requests import CreateTaskRequest, GetTaskRequest, write_request
from tests.client.speaking import REQUEST, TOKEN, at_once, client_of
from tests.support.scriptable_service import (
    Reply,
    ScriptableService,
    SeenRequest,
    Talk,
    envelope,
    redirect,
)

ODD_TOKEN = "c4n4ry/of+ways&=100%"

NAMES = {
    "picurl": "image_url",
    "taskid": "id",
    "chtaskid": "ref",
    "code": "errno",
    "data": "result",
}

WAYS = [
    (method, body, token_in)
    for method, body, token_in in itertools.product(
        ("POST", "PUT", "GET"), ("json", "form", "query"), ("header", "query", "body")
    )
    if token_in != "body" or (method != "GET" and body != "query")
]


def parameters(seen: SeenRequest) -> dict[str, Any]:
    """Return the parameters of a call, wherever they travelled, each as a text."""
    kind = seen.headers.get("content-type", "")
    if kind == "application/json":
        return {name: _text(value) for name, value in seen.json().items()}
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(seen.body.decode(), keep_blank_values=True))
    assert seen.body == b""
    return seen.query


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize(("method", "body", "token_in"), WAYS)
def test_all_three_calls_carry_parameters_and_token_as_the_profile_says(
    method: str, body: str, token_in: str
) -> None:
    profile = {
        "method": method,
        "body": body,
        "token_in": token_in,
        "token_header": "api_key",
        "token_prefix": "T ",
        "path": "/v1/{call}?lang=de",
        "headers": {"X-Client": "studio"},
        "extra_fields": {"version": 2, "draft": True, "mode": "a b"},
        "fields": NAMES,
    }
    exchanges: list[Exchange] = []

    async def run() -> list[SeenRequest]:
        async with ScriptableService() as service:
            made = {"errno": 0, "result": {"id": "t-1", "queuenum": 3}}
            service.on("/v1/createtask", Reply(body=json.dumps(made).encode()))
            record = {"id": "t-1", "ref": "private-1", "outputurl": "https://e.example/r.png"}
            service.on(
                "/v1/gettask", Reply(body=json.dumps({"errno": 0, "result": record}).encode())
            )
            service.on("/v1/deletetask", Reply(body=b'{"errno": "0", "result": {"success": true}}'))
            async with client_of(
                service.base_url, profile, ODD_TOKEN, on_exchange=exchanges.append
            ) as client:
                created = await client.create_task(REQUEST, at_once)
                assert (created.task_id, created.queue_position) == ("t-1", 3)
                found = await client.get_task("t-1", 1, ("private-1",))
                assert (found.private_id, found.after.url) == ("private-1", record["outputurl"])
                assert await client.delete_task("t-1")
            return service.requests

    requests = asyncio.run(run())
    wanted: list[dict[str, Any]] = [
        {"image_url": "https://example.org/a.jpg", "type": "1", "ref": "private-1"},
        {"id": "t-1", "type": "1"},
        {"id": "t-1"},
    ]
    for seen, fields in zip(requests, wanted, strict=True):
        has_body = method != "GET" and body != "query"
        found = parameters(seen)
        if has_body:
            assert seen.query == {
                "lang": "de",
                **({"api_key": f"T {ODD_TOKEN}"} if token_in == "query" else {}),
            }
        else:
            assert found.pop("lang") == "de"
        carried = {
            "header": seen.headers.get("api_key"),
            "query": seen.query.get("api_key"),
            "body": found.get("api_key") if has_body else None,
        }
        assert carried == {**dict.fromkeys(carried), token_in: f"T {ODD_TOKEN}"}
        found.pop("api_key", None)
        assert found == {**fields, "version": "2", "draft": "true", "mode": "a b"}
        assert seen.headers["x-client"] == "studio"
        assert seen.method == method
    shown = repr(exchanges)
    assert "c4n4ry" not in shown
    assert shown.count(HIDDEN) >= 3


def test_profiles_of_earlier_versions_send_what_they_sent_byte_for_byte() -> None:
    async def run(**profile: Any) -> tuple[bytes, int]:
        heard = bytearray()

        async def listen(talk: Talk) -> None:
            heard.extend(await talk.read(1))
            while b"\r\n\r\n" not in heard:
                heard.extend(await talk.read(1))
            head = bytes(heard).lower()
            if b"content-length: " in head:
                heard.extend(await talk.read(int(head.split(b"content-length: ")[1].split()[0])))
            await talk.reply(envelope({"taskid": "t-1"}))

        async with ScriptableService() as service:
            service.on_connect(listen)
            async with client_of(service.base_url, profile) as client:
                await client.get_task("t-1", 1)
            return bytes(heard), service.port

    sent, port = asyncio.run(run())
    usual = (
        f"Host: 127.0.0.1:{port}\r\nConnection: keep-alive\r\n"
        f"User-Agent: enhance-gui/{__version__}\r\nAccept: application/json\r\n"
        "Accept-Encoding: identity\r\n"
    )
    assert sent.decode() == (
        f"POST /gettask HTTP/1.1\r\n{usual}Content-Type: application/json\r\n"
        f'token: {TOKEN}\r\nContent-Length: 25\r\n\r\n{{"taskid":"t-1","type":1}}'
    )
    assert sent.endswith(write_request(GetTaskRequest("t-1", 1)))
    sent, again = asyncio.run(run(method="GET", token_prefix="Bearer "))
    assert sent.decode() == (
        f"GET /gettask?taskid=t-1&type=1 HTTP/1.1\r\n{usual.replace(str(port), str(again))}"
        f"token: Bearer {TOKEN}\r\n\r\n"
    )


@pytest.mark.parametrize("token_in", ["query", "body"])
def test_a_token_outside_of_a_header_goes_to_its_origin_alone(token_in: str) -> None:
    async def run() -> None:
        async with ScriptableService() as service, ScriptableService() as other:
            service.on("/gettask", redirect(other.url("/gettask"), 307))
            async with client_of(service.base_url, {"token_in": token_in}) as client:
                with pytest.raises(EnhanceError) as caught:
                    await client.get_task("t-1", 1)
            assert TOKEN not in repr(caught.value) + str(caught.value.__cause__)
            away = {"token_in": token_in, "path": f"@127.0.0.1:{other.port}/{{call}}"}
            async with client_of(service.base_url, away) as client:
                with pytest.raises(ServiceUnreachable):
                    await client.get_task("t-1", 1)
            assert len(service.requests) == 1
            assert other.connections == 0

    asyncio.run(run())


@pytest.mark.parametrize("token_in", ["query", "body"])
def test_a_token_in_other_letters_fits_everything_but_a_header(token_in: str) -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", envelope({"taskid": "t-1"}))
            async with client_of(
                service.base_url, {"token_in": token_in}, token="schlüssel"
            ) as client:
                await client.get_task("t-1", 1)
            for profile, token in (({}, "schlüssel"), ({"token_in": token_in}, "two\nlines")):
                async with client_of(service.base_url, profile, token=token) as client:
                    with pytest.raises(TokenRefused):
                        await client.get_task("t-1", 1)
            (seen,) = service.requests
            carried = seen.query if token_in == "query" else seen.json()
            assert carried["token"] == "schlüssel"

    asyncio.run(run())


def test_an_upload_carries_the_token_in_the_address_and_the_fixed_headers(tmp_path: Any) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"picture")
    profile = {"token_in": "query", "upload_path": "/upload", "headers": {"X-Client": "studio"}}

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/upload", envelope({"picurl": "https://e.example/a.png"}))
            async with client_of(service.base_url, profile) as client:
                assert await client.upload(picture) == "https://e.example/a.png"
        asked, seen = service.requests
        assert (seen.query, seen.body) == ({"token": TOKEN}, b"picture")
        for each in (asked, seen):
            assert each.query == {"token": TOKEN}
            assert each.headers["x-client"] == "studio"
            assert "token" not in each.headers

    asyncio.run(run())


@pytest.mark.parametrize(
    "echo",
    [
        ODD_TOKEN,
        quote(ODD_TOKEN),
        quote(ODD_TOKEN, safe=""),
        quote(quote(ODD_TOKEN, safe=""), safe=""),
        json.dumps(ODD_TOKEN),
        json.dumps(ODD_TOKEN).replace("/", "\\/"),
        ODD_TOKEN.replace("&", "\\u0026"),
        ODD_TOKEN.replace("&", "&amp;"),
        ODD_TOKEN.upper(),
        ODD_TOKEN.replace("/", "/\u200b"),
        "x" * (MAX_SHOWN_CHARS - 60) + ODD_TOKEN,
        "x" * (32 * 1024 - 10) + ODD_TOKEN,
        (ODD_TOKEN + "\n") * 2000,
    ],
)
def test_an_exchange_shows_a_plain_text_of_bounded_length_without_the_token(echo: str) -> None:
    body = f"<b>no</b>\x1b[31m \u202e {echo} end"
    (shown,) = _exchanges(Reply(403, body.encode(), {"Content-Type": "text/html"}))
    assert shown.received.startswith("HTTP 403 Forbidden\nContent-Type: text/html\n\n<b>no</b>[31m")
    assert len(shown.received) <= MAX_SHOWN_CHARS + 1
    assert shown.received.endswith("…") == (len(echo) > 1000)
    low = shown.received.lower()
    assert not any(part in low for part in ("c4n4ry", "of+ways", "ways&"))
    assert "\u202e" not in shown.received
    assert shown.sent == (
        f"POST {shown.sent.split()[1]}\nContent-Type: application/json\n\n"
        '{"taskid":"t-1","type":1}'
    )
    assert shown.sent.split()[1].endswith(f"/gettask?token={HIDDEN}")


def test_a_long_token_that_is_cut_at_the_end_of_what_is_read_is_not_shown_in_part() -> None:
    token = "c4n4ry" * 67 + "-"
    Secret(token)
    (shown,) = _exchanges(Reply(403, f"{token}\n".encode() * 200))
    assert shown.received.count(HIDDEN) > 10
    assert "c4n4ry" not in shown.received


@pytest.mark.parametrize("way", [{"body": "form"}, {"body": "query"}, {"method": "GET"}])
def test_a_parameter_without_a_value_is_left_out_where_none_can_be_said(
    way: dict[str, Any],
) -> None:
    async def run() -> SeenRequest:
        async with ScriptableService() as service:
            service.on("/createtask", envelope({"taskid": "t-1"}))
            async with client_of(service.base_url, way) as client:
                await client.create_task(CreateTaskRequest("https://e.example/a", 1), at_once)
            return service.requests[0]

    assert parameters(asyncio.run(run())) == {"picurl": "https://e.example/a", "type": "1"}


def test_an_exchange_without_an_answer_says_so() -> None:
    async def hang_up(talk: Talk) -> None:
        await talk.reset()

    (shown,) = _exchanges(hang_up)
    assert shown.received == ""
    assert shown.sent


def _exchanges(step: Any) -> list[Exchange]:
    exchanges: list[Exchange] = []
    Secret(ODD_TOKEN)

    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", step)
            async with client_of(
                service.base_url, {"token_in": "query"}, ODD_TOKEN, on_exchange=exchanges.append
            ) as client:
                with pytest.raises(EnhanceError):
                    await client.get_task("t-1", 1)

    asyncio.run(run())
    return exchanges
