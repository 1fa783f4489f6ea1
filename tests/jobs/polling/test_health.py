"""Errors: full jitter, equal jitter, one probe while offline, what a service asks for."""

from __future__ import annotations

import math
from random import Random

import pytest

from enhance_gui.jobs.events import ServiceStatus
from enhance_gui.jobs.polling.health import ConnectionHealth
from enhance_gui.jobs.polling.rate import TokenBucket


def health_of(seed: int) -> ConnectionHealth:
    return ConnectionHealth(TokenBucket(1.0, 5), Random(seed))


def offline(now_s: float = 0.0) -> ConnectionHealth:
    health = health_of(1)
    for _ in range(5):
        health.unreachable(now_s)
    return health


def test_five_failures_in_a_row_mean_offline_and_an_answer_in_between_does_not() -> None:
    health = health_of(1)
    for _ in range(4):
        health.unreachable(0.0)
    health.answered(0.0)
    for _ in range(4):
        health.unreachable(0.0)
    assert health.status(0.0) is ServiceStatus.READY
    health.unreachable(0.0)
    assert health.status(0.0) is ServiceStatus.OFFLINE


def test_while_offline_one_probe_goes_at_a_time() -> None:
    health = offline()
    probe_s = health.clear_s()
    assert 5 <= probe_s <= 10
    health.sent(probe_s)
    assert health.clear_s() >= probe_s + 60
    health.unreachable(probe_s + 1)
    assert probe_s + 1 + 8 <= health.clear_s() <= probe_s + 1 + 16


def test_probes_never_grow_rarer_than_every_16_s() -> None:
    health = offline()
    for _ in range(50):
        now_s = health.clear_s()
        health.sent(now_s)
        health.unreachable(now_s)
        assert health.clear_s() - now_s <= 16


def test_late_failures_of_requests_sent_before_do_not_delay_the_probe() -> None:
    health = offline()
    probe_s = health.clear_s()
    health.unreachable(1.0)
    health.unreachable(2.0)
    assert health.clear_s() == probe_s


def test_an_answer_ends_offline() -> None:
    health = offline()
    health.answered(0.0)
    assert not health.offline
    assert health.clear_s() <= 0


@pytest.mark.parametrize("asked_s", [1.5, 120.0, 899.0])
def test_retry_after_is_waited_for_to_within_a_second(asked_s: float) -> None:
    health = health_of(3)
    health.busy(100.0, asked_s)
    assert 0 <= health.clear_s() - 100.0 - asked_s <= 1
    assert health.status(100.0) is ServiceStatus.BUSY


@pytest.mark.parametrize("asked_s", [9e9, math.inf])
def test_an_absurd_retry_after_means_a_quarter_of_an_hour(asked_s: float) -> None:
    health = health_of(3)
    health.busy(0.0, asked_s)
    assert 900 <= health.clear_s() <= 901


@pytest.mark.parametrize("asked_s", [None, 0.0, -5.0, math.nan])
def test_without_a_time_asked_for_the_pause_doubles_and_is_never_near_nothing(
    asked_s: float | None,
) -> None:
    health = health_of(3)
    now_s = 0.0
    for count in range(1, 12):
        health.busy(now_s, asked_s)
        max_s = min(60.0, 2.0**count)
        assert max_s / 2 <= health.clear_s() - now_s <= max_s
        now_s = health.clear_s()


def test_refusals_of_requests_sent_before_the_pause_do_not_lengthen_it() -> None:
    health = health_of(3)
    assert health.busy(0.0, None)
    until_s = health.clear_s()
    assert not health.busy(0.1, None)
    assert health.clear_s() == until_s
    health.busy(0.2, 30.0)
    assert health.clear_s() >= 30.2


def test_retries_come_soon_at_first_and_stop_coming_soon_when_the_store_is_spent() -> None:
    health = health_of(3)
    assert max(health.retry_delay_s(1) for _ in range(50)) <= 2
    assert max(health.retry_delay_s(20) for _ in range(50)) <= 60
    assert min(health.retry_delay_s(1) for _ in range(50)) >= 30


def test_sleep_wipes_out_failures_but_not_what_the_service_asked_for() -> None:
    health = health_of(3)
    health.busy(0.0, 600.0)
    health.system_resumed(10.0)
    assert health.status(10.0) is ServiceStatus.BUSY
    health = offline()
    health.system_resumed(10.0)
    assert health.status(10.0) is ServiceStatus.READY


def test_what_piled_up_while_offline_does_not_go_as_a_burst() -> None:
    health = health_of(1)
    for _ in range(5):
        health.sent(0.0)
        health.unreachable(0.0)
    assert health.offline
    assert health.ready_s(0.0) > 1.0
    health.sent(1000.0)
    health.answered(1000.0)
    assert health.ready_s(1000.0) == 1000.0
    health.sent(1000.0)
    assert health.ready_s(1000.0) > 1000.9


def test_a_refusal_pauses_and_slows_once_however_many_requests_it_meets() -> None:
    health = health_of(1)
    assert health.busy(0.0, 30.0)
    slowed = health.budget.requests_per_s
    assert slowed < 1.0
    assert health.ready_s(0.0) >= 30.0
    assert not health.busy(0.0, 30.0)
    assert health.budget.requests_per_s == slowed
