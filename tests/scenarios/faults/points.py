"""Which faults are tried: spread over all calls of a run, most of them where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from tests.scenarios.faults.system_calls import Fault

_DISK: Final = (
    "pwrite64", "fdatasync", "fsync", "write", "linkat", "unlink", "openat", "rename", "mkdir",
    "ftruncate", "flock", "pread64",
)  # fmt: skip
_NETWORK: Final = ("socket", "connect", "sendto", "recvfrom", "close")
_UNSEEN: Final = frozenset({"exit", "exit_group", "rt_sigreturn", "restart_syscall"})

_ERRORS: Final[Mapping[str, tuple[str, ...]]] = {
    "pwrite64": ("ENOSPC", "EIO"),
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "linkat": ("EIO", "ENOSPC", "EPERM", "EROFS"),
    "unlink": ("EIO", "EROFS"),
    "rename": ("EIO", "ENOSPC"),
    "openat": ("EIO", "ENOSPC", "EMFILE", "EROFS"),
    "mkdir": ("ENOSPC", "EROFS"),
    "pread64": ("EIO",),
    "socket": ("EMFILE",),
    "connect": ("ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"),
    "sendto": ("ECONNRESET", "EPIPE"),
    "recvfrom": ("ECONNRESET", "ETIMEDOUT"),
}


def kill_points(counts: Mapping[str, int], how_many: int, random: Random) -> list[Fault]:
    """Return moments to kill at: half of them around the disk, three eighths around the network."""
    others = [call for call in counts if call not in (*_DISK, *_NETWORK) and call not in _UNSEEN]
    shares = ((_DISK, how_many // 2), (_NETWORK, how_many * 3 // 8))
    points: list[Fault] = []
    for calls, share in shares:
        points += _spread(_all_points(counts, calls), share, random)
    points += _spread(_all_points(counts, others), how_many - len(points), random)
    random.shuffle(points)
    return points


def error_points(counts: Mapping[str, int], how_many: int, random: Random) -> list[Fault]:
    """Return errors to inject: every call of the table gets about the same share."""
    calls = [call for call in _ERRORS if counts.get(call)]
    points = []
    for number in range(how_many):
        call = calls[number % len(calls)]
        error = random.choice(_ERRORS[call])
        # Not for ever on sockets: the event loop's own way to be woken is one, too.
        lasting = call in _DISK and random.random() < 0.25
        points.append(Fault(call, random.randint(1, counts[call]), error, lasting))
    random.shuffle(points)
    return points


def _all_points(counts: Mapping[str, int], calls: tuple[str, ...] | list[str]) -> list[Fault]:
    return [Fault(call, n) for call in calls for n in range(1, counts.get(call, 0) + 1)]


def _spread(points: list[Fault], share: int, random: Random) -> list[Fault]:
    """Return ``share`` of the points, none twice before all were taken once."""
    chosen: list[Fault] = []
    while len(chosen) < share:
        chosen += random.sample(points, min(share - len(chosen), len(points)))
    return chosen
