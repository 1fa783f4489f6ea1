"""No sentence denies a charge that may have been made, whatever happened last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Final

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from enhance_gui.command_line.enhance.resuming import print_asking, print_choices
from enhance_gui.core.errors import EnhanceError, Fault, UsageError
from enhance_gui.core.service_errors import ALL_TASKS_UNKNOWN, BalanceTooLow, TokenRefused
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.storage_errors import ListTakenOver, StorageError
from enhance_gui.core.tasks.spending import Spent
from enhance_gui.core.tasks.states import CHARGE_POSSIBLE, ENDED, Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, TaskEvent
from enhance_gui.core.text.explanations import EXPLANATIONS
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.jobs.queue.reports import report_of
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.actions import actions_for
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.state_texts import state_text
from enhance_gui.ui.reports.log_texts import last_word, log_lines
from enhance_gui.ui.services.task_part import charge_text
from enhance_gui.ui.settings.spending import spent_text
from enhance_gui.ui.window.attention import AttentionPanel
from enhance_gui.ui.window.task_actions import details
from tests.ui.gallery.parts import item

_DENIALS: Final = (
    "nothing was sent",
    "nothing was spent",
    "nothing was charged",
    "no task was created",
    "did not create a task",
    "none was sent",
    "never sent",
    "0 of them for nothing",
    "choose another name",
)
_ON_THE_SERVICE: Final = ("kept on the service", "waits on the service", "is paid for")
_MENTION_IT: Final = (ENDED - {TaskState.SAVED}) | {
    TaskState.DRAFT,
    TaskState.QUEUED,
    TaskState.IN_DOUBT,
}
"""States in which the person may think of paying once more."""

_ENDS: Final = (Outcome.REJECTED, Outcome.IN_DOUBT, Outcome.ACCEPTED)
_CHARGED: Final = [(each,) for each in Outcome if each in CHARGE_POSSIBLE] + [
    each for each in product(_ENDS, repeat=2) if CHARGE_POSSIBLE.intersection(each)
]
_CAN_BE_SUSPENDED: Final = frozenset(
    {TaskState.QUEUED, TaskState.ACCEPTED, TaskState.FINISHED, TaskState.CANCELLING}
)


def _attempts(outcomes: tuple[Outcome, ...], *, deleted: bool) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            number,
            f"private-{number}",
            outcome,
            f"there-{number}" if outcome is Outcome.ACCEPTED else None,
            approved=True,
            deleted=deleted and outcome is Outcome.ACCEPTED,
        )
        for number, outcome in enumerate(outcomes, start=1)
    )


def _items(kind: str | None, pairs: list[tuple[Outcome, ...]]) -> Iterator[Item]:
    failure = None if kind is None else Failure(kind, "why", 7)
    for state, outcomes in product(TaskState, pairs):
        flags = {(False, False), (Outcome.ACCEPTED in outcomes, state in _CAN_BE_SUSPENDED)}
        for deleted, suspended in flags:
            attempts = _attempts(outcomes, deleted=deleted)
            yield item(1, state, failure=failure, attempts=attempts, suspended=suspended)


def _kinds(root: type[EnhanceError]) -> set[str]:
    return {root.kind}.union(*(_kinds(subclass) for subclass in root.__subclasses__()))


def _of_the_window(shown: Item) -> str:
    instead = texts.no_picture_text(shown)
    parts = [
        texts.spoken(shown, 100.0),
        state_text(shown, 100.0, brief=True),
        texts.reason_text(shown.task),
        texts.hint_text(shown),
        *texts.reason(shown),
        instead.title,
        instead.sentence,
        *last_word(shown.task),
        details(shown.task),
        *(action.value.tip for action in actions_for(shown)),
    ]
    return "\n".join(parts)


def _of_the_command_line(shown: Item) -> str:
    report, lines = report_of(shown.task, "given"), list[str]()
    print_choices(report, None, lines.append)
    print_asking(report, lines.append)
    error = report.fields["error"] or {}
    return "\n".join([report.text, *(str(each) for each in error.values()), *lines])


@pytest.mark.parametrize("kind", [None, *EXPLANATIONS])
def test_no_sentence_denies_a_charge_that_may_have_been_made(kind: str | None) -> None:
    for shown in _items(kind, _CHARGED):
        reported = _of_the_window(shown).casefold(), _of_the_command_line(shown).casefold()
        found = [denial for denial in _DENIALS if any(denial in each for each in reported)]
        assert not found, (shown.task.state, shown.task.attempts, found)
        if shown.task.state in _MENTION_IT:
            silent = [each for each in reported if not re.search(r"charged|paid|costs? ", each)]
            assert not silent, (shown.task.state, shown.task.attempts, silent)


@pytest.mark.parametrize("kind", ["disk_full", "folder_not_usable", "own_disk_full", "fault"])
def test_what_was_never_sent_is_not_said_to_be_on_the_service(kind: str) -> None:
    for shown in _items(kind, [()]):
        said = f"{_of_the_window(shown)}\n{_of_the_command_line(shown)}".casefold()
        assert not [each for each in _ON_THE_SERVICE if each in said], said


@pytest.mark.parametrize("state", [TaskState.CANCELLED, TaskState.WRITTEN_OFF])
@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.IN_DOUBT])
def test_what_was_taken_back_says_in_the_list_that_it_may_have_been_charged(
    state: TaskState, outcome: Outcome
) -> None:
    shown = item(1, state, attempts=_attempts((outcome,), deleted=True))
    assert state_text(shown, 100.0).endswith("; it may have been charged")
    assert "charged" in texts.reason_text(shown.task)
    assert "charged" in texts.no_picture_text(shown).sentence
    unsent = item(1, state, attempts=_attempts((Outcome.REJECTED,), deleted=False))
    assert "charged" not in f"{state_text(unsent, 100.0)} {texts.reason_text(unsent.task)}"


def test_a_draft_that_was_sent_before_is_not_said_to_be_unsent() -> None:
    draft = item(1, TaskState.DRAFT, attempts=_attempts((Outcome.IN_DOUBT,), deleted=False))
    tips = " ".join(action.value.tip for action in actions_for(draft))
    assert "nothing was sent" not in tips


def test_details_for_a_message_tell_of_the_charge_too() -> None:
    attempts = _attempts((Outcome.ACCEPTED, Outcome.REJECTED), deleted=False)
    for failure in (None, Failure("picture_missing", "why")):
        reported = details(item(1, TaskState.FAILED, failure=failure, attempts=attempts).task)
        assert "Problem: It may have been charged" in reported
        assert "Hint: Ask the service again about it, which is free" in reported


@pytest.mark.parametrize("kind", sorted(_kinds(StorageError)))
def test_trouble_with_the_disk_denies_nothing_whenever_it_comes(kind: str) -> None:
    """It may be met at the start, and after much was sent."""
    meaning = EXPLANATIONS[kind].meaning.casefold()
    assert not [denial for denial in _DENIALS if denial in meaning]


# -- cards -----------------------------------------------------------------------------------------


def _text_by(panel: AttentionPanel) -> str:
    parts: list[QLabel | QPushButton] = panel.findChildren(QLabel)
    parts += panel.findChildren(QPushButton)
    return "\n".join(part.text() for part in parts if not part.isHidden())


_PAUSE: Final = sorted(
    {BalanceTooLow.kind, TokenRefused.kind, ALL_TASKS_UNKNOWN, Fault.kind, ListTakenOver.kind}
    | {"service_did_not_start", *_kinds(UsageError), *_kinds(StorageError)}
    | {*BalanceTooLow.cases, *TokenRefused.cases}
)
"""Kinds of failures by which a service gets nothing more."""


@pytest.mark.parametrize("kind", _PAUSE)
def test_the_card_of_a_paused_service_denies_nothing_that_was_sent_before(
    qapp: QApplication, kind: str
) -> None:
    panel = AttentionPanel(lambda _service, _type: 1.0)
    panel.on_service_status(
        ServiceStatusChanged("Studio", ServiceStatus.PAUSED, Failure(kind, "why"))
    )
    said = _text_by(panel).casefold().replace("nothing was charged for it", "")
    assert "studio is paused" in said
    assert not [denial for denial in _DENIALS if denial in said], said


@pytest.mark.parametrize("cost", [0.5, 0.25, 1.0, 2.0])
@pytest.mark.parametrize("outcomes", [(Outcome.IN_DOUBT,), (Outcome.IN_DOUBT, Outcome.IN_DOUBT)])
def test_a_doubt_counts_what_it_may_have_cost(
    qapp: QApplication, cost: float, outcomes: tuple[Outcome, ...]
) -> None:
    panel = AttentionPanel(lambda _service, _type: cost)
    attempts = _attempts(outcomes, deleted=False)
    doubt = item(1, TaskState.IN_DOUBT, failure=Failure("in_doubt", "why"), attempts=attempts)
    panel.on_items([doubt], is_new=True)
    said = _text_by(panel)
    maximum, extra = cost * (len(outcomes) + 1), cost * len(outcomes)
    word = "credit" if maximum == 1 else "credits"
    assert f"could cost {maximum:g} {word} in all, {extra:g} of" in said
    _see_right_forms(said)


@pytest.mark.parametrize("cost", [0.5, 1.0, 2.0])
def test_a_retry_tells_its_cost(qapp: QApplication, cost: float) -> None:
    panel = AttentionPanel(lambda _service, _type: cost)
    attempts = _attempts((Outcome.ACCEPTED,), deleted=False)
    gone = item(1, TaskState.FAILED, failure=Failure("result_gone", "why"), attempts=attempts)
    panel.on_items([gone], is_new=True)
    assert f"Retry (costs {cost:g} credit" in _text_by(panel)
    _see_right_forms(_text_by(panel))


@pytest.mark.parametrize("cost", [0.001, 0.5, sum([0.1] * 10), 1.0, 1.0001, 1.5, 2.0, 11.0, 21.0])
def test_one_credit_is_one_credit(cost: float) -> None:
    kind = EnhanceType(1, "Portrait", cost=cost)
    for said in (texts.credits_text(cost), charge_text(kind), spent_text(Spent(cost, 3))):
        assert "credit" in said
        _see_right_forms(said)


def _see_right_forms(said: str) -> None:
    for count, word in re.findall(r"([\d.]+) (credits?)\b", said):
        assert (count == "1") is (word == "credit"), said


def test_the_log_of_a_task_denies_nothing_either() -> None:
    at = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    task = item(1, TaskState.FAILED, attempts=_attempts((Outcome.ACCEPTED,), deleted=False)).task
    for kind in EXPLANATIONS:
        event = TaskEvent(at, "reject", TaskState.FAILED, kind, "why")
        reported = " ".join(log_lines(task, [event])[0].details).casefold()
        assert not [denial for denial in _DENIALS if denial in reported]


@pytest.mark.parametrize("state", [TaskState.CANCELLED, TaskState.FAILED, TaskState.QUEUED])
def test_of_this_computer_no_charge_is_spoken_of(state: TaskState) -> None:
    accepted = _attempts((Outcome.ACCEPTED, Outcome.ACCEPTED), deleted=False)
    failure = Failure("task_failed", "why") if state is TaskState.FAILED else None
    here = item(1, state, attempts=accepted, failure=failure, service=LOCAL_SERVICE_NAME)
    shown = (state_text(here, 100.0), texts.reason_text(here.task), *texts.reason(here))
    assert not [each for each in shown if re.search("have been charged|costs? again", each)], shown
    there = item(1, TaskState.CANCELLED, attempts=accepted)
    assert "may have been charged" in state_text(there, 100.0)
