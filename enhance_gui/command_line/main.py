"""Which program to run."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from enhance_gui import __version__
from enhance_gui.command_line import enhance, serve, services
from enhance_gui.command_line.messages import complain
from enhance_gui.core.errors import EnhanceError, UsageError
from enhance_gui.jobs.reports import ExitCode


def run(arguments: Sequence[str]) -> int:
    """Run the program.

    :returns: the exit code.
    """
    parser = build_parser()
    parsed = parser.parse_args(arguments)
    level = logging.INFO if parsed.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    # httpx writes whole addresses, which may be signed, into its log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        code: int = parsed.run(parsed)
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


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="enhance-gui",
        description="Enhance pictures through an enhancement service.",
    )
    parser.add_argument("--version", action="version", version=f"enhance-gui {__version__}")
    parser.add_argument("--verbose", action="store_true", help="tell more on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (enhance, serve, services):
        command.add_parser(commands)
    return parser
