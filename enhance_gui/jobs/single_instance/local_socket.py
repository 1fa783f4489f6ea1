"""A socket of this computer alone: in the file system where there are such, else over loopback.

Nobody else can connect to a socket in a private folder, and the system tells whose process is at
the other end. Windows has them too, but its Python does not.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HOST: Final = "127.0.0.1"

_BACKLOG: Final = 16


@dataclass(frozen=True, slots=True)
class LocalSocket:
    """A socket that is listened on."""

    socket: socket.socket
    place: str | int
    """Where :func:`connect` finds it: the path, or the port on loopback."""
    own_folder: Path | None = None
    """A folder that was made for it alone."""

    @classmethod
    def listen(cls, path: Path) -> LocalSocket:
        """Listen at a path in a private folder, or as near to it as the system allows.

        :raises OSError: nowhere.
        """
        if sys.platform == "win32":
            own = socket.create_server((_HOST, 0))
            return cls(own, int(own.getsockname()[1]))
        with suppress(OSError):
            return cls(_listening(path), str(path))
        # The path is longer than an address may be (108 bytes, 104 on macOS), or the file system
        # has no sockets. A fresh folder rather than an abstract name: that has no permissions.
        *others, last = _short_folders()
        for place in others:
            with suppress(OSError):
                return cls._listen_below(place)
        return cls._listen_below(last)

    @classmethod
    def _listen_below(cls, place: str) -> LocalSocket:
        folder = Path(tempfile.mkdtemp(prefix="enhance-gui-", dir=place))
        try:
            short = folder / "socket"
            return cls(_listening(short), str(short), folder)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def remove(self) -> None:
        """Remove what lies in the file system; the socket is closed by who serves on it."""
        if self.own_folder is not None:
            shutil.rmtree(self.own_folder, ignore_errors=True)
        elif isinstance(self.place, str):
            with suppress(OSError):
                Path(self.place).unlink()


async def connect(
    place: object, limit_bytes: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the place of a :class:`LocalSocket`.

    :raises OSError: nobody listens there.
    :raises ValueError: it is no place.
    """
    if isinstance(place, int):
        return await asyncio.open_connection(_HOST, place, limit=limit_bytes)
    if isinstance(place, str) and sys.platform != "win32":
        return await asyncio.open_unix_connection(place, limit=limit_bytes)
    raise ValueError("not a place of a socket")


def is_same_user(writer: asyncio.StreamWriter) -> bool:
    """Return whether a process of this user is at the other end, as far as the system tells."""
    own: socket.socket = writer.get_extra_info("socket")
    user: int | None = None
    try:
        if sys.platform == "linux":
            peer = own.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            user = struct.unpack("3i", peer)[1]
        elif sys.platform == "darwin":
            # SOL_LOCAL and LOCAL_PEERCRED, which not every Python names; the user stands second
            # in the xucred, which has room for 16 groups.
            user = struct.unpack_from("II", own.getsockopt(0, 1, 76))[1]
    except OSError:  # it has gone
        return False
    return user is None or user == os.getuid()


def _listening(path: Path) -> socket.socket:
    # Its owner has the list of tasks, so what lies there is of a program that was killed.
    with suppress(FileNotFoundError):
        path.unlink()
    own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        own.bind(str(path))
        path.chmod(0o600)  # before anybody can connect
        own.listen(_BACKLOG)
    except OSError:
        own.close()
        raise
    return own


def _short_folders() -> list[str]:
    """Return where a path may be short enough: the folder of the user's session, where there is
    one, that for temporary files, and what that is where nobody has chosen a longer one.
    """
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = [session] if Path(session).is_absolute() and Path(session).is_dir() else []
    return [*usable, tempfile.gettempdir(), "/tmp"]  # noqa: S108  a fresh folder is made in it
