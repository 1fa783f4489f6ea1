"""The command line where its streams are closed, or lead to what does not know every letter."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import enhance_gui
from enhance_gui.storage.folders import user_folders
from tests.scenarios.running import profile_of, with_provider
from tests.support.program import OF_A_BUSY_COMPUTER, write_profile
from tests.support.provider import Provider

_PROGRAM = (sys.executable, "-X", "dev", "-m", "enhance_gui")


def _write_named(name: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    text = f'name = "{name}"\nbase_url = "https://example.org"\n'
    (folder / "1.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_output_that_does_not_know_a_letter_ends_nothing(more: list[str]) -> None:
    _write_named("Łódź", user_folders().profiles)
    done = subprocess.run(
        [*_PROGRAM, "services", *more],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=True,
    )
    line = done.stdout.splitlines()[1]
    if more:
        assert json.loads(line.decode("utf-8"))["name"] == "Łódź"
    else:
        assert line.startswith(b"\\u0141\xf3d\\u017a: ")
    assert done.stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&- <&-"])
def test_a_closed_stream_ends_nothing(tmp_path: Path, closed: str) -> None:
    async def test(provider: Provider) -> None:
        profile = write_profile(tmp_path / "studio.toml", profile_of(provider, needs_token=False))
        words = ("enhance", "--service", profile, "--save", tmp_path, provider.url("/a.jpg"))
        command = " ".join(map(str, (*_PROGRAM, *words, closed)))
        process = await asyncio.create_subprocess_shell(command)
        assert await process.wait() == 0
        assert (tmp_path / "a-enhance.png").exists()

    with_provider(test)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize("words", ["enhance --list -", "token set --service Studio"])
def test_a_closed_input_is_told(words: str) -> None:
    _write_named("Studio", user_folders().profiles)
    command = " ".join((*_PROGRAM, words, "<&-"))
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == 2
    assert "standard input is closed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_save_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    command = [*map(os.fsencode, _PROGRAM), b"enhance", b"--save", folder, b"a.jpg"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is no valid text" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_picture_in_a_folder_whose_name_is_no_text_fails_alone(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    Path(os.fsdecode(folder)).mkdir()
    command = [*_PROGRAM, "enhance", "--json", "--save", str(tmp_path), "a.jpg"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(enhance_gui.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (line,) = map(json.loads, done.stdout.splitlines())
    assert line["input"] == "a.jpg"
    assert line["error"]["kind"] == "picture_missing"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="made unusable by a file of the system")
def test_an_unusable_folder_of_the_program_is_named_as_what_it_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [*_PROGRAM, "enhance", "--json", "--save", tmp_path, "a.jpg"],
        env={**os.environ, "XDG_DATA_HOME": "/dev/null/x", "HOME": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The program's own folder cannot be used" in done.stderr
    assert "save folder" not in done.stderr
    # Its last words are read to the end, although the run was broken off.
    assert [json.loads(line)["state"] for line in done.stdout.splitlines()] == ["cancelled"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk, as Linux plays it")
@pytest.mark.parametrize("words", ["services", "services --json", "token status", "--version"])
def test_an_answer_that_cannot_be_written_is_told_in_a_sentence(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*_PROGRAM, *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    said = "enhance-gui: standard output cannot be written to: No space left on device\n"
    assert OF_A_BUSY_COMPUTER.sub("", done.stderr) == said
