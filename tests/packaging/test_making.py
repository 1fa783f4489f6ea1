"""The environment is made once, anew when it must be, and never used half-made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import making
import pins
import pytest
from environment import Environment, candidates, find_ready
from folder_lock import take_lock
from messages import SetUpFailed

PACKAGING = Path(making.__file__).parent


class Recipe:
    """Fills a folder with what a ready environment has, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, environment: Environment, lock: IO[bytes]) -> None:
        assert environment.stamp.read_text() == "unfinished"
        self.calls += 1
        environment.python.parent.mkdir()
        environment.python.touch()
        environment.command("enhance-gui").touch()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "check out"
    (root / pins.FOLDER).mkdir(parents=True)
    (root / pins.FOLDER / "program.txt").write_text("httpx==1\n")
    (root / pins.FOLDER / "models.txt").write_text("nets==1\n")
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\n'
        '[project]\ndependencies = ["httpx>=1", "PySide6-Essentials>=6"]\n'
    )
    return root


def test_it_is_made_once_and_then_used(checkout: Path) -> None:
    recipe = Recipe()
    places = candidates(".venv", root=checkout)
    assert find_ready(places) is None
    made = making.make(places, recipe)
    assert made.folder == checkout / ".venv"
    assert find_ready(places) == made
    assert making.make(places, recipe) == made
    assert recipe.calls == 1


@pytest.mark.parametrize(
    "changed", ["pyproject.toml", "packaging/pinned/program.txt", "packaging/pinned/models.txt"]
)
def test_a_change_of_what_it_depends_on_makes_it_anew(checkout: Path, changed: str) -> None:
    recipe = Recipe()
    places = candidates(".venv", root=checkout)
    making.make(places, recipe)
    left = checkout / ".venv" / "left-over"
    left.touch()
    with (checkout / changed).open("a") as file:
        file.write("\n# changed\n")
    assert find_ready(places) is None
    making.make(places, recipe)
    assert recipe.calls == 2
    assert not left.exists()


def test_a_moved_checkout_makes_it_anew(checkout: Path) -> None:
    making.make(candidates(".venv", root=checkout), Recipe())
    moved = checkout.rename(checkout.with_name("moved"))
    assert find_ready(candidates(".venv", root=moved)) is None


def test_one_that_was_broken_off_is_not_used_but_made_anew(checkout: Path) -> None:
    def broken_off(environment: Environment, lock: IO[bytes]) -> None:
        Recipe()(environment, lock)
        (environment.folder / "half").touch()
        raise KeyboardInterrupt

    places = candidates(".venv", root=checkout)
    with pytest.raises(KeyboardInterrupt):
        making.make(places, broken_off)
    assert find_ready(places) is None
    made = making.make(places, Recipe())
    assert made.is_ready()
    assert not (made.folder / "half").exists()


def test_one_without_its_program_is_made_anew(checkout: Path) -> None:
    recipe = Recipe()
    places = candidates(".venv", root=checkout)
    made = making.make(places, recipe)
    made.command("enhance-gui").unlink()
    assert making.make(places, recipe).is_ready()
    assert recipe.calls == 2


def test_a_folder_that_a_person_made_is_kept(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious").touch()
    making.make(candidates(".venv", root=checkout), Recipe())
    assert (checkout / ".venv.kept-1" / "precious").exists()
    assert not (checkout / ".venv" / "precious").exists()


def test_two_at_once_make_it_once(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = Recipe()
    places = candidates(".venv", root=checkout)
    lock = take_lock(places[0].folder)
    second = threading.Thread(target=making.make, args=(places, recipe))
    second.start()
    second.join(0.3)
    assert second.is_alive()
    making._build(places[0], recipe, lock)
    lock.close()
    second.join(60)
    assert not second.is_alive()
    assert recipe.calls == 1
    assert "Another run" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows hands no locks to children")
def test_a_child_that_outlives_its_parent_keeps_the_lock(tmp_path: Path) -> None:
    lock = take_lock(tmp_path / ".venv")
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.fileno()]) as child:
        lock.close()
        waiting = threading.Thread(target=lambda: take_lock(tmp_path / ".venv").close())
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert child.stdin is not None
        child.stdin.close()
    waiting.join(60)
    assert not waiting.is_alive()


def test_a_checkout_that_cannot_be_written_gets_its_environment_in_the_cache(
    checkout: Path, own_home: Path
) -> None:
    places = [_unwritable(checkout), candidates(".venv", root=checkout)[1]]
    made = making.make(places, Recipe())
    assert made.folder.is_relative_to(own_home)
    assert made.root == checkout
    assert find_ready(candidates(".venv", root=checkout)) == made


def test_where_nothing_can_be_written_the_words_name_the_folders(checkout: Path) -> None:
    place = _unwritable(checkout)
    with pytest.raises(SetUpFailed, match=re.escape(str(place.folder))):
        making.make([place], Recipe())


def test_a_step_that_fails_shows_its_last_lines_and_what_to_do(tmp_path: Path) -> None:
    script = "print('first'); print('Temporary failure in name resolution'); raise SystemExit(1)"
    with (
        take_lock(tmp_path / ".venv") as lock,
        pytest.raises(SetUpFailed, match=r"(?s)first.*name resolution.*Check the network"),
    ):
        making._run_or_fail("pip", [sys.executable, "-c", script], lock)


def test_variables_that_lead_to_another_python_do_not_reach_pip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_CERT", "/certificate")
    variables = making._variables()
    assert "PYTHONPATH" not in variables
    assert variables["PIP_CERT"] == "/certificate"


def _unwritable(checkout: Path) -> Environment:
    # Root may write into any folder but the kernel's own.
    kernels = Path("/sys")
    if kernels.is_dir():
        return Environment(checkout, kernels / ".venv")
    sealed = checkout / "sealed"
    sealed.mkdir(mode=0o500)
    return Environment(checkout, sealed / ".venv")
