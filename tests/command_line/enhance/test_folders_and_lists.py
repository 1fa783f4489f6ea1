"""Folders among the arguments of ``enhance``, and lists as other programs write them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from tests.command_line.enhance.test_enhance import Desk
from tests.scenarios.running import with_provider
from tests.support.pictures import picture_bytes
from tests.support.program import run
from tests.support.provider import Provider


def test_a_folder_gives_a_line_for_each_of_its_pictures(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "sub").mkdir(parents=True)
    for name in ("b.png", "sub/a.png"):
        (photos / name).write_bytes(picture_bytes("png"))
    (photos / "notes.txt").write_text("x")
    results = tmp_path / "results"
    done = asyncio.run(run("enhance", photos, "--save", results, "--json"))
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert sorted(line["input"] for line in lines) == [
        str(photos / "b.png"),
        str(photos / "sub/a.png"),
    ]
    assert {line["state"] for line in lines} == {"saved"}


def test_a_folder_without_pictures_is_an_input_that_failed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = asyncio.run(run("enhance", tmp_path / "empty", "--json"))
    assert done.code == 1
    (line,) = done.lines()
    assert line["input"] == str(tmp_path / "empty")
    assert line["state"] == "failed"
    assert "“empty” contains no pictures." in done.err


def test_a_list_in_utf_16_gives_inputs(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        urls = "\r\n".join(provider.pictures("ab"))
        (tmp_path / "list.txt").write_text(urls, "utf-16")
        done = await Desk(tmp_path, provider).enhance("--list", str(tmp_path / "list.txt"))
        assert done.code == 0, done.err
        assert len(done.lines()) == 2

    with_provider(test)


def test_how_an_older_list_was_read_is_told(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_bytes(f"{tmp_path}/Köln.png\n".encode("cp1252"))
    (tmp_path / "Köln.png").write_bytes(picture_bytes("png"))
    arguments = ("--list", listed, "--save", tmp_path / "results", "--json")
    done = asyncio.run(run("enhance", *arguments))
    assert done.code == 0, done.err
    assert "is not in UTF-8" in done.err


@pytest.mark.parametrize("name", ["picture.txt", "folder", "missing.txt"])
def test_why_a_list_cannot_be_read_is_said_in_our_words(name: str, tmp_path: Path) -> None:
    (tmp_path / "picture.txt").write_bytes(picture_bytes("png"))
    (tmp_path / "folder").mkdir()
    done = asyncio.run(run("enhance", "--list", tmp_path / name))
    assert done.code == 2
    assert "The list cannot be read" in done.err
    assert name in done.err
    for word in ("codec", "Errno", "Traceback", ".."):
        assert word not in done.err


def test_a_folder_that_a_list_names_stays_closed(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(picture_bytes("png"))
    (tmp_path / "list.txt").write_text(str(tmp_path / "photos"))
    done = asyncio.run(run("enhance", "--list", tmp_path / "list.txt", "--json"))
    assert done.code == 1
    assert "it is a folder" in done.out


def test_a_login_of_an_address_is_not_kept(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        address = provider.url("/a.jpg").replace("//", "//me:s3cret@")
        desk = Desk(tmp_path, provider)
        done = await desk.enhance(address)
        assert done.code == 1
        (line,) = done.lines()
        assert line["input"] == address
        assert "add the file" in line["error"]["message"]
        assert provider.requests == []
        folders = user_folders()
        for path in (*folders.data.rglob("*"), *folders.log.parent.rglob("*")):
            assert not path.is_file() or b"s3cret" not in path.read_bytes()
        with sqlite3.connect(folders.database) as database:
            assert "me:s3cret" not in (kept := "\n".join(database.iterdump()))
            assert "…@" in kept
        database.close()

    with_provider(test)
