"""Lists the user's own models: files in a folder, and what examining them has found.

The list lies in the folder, too: the service's process that examines the models writes it, and
all others read it.
"""

from __future__ import annotations

import json
import os
import unicodedata
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.text.i18n import N_

FIRST_TYPE_ID: Final = 100
"""Numbers below are the program's own types."""

_LIST: Final = "list.json"
_NUMBERS: Final = 1_000_000
_WHOLE: Final = frozenset({".onnx", ".param", ".bin"})


class Use(StrEnum):
    """What a model does: enlarge, or colour."""

    ENLARGE = "enlarge"
    """Colours in, colours out, at one to eight times the size."""
    COLOUR_FROM_LIGHTNESS = "colour from lightness"
    """L of CIELAB in, a and b out."""
    COLOUR_FROM_GREY = "colour from grey"
    """Grey as RGB in, a and b of CIELAB out."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """One model of the user's, by its files."""

    type_id: int
    """Number of its enhance type; follows from its name, so that it stays the same."""
    name: str
    files: tuple[str, ...]
    """One ONNX file; or, for ncnn, the ``.param`` file and the ``.bin`` file."""
    stamp: str = ""
    """Changes when the files do."""
    problem: str = ""
    """Why it cannot be used, a clause for people; empty: it can be."""
    use: Use = Use.ENLARGE
    factor: int = 1
    """How many times as long the sides become."""
    side_px: int = 0
    """The one size that it is fed with; 0: any."""
    full_range: bool = False
    """Whether it takes 0 to 255, and not 0 to 1."""
    each_s: float = 0.0
    """Seconds a megapixel, as first measured."""

    @property
    def enhance_type(self) -> EnhanceType:
        """The type by which it is ordered."""
        return EnhanceType(self.type_id, self.name, _DESCRIPTIONS[self.use], outputs=Outputs.NONE)


_COLOURS: Final = N_("A model of your own that colours black and white photographs.")
_DESCRIPTIONS: Final = {
    Use.ENLARGE: N_("A model of your own: what it does to a picture is up to it."),
    Use.COLOUR_FROM_LIGHTNESS: _COLOURS,
    Use.COLOUR_FROM_GREY: _COLOURS,
}


def models_folder(service_data: Path) -> Path:
    """Return the folder of the user's models."""
    return service_data / "models"


def find_models(folder: Path) -> tuple[OwnModel, ...]:
    """Return the models whose files lie in a folder, those that lack a file included.

    What is known of them from an earlier examination is left out, except for their numbers.
    """
    with suppress(OSError):
        names = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in _WHOLE)
        return tuple(_numbered(_grouped(names), folder))
    return ()


def read_models(folder: Path) -> tuple[OwnModel, ...]:
    """Return the stored findings about models; none where nothing was stored."""
    try:
        kept = json.loads((folder / _LIST).read_bytes())
        return tuple(
            OwnModel(**{**each, "files": tuple(each["files"]), "use": Use(each["use"])})
            for each in kept
        )
    except (OSError, ValueError, TypeError, KeyError):  # none, or written by something else
        return ()


def write_models(folder: Path, models: Iterable[OwnModel]) -> None:
    """Store what examining the models has found.

    :raises OSError: the folder cannot be written.
    """
    part = folder / f"{_LIST}.{os.getpid()}"
    part.write_text(json.dumps([asdict(model) for model in models], indent=1), "utf-8")
    part.replace(folder / _LIST)


def is_known(folder: Path) -> bool:
    """Return whether all files are as they were when last examined."""
    there = {(model.name, model.stamp) for model in find_models(folder)}
    return there == {(model.name, model.stamp) for model in read_models(folder)}


def usable_models(service_data: Path) -> tuple[OwnModel, ...]:
    """Return the models that can be used, as far as they have been examined."""
    return tuple(model for model in read_models(models_folder(service_data)) if not model.problem)


def usable_model(service_data: Path, type_id: int) -> OwnModel | None:
    """Return the model of an enhance type; ``None``: there is none that can be used."""
    if type_id < FIRST_TYPE_ID:
        return None
    return next((model for model in usable_models(service_data) if model.type_id == type_id), None)


def settings_file(model: OwnModel) -> str:
    """Return the name of the file beside a model that states what examining cannot find."""
    return f"{Path(model.files[0]).stem}.toml"


def _grouped(names: list[str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return the files of each model, and what is missing, by its name."""
    there = {name.lower() for name in names}
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for name in names:
        stem, ending = os.path.splitext(name)  # noqa: PTH122  a name, not a path
        if ending.lower() == ".bin":
            if f"{stem}.param".lower() not in there:
                found[stem] = ((name,), f"{stem}.param is missing beside it")
            continue
        if ending.lower() == ".onnx":
            found[stem if stem not in found else f"{stem} (ONNX)"] = ((name,), "")
            continue
        weights = next((each for each in names if each.lower() == f"{stem}.bin".lower()), "")
        missing = "" if weights else f"{stem}.bin is missing beside it"
        found[stem if stem not in found else f"{stem} (ncnn)"] = ((name, weights), missing)
    return found


def _numbered(found: dict[str, tuple[tuple[str, ...], str]], folder: Path) -> list[OwnModel]:
    kept = {each.name: each.type_id for each in read_models(folder)}
    taken = set(kept.values())
    models = []
    for name, (files, problem) in found.items():
        number = kept.get(name) or _free_number(name, taken)
        taken.add(number)
        model = OwnModel(number, name, tuple(filter(None, files)), problem=problem)
        models.append(replace(model, stamp=_stamp(model, folder)))
    return models


def _free_number(name: str, taken: set[int]) -> int:
    folded = unicodedata.normalize("NFC", name).encode()
    number = zlib.crc32(folded) % _NUMBERS
    while FIRST_TYPE_ID + number in taken:
        number = (number + 1) % _NUMBERS
    return FIRST_TYPE_ID + number


def _stamp(model: OwnModel, folder: Path) -> str:
    parts = []
    for name in (*model.files, settings_file(model)):
        with suppress(OSError):
            facts = (folder / name).stat()
            parts.append(f"{facts.st_size}:{facts.st_mtime_ns}")
    return " ".join(parts)
