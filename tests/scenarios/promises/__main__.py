"""Tries many orders of events, in a process for each kind of service::

python -m tests.scenarios.promises --examples 5000 --steps 60
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import time
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scenarios.promises.machine import Promises, PromisesOfIdempotent
from tests.scenarios.promises.mutants import MUTANTS

MACHINES: Final = {"plain": Promises, "idempotent": PromisesOfIdempotent}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shrink", action="store_true", help="look for the shortest example")
    parser.add_argument("--mutant", choices=MUTANTS, help="put a mistake into the program first")
    parser.add_argument("--service", choices=MACHINES, help="only this kind, in this process")
    options = parser.parse_args()
    if options.service is None:
        command = [sys.executable, "-m", "tests.scenarios.promises", *sys.argv[1:], "--service"]
        running = [subprocess.Popen([*command, service]) for service in MACHINES]
        return max([process.wait() for process in running])
    logging.disable()
    if options.mutant is not None:
        MUTANTS[options.mutant]()
    phases = [Phase.generate, *([Phase.shrink] if options.shrink else [])]
    began_s = time.monotonic()
    chosen = settings(
        max_examples=options.examples,
        stateful_step_count=options.steps,
        phases=phases,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(options.seed)(MACHINES[options.service])
    run_state_machine_as_test(MACHINES[options.service], settings=chosen)
    took_s = time.monotonic() - began_s
    print(f"{options.service}: {options.examples} × {options.steps}, no violation, {took_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
