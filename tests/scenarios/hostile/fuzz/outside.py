"""Those who come from outside: callbacks, greetings of later starts, profiles, lists."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

from tests.scenarios.hostile.fuzz import material

_METHODS: Final = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "FOO",
]
_ATTACK_EVERY_S: Final = 0.25
_COMMAND_LIMIT_S: Final = 40.0
_FILES: Final = 6
"""Different profile files that come and go."""


class Outside:
    """Attacks all that the program listens to or reads of others."""

    def __init__(self, random: Random, folder: Path, origin: str) -> None:
        """:param folder: the home of the program that is attacked."""
        self.count = 0
        """How many attacks there were."""
        self._random = random
        self._folder = folder
        self._origin = origin
        self._callback_port = _free_port()

    def prepare(self) -> None:
        """Write the profile of the hostile service, and have pictures sent to it at once."""
        profiles = self._folder / "config" / "enhance-gui" / "profiles"
        profiles.mkdir(parents=True)
        (profiles / "hostile.toml").write_text(
            f'name = "Hostile"\nbase_url = "{self._origin}/api"\nallow_private_addresses = true\n'
            f"needs_token = false\nrequests_per_s = 50.0\n[callback]\n"
            f'listen = "127.0.0.1:{self._callback_port}"\n[[enhance_types]]\nid = 1\n'
            'name = "Enhance"\noutputs = "faces"\n'
        )
        preferences = {
            "service": "Hostile",
            "start_at_once": ["Hostile"],
            "welcomed": True,
            "save_folder": str(self._folder / "saved"),
        }
        (profiles.parent / "preferences.json").write_text(json.dumps(preferences))

    async def attack(self) -> None:
        """Attack until cancelled."""
        attacks: tuple[Callable[[], Awaitable[None]], ...] = (
            *([self._callback] * 8),
            *([self._greet] * 8),
            *([self._profile] * 2),
            self._forward,
        )
        while True:
            await asyncio.sleep(_ATTACK_EVERY_S)
            self.count += 1
            await self._random.choice(attacks)()

    async def _callback(self) -> None:
        random = self._random
        reported = material.record(random, self._origin, f"t{random.randrange(50)}", self._origin)
        body = material.body(random, {"code": 0, "msg": "", "data": reported})
        length = random.choice((str(len(body)), "9" * 30, "-1", "0"))
        head = (
            f"{random.choice(_METHODS)} /{random.randrange(9)} HTTP/1.1\r\n"
            f"Host: {random.choice(('127.0.0.1', 'evil.example', ''))}\r\n"
            f"Content-Length: {length}\r\ntoken: {random.choice(('', 'x', 'é'))}\r\n\r\n"
        )
        await self._throw(self._garbled(head.encode("latin-1", "replace") + body))

    async def _throw(self, data: bytes) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            _, writer = await asyncio.open_connection("127.0.0.1", self._callback_port)
            await _say(writer, data)

    async def _greet(self) -> None:
        random = self._random
        lines = [
            json.dumps({"challenge": random.choice(("x", "y" * 5000, 7, None))}).encode(),
            json.dumps({"proof": "0" * 64, "inputs": ["x"]}).encode(),
            b"[" * 100_000,
            random.randbytes(2000),
            b"{},{}" * 50_000,
        ]
        text = b"\n".join(random.sample(lines, random.randint(1, 3))) + b"\n"
        with suppress(OSError, ValueError, KeyError):
            _, writer = await self._connect_to_running()
            await _say(writer, self._garbled(text))

    async def _connect_to_running(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        data = self._folder / "data" / "enhance-gui"
        for path in (*data.rglob("*"), *(self._folder / "run").rglob("*")):
            if path.is_socket():
                return await asyncio.open_unix_connection(path)
            if path.suffix == ".json" and "port" in (reported := json.loads(path.read_text())):
                return await asyncio.open_connection("127.0.0.1", int(reported["port"]))
        raise OSError("nobody listens")

    async def _profile(self) -> None:
        folder = self._folder / "config" / "enhance-gui" / "profiles"
        path = folder / f"x{self._random.randrange(_FILES)}.toml"
        path.write_bytes(material.profile(self._random, self._origin))
        await self._command("services", "--json")

    async def _forward(self) -> None:
        path = self._folder / "list.txt"
        path.write_bytes(material.list_text(self._random, self._origin))
        await self._command(
            *("enhance", "--service", "Hostile", "--json", "--timeout-s", "3", "--list", str(path))
        )

    async def _command(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "enhance_gui", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_COMMAND_LIMIT_S):
                _, errors = await process.communicate()
        except TimeoutError:
            process.kill()
            raise AssertionError(f"{arguments} did not end") from None
        finally:
            if process.returncode is None:
                process.kill()
        assert b"Traceback" not in errors, errors.decode("utf-8", "replace")

    def _garbled(self, data: bytes) -> bytes:
        random = self._random
        if random.random() < 0.5 or not data:
            return data
        place = random.randrange(len(data))
        return data[:place] + random.randbytes(random.randrange(4)) + data[place + 1 :]


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    try:
        writer.write(data)
        async with asyncio.timeout(2):
            await writer.drain()
    except (OSError, TimeoutError):
        return  # it does not listen to the end, which is its right
    finally:
        writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
