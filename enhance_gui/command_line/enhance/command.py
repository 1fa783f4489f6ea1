"""``enhance-gui enhance``: the whole work without a window; here its arguments."""

from __future__ import annotations

import argparse
from typing import Final

from enhance_gui.command_line.console.argument_types import named, named_path, number, whole_number
from enhance_gui.command_line.console.session_token import take_token
from enhance_gui.core.settings.saving import DEFAULT_QUALITY, MAX_QUALITY, ResultFormat

CHOICES: Final = ("send-again", "give-up", "start", "ask-again")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "enhance",
        help="enhance pictures without a window",
        description="Check, send, follow, download, verify and save. Nothing is ever overwritten, "
        "and nothing that may have been charged is sent again by itself.",
        epilog="Exit codes: 0 every input saved; 1 at least one failed; 2 wrong usage, nothing "
        "sent; 3 at least one may have been charged without a result; 4 work is still stored: the "
        "last lines tell what continues it.",
    )
    parser.add_argument(
        "inputs", nargs="*", metavar="INPUT", help="http(s) address, local file or folder"
    )
    parser.add_argument(
        "--type", metavar="ID|NAME", help="enhance type (default: the service's first)"
    )
    parser.add_argument(
        "--service",
        type=named,
        metavar="NAME|FILE",
        help="service, or profile file (default: this computer)",
    )
    parser.add_argument("--save", type=named_path, metavar="DIR", help="folder for the results")
    parser.add_argument(
        "--beside",
        action="store_true",
        help="save results of local files in the folders of their originals; those of addresses "
        "still go to --save",
    )
    parser.add_argument(
        "--format",
        choices=[each.value for each in ResultFormat if each],
        help="kind of file that results become: that of the original (same), where it can be "
        "written, or the one named (default: as the service gives them); what it cannot hold stays "
        "as it came, and that is told",
    )
    parser.add_argument(
        "--quality",
        type=whole_number(1, MAX_QUALITY, f"must be a whole number from 1 to {MAX_QUALITY}"),
        metavar="N",
        help="with --format same, jpg, webp or avif: quality of what is converted, 1 to "
        f"{MAX_QUALITY} (default: {DEFAULT_QUALITY})",
    )
    parser.add_argument(
        "--list",
        type=named,
        metavar="FILE|-",
        help="text file with further inputs, one a line, in UTF-8, UTF-16 or Windows-1252; - reads "
        "them here",
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on standard output for each input"
    )
    parser.add_argument(
        "--max-cost",
        type=number(lambda credits_: 0 <= credits_ < 1e9, "must be a number of credits, 0 or more"),
        metavar="N",
        help="credits that this run may possibly be charged at most; what would go beyond is not "
        "sent and stays stored",
    )
    parser.add_argument(
        "--timeout-s",
        type=number(lambda seconds: 0 < seconds < 1e9, "must be a number of seconds above 0"),
        metavar="S",
        help="stop after this many seconds; what is not finished stays stored",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue the work that is still stored; of inputs that are named with it, one that "
        "was saved before is only reported, or fetched once more, free, where its result is no "
        "longer there",
    )
    parser.add_argument(
        "--settle",
        action="append",
        default=[],
        type=_choice,
        metavar="ID=CHOICE",
        help="with --resume: decide on a stored task by its private id, or on “all”: "
        "send-again (may cost twice), give-up, start (what was added in the window, or recovered), "
        "or ask-again (free: about a task that the service had accepted and whose result was not "
        "had)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    token = take_token()
    # Loaded here, not above: the other commands start without HTTP and databases.
    from enhance_gui.command_line.enhance.run import run_enhance

    return run_enhance(arguments, token)


def _choice(text: str) -> tuple[str, str]:
    private_id, _, choice = text.partition("=")
    if not private_id or choice not in CHOICES:
        raise argparse.ArgumentTypeError(f"must be ID=CHOICE with one of {', '.join(CHOICES)}")
    return private_id, choice
