"""The program itself, run as a user runs it: a process of its own."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from tests.support import preloaded

_LIMIT_S = 100

OF_A_BUSY_COMPUTER = re.compile(r"^.*Executing <.* took \d+\.\d+ seconds\n", re.M)
"""What asyncio, in its development mode, says where it had to wait for the processor."""


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str
    """Its standard error, without what a busy computer adds to it."""

    def lines(self) -> list[dict[str, Any]]:
        """Return the JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


_ROOT = Path(__file__).parents[2]


class Started(Protocol):
    """A start that goes on: what asyncio's processes have, too."""

    stdin: asyncio.StreamWriter | None
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...

    async def communicate(self, typed: bytes | None = None, /) -> tuple[bytes, bytes]: ...


async def start(
    *arguments: str | Path, token: str | None = None, with_input: bool = False
) -> Started:
    """Start the program.

    :param with_input: its standard input is a pipe to this process; otherwise it is empty.
    """
    environment = dict(os.environ)
    if token is not None:
        environment["ENHANCE_GUI_TOKEN"] = token
    words = [str(argument) for argument in arguments]
    if sys.platform == "linux" and _for_python(environment) == _FOR_PYTHON:
        return await _fork(words, environment, with_input=with_input)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "dev",
        "-m",
        "enhance_gui",
        *words,
        stdin=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


def _for_python(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what Python itself reads when it starts."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


_FOR_PYTHON = _for_python(os.environ)


class _Forked:
    """A start that was forked from the loaded program, which see."""

    def __init__(self, pid: int, status: asyncio.Future[int]) -> None:
        self.pid = pid
        self._status = status
        self.stdin: asyncio.StreamWriter | None = None
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None

    @property
    def returncode(self) -> int | None:
        return os.waitstatus_to_exitcode(self._status.result()) if self._status.done() else None

    def send_signal(self, number: int, /) -> None:
        if not self._status.done():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return os.waitstatus_to_exitcode(await asyncio.shield(self._status))

    async def communicate(self, typed: bytes | None = None, /) -> tuple[bytes, bytes]:
        assert self.stdout is not None
        assert self.stderr is not None
        if self.stdin is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self.stdin.write(typed or b"")
                await self.stdin.drain()
            self.stdin.close()
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, err


async def _fork(arguments: list[str], environment: dict[str, str], *, with_input: bool) -> _Forked:
    order = {"arguments": arguments, "environment": environment, "folder": str(Path.cwd())}
    written = json.dumps(order).encode()
    typed, to_type = os.pipe()
    said, out = os.pipe()
    complained, err = os.pipe()
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(_loaded_program())
    socket.send_fds(asking, [preloaded.sent(len(written))], [typed, out, err])
    for stream in (typed, out, err):
        os.close(stream)
    asking.sendall(written)
    answers, line = await asyncio.open_unix_connection(sock=asking)

    async def number() -> int:
        return int.from_bytes(await answers.readexactly(preloaded.NUMBER_BYTES), "big")

    async def status() -> int:
        try:
            return await number()
        finally:
            line.close()

    forked = _Forked(await number(), asyncio.ensure_future(status()))
    forked.stdout, forked.stderr = await _reader(said), await _reader(complained)
    if with_input:
        forked.stdin = await _writer(to_type)
    else:
        os.close(to_type)
    return forked


async def _reader(stream: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(stream, "rb"))
    return reader


async def _writer(stream: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(stream, "wb"))
    return asyncio.StreamWriter(transport, protocol, None, loop)


@cache
def _loaded_program() -> str:
    """Load the program once for this process; return the path of its socket."""
    folder = tempfile.TemporaryDirectory(prefix="loaded-")
    path = f"{folder.name}/orders"
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "tests.support.preloaded", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        # A process with several threads must not be forked.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return path


async def ended(process: Started, typed: bytes | None = None) -> Ended:
    """Wait until the program has ended.

    :param typed: what it gets on its standard input.
    """
    try:
        async with asyncio.timeout(_LIMIT_S):
            out, err = await process.communicate(typed)
    except TimeoutError:
        process.send_signal(signal.SIGKILL)
        out, err = await process.communicate()
        raise AssertionError(f"it did not end; it said: {err.decode()}") from None
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), OF_A_BUSY_COMPUTER.sub("", err.decode()))


async def first_text(process: Started) -> str:
    """Return the first line that the program writes to its standard error."""
    assert process.stderr is not None
    while OF_A_BUSY_COMPUTER.match(line := (await process.stderr.readline()).decode()):
        pass
    return line


async def run(
    *arguments: str | Path, token: str | None = None, typed: bytes | None = None
) -> Ended:
    """Run the program to its end.

    :param typed: what it gets on its standard input.
    """
    process = await start(*arguments, token=token, with_input=typed is not None)
    return await ended(process, typed)


def write_profile(path: Path, profile: ServiceProfile) -> Path:
    """Write a profile file as a user would."""
    lines = []
    tables = []
    for key, value in profile_to_mapping(profile).items():
        if isinstance(value, dict):
            tables.append(f"[{key}]")
            tables += [f"{name} = {_toml(each)}" for name, each in value.items()]
        elif key == "enhance_types":
            for each in value:
                tables.append("[[enhance_types]]")
                tables += [f"{name} = {_toml(one)}" for name, one in each.items()]
        else:
            lines.append(f"{key} = {_toml(value)}")
    path.write_text("\n".join([*lines, *tables]) + "\n", "utf-8")
    return path


def _toml(value: object) -> str:
    """Write a plain value; JSON's texts, numbers and lists are TOML's."""
    return json.dumps(value, ensure_ascii=False)
