"""Decides by the arguments which program to run."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from enhance_gui.command_line.console.output import (
    OutputLost,
    complain,
    open_standard_streams,
    plain,
    print_message,
    print_out,
)
from enhance_gui.core import hardening
from enhance_gui.core.errors import EnhanceError, UsageError

if TYPE_CHECKING:
    import argparse

COMMANDS: Final = ("enhance", "serve", "worker", "services", "token", "doctor", "decode")

WRONG_USAGE: Final = 2
FAILED: Final = 1

_INSTEAD_OF_WINDOW: Final = frozenset({"-h", "--help", "--version"})

_VERSION_HELP: Final = "show the version, and what this program was built from, and exit"


def run(arguments: Sequence[str]) -> int:
    """Run the program.

    :returns: the exit code.
    """
    open_standard_streams(as_json="--json" in arguments)
    hardening.redact_every_log()
    hardening.log_uncaught_errors()
    hardening.forbid_core_dumps()
    command = _command_of(arguments)
    if command is not None:
        hardening.hide_memory()
    _log_to_terminal(logging.INFO if "--verbose" in arguments else logging.WARNING)
    # httpx writes whole addresses, which may be signed, into its log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        return _show_window(arguments) if command is None else _command(command)
    except UsageError as error:
        complain(error)
        return WRONG_USAGE
    except EnhanceError as error:
        complain(error)
        return FAILED
    except BrokenPipeError:
        # Whoever read our output has gone; a traceback would help nobody.
        sys.stderr.close()
        return FAILED
    except OutputLost as lost:
        print_message(f"enhance-gui: standard output cannot be written to: {lost}")
        return FAILED


def _log_to_terminal(level: int) -> None:
    terminal = logging.StreamHandler()
    # A level of its own: a log file that takes more does not make the terminal talk more.
    terminal.setLevel(level)
    logging.basicConfig(
        level=level, handlers=[terminal], format="%(levelname)s %(name)s: %(message)s"
    )


def _command_of(arguments: Sequence[str]) -> Sequence[str] | None:
    """Return the arguments of another program than the window; ``None``: the window is wanted."""
    before, _ = _at_end_of_options(arguments)
    text = [each for each in before if not each.startswith("-")]
    if text and text[0] in COMMANDS:
        return arguments
    # Alone: what else was typed would be taken for a command.
    return next(([each] for each in before if each in _INSTEAD_OF_WINDOW), None)


def window_inputs(arguments: Sequence[str]) -> list[str]:
    """Return what the window is to open.

    :raises UsageError: there is an option that the window does not have.
    """
    before, after = _at_end_of_options(arguments)
    inputs = []
    for each in before:
        if not each.startswith("-"):
            inputs.append(each)
        elif each != "--verbose":
            # Without a value: it may be a token that was typed here by mistake.
            option = each.partition("=")[0]
            raise UsageError(
                f"the window has no option “{option}”; where it belongs to a command, name that "
                "first (“enhance-gui enhance …”), and where a file is called so, write “./” before"
            )
    return inputs + after


def _at_end_of_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split the arguments at "--"."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:at]), list(arguments[at + 1 :])


def _show_window(arguments: Sequence[str]) -> int:
    inputs = window_inputs(arguments)
    from enhance_gui.command_line import window

    before, _ = _at_end_of_options(arguments)
    return window.run(inputs, [each for each in before if each.startswith("-")])


def _command(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for; where they are wrong, say so and leave."""
    from enhance_gui.command_line import token

    parser = build_parser()
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        # A token that was typed here by mistake is not printed.
        is_token = getattr(parsed, "run", None) is token.run
        text = plain(f"unrecognized arguments: {' '.join(unknown)}")
        parser.error(token.NEVER_AN_ARGUMENT if is_token else text)
    return int(parsed.run(parsed))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    # Loaded here, not above: the window, which has to appear at once, does without.
    import argparse

    from enhance_gui.command_line import decode, doctor, serve, services, token, worker
    from enhance_gui.command_line.enhance import command as enhance

    class ShowVersion(argparse.Action):
        # argparse's own action would have the facts read for every command.
        def __call__(self, parser: argparse.ArgumentParser, *_others: Any) -> None:
            from enhance_gui.core.settings.build_info import version_line

            print_out(version_line())
            parser.exit()

    parser = argparse.ArgumentParser(
        prog="enhance-gui",
        usage="enhance-gui [--verbose] [INPUT … | COMMAND …]",
        description="Enhance pictures through an enhancement service. Without a command: opens "
        "the window, with the inputs added (addresses, files, folders, lists).",
    )
    parser.add_argument("--version", action=ShowVersion, nargs=0, help=_VERSION_HELP)
    parser.add_argument("--verbose", action="store_true", help="tell more on standard error")
    commands = parser.add_subparsers(metavar="COMMAND", prog="enhance-gui")
    for command in (enhance, serve, worker, services, token, doctor, decode):
        command.add_parser(commands)
    return parser
