"""The libraries that a frozen program takes from the Linux system it runs on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from messages import SetUpFailed

from building.elf import Needs

DEBIAN_PACKAGES: Final = {
    # Ubuntu, and Debian from 13 on, have renamed some for times after 2038.
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    # Qt and OpenCV are compiled by its version 11.
    "libstdc++.so.6": "libstdc++6 (>= 11)",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
}
"""Which package of Debian and Ubuntu holds each."""

_OF_THE_C_LIBRARY: Final = frozenset(
    {"libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1"}
)


def missing_inside(needs: Mapping[Path, Needs], shipped: Iterable[str]) -> list[str]:
    """Return the libraries that have to come from the system, sorted.

    :param needs: those of each file of the frozen program.
    :param shipped: the names of its files.
    """
    wanted = {library for each in needs.values() for library in each.libraries}
    own = _OF_THE_C_LIBRARY.union(shipped)
    return sorted(name for name in wanted - own if not name.startswith("ld-linux"))


def debian_dependencies(needs: Mapping[Path, Needs], shipped: Iterable[str]) -> list[str]:
    """Return the entries for Debian's ``Depends``, sorted.

    :raises SetUpFailed: a library is neither shipped nor known.
    """
    libraries = missing_inside(needs, shipped)
    unknown = [name for name in libraries if name not in DEBIAN_PACKAGES]
    if unknown:
        raise SetUpFailed(
            f"It is not known which Debian package holds {', '.join(unknown)}: add that to "
            "packaging/building/linux_libraries.py."
        )
    major, minor = max(each.glibc for each in needs.values())
    found = {DEBIAN_PACKAGES[name] for name in libraries}
    return sorted({*found, f"libc6 (>= {major}.{minor})"})


def strip_python(inside: Path) -> None:
    """Remove from Python's own libraries, and from brotli's, what only debuggers read.

    Not from others: the OpenBLAS of numpy and OpenCV does not survive it, the libraries of Linux
    distributions have none, and Qt's stay as they were published.
    """
    libraries = [*inside.glob("libpython*.so*"), *inside.glob("python3*/lib-dynload/*.so")]
    libraries += inside.glob("_brotli*.so")
    subprocess.run(["strip", "--strip-unneeded", *map(str, libraries)], check=True)
