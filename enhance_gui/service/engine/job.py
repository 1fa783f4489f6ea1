"""Defines a job for a worker process, and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.core.images.areas import FacePlace
from enhance_gui.core.services.own_models import OwnModel

Report = Callable[[float], None]
"""Takes the share of a job that is done, 0 to 1. To be called as often as is convenient: the
receiver drops what comes too soon. What it raises ends the job."""


@dataclass(frozen=True, slots=True)
class WorkJob:
    """A job for a worker process. Picklable."""

    type_id: int
    """One of the ids of ``ENHANCE_TYPES``, or that of ``own_model``."""
    source_path: Path
    """The input picture: a complete file of one of the kinds jpg, png, webp, bmp."""
    out_folder: Path
    """An existing folder for the results."""
    name_prefix: str
    """Beginning of every file name: a token that nobody can guess."""
    threads: int = 1
    """Processor threads that it may keep busy."""
    graphics: int | None = None
    """ncnn's number of a graphics processor that works; used for what is slow without it."""
    own_model: OwnModel | None = None
    """The user's model that ``type_id`` stands for; its files lie in ``models_folder``."""
    models_folder: Path = Path()


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One picture that was written."""

    name: str
    """File name inside the output folder."""
    width_px: int
    height_px: int
    size_bytes: int
    extension: str
    """``jpg``, ``png`` or ``tiff``, by content."""


@dataclass(frozen=True, slots=True)
class FaceFiles:
    """One entry of ``facelist``: a face, or a variant."""

    before: PictureFile | None
    """The crop before; ``None`` for a variant: its "before" is the input picture itself."""
    after: PictureFile
    name: str = ""
    """What a variant is called: that of its
    :class:`~enhance_gui.service.engine.repair.tint.Tint`."""
    place: FacePlace | None = None
    """Where in the picture, upright as the result is, a face is; ``None``: it is a variant."""


@dataclass(frozen=True, slots=True)
class WorkResult:
    """Everything a piece of work wrote."""

    after: PictureFile
    """The main result; for variants the same file as the first of them."""
    faces: tuple[FaceFiles, ...] = ()
    """Faces from left to right, or variants in the order of preference."""
    message: str = ""
    """One sentence for people, where there is something to say: what was not found, say."""

    @property
    def pictures(self) -> set[PictureFile]:
        """Its files: each once, though variants share the main one."""
        of_faces = {each for face in self.faces for each in (face.before, face.after) if each}
        return {self.after} | of_faces


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a picture could not be enhanced."""

    code: int
    """The record's ``errorcode``."""
    message: str
    """The record's ``errormsg``."""
