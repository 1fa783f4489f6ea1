"""Tokens are read and kept without holding up the program, whatever the password manager does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import (
    KEYRING_LOCKED,
    KEYRING_SILENT,
    KeyringMissing,
    KeyringProblem,
)
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.storage.system.keyrings import Account, SystemKeyring
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.loop_lag import longest_lag_s
from tests.support.raising import raises_kind

STUDIO = ServiceProfile("Studio", "https://studio.example/api")
FREE = ServiceProfile("Free", "https://free.example/api", needs_token=False)
TOKEN = Secret("c4n4ry-of-the-keeper")

MAX_LAG_S = 0.05


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


def credentials(
    tmp_path: Path, waits: list[bool] | None = None, *, limit_s: float = 10.0
) -> CredentialStore:
    listener = (lambda _: None) if waits is None else waits.append
    keyring = SystemKeyring(tmp_path / "places.json")
    return CredentialStore(keyring, listener, limit_s=limit_s, notice_after_s=0.05)


@needs_secret_service
def test_a_token_is_kept_found_by_the_next_run_and_forgotten(
    service: SecretService, tmp_path: Path
) -> None:
    service.start()

    async def test() -> None:
        assert await credentials(tmp_path).get(STUDIO) is None
        await credentials(tmp_path).set(STUDIO, TOKEN)
        tokens = credentials(tmp_path)
        assert await tokens.get(STUDIO) == TOKEN
        assert await tokens.forget(STUDIO) is True
        assert await tokens.get(STUDIO) is None

    asyncio.run(test())


def test_without_a_password_manager_a_token_holds_for_this_run_and_is_on_no_disk(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def test() -> None:
        tokens = credentials(tmp_path)
        with pytest.raises(KeyringMissing):
            await tokens.set(STUDIO, TOKEN)
        assert await tokens.get(STUDIO) == TOKEN
        with pytest.raises(KeyringMissing):
            await credentials(tmp_path).get(STUDIO)

    asyncio.run(test())
    for folder in (tmp_path, own_home):
        for path in folder.rglob("*"):
            assert not path.is_file() or TOKEN.reveal().encode() not in path.read_bytes()


def test_a_token_of_the_run_is_used_before_any_other_and_for_its_origin_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def test() -> None:
        tokens = credentials(tmp_path)
        tokens.keep_for_this_run(STUDIO, TOKEN)
        assert await tokens.get(STUDIO) == TOKEN
        with pytest.raises(KeyringMissing):
            await tokens.get(ServiceProfile("Studio", "https://elsewhere.example/api"))

    asyncio.run(test())


def test_a_service_that_needs_no_token_needs_no_password_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    assert asyncio.run(credentials(tmp_path).get(FREE)) is None


@needs_secret_service
def test_a_hanging_password_manager_is_waited_for_visibly_and_given_up(
    service: SecretService, tmp_path: Path
) -> None:
    service.start()

    async def test() -> None:
        await credentials(tmp_path).set(STUDIO, TOKEN)
        waits: list[bool] = []
        tokens = credentials(tmp_path, waits, limit_s=0.3)
        service.hang()
        with raises_kind(KEYRING_SILENT, KeyringProblem):
            await tokens.get(STUDIO)
        assert waits == [True, False]
        # While it hangs, more questions add no more threads.
        for _ in range(3):
            with raises_kind(KEYRING_SILENT, KeyringProblem):
                await tokens.get(STUDIO)
        stuck = [each for each in threading.enumerate() if each.name == "password manager"]
        assert len(stuck) == 1
        assert stuck[0].daemon
        service.recover()
        assert await _until_it_answers(tokens) == TOKEN
        assert not waits[-1]

    asyncio.run(test())


async def _until_it_answers(tokens: CredentialStore) -> Secret | None:
    give_up_s = time.monotonic() + 20
    while True:
        try:
            return await tokens.get(STUDIO)
        except KeyringProblem as problem:
            if problem.kind != KEYRING_SILENT:
                raise
            assert time.monotonic() < give_up_s


def test_every_call_runs_in_a_daemon_thread(tmp_path: Path) -> None:
    seen: list[threading.Thread] = []

    class Watching(SystemKeyring):
        def read(self, account: Account) -> Secret | None:
            seen.append(threading.current_thread())
            return None

        def write(self, account: Account, token: Secret) -> None:
            self.read(account)

        def forget(self, account: Account) -> bool:
            return self.read(account) is not None

        def title(self) -> str:
            self.read(Account("", ""))
            return ""

    async def test() -> None:
        tokens = CredentialStore(Watching(tmp_path / "places.json"))
        await tokens.get(STUDIO)
        await tokens.set(STUDIO, TOKEN)
        await tokens.forget(STUDIO)
        await tokens.manager()

    asyncio.run(test())
    assert len(seen) == 4
    assert all(each.daemon and each is not threading.main_thread() for each in seen)


@needs_secret_service
def test_the_program_ends_at_once_while_the_password_manager_hangs(
    service: SecretService, tmp_path: Path
) -> None:
    service.start()
    service.hang()

    async def ask() -> None:
        await credentials(tmp_path, limit_s=0.1).get(STUDIO)

    started_s = time.monotonic()
    with raises_kind(KEYRING_SILENT, KeyringProblem):
        asyncio.run(ask())
    assert time.monotonic() - started_s < 2
    service.recover()


def _absent(service: SecretService) -> None:
    pass


def _locked(service: SecretService) -> None:
    service.start()
    service.stop()
    service.start(unlocked=False)


def _hanging(service: SecretService) -> None:
    service.start()
    service.hang()


def _well(service: SecretService) -> None:
    service.start()


@needs_secret_service
@pytest.mark.parametrize(
    ("situation", "kind"),
    [
        (_well, None),
        (_absent, KeyringMissing.kind),
        (_locked, KEYRING_LOCKED),
        (_hanging, KEYRING_SILENT),
    ],
)
def test_the_event_loop_is_never_held_up(
    service: SecretService,
    tmp_path: Path,
    situation: Callable[[SecretService], None],
    kind: str | None,
) -> None:
    situation(service)

    async def lag_s() -> float:
        tokens = credentials(tmp_path, limit_s=0.3 if kind == KEYRING_SILENT else 10)
        keeping = asyncio.ensure_future(tokens.set(STUDIO, TOKEN))
        longest_s = await longest_lag_s(keeping)
        problem = keeping.exception()
        assert (problem and cast(EnhanceError, problem).kind) == kind
        return longest_s

    # The quietest of a few: another program may have held up the whole computer.
    lags_s: list[float] = []
    while not lags_s or (min(lags_s) >= MAX_LAG_S and len(lags_s) < 5):
        lags_s.append(asyncio.run(lag_s()))
    assert min(lags_s) < MAX_LAG_S
    if kind == KEYRING_SILENT:
        service.recover()


class FillingKeyring(SystemKeyring):
    """Takes one token, after a while, and no other."""

    def __init__(self, places: Path) -> None:
        super().__init__(places)
        self.go_on = threading.Event()
        self.kept: list[Secret] = []

    def read(self, account: Account) -> Secret | None:
        return self.kept[0] if self.kept else None

    def write(self, account: Account, token: Secret) -> None:
        self.go_on.wait(10)
        if self.kept:
            raise KeyringProblem("it was locked meanwhile", kind=KEYRING_LOCKED)
        self.kept.append(token)


def test_a_token_given_while_an_earlier_one_is_being_kept_is_the_one_that_holds(
    tmp_path: Path,
) -> None:
    newer = Secret("c4n4ry-of-the-keeper-2")

    async def test() -> None:
        keyring = FillingKeyring(tmp_path / "places.json")
        tokens = CredentialStore(keyring)
        first = asyncio.create_task(tokens.set(STUDIO, TOKEN))
        await asyncio.sleep(0)
        second = asyncio.create_task(tokens.set(STUDIO, newer))
        await asyncio.sleep(0)
        keyring.go_on.set()
        await first
        with raises_kind(KEYRING_LOCKED, KeyringProblem):
            await second
        assert await tokens.get(STUDIO) == newer

    asyncio.run(test())


def test_one_question_that_is_given_up_does_not_end_the_waiting_of_another(tmp_path: Path) -> None:
    waiting: list[bool] = []

    async def test() -> None:
        begun = asyncio.Event()

        def note(waits: bool) -> None:
            waiting.append(waits)
            begun.set()

        keyring = FillingKeyring(tmp_path / "places.json")
        tokens = CredentialStore(keyring, note, notice_after_s=0.0)
        first = asyncio.create_task(tokens.set(STUDIO, TOKEN))
        second = asyncio.create_task(tokens.set(STUDIO, TOKEN))
        await begun.wait()
        second.cancel()
        await asyncio.wait([second])
        assert waiting == [True]
        keyring.go_on.set()
        await first

    asyncio.run(test())
    assert waiting == [True, False]


def test_an_answer_that_comes_at_once_is_not_waited_for(tmp_path: Path) -> None:
    waiting: list[bool] = []
    keyring = FillingKeyring(tmp_path / "places.json")
    keyring.go_on.set()
    asyncio.run(CredentialStore(keyring, waiting.append).set(STUDIO, TOKEN))
    assert waiting == []


@pytest.mark.parametrize("kept", [Secret("an-older-one"), None])
def test_a_token_given_while_the_password_manager_is_asked_is_the_one_that_holds(
    tmp_path: Path, kept: Secret | None
) -> None:
    asked, answers = threading.Event(), threading.Event()

    class Waiting(SystemKeyring):
        """Answers once its window has been closed."""

        def read(self, account: Account) -> Secret | None:
            asked.set()
            answers.wait(10)
            return kept

    async def test() -> None:
        tokens = CredentialStore(Waiting(tmp_path / "places.json"))
        reading = asyncio.create_task(tokens.get(STUDIO))
        await asyncio.to_thread(asked.wait, 10)
        tokens.keep_for_this_run(STUDIO, TOKEN)
        answers.set()
        assert await reading == TOKEN

    asyncio.run(test())
