"""The request budget holds over every stretch of time."""

from __future__ import annotations

from random import Random

import pytest

from enhance_gui.jobs.polling.rate import TokenBucket
from tests.jobs.polling.world import max_over_budget


def greedy(budget: TokenBucket, until_s: float, random: Random) -> list[float]:
    """Send as soon as allowed, with pauses now and then."""
    now_s = 0.0
    sent_s = []
    while now_s < until_s:
        now_s = budget.due_s(now_s)
        budget.take(now_s)
        sent_s.append(now_s)
        if random.random() < 0.05:
            now_s += random.uniform(0, 10)
    return sent_s


def test_no_stretch_of_time_holds_more_than_burst_and_rate() -> None:
    sent_s = greedy(TokenBucket(2.0, 10), 500, Random(1))
    assert max_over_budget(sent_s, 2.0) == pytest.approx(10, abs=1e-3)


def test_the_whole_rate_is_there_to_use() -> None:
    budget = TokenBucket(2.0, 1)
    assert len([moment_s for moment_s in greedy(budget, 100, Random(0)) if moment_s < 1]) == 2
    now_s, count = 200.0, 0
    while (now_s := budget.due_s(now_s)) < 300:
        budget.take(now_s)
        count += 1
    assert count == pytest.approx(200, abs=1)


def test_after_a_rest_that_was_imposed_no_burst_goes() -> None:
    budget = TokenBucket(2.0, 10)
    budget.rest_until(100.0)
    assert budget.due_s(50.0) == 100.0
    budget.take(100.0)
    assert budget.due_s(100.0) == pytest.approx(100.5)


def test_a_refusal_lowers_the_rate_and_answers_win_it_back() -> None:
    budget = TokenBucket(2.0, 10)
    budget.refused()
    assert budget.requests_per_s == pytest.approx(1.4)
    for _ in range(100):
        budget.refused()
    assert budget.requests_per_s == pytest.approx(0.25)
    for _ in range(100):
        budget.answered()
    assert budget.requests_per_s == 2.0


def test_another_rate_holds_at_once_and_no_burst_of_the_earlier_one_goes() -> None:
    budget = TokenBucket(10.0, 50)
    budget.take(100.0)
    budget.change(1.0, 5, 100.0)
    sent_s = []
    now_s = 100.0
    while (now_s := budget.due_s(now_s)) < 200:
        budget.take(now_s)
        sent_s.append(now_s)
    assert sum(each < 100.5 for each in sent_s) == 5
    assert len(sent_s) == pytest.approx(105, abs=1)
    budget.change(10.0, 50, 200.0)
    assert budget.due_s(200.0) <= 200.1
    # What a service has refused holds for the new rate, too.
    budget.refused()
    budget.change(2.0, 5, 200.0)
    assert budget.requests_per_s == pytest.approx(1.4)
