"""The poller's answers to single situations."""

from __future__ import annotations

import math
import time
from functools import partial
from random import Random

import pytest

from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.events import ServiceStatus
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings

HOUR_S, DAY_S = 3600.0, 86_400.0


def poller(**settings: float) -> Poller:
    return Poller(PollerSettings(**settings), DurationModel(), Random(1))  # type: ignore[arg-type]


def create(subject: Poller, key: int, now_s: float = 0.0, position: int = 0) -> None:
    subject.create_sent(now_s)
    subject.created(key, now_s, type_id=1, megapixels=2.0, queue_position=position)


def look(subject: Poller, expected_key: int | None = None) -> tuple[float, int]:
    """Send the next poll when it is due."""
    poll = subject.next_poll(0.0)
    assert poll is not None
    due_s, key = subject.next_poll(poll[0]) or poll
    if expected_key is not None:
        assert key == expected_key
    subject.poll_sent(key, due_s)
    return due_s, key


def still_working(subject: Poller, key: int, now_s: float) -> None:
    subject.answered(key, now_s, phase=Phase.PROCESSING, queue_position=0)


def test_the_window_bounds_what_is_created_and_failed_creates_give_their_place_back() -> None:
    subject = poller()
    for _ in range(4):
        assert subject.create_due_s(0.0) == 0.0
        subject.create_sent(0.0)
    assert subject.create_due_s(0.0) == math.inf
    for report in (subject.probe_answered, lambda _: None, partial(subject.unreachable, None)):
        subject.create_failed()
        report(0.0)
        assert subject.create_due_s(1.0) < math.inf
        subject.create_sent(1.0)
    assert subject.in_flight == 4


def test_a_task_far_back_in_the_queue_is_left_alone_for_longer() -> None:
    dues_s = []
    for position in (0, 3, 12, 60):
        subject = poller()
        create(subject, 1, position=position)
        poll = subject.next_poll(0.0)
        assert poll is not None
        dues_s.append(poll[0])
    assert dues_s == sorted(dues_s)
    assert dues_s[0] < 8 < dues_s[-1] <= 132


@pytest.mark.parametrize(
    ("age_s", "min_s", "max_s"),
    [
        (0.0, 0.2, 10),
        (2 * HOUR_S, 54, 66),
        (2 * DAY_S, 13.5 * 60, 16.5 * 60),
        (8 * DAY_S, 0.9 * DAY_S, 1.1 * DAY_S),
        (400 * DAY_S, 0.9 * DAY_S, 1.1 * DAY_S),
    ],
)
def test_looks_thin_out_with_age_and_never_end(age_s: float, min_s: float, max_s: float) -> None:
    subject = poller()
    subject.resume_polling(1, 0.0, type_id=1, megapixels=2.0, age_s=age_s)
    due_s, _ = look(subject, 1)
    assert due_s == 0.0, "a stored task is looked at when the program starts"
    still_working(subject, 1, 0.0)
    poll = subject.next_poll(0.0)
    assert poll is not None
    assert min_s <= poll[0] <= max_s


def test_ten_thousand_stored_tasks_come_at_the_budgets_pace_and_cost_little_to_decide() -> None:
    subject = poller(requests_per_s=10.0)
    started_s = time.process_time()
    for key in range(10_000):
        subject.resume_polling(key, 0.0, type_id=1, megapixels=2.0, age_s=10.0)
    now_s = 0.0
    seen: set[int] = set()
    while len(seen) < 10_000:
        poll = subject.next_poll(now_s)
        assert poll is not None
        now_s, key = poll
        subject.poll_sent(key, now_s)
        subject.finished(key, now_s)
        seen.add(key)
    assert now_s == pytest.approx(1000, rel=0.02)
    assert time.process_time() - started_s < 3.0


def test_a_task_the_service_does_not_know_is_asked_about_ever_less_often_for_a_day() -> None:
    subject = poller()
    create(subject, 1)
    gaps_s = []
    sent_s, _ = look(subject, 1)
    while subject.unknown(1, sent_s):
        poll = subject.next_poll(sent_s)
        assert poll is not None
        gaps_s.append(round(poll[0] - sent_s))
        sent_s, _ = look(subject, 1)
    assert gaps_s[:9] == [5, 5, 5, 20, 60, 300, 900, 1800, 3600]
    assert set(gaps_s[9:]) == {3600}
    assert 24 * 3600 <= sum(gaps_s) <= 26 * 3600


def test_a_task_that_stays_unknown_holds_no_place_in_the_window() -> None:
    subject = poller(max_in_flight=1)
    create(subject, 1)
    for _ in range(4):
        assert subject.create_due_s(0.0) == math.inf
        sent_s, _ = look(subject, 1)
        assert subject.unknown(1, sent_s)
    assert subject.create_due_s(sent_s + 10) < math.inf


def test_an_old_task_the_service_does_not_know_is_believed_lost_after_a_while() -> None:
    subject = poller()
    subject.resume_polling(1, 0.0, type_id=1, megapixels=2.0, age_s=24 * 3600.0)
    for delay_s in (5.0, 5.0, 5.0, 20.0, 60.0):
        sent_s, _ = look(subject, 1)
        assert subject.unknown(1, sent_s)
        poll = subject.next_poll(sent_s)
        assert poll is not None
        assert poll[0] == sent_s + delay_s
    sent_s, _ = look(subject, 1)
    assert not subject.unknown(1, sent_s)
    subject.forget(1)
    assert subject.next_poll(1.0) is None
    assert subject.in_flight == 0


def test_a_hint_makes_a_task_due_now_and_a_flood_of_hints_does_not() -> None:
    subject = poller(request_value_s=5.0)
    create(subject, 1)
    subject.hint(1, 1.0)
    assert look(subject, 1)[0] == 1.0
    still_working(subject, 1, 1.0)
    for number in range(1000):
        subject.hint(1, 1.0 + number / 1000)
    poll = subject.next_poll(2.0)
    assert poll is not None
    assert poll[0] == pytest.approx(11.0)
    subject.hint(99, 2.0)


def test_a_hint_that_comes_while_a_look_is_under_way_is_not_lost() -> None:
    subject = poller(request_value_s=5.0)
    create(subject, 1)
    now_s, _ = look(subject, 1)
    subject.hint(1, now_s + 0.1)
    still_working(subject, 1, now_s + 0.2)
    poll = subject.next_poll(now_s + 0.2)
    assert poll is not None
    assert poll[0] == pytest.approx(now_s + 0.2)


def test_a_hint_stands_when_another_answer_shows_the_task_to_have_begun() -> None:
    subject = poller(request_value_s=5.0)
    create(subject, 1)
    create(subject, 2, position=1)
    subject.hint(2, 1.0)
    create(subject, 3, now_s=1.0, position=1)
    assert look(subject, 2)[0] == 1.0


def test_offline_one_probe_goes_creates_wait_and_an_answer_restarts_without_a_burst() -> None:
    subject = poller()
    for key in range(4):
        create(subject, key)
    now_s = 0.0
    for _ in range(5):
        now_s, key = look(subject)
        subject.unreachable(key, now_s)
    assert subject.status(now_s) is ServiceStatus.OFFLINE
    subject.forget(3)
    assert subject.create_due_s(now_s) == math.inf
    probe_s, key = look(subject)
    assert now_s + 5 <= probe_s <= now_s + 10
    following = subject.next_poll(probe_s)
    assert following is not None
    assert following[0] >= probe_s + 60
    still_working(subject, key, probe_s + 1)
    assert subject.status(probe_s + 1) is ServiceStatus.READY
    first = subject.next_poll(probe_s + 1)
    assert first is not None
    subject.poll_sent(first[1], first[0])
    assert (subject.next_poll(first[0]) or (math.inf, 0))[0] >= first[0] + 0.5


def test_offline_with_only_old_tasks_the_probe_does_not_wait_for_tomorrow() -> None:
    subject = poller()
    subject.resume_polling(1, 0.0, type_id=1, megapixels=2.0, age_s=30 * DAY_S)
    look(subject, 1)
    still_working(subject, 1, 0.0)
    for _ in range(5):
        subject.unreachable(None, 1.0)
    poll = subject.next_poll(1.0)
    assert poll is not None
    assert poll[0] <= 11.0


def test_offline_with_nothing_to_ask_about_a_create_may_probe() -> None:
    subject = poller()
    for _ in range(5):
        subject.create_sent(0.0)
        subject.create_failed()
        subject.unreachable(None, 0.0)
    assert 5 <= subject.create_due_s(0.0) <= 10


def test_it_is_told_when_a_service_out_of_reach_is_asked_next() -> None:
    subject = poller()
    create(subject, 1)
    create(subject, 2)
    at_first_s = subject.turns.next_probe_s
    assert at_first_s is None
    for _ in range(5):
        subject.unreachable(None, 1.0)
    told_s = subject.turns.next_probe_s
    sent_s, key = look(subject)
    assert told_s == sent_s == subject.turns.next_probe_s, "it is being asked"
    subject.unreachable(key, sent_s + 3)
    later_s = subject.turns.next_probe_s
    assert later_s is not None
    assert later_s >= sent_s + 3 + 8
    sent_s, key = look(subject)
    assert sent_s == later_s
    still_working(subject, key, later_s)
    assert subject.turns.next_probe_s is None


def test_asked_at_once_a_service_out_of_reach_stays_so_until_it_answers() -> None:
    subject = poller()
    for key in range(4):
        create(subject, key)
    for _ in range(5):
        subject.unreachable(None, 1.0)
    subject.system_resumed(2.0, by_user=True)
    assert subject.turns.next_probe_s == 2.0
    sent_s, key = look(subject)
    assert sent_s == 2.0
    # Not four at once, of something that may still not be there.
    assert (subject.next_poll(sent_s) or (0.0, 0))[0] >= sent_s + 60
    assert subject.status(sent_s) is ServiceStatus.OFFLINE
    still_working(subject, key, 3.0)
    assert subject.status(3.0) is ServiceStatus.READY


def test_a_refusal_pauses_creates_and_looks_alike() -> None:
    subject = poller()
    create(subject, 1)
    sent_s, _ = look(subject, 1)
    subject.busy(1, sent_s, 120.0)
    poll = subject.next_poll(sent_s)
    assert poll is not None
    assert 0 <= poll[0] - sent_s - 120 <= 1
    assert subject.create_due_s(sent_s) - sent_s >= 120
    assert subject.status(sent_s) is ServiceStatus.BUSY


def test_on_waking_all_are_due_at_the_budgets_pace() -> None:
    subject = poller()
    for key in range(4):
        create(subject, key)
    subject.system_resumed(30_000.0)
    sent_s = [look(subject)[0] for _ in range(4)]
    assert sent_s == pytest.approx([30_000.0, 30_000.5, 30_001.0, 30_001.5])


def test_a_stuck_task_gives_its_place_in_the_window_to_others() -> None:
    subject = poller()
    for key in range(4):
        create(subject, key)
    assert subject.create_due_s(0.0) == math.inf
    now_s = 0.0
    while now_s < 4 * HOUR_S and subject.create_due_s(now_s) == math.inf:
        now_s, key = look(subject)
        still_working(subject, key, now_s)
    assert subject.create_due_s(now_s) < math.inf
    assert now_s < 2 * HOUR_S


def test_what_is_left_of_a_task_is_told_only_when_learned_and_shrinks_with_its_age() -> None:
    model = DurationModel()
    subject = Poller(PollerSettings(), model, Random(1))
    create(subject, 1)
    assert subject.remaining_s(1, 0.0) is None
    for _ in range(50):
        model.add(DurationSample(1, 2.0, 19.0, 21.0))
    assert subject.remaining_s(1, 0.0) == pytest.approx(20, rel=0.1)
    assert subject.remaining_s(1, 10.0) == pytest.approx(10, rel=0.2)
    create(subject, 2, position=3)
    assert (subject.remaining_s(2, 0.0) or 0) > 25
    assert subject.remaining_s(77, 0.0) is None


def test_a_finish_teaches_the_bounds_of_its_duration() -> None:
    model = DurationModel()
    subject = Poller(PollerSettings(), model, Random(1))
    create(subject, 1)
    first_s, _ = look(subject, 1)
    still_working(subject, 1, first_s + 0.3)
    second_s, _ = look(subject, 1)
    sample = subject.finished(1, second_s + 0.3)
    assert sample == DurationSample(1, 2.0, first_s, second_s + 0.3)
    assert model.samples() == [sample]
    assert subject.in_flight == 0


def test_a_finish_found_on_waking_teaches_nothing() -> None:
    subject = poller()
    create(subject, 1)
    subject.system_resumed(30_000.0)
    sent_s, _ = look(subject, 1)
    assert subject.finished(1, sent_s) is None


def test_answers_about_a_forgotten_task_are_harmless() -> None:
    subject = poller()
    create(subject, 1)
    sent_s, _ = look(subject, 1)
    subject.forget(1)
    still_working(subject, 1, sent_s)
    assert subject.finished(1, sent_s) is None
    assert not subject.unknown(1, sent_s)
    subject.unreachable(1, sent_s)
    subject.busy(1, sent_s, None)
    assert subject.next_poll(sent_s + 100) is None


def test_a_faster_service_is_looked_at_more_often() -> None:
    slow, fast = poller(), poller(requests_per_s=20.0)
    assert slow.settings.price_s == 0.5
    assert fast.settings.price_s == pytest.approx(0.05)
    model = DurationModel(prior_median_s=1.0)
    subject = Poller(PollerSettings(requests_per_s=20.0), model, Random(1))
    create(subject, 1)
    poll = subject.next_poll(0.0)
    assert poll is not None
    assert poll[0] < 0.5
