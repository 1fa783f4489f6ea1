"""The program itself, run as a user runs it: a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping

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


async def start(
    *arguments: str | Path, token: str | None = None, with_input: bool = False
) -> asyncio.subprocess.Process:
    """Start the program.

    :param with_input: its standard input is a pipe to this process; otherwise it is empty.
    """
    environment = dict(os.environ)
    if token is not None:
        environment["ENHANCE_GUI_TOKEN"] = token
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "dev",
        "-m",
        "enhance_gui",
        *map(str, arguments),
        stdin=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


async def ended(process: asyncio.subprocess.Process, typed: bytes | None = None) -> Ended:
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


async def first_text(process: asyncio.subprocess.Process) -> str:
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
