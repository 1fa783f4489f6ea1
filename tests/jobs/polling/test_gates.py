"""Every promise holds in the smaller simulation, and the judge sees when one does not."""

from __future__ import annotations

import pytest

from tests.jobs.polling import simulate
from tests.jobs.polling.gates import (
    Gate,
    batch_gates,
    budget_gate,
    retry_after_gates,
    single_gate,
    trouble_gates,
)
from tests.jobs.polling.shapes import FAST
from tests.jobs.polling.study import Scene, batch, learned_gap, outage, retry_after
from tests.jobs.polling.variants import (
    Change,
    DeafToRetryAfter,
    FixedGap,
    Stubborn,
    all_at_once,
    changed,
    gaps_by_three,
    gaps_times_three,
    twice_the_budget,
)

# Counting its lines would take as long again.
pytestmark = pytest.mark.no_cover


def broken(gates: list[Gate]) -> list[str]:
    return [
        f"{gate.promise} {gate.value:.3g} > {gate.maximum:g}" for gate in gates if not gate.holds
    ]


def broken_promises(gates: list[Gate]) -> str:
    return " ".join(gate.promise for gate in gates if not gate.holds)


@pytest.mark.long
def test_few_requests_and_quick_notice_for_one_task_at_a_time() -> None:
    gates = list(simulate.single_tasks(quick=True))
    assert len(gates) == 12
    assert broken(gates) == []


def test_few_requests_and_quick_notice_for_batches() -> None:
    gates = list(simulate.batches(quick=True))
    assert len(gates) >= 10
    assert broken(gates) == []


@pytest.mark.long
def test_no_storm_and_quick_return_on_bad_days() -> None:
    gates = list(simulate.bad_days(quick=True))
    assert len(gates) >= 30
    assert broken(gates) == []


@pytest.mark.parametrize("change", [gaps_times_three, gaps_by_three])
def test_wrong_gaps_break_the_gate_of_single_tasks(change: Change) -> None:
    model_price_s = 0.5
    row = learned_gap(FAST, model_price_s, 200, pollers=1, tasks=150, make=changed(change))
    assert not single_gate("mutant", 200, row).holds


def test_a_batch_without_a_window_breaks_the_gate_of_what_is_alive() -> None:
    scene = Scene(400, make=changed(all_at_once))
    assert "most alive" in broken_promises(batch_gates("mutant", batch(scene), 2.0))


def test_looking_each_second_breaks_the_gate_of_batches() -> None:
    scene = Scene(400, requests_per_s=20.0, make=FixedGap.each(1.0))
    assert "polls a task" in broken_promises(batch_gates("mutant", batch(scene), 20.0))


def test_more_than_the_budget_breaks_its_gate() -> None:
    scene = Scene(100, make=changed(twice_the_budget))
    assert not budget_gate("mutant", batch(scene), 2.0).holds


def test_going_on_through_an_outage_breaks_a_gate() -> None:
    gates = trouble_gates("mutant", outage(0, Stubborn), 2.0)
    assert "requests during it" in broken_promises(gates)


def test_not_waiting_as_asked_breaks_its_gate() -> None:
    row = retry_after(0, DeafToRetryAfter)
    promises = broken_promises(retry_after_gates("mutant", row, 2.0))
    assert "waited longer" in promises
    assert "refused" in promises
