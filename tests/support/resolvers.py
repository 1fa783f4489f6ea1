"""Name servers as classes: what a host name leads to, decided by the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence


class FixedResolver:
    """Answers from a table; each host's answers one after the other, the last one for good."""

    def __init__(self, **answers: list[list[str]]) -> None:
        """
        :param answers: by host name, with ``_`` for ``.``.
        """
        self._answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def silent_resolver(host: str, port: int) -> Sequence[str]:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
