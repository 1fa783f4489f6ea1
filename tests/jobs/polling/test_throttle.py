from __future__ import annotations

from random import Random

from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.polling.throttle import RequestThrottle


def test_what_piled_up_while_offline_does_not_go_as_a_burst() -> None:
    throttle = RequestThrottle(PollerSettings(requests_per_s=1.0), Random(1))
    for _ in range(5):
        throttle.sent(0.0)
        throttle.health.unreachable(0.0)
    assert throttle.health.offline
    assert throttle.ready_s(0.0) > 1.0
    throttle.sent(1000.0)
    throttle.answered(1000.0)
    assert throttle.ready_s(1000.0) == 1000.0
    throttle.sent(1000.0)
    assert throttle.ready_s(1000.0) > 1000.9


def test_a_refusal_pauses_and_slows_once_however_many_requests_it_meets() -> None:
    throttle = RequestThrottle(PollerSettings(requests_per_s=1.0), Random(1))
    assert throttle.busy(0.0, 30.0)
    slowed = throttle.requests_per_s
    assert slowed < 1.0
    assert throttle.ready_s(0.0) >= 30.0
    assert not throttle.busy(0.0, 30.0)
    assert throttle.requests_per_s == slowed
