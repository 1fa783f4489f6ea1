"""What later starts ask of a program that has a window: show it, with their inputs, or do work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from enhance_gui.jobs.hand_over import Send
from enhance_gui.jobs.sharing import SharedQueue

OPEN_KIND: Final = "open"


def open_request(inputs: Sequence[str]) -> dict[str, Any]:
    """Return the request to show the window and to add the inputs."""
    return {"kind": OPEN_KIND, "inputs": list(inputs)}


class WindowRequests:
    """Answers later starts."""

    def __init__(self, shared: SharedQueue, show: Callable[[Sequence[str]], None]) -> None:
        """:param show: brings the window to the front and adds inputs."""
        self._shared = shared
        self._show = show

    async def handle(self, data: dict[str, Any], send: Send) -> None:
        """:raises ValueError: not a request."""
        if data.get("kind") != OPEN_KIND:
            await self._shared.handle(data, send)
            return
        inputs = data.get("inputs", [])
        if not isinstance(inputs, list):
            raise ValueError("the inputs are not a list")  # noqa: TRY004  the handler's contract
        self._show([str(each) for each in inputs])
        await send({"opened": len(inputs)})
