"""``enhance-gui serve``: runs the enhancement service until it is asked to end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from enhance_gui.command_line.console.argument_types import named, named_path, whole_number
from enhance_gui.command_line.console.output import print_out
from enhance_gui.command_line.console.session_token import TOKEN_VARIABLE, take_token
from enhance_gui.command_line.service_control import ServiceControl
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.secret import Secret

if TYPE_CHECKING:
    from enhance_gui.service.http.server import RunningService
    from enhance_gui.service.settings import ServiceSettings

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
_DAYS: Final = whole_number(1, 36_500, "the days are a number from 1 to 36500")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "serve",
        help="run the enhancement service",
        description="Run the enhancement service: the same API as a remote one, on this computer. "
        "Its first line on standard output is a JSON object with its base_url and token. The "
        f"token is that of {TOKEN_VARIABLE} if set, else a fresh one; on other addresses than "
        f"loopback one of fewer than {_MIN_TOKEN_CHARS} characters is not used. It speaks plain "
        "HTTP: on a network, put a reverse proxy with TLS before it.",
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
        "once an hour; asking for it then says that it was deleted (default: a task is kept until "
        "a deletetask)",
    )
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


def run(arguments: argparse.Namespace) -> int:
    """Run the service; return 0 after a clean end, 2 where it could not start."""
    if arguments.list_nets:
        return _list_nets()
    if arguments.list_models:
        return _list_models(arguments)
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
    from enhance_gui.service.http.server import RunningService

    try:
        service = RunningService(_settings_of(arguments), token)
    except EnhanceError as error:
        return _cannot_start(error.detail)
    if is_short:
        _report(_OPEN_TO_THIS_COMPUTER if is_local else _NOT_USED)
    if not is_local:
        _report(
            "this is plain HTTP: whoever can listen on the network reads token and pictures. Put "
            "a reverse proxy with TLS before it"
        )
    control.watch(service)
    asyncio.run(_serve(service, token))
    return 0


def _list_nets() -> int:
    from enhance_gui.service.engine.nets.inventory import take_inventory

    print_out(json.dumps(asdict(take_inventory())))
    return 0


def _list_models(arguments: argparse.Namespace) -> int:
    from enhance_gui.core.services.own_models import models_folder
    from enhance_gui.service.work.probes import check_models

    found = check_models(models_folder(_settings_of(arguments).data_folder))
    print_out(json.dumps([asdict(each) for each in found]))
    return 0


def _cannot_start(reason: str) -> int:
    _report(reason)
    return _NOT_STARTED


def _report(text: str) -> None:
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
        workers=arguments.workers or max_jobs,
        cluster=arguments.cluster or "",
        callback_url=arguments.callback_url or "",
        allow_private_addresses=arguments.allow_private_addresses,
        public_addresses_only=arguments.public_addresses_only,
        keep_days=arguments.keep_days,
    )


def _web_address(text: str) -> str:
    from enhance_gui.core.images.addresses import usable_web_address

    try:
        return usable_web_address(text)
    except EnhanceError as error:
        raise argparse.ArgumentTypeError(error.detail) from error
