"""Plans which files a finished task gives, and what they will be called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from enhance_gui.core.images.file_names import STEM_TEMPLATE, folder_name, result_stem
from enhance_gui.core.images.formats import RESULT_FORMATS, SAVED_FORMATS, plain_format
from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.files.results import free_stem
from enhance_gui.storage.task_db.store import Output
from enhance_gui.wire.records import PictureInfo, TaskRecord


def plan_outputs(
    task: Task,
    record: TaskRecord,
    kind: Outputs,
    earlier: Sequence[Output],
    taken: set[Path],
    template: str = STEM_TEMPLATE,
) -> tuple[str, list[Output]]:
    """Choose a stem that no existing file shares, and the path of each file of a result.

    :param kind: what lies beside the main result.
    :param earlier: outputs of an interrupted try; those already in place decide the stem.
    :param taken: paths promised to other tasks of this moment.
    :param template: how results are named.
    :returns: the stem, and the outputs, the main one first; those without an address are missing.
    """
    named = _named(record, kind)
    placed = {each.number: each for each in earlier if each.placed}
    if 0 in placed:
        stem = placed[0].final.stem
    else:
        suffixes = [suffix for _, suffix, _ in named]
        stem = free_stem(task.save_folder, stem_of(task, template), _endings(suffixes), taken)
    return stem, [
        Output(
            number,
            part_path(task, number),
            task.save_folder / f"{stem}{suffix}.{_promised_extension(promised)}",
            suffix,
            promised,
            placed=number in placed,
        )
        for number, suffix, promised in named
    ]


def _named(record: TaskRecord, kind: Outputs) -> list[tuple[int, str, PictureInfo]]:
    """Return number, suffix and description of each file that a record names.

    A colorize task may name no output of its own: then its first variant is the main result. What
    is the main result is not among the variants a second time.
    """
    entries = [face.after for face in record.faces]
    named = (each for each in entries if each.url)
    main = record.after if record.after.url else next(named, record.after)
    same = next((each for each in entries if each.url and each.url == main.url), None)
    word = "variant" if kind is Outputs.VARIANTS else "face"
    return [(0, "", main)] + [
        (number, f"-{word}-{number}", entry)
        for number, entry in enumerate(entries, start=1)
        if entry is not same
    ]


def names_result(record: TaskRecord) -> bool:
    """Return whether a record names the address of any result."""
    return bool(record.after.url) or any(face.after.url for face in record.faces)


def part_path(task: Task, which: int | str) -> Path:
    """Return where a file of a task grows: a name that only this task gives.

    :param which: number of the output, or a letter for what is beside them.
    """
    tag = (task.private_id or str(task.id))[:12]
    return task.save_folder / f".{tag}-{which}.part"


def reserved_paths(folder: Path, stem: str, outputs: Sequence[Output]) -> set[Path]:
    """Return every path that the files of a task may end up under."""
    return {folder / (stem + ending) for ending in _endings([output.suffix for output in outputs])}


def stem_of(task: Task, template: str) -> str:
    """Return what the result of a task would be called, without its ending."""
    values = {
        "name": task.picture_name,
        "type": task.type_name,
        "service": task.service,
        "date": f"{task.created_at.astimezone():%Y-%m-%d}",
        "folder": folder_name(task.input),
    }
    return result_stem(template, values, fallback=f"picture-{task.id}")


def _endings(suffixes: Sequence[str]) -> list[str]:
    pictures = [f"{suffix}.{extension}" for suffix in suffixes for extension in SAVED_FORMATS]
    return [".json", *pictures]


def _promised_extension(promised: PictureInfo) -> str:
    extension = plain_format(promised.extension)  # its content decides when it is there
    return extension if extension in RESULT_FORMATS else "png"
