"""What a frozen program holds and whose it is, read from PyInstaller's account of the build."""

from __future__ import annotations

import ast
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Final

import model_list
from environment import MODELS
from model_list import Source

from building.order import Order

BOOTLOADER = "pyinstaller"
"""Of this package the program that starts all others is a part."""

_NATIVE: Final = re.compile(r"\.so(?:\.|$)|\.(?:dll|dylib|pyd)$", re.IGNORECASE)


@dataclass(frozen=True)
class Shipped:
    """The origin of every file and module in a frozen program."""

    distributions: tuple[metadata.Distribution, ...]
    """Installed packages, by name."""
    system_files: tuple[Path, ...]
    """Libraries of the computer that the program was frozen on, where they lie there; and what
    cannot be assigned otherwise."""
    native: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """The libraries among the files of each installed package, by its name."""
    models: tuple[Source, ...] = ()
    """The packages of which trained nets are shipped, though the packages are not."""


def shipped(order: Order, frozen: Path) -> Shipped:
    """Return what the frozen program of an order holds.

    :param frozen: as :func:`building.frozen.freeze` returned it.
    """
    bootloader = metadata.distribution(BOOTLOADER)
    return sorted_out(order.root, list(_sources(order.work, frozen)), [bootloader])


def sorted_out(
    root: Path, sources: Iterable[Path], always: Iterable[metadata.Distribution] = ()
) -> Shipped:
    """Return whose ``sources`` are; those of Python itself and of the checkout are nobody else's.

    :param root: the checkout.
    :param always: what is shipped whether or not a source is its own.
    """
    owners = dict(_owners())
    own_packages = Path(sysconfig.get_path("purelib"))
    found = {each.name.lower(): each for each in always}
    others = set()
    native: dict[str, set[Path]] = {}
    nets = Path(sys.prefix) / MODELS
    models = set()
    for source in sources:
        if source.is_relative_to(nets):
            models.add(source.name)
        elif owner := owners.get(_plain(source)):
            found[owner.name.lower()] = owner
            if _NATIVE.search(source.name) or ".framework/" in source.as_posix():
                native.setdefault(owner.name, set()).add(source)
        elif _is_python(source):
            continue
        # The environment may lie in the checkout.
        elif source.is_relative_to(own_packages) or not source.is_relative_to(root):
            others.add(source)
    return Shipped(
        tuple(found[name] for name in sorted(found)),
        tuple(sorted(others)),
        {name: tuple(sorted(files)) for name, files in native.items()},
        model_list.sources_of(models),
    )


def _sources(work: Path, frozen: Path) -> Iterator[Path]:
    """Yield the files that the frozen program was made of."""
    notes = work / "pyinstaller" / "enhance-gui"
    [collected] = ast.literal_eval((notes / "COLLECT-00.toc").read_text(encoding="utf-8"))
    _, modules = ast.literal_eval((notes / "PYZ-00.toc").read_text(encoding="utf-8"))
    for _, source, kind in [*collected, *modules]:
        path = Path(source)
        # A link leads to another file of the program; what was made on the way is ours.
        if kind != "SYMLINK" and path.is_absolute() and not path.is_relative_to(work):
            yield path


def _owners() -> Iterator[tuple[str, metadata.Distribution]]:
    for distribution in metadata.distributions():
        for file in distribution.files or ():
            yield _plain(Path(str(distribution.locate_file(file)))), distribution


def _plain(path: Path) -> str:
    return os.path.normcase(os.path.normpath(path))


def _is_python(path: Path) -> bool:
    """Return whether a file came with Python; its licence speaks for it."""
    stdlib = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    if any(path.is_relative_to(folder) for folder in stdlib):
        return "site-packages" not in path.parts and "dist-packages" not in path.parts
    if path.name.lower().startswith(("libpython", "python3")):
        return True
    # There, Python has a folder for itself alone, with the libraries that it brings.
    own_folder = Path(sys.base_prefix).resolve()
    return sys.platform != "linux" and path.resolve().is_relative_to(own_folder)
