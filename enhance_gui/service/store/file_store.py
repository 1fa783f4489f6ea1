"""Stores the pictures of the service on disk, under names that nobody can guess.

A file gets its name only when it is complete and its bytes have reached the disk; until then it
lies in ``unfinished``, which is emptied at the next start.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hmac
import os
import re
import secrets
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.service.engine import PictureFile, WorkResult

RESERVE_BYTES: Final = 2**20
"""Many times what it takes to record how the tasks ended that are worked on at once."""

_STEM_BYTES: Final = 24
_OWNER_BYTES: Final = 6
_OWNER_CHARS: Final = 8
"""What they take in a name; what is left of it has 144 bits that nobody can guess."""
_NAMES_KEY_BYTES: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{32}\.[a-z0-9]{3,4}")


def new_name() -> str:
    """Return a file name of 192 random bits, without an extension."""
    return secrets.token_urlsafe(_STEM_BYTES)


class FileStore:
    """The folders ``uploads``, ``inputs``, ``results`` and ``partial`` below the data folder."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self.uploads = data_folder / "uploads"
        """Local pictures that were handed over, until they expire."""
        self.inputs = data_folder / "inputs"
        """The input picture of each task."""
        self.results = data_folder / "results"
        """What the workers made."""
        self.partial = data_folder / "partial"
        """Uploads in pieces of which not all has arrived."""
        self.unfinished = data_folder / "unfinished"
        """Files that are being written."""
        self._reserve = data_folder / "tasks.sqlite-reserve"
        self._names_key_file = data_folder / "names.key"
        self._names_key = b""

    def prepare(self) -> None:
        """Make the folders and drop what was half written when the service last ended.

        :raises FolderNotUsable: the data folder cannot be written.
        """
        with disk_errors():
            shutil.rmtree(self.unfinished, ignore_errors=True)
            for folder in (
                *(self.uploads, self.inputs, self.results),
                *(self.partial, self.unfinished),
            ):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._names_key = self._read_names_key()

    def stem_of(self, user: str, digest: str) -> str:
        """Return the name, without an extension, of a user's upload with this digest.

        It is always the same, and only this service can tell it: like every name here, it is what
        protects the file. To know a file's hash gives nobody another's file.
        """
        return self._owner_tag(user) + self._keyed(f"{user}\0{digest}", _STEM_BYTES - _OWNER_BYTES)

    def new_stem(self, user: str) -> str:
        """Return a name, without an extension, for an upload of a user."""
        return self._owner_tag(user) + secrets.token_urlsafe(_STEM_BYTES - _OWNER_BYTES)

    def owner_of(self, name: str) -> str:
        """Return what the names of all uploads of one user have in common."""
        return name[:_OWNER_CHARS]

    def _owner_tag(self, user: str) -> str:
        return self._keyed(user, _OWNER_BYTES)

    def _keyed(self, text: str, size_bytes: int) -> str:
        own = hmac.digest(self._names_key, text.encode(), "sha256")
        return base64.urlsafe_b64encode(own[:size_bytes]).decode()

    def find_upload(self, stem: str) -> str | None:
        """Return the name of the upload with this stem; ``None``: there is none."""
        names = (f"{stem}.{format_}" for format_ in KNOWN_FORMATS)
        return next((name for name in names if (self.uploads / name).is_file()), None)

    def hold_reserve(self) -> None:
        """Reserve disk space so that the end of a task can be recorded on a full disk.

        :raises DiskFull: there is none.
        :raises FolderNotUsable: the data folder cannot be written.
        """
        with disk_errors():
            if self._reserve.exists() and self._reserve.stat().st_size == RESERVE_BYTES:
                return
            try:
                with self._reserve.open("wb") as file:
                    # Nothing that a file system could compress.
                    file.write(os.urandom(RESERVE_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                self.give_up_reserve()
                raise

    def give_up_reserve(self) -> None:
        """Release the space that :meth:`hold_reserve` reserved."""
        with contextlib.suppress(OSError):
            self._reserve.unlink()

    def new_unfinished_file(self) -> Path:
        """Return where to write a file that is not complete yet."""
        return self.unfinished / new_name()

    def new_unfinished_folder(self) -> Path:
        """Make a folder for a worker's results."""
        with disk_errors():
            folder = self.unfinished / new_name()
            folder.mkdir(mode=0o700)
        return folder

    def keep(self, finished: Path, folder: Path, extension: str, stem: str = "") -> str:
        """Move a complete file into a folder, safe against a power cut; return its new name.

        Where that fails, the file is gone.

        :param stem: the name without its extension; empty: one that nobody can guess.
        :raises DiskFull: no room left.
        :raises FolderNotUsable: the folder cannot be written.
        """
        name = f"{stem or new_name()}.{extension}"
        try:
            with disk_errors():
                with finished.open("rb+") as file:
                    os.fsync(file.fileno())
                finished.rename(folder / name)
                _sync_folder(folder)
        except EnhanceError:
            self.remove_unfinished(finished)
            self.remove(folder, [name])
            raise
        return name

    def keep_copy(self, source: Path, folder: Path, extension: str) -> str:
        """As :meth:`keep`, for a file that was kept before and also stays where it is.

        :raises FileNotFoundError: the file is gone.
        """
        name = f"{new_name()}.{extension}"
        try:
            os.link(source, folder / name)
        except FileNotFoundError:
            raise
        except OSError:
            # Some file systems have no links: a copy does the same, only slower.
            copy = self.new_unfinished_file()
            with disk_errors():
                shutil.copyfile(source, copy)
            return self.keep(copy, folder, extension)
        # What is in the file has been on the disk since it was kept; only its second name is new.
        try:
            with disk_errors():
                _sync_folder(folder)
        except EnhanceError:
            self.remove(folder, [name])
            raise
        return name

    def pictures_bytes(self) -> int:
        """Return what the pictures of all tasks take. Blocks.

        :raises FolderNotUsable: their folders cannot be read.
        """
        taken = 0
        with disk_errors():
            for folder in (self.inputs, self.results):
                for entry in os.scandir(folder):
                    # A task may be deleted meanwhile.
                    with contextlib.suppress(FileNotFoundError):
                        taken += entry.stat().st_size
        return taken

    def find(self, folder_name: str, name: str) -> Path | None:
        """Return the path of a file that may be served; ``None``: there is none."""
        if _NAME.fullmatch(name) is None:
            return None
        path = self._folder / folder_name / name
        return path if path.is_file() else None

    def remove(self, folder: Path, names: Collection[str]) -> None:
        """Remove files; what cannot be removed now is removed at the next start."""
        for name in names:
            with contextlib.suppress(OSError):
                (folder / name).unlink()

    def remove_pictures(self, picture: PictureFile, result: WorkResult | None = None) -> None:
        """Remove the pictures of a task."""
        self.remove(self.inputs, [picture.name])
        if result is not None:
            self.remove(self.results, {each.name for each in result.pictures})

    def remove_unfinished(self, path: Path) -> None:
        """Remove a file or a worker's folder."""
        with contextlib.suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _read_names_key(self) -> bytes:
        """Return the key from which :meth:`stem_of` makes names; the first time, a new one."""
        with contextlib.suppress(FileNotFoundError):
            key = self._names_key_file.read_bytes()
            if len(key) == _NAMES_KEY_BYTES:
                return key
        key = secrets.token_bytes(_NAMES_KEY_BYTES)
        self._names_key_file.unlink(missing_ok=True)
        self._names_key_file.touch(mode=0o600)
        self._names_key_file.write_bytes(key)
        return key

    def remove_orphans(self, inputs: Collection[str], results: Collection[str]) -> None:
        """Remove the pictures that belong to no task, given the names that do."""
        for folder, known in ((self.inputs, set(inputs)), (self.results, set(results))):
            names = [entry.name for entry in os.scandir(folder)]
            self.remove(folder, [name for name in names if name not in known])


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn the errors of the disk into ours.

    :raises DiskFull: no room left.
    :raises FolderNotUsable: any other error of the disk.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("the service's disk is full") from error
        reason = error.strerror or type(error).__name__
        raise FolderNotUsable(f"the service's data folder cannot be used: {reason}") from error


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows does so by itself and cannot open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
