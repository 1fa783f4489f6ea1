"""What is wrong with a command is told before anything is sent, and in words that can be read."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from enhance_gui.command_line.console.output import plain
from enhance_gui.command_line.main import window_inputs
from enhance_gui.core.errors import UsageError
from enhance_gui.storage.folders import user_folders
from tests.scenarios.running import profile_of, with_provider
from tests.support.mounts import needs_mounts, small_disk
from tests.support.pictures import picture_bytes
from tests.support.program import Ended, run, write_profile
from tests.support.provider import Provider

_TOO_LONG = "x" * 300
"""No file has a name as long as this."""


def _run(*arguments: str | Path) -> Ended:
    return asyncio.run(run(*arguments))


def _assert_refused(done: Ended, *words: str) -> None:
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    for word in words:
        assert word in done.err


# -- the save folder ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("file/sub", "make it writable, or name another one with --save"),
        ("file", "is not a folder"),
        (_TOO_LONG, "make it writable, or name another one with --save"),
    ],
)
def test_a_folder_in_which_nothing_can_be_saved_is_told_before_anything_is_paid(
    tmp_path: Path, name: str, words: str
) -> None:
    async def test(provider: Provider) -> None:
        (tmp_path / "file").write_text("not a folder")
        profile = write_profile(tmp_path / "studio.toml", profile_of(provider))
        service = ("--service", profile, "--save", tmp_path / name)
        done = await run("enhance", *service, *provider.pictures("abc"), token="t")
        _assert_refused(done, words, str(tmp_path / name))
        assert provider.requests == []

    with_provider(test)


@pytest.mark.skipif(sys.platform != "linux", reason="a folder in which nobody can make a file")
def test_a_folder_is_not_believed_to_take_files_because_its_rights_say_so() -> None:
    _assert_refused(_run("enhance", "a.jpg", "--save", "/proc"), "(No such file or directory)")


def test_a_folder_named_for_stored_work_is_looked_at_and_left_empty(tmp_path: Path) -> None:
    done = _run("enhance", "--resume", "--save", tmp_path / "new" / "results")
    assert done.code == 0, done.err
    assert list((tmp_path / "new" / "results").iterdir()) == []


@needs_mounts
def test_a_full_disk_is_no_reason_to_refuse_since_room_may_be_made(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    with small_disk(place, 64):
        subprocess.run(["mount", "-o", "remount,nr_inodes=1", place], check=True)
        assert _run("enhance", "--resume", "--save", place / "results").code == 0
        assert list(place.iterdir()) == []


# -- names that are too long, or none -------------------------------------------------------------


@pytest.mark.parametrize("command", [["enhance", "a.jpg"], ["token", "status"]])
def test_a_service_whose_name_no_file_could_have_is_told_to_be_unknown(command: list[str]) -> None:
    _assert_refused(_run(*command, "--service", _TOO_LONG), "is neither a service")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["enhance", "a.jpg"], "--save"),
        (["enhance", "a.jpg"], "--list"),
        (["enhance", "a.jpg"], "--service"),
        (["token", "status"], "--service"),
        (["serve"], "--data"),
        (["serve"], "--host"),
    ],
)
def test_an_empty_name_is_refused(command: list[str], option: str) -> None:
    _assert_refused(_run(*command, option, ""), f"argument {option}: must not be empty")


def test_an_unknown_service_is_named_although_a_file_has_a_mistake() -> None:
    folder = user_folders().profiles
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text('name = "Studio"\nbase_ulr = "https://example.org"\n')
    done = _run("enhance", "a.jpg", "--service", "Stduio")
    _assert_refused(done, "“Stduio” is neither a service", "broken.toml")


# -- the window's command line --------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["x.jpg", "--json"], ["--json", "x.jpg"], ["--json=yes"], ["--verbose", "--json"]]
)
def test_an_option_that_the_window_does_not_have_is_refused(arguments: list[str]) -> None:
    _assert_refused(_run(*arguments), "the window has no option “--json”", "./")


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
@pytest.mark.parametrize("before", [["nosuch"], ["--verbose", "x.jpg"]])
def test_help_and_version_are_given_wherever_they_stand(before: list[str], option: str) -> None:
    done = _run(*before, option)
    assert done.code == 0, done.err
    assert done.out.startswith("enhance-gui " if option == "--version" else "usage: enhance-gui ")


def test_what_follows_two_dashes_is_an_input_whatever_it_looks_like() -> None:
    assert window_inputs(["--verbose", "a.jpg", "--", "--json", "--"]) == ["a.jpg", "--json", "--"]
    assert window_inputs(["a.jpg", "enhance"]) == ["a.jpg", "enhance"]


def test_the_value_of_an_unknown_option_is_not_printed() -> None:
    with pytest.raises(UsageError) as caught:
        window_inputs(["--token=c4n4ry"])
    assert "“--token”" in caught.value.detail
    assert "c4n4ry" not in caught.value.detail


# -- characters that are not for the eye ----------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no file has such a name there")
def test_a_name_cannot_move_the_cursor_nor_turn_the_letters(tmp_path: Path) -> None:
    name = "a\x1b[31m\u202egnp\n.jpg"
    (tmp_path / name).write_bytes(b"not a picture")
    done = _run("enhance", "--json", "--save", tmp_path / "results", tmp_path / name)
    assert done.code == 1, done.err
    assert r"a\x1b[31m\u202egnp\n.jpg" in done.err
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err
    (line,) = done.lines()
    assert line["input"] == str(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32", reason="no folder has such a name there")
def test_a_program_gets_the_path_of_a_result_as_it_is(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(picture_bytes("png", 100, 100))
    folder = tmp_path / "a\u202eb"
    done = _run("enhance", "--save", folder, picture)
    assert done.code == 0, done.err
    assert Path(done.out.rstrip("\n")).parent == folder
    assert "\u202e" not in done.err


@pytest.mark.parametrize(
    "harmless", ["", "a b.jpg", "Łódź 猫.png", "300\u00a0s", "\u3000", "1\u202f000"]
)
def test_letters_and_spaces_of_every_language_stay_as_they_are(harmless: str) -> None:
    assert plain(harmless) == harmless
