"""The check of the Debian package sees what an upgrade has lost, and takes older packages only."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from deb_check import upgrade
from deb_check.database import lost, stored
from deb_check.provider import SilentProvider
from messages import SetUpFailed

from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA
from tests.packaging.builds import ROOT

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg")


def package(folder: Path, version: str) -> Path:
    """Make a package that holds nothing."""
    control = folder / version / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    control.write_text(
        f"Package: enhance-gui\nVersion: {version}\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.org>\nDescription: nothing\n"
    )
    path = folder / f"{version}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(control.parents[1]), str(path)],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return path


@needs_dpkg
def test_an_older_package_is_taken_as_it_is(tmp_path: Path) -> None:
    older, newer = package(tmp_path, "1.9.0"), package(tmp_path, "1.10.0")
    assert upgrade.chosen_or_made(older, newer, tmp_path) == older


@needs_dpkg
@pytest.mark.parametrize("version", ["1.9.0", "1.10.0"])
def test_a_package_that_is_not_older_is_refused(version: str, tmp_path: Path) -> None:
    other, checked = package(tmp_path, version), package(tmp_path / "checked", "1.9.0")
    with pytest.raises(SetUpFailed, match=rf"{version}.* not below 1\.9\.0"):
        upgrade.chosen_or_made(other, checked, tmp_path)


@needs_dpkg
def test_without_an_older_package_the_same_is_made_older(tmp_path: Path) -> None:
    made = upgrade.chosen_or_made(None, package(tmp_path, "1.9.0"), tmp_path)
    reported = subprocess.run(
        ["dpkg-deb", "-f", str(made), "Version"], capture_output=True, text=True, check=True
    )
    assert reported.stdout.strip() == upgrade.OLDER


def database(folder: Path, version: int) -> Path:
    """Make a list of tasks in an older shape, with one task in it."""
    folder.mkdir()
    file = folder / "tasks.sqlite3"
    with closing(sqlite3.connect(file)) as made:
        for step in STEPS_OF_SCHEMA[:version]:
            made.executescript(step)
        made.execute(f"PRAGMA user_version = {version}")
        made.execute("INSERT INTO service VALUES ('S', '{}')")
        made.execute(
            "INSERT INTO task (id, input, service, type_id, type_name, save_folder, state,"
            " created_at) VALUES (1, 'a.jpg', 'S', 1, 'T', '/out', 'failed', 'then')"
        )
        made.execute("INSERT INTO event VALUES (1, 1, 'fail', 'queued', 'failed', 'why', 'then')")
        made.commit()
    return file


def test_what_a_newer_version_adds_is_no_loss_and_what_it_changes_is_one(tmp_path: Path) -> None:
    file = database(tmp_path / "data", version=1)
    before = stored(file.parent)
    assert before.states == {1: "failed"}
    with closing(sqlite3.connect(file)) as opened:
        for step in STEPS_OF_SCHEMA[1:]:
            opened.executescript(step)
        opened.execute(f"PRAGMA user_version = {len(STEPS_OF_SCHEMA)}")
        opened.commit()
    after = stored(file.parent)
    assert (before.version, after.version) == (1, len(STEPS_OF_SCHEMA))
    assert lost(before, after, {1}) == []
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("DROP TRIGGER event_is_kept")
        opened.execute("DELETE FROM event")
        opened.execute("UPDATE task SET save_folder = '/elsewhere'")
        opened.commit()
    changed = lost(before, stored(file.parent), {1})
    assert [each.partition(":")[0] for each in changed] == ["task", "event"]
    assert lost(before, stored(file.parent), set()) == []


def test_the_provider_has_pictures_notes_headers_and_never_answers() -> None:
    with SilentProvider(ROOT / "resources" / "screenshots" / "empty-light.jpg") as provider:
        with closing(HTTPConnection(*provider.server_address)) as caller:
            caller.request("GET", "/a.jpg")
            assert caller.getresponse().read() == provider.picture
        with closing(HTTPConnection(*provider.server_address)) as caller:
            caller.request("GET", "/missing.jpg")
            assert caller.getresponse().status == HTTPStatus.NOT_FOUND
        with closing(HTTPConnection(*provider.server_address)) as caller:
            caller.request("POST", "/create", b"{}", {"Authorization": "Bearer of it"})
            with pytest.raises((HTTPException, ConnectionError)):
                caller.getresponse()
        assert len(provider.received) == 1
        assert "Bearer of it" in provider.received[0]
        provider.shutdown()
