"""Detail that is made up: where it is offered, and what it must not do."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from enhance_gui.core.services.model_files import has_net, is_offered
from enhance_gui.service.engine.catalogue import AI_DETAIL_2, AI_DETAIL_4, UPSCALE_4
from enhance_gui.service.engine.enlarge.ai_detail import add_detail
from enhance_gui.service.engine.enlarge.upscale import enlarge
from enhance_gui.service.engine.nets.nets import Net, find_net
from enhance_gui.service.engine.people.faces import Face
from enhance_gui.service.engine.pixels.tiles import assemble
from tests.service.engine.photographs import Array, enhanced, photograph, psnr_db, shrunk

pytestmark = pytest.mark.skipif(not has_net("realesrgan-x4plus"), reason="Real-ESRGAN is not here")


@pytest.fixture(scope="module")
def net() -> Net:
    cv2.setNumThreads(1)
    found = find_net("realesrgan-x4plus")
    assert found is not None
    return found


def _face(side_px: int) -> Face:
    return Face(20, 20, side_px, ((24.0, 30.0),) * 6, 0.9)


def _small(name: str) -> Array:
    return shrunk(photograph(name)[:256, 100:356], 4, "area")


def test_seams_between_tiles_are_not_to_be_seen(net: Net) -> None:
    pixels = _small("astronaut")[:60, :60]
    tiled = assemble(add_detail(pixels, net, 4, 0.0, side_px=30), pixels, 4).astype(float)
    at_once = assemble(add_detail(pixels, net, 4, 0.0, side_px=60), pixels, 4)
    assert np.abs(tiled - at_once).mean() < 1.5
    across = np.abs(tiled[:, 120] - tiled[:, 119]).mean()
    assert across < 1.3 * np.abs(np.diff(at_once[:, 112:128].astype(float), axis=1)).mean()


def test_what_is_larger_than_a_few_pixels_is_the_inputs_and_the_rest_is_not(net: Net) -> None:
    pixels = _small("coffee")
    made = assemble(add_detail(pixels, net, 4, 0.0), pixels, 4)
    plain = assemble(enlarge(pixels, 4), pixels, 4)
    assert psnr_db(shrunk(made, 4, "area"), pixels) > 33
    assert np.abs(made.mean((0, 1)) - pixels.mean((0, 1))).max() < 0.5
    assert psnr_db(made, plain) < 38


def test_what_has_no_detail_gets_none(net: Net) -> None:
    pixels = _small("coffee")
    faint = (120 + 0.03 * (pixels.astype(float) - 120)).astype(np.uint8)
    made, plain = add_detail(faint, net, 4, 0.0), enlarge(faint, 4)
    assert np.array_equal(assemble(made, faint, 4), assemble(plain, faint, 4))


def test_twice_is_the_area_mean_of_four_times(net: Net) -> None:
    pixels = _small("chelsea")[:40, :40]
    four = assemble(add_detail(pixels, net, 4, 0.0), pixels, 4)
    two = assemble(add_detail(pixels, net, 2, 0.0), pixels, 2)
    assert psnr_db(two, shrunk(four, 2, "area")) > 50


@pytest.mark.parametrize(("side_px", "is_left"), [(20, True), (70, False)])
def test_small_faces_are_left_to_the_faithful_enlarging(
    net: Net, side_px: int, *, is_left: bool
) -> None:
    pixels = _small("astronaut")[:60, :60]
    made = assemble(add_detail(pixels, net, 4, 0.0, [_face(side_px)]), pixels, 4)
    plain = assemble(enlarge(pixels, 4), pixels, 4)
    within = slice(100, 140)
    assert (psnr_db(made[within, within], plain[within, within]) > 40) is is_left
    assert psnr_db(made[:20], plain[:20]) < 45


@pytest.mark.parametrize(("type_id", "factor"), [(AI_DETAIL_4, 4), (AI_DETAIL_2, 2)])
def test_it_is_a_type_that_keeps_transparency(type_id: int, factor: int, tmp_path: Path) -> None:
    colour = _small("coffee")[:32, :40]
    alpha = np.zeros((32, 40, 1), np.uint8)
    alpha[:, 20:] = 255
    made = enhanced(type_id, np.dstack([colour, alpha]), tmp_path)
    assert made.shape == (32 * factor, 40 * factor, 4)
    assert made[:, : 18 * factor, 3].max() == 0


def test_without_its_net_it_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_offered(AI_DETAIL_4)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert not is_offered(AI_DETAIL_4)
    assert not is_offered(AI_DETAIL_2)
    assert is_offered(UPSCALE_4)
