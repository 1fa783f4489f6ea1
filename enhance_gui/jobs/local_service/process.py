"""Runs the local service as a child process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import SERVICE_DID_NOT_START, ServiceError
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, network_to_mapping
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.own_program import WITHOUT_CONSOLE, own_program

_log = logging.getLogger(__name__)

START_LIMIT_S: Final = 20.0
"""Longest wait for the first line; it usually comes within one second."""

STOP_LIMIT_S: Final = 5.0
"""Longest wait after SIGTERM before the child is killed."""

_LAST_LINES: Final = 5
_LINES_KEPT: Final = 50
_PIECE_BYTES: Final = 4096


def service_command(data: Path) -> list[str]:
    """Return the command that runs the service."""
    inputs = ("--stop-with-stdin", "--network-from-stdin")
    return [*own_program(), "serve", "--data", str(data), *inputs]


class LocalService:
    """A running child. It ends when this process does, since its standard input closes then."""

    base_url: str
    token: Secret

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._messages: list[str] = []

    @classmethod
    async def start(
        cls, command: Sequence[str], owner: TaskSupervisor, network: NetworkSettings = DIRECT
    ) -> LocalService:
        """Start the child and wait until it listens.

        :param network: how it is to fetch pictures.
        :raises ServiceError: it ended, or did not listen in time; its last words are in the
            error.
        """
        # The user's token belongs to another service; this one makes its own.
        environment = {
            key: value for key, value in os.environ.items() if key != "ENHANCE_GUI_TOKEN"
        }
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                # A Ctrl+C in the terminal goes to the whole group; the child is stopped by us,
                # after the work that needs it.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | WITHOUT_CONSOLE,
            )
        except OSError as error:
            raise ServiceError(str(error), kind=SERVICE_DID_NOT_START) from error
        service = cls(process)
        service.apply_network(network)
        owner.start(service.collect_messages(), "local service: messages")
        try:
            async with asyncio.timeout(START_LIMIT_S):
                assert process.stdout is not None  # noqa: S101  it was opened as a pipe above
                answer = json.loads(await process.stdout.readline())
            service.base_url, service.token = answer["base_url"], Secret(answer["token"])
        except (TimeoutError, ValueError, KeyError, TypeError) as error:
            await service.stop()
            last = service.last_words or N_("it said nothing")
            raise ServiceError(last, kind=SERVICE_DID_NOT_START) from error
        # Whoever gives up waiting, by cancelling too, must not leave a child behind.
        except BaseException:
            await service.stop()
            raise
        return service

    @property
    def last_words(self) -> str:
        """The child's last messages."""
        return "; ".join(self._messages[-_LAST_LINES:])

    async def ended(self) -> str:
        """Wait until the child ends; return its last words."""
        code = await self._process.wait()
        return self.last_words or Detail("it ended with code {code}", code=code)

    def apply_network(self, network: NetworkSettings) -> None:
        """Have the child fetch pictures by other network settings from now on.

        They go over its standard input: others see its arguments and environment.
        """
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            return
        login = network.proxy_login
        settings = {**network_to_mapping(network), "proxy_login": login.reveal() if login else ""}
        stdin.write(json.dumps(settings).encode() + b"\n")

    async def collect_messages(self) -> None:
        """Keep the child's last messages, and drain the pipe so that it never blocks on us."""
        assert self._process.stderr is not None  # noqa: S101  it was opened as a pipe above
        rest = b""
        # By pieces and not by lines: a line may be longer than a reader of lines takes.
        while piece := await self._process.stderr.read(_PIECE_BYTES):
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                self._messages.append(line[:_PIECE_BYTES].decode("utf-8", "replace").strip())
                _log.info("service: %s", self._messages[-1])
            rest = rest[-_PIECE_BYTES:]
            del self._messages[:-_LINES_KEPT]

    async def stop(self) -> None:
        """End the child: ask, wait, kill."""
        process = self._process
        if process.returncode is not None:
            return
        # Windows knows no SIGTERM: there the closed input is what asks the child to end cleanly.
        if process.stdin is not None:
            process.stdin.close()
        if sys.platform != "win32":
            with suppress(ProcessLookupError):
                process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
