"""The living line of a terminal tells how far the task is of which was heard last."""

from __future__ import annotations

import pytest

from enhance_gui.command_line.progress import Progress
from enhance_gui.core.profiles import Phase
from enhance_gui.jobs.events import TaskProgress


class _Terminal:
    """Takes what is printed."""

    is_terminal = True
    is_behind = False

    def __init__(self) -> None:
        self.shown = ""

    def put(self, text: str) -> None:
        self.shown = text


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (TaskProgress(1, Phase.PROCESSING, 0, 20.4, 40), "; 40 % done, about 20 s left"),
        (TaskProgress(1, Phase.PROCESSING, 0, None, 0), "; 0 % done"),
        (TaskProgress(1, Phase.PROCESSING, 0, 20.4), "; about 20 s left"),
        (TaskProgress(1, Phase.PROCESSING, 0, None), ""),
        (TaskProgress(1, Phase.QUEUED, 3, 40.0), "; number 3 in the service's queue"),
    ],
)
def test_the_line_tells_what_is_known(event: TaskProgress, said: str) -> None:
    terminal = _Terminal()
    Progress(2, terminal).hear(event)  # type: ignore[arg-type]
    assert terminal.shown.endswith(f"0/2  {said}")
