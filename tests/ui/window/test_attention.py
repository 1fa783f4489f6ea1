"""Cards for decisions: nothing is decided for the user, nothing is modal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QLabel, QPushButton

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure
from enhance_gui.jobs.events import NextTry, ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.settings.window import SettingsWindow
from enhance_gui.ui.window.outage_strip import OutageStrip
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import attempt, task
from tests.ui.window.open_window import Opened, open_window

DOUBT = Failure("in_doubt", "the connection broke")


def buttons(opened: Opened) -> dict[str, QPushButton]:
    found = opened.window.attention.findChildren(QPushButton)
    return {each.text(): each for each in found if each.isVisible()}


async def in_doubt(opened: Opened, until: Wait, count: int = 1) -> None:
    opened.window.intake.add([f"https://example.org/{n}.png" for n in range(count)])
    await until(lambda: len(opened.queue.tasks) == count, "drafts")
    for task_id in list(opened.queue.tasks):
        attempt = Attempt(1, f"private-{task_id}", Outcome.IN_DOUBT, None, approved=False)
        opened.queue.put(task_id, TaskState.IN_DOUBT, failure=DOUBT, attempts=(attempt,))
    opened.window.pages.show_list()
    await until(opened.window.attention.isVisible, "a card")


def test_a_task_in_doubt_offers_three_choices_and_no_default(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await in_doubt(opened, until)
            opened.window.pages.show_list()
            await until(lambda: "Wait" in buttons(opened), "the choices")
            assert set(buttons(opened)) == {"Wait", "Send again", "Give up"}
            assert not any(button.isDefault() for button in buttons(opened).values())
            said = [child.text() for child in opened.window.attention.findChildren(QLabel)]
            worst = "Sent again, it could cost 4 credits in all, 2 of them for nothing."
            assert any("may have been charged" in words and worst in words for words in said)
            chosen = "Wait: 0.png: it may have been charged"
            assert buttons(opened)["Wait"].accessibleName() == chosen
            buttons(opened)["Give up"].click()
            await until(lambda: not opened.window.attention.isVisible(), "the card is gone")
            assert opened.queue.asked == [("give_up", 1)]

    arun(job())


def test_waiting_hides_the_card_and_changes_nothing(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await in_doubt(opened, until)
            await until(lambda: "Wait" in buttons(opened), "the choices")
            buttons(opened)["Wait"].click()
            assert not opened.window.attention.isVisible()
            assert opened.queue.asked == []
            assert opened.window.pages.model.counts[Group.NEEDS_YOU] == 1

    arun(job())


def test_many_decisions_stay_few_cards(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await in_doubt(opened, until, count=40)
            more = "38 more need your attention: show them"
            await until(lambda: more in buttons(opened), "the count")
            buttons(opened)[more].click()
            assert len(opened.window.pages.gallery.view.shown.ids()) == 40

    arun(job())


def test_an_empty_balance_pauses_the_service_until_the_user_continues(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            empty = Failure("balance_too_low", "the balance is 0", 1003002)
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, empty))
            await until(lambda: "Continue" in buttons(opened), "the card")
            buttons(opened)["Continue"].click()
            await until(lambda: opened.queue.asked, "it goes on")
            assert opened.queue.asked == [("unpause_service", "Studio")]
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.READY))
            assert not opened.window.attention.isVisible()

    arun(job())


def test_a_pause_can_be_left_as_it_is(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            empty = Failure("balance_too_low", "the balance is 0", 1003002)
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, empty))
            await until(lambda: "Leave paused" in buttons(opened), "the card")
            buttons(opened)["Leave paused"].click()
            assert not opened.window.attention.isVisible()
            assert opened.queue.asked == []
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, empty))
            assert opened.window.attention.isVisible()

    arun(job())


def test_a_spending_limit_says_what_was_reached_and_asks(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    detail = "the next task costs 2, 9 may have been spent, and the limit is 10 a day for “Studio”"

    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add([f"https://example.org/{each}.png" for each in "ab"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            reached = Failure("spending_limit", detail)
            for task_id in (1, 2):
                opened.queue.put(task_id, TaskState.QUEUED, failure=reached)
            offered = {"Allow more today", "Change the limit…", "Leave paused"}
            await until(lambda: set(buttons(opened)) == offered, "the card")
            assert not any(each.isDefault() for each in buttons(opened).values())
            said = [each.text() for each in opened.window.attention.findChildren(QLabel)]
            assert any(detail[1:] in words for words in said)
            assert "Studio: 2 pictures wait for your decision on a spending limit" in said
            # To go on by itself would be to spend more without having been asked.
            opened.bridge.unpause_service("Studio")
            await until(lambda: ("unpause_service", "Studio") in opened.queue.asked, "it goes on")
            buttons(opened)["Change the limit…"].click()
            shown = opened.window.side_windows.shown("settings")
            assert isinstance(shown, SettingsWindow)
            assert shown.spending.isVisible()
            buttons(opened)["Allow more today"].click()
            await until(lambda: ("spend_on", "Studio") in opened.queue.asked, "more is allowed")
            less = Failure("spending_limit", detail.replace("9 may", "8 may"))
            opened.queue.put(2, TaskState.QUEUED, failure=less)

            def shown_text() -> list[str]:
                return [child.text() for child in opened.window.attention.findChildren(QLabel)]

            await until(lambda: any("8 may have been" in words for words in shown_text()), "less")
            # Put off, it asks again about what is held later.
            buttons(opened)["Leave paused"].click()
            assert not opened.window.attention.isVisible()
            opened.window.intake.add(["https://example.org/c.png"])
            await until(lambda: len(opened.queue.tasks) == 3, "one more draft")
            opened.queue.put(3, TaskState.QUEUED, failure=less)
            await until(opened.window.attention.isVisible, "the card again")

    arun(job())


def test_a_task_that_was_accepted_twice_is_told_of_until_it_is_put_away(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add(["https://example.org/a.png"])
            await until(lambda: opened.queue.tasks, "a draft")
            first, second = (
                Attempt(n, f"private-{n}", Outcome.ACCEPTED, f"task-{n}", approved=n == 1)
                for n in (1, 2)
            )
            # Wanted by the user, who knew of the first.
            opened.queue.put(1, TaskState.ACCEPTED, attempts=(first, second))
            opened.window.pages.show_list()
            await until(lambda: len(opened.bridge.items[1].task.attempts) == 2, "it is told")
            assert not opened.window.attention.isVisible()
            attempts = (replace(first, proven_late=True), second)
            opened.queue.put(1, TaskState.ACCEPTED, attempts=attempts)
            await until(lambda: set(buttons(opened)) == {"OK"}, "the card")
            buttons(opened)["OK"].click()
            opened.queue.put(1, TaskState.FINISHED, attempts=attempts)
            await until(
                lambda: opened.bridge.items[1].task.state is TaskState.FINISHED, "it goes on"
            )
            assert not opened.window.attention.isVisible()

    arun(job())


def test_the_users_own_pause_asks_nothing(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.footer.pause.click()
            await until(lambda: opened.queue.asked == [("pause", "")], "it pauses")
            by_user = Failure("paused", "you paused sending")
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, by_user))
            assert not opened.window.attention.isVisible()
            opened.window.footer.pause.click()
            await until(lambda: ("unpause", "") in opened.queue.asked, "it goes on")

    arun(job())


def test_a_result_that_is_gone_offers_the_free_question_first(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add(["https://example.org/a.png"])
            await until(lambda: opened.queue.tasks, "a draft")
            gone = Failure("result_gone", "the address no longer works")
            accepted = Attempt(1, "private-1", Outcome.ACCEPTED, "task-1", approved=False)
            opened.queue.put(1, TaskState.FAILED, failure=gone, attempts=(accepted,))
            opened.window.pages.show_list()
            await until(lambda: "Ask again (free)" in buttons(opened), "the card")
            buttons(opened)["Ask again (free)"].click()
            await until(lambda: opened.queue.asked == [("ask_again", 1)], "it is asked")

    arun(job())


# -- a service out of reach ------------------------------------------------------------------------

GONE = ServiceStatusChanged("Studio", ServiceStatus.OFFLINE, out_of_reach=True)


def outage(opened: Opened) -> OutageStrip:
    found = opened.window.findChild(OutageStrip)
    assert isinstance(found, OutageStrip)
    return found


def outage_text(opened: Opened) -> str:
    return " ".join(each.text() for each in outage(opened).findChildren(QLabel))


def press_outage(opened: Opened, name: str) -> None:
    found = {each.text(): each for each in outage(opened).findChildren(QPushButton)}
    assert found[name].isVisible()
    found[name].click()


def test_it_says_since_when_and_how_many_wait_and_goes_when_it_is_over(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [
            task(1, TaskState.QUEUED),
            task(2, TaskState.QUEUED),
            task(3, TaskState.ACCEPTED, attempts=(attempt(Outcome.ACCEPTED),)),
            task(4, TaskState.SAVED),
            task(5, TaskState.QUEUED, service="This computer"),
        ]
        async with open_window(tmp_path, history=history) as opened:
            assert not outage(opened).isVisible()
            opened.queue.notify(GONE)
            await until(outage(opened).isVisible, "it is told")
            assert re.search(r"Studio cannot be reached Since [^;]+\. 3 pic", outage_text(opened))
            assert "3 pictures wait, and nothing is charged for that." in outage_text(opened)
            press_outage(opened, "Try now")
            await until(lambda: ("unpause_service", "Studio") in opened.queue.asked, "it is tried")
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.READY))
            await until(lambda: not outage(opened).isVisible(), "it is over")

    arun(job())


def test_it_says_when_the_service_is_asked_next(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.QUEUED)]) as opened:

            def left_s() -> int:
                told = re.search(r"Since [^;]+; next try in (\d+) s\.", outage_text(opened))
                return int(told[1]) if told else 0

            opened.queue.notify(GONE)
            opened.queue.notify(NextTry("Studio", Clock().now_s() + 500))
            await until(outage(opened).isVisible, "it is told")
            first_s = left_s()
            assert 400 < first_s <= 500
            await until(lambda: 0 < left_s() < first_s, "it counts down")
            # Of another service: no matter of this one.
            opened.queue.notify(NextTry("Elsewhere", Clock().now_s() + 20))
            assert left_s() > 20
            opened.queue.notify(NextTry("Studio", Clock().now_s() + 15))
            assert left_s() in (14, 15)
            opened.queue.notify(NextTry("Studio", Clock().now_s()))
            assert "; it is being asked now. 1 picture waits" in outage_text(opened)
            opened.queue.notify(NextTry("Studio", None))
            assert "asked" not in outage_text(opened)
            assert left_s() == 0

    arun(job())


def test_what_was_not_sent_can_be_enhanced_here(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        history = [
            task(1, TaskState.QUEUED),
            task(2, TaskState.QUEUED, attempts=(attempt(Outcome.ACCEPTED),)),
            task(3, TaskState.ACCEPTED, attempts=(attempt(Outcome.ACCEPTED),)),
        ]
        async with open_window(tmp_path, history=history) as opened:
            opened.queue.notify(GONE)
            await until(outage(opened).isVisible, "it is told")
            press_outage(opened, "Use this computer")
            await until(lambda: len(opened.queue.tasks) == 4, "one is added")
            added = opened.queue.tasks[4]
            assert (added.service, added.input) == ("This computer", history[0].input)
            taken = [id_ for word, id_ in opened.queue.asked if word in ("cancel", "take_back")]
            assert taken == [1], "what may have been charged stays"

    arun(job())


def test_what_was_sent_after_all_stays_where_it_is(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        history = [task(1, TaskState.QUEUED), task(2, TaskState.QUEUED)]
        async with open_window(tmp_path, history=history) as opened:
            opened.queue.notify(GONE)
            await until(outage(opened).isVisible, "it is told")
            # The service is back, and the window does not know it yet.
            opened.queue.tasks[1] = replace(history[0], state=TaskState.ACCEPTED)
            press_outage(opened, "Use this computer")
            await until(lambda: len(opened.queue.tasks) == 3, "the other one is added")
            assert opened.queue.tasks[3].input == history[1].input
            assert opened.queue.tasks[1].state is TaskState.ACCEPTED
            assert ("cancel", 1) not in opened.queue.asked

    arun(job())


def test_the_strip_goes_when_nothing_waits_any_more(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.QUEUED)]) as opened:
            opened.queue.notify(GONE)
            await until(outage(opened).isVisible, "it is told")
            opened.queue.put(1, TaskState.CANCELLED)
            await until(lambda: not outage(opened).isVisible(), "nothing waits")
            opened.queue.put(1, TaskState.QUEUED)
            await until(outage(opened).isVisible, "it is not over")

    arun(job())


def test_a_pause_is_no_trouble(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1)]) as opened:
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED))
            await until(lambda: "Studio" in opened.bridge.lines, "it is known")
            assert not outage(opened).isVisible()

    arun(job())
