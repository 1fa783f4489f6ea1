"""Crops of real photographs are found where they were cut out, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from enhance_gui.core.images.areas import Place
from enhance_gui.imaging.locate import correlation, locate_crop

skimage = pytest.importorskip("skimage", reason="its photographs are what is looked for")
_SKIMAGE = Path(skimage.__file__).parent / "data"
ASTRONAUT = _SKIMAGE / "astronaut.png"
COFFEE = _SKIMAGE / "coffee.png"
CHELSEA = _SKIMAGE / "chelsea.png"
ROCKET = _SKIMAGE / "rocket.jpg"
HOPPER = Path(matplotlib.__file__).parent / "mpl-data" / "sample_data" / "grace_hopper.jpg"

FACES = {ASTRONAUT: (172, 60, 280, 200), HOPPER: (170, 60, 370, 310)}


def cut(picture: Path, box: tuple[int, int, int, int]) -> Image.Image:
    with Image.open(picture) as image:
        return image.convert("RGB").crop(box)


def overlap(found: Place | None, picture: Path, box: tuple[int, int, int, int]) -> float:
    """Return how much of the two places is shared: 1 where they are the same."""
    assert found is not None
    with Image.open(picture) as image:
        width, height = image.size
    left, top = found.left * width, found.top * height
    right, bottom = left + found.width * width, top + found.height * height
    across = max(0.0, min(right, box[2]) - max(left, box[0]))
    down = max(0.0, min(bottom, box[3]) - max(top, box[1]))
    own = (right - left) * (bottom - top)
    return across * down / (own + (box[2] - box[0]) * (box[3] - box[1]) - across * down)


@pytest.mark.parametrize("picture", FACES)
@pytest.mark.parametrize("factor", [1, 0.5, 2])
def test_a_face_is_found_at_any_size_and_through_a_lossy_copy(
    tmp_path: Path, picture: Path, factor: float
) -> None:
    box = FACES[picture]
    crop = cut(picture, box)
    size = (round(crop.width * factor), round(crop.height * factor))
    crop.resize(size).save(tmp_path / "crop.jpg", quality=75)
    assert overlap(locate_crop(picture, tmp_path / "crop.jpg"), picture, box) > 0.9


def test_an_enhanced_crop_is_found_too(tmp_path: Path) -> None:
    crop = cut(ASTRONAUT, FACES[ASTRONAUT])
    ImageEnhance.Brightness(ImageEnhance.Contrast(crop).enhance(1.3)).enhance(0.8).save(
        tmp_path / "crop.png"
    )
    found = locate_crop(ASTRONAUT, tmp_path / "crop.png")
    assert overlap(found, ASTRONAUT, FACES[ASTRONAUT]) > 0.9


@pytest.mark.parametrize(
    ("picture", "other", "box"),
    [
        (HOPPER, ASTRONAUT, FACES[ASTRONAUT]),
        (ASTRONAUT, HOPPER, FACES[HOPPER]),
        (COFFEE, ASTRONAUT, FACES[ASTRONAUT]),
        (CHELSEA, HOPPER, FACES[HOPPER]),
        (COFFEE, ROCKET, (300, 20, 496, 216)),
    ],
)
def test_a_crop_of_another_picture_is_not_found(
    tmp_path: Path, picture: Path, other: Path, box: tuple[int, int, int, int]
) -> None:
    cut(other, box).save(tmp_path / "crop.png")
    assert locate_crop(picture, tmp_path / "crop.png") is None


def test_another_part_of_the_picture_that_was_painted_over_is_not_found(tmp_path: Path) -> None:
    with Image.open(ASTRONAUT) as image:
        painted = image.convert("RGB")
    painted.paste((128, 128, 128), FACES[ASTRONAUT])
    painted.save(tmp_path / "painted.png")
    cut(ASTRONAUT, FACES[ASTRONAUT]).save(tmp_path / "crop.png")
    assert locate_crop(tmp_path / "painted.png", tmp_path / "crop.png") is None


def test_a_small_face_in_a_large_picture_is_found_at_its_own_size(tmp_path: Path) -> None:
    with Image.open(ASTRONAUT) as image:
        tile = image.convert("RGB")
    large = Image.new("RGB", (3000, 2000))
    for x in range(0, 3000, 512):
        for y in range(0, 2000, 512):
            large.paste(tile.rotate((x + y) % 350), (x, y))
    large.paste(tile.resize((300, 300)), (1800, 900))
    box = (1900, 935, 1965, 1018)
    large.save(tmp_path / "large.jpg", quality=90)
    large.crop(box).save(tmp_path / "crop.png")
    found = locate_crop(tmp_path / "large.jpg", tmp_path / "crop.png")
    assert overlap(found, tmp_path / "large.jpg", box) > 0.85


def test_a_turned_picture_is_searched_as_it_is_shown(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(ASTRONAUT) as image:
        upright = image.convert("RGB")
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.jpg", exif=exif)
    upright.crop(FACES[ASTRONAUT]).save(tmp_path / "crop.png")
    found = locate_crop(tmp_path / "turned.jpg", tmp_path / "crop.png")
    assert overlap(found, ASTRONAUT, FACES[ASTRONAUT]) > 0.9


def test_the_whole_picture_is_found_in_itself(tmp_path: Path) -> None:
    found = locate_crop(COFFEE, COFFEE)
    assert found is not None
    assert found == pytest.approx((0, 0, 1, 1, 0), abs=0.03)


def test_what_has_no_structure_or_cannot_be_read_is_not_found(tmp_path: Path) -> None:
    Image.new("RGB", (60, 60), (90, 90, 90)).save(tmp_path / "flat.png")
    assert locate_crop(ASTRONAUT, tmp_path / "flat.png") is None
    (tmp_path / "broken.png").write_bytes(ASTRONAUT.read_bytes()[:2000])
    assert locate_crop(ASTRONAUT, tmp_path / "broken.png") is None
    assert locate_crop(tmp_path / "gone.png", ASTRONAUT) is None


def test_correlation_is_the_textbook_one() -> None:
    random = np.random.default_rng(5)
    whole = random.normal(100, 30, (23, 31)).astype(np.float32)
    part = whole[6:13, 11:20] * 0.5 + 7
    scores = correlation(whole, part)
    assert scores.shape == (17, 23)
    assert scores[6, 11] == pytest.approx(1, abs=1e-3)
    for top, left in ((0, 0), (3, 17), (16, 22), (9, 4)):
        window = whole[top : top + 7, left : left + 9]
        expected = np.corrcoef(window.ravel(), part.ravel())[0, 1]
        assert scores[top, left] == pytest.approx(expected, abs=1e-3)
