"""Publishes results: verified before they get their names, and never over another file.

The order is: reserve a name nobody has, write a ``.part`` opened exclusively, flush it to the
disk, let it be verified, rename it without replacing, flush the folder. A crash at any point
leaves either no file under the final name or the whole one.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from enhance_gui.core.images.file_names import numbered, shortened
from enhance_gui.core.storage_errors import FolderNotUsable
from enhance_gui.storage.task_db.database import storage_error

_MAX_NUMBERS: Final = 100_000
_READ_BYTES: Final = 1 << 20

_MAX_PART_NAME_BYTES: Final = 200

_PROBE_NAME: Final = ".enhance-gui-probe.part"
"""Always the same: what a kill leaves of it is removed by the next check of the folder."""


def free_stem(folder: Path, stem: str, endings: Sequence[str], taken: Collection[Path]) -> str:
    """Return the first of "stem", "stem (2)", … under which none of the endings exists.

    :param taken: full paths that are promised to others and may not exist yet.
    :raises FolderNotUsable: the folder holds an absurd number of such files.
    """
    for number in range(1, _MAX_NUMBERS):
        candidate = numbered(stem, number)
        paths = [folder / (candidate + ending) for ending in endings]
        if not any(path in taken or os.path.lexists(path) for path in paths):
            return candidate
    raise FolderNotUsable(
        "{folder} holds {count} files named {name}", folder=folder, count=_MAX_NUMBERS, name=stem
    )


def make_folder(folder: Path) -> None:
    """Create the save folder where it is missing.

    :raises StorageError: it cannot be created or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderNotUsable("{folder} cannot be written to", folder=folder)


def check_writable(folder: Path) -> None:
    """Create the save folder where it is missing, and check that files can be made in it.

    :raises StorageError: they cannot.
    """
    make_folder(folder)
    if _made_nameless(folder):
        return
    try:
        PartFile(folder / _PROBE_NAME).discard()
    except FileExistsError:
        return  # another start checks the same folder at this moment, and has just done so
    except OSError as error:
        raise storage_error(error) from error


def _made_nameless(folder: Path) -> bool:
    """Make a file without a name, which no kill can leave behind; return whether it worked."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError:
        return False  # some file systems have no such files
    return True


class PartFile:
    """A file that is growing: opened exclusively, gone again if its block ends with an error.

    Its folder is opened once, and the file is only ever named within it. Who else may write to that
    folder can rename or replace the part; what is verified, and what gets the final name, is still
    the very file that was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = _Folder(path.parent)
        try:
            # What an interrupted run left under this name was ours, and never verified.
            with suppress(FileNotFoundError):
                self._folder.unlink(path.name)
            self._file: IO[bytes] = os.fdopen(self._folder.create(path.name), "w+b")
        except BaseException:
            self._folder.close()
            raise
        self._identity = _identity(os.fstat(self._file.fileno()))

    @property
    def readable(self) -> Path:
        """A path at which this process, and a child that has :attr:`descriptors`, can read it."""
        return Path(f"{_OPEN_FILES}/{self._file.fileno()}") if _OPEN_FILES else self.path

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The file descriptors that a child needs to read it."""
        return (self._file.fileno(),) if _OPEN_FILES else ()

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> int:
        """Bring the content to the disk; return its size in bytes."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size

    def publish(self, final: Path) -> bool:
        """Give the finished part its name in the same folder, never replacing a file.

        :returns: ``False`` where the name is taken by now; the part is left as it is.
        :raises FolderNotUsable: somebody has put another file in the place of the part.
        :raises OSError: the folder is gone, read-only or the like.
        """
        if sys.platform == "win32":
            self._file.close()  # which renames no open file, and lets nobody replace one
        self._refuse_if_exchanged(self.path.name)
        try:
            self._folder.rename_without_replacing(self.path.name, final.name)
        except FileExistsError:
            return False
        try:
            self._refuse_if_exchanged(final.name)
        except FolderNotUsable:
            self._folder.unlink(final.name)
            raise
        self._folder.flush()
        self.close()
        return True

    def publish_free(self, target: Path, taken: Collection[Path] = ()) -> Path:
        """Finish the part and give it the first free name: "a.png", "a (2).png", …

        :param taken: full paths that are promised to others and may not exist yet.
        :returns: its path.
        :raises StorageError: as :meth:`publish` and :func:`free_stem` do.
        :raises OSError: the folder is gone, read-only or the like.
        """
        self.finish()
        final = target
        while not self.publish(final):
            stem = free_stem(target.parent, target.stem, [target.suffix], taken)
            final = target.with_name(stem + target.suffix)
        return final

    def _refuse_if_exchanged(self, name: str) -> None:
        if not _BY_FOLDER or self._folder.identity(name) == self._identity:
            return
        # Some network file systems number a file anew for each of its names.
        if not self._folder.holds(name, self._file.fileno()):
            raise FolderNotUsable(
                "{name} was replaced by another program while it was being saved", name=name
            )

    def close(self) -> None:
        """Close it; what was written stays where it is."""
        # Closing flushes, which fails where the disk is full.
        with suppress(OSError):
            self._file.close()
        self._folder.close()

    def discard(self) -> None:
        """Close and remove it, as far as the disk allows."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._folder.unlink(self.path.name)
        self._folder.close()

    def __enter__(self) -> PartFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None:
            self.discard()
        else:
            self.close()


def part_of(target: Path) -> PartFile:
    """Open the part file of ``target``.

    :raises FolderNotUsable: its folder is none.
    :raises OSError: the folder cannot be written to.
    """
    if not target.parent.is_dir():
        raise FolderNotUsable("{folder} is not a folder", folder=target.parent)
    return PartFile(target.with_name(f".{shortened(target.name, _MAX_PART_NAME_BYTES)}.part"))


def write_new(content: bytes, target: Path) -> Path:
    """Write a file as a whole; where its name is taken it gets the next free one.

    :returns: its path.
    :raises StorageError: as :func:`part_of` and :meth:`PartFile.publish_free` do.
    :raises OSError: it cannot be written; nothing is left behind.
    """
    with part_of(target) as part:
        part.write(content)
        return part.publish_free(target)


def remove_part(path: Path) -> None:
    """Remove a part that is not needed, as far as the disk allows."""
    with suppress(OSError):
        path.unlink()


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, or ``None`` where it does not exist or cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def same_file(one: Path, other: Path) -> bool:
    """Return whether two names are those of one file; not where one of them is a link to it."""
    try:
        return _identity(one.lstat()) == _identity(other.lstat())
    except OSError:
        return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


_BY_FOLDER: Final = os.open in os.supports_dir_fd
"""Whether the system names files within an open folder; Windows does not."""

_OPEN_FILES: Final = "/dev/fd" if Path("/dev/fd").is_dir() else ""
"""Where the system names a process's open files; empty: nowhere."""


class _Folder:
    """An open folder, which stays the same whatever happens to its path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
        self._fd = os.open(path, flags) if _BY_FOLDER else None

    def close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def create(self, name: str) -> int:
        """Open a new file; a link is neither followed nor taken for one."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.open(self._named(name), flags, 0o666, dir_fd=self._fd)

    def unlink(self, name: str) -> None:
        os.unlink(self._named(name), dir_fd=self._fd)

    def identity(self, name: str) -> tuple[int, int]:
        """Return the identity of the file: device and number; a link is not followed."""
        return _identity(os.stat(self._named(name), dir_fd=self._fd, follow_symlinks=False))

    def holds(self, name: str, other: int) -> bool:
        """Return whether a name is that of a file with the content of an open one."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            file = os.open(name, flags, dir_fd=self._fd)
        except OSError:
            return False
        try:
            return stat.S_ISREG(os.fstat(file).st_mode) and _same_content(file, other)
        finally:
            os.close(file)

    def flush(self) -> None:
        """Bring a rename to the disk. Windows has no such call and needs none."""
        if self._fd is not None:
            os.fsync(self._fd)

    def rename_without_replacing(self, part: str, final: str) -> None:
        """:raises FileExistsError: the name is taken."""
        if self._fd is None:
            Path(self._named(part)).rename(self._named(final))  # Windows refuses to replace
            return
        try:
            os.link(part, final, src_dir_fd=self._fd, dst_dir_fd=self._fd, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _rename_exclusively(self._fd, part, final)
            return
        self.unlink(part)

    def _named(self, name: str) -> str:
        return name if self._fd is not None else str(self._path / name)


def _same_content(one: int, other: int) -> bool:
    place = 0
    while True:
        block = os.pread(one, _READ_BYTES, place)
        if block != os.pread(other, _READ_BYTES, place):
            return False
        if not block:
            return True
        place += len(block)


_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)
"""Errors of file systems without hard links (FAT, exFAT, some network shares)."""

_RENAME_NOREPLACE: Final = 1
_RENAME_EXCL: Final = 4


def _rename_exclusively(folder: int, part: str, final: str) -> None:
    """Rename by the system call that refuses to replace: renameat2 or renameatx_np."""
    library = ctypes.CDLL(None, use_errno=True)
    source, target = os.fsencode(part), os.fsencode(final)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(folder, source, folder, target, _RENAME_NOREPLACE)
    elif hasattr(library, "renameatx_np"):
        failed = library.renameatx_np(folder, source, folder, target, _RENAME_EXCL)
    else:
        raise FolderNotUsable("the save folder lies on a file system that cannot rename safely")
    if not failed:
        return
    number = ctypes.get_errno()
    if number == errno.EINVAL:
        raise FolderNotUsable("the save folder lies on a file system that cannot rename safely")
    raise OSError(number, os.strerror(number), final)
