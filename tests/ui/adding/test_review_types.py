"""The review names types and sums, warns of limits, and offers the type that was meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import LimitAhead
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.adding.review_strip import limit_text, sum_text
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.review import TypeSum, type_sums
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.window import open_window as opening
from tests.ui.window.open_window import open_window

A, B, C = (f"https://example.org/{name}.png" for name in "abc")
PORTRAIT = EnhanceType(8, "Portrait", cost=3)


@pytest.fixture
def two_types(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = opening.STUDIO
    types = (*studio.enhance_types, PORTRAIT)
    monkeypatch.setattr(opening, "STUDIO", replace(studio, enhance_types=types))


@pytest.mark.parametrize(
    ("sums", "text"),
    [
        ([TypeSum("Enhance", 30, 60, is_priced=True)], "30 pictures · Enhance · 60 credits"),
        ([TypeSum("Enhance", 1, 1, is_priced=True)], "1 picture · Enhance · 1 credit"),
        ([TypeSum("Enhance", 2, 0, is_priced=True)], "2 pictures · Enhance"),
        (
            [TypeSum("Enhance", 2, 4, is_priced=True), TypeSum("Portrait", 1, 3, is_priced=True)],
            "3 pictures · 2 Enhance, 1 Portrait · 7 credits",
        ),
        (
            [TypeSum("Enhance", 2, 4, is_priced=True), TypeSum("Portrait", 1, 0, is_priced=False)],
            "3 pictures · 2 Enhance, 1 Portrait · at least 4 credits",
        ),
    ],
)
def test_the_sum_names_each_type(sums: list[TypeSum], text: str) -> None:
    assert sum_text(sums) == text


def test_what_was_known_when_it_was_added_counts_where_it_is_more() -> None:
    tasks = [task(1, cost=2), task(2, cost=5), task(3, type_id=2, type_name="Portrait")]
    assert type_sums(tasks, lambda _, id_: {1: 3.0}.get(id_, 0)) == [
        TypeSum("Enhance", 2, 8, is_priced=True),
        TypeSum("Portrait", 1, 0, is_priced=False),
    ]


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (LimitAhead(2, 5, of_batch=False), "your limit of 5 credits a day stops after 2"),
        (LimitAhead(0, 1, of_batch=False), "your limit of 1 credit a day has no room for one"),
        (LimitAhead(2, 5, of_batch=True), "your limit of 5 credits a batch stops after 2"),
        (
            LimitAhead(0, 5, of_batch=True, unpriced="Portrait"),
            "your limit stops Portrait: it is not known what that costs",
        ),
    ],
)
def test_a_limit_is_named_with_where_it_stops(ahead: LimitAhead, text: str) -> None:
    assert limit_text(ahead) == text


@pytest.mark.usefixtures("two_types")
def test_another_type_chosen_at_the_top_is_offered_for_what_waits(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            opened.window.intake.add([A, B])
            await until(lambda: len(queue.tasks) == 2, "two drafts")
            queue.check(1)
            queue.check(2)
            await until(lambda: strip.shown.usable == (1, 2), "they are ready")
            assert strip._change.isHidden()
            opened.choices.choose_type(8)
            assert strip._change.isVisible()
            assert strip._change.text() == "Change to Portrait"
            assert strip.accessibleDescription().startswith("2 pictures · Enhance · 4 credits")
            strip._change.click()
            await until(strip._change.isHidden, "there is nothing more to offer")
            assert queue.asked == [("set type 8", 1), ("set type 8", 2)]
            assert strip.accessibleDescription().startswith("2 pictures · Portrait · 6 credits")

    arun(job())


@pytest.mark.usefixtures("two_types")
def test_a_type_can_be_chosen_for_some_of_what_waits_and_what_was_sent_keeps_its_own(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue, messages = opened.window.review, opened.queue, list[str]()
            opened.bridge.message.connect(messages.append)
            opened.window.intake.add([A, B, C])
            await until(lambda: len(queue.tasks) == 3, "three drafts")
            for number in (1, 2, 3):
                queue.check(number)
            await until(lambda: len(strip.shown.usable) == 3, "they are ready")
            queue.put(3, TaskState.ACCEPTED)
            opened.bridge.set_type([2, 3], PORTRAIT)
            await until(lambda: messages, "it is said what kept its type")
            assert messages == ["“c.png” has been sent already: it stays with Enhance."]
            assert queue.asked == [("set type 8", 2)]
            wanted = "2 pictures · 1 Enhance, 1 Portrait · 5 credits"
            await until(
                lambda: strip.accessibleDescription().startswith(wanted), "both types are named"
            )

    arun(job())


@pytest.mark.usefixtures("two_types")
def test_what_was_ordered_before_with_one_type_is_ready_with_another(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            queue.repeated.add(A)
            opened.window.intake.add([A])
            await until(lambda: queue.tasks, "a draft")
            queue.check(1)
            await until(lambda: strip.shown.repeated == (1,), "the repeat is found")
            queue.repeated.clear()  # with the other type it is none
            opened.bridge.set_type([1], PORTRAIT)
            await until(lambda: strip.shown.usable == (1,), "nothing speaks against it")
            queue.repeated.add(A)
            opened.bridge.set_type([1], opening.STUDIO.enhance_types[0])
            await until(lambda: strip.shown.repeated == (1,), "as before")

    arun(job())


@pytest.mark.usefixtures("two_types")
def test_a_started_picture_goes_on_by_itself_where_nothing_speaks_against_its_new_type(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            queue = opened.queue
            opened.window.intake.add([A])
            await until(lambda: queue.tasks, "a draft")
            queue.check(1)
            opened.bridge.start([1])
            await until(lambda: queue.asked == [("start", 1)], "it is started")
            queue.puts_back = True
            opened.bridge.set_type([1], PORTRAIT)
            await until(lambda: len(queue.asked) == 3, "it is started once more")
            assert queue.asked[1:] == [("set type 8", 1), ("start", 1)]

    arun(job())


def test_there_is_one_start_for_one_picture(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page, strip = opened.window.pages.result_page, opened.window.review
            opened.window.intake.add([A])
            await until(lambda: opened.queue.tasks, "a draft")
            opened.queue.check(1)
            await until(strip._start.isVisible, "it is ready")
            assert page.isVisible()
            assert not page._buttons[TaskAction.START].isVisible()
            opened.window.intake.add([B])
            await until(lambda: len(opened.queue.tasks) == 2, "another draft")
            opened.queue.check(2)
            await until(lambda: len(strip.shown.usable) == 2, "both are ready")
            assert page._buttons[TaskAction.START].isVisible()  # for the one alone
            assert page._buttons[TaskAction.START].property("kind") != "primary"

    arun(job())


def test_a_limit_is_said_before_the_start_and_follows_the_settings(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            queue.ahead = LimitAhead(2, 5, of_batch=False)
            opened.window.intake.add([A, B, C])
            await until(lambda: len(queue.tasks) == 3, "three drafts")
            for number in (1, 2, 3):
                queue.check(number)
            said = "3 pictures · Enhance · 6 credits. Your limit of 5 credits a day stops after 2"
            await until(lambda: strip.accessibleDescription().startswith(said), "it is said")
            queue.ahead = None
            opened.choices.change(replace(opened.choices.preferences, day_limits={"Studio": 9}))
            await until(lambda: "limit" not in strip.accessibleDescription(), "there is room now")

    arun(job())
