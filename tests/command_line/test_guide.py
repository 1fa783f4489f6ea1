"""Every command in the user guide, its translations and the operators' page does what it says."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from pathlib import Path

import pytest

from enhance_gui.core.resources import resource
from tests.support.pictures import picture_bytes
from tests.support.program import run, start


def _commands_in(guide: Path) -> list[str]:
    text = guide.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


_COMMANDS = _commands_in(resource("help/guide.md"))
_OF_OPERATORS = [
    line for line in _commands_in(resource("help/studio.md")) if line.startswith("enhance-gui ")
]


def test_there_are_some() -> None:
    assert len(_COMMANDS) >= 6
    assert len(_OF_OPERATORS) >= 6
    assert all(each.startswith("enhance-gui ") for each in _COMMANDS)


@pytest.mark.parametrize(
    "translation", sorted(resource("help").glob("guide.*.md")), ids=lambda path: path.name
)
def test_a_translation_has_the_same(translation: Path) -> None:
    assert _commands_in(translation) == _COMMANDS


@pytest.mark.parametrize("command", [*_COMMANDS, *_OF_OPERATORS])
def test_it_works_as_it_is_written(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(picture_bytes("jpg"))
    Path("addresses.txt").write_text(f"{tmp_path / 'photo.jpg'}\n", encoding="utf-8")
    Path("users.toml").touch()
    words = shlex.split(command)[1:]
    if words[0] == "serve" and not {"--add-user", "--usage"} & set(words):
        asyncio.run(_serves(words))
        return
    if words[0] == "worker":
        asyncio.run(_works(words))
        return
    ended = asyncio.run(run(*words))
    # A report says what is missing on this computer, too.
    assert ended.code in ((0, 1) if words[0] == "doctor" else (0,)), ended.err
    assert "Traceback" not in ended.err
    if "--save" in words:
        assert list(Path("results").glob("photo-*.jpg"))


async def _serves(words: list[str]) -> None:
    process = await start(*words)
    assert process.stdout is not None
    first = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
    process.terminate()
    await process.communicate()
    assert first["token"]
    assert first["base_url"].startswith("http")


async def _works(words: list[str]) -> None:
    process = await start(*words)
    assert process.stderr is not None
    first = await asyncio.wait_for(process.stderr.readline(), 60)
    assert b"looking for the scheduler at tcp://" in first
    process.terminate()
    await process.communicate()
    assert process.returncode == 0
