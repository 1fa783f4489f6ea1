"""Trained nets: tiles, maps, and a program without them."""

from __future__ import annotations

import logging
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from PIL import Image
from training.ncnn_files import INPUT, OUTPUT, write_pair
from training.nets import NETS

from enhance_gui.core.resources import resource
from enhance_gui.core.services import model_files
from enhance_gui.core.services.model_files import NETS_VARIABLE
from enhance_gui.service.engine.catalogue import (
    PORTRAIT,
    QUICK_UPSCALE_2,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
)
from enhance_gui.service.engine.nets import nets
from enhance_gui.service.engine.nets.nets import find_net
from enhance_gui.service.engine.people import faces
from enhance_gui.service.engine.pixels.decode import read_picture
from enhance_gui.service.engine.repair.clean import find_cleaning
from tests.packaging.training import plain_numpy
from tests.service.engine.photographs import Array, noisy, photograph, psnr_db, read, shrunk, work

_WHERE_IT_REACHES_OTHERS = pytest.mark.parametrize(
    ("reaches", "is_used", "is_used_on_jpeg"),
    [
        ({"reaches_others": True}, True, False),
        ({"reaches_others_up_to_jpeg": 0.6}, False, True),
        ({"reaches_others_up_to_jpeg": 0.5}, False, False),
        ({}, False, False),
    ],
)
"""What a recipe says, and which pictures its net is used for; the JPEG is one of quality 60."""

WAIFU2X = [f"waifu2x-photo{level}" for level in ("", "-0", "-1", "-2", "-3")]


@pytest.fixture
def no_nets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Have the environment hold no nets, as where they could not be fetched."""
    nets.find_net.cache_clear()
    faces._net.cache_clear()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "bare"))
    yield
    nets.find_net.cache_clear()
    faces._net.cache_clear()


@pytest.fixture
def not_even_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program hold no nets of its own, as where they were left out."""

    def missing(name: str) -> Path:
        raise FileNotFoundError(name)

    monkeypatch.setattr(model_files, "resource", missing)


@pytest.mark.parametrize("name", [*WAIFU2X, "ffdnet-color"])
def test_what_a_net_makes_of_a_part_does_not_depend_on_the_rest(name: str) -> None:
    net = find_net(name)
    assert net is not None
    margin_px, scale = net.facts.margin_px, net.facts.scale
    pixels = photograph("coffee")[:170, :150].astype(np.float32)
    whole = net(pixels, noise=0.05)
    assert whole.shape == ((170 - 2 * margin_px) * scale, (150 - 2 * margin_px) * scale, 3)
    part = net(pixels[60:, :110], noise=0.05)
    same = whole[60 * scale :, : (110 - 2 * margin_px) * scale]
    assert np.abs(part - same).max() < 0.2


def test_a_net_that_is_told_of_more_noise_takes_more_out() -> None:
    net = find_net("ffdnet-color")
    assert net is not None
    clean = photograph("chelsea")[40:151, 60:181]
    margin_px = net.facts.margin_px
    inner = clean[margin_px:-margin_px, margin_px:-margin_px]

    def error_db(reported: float) -> float:
        made = net(noisy(clean, 20).astype(np.float32), noise=reported / 255)
        return psnr_db(np.clip(np.rint(made), 0, 255).astype(np.uint8), inner)

    assert error_db(20) > error_db(8) + 3 > error_db(0) + 3


def test_the_strength_of_a_jpeg_is_told_by_its_tables(tmp_path: Path) -> None:
    strengths = []
    for quality in (100, 95, 80, 50, 20, 5):
        Image.fromarray(photograph("coffee")[:64, :64]).save(tmp_path / "a.jpg", quality=quality)
        strengths.append(read_picture(tmp_path / "a.jpg").jpeg_strength)
    assert strengths == pytest.approx([0.08, 0.2, 0.4, 0.63, 1, 1], abs=0.02)
    Image.fromarray(photograph("coffee")[:64, :64]).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").jpeg_strength == 0


@pytest.mark.usefixtures("no_nets", "not_even_our_own")
@pytest.mark.parametrize(("type_id", "factor"), [(UPSCALE_2, 2), (UPSCALE_4, 4)])
def test_without_nets_enlarging_is_done_classically_and_the_log_says_so_once(
    type_id: int, factor: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    truth = photograph("astronaut")[:256, 100:356]
    Image.fromarray(shrunk(truth, factor, "area")).save(tmp_path / "in.png")
    with caplog.at_level(logging.WARNING, nets.__name__):
        results = [work(type_id, tmp_path / "in.png") for _ in range(2)]
    assert psnr_db(read(tmp_path / results[0].after.name), truth) > 24
    said = [record.getMessage() for record in caplog.records]
    assert len([text for text in said if "waifu2x-photo is not installed" in text]) == 1


@pytest.mark.usefixtures("no_nets", "not_even_our_own")
def test_without_nets_noise_is_taken_out_classically(tmp_path: Path) -> None:
    truth = photograph("astronaut")[:256, 100:356]
    before: Array = noisy(truth, 10)
    Image.fromarray(before).save(tmp_path / "in.png")
    after = read(tmp_path / work(RESTORE, tmp_path / "in.png").after.name)
    assert psnr_db(after, truth) > psnr_db(before, truth) + 4


@pytest.mark.usefixtures("no_nets")
def test_without_the_net_for_faces_a_portrait_says_that_none_was_looked_for(
    tmp_path: Path,
) -> None:
    Image.fromarray(photograph("astronaut")[:256, 100:356]).save(tmp_path / "in.png")
    result = work(PORTRAIT, tmp_path / "in.png")
    assert result.faces == ()
    assert "not looked for" in result.message


@pytest.fixture(name="own_folder")
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Return a folder whose nets are used before all others."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv(NETS_VARIABLE, str(folder))
    nets.find_net.cache_clear()
    yield folder
    nets.find_net.cache_clear()


def _put(folder: Path, name: str, like: str, reaches: dict[str, float]) -> None:
    """Put a net into a folder.

    :param reaches: what its recipe says of where it is as good as those of others.
    """
    for ending in ("param", "bin"):
        shutil.copyfile(resource(f"models/{like}.{ending}"), folder / f"{name}.{ending}")
    recipe = tomllib.loads(resource(f"models/{like}.toml").read_text("utf-8"))
    recipe |= {"reaches_others": False, "reaches_others_up_to_jpeg": 0.0, **reaches}
    (folder / f"{name}.toml").write_text(tomlkit.dumps(recipe), encoding="utf-8")


def _enlarges_as_quick(folder: Path, file_name: str = "in.png") -> bool:
    # A cat's fur: what has no detail is left to "quick" in any case.
    Image.fromarray(photograph("chelsea")[100:164, 150:214]).save(folder / file_name, quality=60)
    default, quick = (
        read(folder / work(type_id, folder / file_name).after.name)
        for type_id in (UPSCALE_2, QUICK_UPSCALE_2)
    )
    return bool((default == quick).all())


@_WHERE_IT_REACHES_OTHERS
def test_our_own_default_net_enlarges_what_it_is_measured_to_enlarge_as_well_as_those_of_others(
    own_folder: Path,
    reaches: dict[str, float],
    is_used: bool,
    is_used_on_jpeg: bool,
    tmp_path: Path,
) -> None:
    _put(own_folder, "default", "quick", reaches)
    assert _enlarges_as_quick(tmp_path) is is_used
    assert _enlarges_as_quick(tmp_path, "in.jpg") is is_used_on_jpeg


@pytest.mark.usefixtures("no_nets")
def test_our_own_cleaner_takes_the_place_of_nets_that_are_not_there(tmp_path: Path) -> None:
    truth = photograph("astronaut")[:256, 100:356]
    spoilt = {"in.png": noisy(truth, 10), "in.jpg": truth}
    for name, wanted_db in (("in.png", 5.0), ("in.jpg", 0.5)):
        Image.fromarray(spoilt[name]).save(tmp_path / name, quality=40)
        before_db = psnr_db(read(tmp_path / name), truth)
        after = read(tmp_path / work(RESTORE, tmp_path / name).after.name)
        assert psnr_db(after, truth) > before_db + wanted_db


@pytest.mark.usefixtures("no_nets")
def test_our_own_default_net_takes_the_place_of_one_that_is_not_there(
    own_folder: Path, tmp_path: Path
) -> None:
    _put(own_folder, "default", "quick", {})
    assert _enlarges_as_quick(tmp_path)


@_WHERE_IT_REACHES_OTHERS
def test_our_own_cleaner_cleans_what_it_is_measured_to_clean_as_well_as_those_of_others(
    own_folder: Path, reaches: dict[str, float], is_used: bool, is_used_on_jpeg: bool
) -> None:
    pixels = noisy(photograph("coffee")[:96, :96], 10)
    smooth = photograph("coffee")[:96, :96]

    def cleaned() -> list[Array]:
        nets.find_net.cache_clear()
        found = [find_cleaning(pixels, 0.0), find_cleaning(smooth, 0.6)]
        return [one.clean(pixels) for one in found if one is not None]

    by_others = cleaned()
    net = NETS["cleaner"]
    write_pair(net, plain_numpy.drawn(net), own_folder)
    recipe: dict[str, object] = {"scale": 1, "margin_px": net.margin_px, "multiple_px": net.fold}
    recipe |= {"maps": list(net.maps), "input": INPUT, "output": OUTPUT}
    recipe |= reaches
    (own_folder / "cleaner.toml").write_text(tomlkit.dumps(recipe), encoding="utf-8")
    is_same = [np.array_equal(*pair) for pair in zip(by_others, cleaned(), strict=True)]
    assert is_same == [not is_used, not is_used_on_jpeg]
