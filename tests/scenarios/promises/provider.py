"""A provider that answers as it is told to, and keeps a book of what it has charged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import PICTURE_MISSING, InputError
from enhance_gui.core.service_errors import (
    KIND_REFUSED,
    BalanceTooLow,
    CreateInDoubt,
    RequestRefused,
    ServiceBusy,
    ServiceSilent,
    ServiceUnreachable,
    TaskDeleted,
    TaskUnknown,
    TokenRefused,
)
from enhance_gui.wire.records import CreatedTask, PictureInfo, TaskRecord
from enhance_gui.wire.requests import CreateTaskRequest
from tests.scenarios.promises.judge import Judge, Key

GONE: Final = "picture gone"

_NOT_PROCESSED: Final[dict[str, EnhanceError]] = {
    "closed before a byte": ServiceUnreachable("closed"),
    "busy": ServiceBusy("429", retry_after_s=1),
    "wrong token": TokenRefused("401"),
    "no credit": BalanceTooLow("none", code=1003002),
}
_REFUSED: Final[dict[str, EnhanceError]] = {
    "wrong kind": RequestRefused("gif", code=1001004, kind=KIND_REFUSED)
}
_LOST: Final[dict[str, EnhanceError]] = {
    "accept, answer lost": CreateInDoubt("reset"),
    "lost": CreateInDoubt("reset"),
}
_ERRORS: Final = _NOT_PROCESSED | _REFUSED | _LOST

_CHARGED: Final = ("accept", GONE, "accept, answer lost", "crash after the charge")
"""A picture that is gone by now was fetched before, where it is asked for all the same."""

ANSWERS: Final = (
    *("accept", "accept, answer lost", "crash after the charge") * 3,
    *_REFUSED,
    *_LOST,
    *_NOT_PROCESSED,
    GONE,
    "wrong kind",
    "upload broken",
    "no connection",
    "crash before the request",
)
"""What may become of a createtask; what costs something comes more often."""


class CrashError(BaseException):
    """The program ends at this very point. No handler of the program may see it as an error."""


@dataclass(slots=True)
class ServiceTask:
    """What the service keeps of a task that it has accepted."""

    private_id: str
    outcome: str = "processing"
    """Or finished, failed, deleted; the last three for good."""


class Provider(ApiClient):
    """One service; it stands for the connection to it, too."""

    def __init__(self, base_url: str, judge: Judge, *, idempotent: bool) -> None:
        self.base_url = base_url
        self.answer = "accept"
        self.forgets = False
        """Whether it knows none of its tasks for now."""
        self.tasks: dict[str, ServiceTask] = {}
        self.on_request: Callable[[str, Key], bool] = lambda *_: True
        """Takes a private id that is about to arrive; tells whether it is new."""
        self.on_free: Callable[[str, bool], None] = lambda *_: None
        """Takes a private id that was surely not charged; whether it is to be sent again."""
        self._judge = judge
        self._idempotent = idempotent

    async def upload(self, picture: Path, _sha256: str | None = None) -> str:
        if self.answer == GONE:
            raise InputError("there is no such file", kind=PICTURE_MISSING)
        if self.answer == "upload broken":
            raise ServiceUnreachable("closed")
        return str(picture)

    async def create_task(
        self, request: CreateTaskRequest, before_send: Callable[[], Awaitable[None]]
    ) -> CreatedTask:
        if self.answer in ("no connection", "upload broken"):
            raise ServiceUnreachable("refused")
        await before_send()
        private_id = str(request.chtaskid)
        key = Key(request.picurl, request.type, self.base_url)
        is_first = self.on_request(private_id, key)
        if self.answer == "crash before the request":
            raise CrashError
        is_known = self._idempotent and private_id in self._judge.charged
        if is_known and self.answer in (*_REFUSED, "no credit"):
            return CreatedTask(task_name(private_id))  # what it promises
        if self.answer in _CHARGED and not is_known:
            self._judge.charge(private_id, key)
            self.tasks[task_name(private_id)] = ServiceTask(private_id)
        if self.answer == "crash after the charge":
            raise CrashError
        if (error := _ERRORS.get(self.answer)) is not None:
            if is_first and self.answer not in _LOST:
                self.on_free(private_id, self.answer in _NOT_PROCESSED)
            raise error
        return CreatedTask(task_name(private_id))

    async def get_task(
        self, task_id: str, type_id: int, private_ids: Collection[str] = ()
    ) -> TaskRecord:
        if self.answer == "silent":
            raise ServiceSilent("no answer")
        found = self.tasks.get(task_id)
        if found is None or self.forgets:
            raise TaskUnknown("no such task", code=1002001)
        if found.outcome == "deleted":
            raise TaskDeleted("deleted", code=1002002)
        if found.outcome == "processing" and self.answer in ("finished", "failed"):
            found.outcome = self.answer
        assert found.private_id in private_ids
        return TaskRecord(
            task_id,
            found.private_id,
            error_code=7 if found.outcome == "failed" else 0,
            after=PictureInfo("http://results.test/1.png" if found.outcome == "finished" else ""),
        )


def task_name(private_id: str) -> str:
    """Return the service's id of the task that was created with a private id."""
    return f"task-of-{private_id}"
