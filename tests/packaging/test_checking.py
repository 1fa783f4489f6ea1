"""``packaging/test.py`` reports each step, and the pins cover what it installs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import checking
import pytest
from checking import Outcome

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


STUMBLES = """
from pathlib import Path

import pytest

@pytest.mark.parametrize("number", range({count}))
def test_stumbles(number):
    seen = Path(__file__).with_name(f"seen-{{number}}")
    was_seen = seen.exists()
    seen.touch()
    assert was_seen and {at_last}

def test_holds():
    pass
"""
"""Tests that fail at the first try, and at the second where ``at_last`` is false."""


@pytest.mark.parametrize(
    ("count", "at_last", "passes", "tries"),
    [(2, True, True, 2), (2, False, False, 2), (4, True, False, 1), (0, True, True, 1)],
    ids=["a few", "a few that stay broken", "too many", "none"],
)
def test_a_few_tests_that_fail_are_tried_once_more_by_themselves(
    tmp_path: Path, count: int, at_last: bool, passes: bool, tries: int
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(STUMBLES.format(count=count, at_last=at_last))
    command = [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), str(tmp_path)]
    shown: list[str] = []
    outcome = checking.run_pytest("pytest", command, [], tmp_path / "cache", shown.append)
    assert outcome.passed is passes
    assert sum("test session starts" in line for line in shown) == tries
    assert len(outcome.passed_alone) == (count if passes else 0)
    assert all(test.startswith("test_it.py::test_stumbles[") for test in outcome.passed_alone)


def test_what_passed_only_by_itself_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome("pytest", 2.0, 0, "=== 1 passed in 0.10s ===\n", ("tests/test_it.py::test",))
    assert checking.report([outcome]) == 0
    assert "only by itself, look at it: tests/test_it.py::test" in capsys.readouterr().out


@pytest.mark.parametrize(("floor", "passes"), [(1, True), (99, False)])
def test_a_share_of_lines_below_the_floor_fails_with_a_sentence(
    tmp_path: Path, floor: int, passes: bool
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f"[tool.coverage.report]\nfail_under = {floor}\n")
    program = tmp_path / "half.py"
    program.write_text("import sys\nif not sys.argv:\n    print()\n    print()\n")
    variables = {
        **os.environ,
        "COVERAGE_FILE": str(tmp_path / "counts"),
        "COVERAGE_RCFILE": str(settings),
    }
    command = [sys.executable, "-m", "coverage", "run", str(program)]
    subprocess.run(command, env=variables, check=True)
    outcome = checking.judge_coverage(Path(sys.executable), variables)
    assert outcome.passed is passes
    assert ("add a test for them" in outcome.output) is not passes


@pytest.mark.no_cover
def test_no_lines_are_counted_where_that_is_not_wanted() -> None:
    # Where lines are counted at all, as in continuous integration, beside other processes too.
    assert sys.gettrace() is None


@pytest.mark.skipif(os.name == "nt", reason="the stand-in Pythons are shell scripts")
@pytest.mark.parametrize(("broken", "exit_code"), [(False, 0), (True, 1)])
def test_every_python_runs_the_checks_in_an_environment_of_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], broken: bool, exit_code: int
) -> None:
    commands = [str(tmp_path / "python3.13"), str(tmp_path / "python3.11")]
    for stand_in in map(Path, commands):
        stand_in.write_text(
            f'#!/bin/sh\necho "$@"\nexit {int(broken and stand_in.suffix == ".11")}\n'
        )
        stand_in.chmod(0o755)
    assert checking.check_every_python(commands, ["-x", "tests/core"]) == exit_code
    shown = capfd.readouterr().out
    for path in commands:
        name = Path(path).name
        assert re.search(f"test.py --environment=.test-venv-{name} -x tests/core\n", shown)
    last = shown.splitlines()[-1]
    assert "not found on this computer" in last


def test_tests_that_are_named_are_run_long_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        checking.main(["--long", "tests/core"])
    assert ended.value.code == 2
    assert "leave --long out" in capsys.readouterr().err


def test_what_is_marked_as_long_is_left_out_where_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.long\ndef test_long():\n    raise AssertionError\n\n"
        "def test_short():\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), str(tmp_path)]
    for options, passes in ((checking.WITHOUT_LONG, True), ((), False)):
        done = subprocess.run([*command, *options], check=False, capture_output=True)
        assert (done.returncode == 0) is passes


def test_without_any_python_the_checks_have_not_passed() -> None:
    assert checking.check_every_python([], []) == 1
