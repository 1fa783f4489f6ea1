"""Writes and reads sidecars: JSON files beside results that say where each came from.

Their format is a public contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from enhance_gui import __version__
from enhance_gui.core.images.addresses import without_signature
from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.images.left_out import LeftOut
from enhance_gui.core.images.left_out import left_out as lost_from
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.settings.saving import ResultFormat
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.settings.json_files import read_mapping

VERSION: Final = 1


def sidecar_text(
    task: Task,
    before: PictureFacts | None,
    after: PictureFacts,
    outputs: Iterable[str],
    missing: Iterable[str],
    saved_at: datetime,
    *,
    left_out: Iterable[LeftOut] = (),
    strip_signatures: bool,
) -> str:
    """Return the file's content.

    :param outputs: file names of faces or variants.
    :param missing: why a face or variant is not there, one sentence each.
    :param left_out: what the result has not that it was to have, beside what the original's file
        lost.
    :param strip_signatures: leave out what looks like a signature in addresses.
    """
    shown = without_signature if strip_signatures else str
    data = {
        "version": VERSION,
        "app_version": __version__,
        "input": shown(task.given or task.input),
        # What was given may be a path that only meant something in the folder it was written in.
        "input_file": None if is_web(task.input) else task.input,
        "final_url": shown(task.checked.location) if task.checked and is_web(task.input) else None,
        "input_sha256": before.sha256 if before else None,
        "service": task.service,
        "type": {"id": task.type_id, "name": task.type_name},
        "task_id": task.service_task_id,
        "private_id": task.private_id,
        "created_at": _moment(task.created_at),
        "finished_at": _moment(task.finished_at),
        "saved_at": _moment(saved_at),
        "before": _picture(before),
        "after": _picture(after),
        "outputs": list(outputs),
        "missing": list(missing),
        "left_out": [
            *left_out_of(task),
            *({"part": each.part.value, "reason": str(each.reason)} for each in left_out),
        ],
        "sent_as": (task.checked.sent_as or None) if task.checked else None,
        "edits": _edits(task),
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def private_id_of(path: Path) -> str | None:
    """Return the private id that a sidecar names; ``None`` where there is no such"""
    private_id = read_mapping(path).get("private_id")
    return private_id if isinstance(private_id, str) else None


def missing_of(path: Path) -> list[str]:
    """Return why faces or variants are missing, as a sidecar has it; empty without one."""
    missing = read_mapping(path).get("missing")
    return [str(each) for each in missing] if isinstance(missing, list) else []


def left_out_of(task: Task) -> list[dict[str, str]]:
    """Return what of a task's picture the result does not carry, as its sidecar has it."""
    parts = lost_from(task.checked.header) if task.checked else []
    return [{"part": each.part.value, "reason": str(each.reason)} for each in parts]


def _edits(task: Task) -> dict[str, Any] | None:
    """Return what was chosen for the result; ``None``: nothing was."""
    if task.result_format is ResultFormat.AS_GIVEN:
        return None
    quality = task.quality if task.result_format.has_quality else None
    return {"format": task.result_format.value, "quality": quality}


def _picture(saved: PictureFacts | None) -> dict[str, Any] | None:
    if saved is None:
        return None
    return {
        "width_px": saved.header.width_px,
        "height_px": saved.header.height_px,
        "bytes": saved.size_bytes,
        "format": saved.header.format,
        "sha256": saved.sha256,
    }


def _moment(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC."""
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
