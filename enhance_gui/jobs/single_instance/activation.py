"""Handles requests of later starts in the window: show it with their inputs, or do work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from enhance_gui.core.storage_errors import DatabaseBusy
from enhance_gui.jobs.single_instance.requests import RemoteRequests
from enhance_gui.jobs.single_instance.server import Send

OPEN_KIND: Final = "open"


def open_request(inputs: Sequence[str]) -> dict[str, Any]:
    """Return the request to show the window and to add the inputs."""
    return {"kind": OPEN_KIND, "inputs": list(inputs)}


class ActivationRequests:
    """Handles the requests of later starts."""

    def __init__(
        self, shared: RemoteRequests, take: Callable[[Sequence[str]], Awaitable[bool]]
    ) -> None:
        """:param take: brings the window to the front, and returns whether the inputs are stored
        where they will not be lost: not where the window is about to close.
        """
        self._shared = shared
        self._take = take

    async def handle(self, data: dict[str, Any], send: Send) -> None:
        """Do what a later start asks for.

        :raises ValueError: not a request.
        :raises DatabaseBusy: the window is closing, and has not taken the inputs.
        """
        if data.get("kind") != OPEN_KIND:
            await self._shared.handle(data, send)
            return
        inputs = data.get("inputs", [])
        if not isinstance(inputs, list):
            raise ValueError("the inputs are not a list")  # noqa: TRY004  the handler's contract
        # First a sign of life: a folder of many pictures takes its time.
        await send({"taking": len(inputs)})
        if not await self._take([str(input_) for input_ in inputs]):
            raise DatabaseBusy("the window that is open could not take the inputs")
        await send({"opened": len(inputs)})
