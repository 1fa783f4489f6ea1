"""A user pastes a provider's example on a real screen: its token is in nothing that can be read."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from tests.desktop.program import running
from tests.desktop.screen import Screen
from tests.scenarios.secrets.searching import Artefacts
from tests.support.scriptable_service import Reply, ScriptableService, Talk
from tests.support.waiting import until

CANARY = "C4n4ry/of+the-example"


@pytest.mark.long
def test_an_example_is_pasted_tested_and_connected(
    shown_on: Screen, bus: str, own_home: Path, tmp_path: Path
) -> None:
    artefacts = Artefacts()
    with _service() as service, running(shown_on, bus, tmp_path) as program:
        program.keys("ctrl+comma")
        program.press("push button", "Services")
        program.part("push button", "Paste the example")
        body = json.dumps({"picurl": "https://e.example/a.jpg", "type": 1, "key": CANARY})
        with _held(shown_on, f"curl {service.url('/createtask')} \\\n  -d '{body}'"):
            program.press("push button", "Paste the example")
            program.wait_for_text("among the fields of the body, as “key”")
        # The keyboard is in the field of the name, and goes through what is below it.
        program.screen.keys(*["Tab"] * 4, "space")
        program.wait_for_text("The connection works")
        # While it asked, the button could not have the keyboard.
        program.screen.keys(*["shift+Tab"] * 3, "space")
        exchanges = program.part("text", "What was sent and what came back").content
        assert '"key":"<hidden>"' in exchanges
        assert "<b>quoted</b>" in exchanges
        artefacts.add("what the window says", "\n".join([exchanges, *program.root.texts()]))
        artefacts.add("the field of the token", program.part("text", "Token").content)
        program.screen.keys(*["Tab"] * 4, "space")
        stored = user_folders().profiles / "127.0.0.1.toml"
        until(stored.exists, "the service is kept")
        paste = ("push button", "Paste the example")
        until(lambda: program.root.find(*paste) is None, "the end of its window")
        program.quit_with("ctrl+q")
        artefacts.add("standard error", program.errors)
    assert {request.json().get("key") for request in service.requests} == {CANARY, None}
    artefacts.add_files(own_home)
    assert str(stored) in artefacts.names()
    assert artefacts.leaks("<hidden>")
    assert artefacts.leaks(CANARY) == []


@contextmanager
def _held(screen: Screen, text: str) -> Iterator[None]:
    """Have the clipboards of the screen hold a text."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.clipboard", text],
        env={**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.PIPE,
    ) as holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == b"ready\n"
        yield
        holding.kill()


async def _answer(talk: Talk) -> None:
    known = talk.request.json().get("key") == CANARY
    told = f"<b>quoted</b> {talk.request.body.decode()}"
    answer = {"code": 1002001 if known else 7, "msg": told, "data": None}
    await talk.reply(Reply(200 if known else 401, json.dumps(answer).encode()))


@contextmanager
def _service() -> Iterator[ScriptableService]:
    """Run a service beside this thread, which drives the window."""
    ready: queue.SimpleQueue[ScriptableService] = queue.SimpleQueue()
    ended = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", _answer)
            loops.append(asyncio.get_running_loop())
            ready.put(service)
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="service")
    thread.start()
    try:
        yield ready.get(timeout=20)
    finally:
        for loop in loops:
            loop.call_soon_threadsafe(ended.set)
        thread.join()
