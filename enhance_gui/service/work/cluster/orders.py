"""Defines what the service and the workers of a cluster send each other. All of it picklable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui import __version__
from enhance_gui.core.services.own_models import OwnModel, settings_file
from enhance_gui.core.settings.build_info import build_facts
from enhance_gui.service.engine import PictureFile, WorkResult
from enhance_gui.service.work.slots import JobEnd

PART_BYTES: Final = 4 * 2**20
"""The most bytes of a file in one message: so small that neither end, nor the scheduler between
them, stops for long."""


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """What must be the same at both ends, so that a picture comes out the same everywhere."""

    version: str
    commit: str
    """Empty where nobody knows."""

    def fits(self, other: ProgramVersion) -> bool:
        """Return whether the other end is the same program."""
        is_known = self.commit and other.commit
        return self.version == other.version and (not is_known or self.commit == other.commit)

    def __str__(self) -> str:
        return f"{self.version} ({self.commit[:7]})" if self.commit else self.version


def own_version() -> ProgramVersion:
    """Return the version of this program."""
    return ProgramVersion(__version__, build_facts().commit)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a worker needs beside the picture, known by its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What a worker says of itself before it is given work."""

    version: ProgramVersion
    nets: frozenset[NamedFile] = frozenset()
    """The files of trained nets that it has; none are looked for where the version differs."""


@dataclass(frozen=True, slots=True)
class Order:
    """One job for a worker."""

    parcel_id: str
    """A name that nobody else uses, by which files are sent before and fetched afterwards."""
    topic: str
    """Of Dask's events: where the worker says how far it is."""
    type_id: int
    """What follows is as in a :class:`~enhance_gui.service.engine.WorkJob`, whose paths mean
    nothing on another computer."""
    name_prefix: str
    threads: int
    own_model: OwnModel | None
    model_files: tuple[NamedFile, ...]
    """The files of ``own_model``."""
    picture: bytes | None
    """The picture; ``None``: it has been sent in parts."""
    part_bytes: int
    """The most bytes of pictures in the reply; see :data:`PART_BYTES`."""
    limit_s: float
    worker_bytes: int
    """Memory that the process which computes may take."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers to an order."""

    end: JobEnd | None
    """``None``: it was not begun, since the worker lacks :attr:`lacking`."""
    files: tuple[bytes, ...] | None = ()
    """The pictures of a result, in the order of :func:`files_of`; ``None``: they are to be
    fetched in parts."""
    lacking: tuple[NamedFile, ...] = ()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits. Blocks.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_part(path: Path, at_byte: int, part_bytes: int) -> bytes:
    """Return the bytes of a file from some place on. Blocks.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(at_byte)
        return file.read(part_bytes)


def files_of(result: WorkResult) -> list[PictureFile]:
    """Return the pictures of a result in the order in which they travel."""
    return sorted(result.pictures, key=lambda each: each.name)


def model_files(model: OwnModel, folder: Path) -> tuple[NamedFile, ...]:
    """Return the files of a user's model, by their content. Blocks.

    :raises OSError: one cannot be read.
    """
    names = [*model.files, settings_file(model)]
    there = [name for name in names if (folder / name).is_file()]
    return tuple(NamedFile(name, sha256_of(folder / name)) for name in there)
