"""Greetings that are nearly those of a later start reach nothing, and harm nobody."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from enhance_gui.jobs.single_instance.server import forward
from tests.jobs.single_instance.test_server import _connected, _with_server

_SEED: Final = 22
_COUNT: Final = 300

_VALUES: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 10**300, 1.5, "", "x", "é", "0" * 64, "f" * 64, [], {}, [[]], "\x00",
)  # fmt: skip
_KEYS: Final = ("challenge", "proof", "secret", "inputs", "stored", "place", "", "version")


def _greeting(random: Random) -> bytes:
    """Return a line, or some, that are nearly those of a later start."""
    lines = []
    for _ in range(random.randrange(1, 4)):
        keys = random.sample(_KEYS, random.randrange(1, 4))
        line = bytearray(json.dumps({key: random.choice(_VALUES) for key in keys}).encode())
        if random.random() < 0.3:
            depth = random.randrange(1, 900)
            line = bytearray(b'{"challenge": ' + b"[" * depth + b"]" * depth + b"}")
        if random.random() < 0.5:
            line[random.randrange(len(line))] = random.randrange(256)
        lines.append(bytes(line))
    return b"\n".join(lines) + random.choice((b"\n", b"", b"\r\n", b"\x00\n"))


def test_no_mutated_greeting_reaches_the_program(tmp_path: Path) -> None:
    random = Random(_SEED)

    async def test(seen: list[dict[str, Any]]) -> None:
        for _ in range(_COUNT):
            greeting = _greeting(random)
            reader, writer = await _connected(tmp_path)
            with suppress(ConnectionError):
                writer.write(greeting)
                writer.write_eof()
                answer = await reader.read()
                # At most the answer to a challenge, which says nothing to whoever has no secret.
                assert answer.count(b"\n") <= 1, greeting
            writer.close()
        assert seen == []
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []
