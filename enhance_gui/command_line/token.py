"""``enhance-gui token``: keeps the tokens of services in the password manager."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from enhance_gui.command_line.console.argument_types import named
from enhance_gui.command_line.console.output import (
    complain,
    print_message,
    print_out,
    print_waiting,
)
from enhance_gui.core.errors import UsageError
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.storage_errors import KeyringProblem
from enhance_gui.jobs.queue.reports import ExitCode
from enhance_gui.storage.folders import Folders, user_folders
from enhance_gui.storage.profiles.profile_files import find_profile, list_profiles

if TYPE_CHECKING:
    from enhance_gui.jobs.services.credentials import CredentialStore

NEVER_AN_ARGUMENT: Final = (
    "the token is never an argument; “enhance-gui token set” reads it from standard input"
)

MAX_CHARS: Final = 8192
"""Longest token taken; servers take no longer headers."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "token",
        help="keep the token of a service in the password manager",
        description="Keep, forget or look for the token of a service in this computer's password "
        "manager. The token is read from standard input, or typed unseen; never an argument, "
        "which other programs could read.",
    )
    parser.add_argument("action", type=_action, metavar="set|forget|status", help="what to do")
    parser.add_argument(
        "--service",
        type=named,
        metavar="NAME|FILE",
        help="whose token; may be left out where only one service needs one",
    )
    parser.set_defaults(run=run)


def _action(text: str) -> str:
    if text not in ("set", "forget", "status"):
        # Without the text: it may be a token.
        raise argparse.ArgumentTypeError("must be set, forget or status")
    return text


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return its exit code.

    :raises UsageError: the arguments or the token are wrong; nothing was changed.
    :raises KeyringProblem: the password manager reported an error.
    """
    folders = user_folders()
    services = _services(arguments.service, folders)
    if arguments.action != "status" and len(services) != 1:
        names = ", ".join(service.name for service in services) or "no service needs one"
        raise UsageError(f"whose token? name it with --service ({names})")
    token = _read_token(services[0]) if arguments.action == "set" else None
    # Loaded here, not above: the other commands start without it.
    from enhance_gui.jobs.services.credentials import CredentialStore

    credentials = CredentialStore.of_user(folders, print_waiting)
    if token is not None:
        return asyncio.run(_set(services[0], token, credentials))
    if arguments.action == "forget":
        return asyncio.run(_forget(services[0], credentials))
    return asyncio.run(_status(services, credentials))


def _services(wanted: str | None, folders: Folders) -> list[ServiceProfile]:
    if wanted is not None:
        profile = find_profile(wanted, folders.profiles)
        if profile.name == LOCAL_SERVICE_NAME:
            raise UsageError("the service of this computer makes its own token at each start")
        return [profile]
    profiles, _ = list_profiles(folders.profiles)
    return [each for each in profiles if each.needs_token and each.name != LOCAL_SERVICE_NAME]


def _read_token(profile: ServiceProfile) -> Secret:
    """Read the token from standard input, without echo where that is a terminal.

    :raises UsageError: there is none, or it could not stand in a request.
    """
    if sys.stdin is None:
        raise UsageError("standard input is closed, and holds no token")
    if sys.stdin.isatty():
        text = getpass.getpass(f"Token of “{profile.name}” (not shown): ", stream=sys.stderr)
    else:
        text = sys.stdin.buffer.read(MAX_CHARS + 1).decode("utf-8", "replace")
    token = Secret(text.strip())
    if not token:
        raise UsageError("standard input holds no token")
    if len(text) > MAX_CHARS:
        raise UsageError(f"the token is longer than {MAX_CHARS} characters")
    if not token.reveal().isascii() or not token.reveal().isprintable():
        raise UsageError("the token must be one line of plain ASCII: no request can carry another")
    return token


async def _set(profile: ServiceProfile, token: Secret, credentials: CredentialStore) -> int:
    await credentials.set(profile, token)
    manager = await credentials.manager()
    print_out(f"{profile.name}: the token is kept in {manager}, for {profile.base_url} alone")
    return 0


async def _forget(profile: ServiceProfile, credentials: CredentialStore) -> int:
    there_was_one = await credentials.forget(profile)
    print_out(
        f"{profile.name}: {'the token is forgotten' if there_was_one else 'there was no token'}"
    )
    return 0


async def _status(services: Sequence[ServiceProfile], credentials: CredentialStore) -> int:
    """Print for each service whether there is a token; exit code 1 where one could not be asked."""
    if not services:
        print_out("no service needs a token")
    code = 0
    for profile in services:
        try:
            token = await credentials.get(profile)
        except KeyringProblem as problem:
            print_message(f"{profile.name}: not known whether there is a token")
            complain(problem)
            code = int(ExitCode.SOME_FAILED)
            continue
        if token is not None:
            print_out(f"{profile.name}: a token is kept, for {profile.base_url} alone")
        else:
            print_out(f"{profile.name}: no token" + ("" if profile.needs_token else "; needs none"))
    return code
