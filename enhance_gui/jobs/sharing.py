"""What a later start asks of the running program, and how that program does it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enhance_gui.core.enhance_types import EnhanceType, Outputs
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.profiles import ServiceProfile, profile_from_mapping, profile_to_mapping
from enhance_gui.jobs.batch import Batch
from enhance_gui.jobs.hand_over import Send
from enhance_gui.jobs.reports import Report
from enhance_gui.jobs.task_queue import TaskQueue


@dataclass(frozen=True, slots=True)
class EnhanceRequest:
    """One call for work."""

    inputs: tuple[str, ...]
    profile: ServiceProfile
    enhance_type: EnhanceType
    save_folder: Path
    folder: Path
    """Absolute; the one that relative paths of inputs start from."""
    max_cost: float | None = None
    """Credits that the inputs may possibly be charged together; ``None``: no limit."""

    def to_mapping(self) -> dict[str, Any]:
        return {
            "inputs": list(self.inputs),
            "profile": profile_to_mapping(self.profile),
            "type": {
                "id": self.enhance_type.id,
                "name": self.enhance_type.name,
                "outputs": self.enhance_type.outputs.value,
            },
            "save_folder": str(self.save_folder),
            "folder": str(self.folder),
            "max_cost": self.max_cost,
        }

    @classmethod
    def from_mapping(cls, data: dict[str, Any]) -> EnhanceRequest:
        """:raises ValueError: not a request."""
        try:
            kind = data["type"]
            max_cost = data.get("max_cost")
            return cls(
                tuple(str(each) for each in data["inputs"]),
                profile_from_mapping(data["profile"], "the other start"),
                EnhanceType(int(kind["id"]), str(kind["name"]), outputs=Outputs(kind["outputs"])),
                Path(str(data["save_folder"])),
                Path(str(data["folder"])),
                None if max_cost is None else float(max_cost),
            )
        except (KeyError, TypeError, EnhanceError) as error:
            raise ValueError(str(error)) from error


class SharedQueue:
    """Does the work of later starts in the queue of this program."""

    def __init__(self, queue: TaskQueue) -> None:
        self._queue = queue
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Wait until no other start waits for its work."""
        await self._idle.wait()

    async def handle(self, data: dict[str, Any], send: Send) -> None:
        """Enhance what a later start asks for, and send a line for each input that ends.

        :raises ValueError: not a request.
        """
        request = EnhanceRequest.from_mapping(data)
        self._running += 1
        self._idle.clear()
        try:
            await self._enhance(request, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _enhance(self, request: EnhanceRequest, send: Send) -> None:
        reports: asyncio.Queue[Report] = asyncio.Queue()
        batch = Batch(self._queue, reports.put_nowait, request.max_cost)
        try:
            await batch.enhance(
                request.inputs,
                request.profile,
                request.enhance_type,
                request.save_folder,
                request.folder,
            )
            batch.expect_no_more()
            await send({"accepted": batch.total})
            for _ in range(batch.total):
                await send((await reports.get()).fields)
        finally:
            batch.close()


def unreported(inputs: Sequence[str], reports: Sequence[Report]) -> list[str]:
    """Return the inputs for which no report has come, in order."""
    left = list(inputs)
    for report in reports:
        if report.fields["input"] in left:
            left.remove(report.fields["input"])
    return left
