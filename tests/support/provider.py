"""A provider of the API that charges: what the queue's tests are held against.

It keeps the book that matters: which private ids it has created tasks for, and so charged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, envelope

INPUT = picture_bytes("jpg", 200, 100)
RESULT = picture_bytes("png", 400, 200)


@dataclass
class ProviderTask:
    """A task as the provider has it."""

    task_id: str
    private_id: str
    picurl: str
    polls_left: int
    """gettask calls until it is finished."""
    record: dict[str, Any] = field(default_factory=dict)
    """Fields that differ from a plain finished task."""
    deleted: bool = False


class Provider(ScriptableService):
    """Creates, tells and deletes tasks; serves their pictures; can be told to misbehave."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, ProviderTask] = {}
        self.polls_needed = 1
        self.record_of_new: Callable[[ProviderTask], dict[str, Any]] = lambda _: {}
        self.idempotent = False
        self._numbers = count(1)
        self.on("/createtask", self.create)
        self.on("/gettask", self.get)
        self.on("/deletetask", self._delete)
        self.on("/result.png", Reply(body=RESULT))
        for name in ("a", "b", "c", "d", "e", "f", "g", "h"):
            self.on(f"/{name}.jpg", Reply(body=INPUT))

    @property
    def charged(self) -> list[str]:
        """Private ids in the order in which they were charged."""
        return [task.private_id for task in self.tasks.values()]

    def pictures(self, names: str) -> list[str]:
        """Return addresses of inputs, one a letter."""
        return [self.url(f"/{name}.jpg") for name in names]

    def count_anew(self) -> None:
        """Give the next task the first number again."""
        self._numbers = count(1)

    def creating(self, *steps: Step) -> None:
        """Answer the next creates so; the ones after them properly."""
        self.on("/createtask", *steps, self.create)

    # -- ways to answer createtask ----------------------------------------------------------------

    async def create(self, talk: Talk) -> None:
        """Create and say so."""
        task = self._charge(talk)
        await talk.reply(envelope({"taskid": task.task_id, "status": 0, "queuenum": 0}))

    async def create_and_say_nothing(self, talk: Talk) -> None:
        """Create, then break the connection off."""
        self._charge(talk)
        await talk.reset()

    async def say_nothing(self, talk: Talk) -> None:
        """Break the connection off without creating."""
        await talk.reset()

    def _charge(self, talk: Talk) -> ProviderTask:
        fields = talk.request.json()
        if self.idempotent:
            for known in self.tasks.values():
                if known.private_id == fields["chtaskid"]:
                    return known
        task = ProviderTask(
            f"task-{next(self._numbers)}", fields["chtaskid"], fields["picurl"], self.polls_needed
        )
        task.record = self.record_of_new(task)
        self.tasks[task.task_id] = task
        return task

    # -- the other calls --------------------------------------------------------------------------

    async def get(self, talk: Talk) -> None:
        """Tell of a task."""
        if not talk.request.body:
            return  # cut off by a program that ends
        task = self.tasks.get(talk.request.json()["taskid"])
        if task is None:
            await talk.reply(envelope(None, 1002001, "no such task"))
        elif task.deleted:
            await talk.reply(envelope(None, 1002002, "deleted"))
        else:
            task.polls_left -= 1
            await talk.reply(envelope(self.record(task)))

    def record(self, task: ProviderTask) -> dict[str, Any]:
        """Return what gettask tells of a task."""
        if task.polls_left > 0:
            return {"taskid": task.task_id, "chtaskid": task.private_id, "queuenum": 0}
        return {
            "taskid": task.task_id,
            "chtaskid": task.private_id,
            "outputurl": self.url("/result.png"),
            "outpathwidth": 400,
            "outpathheight": 200,
            "outpathsize": len(RESULT),
            "outpathext": "png",
            "facelist": [],
            **task.record,
        }

    async def _delete(self, talk: Talk) -> None:
        task = self.tasks.get(talk.request.json()["taskid"])
        if task is None or task.deleted:
            await talk.reply(envelope(None, 1002002 if task else 1002001, "no such task"))
            return
        task.deleted = True
        await talk.reply(envelope({"success": True}))
