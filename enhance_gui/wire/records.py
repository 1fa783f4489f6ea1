"""Reads and writes the task record of ``gettask`` and callbacks, and the answer of createtask."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from enhance_gui.core.images.areas import FacePlace
from enhance_gui.core.services.profile import Phase
from enhance_gui.wire import reading


class PictureInfo(msgspec.Struct, frozen=True):
    """One picture as the service describes it. Zero and empty mean: not reported."""

    url: str = ""
    width_px: int = 0
    height_px: int = 0
    size: int = 0
    """The document names no unit; bytes is assumed."""
    extension: str = ""
    """File type, such as ``jpg``."""


class FacePair(msgspec.Struct, frozen=True):
    """One entry of ``facelist``: a face, or one variant, before and after."""

    before: PictureInfo
    after: PictureInfo
    name: str = ""
    """What a variant is called; only this program's own service reports it, as ``x_name``, beside
    the documented fields."""
    place: FacePlace | None = None
    """Where a face is; only this program's own service reports it, as ``x_place``."""


class CreatedTask(msgspec.Struct, frozen=True):
    """The answer of createtask."""

    task_id: str
    queue_position: int = 0


class TaskRecord(msgspec.Struct, frozen=True):
    """A task as the service sees it."""

    task_id: str
    private_id: str = ""
    """``chtaskid``; empty where the service does not give it back."""
    status: int | None = None
    """The service's number; its meaning is the profile's matter."""
    queue_position: int = 0
    error_code: int = 0
    error_message: str = ""
    before: PictureInfo = PictureInfo()
    after: PictureInfo = PictureInfo()
    face_count: int = 0
    faces: tuple[FacePair, ...] = ()
    percent: int | None = None
    """How far the work on it is, 0 to 100; only this program's own service reports it, as
    ``x_progress``, beside the documented fields."""

    def phase(self, status: Mapping[int, Phase]) -> Phase:
        """Return the task's phase: by the profile's status table, else by the record itself."""
        if self.status is not None and self.status in status:
            return status[self.status]
        if self.error_code:
            return Phase.FAILED
        if self.after.url or self.has_all_variants:
            return Phase.FINISHED
        return Phase.QUEUED if self.queue_position > 0 else Phase.PROCESSING

    @property
    def named_variants(self) -> int:
        """Entries of ``facelist`` that name a result."""
        return sum(bool(face.after.url) for face in self.faces)

    @property
    def has_all_variants(self) -> bool:
        """Whether each entry names its result, and as many do as the service counts."""
        reported = sum(bool(face.before.url or face.after.url) for face in self.faces)
        return 0 < self.named_variants == reported >= self.face_count


MAX_FACES = 1000
"""Entries of ``facelist`` that are read; more than any photograph holds."""


def read_created_task(data: Mapping[str, Any]) -> CreatedTask | None:
    """Read createtask's answer; ``None`` where it names no task."""
    task_id = reading.text(data.get("taskid"))
    if not task_id:
        return None
    return CreatedTask(task_id, _count(data.get("queuenum")))


def read_task_record(data: Mapping[str, Any]) -> TaskRecord:
    """Read a record; what is missing or unreadable keeps its "not reported" value."""
    return TaskRecord(
        task_id=reading.text(data.get("taskid")),
        private_id=reading.text(data.get("chtaskid")),
        status=reading.whole_number(data.get("status")),
        queue_position=_count(data.get("queuenum")),
        error_code=reading.whole_number(data.get("errorcode")) or 0,
        error_message=reading.message(data.get("errormsg")),
        before=_picture(data, "in"),
        after=_picture(data, "out"),
        face_count=_count(data.get("facenum")),
        faces=_faces(data.get("facelist")),
        percent=_percent(data.get("x_progress")),
    )


def write_task_record(record: TaskRecord) -> dict[str, Any]:
    """Write a record with every documented field, and how far it is where that is known."""
    extras = {} if record.percent is None else {"x_progress": record.percent}
    return {
        "taskid": record.task_id,
        "status": record.status or 0,
        "queuenum": record.queue_position,
        "errorcode": record.error_code,
        "errormsg": record.error_message,
        **_picture_fields("in", record.before),
        **_picture_fields("out", record.after),
        "facenum": record.face_count,
        "chtaskid": record.private_id,
        "facelist": [_pair_fields(face) for face in record.faces],
        **extras,
    }


def record_to_json(record: TaskRecord) -> bytes:
    """Return a record as it is stored."""
    return json.dumps(write_task_record(record), ensure_ascii=False).encode()


def record_from_json(stored: bytes | None) -> TaskRecord:
    """Return a record that was stored; an empty one where none was."""
    return read_task_record(json.loads(stored or b"{}"))


def _picture(fields: Mapping[str, Any], side: str) -> PictureInfo:
    """Read the five fields of one side: ``in`` or ``out``."""
    return PictureInfo(
        url=reading.text(fields.get(f"{side}puturl")),
        width_px=_count(fields.get(f"{side}pathwidth")),
        height_px=_count(fields.get(f"{side}pathheight")),
        size=_count(fields.get(f"{side}pathsize")),
        extension=reading.text(fields.get(f"{side}pathext")).lower().removeprefix("."),
    )


def _picture_fields(side: str, picture: PictureInfo) -> dict[str, Any]:
    return {
        f"{side}puturl": picture.url,
        f"{side}pathwidth": picture.width_px,
        f"{side}pathheight": picture.height_px,
        f"{side}pathsize": picture.size,
        f"{side}pathext": picture.extension,
    }


def _pair_fields(face: FacePair) -> dict[str, Any]:
    extras: dict[str, Any] = {"x_name": face.name} if face.name else {}
    if face.place is not None:
        extras["x_place"] = msgspec.to_builtins(face.place)
    return {**_picture_fields("in", face.before), **_picture_fields("out", face.after), **extras}


def _faces(entries: Any) -> tuple[FacePair, ...]:
    if not isinstance(entries, list):
        return ()
    # One whose result is named as empty has its place all the same: it is a result that lacks.
    return tuple(
        FacePair(
            _picture(entry, "in"),
            _picture(entry, "out"),
            reading.text(entry.get("x_name")),
            _place(entry.get("x_place")),
        )
        for entry in entries[:MAX_FACES]
        if isinstance(entry, dict) and ("outputurl" in entry or reading.text(entry.get("inputurl")))
    )


def _place(value: Any) -> FacePlace | None:
    """Read where a face is; ``None`` where it has any other form."""
    try:
        return msgspec.convert(value, FacePlace)
    except msgspec.ValidationError:
        return None


def _percent(value: Any) -> int | None:
    """Read 0 to 100, rounded down; ``None`` for anything else."""
    if isinstance(value, float) and math.isfinite(value):
        value = math.floor(value)
    number = reading.whole_number(value)
    return number if number is not None and 0 <= number <= 100 else None


def _count(value: Any) -> int:
    return max(0, reading.whole_number(value) or 0)
