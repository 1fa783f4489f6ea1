"""Redirects: where they lead, with which cookies, and that nothing of them stays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import AddressNotUsable, PictureUnreachable, PrivateAddress
from enhance_gui.transport.clients import HttpClient, picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.open_image import open_picture
from enhance_gui.transport.passing_cookies import PassingCookies
from tests.support.patience import UNHURRIED
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, redirect
from tests.support.tls import TRUSTING, server_context


async def opened(client: HttpClient, url: str, max_redirects: int = 10) -> tuple[str, int]:
    """Return the final address and the status there."""
    opening = open_picture(
        client,
        url,
        problem=PictureUnreachable,
        max_redirects=max_redirects,
        timeouts=UNHURRIED,
    )
    async with opening as picture:
        return picture.url, picture.status


def to_raw(location: bytes) -> Step:
    async def answer(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location)
        await talk.send(b"\r\n\r\n")

    return answer


# -- Location ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/my holiday photo.jpg", "/my%20holiday%20photo.jpg"),
        (b"my photo.jpg?size=very large&x=%20", "/my%20photo.jpg?size=very%20large&x=%20"),
        ("/café été.jpg".encode(), "/caf%C3%A9%20%C3%A9t%C3%A9.jpg"),
        (b"/caf\xe9.jpg", "/caf%E9.jpg"),
        ("/a\u00a0b\u3000c.jpg".encode(), "/a%C2%A0b%E3%80%80c.jpg"),
        ("/a?q=é".encode(), "/a?q=%C3%A9"),
        (b"/tab\there.jpg", "/tab%09here.jpg"),
        (b'/<"quoted">.jpg', "/%3C%22quoted%22%3E.jpg"),
        (b"/100%.jpg", "/100%.jpg"),
        (b"  /a.jpg  ", "/a.jpg"),
        (b"/a.jpg#part one", "/a.jpg"),
        (b"?only=query", "/start?only=query"),
    ],
)
def test_a_target_is_escaped_as_browsers_do_it(location: bytes, target: str) -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/start", to_raw(location), Reply(200, b"x"))
            for path in ("/my photo.jpg", "/a.jpg", "/a"):
                host.on(path, Reply(200, b"x"))
            url, _ = await opened(client, host.url("/start"))
            assert url == host.url(target)
            assert host.requests[-1].target == target

    asyncio.run(run())


@pytest.mark.parametrize(
    "location",
    [
        b"http://two words/a.jpg",
        "http://caf\u00e9\u00a0b/a.jpg".encode(),
        b"http://caf\xe9.example/a.jpg",
        b"http://127.0.0.1\\@example.org/a.jpg",
        b"http://user:secret@127.0.0.1/a.jpg",
        b"\\\\127.0.0.1 \\share",
        b"ftp://127.0.0.1/a b.jpg",
        b"///a b",
    ],
)
def test_a_target_that_names_no_usable_host_is_refused(location: bytes) -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/start", to_raw(location))
            try:
                _, status = await opened(client, host.url("/start"))
            except EnhanceError as error:
                assert isinstance(error, AddressNotUsable | PictureUnreachable)  # noqa: PT017
            else:
                assert status == 404, "it was taken for a path of the same server"

    asyncio.run(run())


# -- cookies ----------------------------------------------------------------------------------


def wall(target: str, *set_cookies: str, status: int = 307) -> Step:
    """Return a step that answers with cookies and leads on."""

    async def answer(talk: Talk) -> None:
        lines = [f"HTTP/1.1 {status} Wall", "Content-Length: 0", f"Location: {target}"]
        lines += [f"Set-Cookie: {each}" for each in set_cookies]
        await talk.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    return answer


def cookies_seen(host: ScriptableService) -> list[str | None]:
    return [request.headers.get("cookie") for request in host.requests]


@pytest.mark.parametrize("max_redirects", [10, 0])
def test_a_cookie_is_brought_back_to_who_asks_for_it(max_redirects: int) -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/a", wall("/a", "seen=1; Path=/; Max-Age=60"), Reply(200, b"x"))
            url, status = await opened(client, host.url("/a"), max_redirects)
            assert (url, status) == (host.url("/a"), 200)
            assert cookies_seen(host) == [None, "seen=1"]

    asyncio.run(run())


def test_a_cookie_is_forgotten_with_its_chain() -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/a", wall("/b", "seen=1; Path=/"))
            host.on("/b", Reply(200, b"x", {"Set-Cookie": "late=1; Path=/"}))
            await opened(client, host.url("/a"))
            await opened(client, host.url("/b"))
            await opened(client, host.url("/a"))
            assert cookies_seen(host) == [None, "seen=1", None, None, "seen=1"]
            assert not client.cookies

    asyncio.run(run())


def test_a_cookie_goes_to_no_other_host_and_no_other_path() -> None:
    async def run() -> None:
        async with (
            ScriptableService() as host,
            ScriptableService() as other,
            picture_client(AddressPolicy.ANY) as client,
        ):
            elsewhere = other.url("/c").replace("127.0.0.1", "localhost")
            host.on("/a", wall("/b", "own=1; Path=/", "path=1; Path=/deep", "all=1; Domain=.com"))
            host.on("/b", wall(elsewhere, "foreign=1; Domain=localhost; Path=/"))
            other.on("/c", wall(host.url("/deep/d"), "own=2; Domain=127.0.0.1; Path=/"))
            host.on("/deep/d", Reply(200, b"x"))
            await opened(client, host.url("/a"))
            assert cookies_seen(host)[:2] == [None, "own=1"]
            assert cookies_seen(other) == [None]
            assert set((cookies_seen(host)[2] or "").split("; ")) == {"own=1", "path=1"}

    asyncio.run(run())


def test_a_secure_cookie_does_not_go_out_in_the_open() -> None:
    async def run() -> None:
        async with (
            ScriptableService() as host,
            ScriptableService(server_context()) as safe,
            picture_client(AddressPolicy.ANY, settings=TRUSTING) as client,
        ):
            host.on("/a", wall("/b", "secret=1; Secure; Path=/", "plain=1; Path=/"))
            host.on("/b", wall(safe.url("/c"), "later=1; Secure; Path=/"))
            safe.on("/c", Reply(200, b"x"))
            await opened(client, host.url("/a"))
            assert cookies_seen(host) == [None, "plain=1"]

    asyncio.run(run())


def test_a_server_that_wants_ever_other_cookies_is_given_up() -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/a", *(wall("/a", f"turn={number}; Path=/") for number in range(30)))
            with pytest.raises(PictureUnreachable, match="more than 10 times"):
                await opened(client, host.url("/a"))
            with pytest.raises(PictureUnreachable, match="more than 3 times"):
                await opened(client, host.url("/a"), 0)
            assert len(host.requests) == 15

    asyncio.run(run())


@pytest.mark.parametrize(
    "steps",
    [
        {"/a": redirect("/a")},
        {"/a": redirect("/b"), "/b": Reply(200, b"x")},
        {"/a": wall("/b", "seen=1; Path=/"), "/b": Reply(200, b"x")},
        {"/a": wall("http://localhost/a", "seen=1; Path=/")},
    ],
)
def test_without_redirects_an_address_may_only_lead_back_to_itself(steps: dict[str, Step]) -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            for path, step in steps.items():
                host.on(path, step)
            with pytest.raises(PictureUnreachable, match="leads on to another address"):
                await opened(client, host.url("/a"), 0)

    asyncio.run(run())


def test_a_cookie_opens_no_way_to_a_private_address() -> None:
    async def public(host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "inside.test" else ["93.184.216.34"]

    async def run() -> None:
        async with (
            ScriptableService() as host,
            picture_client(AddressPolicy.PUBLIC_ONLY, resolver=public) as client,
        ):
            with pytest.raises(PrivateAddress):
                await opened(client, f"http://inside.test:{host.port}/a")
            assert host.connections == 0

    asyncio.run(run())


def answer_with(*lines: str) -> httpx.Response:
    request = httpx.Request("GET", "http://example.org/a")
    return httpx.Response(302, headers=[("Set-Cookie", line) for line in lines], request=request)


def given_back(*lines: str) -> str:
    cookies = PassingCookies()
    cookies.take(answer_with(*lines))
    return cookies.give(httpx.Request("GET", "http://example.org/a"))


def test_a_flood_of_cookies_is_taken_to_a_bound() -> None:
    assert len(given_back(*(f"c{number}=1; Path=/" for number in range(5000))).split("; ")) == 20
    assert given_back("big=" + "x" * 5000, "small=1") == "small=1"
    assert len(given_back(*(f"c{number}=" + "x" * 4000 for number in range(20)))) <= 16_384
    cookies = PassingCookies()
    for number in range(50):
        cookies.take(answer_with(f"c{number}=" + "x" * 1000))
    assert len(cookies.give(httpx.Request("GET", "http://example.org/a"))) <= 16_384


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", max_codepoint=255))))
def test_no_text_of_a_cookie_breaks_anything(lines: list[str]) -> None:
    cookies = PassingCookies()
    response = answer_with()
    response.headers = httpx.Headers([(b"Set-Cookie", line.encode("latin-1")) for line in lines])
    cookies.take(response)
    request = httpx.Request("GET", "http://example.org/a")
    given = cookies.give(request)
    assert all(char in "".join(lines) or char in "; " for char in given)
    assert all(b"\n" not in value for _, value in request.headers.raw)
