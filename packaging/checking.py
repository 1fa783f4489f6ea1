"""The checks and the tests, as continuous integration runs them; and those that take long."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import making
import models
import processes
import qt_libraries
import supported_python
import system_packages
from environment import CHECKOUT, Environment, candidates, find_ready
from messages import SetUpFailed, say
from supported_python import EXIT_SET_UP_FAILED

SYSTEM_PACKAGES = {
    "strace": "strace",
    "gnome-keyring-daemon": "gnome-keyring",
    "dbus-run-session": "dbus",
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "exiftool": "libimage-exiftool-perl",
    "chromium": "chromium",
}
"""Commands that tests start, and the Debian packages that hold them."""

SNAPS_ON_UBUNTU = frozenset({"chromium"})
"""Of these packages those that Ubuntu has not: there they are no packages of apt."""

WINDOW_PACKAGES = frozenset({"pyside6-essentials", "shiboken6", "qasync"})
"""What only ``enhance_gui.ui`` may need: everything below it is tested once without them."""

WINDOW_TESTS = (
    "tests/ui",
    "tests/desktop",
    "tests/test_application.py",
    "tests/packaging/test_portable.py",
)
"""Tests that need the window; all others run where Qt is not installed."""

BELOW_WINDOW = tuple(f"--ignore={tests}" for tests in WINDOW_TESTS)

COVERED = ("--cov", "--cov-report=", "--cov-fail-under=0")
"""Options of pytest that count the lines which are run, and judge nothing by themselves."""

WITHOUT_LONG = ("-m", "not long")
"""Options of pytest that leave out the tests which are marked as long."""

SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal")
"""More processes than the two cores that are usual: the tests below the window mostly wait for
processes of their own, those of the window a third of their time for timers and threads. One that
has done its share takes over from the others."""

MAX_TRIED_AGAIN = 3
"""Tests that failed beside all others and are run once more by themselves, if there are no more.

They drive real processes by the machine's clock, and a machine can stall. The report names each."""

_TESTS_FAILED = 1
"""Exit code of pytest where tests failed, and nothing else was wrong."""


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    name: str
    duration_s: float
    exit_code: int
    output: str
    passed_alone: tuple[str, ...] = ()
    """Tests that failed beside the others and passed by themselves."""

    @property
    def passed(self) -> bool:
        return self.exit_code == 0

    @property
    def closing_line(self) -> str:
        """The last line that is not blank: there, pytest sums up."""
        return next((line for line in reversed(self.output.splitlines()) if line.strip()), "")


def main(arguments: Sequence[str]) -> int:
    """Run the checks that the command line asks for and return 0 if all passed."""
    parser = argparse.ArgumentParser(
        prog="packaging/test.py",
        description="Run the checks and the tests. Further arguments go to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--every-python", action="store_true", help="on each that is found here")
    parser.add_argument(
        "--long",
        action="store_true",
        help="also the tests that take long, and count the lines that tests run",
    )
    parser.add_argument(
        "--environment",
        default=".test-venv",
        metavar="NAME",
        help="folder of the environment (default: %(default)s)",
    )
    chosen, pytest_arguments = parser.parse_known_args(arguments)
    if chosen.long and pytest_arguments:
        parser.error("tests that are named are run, long or not: leave --long out")
    if chosen.every_python:
        further = [*(["--long"] if chosen.long else []), *pytest_arguments]
        return check_every_python(supported_python.commands(), further)
    return check(pytest_arguments, chosen.environment, with_long=chosen.long)


def check_every_python(commands: Sequence[str], further: Sequence[str]) -> int:
    """Run this script with each Python, in environments of their own; return 0 if all passed.

    :param further: arguments of the script.
    """
    script = str(CHECKOUT / "packaging" / "test.py")
    exit_codes = {}
    for python in commands:
        print(f"\n== {python}", flush=True)
        environment = f"--environment=.test-venv-{Path(python).name}"
        command = [python, script, environment, *further]
        exit_codes[python] = subprocess.run(command, check=False).returncode
    print()
    for python, exit_code in exit_codes.items():
        print(f"{python:<28} {'FAILED' if exit_code else 'passed'}")
    for python in supported_python.names():
        if python not in exit_codes:
            print(f"{python:<28} not found on this computer")
    return 0 if exit_codes and not any(exit_codes.values()) else 1


def check(pytest_arguments: Sequence[str], name: str, *, with_long: bool) -> int:
    """Run all steps, even if some fail, and return 0 if all passed.

    :param name: of the environment's folder.
    :param with_long: also the tests that take long; and the lines that tests run are counted, which
        takes a third longer.
    """
    try:
        _provide_commands()
        environment = _environment(name)
        below = _environment(f"{name}-without-window", left_out=WINDOW_PACKAGES)
    except SetUpFailed as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED
    except KeyboardInterrupt:
        say("\nInterrupted. The next run sets up from the start.")
        return EXIT_SET_UP_FAILED
    return report(_run_all(environment, below, pytest_arguments, with_long=with_long))


def report(outcomes: Sequence[Outcome]) -> int:
    """Show how each step ended, the last one's closing line last; return the exit code."""
    print()
    for outcome in outcomes:
        verdict = "passed" if outcome.passed else "FAILED"
        print(f"{outcome.name:<28} {verdict}  {outcome.duration_s:7.1f} s")
        for test in outcome.passed_alone:
            print(f"  only by itself, look at it: {test}")
    print(outcomes[-1].closing_line, flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def run_step(
    name: str,
    command: Sequence[str],
    show: Callable[[str], None],
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a step, hand each line of its output to ``show`` as it comes, and time it."""
    started_s = time.monotonic()
    lines: list[str] = []

    def keep_and_show(line: str) -> None:
        lines.append(line)
        show(line)

    exit_code = processes.run(command, keep_and_show, folder=CHECKOUT, variables=variables)
    return Outcome(name, time.monotonic() - started_s, exit_code, "".join(lines))


def run_pytest(
    name: str,
    command: Sequence[str],
    side_by_side: Sequence[str],
    cache: Path,
    show: Callable[[str], None],
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Run tests side by side, and a few that fail once more one after the other.

    :param command: that of pytest, with the tests.
    :param side_by_side: its options for running them so.
    :param cache: folder in which pytest remembers what failed.
    """
    shutil.rmtree(cache, ignore_errors=True)
    command = [*command, "-o", f"cache_dir={cache}"]
    first = run_step(name, [*command, *side_by_side], show, variables)
    failed = _failed_tests(cache)
    if first.exit_code != _TESTS_FAILED or not 0 < len(failed) <= MAX_TRIED_AGAIN:
        return first
    show(f"\n{name}: once more, by themselves:\n" + "".join(f"  {test}\n" for test in failed))
    again = run_step(name, [*command, "--last-failed", "--last-failed-no-failures=none"], show)
    return Outcome(
        name,
        first.duration_s + again.duration_s,
        again.exit_code,
        first.output + again.output,
        failed if again.passed else (),
    )


def judge_coverage(python: Path, variables: Mapping[str, str]) -> Outcome:
    """Compare the share of lines that tests ran with the floor in ``pyproject.toml``."""
    command = [str(python), "-m", "coverage", "report", "--skip-covered"]
    outcome = run_step("coverage", command, lambda _line: None, variables)
    if outcome.passed:
        return outcome
    hint = (
        "The tests below the window run too few of its lines. The table says which they leave out: "
        "add a test for them, or remove what nothing needs. The floor stands in pyproject.toml."
    )
    return replace(outcome, output=f"{outcome.output}{hint}\n")


def _failed_tests(cache: Path) -> tuple[str, ...]:
    remembered = cache / "v" / "cache" / "lastfailed"
    try:
        return tuple(json.loads(remembered.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()


def _run_all(
    environment: Environment,
    below: Environment,
    pytest_arguments: Sequence[str],
    *,
    with_long: bool,
) -> list[Outcome]:
    ruff = str(environment.command("ruff"))
    outcomes = [
        _quietly("ruff check", [ruff, "check"]),
        _quietly("ruff format --check", [ruff, "format", "--check"]),
    ]
    for outcome in outcomes:
        _show_failure(outcome)
    # mypy keeps one of the processor's cores busy while pytest mostly waits on the other.
    with ThreadPoolExecutor(1) as beside:
        mypy = beside.submit(_quietly, "mypy", [str(environment.command("mypy"))])
        own_choice = list(pytest_arguments)
        if not own_choice:
            name = "pytest without the window"
            if with_long:
                counts = {**os.environ, "COVERAGE_FILE": str(below.folder / "coverage")}
                options = (*SIDE_BY_SIDE, *COVERED)
                outcomes.append(_pytest(name, below, BELOW_WINDOW, options, counts))
                outcomes.append(judge_coverage(below.python, counts))
                _show_failure(outcomes[-1])
                own_choice = list(WINDOW_TESTS)
            else:
                short = (*BELOW_WINDOW, *WITHOUT_LONG)
                outcomes.append(_pytest(name, below, short, SIDE_BY_SIDE))
                own_choice = [*WINDOW_TESTS, *WITHOUT_LONG]
        tests = _pytest("pytest", environment, own_choice, SIDE_BY_SIDE)
        outcomes.append(mypy.result())
    _show_failure(outcomes[-1])
    return [*outcomes, tests]


def _quietly(name: str, command: Sequence[str]) -> Outcome:
    return run_step(name, command, show=lambda _line: None)


def _pytest(
    name: str,
    environment: Environment,
    tests: Sequence[str],
    side_by_side: Sequence[str],
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    print(f"\n{name}", flush=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [str(environment.python), "-m", "pytest", *colour, *tests]
    cache = environment.folder / "pytest-cache"
    return run_pytest(
        name,
        command,
        side_by_side,
        cache,
        show=lambda line: print(line, end="", flush=True),
        variables=variables,
    )


def _show_failure(outcome: Outcome) -> None:
    if not outcome.passed:
        print(f"\n{outcome.name} failed:\n{outcome.output}", flush=True)


def _environment(name: str, left_out: frozenset[str] = frozenset()) -> Environment:
    places = candidates(name, extras=("test", "cluster"), left_out=left_out)
    environment = find_ready(places)
    if environment is None:
        say(f"Setting up {name}. This happens once and takes from half a minute to a few minutes.")
        started_s = time.monotonic()
        environment = making.make(places)
        say(f"Ready after {time.monotonic() - started_s:.0f} s.")
    models.provide(environment)
    return environment


def _provide_commands() -> None:
    lacking = {
        package for command, package in SYSTEM_PACKAGES.items() if shutil.which(command) is None
    }
    if sys.platform == "linux":
        # The tests under a real X server load Qt's part for it.
        under_x = qt_libraries.needed({"QT_QPA_PLATFORM": "xcb"})
        lacking |= {library.debian for library in qt_libraries.missing(under_x)}
    if "ubuntu" in system_packages.distributions():
        lacking -= SNAPS_ON_UBUNTU
    if not lacking:
        return
    if system_packages.is_debian() and system_packages.may_install():
        system_packages.require(lacking, why="Some tests need system packages")
        return
    names = " ".join(sorted(lacking))
    say(f"Not installed here, so that tests which need it are left out (Debian's names): {names}")
