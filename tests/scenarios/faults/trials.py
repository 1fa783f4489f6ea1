"""One trial: a run that meets a fault, two starts after it, and the judge's word."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.scenarios.faults.homes import Ended, Home, Provider
from tests.scenarios.faults.judge import violations
from tests.scenarios.faults.stored_state import stored_state
from tests.scenarios.faults.system_calls import Fault, run_with_fault

_OF_THE_LOOP: Final = "handle: <Handle BaseSelectorEventLoop._read_from_self"
"""Before a traceback of the event loop, whose own socket for waking it got the error."""

ERROR_RUN_S: Final = 4.0
"""How long a run that met an error may go on trying before it is told to end."""


@dataclass(frozen=True)
class ConnectionTest:
    """What came of it."""

    fault: Fault
    met: bool
    """Whether the run came so far."""
    typed_again: bool
    """Whether the first start after the fault was the same command, and not --resume."""
    broken: tuple[str, ...]
    """The promises that did not hold."""
    states: tuple[str, ...]
    """Of the tasks, as the fault left them."""
    charged: int
    """Charges at the end."""
    doubts: int
    """Tasks in doubt at the end."""
    doubts_charged: int
    """Those of them that the provider did charge."""
    traceback: str
    """The last line of a traceback, where the disturbed run ended with one."""
    took_s: float


def no_more() -> None:
    """Nothing more happens."""


def run_trial(
    provider: Provider,
    folder: Path,
    fault: Fault,
    *,
    typed_again: bool = False,
    lived_in: Home | None = None,
    wants: Sequence[str] = (),
    mutant: str = "",
    command: bool = False,
    before_it: Callable[[], None] = no_more,
    between: Callable[[], None] = no_more,
    keep: bool = False,
) -> ConnectionTest:
    """Carry out one trial in a folder of its own.

    :param lived_in: a home whose empty list of tasks is there from the beginning.
    :param wants: options of the runs that enhance the inputs.
    :param command: whether the starts after the fault are those of the command as a user has it.
    :param before_it: what happens when the home is made and before the run.
    :param between: what happens after the fault and before the next start.
    :param keep: whether the folder stays where a promise was broken, or a traceback printed.
    """
    began_s = time.monotonic()
    home = Home(folder, provider, wants=wants)
    home.make(lived_in)
    before_it()
    limit = ("--timeout-s", str(ERROR_RUN_S)) if fault.error else ()
    disturbed, met = run_with_fault(home, home.enhance_arguments(*limit), fault, mutant)
    between()
    before = stored_state(home.database)
    again = home.enhance_arguments() if typed_again else ["enhance", "--resume", "--json"]
    starts = [home.run(again, mutant, command=command), home.resume(mutant, command=command)]
    broken = violations(home, before, starts)
    if disturbed.hung:
        broken.append("the disturbed run hung")
    charged = {str(charge["chtaskid"]) for charge in home.charges}
    doubts = [task for task in stored_state(home.database).tasks if task.state == "in_doubt"]
    traceback = _traceback(disturbed)
    if keep and (broken or traceback):
        (folder / "errors.txt").write_text(disturbed.errors, "utf-8")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return ConnectionTest(
        fault=fault,
        met=met,
        typed_again=typed_again,
        broken=tuple(broken),
        states=before.states,
        charged=len(charged),
        doubts=len(doubts),
        doubts_charged=sum(bool(charged & set(task.private_ids)) for task in doubts),
        traceback=traceback,
        took_s=time.monotonic() - began_s,
    )


def _traceback(ended: Ended) -> str:
    """Return the last line of the program's own traceback."""
    lines = ended.errors.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("Traceback (most recent call")]
    own = [n for n in starts if n == 0 or not lines[n - 1].startswith(_OF_THE_LOOP)]
    if not own:
        return ""
    return next((line for line in lines[own[-1] + 1 :] if not line.startswith(" ")), "")
