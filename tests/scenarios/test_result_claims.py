"""Which file is a task's own: after a crash, beside others, and in a list that somebody made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from enhance_gui.core.images.picture import PictureFacts, PictureHeader
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.storage.files.results import sha256_of
from enhance_gui.storage.task_db.store import Output, TaskStore
from tests.scenarios.running import at_work, with_provider
from tests.support.pictures import shows
from tests.support.provider import RESULT, Provider
from tests.support.stored import PICTURE, Wall


def crash_before_placing(folder: Path, like: Task, part: Path, final: Path, *beside: Output) -> int:
    """Leave a second task as a run leaves it that ends before it gives the name.

    :param beside: further files that it was at.
    """
    store = TaskStore.open(folder / "tasks.sqlite3", Wall())
    try:
        new = NewTask("http://pictures.test/other.jpg", like.service, 1, "Enhance", part.parent)
        task = store.drafts.checked(store.drafts.add([new])[0].id, PICTURE, None)
        store.attempts.begin(task.id, "private-other", "")
        store.attempts.accepted(task.id, "service-other")
        store.accepted.finished(task.id, like.record or b"", None)
        store.outputs.begin_fetch(task.id, [Output(0, part, final), *beside])
        facts = PictureFacts(PictureHeader("png", 400, 400), len(RESULT), sha256_of(final) or "")
        store.outputs.verified(task.id, 0, final, facts)
    finally:
        store.close()
    return task.id


async def go_on(folder: Path, provider: Provider, task_id: int) -> Task:
    async with at_work(folder, provider) as running:
        (task,) = [each for each in await running.queue.stored() if each.id == task_id]
        await running.queue.resume(running.profile, [task])
        return await running.until(task, TaskState.SAVED)


async def first_result(folder: Path, provider: Provider) -> Task:
    async with at_work(folder, provider) as running:
        (task,) = await running.add_pictures("a")
        return await running.until(task, TaskState.SAVED)


def test_two_tasks_never_report_one_file(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        first = await first_result(tmp_path, provider)
        part = tmp_path / "results" / ".private-othe-0.part"
        other = crash_before_placing(tmp_path, first, part, first.files[0])
        second = await go_on(tmp_path, provider, other)
        assert second.files[0] != first.files[0]
        assert [shows(each, RESULT) for each in (*first.files, *second.files)] == [True, True]

    with_provider(test)


@pytest.mark.parametrize("is_own", [True, False])
def test_where_the_part_is_still_there_both_are_one_file(tmp_path: Path, is_own: bool) -> None:
    async def test(provider: Provider) -> None:
        first = await first_result(tmp_path, provider)
        part = tmp_path / "results" / ".private-othe-0.part"
        final = tmp_path / "results" / "other-enhance.png"
        final.write_bytes(RESULT)  # of the user, with the same content
        if is_own:
            part.hardlink_to(final)
        else:
            part.write_bytes(RESULT)
        other = crash_before_placing(tmp_path, first, part, final)
        second = await go_on(tmp_path, provider, other)
        assert (second.files[0] == final) is is_own
        assert not part.exists()
        assert final.read_bytes() == RESULT

    with_provider(test)


def test_a_part_goes_though_the_service_names_its_file_no_more(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        first = await first_result(tmp_path, provider)
        results = tmp_path / "results"
        own, foreign = results / ".private-othe-1.part", results / ".foreign-2.part"
        anew = results / ".private-othe-1m.part"
        for each in (own, foreign, anew):
            each.write_bytes(b"half")
        other = crash_before_placing(
            tmp_path,
            first,
            results / ".private-othe-0.part",
            results / "other-enhance.png",
            Output(1, own, results / "other-enhance-face-1.png"),
            Output(2, foreign, results / "other-enhance-face-2.png"),
        )
        await go_on(tmp_path, provider, other)
        assert [entry for entry in results.iterdir() if entry.suffix == ".part"] == [foreign]

    with_provider(test)


@pytest.mark.parametrize(
    "poison",
    [
        lambda valuable: (str(valuable), str(valuable)),
        lambda valuable: (str(valuable), str(valuable.parent / "results" / "a.png")),
        lambda valuable: (str(valuable.parent / "results" / ".." / valuable.name), str(valuable)),
        lambda valuable: (str(valuable.parent / "results" / ".a-0.part"), str(valuable)),
    ],
)
def test_a_list_cannot_have_foreign_files_deleted_or_reported(
    tmp_path: Path, poison: Callable[[Path], tuple[str, str]]
) -> None:
    async def test(provider: Provider) -> None:
        first = await first_result(tmp_path, provider)
        part = tmp_path / "results" / ".private-othe-0.part"
        other = crash_before_placing(tmp_path, first, part, first.files[0])
        valuable = tmp_path / ".valuable.part"
        valuable.write_bytes(RESULT)
        with sqlite3.connect(tmp_path / "tasks.sqlite3") as list_of_tasks:
            list_of_tasks.execute(
                "UPDATE output SET part = ?, final = ? WHERE task_id = ?",
                (*poison(valuable), other),
            )
        list_of_tasks.close()
        saved = await go_on(tmp_path, provider, other)
        assert valuable.read_bytes() == RESULT
        assert [file.parent for file in saved.files] == [tmp_path / "results"]
        assert shows(saved.files[0], RESULT)

    with_provider(test)
