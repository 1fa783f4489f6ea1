"""Defines the settings that the operator of the service decides."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.service.http.proxies import Network
from enhance_gui.service.work.memory import WORKER_BYTES, physical_bytes, workers_within


def processor_count() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def default_worker_count() -> int:
    """Leave one processor to the person at the computer; start no more than the memory allows."""
    wanted = max(1, processor_count() - 1)
    return workers_within(physical_bytes(), wanted, WORKER_BYTES)


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Everything that differs between two runs of the service. Holds no token."""

    data_folder: Path
    """Where tasks and pictures lie; belongs to one running service at a time."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 0
    """Port to listen on; 0: any free one."""
    users_file: Path | None = None
    """File of the users with tokens of their own; ``None``: there are none."""
    announces: bool = True
    """Whether the service announces itself on the local networks that it is reached from."""
    workers: int = field(default_factory=default_worker_count)
    """Worker processes: pictures worked on at once. No more than there are processors: they would
    only take them from each other. On a cluster: no more pictures at once than this."""
    cluster: str = ""
    """Address of the scheduler of the Dask cluster that does the pixel work; empty: this computer
    does."""
    callback_url: str = ""
    """Callback address to which finished tasks are announced; empty: none."""
    allow_private_addresses: bool = False
    """Whether pictures may come from loopback and private addresses; bound to loopback they may."""
    public_addresses_only: bool = False
    """Whether bound to loopback they may not either: for a service behind a reverse proxy."""
    max_connections: int = 256
    """Maximum number of connections at once."""
    max_unproven_connections: int = 32
    """Maximum number of connections at once of one remote address that have not shown the token."""
    limits: PictureLimits = field(default_factory=lambda: PictureLimits(formats=KNOWN_FORMATS))
    """Limits of the pictures that are accepted."""
    callback_offsets_s: tuple[float, ...] = (2.0, 8.0, 18.0)
    """When the further tries of a callback start, counted from the first."""
    callback_timeout_s: float = 5.0
    """How long one try of a callback may take."""
    fetch_timeout_s: float = 30.0
    """How long a picture may take to arrive."""
    turn_timeout_s: float = 15.0
    """How long a picture may wait for its turn to be fetched."""
    body_timeout_s: float = 10.0
    """How long a request's JSON body, or a pause within an upload, may take."""
    work_base_s: float = 120.0
    """Minimum time that a worker gets for any picture, its own start included."""
    work_per_megapixel_s: float = 60.0
    """What each megapixel of the input adds to that, until it is learned how fast a type is."""
    upload_lifetime_s: float = 24 * 3600.0
    """How long an upload waits for the task it was meant for."""
    max_uploads_bytes: int = 2 * 2**30
    """Maximum size of a user's uploads while nobody else has any, those that arrive included; all
    users together have at most twice as much."""
    max_unfinished_tasks: int = 100_000
    """Maximum number of unfinished tasks of a user while nobody else has any; all users together
    have at most twice as many."""
    reserve_bytes: int = 2**30
    """Free space of the disk below which nothing is accepted."""
    keep_days: int | None = None
    """Days after its end that a task is kept with its pictures; ``None``: until it is deleted."""
    keep_bytes: int | None = None
    """What the pictures of all tasks may take; beyond it, those that ended first are deleted."""
    min_kept_s: float = 3600.0
    """How long after its end a task is kept although its pictures take too much."""
    drain_s: float = 60.0
    """How long tasks that are worked on may take to be finished once the service is to end."""
    tls_certificate: Path | None = None
    """Certificate chain, as PEM; ``None``: plain HTTP."""
    tls_key: Path | None = None
    """Its private key, as PEM, not encrypted."""
    proxies: tuple[Network, ...] = ()
    """Addresses of the reverse proxies whose word for a request counts."""
    public_url: str = ""
    """A further address by which the service is reached, as of a proxy; empty: none."""
    worker_bytes: int = WORKER_BYTES
    """Memory that one worker may take."""
