"""``enhance-gui serve``: runs the enhancement service until it is asked to end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from enhance_gui.command_line.console.argument_types import named, named_path, whole_number
from enhance_gui.command_line.console.json_log import JsonLines, log_as_json
from enhance_gui.command_line.console.output import print_out
from enhance_gui.command_line.console.session_token import TOKEN_VARIABLE, take_token
from enhance_gui.command_line.service_control import ServiceControl
from enhance_gui.core.errors import EnhanceError, UsageError
from enhance_gui.core.secret import Secret

if TYPE_CHECKING:
    from enhance_gui.service.http.proxies import Network
    from enhance_gui.service.running import RunningService
    from enhance_gui.service.settings import ServiceSettings

_LOG = logging.getLogger(__name__)
_NOT_STARTED: Final = 2
_MIN_TOKEN_CHARS: Final = 16
_LAST_RESORT_S: Final = 3.0
_OPEN_TO_THIS_COMPUTER: Final = (
    f"{TOKEN_VARIABLE} has fewer than {_MIN_TOKEN_CHARS} characters: other users of this "
    "computer could guess it"
)
_NOT_USED: Final = (
    f"{TOKEN_VARIABLE} has fewer than {_MIN_TOKEN_CHARS} characters and could be guessed over "
    "the network: it is not used. The first line of standard output names a fresh one"
)
_FLAGS: Final = {
    "--no-announce": "on a network: do not announce the service there by DNS-SD, by which programs "
    "on the same network list it by this computer's name (bound to loopback it is never announced; "
    "the token is no part of it)",
    "--stop-with-stdin": "end when standard input is closed: for a program that starts the service",
    "--network-from-stdin": "fetch pictures by the proxy and with the certificates that standard "
    "input tells, one JSON object a line: for a program that starts the service",
    "--list-nets": "print, as a JSON object, the trained nets and graphics processors that the "
    "service finds here, and end",
    "--list-models": "try the models that were put into the folder “models” of the data folder, "
    "print, as JSON, what they do or why they cannot be used, and end",
}
_PORT: Final = whole_number(0, 65_535, "a port is a number from 0 to 65535")
_MAX_WORKERS: Final = 256
_WORKERS: Final = whole_number(
    1, _MAX_WORKERS, f"the workers are a number from 1 to {_MAX_WORKERS}"
)
_GIB: Final = whole_number(1, 1_000_000, "the size is a number of GiB from 1 to 1000000")
_DRAIN_S: Final = whole_number(0, 86_400, "the seconds are a number from 0 to 86400")
_DAYS: Final = whole_number(1, 36_500, "the days are a number from 1 to 36500")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "serve",
        help="run the enhancement service",
        description="Run the enhancement service: the same API as a remote one, on this computer. "
        "Its first line on standard output is a JSON object with its base_url and token. The "
        f"token is that of {TOKEN_VARIABLE} if set, else a fresh one; on other addresses than "
        f"loopback one of fewer than {_MIN_TOKEN_CHARS} characters is not used. Without --tls-cert "
        "it speaks plain HTTP: on a network, give it a certificate or put a reverse proxy with TLS "
        "before it. A signal to end has it take nothing more and finish what it works on; a second "
        "one ends it at once.",
    )
    parser.add_argument(
        "--host",
        type=named,
        default="127.0.0.1",
        help="address to listen on (default: %(default)s)",
    )
    parser.add_argument(
        "--port", type=_PORT, default=0, help="port to listen on (default: any free one)"
    )
    parser.add_argument(
        "--data", type=named_path, metavar="DIR", help="where tasks and pictures are kept"
    )
    parser.add_argument(
        "--workers",
        type=_WORKERS,
        metavar="N",
        help="pictures worked on at once, but never more than the memory allows or than there are "
        "processors, which they share (default: one less than there are processors); on a cluster "
        "never more than its workers have threads (default: as many)",
    )
    parser.add_argument(
        "--cluster",
        type=named,
        metavar="ADDRESS",
        help="have the Dask cluster with the scheduler at tcp://HOST:PORT, or tls://, do the pixel "
        "work, by workers that “enhance-gui worker” starts (default: this computer does it). Needs "
        "the pip extra “cluster”",
    )
    parser.add_argument(
        "--users",
        type=named_path,
        metavar="FILE",
        help="users with tokens of their own beside that of the service: a TOML file, which is "
        "read anew when it changes. They take turns, and each sees their own tasks alone",
    )
    parser.add_argument(
        "--add-user",
        type=named,
        metavar="NAME",
        help="add a user to the file of --users, print the user's token, which is kept nowhere, "
        "and end",
    )
    parser.add_argument(
        "--usage",
        action="store_true",
        help="print how many tasks each user has made on each day and what became of them, and "
        "end; while the service runs, too",
    )
    parser.add_argument("--json", action="store_true", help="with --usage: one JSON object a line")
    parser.add_argument(
        "--callback-url",
        type=_web_address,
        metavar="URL",
        help="where each finished task is announced (default: nowhere)",
    )
    parser.add_argument(
        "--keep-days",
        type=_DAYS,
        metavar="N",
        help="delete each task with its pictures N days after it finished or failed, looked at "
        "every ten minutes; asking for it then says that it was deleted (default: a task is kept "
        "until a deletetask)",
    )
    parser.add_argument(
        "--keep-gib",
        type=_GIB,
        metavar="N",
        help="where the pictures of all tasks take more than N GiB, delete those tasks that ended "
        "first, but none within an hour of its end (default: no bound)",
    )
    _add_operating(parser)
    addresses = parser.add_mutually_exclusive_group()
    addresses.add_argument(
        "--allow-private-addresses",
        action="store_true",
        help="fetch pictures from loopback and private addresses too (bound to loopback, the "
        "service does so anyway for requests that no proxy has passed on)",
    )
    addresses.add_argument(
        "--public-addresses-only",
        action="store_true",
        help="bound to loopback, fetch pictures from public addresses only: for a service behind "
        "a reverse proxy",
    )
    for flag, text in _FLAGS.items():
        parser.add_argument(flag, action="store_true", help=text)
    parser.set_defaults(run=run)


def _add_operating(parser: argparse.ArgumentParser) -> None:
    """Add the options for those who run it for others."""
    parser.add_argument(
        "--tls-cert",
        type=named_path,
        metavar="FILE",
        help="speak TLS with this certificate, as PEM, those between it and its authority after it",
    )
    parser.add_argument(
        "--tls-key",
        type=named_path,
        metavar="FILE",
        help="its private key, as PEM, without a password (default: it is in the certificate's "
        "file)",
    )
    parser.add_argument(
        "--trusted-proxy",
        type=_network,
        metavar="ADDRESS",
        action="append",
        default=[],
        help="address of a reverse proxy, or a network as 10.0.0.0/24, whose X-Forwarded-For and "
        "X-Forwarded-Host count; may be given several times (default: nobody's count)",
    )
    parser.add_argument(
        "--public-url",
        type=_public_url,
        metavar="URL",
        help="a further address by which the service is reached: that of the proxy, or one with "
        "the name in the certificate",
    )
    parser.add_argument(
        "--drain-s",
        type=_DRAIN_S,
        metavar="S",
        default=60,
        help="seconds for finishing what is worked on when the service is to end; what is not "
        "finished is done after the next start (default: %(default)s)",
    )
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="how the log on standard error is written; as json, one object a line, it also says "
        "what is done (default: text)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the service; return 0 after a clean end, 2 where it could not start.

    :raises EnhanceError: something else was asked for, and could not be done.
    """
    for asked, do in _INSTEAD.items():
        if getattr(arguments, asked):
            return do(arguments)
    if arguments.log_format == "json":
        log_as_json()
    given = take_token()
    if given is not None and not given.reveal().isascii():
        return _cannot_start(f"{TOKEN_VARIABLE} must be plain ASCII, as headers are")
    from enhance_gui.core.images.addresses import is_loopback

    is_local = is_loopback(arguments.host)
    is_short = given is not None and len(given.reveal()) < _MIN_TOKEN_CHARS
    token = given if given and (is_local or not is_short) else Secret(secrets.token_urlsafe(32))
    control = ServiceControl()
    if arguments.stop_with_stdin or arguments.network_from_stdin:
        control.read_standard_input(stops=arguments.stop_with_stdin)
    if arguments.network_from_stdin and not control.wait_for_network():
        return _cannot_start("standard input has not told how to reach the network")
    # Loaded here, not above: the window and the other commands do without it.
    from enhance_gui.service.assembly import open_service

    try:
        service = open_service(_settings_of(arguments), token)
    except EnhanceError as error:
        return _cannot_start(error.detail)
    if is_short:
        _report(_OPEN_TO_THIS_COMPUTER if is_local else _NOT_USED)
    if not is_local and not arguments.tls_cert:
        _report(
            "this is plain HTTP: whoever can listen on the network reads token and pictures. Give "
            "it a certificate (--tls-cert), or put a reverse proxy with TLS before it"
        )
    control.watch(service)
    asyncio.run(_serve(service, token))
    return 0


def _list_nets(_arguments: argparse.Namespace) -> int:
    from enhance_gui.service.engine.nets.inventory import take_inventory

    print_out(json.dumps(asdict(take_inventory())))
    return 0


def _list_models(arguments: argparse.Namespace) -> int:
    from enhance_gui.core.services.own_models import models_folder
    from enhance_gui.service.work.probes import check_models

    found = check_models(models_folder(_settings_of(arguments).data_folder))
    print_out(json.dumps([asdict(each) for each in found]))
    return 0


def _print_usage(arguments: argparse.Namespace) -> int:
    from enhance_gui.command_line.service_users import print_usage

    return print_usage(_settings_of(arguments).data_folder, as_json=arguments.json)


def _add_user(arguments: argparse.Namespace) -> int:
    if arguments.users is None:
        raise UsageError("which file is the user added to? Name it with --users")
    from enhance_gui.command_line.service_users import print_new_user

    return print_new_user(arguments.users, arguments.add_user)


_INSTEAD: Final = {
    "list_nets": _list_nets,
    "list_models": _list_models,
    "usage": _print_usage,
    "add_user": _add_user,
}
"""Options with which the service is not run, and what is done instead."""


def _cannot_start(reason: str) -> int:
    _report(reason)
    return _NOT_STARTED


def _report(text: str) -> None:
    if any(isinstance(each.formatter, JsonLines) for each in logging.getLogger().handlers):
        _LOG.warning("%s", text)
        return
    with contextlib.suppress(OSError):
        sys.stderr.write(f"enhance-gui serve: {text}.\n")


async def _serve(service: RunningService, token: Secret) -> None:
    def announce() -> None:
        line = json.dumps({"base_url": service.base_url, "token": token.reveal()})
        # Whoever started the service may not care to read.
        with contextlib.suppress(OSError):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    await service.run(announce)
    # Even where something hangs, such as a disk that does not answer: all that was promised is
    # on disk by now.
    timer = threading.Timer(_LAST_RESORT_S, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _settings_of(arguments: argparse.Namespace) -> ServiceSettings:
    from enhance_gui.service.settings import ServiceSettings, default_worker_count
    from enhance_gui.storage.folders import user_folders

    max_jobs = _MAX_WORKERS if arguments.cluster else default_worker_count()
    return ServiceSettings(
        data_folder=(arguments.data or user_folders().service_data).absolute(),
        host=arguments.host,
        port=arguments.port,
        users_file=arguments.users,
        announces=not arguments.no_announce,
        workers=arguments.workers or max_jobs,
        cluster=arguments.cluster or "",
        callback_url=arguments.callback_url or "",
        allow_private_addresses=arguments.allow_private_addresses,
        public_addresses_only=arguments.public_addresses_only,
        keep_days=arguments.keep_days,
        keep_bytes=arguments.keep_gib and arguments.keep_gib * 2**30,
        tls_certificate=arguments.tls_cert,
        tls_key=arguments.tls_key,
        proxies=tuple(arguments.trusted_proxy),
        public_url=arguments.public_url or "",
        drain_s=arguments.drain_s,
    )


def _network(text: str) -> Network:
    from enhance_gui.service.http.proxies import network_of

    try:
        return network_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} is neither an address nor a network, as 10.0.0.0/24 is"
        ) from error


def _public_url(text: str) -> str:
    usable = _web_address(text)
    if "?" in usable:
        raise argparse.ArgumentTypeError("an address that others begin with has no “?”")
    return usable.rstrip("/")


def _web_address(text: str) -> str:
    from enhance_gui.core.images.addresses import usable_web_address

    try:
        return usable_web_address(text)
    except EnhanceError as error:
        raise argparse.ArgumentTypeError(error.detail) from error
