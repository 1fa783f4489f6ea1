"""``enhance-gui worker``: does the pixel work of a service, as one of a Dask cluster's workers."""

from __future__ import annotations

import argparse
import asyncio
from typing import Final

from enhance_gui.command_line.console.argument_types import named, whole_number

_WORKERS: Final = whole_number(1, 256, "the workers are a number from 1 to 256")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "worker",
        help="join a Dask cluster as a worker of the enhancement service",
        description="Join a Dask cluster as a worker of the enhancement service (“enhance-gui "
        "serve --cluster”). Waits for a scheduler that is not there, or gone, until it is ended. "
        "Needs the pip extra “cluster”. A scheduler can have its workers do anything: join only "
        "one that you trust, over TLS where others can reach the network.",
    )
    parser.add_argument(
        "address", type=named, metavar="ADDRESS", help="the scheduler's: tcp://HOST:PORT, or tls://"
    )
    parser.add_argument(
        "--workers",
        type=_WORKERS,
        metavar="N",
        default=1,
        help="workers of one processor thread each, 2 GiB of memory for each (default: 1)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until asked to end; return 0.

    :raises UsageError: the address is none, or Dask is not installed.
    """
    from enhance_gui.service.work.cluster import check_cluster

    check_cluster(arguments.address)
    from enhance_gui.service.work.cluster.start import run_workers

    asyncio.run(run_workers(arguments.address, arguments.workers))
    return 0
