"""The parts of the engine: tiles, noise, scratches, fading, faces, tints."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from enhance_gui.service.engine.enlarge.upscale import enlarge
from enhance_gui.service.engine.people.faces import find_faces
from enhance_gui.service.engine.people.portrait import enhance_portrait, strengthen_face
from enhance_gui.service.engine.pixels.planes import split
from enhance_gui.service.engine.pixels.tiles import assemble
from enhance_gui.service.engine.repair.denoise import estimate_coarse_noise, estimate_noise
from enhance_gui.service.engine.repair.levels import find_levels
from enhance_gui.service.engine.repair.restore import restore
from enhance_gui.service.engine.repair.scratches import find_scratches
from enhance_gui.service.engine.repair.sharpen import find_softness, sharpen
from enhance_gui.service.engine.repair.tint import TINTS, tint_table
from tests.service.engine.photographs import PHOTOGRAPHS, Array, noisy, photograph, shrunk

ONE_TILE_PX = 4096
"""Larger than the photographs: no seams possible."""


def _compressed(pixels: Array, quality: int) -> Array:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def _most_different(one: Array, other: Array) -> int:
    return int(np.abs(one.astype(np.int16) - other).max())


@pytest.mark.parametrize("factor", [2, 4])
def test_no_seam_shows_in_an_enlarged_picture(factor: int) -> None:
    pixels = photograph("coffee")[:200, :260]
    tiled = assemble(enlarge(pixels, factor, side_px=88), pixels, factor)
    at_once = assemble(enlarge(pixels, factor, side_px=ONE_TILE_PX), pixels, factor)
    assert _most_different(tiled, at_once) <= 1


def test_no_seam_shows_between_parts_that_a_net_and_interpolation_enlarged() -> None:
    pixels = photograph("rocket")[:300, :300]
    tiled = assemble(enlarge(pixels, 2, side_px=48), pixels, 2).astype(int)
    at_once = assemble(enlarge(pixels, 2, side_px=ONE_TILE_PX), pixels, 2).astype(int)
    assert not np.array_equal(tiled, at_once)
    for axis in (0, 1):
        steps = np.abs(np.diff(tiled, axis=axis)) - np.abs(np.diff(at_once, axis=axis))
        assert np.abs(steps.take(range(95, steps.shape[axis], 96), axis)).mean() < 0.1


def test_no_seam_shows_where_a_jpeg_or_a_transparent_picture_is_enlarged() -> None:
    alpha = np.linspace(0, 255, 130 * 140).reshape(130, 140, 1).astype(np.uint8)
    pixels = np.dstack([photograph("coffee")[:130, :140], alpha])
    tiled = assemble(enlarge(pixels, 2, 0.5, side_px=88), pixels, 2)
    at_once = assemble(enlarge(pixels, 2, 0.5, side_px=ONE_TILE_PX), pixels, 2)
    assert _most_different(tiled, at_once) <= 1


def test_no_seam_shows_in_a_restored_picture() -> None:
    pixels = noisy(photograph("coffee")[:200, :260], 8)
    tiled, at_once = (restore(pixels, side_px=side_px) for side_px in (88, ONE_TILE_PX))
    assert tiled is not None
    assert at_once is not None
    assert _most_different(assemble(tiled, pixels), assemble(at_once, pixels)) <= 1


def test_no_seam_shows_in_a_portrait() -> None:
    soft = cv2.GaussianBlur(photograph("coffee")[:200, :260], (0, 0), 1).astype(np.uint8)
    pixels = noisy(soft, 8)
    tiled, at_once = pixels.copy(), pixels.copy()
    assert sum(enhance_portrait(tiled, side_px=88)) == 200 * 260
    assert len(list(enhance_portrait(at_once, side_px=ONE_TILE_PX))) == 1
    assert _most_different(tiled, pixels) > 10
    assert _most_different(tiled, at_once) <= 1


def test_no_seam_shows_in_a_strengthened_face_and_nothing_is_changed_away_from_it() -> None:
    soft = cv2.GaussianBlur(photograph("astronaut"), (0, 0), 1).astype(np.uint8)
    (face,) = find_faces(soft)
    tiled, at_once = soft.copy(), soft.copy()
    strengthen_face(tiled, face, side_px=50)
    strengthen_face(at_once, face, side_px=ONE_TILE_PX)
    assert _most_different(tiled, at_once) <= 1
    changed = np.argwhere((tiled != soft).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (bottom - top, right - left) > (face.side_px, face.side_px)
    margin_px = 0.4 * face.side_px
    assert top > face.top_px - margin_px
    assert left > face.left_px - margin_px
    assert bottom < face.top_px + face.side_px + margin_px
    assert right < face.left_px + face.side_px + margin_px


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "hopper"])
def test_noise_is_estimated_and_a_clean_photograph_has_hardly_any(name: str) -> None:
    clean = photograph(name)
    assert estimate_noise(clean)[0] < 1.5
    grey = cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY).astype(np.uint8)[..., None]
    luma_noise, colour_noise = estimate_noise(noisy(grey, 8))
    assert luma_noise == pytest.approx(8, rel=0.15)
    assert colour_noise == 0


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera", "moon", "rocket"])
@pytest.mark.parametrize("quality", [85, 75, 60, 40])
def test_noise_is_estimated_as_it_was_before_jpeg_took_the_finest_of_it(
    name: str, quality: int
) -> None:
    pixels = photograph(name)[:512, :512]
    assert estimate_coarse_noise(_compressed(pixels, quality)) == 0
    # Noise of red, green and blue alike is two thirds as strong in brightness.
    found = estimate_coarse_noise(_compressed(noisy(pixels, 20), quality))
    assert found == pytest.approx(20 * 2 / 3, rel=0.25)


@pytest.mark.parametrize("name", ["grass", "gravel", "brick", "coins"])
def test_texture_in_a_jpeg_is_not_taken_for_noise(name: str) -> None:
    pixels = photograph(name)[:512, :512]
    small = shrunk(pixels, 2, "area")
    for each in (pixels, small):
        for quality in (85, 60, 40):
            assert estimate_coarse_noise(_compressed(each, quality)) == 0


def test_a_small_jpeg_tells_too_little_to_be_called_noisy() -> None:
    pixels = photograph("coffee")
    for top in range(0, 320, 64):
        for left in range(0, 512, 64):
            part = pixels[top : top + 64, left : left + 64]
            assert estimate_coarse_noise(_compressed(part, 60)) == 0


@pytest.mark.parametrize(("name", "scale"), [("astronaut", 1 / 3), ("coffee", 0.4), ("coins", 0.7)])
def test_fine_texture_is_not_taken_for_noise_and_noise_on_it_is_found(
    name: str, scale: float
) -> None:
    photo = photograph(name)
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    pixels = small.astype(np.uint8).reshape(*small.shape[:2], photo.shape[2])
    before = pixels.copy()
    assert restore(pixels) is None
    assert np.array_equal(pixels, before)
    assert max(estimate_noise(noisy(pixels, 5))) > 2


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_clean_photograph_has_no_scratches_large_or_small(name: str) -> None:
    clean = photograph(name)
    for scale in (1, 0.7, 0.5, 0.4, 0.35):
        small = cv2.resize(clean, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        assert find_scratches(small.astype(np.uint8)) is None, f"{scale} of its size"


@pytest.mark.parametrize("bend", [0, 0.04])
@pytest.mark.parametrize("width_px", [2, 3, 5])
@pytest.mark.parametrize("name", ["astronaut", "coffee", "hopper", "camera"])
def test_scratches_of_several_widths_are_found(name: str, width_px: int, bend: float) -> None:
    clean = photograph(name)
    height_px, width_of_it_px = clean.shape[:2]
    drawn = np.zeros((height_px, width_of_it_px), np.uint8)
    along = np.linspace(0, 1, 60)
    for left, right in ((0.15, 0.3), (0.5, 0.42), (0.8, 0.88)):
        x = width_of_it_px * (left + (right - left) * along + 4 * bend * along * (1 - along))
        points = np.rint(np.stack([x, height_px * (0.05 + 0.85 * along)], axis=1)).astype(np.int32)
        cv2.polylines(drawn, [points], False, 255, width_px, cv2.LINE_AA)
    cover = (drawn / 255)[..., None]
    mask = find_scratches(np.rint(clean * (1 - cover) + 240 * cover).astype(np.uint8))
    assert mask is not None
    assert (mask[drawn > 200] == 255).mean() > 0.4
    assert (mask[drawn == 0] == 255).mean() < 0.04


def test_crossing_scratches_are_both_found() -> None:
    pixels = photograph("chelsea").copy()
    cv2.line(pixels, (60, 10), (380, 280), (240, 240, 235), 2)
    cv2.line(pixels, (330, 20), (90, 270), (240, 240, 235), 2)
    mask = find_scratches(pixels)
    assert mask is not None
    drawn = (pixels == (240, 240, 235)).all(axis=2)
    assert (mask[drawn] == 255).mean() > 0.8
    assert (mask == 255).mean() < 0.05


def test_scratches_that_cross_at_a_small_angle_are_both_filled() -> None:
    clean = photograph("astronaut")
    pixels = clean.copy()
    cv2.line(pixels, (60, 20), (110, 490), (240, 240, 235), 2)  # one that leaves no doubt
    cv2.line(pixels, (322, 20), (328, 505), (240, 240, 235), 1)
    cv2.line(pixels, (293, 70), (350, 285), (240, 240, 235), 2)
    cv2.line(pixels, (343, 135), (321, 262), (240, 240, 235), 4)
    drawn = (pixels != clean).any(axis=2)
    blocks = restore(pixels.copy())
    assert blocks is not None
    after = assemble(blocks, pixels)
    before_error = np.abs(pixels[drawn].astype(float) - clean[drawn]).mean()
    assert np.abs(after[drawn].astype(float) - clean[drawn]).mean() < before_error / 3


def test_a_tube_with_a_highlight_is_no_scratch() -> None:
    pixels = np.full((300, 300, 3), 60, np.uint8)
    pixels[:, 150:] = 150
    pixels[:, 148:152] = 200
    assert find_scratches(pixels) is None


@pytest.mark.parametrize("name", ["chelsea", "brick", "camera"])
def test_what_is_narrow_by_nature_is_not_faded(name: str) -> None:
    assert find_levels(photograph(name)) is None


@pytest.mark.parametrize(
    ("gain", "offset"),
    [
        ((0.3, 0.4, 0.25), (4, 8, 3)),  # a dark forest
        ((0.7, 0.4, 0.2), (60, 40, 5)),  # a sunset: blue has kept its black
        ((0.4, 0.4, 0.4), (150, 152, 155)),  # fog: white is still there
    ],
)
def test_what_is_dark_or_of_one_colour_by_nature_is_not_faded(
    gain: tuple[float, ...], offset: tuple[int, ...]
) -> None:
    pixels = (photograph("astronaut") * np.array(gain) + np.array(offset)).astype(np.uint8)
    assert find_levels(pixels) is None


def test_a_rope_before_the_sky_is_no_scratch() -> None:
    pixels = np.full((300, 400, 3), (90, 140, 200), np.uint8)
    cv2.line(pixels, (0, 200), (399, 60), (225, 225, 225), 4, cv2.LINE_AA)
    assert find_scratches(pixels) is None


@pytest.mark.parametrize("name", ["astronaut", "coffee", "hopper"])
def test_fading_is_corrected_and_full_contrast_left_alone(name: str) -> None:
    clean = photograph(name)
    assert find_levels(clean) is None
    faded = (clean * np.array([0.5, 0.45, 0.4]) + np.array([90, 80, 60])).astype(np.uint8)
    correct = find_levels(faded)
    assert correct is not None
    back = correct(faded.astype(np.float32))
    assert np.abs(back - clean).mean() < np.abs(faded.astype(np.float32) - clean).mean() / 4


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 2.0])
@pytest.mark.parametrize(("name", "nose"), [("astronaut", (224, 118)), ("hopper", (262, 225))])
def test_a_face_is_found_where_it_is(name: str, nose: tuple[int, int], scale: float) -> None:
    pixels = cv2.resize(photograph(name), None, fx=scale, fy=scale).astype(np.uint8)
    (face,) = find_faces(pixels)
    assert face.left_px < nose[0] * scale < face.left_px + face.side_px
    assert face.top_px < nose[1] * scale < face.top_px + face.side_px
    assert face.side_px < 0.5 * pixels.shape[0]
    left_eye, right_eye, found_nose, mouth, *_ = face.points
    assert found_nose == pytest.approx([each * scale for each in nose], abs=0.2 * face.side_px)
    assert left_eye[0] < found_nose[0] < right_eye[0]
    assert max(left_eye[1], right_eye[1]) < found_nose[1] < mouth[1]


def test_small_faces_are_found_in_a_large_picture() -> None:
    pixels = np.full((1200, 1600, 3), 90, np.uint8)
    places = [(100, 50), (700, 300), (420, 1100), (900, 800), (60, 1300)]
    small = cv2.resize(photograph("astronaut"), (230, 230), interpolation=cv2.INTER_AREA)
    for top, left in places:
        pixels[top : top + 230, left : left + 230] = small
    faces = find_faces(pixels)
    assert len(faces) == len(places)
    assert all(35 < face.side_px < 65 for face in faces)


def test_faces_come_from_left_to_right() -> None:
    row = np.hstack([photograph(each)[:512] for each in ("astronaut", "hopper", "astronaut")])
    faces = find_faces(row)
    assert len(faces) == 3
    assert faces == sorted(faces, key=lambda face: face.left_px)


@pytest.mark.parametrize("name", ["coffee", "chelsea", "brick"])
def test_no_face_is_seen_where_there_is_none(name: str) -> None:
    assert find_faces(photograph(name)) == []
    assert find_faces(photograph(name)[::2, ::2]) == []


@pytest.mark.parametrize("blur_px", [0.8, 1.5])
def test_sharpening_makes_no_edge_higher_by_more_than_a_tenth(blur_px: float) -> None:
    edge = np.full((60, 60), 60, np.float32)
    edge[:, 30:] = 160
    soft = cv2.GaussianBlur(edge, (0, 0), blur_px).astype(np.float32)
    sharp = sharpen(soft, 1.2)
    assert np.ptp(sharp) <= 1.1 * 100 + 0.01
    assert np.abs(np.diff(sharp, axis=1)).max() > np.abs(np.diff(soft, axis=1)).max()


def test_softness_is_that_of_the_edges_and_noise_is_none() -> None:
    for name in ("astronaut", "coffee", "hopper"):
        clean = photograph(name)
        assert find_softness(split(clean).luma) == 0
        assert find_softness(split(noisy(clean, 6)).luma) == 0
        blurred = cv2.GaussianBlur(clean, (0, 0), 1).astype(np.uint8)
        assert find_softness(split(blurred).luma) > 0.9


def test_every_tint_has_the_brightness_it_stands_for_and_its_own_colours() -> None:
    tables = [tint_table(tint).astype(np.float64) for tint in TINTS]
    for table in tables:
        brightness = table @ (0.299, 0.587, 0.114)
        assert np.abs(brightness - np.arange(256)).max() < 1.5
        assert (np.diff(brightness) >= 0).all()
    for one in range(len(tables)):
        for other in range(one):
            assert np.abs(tables[one] - tables[other]).max() > 12
