"""The judge of the fault tests notices each kind of damage: one is done by hand at a time."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenarios.faults.homes import FOREIGN_NAME, Ended, Home, Provider
from tests.scenarios.faults.judge import violations
from tests.scenarios.faults.ledger_service import ledger_file
from tests.scenarios.faults.stored_state import StoredState, stored_state

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the folders are those of Linux")

Damage = Callable[[Home], None]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Ended]]:
    """Return a home in which everything went well, and how its last start ended."""
    folder = tmp_path_factory.mktemp("judge")
    with Provider(folder / "provider") as provider:
        home = Home(folder / "home", provider)
        home.make()
        assert home.run(home.enhance_arguments()).code == 0
        yield home, home.resume()


def test_nothing_is_said_where_everything_went_well(finished: tuple[Home, Ended]) -> None:
    home, last = finished
    assert len(home.charges) == 3
    assert violations(home, stored_state(home.database), [last]) == []


def _charge_again(home: Home) -> None:
    _append_charge(home, dict(home.charges[0]))


def _charge_unknown(home: Home) -> None:
    _append_charge(home, {**home.charges[0], "chtaskid": "of nobody"})


def _append_charge(home: Home, charge: dict[str, object]) -> None:
    with ledger_file(home.provider.folder, home.account).open("a") as file:
        file.write(json.dumps(charge) + "\n")


def _cut_file(home: Home) -> None:
    os.truncate(home.results / "a-enhance.png", 5000)


def _remove_file(home: Home) -> None:
    (home.results / "a-enhance.png").unlink()


def _remove_sidecar(home: Home) -> None:
    (home.results / "a-enhance.json").unlink()


def _swap_sidecar_digest(home: Home) -> None:
    path = home.results / "a-enhance.json"
    data = json.loads(path.read_text())
    data["after"]["sha256"] = "00"
    path.write_text(json.dumps(data))


def _leave_part(home: Home) -> None:
    (home.results / ".abc-0.part").touch()


def _change_foreign(home: Home) -> None:
    (home.results / FOREIGN_NAME).write_bytes(b"new")


def _damage_database(home: Home) -> None:
    with home.database.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(8 * 4096))


def _set_back(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("DROP TRIGGER task_step")
        connection.execute("UPDATE task SET state = 'accepted' WHERE id = 1")
        connection.commit()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_charge_again, "a was charged 2 times"),
        (_charge_unknown, "a charge for a belongs to no attempt on record"),
        (_cut_file, "the file of a is not what the provider made"),
        (_remove_file, "the file of a is gone"),
        (_remove_sidecar, "a has no sidecar of its own"),
        (_swap_sidecar_digest, "the sidecar of a tells of another file"),
        (_leave_part, "….0.part was left in the folder of results"),
        (_change_foreign, "a file of somebody else was changed"),
        (_damage_database, "the database is damaged"),
        (_set_back, "a was left accepted by an undisturbed start"),
        (_set_back, "a was charged and is accepted"),
    ],
)
def test_damage_is_noticed(finished: tuple[Home, Ended], damage: Damage, said: str) -> None:
    home, last = finished
    before = stored_state(home.database)
    folders = (home.folder, home.provider.folder)
    kept = {
        path: path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }
    try:
        damage(home)
        found = violations(home, before, [last])
    finally:
        _restore(folders, kept)
    assert any(words.startswith(said) for words in found), found


def _restore(folders: tuple[Path, ...], kept: dict[Path, bytes]) -> None:
    for path in [path for folder in folders for path in folder.rglob("*") if path.is_file()]:
        if path not in kept:
            path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)


def test_a_doubt_that_no_start_tells_of_is_noticed(finished: tuple[Home, Ended]) -> None:
    home, last = finished
    now = stored_state(home.database)
    sending = (replace(now.tasks[0], state="sending"), *now.tasks[1:])
    found = violations(home, StoredState(sending, "ok"), [last])
    assert found == ["what was being sent was not listed as in doubt: a"]


def test_a_wrong_exit_code_and_a_start_that_hangs_are_noticed(
    finished: tuple[Home, Ended],
) -> None:
    home, last = finished
    before = stored_state(home.database)
    assert violations(home, before, [replace(last, code=4)]) == ["--resume ended with 4 and not 0"]
    assert violations(home, before, [replace(last, hung=True)]) == ["a start after the fault hung"]
