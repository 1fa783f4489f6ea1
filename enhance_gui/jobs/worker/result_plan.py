"""Which files a finished task gives, and what they will be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.core.images.file_names import STEM_TEMPLATE, result_stem
from enhance_gui.core.images.formats import USUAL_FORMATS, plain_format
from enhance_gui.core.images.source import parse_source
from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.files.results import free_stem
from enhance_gui.storage.task_db.store import Output
from enhance_gui.wire.records import PictureInfo, TaskRecord


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of the result."""

    number: int
    """0 for the main result; then faces or variants."""
    suffix: str
    """What follows the stem in its name: empty for the main result."""
    promised: PictureInfo
    """What the service says of it."""

    @property
    def part(self) -> str:
        """What it is called in reports: ``face-2``; empty for the main result."""
        return self.suffix.lstrip("-")

    def final_name(self, stem: str, extension: str) -> str:
        return f"{stem}{self.suffix}.{extension}"


def plan_files(record: TaskRecord, outputs: Outputs) -> list[PlannedFile]:
    """Return the files of a result, the main one first; those without an address are missing.

    A colorize task may name no output of its own: then its first variant is the main result. What
    is the main result is not among the variants a second time.
    """
    entries = [face.after for face in record.faces]
    named = (each for each in entries if each.url)
    main = record.after if record.after.url else next(named, record.after)
    same = next((each for each in entries if each.url and each.url == main.url), None)
    word = "variant" if outputs is Outputs.VARIANTS else "face"
    return [PlannedFile(0, "", main)] + [
        PlannedFile(number, f"-{word}-{number}", entry)
        for number, entry in enumerate(entries, start=1)
        if entry is not same
    ]


def plan_outputs(
    task: Task,
    files: Sequence[PlannedFile],
    earlier: Sequence[Output],
    taken: set[Path],
    template: str = STEM_TEMPLATE,
) -> tuple[str, list[Output]]:
    """Choose a stem that no existing file shares, and the path of each file.

    :param earlier: outputs of an interrupted try; those already in place decide the stem.
    :param taken: paths promised to other tasks of this moment.
    :param template: how results are named.
    :returns: the stem, and the outputs.
    """
    placed_main = next((each for each in earlier if each.placed and each.number == 0), None)
    if placed_main is not None:
        stem = placed_main.final.stem
    else:
        stem = free_stem(task.save_folder, stem_of(task, template), _endings(files), taken)
    return stem, [
        Output(
            number=file.number,
            part=part_path(task, file.number),
            final=task.save_folder / file.final_name(stem, _promised_extension(file.promised)),
        )
        for file in files
    ]


def part_path(task: Task, which: int | str) -> Path:
    """Return where a file of a task grows: a name that only this task gives.

    :param which: number of the output, or a letter for what is beside them.
    """
    tag = (task.private_id or str(task.id))[:12]
    return task.save_folder / f".{tag}-{which}.part"


def reserved_paths(folder: Path, stem: str, files: Sequence[PlannedFile]) -> set[Path]:
    """Return every path that the files of a task may end up under."""
    return {folder / (stem + ending) for ending in _endings(files)}


def stem_of(task: Task, template: str) -> str:
    """Return what the result of a task would be called, without its ending."""
    values = {
        "name": parse_source(task.input).name,
        "type": task.type_name,
        "service": task.service,
        "date": f"{task.created_at.astimezone():%Y-%m-%d}",
    }
    return result_stem(template, values, fallback=f"picture-{task.id}")


def _endings(files: Sequence[PlannedFile]) -> list[str]:
    pictures = [f"{file.suffix}.{extension}" for file in files for extension in USUAL_FORMATS]
    return [".json", *pictures]


def _promised_extension(promised: PictureInfo) -> str:
    extension = plain_format(promised.extension)  # its content decides when it is there
    return extension if extension in USUAL_FORMATS else "png"
