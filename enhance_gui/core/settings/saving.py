"""Defines how results are saved: as which kind of file, in which folder, with or without a sidecar.

What the user has chosen is settled for a picture when it is added, and stored with its task: a run
that ends in between saves it all the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

DEFAULT_QUALITY: Final = 95
"""As the service of this computer encodes its results."""
MAX_QUALITY: Final = 100

SUBFOLDER_NAME: Final = "enhanced"
"""The folder within that of an original: the same in every language, since scripts look for it."""

HIDDEN_FOLDER: Final = ".enhance-gui"
"""The folder beside results that hidden sidecars lie in."""


class ResultFormat(StrEnum):
    """Which kind of file a result becomes."""

    AS_GIVEN = ""
    """The one that the service gives."""
    SAME = "same"
    """The original's, where that can be written; else the one that the service gives."""
    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"
    AVIF = "avif"

    @property
    def has_quality(self) -> bool:
        """Whether it may be compressed with loss."""
        return self in _WITH_QUALITY


_WITH_QUALITY: Final = frozenset(
    {ResultFormat.SAME, ResultFormat.JPG, ResultFormat.WEBP, ResultFormat.AVIF}
)


class Place(StrEnum):
    """Where the result of a file of this computer goes."""

    FOLDER = "folder"
    """Into the save folder."""
    BESIDE = "beside"
    """Into the folder of the original."""
    SUBFOLDER = "subfolder"
    """Into a folder within that one."""


class Grouping(StrEnum):
    """Which results share a subfolder of their own."""

    NONE = "none"
    DATE = "date"
    """Those of pictures that were added on one day."""
    BATCH = "batch"
    """Those of pictures that were added together."""


class SidecarPlace(StrEnum):
    """Where sidecars are written."""

    BESIDE = "beside"
    HIDDEN = "hidden"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Saving:
    """How results are saved: of pictures that are added together, or of stored tasks from now on.

    What is ``None`` stays as it is with a stored task, and is the default for a new one.
    """

    folder: Path | None = None
    """The save folder."""
    place: Place = Place.FOLDER
    grouping: Grouping = Grouping.NONE
    result_format: ResultFormat | None = None
    quality: int | None = None
    """1 to 100, for kinds that compress with loss."""
    not_beside: tuple[Path, ...] = ()
    """Folders of the program, and those below: nobody would look for results there."""
    keeps: bool = False
    """Whether the folder is the program's own: results wait there until the user saves them."""
    is_default_folder: bool = False
    """Whether the user named no folder: a stored task that is given again stays where it goes."""

    @property
    def is_change(self) -> bool:
        """Whether a stored task is saved otherwise by it."""
        return self != Saving(not_beside=self.not_beside)

    def folder_of(self, input_: str, folder: Path, added_at: datetime) -> Path:
        """Return the folder for the result of an input.

        :param input_: an address or the absolute path of a file.
        :param folder: the save folder where none is named.
        :param added_at: when it was added, with the others of its batch.
        """
        folder = self.folder or folder
        path = Path(input_)
        is_here = path.is_absolute() and not any(map(path.is_relative_to, self.not_beside))
        if is_here and self.place is not Place.FOLDER:
            folder = path.parent
            # An original may be a result itself.
            if self.place is Place.SUBFOLDER and folder.name != SUBFOLDER_NAME:
                folder /= SUBFOLDER_NAME
        match self.grouping:
            case Grouping.DATE:
                return folder / f"{added_at.astimezone():%Y-%m-%d}"
            case Grouping.BATCH:
                return folder / f"{added_at.astimezone():%Y-%m-%d %H.%M.%S}"
        return folder

    def to_mapping(self) -> dict[str, Any]:
        """Return it as plain data, for another start of the program."""
        return {
            "save_folder": None if self.folder is None else str(self.folder),
            "place": self.place.value,
            "grouping": self.grouping.value,
            "result_format": None if self.result_format is None else self.result_format.value,
            "quality": self.quality,
            "not_beside": list(map(str, self.not_beside)),
            "is_default_folder": self.is_default_folder,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Saving:
        """Read what another start has written.

        :raises KeyError, TypeError, ValueError: it is none.
        """
        folder, wanted = data["save_folder"], data["result_format"]
        quality = data["quality"]
        return cls(
            None if folder is None else Path(folder),
            Place(data["place"]),
            Grouping(data["grouping"]),
            None if wanted is None else ResultFormat(wanted),
            None if quality is None else min(max(1, int(quality)), MAX_QUALITY),
            tuple(map(Path, data["not_beside"])),
            is_default_folder=data.get("is_default_folder") is True,
        )
