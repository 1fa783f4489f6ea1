"""Where a host refuses the program, the picture that came with the user's drag is used, and paid
for once.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from enhance_gui.core.service_errors import STAND_BY_READY
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.support.stand_bys import StandBys
from tests.scenarios.running import Running, at_work, profile_of, with_provider
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk, envelope

SHOWN = picture_bytes("jpg", 160, 120)
SHA256 = hashlib.sha256(SHOWN).hexdigest()
LOGIN_PAGE = Reply(body=b"<!DOCTYPE html><html><body>Log in</body></html>")
REFUSALS = {"403": Reply(403), "410": Reply(410), "login": LOGIN_PAGE}


class Dropped:
    """A provider that takes uploads, and an address that was dropped with its picture."""

    def __init__(self, provider: Provider, folder: Path, data: bytes = SHOWN) -> None:
        self.provider = provider
        self.folder = folder
        self.address = provider.url("/a.jpg")
        self.profile = profile_of(provider, upload_path="/upload")
        self.uploaded: list[bytes] = []
        self.stand_bys = StandBys(folder / "pasted")
        self.stand_bys.keep(self.address, data, datetime.now(UTC))
        provider.on("/upload", self._upload)

    async def _upload(self, talk: Talk) -> None:
        self.uploaded.append(talk.request.body)
        await talk.reply(envelope({"picurl": self.provider.url("/b.jpg")}))

    async def checked(self, running: Running) -> Task:
        """Return the draft of the address once it has been checked."""
        [draft] = await running.queue.draft(running.profile, [running.new(self.address)])
        await running.queue.pool.work_on(running.profile, [draft])
        return await running.until_suspended(draft)

    @property
    def pasted(self) -> list[Path]:
        return [each for each in (self.folder / "pasted").iterdir() if each.is_file()]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_picture_of_the_drag_is_sent_in_the_place_of_the_address(
    tmp_path: Path, refusal: str
) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.on("/a.jpg", REFUSALS[refusal])
        async with at_work(tmp_path, provider, dropped.profile) as running:
            draft = await dropped.checked(running)
            assert (draft.state, draft.failure) == (TaskState.DRAFT, None)
            assert draft.stands_for == dropped.address
            assert Path(draft.input).name == "a.jpg"
            assert draft.input_sha256 == SHA256
            assert provider.charged == []
            assert await running.queue.start_unless_repeated(draft.id) == []
            saved = await running.until(draft, TaskState.SAVED)
            assert saved.sidecar is not None
            assert json.loads(saved.sidecar.read_text())["input"] == dropped.address
            # Who orders the address again gets this task.
            [again] = await running.queue.add(
                running.profile, [running.new(dropped.address)], or_saved=[draft.id]
            )
            assert again.id == draft.id
        assert len(provider.charged) == 1
        assert [SHOWN in each for each in dropped.uploaded] == [True]

    with_provider(test)


def test_without_such_a_picture_the_user_is_told_what_can_be_done(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        for kept in (tmp_path / "pasted" / "stand-bys").iterdir():
            kept.unlink()
        provider.on("/a.jpg", Reply(403))
        async with at_work(tmp_path, provider, dropped.profile) as running:
            refused = await dropped.checked(running)
            assert refused.state is TaskState.FAILED
            assert refused.failure is not None
            assert "403" in refused.failure.detail
        assert dropped.uploaded == []

    with_provider(test)


@pytest.mark.parametrize("data", [picture_bytes("jpg", 9, 9), SHOWN[:40], b"<html>"])
def test_a_picture_that_is_of_no_use_does_not_hide_what_the_host_says(
    tmp_path: Path, data: bytes
) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path, data)
        provider.on("/a.jpg", Reply(403))
        async with at_work(tmp_path, provider, dropped.profile) as running:
            refused = await dropped.checked(running)
            assert refused.failure is not None
            assert refused.failure.kind == "picture_unreachable"
            assert refused.input == dropped.address
        assert dropped.pasted == []

    with_provider(test)


def test_a_service_that_takes_addresses_alone_is_sent_no_file(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.on("/a.jpg", Reply(403))
        async with at_work(tmp_path, provider, profile_of(provider, upload_path="")) as running:
            refused = await dropped.checked(running)
            assert refused.failure is not None
            assert refused.failure.kind == "picture_unreachable"

    with_provider(test)


def test_an_address_that_works_is_sent_itself(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        async with at_work(tmp_path, provider, dropped.profile) as running:
            draft = await dropped.checked(running)
            assert draft.stands_for == ""
            await running.queue.start_unless_repeated(draft.id)
            await running.until(draft, TaskState.SAVED)
        assert [task.picurl for task in provider.tasks.values()] == [dropped.address]
        assert dropped.uploaded == []

    with_provider(test)


def test_what_was_dropped_survives_the_end_of_the_program(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.on("/a.jpg", Reply(403))
        async with at_work(tmp_path, provider, dropped.profile) as running:
            [draft] = await running.queue.draft(running.profile, [running.new(dropped.address)])
        for _ in range(2):  # before it has been checked, and after
            async with at_work(tmp_path, provider, dropped.profile) as running:
                await running.queue.pool.work_on(running.profile, await running.queue.stored())
                draft = await running.until_suspended(draft)
                assert (draft.state, draft.stands_for) == (TaskState.DRAFT, dropped.address)
                assert draft.checked is not None
                assert draft.checked.location == dropped.address
        assert len(dropped.pasted) == 1
        async with at_work(tmp_path, provider, dropped.profile) as running:
            await running.queue.pool.work_on(running.profile, await running.queue.stored())
            await running.until_suspended(draft)
            await running.queue.start_unless_repeated(draft.id)
            await running.until(draft, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_picture_that_the_service_cannot_fetch_waits_for_the_user_and_costs_once(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.creating(envelope(None, 1001002, "HTTP status 410"))
        async with at_work(tmp_path, provider, dropped.profile) as running:
            draft = await dropped.checked(running)
            await running.queue.start_unless_repeated(draft.id)
            await running.until(draft, TaskState.FAILED)

            def stood_in() -> Task | None:
                found = (e.task for e in running.events if isinstance(e, TaskChanged))
                return next((each for each in found if each.stands_for), None)

            failed = await running.until_true(stood_in, "nothing stands in")
            assert failed.failure is not None
            assert (failed.failure.kind, failed.failure.code) == (STAND_BY_READY, 1001002)
            assert failed.stands_for == dropped.address
            assert failed.charges_possible == 0
            assert provider.charged == []
        # Nothing is sent by itself, at the next start either.
        async with at_work(tmp_path, provider, dropped.profile) as running:
            assert await running.queue.stored() == []
            await running.queue.retry(draft.id)
            await running.until(draft, TaskState.SAVED)
        assert len(provider.charged) == 1
        assert [SHOWN in each for each in dropped.uploaded] == [True]

    with_provider(test)


def test_a_picture_that_was_paid_for_is_not_sent_unasked(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        async with at_work(tmp_path, provider, dropped.profile) as running:
            file = tmp_path / "file.jpg"
            file.write_bytes(SHOWN)
            [first] = await running.add(str(file))
            await running.until(first, TaskState.SAVED)
            provider.on("/a.jpg", Reply(403))
            # Ordered at once: nobody has seen that it is the same picture.
            [second] = await running.add(dropped.address)
            refused = await running.until_suspended(second)
            assert refused.state is TaskState.FAILED
            assert refused.input == dropped.address
            # As a draft it is shown as a duplicate.
            [draft] = await running.queue.draft(running.profile, [running.new(dropped.address)])
            await running.queue.pool.work_on(running.profile, [draft])
            draft = await running.until_suspended(draft)
            against = await running.queue.start_unless_repeated(draft.id)
            assert [each.id for each in against] == [first.id]
        assert len(provider.charged) == 1

    with_provider(test)


def test_the_same_address_is_the_same_picture_whatever_bytes_its_host_gives(
    tmp_path: Path,
) -> None:
    """Hosts give browsers other files than programs, and the copy of what was sent tells so."""

    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.on("/a.jpg", Reply(body=picture_bytes("jpg", 120, 90)))
        async with at_work(tmp_path, provider, dropped.profile) as running:
            [first] = await running.add(dropped.address)
            saved = await running.until(first, TaskState.SAVED)
            assert saved.input_sha256 not in (None, SHA256)
            provider.on("/a.jpg", Reply(403))
            draft = await dropped.checked(running)
            assert draft.input_sha256 == SHA256
            against = await running.queue.start_unless_repeated(draft.id)
            assert [each.id for each in against] == [first.id]
        assert len(provider.charged) == 1

    with_provider(test)


def test_an_attempt_in_doubt_is_never_given_another_picture(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        dropped = Dropped(provider, tmp_path)
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider, dropped.profile) as running:
            [task] = await running.add(dropped.address)
            doubt = await running.until_suspended(task)
            provider.on("/a.jpg", Reply(403))
            await running.queue.send_again(doubt.id)
            await running.until(doubt, TaskState.QUEUED)
            again = await running.until(doubt, TaskState.IN_DOUBT, TaskState.FAILED)
            assert (again.state, again.input) == (TaskState.IN_DOUBT, dropped.address)
        assert dropped.pasted == []
        assert len(provider.charged) == 1

    with_provider(test)


def test_kept_pictures_go_when_they_are_old_or_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_bys, now = StandBys(tmp_path / "pasted"), datetime.now(UTC)
    for number in range(3):
        stand_bys.keep(f"https://example.org/{number}", SHOWN, now)
        stand_bys.keep(f"https://example.org/{number}", SHOWN, now)
    assert len(list((tmp_path / "pasted" / "stand-bys").iterdir())) == 3
    monkeypatch.setattr("enhance_gui.jobs.support.stand_bys.MAX_KEPT_BYTES", 2 * len(SHOWN))
    stand_bys.tidy(now)
    assert len(list((tmp_path / "pasted" / "stand-bys").iterdir())) == 2
    stand_bys.tidy(now + timedelta(days=8))
    assert list((tmp_path / "pasted" / "stand-bys").iterdir()) == []


def test_a_disk_that_takes_nothing_is_no_reason_to_refuse_the_address(tmp_path: Path) -> None:
    (tmp_path / "pasted").write_text("a file in the way")
    stand_bys = StandBys(tmp_path / "pasted")
    stand_bys.keep("https://example.org/a.jpg", SHOWN, datetime.now(UTC))
    assert stand_bys.find("https://example.org/a.jpg") is None
