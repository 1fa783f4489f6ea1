"""Who may ask: the service obeys its caller and nobody else, a web page least of all."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.service.http import connections
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.store.database import read_database
from tests.service.serving import TOKEN, UPSCALE, Asker, QuickClock, contents, serving
from tests.support.patience import HUNG_S, undisturbed
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService

HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1.evil.example:{port}",
    "evil.example@127.0.0.1:{port}",
    "127.0.0.1:{port}/",
    "127.0.0.1:{port}.evil.example",
    "127.1:{port}",
    "2130706433:{port}",
    "0.0.0.0:{port}",
    "127.0.0.2:{port}",
    "localhost",
    "localhost:1",
    "localhost.:{port}",
    "[::1]",
    "[::2]:{port}",
]
PAGES = [
    {"origin": "http://127.0.0.1:{port}"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-site"},
    {"origin": "chrome-extension://abcdefgh"},
]
TOKENS = [
    "",
    "wrong",
    TOKEN[:-1],
    TOKEN + "x",
    f"Bearer {TOKEN}",
    TOKEN.upper(),
    "é" * 10,
    "null",
    TOKEN * 2,
]
METHODS = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
TYPES = [
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "text/json",
    "application/json, text/plain",
    "application/xml",
    "json",
]
NEW_PICTURE = picture_bytes()
PIECE = f"/upload/{hashlib.sha256(NEW_PICTURE).hexdigest()}"
PATHS = ["/createtask", "/gettask", "/deletetask", "/upload", PIECE]
FORWARDED = [
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-host": "127.0.0.1:{port}"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-port": "443"},
    {"x-forwarded-prefix": "/evil"},
    {"x-forwarded-server": "evil.example"},
    {"x-forwarded-user": "administrator"},
    {"forwarded": "for=127.0.0.1;host=evil.example;proto=https"},
    {"forwarded": "for=127.0.0.1, for=192.0.2.1;Host=evil.example"},
    {"forwarded": "proto=https"},
    {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil.example"},
]


def rightly(path: str, body: bytes) -> tuple[str, dict[str, str], bytes]:
    """Return method, headers and body of a request that is right."""
    if path == PIECE:
        headers = {
            "content-type": "application/partial-upload",
            "upload-offset": "0",
            "upload-length": str(len(NEW_PICTURE)),
        }
        return "PATCH", headers, NEW_PICTURE
    if path == "/upload":
        return "POST", {"content-type": "application/octet-stream"}, NEW_PICTURE
    return "POST", {"content-type": "application/json"}, body


def hostile(path: str, method: str, right: dict[str, str]) -> Iterator[tuple[str, Any, int]]:
    """Yield method and headers of wrong requests, and the status that each is answered with."""
    taken = {"GET", "PATCH"} if path == PIECE else {"POST"}
    yield from ((method, {**right, "host": each}, 403) for each in HOSTS)
    yield from ((method, {**right, **page}, 403) for page in PAGES)
    yield from ((method, {**right, "token": token}, 401) for token in TOKENS)
    yield from ((method, {**right, "content-type": type_}, 415) for type_ in TYPES)
    yield from ((each, right, 405) for each in (*METHODS, "POST") if each not in taken)
    yield from ((method, {**right, **forged}, 403) for forged in FORWARDED)


def state(asker: Asker, data: Path) -> list[Any]:
    """Return the files of a service, all that is in its database, and what it counts of uploads."""
    database = read_database(data / "tasks.sqlite")
    assert database is not None
    with closing(database):
        rows = list(database.iterdump())
    return [contents(data), rows, asker.service.cleaner.room.uploads_bytes]


def test_requests_with_a_wrong_host_origin_method_type_token_or_proxy_have_no_effect(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path, QuickClock()) as asker:
            host.on("/a.png", Reply(body=picture_bytes()))
            task_id = await asker.create(picture_bytes())
            await asker.ended(task_id)
            before = state(asker, tmp_path)
            fields = {"picurl": host.url("/a.png"), "type": UPSCALE, "taskid": task_id}
            body = json.dumps(fields).encode()
            for path in PATHS:
                method, right, content = rightly(path, body)
                for wrong in hostile(path, method, {"token": TOKEN, **right}):
                    await refused(asker, path, content, *wrong)
            assert sum(count for (_, code), count in answers(asker) if code) >= 300
            # No file, no task, nothing counted against anybody, and what is there is as it was.
            assert state(asker, tmp_path) == before
            assert host.requests == []
            assert (await asker.record(task_id))["status"] == 2
            # In the right way, the same requests have all of these effects.
            for path in PATHS:
                method, right, content = rightly(path, body)
                await asker.http.request(method, path, headers=right, content=content)
            now = state(asker, tmp_path)
            assert not [was for was, is_ in zip(before, now, strict=True) if was == is_]
            assert len(host.requests) == 1

    def answers(asker: Asker) -> list[tuple[tuple[str, int], int]]:
        return list(asker.service.ends.tally.answers.items())

    async def refused(
        asker: Asker, path: str, content: bytes, method: str, headers: dict[str, str], status: int
    ) -> None:
        url = httpx.URL(asker.service.base_url)
        written = [
            (name.encode(), value.replace("{port}", str(url.port)).encode())
            for name, value in headers.items()
        ]
        reply = await asker.http.send(
            httpx.Request(method, url.join(path), headers=written, content=content)
        )
        assert reply.status_code == status, (method, path, headers)
        assert reply.headers["connection"] == "close"
        if method != "HEAD":
            assert reply.json()["code"] == 9_000_000 + status
            assert reply.json()["msg"]
        assert "access-control-allow-origin" not in reply.headers
        assert TOKEN not in reply.text

    asyncio.run(go())


def test_without_a_token_nothing_is_read_and_no_address_is_told_apart(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            async with httpx.AsyncClient(base_url=asker.service.base_url) as stranger:
                for path in ("/", "/createtask", "/admin", "/docs", "/favicon.ico"):
                    assert (await stranger.post(path, json={})).status_code == 401
            assert (await asker.http.post("/nothing", json={})).status_code == 404

    asyncio.run(go())


def test_a_web_socket_and_a_second_token_are_refused(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            url = httpx.URL(asker.service.base_url)
            host, body = url.netloc.decode(), '{"taskid":"a","type":1}'
            length = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            socket_of_page = (
                f"GET /gettask HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                f"Sec-WebSocket-Version: 13\r\ntoken: {TOKEN}\r\n\r\n"
            )
            posted = f"POST /gettask HTTP/1.1\r\nHost: {host}\r\n{length}\r\n"
            for text, status in (
                (socket_of_page, b" 405 "),
                (f"{posted}token: {TOKEN}\r\ntoken: wrong\r\n\r\n{body}", b" 401 "),
                (f"{posted}token: wrong\r\ntoken: {TOKEN}\r\n\r\n{body}", b" 401 "),
            ):
                reader, writer = await asyncio.open_connection(url.host, url.port)
                writer.write(text.encode())
                async with asyncio.timeout(HUNG_S):
                    answer = await reader.read()
                writer.close()
                assert status in answer.splitlines()[0]
                assert b"Access-Control" not in answer

    asyncio.run(go())


NO_PICTURES = [
    "/results/",
    "/results/tasks.sqlite",
    "/results/../tasks.sqlite",
    "/results/%2e%2e/tasks.sqlite",
    "/results/..%2ftasks.sqlite",
    "/results//etc/passwd",
    "/inputs/" + "a" * 32 + ".png",
    "/unfinished/" + "a" * 32 + ".png",
    "/uploads/" + "a" * 32 + ".png%00",
]


def test_only_pictures_are_handed_out(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            for path in NO_PICTURES:
                target = {"target": path.encode()}
                request = httpx.Request("GET", asker.service.base_url, extensions=target)
                request.headers["host"] = httpx.URL(asker.service.base_url).netloc.decode()
                assert (await asker.http.send(request)).status_code in (401, 404), path

    asyncio.run(go())


def test_a_file_is_not_handed_to_a_web_page(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            address = await asker.upload(picture_bytes())
            for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
                assert (await asker.http.get(address, headers=headers)).status_code == 403
            assert (await asker.http.get(address, headers={"host": "evil"})).status_code == 403
            assert (await asker.http.delete(address)).status_code == 405
            assert (await asker.http.get(address)).status_code == 200

    asyncio.run(go())


def test_a_body_over_64_kib_is_refused_whether_its_length_is_told_or_not(tmp_path: Path) -> None:
    async def chunks(count: int) -> object:
        for _ in range(count):
            yield b" " * 1024

    async def go() -> None:
        async with serving(tmp_path) as asker:
            headers = {"content-type": "application/json"}
            long = b'{"taskid": "none"}' + b" " * (64 * 1024)
            for content in (long, chunks(65), b" " * 3_000_000):
                reply = await asker.http.post("/deletetask", content=content, headers=headers)  # type: ignore[arg-type]
                assert (reply.status_code, reply.json()["code"]) == (413, 9_000_413)
            fits = long[: 64 * 1024]
            reply = await asker.http.post("/deletetask", content=fits, headers=headers)
            assert reply.json()["code"] == 1002001

    asyncio.run(go())


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, body_timeout_s=0.2) as asker:
            for path, kind in (("/gettask", "json"), ("/upload", "octet-stream")):
                url = httpx.URL(asker.service.base_url)
                reader, writer = await asyncio.open_connection(url.host, url.port)
                writer.write(
                    f"POST {path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\ntoken: {TOKEN}\r\n"
                    f"Content-Type: application/{kind}\r\nContent-Length: 50\r\n\r\n{{".encode()
                )
                async with asyncio.timeout(HUNG_S):
                    answer = await reader.read()
                assert b" 408 " in answer.splitlines()[0]
                assert b"9000408" in answer
                writer.close()
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_a_request_whose_head_never_ends_loses_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEAD_S", 0.2)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            url = httpx.URL(asker.service.base_url)
            whole = (
                f"POST /gettask HTTP/1.1\r\nHost: {url.netloc.decode()}\r\ntoken: {TOKEN}\r\n"
                "Content-Type: application/json\r\nContent-Length: 23\r\n\r\n"
                '{"taskid":"a","type":1}'
            ).encode()

            async def loses_it(before: bytes) -> None:
                reader, writer = await asyncio.open_connection(url.host, url.port)
                try:
                    writer.write(before)
                    if before:
                        if not (first := await reader.readline()):
                            raise ConnectionError  # lost before it said anything
                        assert b" 200 " in first
                        await reader.readuntil(b"}}")
                    writer.write(b"POST /gettask HTTP/1.1\r\nX: ")
                    assert await reader.read() == b""
                finally:
                    writer.close()

            for before in (b"", whole):
                async with asyncio.timeout(HUNG_S):
                    await undisturbed(
                        lambda before=before: loses_it(before),  # type: ignore[misc]
                        ConnectionError,
                    )

    asyncio.run(go())


def test_what_is_not_http_ends_the_connection_and_nothing_else(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            url = httpx.URL(asker.service.base_url)
            for noise in (b"\0" * 100, b"\x16\x03\x01", b"GET " + b"a" * 100_000, b"\r\n\r\n"):
                with contextlib.suppress(ConnectionError):
                    _, writer = await asyncio.open_connection(url.host, url.port)
                    writer.write(noise)
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
            assert (await asker.call("gettask", taskid="none", type=1))["code"] == 1002001

    asyncio.run(go())


@pytest.mark.parametrize(
    ("bound_to", "accepted", "refused"),
    [
        (
            "127.0.0.1",
            ["127.0.0.1:80", "127.0.0.1", "localhost", "localhost:80"],
            ["10.0.0.1", "", "evil", "127.0.0.1:81", " 127.0.0.1", "127.0.0.1:080"],
        ),
        ("::1", ["[::1]", "[::1]:80", "127.0.0.1"], ["::1", "[::2]", "evil"]),
        (
            "0.0.0.0",  # noqa: S104
            ["10.0.0.1", "127.0.0.1", "[2001:db8::1]", "localhost", socket.gethostname().lower()],
            ["evil.example"],
        ),
        ("192.0.2.1", ["192.0.2.1"], ["localhost", "127.0.0.1", "192.0.2.2"]),
        ("studio.example", ["studio.example"], ["evil.example", "127.0.0.1"]),
    ],
)
def test_a_host_is_known_exactly(bound_to: str, accepted: list[str], refused: list[str]) -> None:
    hosts = OwnHosts(bound_to, 80)
    assert [each for each in accepted if not hosts.accepts(each)] == []
    assert [each for each in refused if hosts.accepts(each)] == []


def test_only_addresses_below_uploads_of_this_service_are_taken_from_its_disk() -> None:
    hosts = OwnHosts("127.0.0.1", 4000)
    for authority, scheme in itertools.product(("127.0.0.1:4000", "localhost:9"), ("http",)):
        assert hosts.upload_name(f"{scheme}://{authority}/uploads/a.png") == "a.png"
    for address in (
        "http://evil.example/uploads/a.png",
        "https://127.0.0.1:4000/uploads/a.png",
        "http://127.0.0.1:4000/results/a.png",
        "http://127.0.0.1:4000/uploads/b/a.png",
        "http://127.0.0.1:4000/x/uploads/a.png",
        "http://[/uploads/a.png",
    ):
        assert hosts.upload_name(address) is None


PROXIES = [
    {"x-forwarded-for": "203.0.113.9"},
    {"forwarded": "for=203.0.113.9"},
    {"via": "1.1 proxy"},
    {"x-real-ip": "203.0.113.9"},
]


def test_only_who_asks_here_and_directly_has_pictures_fetched_from_here(tmp_path: Path) -> None:
    async def code(asker: Asker, picurl: str, **headers: str) -> int:
        body = {"picurl": picurl, "type": UPSCALE}
        answer = (await asker.http.post("/createtask", json=body, headers=headers)).json()
        for secret in ("127.0.0.1", "::1", "localhost"):
            assert secret not in answer["msg"]
        number: int = answer["code"]
        return number

    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/a.png", Reply(body=picture_bytes()))
            here = host.url("/a.png")
            named = here.replace("127.0.0.1", "localhost")
            async with serving(tmp_path) as asker:
                for headers in PROXIES:
                    for picurl in (here, named):
                        assert await code(asker, picurl, **headers) == 1001002
                assert host.requests == []
                assert await code(asker, named) == 0
            async with serving(tmp_path, public_addresses_only=True) as asker:
                assert await code(asker, named) == 1001002
            async with serving(tmp_path, allow_private_addresses=True) as asker:
                assert await code(asker, named, **PROXIES[0]) == 0

    asyncio.run(go())
