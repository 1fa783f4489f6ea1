"""Makes packages reproducible: sets the times and rights of files, and sorts them."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from messages import SetUpFailed

from building.elf import is_elf

THREADS: Final = 2
"""Of xz: with one thread it works in another way, which gives other bytes."""

_XZ_OPTIONS: Final = frozenset({"XZ_DEFAULTS", "XZ_OPT"})
"""Variables by which somebody has it work in another way."""


def settle(folder: Path, time_s: int) -> None:
    """Set the times and rights of everything in ``folder``, and of itself.

    Programs may be run; all else, libraries too, may only be read.
    """
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)
        os.utime(path, (time_s, time_s), follow_symlinks=False)
    folder.chmod(0o755)
    os.utime(folder, (time_s, time_s))


def write_archive(folder: Path, path: Path, time_s: int) -> Path:
    """Pack ``folder``, under its own name, into a ``.tar.xz`` and return its path."""

    def owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = time_s
        return entry

    # The command, since it uses several processors; its bytes do not depend on how many.
    with (
        path.open("wb") as file,
        subprocess.Popen(
            ["xz", "--compress", "-6", f"--threads={THREADS}"],
            env=_without_xz_options(),
            stdin=subprocess.PIPE,
            stdout=file,
        ) as xz,
    ):
        with tarfile.open(fileobj=xz.stdin, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            for each in sorted([folder, *folder.rglob("*")]):
                name = each.relative_to(folder.parent)
                archive.add(each, str(name), recursive=False, filter=owned_by_root)
        assert xz.stdin is not None
        xz.stdin.close()
    if xz.returncode != 0:
        raise SetUpFailed(f"xz failed with exit code {xz.returncode}.")
    return path


def compress(path: Path, filters: Sequence[str]) -> None:
    """Turn a file into a ``.xz``.

    :param filters: xz's options, in the order in which they are applied.
    """
    command = ["xz", "--compress", *filters, f"--threads={THREADS}", str(path)]
    subprocess.run(command, env=_without_xz_options(), check=True)


def _without_xz_options() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _XZ_OPTIONS}


def _is_program(path: Path) -> bool:
    return ".so" not in path.name and is_elf(path)
