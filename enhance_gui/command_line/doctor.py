"""``enhance-gui doctor``: says what works, what does not, and what to do."""

from __future__ import annotations

import argparse
import asyncio
import os

from enhance_gui.command_line.console.output import print_out, print_waiting
from enhance_gui.command_line.console.session_token import take_token
from enhance_gui.jobs.queue.reports import ExitCode
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import read_preferences


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "doctor",
        help="check what the program stands on",
        description="Check Python, Qt and display, password manager, list of tasks, services and "
        "network; say what is wrong and what to do. Shows no secret. Exit code 1: something does "
        "not work.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return 1 where something does not work."""
    token = take_token()
    # Loaded here, not above: the other commands do without.
    from enhance_gui.jobs.support.diagnosis import diagnose
    from enhance_gui.ui.startup.display_check import display_problem

    problem = display_problem()
    folders = user_folders()
    report, is_sound = asyncio.run(
        diagnose(
            folders,
            problem or _display_text(),
            token,
            read_preferences(folders.preferences).network,
            has_display=not problem,
            on_waiting=print_waiting,
        )
    )
    print_out(report)
    return 0 if is_sound else int(ExitCode.SOME_FAILED)


def _display_text() -> str:
    from importlib import metadata

    qt = metadata.version("PySide6-Essentials")
    shown = [
        f"{name}={os.environ[name]}"
        for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY", "XDG_CURRENT_DESKTOP")
        if os.environ.get(name)
    ]
    return ", ".join([f"Qt {qt}", *shown])
