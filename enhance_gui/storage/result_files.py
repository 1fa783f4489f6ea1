"""Results on disk: whole and verified before they get their names, and never over another file.

The order is: reserve a name nobody has, write a ``.part`` opened exclusively, flush it to the
disk, let it be verified, rename it without replacing, flush the folder. A crash at any point
leaves either no file under the final name or the whole one.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from enhance_gui.core.errors import FolderNotUsable
from enhance_gui.core.file_names import numbered
from enhance_gui.storage.database import storage_error

_MOST_NUMBERS: Final = 100_000
_READ_BYTES: Final = 1 << 20


def free_stem(folder: Path, stem: str, endings: Sequence[str], taken: set[Path]) -> str:
    """Return the first of "stem", "stem (2)", … under which none of the endings exists.

    :param taken: full paths that are promised to others and may not exist yet.
    :raises FolderNotUsable: the folder holds an absurd number of such files.
    """
    for number in range(1, _MOST_NUMBERS):
        candidate = numbered(stem, number)
        paths = [folder / (candidate + ending) for ending in endings]
        if not any(path in taken or _exists(path) for path in paths):
            return candidate
    raise FolderNotUsable(f"{folder} holds {_MOST_NUMBERS} files named {stem}")


def make_folder(folder: Path) -> None:
    """Create the save folder where it is missing.

    :raises StorageError: it cannot be created or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderNotUsable(f"{folder} cannot be written to")


def prove_folder(folder: Path) -> None:
    """Create the save folder where it is missing, and see that files can be made in it.

    :raises StorageError: they cannot.
    """
    make_folder(folder)
    try:
        PartFile(folder / f".enhance-gui-{secrets.token_hex(8)}.part").discard()
    except OSError as error:
        raise storage_error(error) from error


class PartFile:
    """A file that is growing: opened exclusively, gone again if its block ends with an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # What an interrupted run left under this name was ours, and never verified.
        with suppress(FileNotFoundError):
            path.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file: IO[bytes] = os.fdopen(os.open(path, flags, 0o666), "wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> None:
        """Bring the content to the disk and close."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Close and remove it."""
        # Closing flushes, which fails where the disk is full; the file goes away all the same.
        with suppress(OSError):
            self._file.close()
        remove_part(self.path)

    def __enter__(self) -> PartFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.discard()


def remove_part(path: Path) -> None:
    """Remove a part that is not needed, as far as the disk allows."""
    with suppress(OSError):
        path.unlink()


def place(part: Path, final: Path) -> bool:
    """Give a finished part its name, never replacing a file.

    :returns: ``False`` where the name is taken by now; the part is left as it is.
    :raises OSError: the folder is gone, read-only or the like.
    """
    try:
        _rename_without_replacing(part, final)
    except FileExistsError:
        return False
    flush_folder(final.parent)
    return True


def flush_folder(folder: Path) -> None:
    """Bring a rename to the disk. Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, or ``None`` where it does not exist or cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _rename_without_replacing(part: Path, final: Path) -> None:
    """:raises FileExistsError: the name is taken."""
    if sys.platform == "win32":
        part.rename(final)  # Windows refuses to replace
        return
    try:
        os.link(part, final, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_exclusively(part, final)
        return
    part.unlink()


_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)
"""What file systems without hard links (FAT, exFAT, some network shares) answer."""

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_RENAME_EXCL: Final = 4


def _rename_exclusively(part: Path, final: Path) -> None:
    """Rename by the system call that refuses to replace: renameat2 or renamex_np."""
    library = ctypes.CDLL(None, use_errno=True)
    source, target = os.fsencode(part), os.fsencode(final)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, source, _AT_FDCWD, target, _RENAME_NOREPLACE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(source, target, _RENAME_EXCL)
    else:
        raise FolderNotUsable(f"{final.parent} lies on a file system that cannot rename safely")
    if not failed:
        return
    number = ctypes.get_errno()
    if number == errno.EINVAL:
        raise FolderNotUsable(f"{final.parent} lies on a file system that cannot rename safely")
    raise OSError(number, os.strerror(number), str(final))
