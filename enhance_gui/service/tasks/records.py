"""Builds the documented record of a stored task."""

from __future__ import annotations

from msgspec.structs import replace

from enhance_gui.service.engine import FaceFiles, PictureFile
from enhance_gui.service.store.task_store import StoredTask
from enhance_gui.wire.records import FacePair, PictureInfo, TaskRecord


def record_of(
    task: StoredTask, queue_position: int, base_url: str, percent: int | None = None
) -> TaskRecord:
    """Build the record, with addresses below ``base_url``.

    A variant has no "before" of its own: its input is the task's.

    :param percent: how far the work on an unfinished task is, where that is known.
    """
    before = _picture_info(task.picture, f"{base_url}/inputs")
    results_url = f"{base_url}/results"
    record = TaskRecord(
        task_id=task.task_id,
        private_id=task.private_id,
        status=task.status,
        queue_position=queue_position,
        error_code=task.error_code,
        error_message=task.error_message,
        before=before,
        percent=percent,
    )
    if task.result is None:
        return record
    return replace(
        record,
        error_message=task.result.message,
        after=_picture_info(task.result.after, results_url),
        face_count=len(task.result.faces),
        faces=tuple(_face_pair(face, before, results_url) for face in task.result.faces),
    )


def _face_pair(face: FaceFiles, task_before: PictureInfo, results_url: str) -> FacePair:
    before = task_before if face.before is None else _picture_info(face.before, results_url)
    return FacePair(before, _picture_info(face.after, results_url), face.name, face.place)


def _picture_info(picture: PictureFile, folder_url: str) -> PictureInfo:
    return PictureInfo(
        url=f"{folder_url}/{picture.name}",
        width_px=picture.width_px,
        height_px=picture.height_px,
        size=picture.size_bytes,
        extension=picture.extension,
    )
