"""Which program to run."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection, Sequence

from enhance_gui import __version__
from enhance_gui.command_line import decode, doctor, enhance, serve, services, token, window
from enhance_gui.command_line.messages import complain
from enhance_gui.core import leak_proofing
from enhance_gui.core.errors import EnhanceError, UsageError
from enhance_gui.jobs.reports import ExitCode


def run(arguments: Sequence[str]) -> int:
    """Run the program.

    :returns: the exit code.
    """
    leak_proofing.redact_every_log()
    leak_proofing.redact_last_words()
    leak_proofing.forbid_core_dumps()
    parser, names = build_parser()
    inputs = window_inputs(arguments, names)
    parsed, unknown = parser.parse_known_args(arguments if inputs is None else [])
    if unknown:
        # A token that was typed here by mistake is not printed.
        is_token = getattr(parsed, "run", None) is token.run
        words = f"unrecognized arguments: {' '.join(unknown)}"
        parser.error(token.NEVER_AN_ARGUMENT if is_token else words)
    if inputs is None:
        leak_proofing.hide_memory()
    _log_to_terminal(logging.INFO if "--verbose" in arguments else logging.WARNING)
    # httpx writes whole addresses, which may be signed, into its log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        code: int = parsed.run(parsed) if inputs is None else window.run(inputs)
    except UsageError as error:
        complain(error)
        return ExitCode.WRONG_USAGE
    except EnhanceError as error:
        complain(error)
        return ExitCode.SOME_FAILED
    except BrokenPipeError:
        # Whoever read our output has gone; a traceback would help nobody.
        sys.stderr.close()
        return ExitCode.SOME_FAILED
    return code


def _log_to_terminal(level: int) -> None:
    terminal = logging.StreamHandler()
    # A level of its own: a log file that takes more does not make the terminal talk more.
    terminal.setLevel(level)
    logging.basicConfig(
        level=level, handlers=[terminal], format="%(levelname)s %(name)s: %(message)s"
    )


def window_inputs(arguments: Sequence[str], names: Collection[str]) -> list[str] | None:
    """Return what the window is to open; ``None`` where another program was asked for.

    :param names: of the commands.
    """
    others = [each for each in arguments if each != "--verbose"]
    if others and (others[0] in names or others[0].startswith("-")):
        return None
    return others


def build_parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """Return the parser of the whole command line, and the names of the commands."""
    parser = argparse.ArgumentParser(
        prog="enhance-gui",
        usage="enhance-gui [--verbose] [INPUT … | COMMAND …]",
        description="Enhance pictures through an enhancement service. Without a command: opens "
        "the window, with the inputs added (addresses, files, folders, lists).",
    )
    parser.add_argument("--version", action="version", version=f"enhance-gui {__version__}")
    parser.add_argument("--verbose", action="store_true", help="tell more on standard error")
    commands = parser.add_subparsers(metavar="COMMAND")
    for command in (enhance, serve, services, token, doctor, decode):
        command.add_parser(commands)
    return parser, commands.choices
