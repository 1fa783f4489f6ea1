"""The search for leaks finds a planted one in each place: otherwise its silence proves nothing."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.scenarios.secrets.searching import Artefacts
from tests.support.scriptable_service import SeenRequest

TOKEN = "C4n4ry/of+the-search"


def _seen(**parts: str) -> SeenRequest:
    headers = {"user-agent": "x", **({"token": parts["header"]} if "header" in parts else {})}
    return SeenRequest(
        "GET", parts.get("target", "/a.jpg"), headers, parts.get("body", "").encode()
    )


def _log(artefacts: Artefacts, folder: Path) -> None:
    (folder / "enhance-gui.log").write_text(f"INFO a: the token is {TOKEN}\n")
    artefacts.add_files(folder)


def _older_log(artefacts: Artefacts, folder: Path) -> None:
    (folder / "enhance-gui.log.2").write_text(f"url=https%3A%2F%2Fh%2F%3Ft={quote(TOKEN, safe='')}")
    artefacts.add_files(folder)


def _settings(artefacts: Artefacts, folder: Path) -> None:
    (folder / "preferences.json").write_text(json.dumps({"deep": [{"token": TOKEN}]}))
    artefacts.add_files(folder)


def _state_of_the_window(artefacts: Artefacts, folder: Path) -> None:
    geometry = base64.b64encode(b"\x01\xd9" + TOKEN.encode() + b"\0").decode()
    (folder / "window.json").write_text(json.dumps({"geometry": geometry, "look": "rows"}))
    artefacts.add_files(folder)


def _temporary_file(artefacts: Artefacts, folder: Path) -> None:
    (folder / "tmp1234").write_bytes(b"\0\0" + TOKEN.encode() + b"\0")
    artefacts.add_files(folder)


def _name_of_a_file(artefacts: Artefacts, folder: Path) -> None:
    (folder / TOKEN.replace("/", "%2F").replace("+", "%2B")).touch()
    artefacts.add_files(folder)


def _database(artefacts: Artefacts, folder: Path) -> None:
    database = sqlite3.connect(folder / "tasks.sqlite3")
    database.execute("CREATE TABLE t (a)")
    database.execute("INSERT INTO t VALUES (?)", (TOKEN,))
    database.commit()
    database.close()
    artefacts.add_files(folder)


def _write_ahead_log(artefacts: Artefacts, folder: Path) -> None:
    database = sqlite3.connect(folder / "tasks.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE t (a)")
    database.execute("INSERT INTO t VALUES (?)", (TOKEN,))
    database.commit()
    assert TOKEN.encode() not in (folder / "tasks.db").read_bytes()
    artefacts.add_files(folder)
    database.close()


def _process(artefacts: Artefacts, *arguments: str, **environment: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "input()", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    artefacts.add_processes(process.pid)
    process.communicate(b"\n")


def _argument(artefacts: Artefacts, _: Path) -> None:
    _process(artefacts, f"--token={TOKEN}")


def _environment(artefacts: Artefacts, _: Path) -> None:
    _process(artefacts, ENHANCE_GUI_TOKEN=TOKEN)


def _standard_output(artefacts: Artefacts, _: Path) -> None:
    artefacts.add("standard output", json.dumps({"error": {"message": f"bad token {TOKEN}"}}))


def _standard_error(artefacts: Artefacts, _: Path) -> None:
    artefacts.add("standard error", f"Authorization: Basic {_basic()}")


def _basic() -> str:
    return base64.b64encode(f"user:{TOKEN}".encode()).decode()


def _header_to_a_picture_host(artefacts: Artefacts, _: Path) -> None:
    artefacts.add_requests([_seen(), _seen(header=TOKEN)], "a picture host")


def _query_to_a_picture_host(artefacts: Artefacts, _: Path) -> None:
    artefacts.add_requests([_seen(target=f"/a.jpg?{quote(TOKEN)}")], "a picture host")


def _body_to_a_picture_host(artefacts: Artefacts, _: Path) -> None:
    artefacts.add_requests([_seen(body=TOKEN)], "a picture host")


@pytest.mark.parametrize(
    "plant",
    [
        _log,
        _older_log,
        _settings,
        _state_of_the_window,
        _temporary_file,
        _name_of_a_file,
        _database,
        _write_ahead_log,
        pytest.param(
            _argument, marks=pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
        ),
        pytest.param(
            _environment, marks=pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
        ),
        _standard_output,
        _standard_error,
        _header_to_a_picture_host,
        _query_to_a_picture_host,
        _body_to_a_picture_host,
    ],
    ids=lambda plant: plant.__name__.strip("_"),
)
def test_a_planted_leak_is_found(plant: Callable[[Artefacts, Path], None], tmp_path: Path) -> None:
    artefacts = Artefacts()
    artefacts.add("standard output", "nothing of interest")
    artefacts.add_files(tmp_path)
    assert artefacts.leaks(TOKEN) == []
    plant(artefacts, tmp_path)
    assert artefacts.leaks(TOKEN)
