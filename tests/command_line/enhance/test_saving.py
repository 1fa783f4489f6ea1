"""``--format``, ``--quality`` and ``--beside``: what they make, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enhance_gui.storage.folders import user_folders
from tests.command_line.enhance.test_enhance import Desk
from tests.scenarios.running import until, with_provider
from tests.support.pictures import picture_bytes
from tests.support.program import run
from tests.support.provider import Provider


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--format", "gif"], "invalid choice: 'gif'"),
        (["--format", ""], "invalid choice: ''"),
        (["--format", "jpg", "--quality", "0"], "must be a whole number from 1 to 100"),
        (["--format", "jpg", "--quality", "101"], "must be a whole number from 1 to 100"),
        (["--format", "jpg", "--quality", "high"], "must be a whole number from 1 to 100"),
        (["--quality", "80"], "--quality goes with --format same, jpg, webp or avif"),
        (["--format", "png", "--quality", "80"], "--quality goes with --format same"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_sent(
    tmp_path: Path, wrong: Sequence[str], words: str
) -> None:
    async def test(provider: Provider) -> None:
        done = await Desk(tmp_path, provider).enhance(*wrong, *provider.pictures("a"))
        assert done.code == 2
        assert words in done.err
        assert provider.charged == []

    with_provider(test)


def _sidecar(line: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(line["sidecar"]).read_text())
    return found


@pytest.mark.parametrize("kind", ["jpg", "webp", "tiff", "avif"])
def test_results_become_the_kind_that_is_named(tmp_path: Path, kind: str) -> None:
    async def test(provider: Provider) -> None:
        done = await Desk(tmp_path, provider).enhance("--format", kind, *provider.pictures("a"))
        assert done.code == 0, done.err
        (line,) = done.lines()
        assert line["left_out"] == []
        (file,) = line["files"]
        assert file.endswith(f".{kind}")
        sidecar = _sidecar(line)
        assert sidecar["edits"]["format"] == kind
        with Image.open(file) as image:
            assert image.size == (sidecar["after"]["width_px"], sidecar["after"]["height_px"])

    with_provider(test)


@pytest.mark.long
def test_stored_work_is_saved_as_the_kind_that_was_asked_for_and_else_as_it_is_resumed(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)

        def held(task: object) -> dict[str, object]:
            task.polls_left = 10_000  # type: ignore[attr-defined]
            return {}

        provider.record_of_new = held
        asked = ["--format", "tiff", *provider.pictures("ab"), "--timeout-s", "3"]
        assert (await desk.enhance(*asked)).code == 4
        await until(lambda: len(provider.tasks) == 2)
        provider.tasks["task-1"].polls_left = 0
        first = await desk.enhance("--resume", "--timeout-s", "6")
        saved = [line for line in first.lines() if line["state"] == "saved"]
        assert [Path(each["files"][0]).suffix for each in saved] == [".tiff"]
        for task in provider.tasks.values():
            task.polls_left = 0
        second = await desk.enhance("--resume", "--format", "webp", "--quality", "60")
        (line,) = second.lines()
        assert Path(line["files"][0]).suffix == ".webp"
        assert _sidecar(line)["edits"]["quality"] == 60
        assert len(provider.charged) == 2

    with_provider(test)


# -- beside the original --------------------------------------------------------------------------


def test_results_of_files_lie_beside_them_and_never_over_them(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(picture_bytes("jpg", 96, 64))
    taken = tmp_path / "one" / "a-quick-upscale-x2.jpg"
    taken.write_bytes(b"somebody else's")
    before = (tmp_path / "one" / "a.jpg").read_bytes()
    arguments = ["--beside", "--type", "Quick upscale ×2", "--save", str(tmp_path / "elsewhere")]
    files = [str(tmp_path / name / "a.jpg") for name in ("one", "two")]
    done = asyncio.run(run("enhance", *files, *arguments, "--json"))
    assert done.code == 0, done.err
    saved = {Path(line["input"]): Path(line["files"][0]) for line in done.lines()}
    assert {given: file.parent for given, file in saved.items()} == {
        Path(file): Path(file).parent for file in files
    }
    assert saved[Path(files[0])].name == "a-quick-upscale-x2 (2).jpg"
    assert saved[Path(files[1])].name == "a-quick-upscale-x2.jpg"
    assert taken.read_bytes() == b"somebody else's"
    assert (tmp_path / "one" / "a.jpg").read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()


def test_results_of_addresses_go_to_the_save_folder(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        done = await desk.enhance("--beside", *provider.pictures("a"))
        (line,) = done.lines()
        assert Path(line["files"][0]).parent == desk.results

    with_provider(test)


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is one of Linux")
def test_a_folder_of_originals_that_cannot_be_written_is_told_before_anything_is_sent() -> None:
    done = asyncio.run(run("enhance", "--beside", "/proc/version"))
    assert done.code == 2
    assert "nothing can be saved in the folder /proc" in done.err
    assert "leave --beside out" in done.err


def test_what_lies_in_folders_of_the_program_has_no_folder_of_its_own(tmp_path: Path) -> None:
    pasted = user_folders().pasted
    pasted.mkdir(parents=True)
    (pasted / "a.jpg").write_bytes(picture_bytes("jpg", 96, 64))
    results = tmp_path / "results"
    arguments = ["--beside", "--type", "Quick upscale ×2", "--save", str(results), "--json"]
    done = asyncio.run(run("enhance", pasted / "a.jpg", *arguments))
    (line,) = done.lines()
    assert Path(line["files"][0]).parent == results
