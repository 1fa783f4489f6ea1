"""Packages for Linux: a Debian package and an archive to unpack anywhere."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

from messages import say

from building import (
    checksums,
    deb,
    desktop_files,
    elf,
    frozen,
    linux_libraries,
    notices,
    sbom,
    tidy,
)
from building.order import Order


def build(order: Order) -> list[Path]:
    """Build the packages; return them and what accompanies them.

    :raises SetUpFailed: a tool is missing or fails.
    """
    program = frozen.freeze(order)
    linux_libraries.strip_python(frozen.insides(program))
    files = [path for path in program.rglob("*") if path.is_file() and not path.is_symlink()]
    dependencies = linux_libraries.debian_dependencies(
        elf.read_needs(files), (path.name for path in program.rglob("*"))
    )
    licences = notices.write(order, program, frozen.insides(program) / "resources")
    name = f"enhance-gui-{order.version}-linux-{platform.machine()}"
    listed = sbom.write(order, program, order.output / f"{name}.cdx.json")
    say("Packing: this takes a few minutes.")
    packages = [
        _archive(order, program, licences, name),
        # The last, since it moves the frozen program.
        _debian_package(order, program, dependencies, licences),
        listed,
    ]
    return [*packages, checksums.write(packages, order.output / "SHA256SUMS")]


def _archive(order: Order, program: Path, licences: Sequence[Path], name: str) -> Path:
    folder = order.work / "archive" / name
    shutil.copytree(program, folder, symlinks=True)
    frozen.write_facts(order, folder, "archive")
    desktop_files.write(order, folder / "share")
    for each in (order.root / "LICENSE", *licences):
        shutil.copyfile(each, folder / each.name)
    tidy.settle(folder, order.time_s)
    return tidy.write_archive(folder, order.output / f"{name}.tar.xz", order.time_s)


def _debian_package(
    order: Order, program: Path, dependencies: Sequence[str], licences: Sequence[Path]
) -> Path:
    frozen.write_facts(order, program, "deb")
    return deb.build(order, program, dependencies, licences)
