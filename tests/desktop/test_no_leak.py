"""A canary for a token in the window: it works at its loudest, and the canary is nowhere after.

What is searched here beside the places of ``tests/scenarios/secrets``: what the window shows, its
stored state, and the clipboards.
"""

from __future__ import annotations

import asyncio
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from tests.desktop.program import Program, running
from tests.desktop.screen import Screen
from tests.scenarios.running import profile_of
from tests.scenarios.secrets.searching import Artefacts, own_temporary_folder
from tests.scenarios.secrets.test_no_leak import LOUD, PARTS_OF_PROCESSES
from tests.support.keyrings.secret_service import needs_secret_service, secret_service
from tests.support.program import run, write_profile
from tests.support.provider import INPUT, RESULT, Provider, ProviderTask
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope
from tests.support.waiting import until

CANARY = "C4n4ry/of+the-window"


@pytest.fixture
def password_manager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A real one; the address of its bus."""
    with secret_service(monkeypatch, tmp_path / "session") as service:
        service.start()
        yield os.environ["DBUS_SESSION_BUS_ADDRESS"]


@pytest.mark.long
@needs_secret_service
def test_the_window_shows_writes_and_copies_no_token(
    shown_on: Screen,
    password_manager: str,
    own_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "stage"
    folder.mkdir()
    for name, value in own_temporary_folder(folder / "tmp").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(LOUD), str(Path.cwd())]))
    artefacts = Artefacts()
    with _provider_and_host() as (provider, host):
        _choose(provider)
        assert asyncio.run(run("token", "set", typed=CANARY.encode() + b"\n")).code == 0
        good, failing, refused = (host.url(f"/{name}.jpg") for name in "abc")
        with running(shown_on, password_manager, folder, good, failing) as program:
            _use(program, provider, refused, artefacts)
            program.quit_with("alt+F4")
            artefacts.add("standard error", program.errors)
        for request in provider.requests:
            assert request.headers["token"] == CANARY
        assert host.requests
        artefacts.add_requests(host.requests, "the picture host")
    artefacts.add_files(own_home, folder)
    _assert_all_was_searched(artefacts)
    assert artefacts.leaks(CANARY) == []


def _use(program: Program, provider: Provider, refused: str, artefacts: Artefacts) -> None:
    """Have one picture saved, one failed and one refused, with the token quoted each time."""

    def look() -> None:
        artefacts.add("what the window says", "\n".join(program.root.texts()))
        artefacts.add_processes(program.process.pid)
        for name, held in program.screen.clipboards().items():
            artefacts.add(f"the {name}", held)

    program.part("list item", "a.jpg", "Saved")
    program.part("list item", "b.jpg")
    until(lambda: "quoted" in "\n".join(program.root.texts()), "the words of the failure")
    look()
    program.press("list item", "b.jpg")
    program.wait_for_text("Retry")
    program.keys("ctrl+shift+c")
    until(lambda: b"b.jpg" in program.screen.clipboards()["clipboard"], "details to paste")
    look()
    provider.on("/createtask", _refuse_and_quote)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", program.screen.display)
        later = subprocess.run(
            [sys.executable, "-m", "enhance_gui", refused],
            capture_output=True,
            timeout=60,
            check=True,
        )
    artefacts.add("standard output", later.stdout)
    until(lambda: len(provider.seen("/createtask")) >= 3, "a third task")
    program.wait_for_text("the token <hidden> is bad")
    look()
    program.keys("ctrl+shift+c")
    until(lambda: b"c.jpg" in program.screen.clipboards()["clipboard"], "details to paste")
    look()


def _assert_all_was_searched(artefacts: Artefacts) -> None:
    folders = user_folders()
    names = set(artefacts.names())
    assert names >= {
        *PARTS_OF_PROCESSES,
        "standard output",
        "standard error",
        "what the window says",
        "the clipboard",
        "the primary",
        "rows of tasks.sqlite3",
        str(folders.log),
        str(folders.window_state),
        str(folders.preferences),
    }
    assert "DEBUG httpcore" in folders.log.read_text()
    assert artefacts.leaks("<hidden>"), "nothing was hidden, so nothing was there to hide"


def _choose(provider: Provider) -> None:
    """Have new pictures go to the provider without a review."""
    folders = user_folders()
    folders.profiles.mkdir(parents=True)
    write_profile(folders.profiles / "studio.toml", profile_of(provider))
    preferences = read_preferences(folders.preferences)
    chosen = preferences.with_start_at_once("Studio", wanted=True)
    write_preferences(folders.preferences, replace(chosen, service="Studio"))


@contextmanager
def _provider_and_host() -> Iterator[tuple[Provider, ScriptableService]]:
    """Run both beside this thread, which drives the window."""
    ready: queue.SimpleQueue[tuple[Provider, ScriptableService]] = queue.SimpleQueue()
    ended = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with Provider() as provider, ScriptableService() as host:
            for name in "abc":
                host.on(f"/{name}.jpg", Reply(body=INPUT))
            host.on("/result.png", Reply(body=RESULT))
            provider.polls_needed = 2
            provider.record_of_new = lambda task: _record(task, host)
            loops.append(asyncio.get_running_loop())
            ready.put((provider, host))
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="provider")
    thread.start()
    try:
        yield ready.get(timeout=20)
    finally:
        for loop in loops:
            loop.call_soon_threadsafe(ended.set)
        thread.join()


def _record(task: ProviderTask, host: ScriptableService) -> dict[str, object]:
    """Return a record of a provider that is careless with the token it was given."""
    fields: dict[str, object] = {"outputurl": host.url("/result.png"), "errormsg": f"({CANARY})"}
    if task.picurl.endswith("/b.jpg"):
        words = f"quoted: ({CANARY})"
        return {**fields, "errorcode": 7, "status": 9, "outputurl": "", "errormsg": words}
    return fields


async def _refuse_and_quote(talk: Talk) -> None:
    await talk.reply(envelope(None, 1001001, f"the token {talk.request.headers['token']} is bad"))


# -- the search itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clipboard", "primary"])
def test_a_leak_planted_in_a_clipboard_is_found(shown_on: Screen, name: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.clipboard", f"bearer {CANARY}"],
        env={**os.environ, "DISPLAY": shown_on.display, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.PIPE,
    ) as holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == b"ready\n"
        artefacts = Artefacts()
        artefacts.add(f"the {name}", shown_on.clipboards()[name])
        holding.kill()
    assert artefacts.leaks(CANARY) == [f"the {name}"]
