"""``packaging/test.py`` reports each step, and the pins cover what it installs."""

from __future__ import annotations

import re
import sys

import checking
import making
import pytest
from checking import Outcome
from environment import candidates

PASSED = Outcome("mypy", 1.0, 0, "Success\n")
FAILED = Outcome("mypy", 1.0, 1, "an error\n")
TESTS = Outcome("pytest", 2.0, 0, "....\n=== 4 passed in 1.90s ===\n\n")
FAILED_TESTS = Outcome("pytest", 2.0, 1, "...F\n=== 1 failed, 3 passed in 1.90s ===\n")


@pytest.mark.parametrize(
    ("outcomes", "exit_code"),
    [([PASSED, TESTS], 0), ([FAILED, TESTS], 1), ([PASSED, FAILED_TESTS], 1)],
)
def test_one_step_that_fails_fails_the_whole(outcomes: list[Outcome], exit_code: int) -> None:
    assert checking.report(outcomes) == exit_code


def test_the_report_names_each_step_and_ends_with_pytests_closing_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    checking.report([FAILED, TESTS])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "=== 4 passed in 1.90s ==="
    assert re.fullmatch(r"mypy +FAILED +1\.0 s", lines[-3])
    assert re.fullmatch(r"pytest +passed +2\.0 s", lines[-2])


def test_a_step_shows_its_lines_and_keeps_its_exit_code() -> None:
    shown: list[str] = []
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    outcome = checking.run_step("step", [sys.executable, "-u", "-c", script], shown.append)
    assert shown == ["out\n", "err\n"]
    assert (outcome.exit_code, outcome.output, outcome.passed) == (3, "out\nerr\n", False)


def test_every_requirement_has_an_exact_pin() -> None:
    environment = candidates(".test-venv", extras=("test",))[0]
    lines = environment.constraints.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    for pin in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?", pin), pin
    required = {making.requirement_name(line) for line in making.requirements_of(environment)}
    assert required <= {making.requirement_name(pin) for pin in pins}
