"""The engine is worth its time: figures on real photographs, from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from enhance_gui.service.engine.catalogue import (
    COLORIZE,
    PORTRAIT,
    QUICK_UPSCALE_2,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
)
from enhance_gui.service.engine.people.crops import Crop
from enhance_gui.service.engine.people.faces import find_faces
from tests.service.engine.photographs import (
    Array,
    bicubic,
    enhanced,
    noisy,
    photograph,
    psnr_db,
    read,
    shrunk,
    work,
)


@pytest.mark.parametrize("how", ["area", "bicubic"])
@pytest.mark.parametrize(
    ("name", "min_gain_db"),
    [("astronaut", 2.6), ("coffee", 1.9), ("chelsea", 0.7), ("hopper", 2.0)],
)
def test_twice_the_size_is_clearly_nearer_to_the_truth_than_bicubic(
    name: str, min_gain_db: float, how: str, tmp_path: Path
) -> None:
    truth = photograph(name)
    small = shrunk(truth, 2, how)
    plain_db = psnr_db(bicubic(small, 2), truth)
    assert psnr_db(enhanced(UPSCALE_2, small, tmp_path), truth) >= plain_db + min_gain_db


@pytest.mark.parametrize("how", ["area", "bicubic"])
@pytest.mark.parametrize(
    ("name", "min_gain_db"), [("astronaut", 1.6), ("coffee", 1.1), ("hopper", 1.8)]
)
def test_four_times_the_size_is_clearly_nearer_to_the_truth_than_bicubic(
    name: str, min_gain_db: float, how: str, tmp_path: Path
) -> None:
    truth = photograph(name)
    small = shrunk(truth, 4, how)
    plain_db = psnr_db(bicubic(small, 4), truth)
    assert psnr_db(enhanced(UPSCALE_4, small, tmp_path), truth) >= plain_db + min_gain_db


@pytest.mark.parametrize(("quality", "min_gain_db"), [(92, 0.4), (75, 0.6), (50, 0.8)])
def test_a_jpeg_gains_too(quality: int, min_gain_db: float, tmp_path: Path) -> None:
    truth = photograph("hopper")[:480]
    Image.fromarray(shrunk(truth, 2, "area")).save(tmp_path / "in.jpg", quality=quality)
    plain_db = psnr_db(bicubic(read(tmp_path / "in.jpg"), 2), truth)
    after = read(tmp_path / work(UPSCALE_2, tmp_path / "in.jpg").after.name)
    assert psnr_db(after, truth) >= plain_db + min_gain_db


def test_the_quick_upscale_is_nearer_to_the_truth_than_bicubic_too(tmp_path: Path) -> None:
    truth = photograph("coffee")
    small = shrunk(truth, 2, "area")
    gain_db = psnr_db(enhanced(QUICK_UPSCALE_2, small, tmp_path), truth) - psnr_db(
        bicubic(small, 2), truth
    )
    assert gain_db > 0.5


def test_an_old_photograph_comes_far_nearer_to_what_it_was(tmp_path: Path) -> None:
    truth = photograph("hopper")
    aged = noisy(_scratched(_faded(truth)), 6)
    assert psnr_db(aged, truth) < 14
    assert psnr_db(enhanced(RESTORE, aged, tmp_path), truth) > 24


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_scratches_are_filled(name: str, tmp_path: Path) -> None:
    truth = photograph(name)
    scratched = _scratched(truth)
    gain_db = psnr_db(enhanced(RESTORE, scratched, tmp_path), truth) - psnr_db(scratched, truth)
    assert gain_db > 4


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_noise_is_taken_out(name: str, tmp_path: Path) -> None:
    truth = photograph(name)
    grainy = noisy(truth, 10)
    gain_db = psnr_db(enhanced(RESTORE, grainy, tmp_path), truth) - psnr_db(grainy, truth)
    assert gain_db > 5


@pytest.mark.parametrize(
    ("deviation", "quality", "min_gain_db"), [(10, 85, 3.5), (15, 75, 4), (12, 60, 2), (20, 60, 4)]
)
def test_noise_that_was_compressed_is_taken_out(
    deviation: float, quality: int, min_gain_db: float, tmp_path: Path
) -> None:
    truth = photograph("chelsea")
    Image.fromarray(noisy(truth, deviation)).save(tmp_path / "in.jpg", quality=quality)
    before_db = psnr_db(read(tmp_path / "in.jpg"), truth)
    after = read(tmp_path / work(RESTORE, tmp_path / "in.jpg").after.name)
    assert psnr_db(after, truth) > before_db + min_gain_db


@pytest.mark.parametrize(("quality", "min_gain_db"), [(40, 1.4), (75, 0.6)])
def test_the_traces_of_jpeg_are_taken_out(quality: int, min_gain_db: float, tmp_path: Path) -> None:
    truth = photograph("astronaut")[:320]
    Image.fromarray(truth).save(tmp_path / "in.jpg", quality=quality)
    before = read(tmp_path / "in.jpg")
    after = read(tmp_path / work(RESTORE, tmp_path / "in.jpg").after.name)
    assert psnr_db(after, truth) > psnr_db(before, truth) + min_gain_db


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "hopper", "brick", "camera"])
@pytest.mark.parametrize(("kind", "how"), [("png", {}), ("jpg", {"quality": 90}), ("webp", {})])
def test_where_nothing_is_to_repair_not_a_pixel_is_changed(
    kind: str, how: dict[str, Any], name: str, tmp_path: Path
) -> None:
    source = tmp_path / f"in.{kind}"
    Image.fromarray(photograph(name)).save(source, **how)
    result = work(RESTORE, source)
    assert "nothing to repair" in result.message
    assert (read(tmp_path / result.after.name) == read(source)).all()


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_a_portrait_gains_and_most_in_the_face(name: str, tmp_path: Path) -> None:
    truth = photograph(name)
    soft = cv2.GaussianBlur(truth, (0, 0), 0.8).astype(np.uint8)
    after = enhanced(PORTRAIT, soft, tmp_path)
    assert psnr_db(after, truth) > psnr_db(soft, truth) + 1
    (face,) = find_faces(soft)
    crop = Crop.around(face, soft)
    assert psnr_db(crop.of(after), crop.of(truth)) > psnr_db(crop.of(soft), crop.of(truth)) + 1
    assert _edge_gain(crop, soft, after) > _edge_gain(_below(crop), soft, after)


def test_noise_in_a_portrait_is_taken_out_not_sharpened(tmp_path: Path) -> None:
    truth = photograph("chelsea")
    grainy = noisy(truth, 8)
    assert psnr_db(enhanced(PORTRAIT, grainy, tmp_path), truth) > psnr_db(grainy, truth) + 5


def test_a_portrait_of_a_jpeg_comes_nearer_to_what_it_was(tmp_path: Path) -> None:
    truth = photograph("astronaut")[:320]
    Image.fromarray(truth).save(tmp_path / "in.jpg", quality=60)
    before = read(tmp_path / "in.jpg")
    result = work(PORTRAIT, tmp_path / "in.jpg")
    assert psnr_db(read(tmp_path / result.after.name), truth) > psnr_db(before, truth) + 0.4
    assert result.message == ""


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_what_is_no_face_in_a_clean_portrait_stays_what_it_was(name: str, tmp_path: Path) -> None:
    """Neither sharpened where it is soft by nature, nor compressed away."""
    truth = photograph(name)
    Image.fromarray(truth).save(tmp_path / "in.jpg", quality=92)
    before = read(tmp_path / "in.jpg")
    after = read(tmp_path / work(PORTRAIT, tmp_path / "in.jpg").after.name)
    outside = np.ones(truth.shape[:2], bool)
    for face in find_faces(truth):
        rows, columns = Crop.around(face, truth).rows, Crop.around(face, truth).columns
        outside[rows, columns] = False
    loss_db = psnr_db(before[outside], truth[outside]) - psnr_db(after[outside], truth[outside])
    assert loss_db < 0.3


def test_a_portrait_without_a_face_says_so(tmp_path: Path) -> None:
    Image.fromarray(photograph("coffee")[:200, :200]).save(tmp_path / "in.png")
    result = work(PORTRAIT, tmp_path / "in.png")
    assert result.faces == ()
    assert "no face was found" in result.message


def test_a_tint_keeps_the_drawing_of_the_photograph(tmp_path: Path) -> None:
    grey = cv2.cvtColor(photograph("camera"), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    toned = enhanced(COLORIZE, grey, tmp_path)
    assert toned.shape == (*grey.shape, 3)
    back = cv2.cvtColor(toned, cv2.COLOR_RGB2GRAY).astype(np.int16)
    assert np.abs(back - grey).max() <= 3
    assert np.abs(toned[..., 0].astype(np.int16) - toned[..., 2]).mean() > 10


def _edge_gain(crop: Crop, before: Array, after: Array) -> float:
    """Return how many times as strong the edges of a part have become."""
    strengths = [
        float(np.std(cv2.Laplacian(crop.of(each)[..., 1].astype(np.float32), cv2.CV_32F)))
        for each in (after, before)
    ]
    return strengths[0] / strengths[1]


def _below(crop: Crop) -> Crop:
    height_px = crop.rows.stop - crop.rows.start
    return Crop(slice(crop.rows.start + height_px, crop.rows.stop + height_px), crop.columns)


def _faded(pixels: Array) -> Array:
    """Lift the blacks, lower the whites and give the yellow cast of old paper."""
    aged = pixels * np.array([0.55, 0.52, 0.5]) + np.array([95, 85, 60])
    rounded: Array = np.rint(aged).astype(np.uint8)
    return rounded


def _scratched(pixels: Array) -> Array:
    """Draw five long white scratches across."""
    height_px, width_px = pixels.shape[:2]
    layer = np.zeros((height_px, width_px), np.uint8)
    for number in range(5):
        start = (round(width_px * (0.12 + 0.19 * number)), round(height_px * 0.05 * number))
        end = (start[0] + (number - 2) * 18, round(height_px * (0.7 + 0.06 * number)))
        cv2.line(layer, start, end, 255, 1 + number % 3, cv2.LINE_AA)
    cover = (layer / 255)[..., None]
    covered: Array = np.rint(pixels * (1 - cover) + 238 * cover).astype(np.uint8)
    return covered
