"""Prints the poller's figures as Markdown and tells by its exit code whether the gates hold.

``python -m tests.jobs.polling.simulate`` runs everything (some minutes); ``--quick`` runs the
smaller part that the tests run too. The seeds are fixed: two runs print the same figures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from random import Random

from tests.jobs.polling.gates import (
    Gate,
    batch_gates,
    budget_gate,
    retry_after_gates,
    single_gate,
    trouble_gates,
)
from tests.jobs.polling.optimum import bayes_optimum
from tests.jobs.polling.provider import RateLimit, refusals_at_random
from tests.jobs.polling.shapes import BIMODAL, FAST, HEAVY, MID, SHAPES, SHARP, Shape, one_hump
from tests.jobs.polling.study import (
    BatchRow,
    Scene,
    SingleRow,
    after_a_change,
    batch,
    crowded,
    fixed_gap,
    lagging,
    learned_gap,
    moody,
    odd_service,
    outage,
    resumed,
    retry_after,
    sleep,
    with_callbacks,
    without_places,
)
from tests.jobs.polling.variants import FixedGap, Plain

PRICES_S = (0.2, 0.5, 1.0)
EXPERIENCES = (0, 10, 200)
_SIZES = {0: (1, 2000), 10: (40, 30), 200: (8, 200)}
_QUICK_SIZES = {0: (1, 250), 10: (12, 15), 200: (1, 150)}


def single_tasks(*, quick: bool) -> Iterator[Gate]:
    """Print the table of one task at a time."""
    print("\n### One task at a time\n")
    print("Cost = price × polls + seconds late; the optimum knows the distribution.\n")
    print("| durations | price of a poll | policy | polls | mean / p95 late | cost | ÷ optimum |")
    print("|---|---|---|---|---|---|---|")
    for shape in SHAPES if quick else (*SHAPES, SHARP):
        for price_s in (0.5,) if quick else PRICES_S:
            yield from _single_block(shape, price_s, quick=quick)


def _single_block(shape: Shape, price_s: float, *, quick: bool) -> Iterator[Gate]:
    start = f"| {shape.name} | {price_s:g} s |"
    optimum_s = bayes_optimum(shape, price_s)
    print(f"{start} *clairvoyant* | 1 | 0 / 0 s | {price_s:.2f} s | {price_s / optimum_s:.2f} |")
    for gap_s in () if quick else (1, 2, 5):
        _print_single(f"{start} fixed {gap_s} s", fixed_gap(shape, price_s, gap_s))
    for learned in EXPERIENCES:
        pollers, tasks = (_QUICK_SIZES if quick else _SIZES)[learned]
        row = learned_gap(shape, price_s, learned, pollers=pollers, tasks=tasks)
        _print_single(f"{start} **this poller**, {learned or 'none'} learned", row)
        # The sharpest shape is shown for what it is, and held only where it can be known.
        if shape is not SHARP or learned == 200:
            yield single_gate(f"{shape.name}, {price_s:g} s", learned, row)


def _print_single(start: str, row: SingleRow) -> None:
    print(
        f"{start} | {row.polls:.2f} | {row.mean_late_s:.2f} / {row.p95_late_s:.1f} s "
        f"| {row.cost_s:.2f} s | {row.ratio:.2f} |",
        flush=True,
    )


def changes() -> None:
    """Print how quickly a changed service is learned anew."""
    print(
        "\n### A service that changes, after 200 tasks of the old kind (price 0.5 s, ÷ optimum)\n"
    )
    print("| from → to | next 20 | then 80 | then 100 |")
    print("|---|---|---|---|")
    for before, after in ((FAST, MID), (MID, FAST), (FAST, HEAVY), (BIMODAL, MID)):
        rows = after_a_change(before, after, 0.5)
        figures = " | ".join(f"{row.ratio:.2f}" for row in rows)
        print(f"| {before.name} → {after.name} | {figures} |", flush=True)


def batches(*, quick: bool) -> Iterator[Gate]:
    """Print the table of batches."""
    print("\n### Batches (first in, first out; a task takes 6 s in the median)\n")
    _print_batch_head("tasks, workers, budget")
    loopback = one_hump("loopback", 0.3, 0.3)
    scenes = [Scene(1000, 4, 2.0), Scene(1000 if quick else 10_000, 16, 8.0)]
    for scene in scenes:
        name = f"{scene.tasks:,}, {scene.workers}, {scene.requests_per_s:g}/s"
        row = batch(scene)
        _print_batch(f"{name}: **this poller**", row)
        yield from batch_gates(name, row, scene.requests_per_s)
    small = Scene(300, 2, 20.0, loopback, latency_s=0.01, prior_median_s=1.0)
    row = batch(small)
    _print_batch("300 of 0.3 s each, 2, 20/s: **this poller**", row)
    yield Gate("fast service of this computer: mean notice", row.mean_late_s, 0, 0.2)
    yield Gate("fast service of this computer: 95 % noticed within", row.p95_late_s, 0, 0.35)
    if not quick:
        tight = Scene(1000, 16, 2.0)
        _print_batch("1,000, 16, 2/s (the budget is the limit): **this poller**", batch(tight))
        for gap_s in (1.0, 2.0, 5.0):
            rival = Scene(1000, 4, 2.0, make=FixedGap.each(gap_s))
            _print_batch(f"1,000, 4, 2/s: window of this poller, fixed {gap_s:g} s", batch(rival))
            rival = Scene(1000, 4, 2.0, make=Plain.each(gap_s))
            _print_batch(f"1,000, 4, 2/s: all at once, fixed {gap_s:g} s", batch(rival))


def bad_days(*, quick: bool) -> Iterator[Gate]:
    """Print the table of trouble."""
    print("\n### Trouble (300 tasks, 4 workers, 2/s)\n")
    _print_batch_head("what happens")
    for seed in range(2 if quick else 8):
        row = outage(seed)
        _print_batch(f"no answer for 5 minutes, seed {seed}", row)
        yield from trouble_gates(f"outage, seed {seed}", row, 2.0)
    for seed in range(1 if quick else 4):
        row = sleep(seed)
        _print_batch(f"sleep of 8 hours, seed {seed}", row)
        yield from trouble_gates(f"sleep, seed {seed}", row, 2.0)
        yield Gate(f"sleep, seed {seed}: requests at once on waking", row.over_after, 0, 2)
    for seed in range(2 if quick else 8):
        row = retry_after(seed)
        _print_batch(f"Retry-After: 120, seed {seed}", row)
        yield from retry_after_gates(f"Retry-After, seed {seed}", row, 2.0)
    yield from _refusals()
    yield from _oddities(quick=quick)


def _refusals() -> Iterator[Gate]:
    row = batch(Scene(300, weather=refusals_at_random(0.1, Random(5))))
    _print_batch("429 at random, one in ten", row)
    yield budget_gate("429 at random", row, 2.0)
    yield Gate("429 at random: 95 % noticed within", row.p95_late_s, 0, 20)
    row = batch(Scene(300, weather=RateLimit(1.0, 3)))
    _print_batch("429 beyond half of the budget", row)
    yield Gate("429 beyond half of the budget: 95 % noticed within", row.p95_late_s, 0, 10)
    share = row.refused / (row.tasks * (1 + row.polls))
    yield Gate("429 beyond half of the budget: share refused", share, 0, 0.15)


def _oddities(*, quick: bool) -> Iterator[Gate]:
    for name, row in (
        ("tasks go back in status", odd_service(moody)),
        ("tasks unknown for 8 s", odd_service(lagging)),
        ("status not understood", odd_service(without_places)),
        ("callbacks", with_callbacks()),
        ("callbacks, which stop after 100", with_callbacks(100)),
        ("others queue too", crowded()),
    ):
        _print_batch(name, row)
        yield budget_gate(name, row, 2.0)
        yield Gate(f"{name}: polls a task", row.polls, 1, 3.5)
        yield Gate(f"{name}: 95 % noticed within", row.p95_late_s, 0, 15)
    tasks = 1000 if quick else 10_000
    row = resumed(tasks)
    _print_batch(f"start with {tasks:,} stored tasks, 8/s", row)
    yield budget_gate("stored tasks", row, 8.0)
    yield Gate("stored tasks: seconds to see them all", row.span_s, 0, tasks / 8 * 1.02)


def _print_batch_head(first: str) -> None:
    print(
        f"| {first} | polls a task | mean / p95 / longest late | beyond the work's own time "
        "| most alive | burst used | refused | after trouble: first request / all noticed |"
    )
    print("|---|---|---|---|---|---|---|---|")


def _print_batch(name: str, row: BatchRow) -> None:
    after = f"{row.first_after_s:.1f} / {row.all_after_s:.1f} s" if row.all_after_s else ""
    late = f"{row.mean_late_s:.2f} / {row.p95_late_s:.1f} / {row.longest_late_s:.0f} s"
    print(
        f"| {name} | {row.polls:.2f} | {late} | {row.slower:+.1%} | {row.max_in_flight} "
        f"| {row.over_budget:.1f} | {row.refused} | {after} |",
        flush=True,
    )


def run(*, quick: bool) -> list[Gate]:
    """Print all tables; return all gates."""
    gates = list(single_tasks(quick=quick))
    if not quick:
        changes()
    gates += batches(quick=quick)
    gates += bad_days(quick=quick)
    return gates


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.jobs.polling.simulate", description=__doc__
    )
    parser.add_argument("--quick", action="store_true", help="the smaller part, in half a minute")
    quick = parser.parse_args(arguments).quick
    print(f"`python -m tests.jobs.polling.simulate{' --quick' if quick else ''}`")
    gates = run(quick=quick)
    print("\n### Gates\n")
    print("| promise | figure | at most |")
    print("|---|---|---|")
    for gate in gates:
        mark = "" if gate.holds else " **BROKEN**"
        print(f"| {gate.promise} | {gate.value:.3g}{mark} | {gate.maximum:g} |")
    broken = [gate for gate in gates if not gate.holds]
    print(f"\n{len(gates) - len(broken)} of {len(gates)} gates hold.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
