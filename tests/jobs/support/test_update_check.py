"""The question for a newer version: one request, the same from everybody, and a wary reader."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import pytest

from enhance_gui import __version__
from enhance_gui.core.errors import UpdateNotKnown
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode
from enhance_gui.core.settings.updates import UpdateFound
from enhance_gui.jobs.support.update_check import CHECK_TIMEOUTS, newest_version
from enhance_gui.transport.timeouts import Timeouts
from tests.support import tls
from tests.support.scriptable_service import (
    Reply,
    ScriptableService,
    SeenRequest,
    Step,
    Talk,
    redirect,
)

TRUSTING = NetworkSettings(ProxyMode.NONE, ca_file=Path(tls.__file__).parent / "authority.pem")
QUICK = Timeouts(read_s=0.3, slow_window_s=0.1)
"""For those who are silent or slow on purpose; others may be slow because the computer is."""
FILE = "/enhance-gui/newest.json"


def reported(port: int, version: str) -> Reply:
    page = f"https://localhost:{port}/enhance-gui/"
    return Reply(body=json.dumps({"version": version, "page": page}).encode())


def ask(
    step: Step | str, timeouts: Timeouts = CHECK_TIMEOUTS
) -> tuple[UpdateFound | None, list[SeenRequest], int]:
    """Ask a host that answers with ``step``, or with this version."""

    async def run() -> tuple[UpdateFound | None, list[SeenRequest], int]:
        async with ScriptableService(tls.server_context()) as host:
            host.on(FILE, reported(host.port, step) if isinstance(step, str) else step)
            url = f"https://localhost:{host.port}{FILE}"
            try:
                found = await newest_version(url, TRUSTING, timeouts=timeouts)
            finally:
                assert [request_.target for request_ in host.requests] == [FILE]
            return found, host.requests, host.port

    return asyncio.run(run())


def test_a_newer_version_is_told_with_its_page() -> None:
    found, _, port = ask("9.0.1")
    assert found == UpdateFound("9.0.1", f"https://localhost:{port}/enhance-gui/")


@pytest.mark.parametrize("version", [__version__, "0.0.1"])
def test_this_version_and_older_ones_are_no_news(version: str) -> None:
    found, _, _ = ask(version)
    assert found is None


def test_it_is_one_request_with_nothing_in_it_that_tells_who_asks() -> None:
    _, requests, port = ask("9.0.1")
    [request] = requests
    assert (request.method, request.target, request.body) == ("GET", FILE, b"")
    assert request.headers == {
        "host": f"localhost:{port}",
        "user-agent": "enhance-gui",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
    }


def test_a_cookie_of_one_answer_does_not_come_with_the_next_request() -> None:
    async def run() -> None:
        async with ScriptableService(tls.server_context()) as host:
            answer = reported(host.port, "9.0.1")
            host.on(FILE, Reply(body=answer.body, headers={"Set-Cookie": "id=1; Path=/"}))
            for _ in range(2):
                await newest_version(f"https://localhost:{host.port}{FILE}", TRUSTING)
            assert len(host.requests) == 2
            assert all("cookie" not in request.headers for request in host.requests)

    asyncio.run(run())


async def _silence(talk: Talk) -> None:
    await talk.until_closed_by_peer()


async def _endless(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await talk.send(bytes(65536))


async def _trickle(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    await talk.trickle(bytes(900))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Reply(404), "HTTP 404"),
        (Reply(500), "HTTP 500"),
        (Reply(204), "HTTP 204"),
        (redirect("https://elsewhere.test/newest.json"), "leads on"),
        (redirect("/other.json", 308), "leads on"),
        (Reply(body=b"<html>"), "not the file"),
        (Reply(body=b" " * 5000), "more than 4096 bytes"),
        (Reply(body=b"x", headers={"Content-Encoding": "zstd"}), "compressed"),
        (_endless, "more than 4096 bytes"),
    ],
)
def test_a_hostile_answer_is_refused_after_one_request(step: Step, words: str) -> None:
    with pytest.raises(UpdateNotKnown, match=words):
        ask(step)


@pytest.mark.parametrize(
    ("step", "words"), [(_trickle, "slowly|stopped responding"), (_silence, "stopped responding")]
)
def test_a_server_that_keeps_us_waiting_is_given_up(step: Step, words: str) -> None:
    with pytest.raises(UpdateNotKnown, match=words):
        ask(step, QUICK)


def test_a_server_with_a_certificate_of_nobody_is_not_asked() -> None:
    async def run() -> None:
        async with ScriptableService(tls.server_context()) as host:
            with pytest.raises(UpdateNotKnown, match="not to be trusted"):
                await newest_version(
                    f"https://localhost:{host.port}{FILE}", NetworkSettings(ProxyMode.NONE)
                )
            assert host.requests == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "this build has no update source"),
        ("http://example.org/newest.json", "not a plain https one"),
        ("https://example.org/newest.json?user=7", "not a plain https one"),
        ("https://user:secret@example.org/newest.json", "is none"),
        ("newest.json", "is none"),
    ],
)
def test_a_build_without_a_plain_address_asks_nobody(url: str, words: str) -> None:
    with pytest.raises(UpdateNotKnown, match=words):
        asyncio.run(newest_version(url, NetworkSettings(ProxyMode.NONE)))


def test_nothing_is_logged_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ask("9.0.1")
    assert caplog.records == []
