"""Small file systems of a trial's own: full ones, and ones that lose power. They need root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_IMAGE_BYTES = 24 * 2**20


def can_mount() -> bool:
    """Tell whether this process may mount a file system."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="needs leave to mount small disks")


@contextmanager
def small_disk(place: Path, size_kb: int) -> Iterator[None]:
    """Have a disk of so many kB at ``place``, as long as the block lasts."""
    place.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "none", str(place))
    try:
        yield
    finally:
        _do("umount", "-l", str(place))


def resize(place: Path, size_kb: int) -> None:
    """Give a small disk another size; what is on it stays."""
    _do("mount", "-o", f"remount,size={size_kb}k", str(place))


class CuttableDisk:
    """A file system in a file, of which only what was flushed survives :meth:`cut`.

    The file is what the disk holds: what programs have written and not flushed is in the memory
    of the mounted file system alone, which by itself writes nothing within the five minutes of
    its commit interval.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.place = folder / "disk"
        self.place.mkdir()
        self._image = folder / "image"
        self._after = folder / "image-after"
        with self._image.open("wb") as file:
            file.truncate(_IMAGE_BYTES)
        _do("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", str(self._image))
        self._mount(self._image)

    def flush(self) -> None:
        """Bring everything to the disk that was written until now."""
        _do("sync", "-f", str(self.place))

    def cut(self) -> None:
        """Go on with what the disk holds at this moment."""
        _do("cp", "--sparse=always", str(self._image), str(self._after))
        _do("umount", str(self.place))
        self._mount(self._after)

    def close(self) -> None:
        """Take it away."""
        _do("umount", "-l", str(self.place))

    def _mount(self, image: Path) -> None:
        _do("mount", "-o", "loop,commit=300", str(image), str(self.place))


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")
