"""Unit, container file and compose file say what the program takes, and what the page says."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from enhance_gui.command_line import serve
from tests.packaging.builds import ROOT

FOLDER = ROOT / "packaging" / "studio"
UNIT = (FOLDER / "enhance-gui.service").read_text(encoding="utf-8")
IMAGE = (FOLDER / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "resources" / "help" / "studio.md").read_text(encoding="utf-8")
PORT = 18171
SCHEDULER = "tcp://scheduler:8786"


def served(words: list[str]) -> argparse.Namespace:
    """Return how ``serve`` reads its arguments; fail where it does not know one."""
    parser = argparse.ArgumentParser()
    serve.add_parser(parser.add_subparsers())
    return parser.parse_args(words)


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_the_unit_starts_a_service_that_may_finish_what_it_works_on() -> None:
    [start] = re.findall(r"^ExecStart=/usr/bin/enhance-gui (.*)$", UNIT, re.MULTILINE)
    arguments = served(start.replace(" $SERVE_OPTIONS", "").split())
    [stop] = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(stop) > arguments.drain_s
    assert "\nKillMode=mixed\n" in UNIT
    assert "\nStandardOutput=null\n" in UNIT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_takes_the_unit_and_calls_it_safe(tmp_path: Path) -> None:
    unit = tmp_path / "enhance-gui.service"
    # What it starts is not installed here.
    unit.write_text(UNIT.replace("/usr/bin/enhance-gui", "/bin/true"), encoding="utf-8")
    for command in (
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_runs_a_service_on_the_port_that_it_names() -> None:
    [words] = re.findall(r"^CMD (\[.*\])$", IMAGE, re.MULTILINE)
    arguments = served(yaml.safe_load(words))
    assert arguments.port == PORT
    assert f"\nEXPOSE {PORT}\n" in IMAGE
    assert re.search(r"^USER \d+$", IMAGE, re.MULTILINE)
    for path in re.findall(r"packaging/[\w./-]+", IMAGE):
        assert (ROOT / path).exists(), path


def test_the_compose_file_has_a_service_its_scheduler_and_two_workers() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"service", "scheduler", "worker"}
    assert services["worker"]["deploy"]["replicas"] == 2
    service = services["service"]
    words = list(service["command"])
    words.remove(f"--cluster={SCHEDULER}")
    arguments = served(words)
    assert seconds(service["stop_grace_period"]) > arguments.drain_s
    assert service["ports"] == [f"{arguments.port}:{PORT}"]
    assert services["worker"]["command"] == ["worker", SCHEDULER]
    assert f"--port={SCHEDULER.rpartition(':')[2]}" in services["scheduler"]["command"]


def test_the_token_is_in_no_log_of_the_service(tmp_path: Path) -> None:
    program = tmp_path / "enhance-gui"
    program.write_text('#!/bin/sh\necho the token\necho "the log: $*" >&2\n', encoding="utf-8")
    program.chmod(0o755)
    service = COMPOSE["services"]["service"]
    words = [word.replace("$$", "$") for word in service["entrypoint"]] + service["command"]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == f"the log: {' '.join(service['command'])}\n"


def test_nobody_outside_reaches_the_scheduler() -> None:
    services = COMPOSE["services"]
    assert COMPOSE["networks"]["cluster"]["internal"] is True
    for name in ("scheduler", "worker"):
        assert services[name]["networks"] == ["cluster"]
        assert "ports" not in services[name]


def test_the_page_names_options_that_there_are_and_all_of_those_for_operators() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    serve.add_parser(commands)
    there = set(re.findall(r"--[\w-]+", commands.choices["serve"].format_help()))
    others = {"--now", "--file", "--tag", "--env", "--publish", "--volume", "--stop-timeout"}
    others.add("--no-dashboard")  # of Dask
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]+", PAGE))
    assert named - others <= there
    operating = {"--tls-cert", "--tls-key", "--trusted-proxy", "--public-url", "--drain-s"}
    assert operating | {"--log-format", "--keep-gib", "--keep-days"} <= named
    assert {"--users", "--add-user", "--usage", "--cluster"} <= named
    for link in re.findall(r"\]\((?!https:)([^)]+)\)", PAGE):
        assert (ROOT / "resources" / "help" / link).exists(), link
