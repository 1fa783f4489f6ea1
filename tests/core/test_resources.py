"""The program finds its own files in a checkout, an installed wheel and a frozen build."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from enhance_gui.core.resources import resource
from enhance_gui.core.services.model_files import find_model

ROOT = Path(__file__).resolve().parents[2]
NAME = "profiles/this-computer.toml"


def test_in_a_checkout_they_lie_beside_the_package() -> None:
    assert resource(NAME) == ROOT / "resources" / NAME


def test_one_that_does_not_ship_is_an_error_that_names_it() -> None:
    with pytest.raises(FileNotFoundError, match=r"profiles/nobody\.toml"):
        resource("profiles/nobody.toml")


def test_in_a_frozen_build_they_lie_where_it_was_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource(_plant(tmp_path)) == tmp_path / "resources" / "planted.txt"


def test_in_a_frozen_build_of_another_kind_they_lie_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "enhance-gui"))
    assert resource(_plant(tmp_path)) == tmp_path / "resources" / "planted.txt"


@pytest.mark.long
def test_the_wheel_is_built_holds_them_and_finds_them_when_installed(tmp_path: Path) -> None:
    _run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(tmp_path), str(ROOT))  # fmt: skip
    [wheel] = tmp_path.glob("*.whl")
    resources = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    expected = {f"enhance_gui/resources/{_inside(path)}" for path in resources}
    held = set(zipfile.ZipFile(wheel).namelist())
    assert expected
    assert expected <= held
    nets = {name for name in held if name.startswith("enhance_gui/resources/models/waifu2x")}
    # Those of others come along where the environment that builds has them, with their licences.
    assert len(nets) == (0 if find_model("waifu2x-photo.bin") is None else 11)
    assert {name.partition("/")[0].partition("-")[0] for name in held} == {"enhance_gui"}

    python = _environment_with(tmp_path / "environment", wheel)
    found = _run(
        str(python), "-c",
        f"from enhance_gui.core.resources import resource; print(resource({NAME!r}))",
    )  # fmt: skip
    folder = Path(found.strip())
    assert folder.is_relative_to(tmp_path / "environment")
    assert folder.read_bytes() == (ROOT / "resources" / NAME).read_bytes()
    assert python.with_name(f"enhance-gui{python.suffix}").exists()


def _environment_with(folder: Path, wheel: Path) -> Path:
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    scripts = sysconfig.get_path("scripts", "venv", {"base": str(folder)})
    python = Path(scripts) / Path(sys.executable).name
    _run(sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", str(wheel))
    return python


def _run(*command: str) -> str:
    # Away from the checkout, whose package would be found before the installed one.
    done = subprocess.run(
        command, cwd=Path(command[0]).parent, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _inside(path: Path) -> str:
    return path.relative_to(ROOT / "resources").as_posix()


def _plant(folder: Path) -> str:
    (folder / "resources").mkdir()
    (folder / "resources" / "planted.txt").touch()
    return "planted.txt"
