"""Large pictures: reduced first, whole or in part where the zoom needs it, and dropped again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImageReader

from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.pictures import loading, pyramid
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pyramid import Pyramid, detail_wanted, halvings_for, load
from tests.ui.compare.parts import colour_at, near, seen, show, shown_view, wait_until

pytestmark = pytest.mark.usefixtures("qapp")

SIDE = 1200


@pytest.fixture(autouse=True)
def small_foot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megapixel counts as large here, and zooming out leaves the detail at once."""
    monkeypatch.setattr(pyramid, "FOOT_PX", 400_000)
    monkeypatch.setattr(pyramid, "PART_PX", 250_000)
    monkeypatch.setattr(loading, "_LEAVE_DETAIL_MS", 20)


@pytest.fixture
def low_limit() -> Iterator[None]:
    """Qt decodes four megabytes, that is about a million pixels, at most."""
    before = QImageReader.allocationLimit()
    QImageReader.setAllocationLimit(4)
    yield
    QImageReader.setAllocationLimit(before)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Blocks of 4 × 4 in random colours, which every reduction mixes up."""
    blocks = Image.frombytes(
        "RGB", (SIDE // 4, SIDE // 4), Random(3).randbytes(SIDE * SIDE // 16 * 3)
    )
    blocks.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    blocks.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(
        tmp_path / "large.jpg", quality=100, subsampling=0
    )
    return tmp_path / "large.png"


def loaded(path: Path) -> Pyramid:
    result = load(PictureFile(path, "After"))
    assert isinstance(result, Pyramid)
    return result


def test_a_large_picture_is_read_at_half_its_size_first(large: Path) -> None:
    read = loaded(large)
    assert read.halvings == 1
    assert [level.width() for level in read.levels] == [600, 300, 150]
    assert (read.size.width(), read.size.height()) == (SIDE, SIDE)


def test_the_level_is_the_smallest_that_is_not_enlarged(large: Path) -> None:
    read = loaded(large)
    widths = [read.level_for(scale).width() for scale in (3, 1, 0.6, 0.5, 0.3, 0.25, 0.2, 0.01)]
    assert widths == [600, 600, 600, 600, 600, 300, 300, 150]
    assert [halvings_for(scale) for scale in (2, 1, 0.51, 0.5, 0.26, 0.25)] == [0, 0, 0, 1, 1, 2]


def test_the_same_file_unchanged_is_not_read_again(large: Path) -> None:
    read = loaded(large)
    file = PictureFile(large, "Another label")
    assert load(file, read) is read
    large.write_bytes(large.read_bytes() + b"x")
    assert load(file, read) is not read


def test_its_own_pixels_come_with_the_zoom_and_go_with_it(large: Path) -> None:
    source = Image.open(large)
    with shown_view() as view:
        view.viewport.set_mode(CompareMode.SINGLE)
        show(view, large, large)
        loaders = list(view._loaders.values())
        assert [loader.detail for loader in loaders] == [None, None]
        view.viewport.actual_size()
        assert view.busy
        wait_until(lambda: not view.busy)
        assert all(loader.detail is not None for loader in loaders)
        image, corner = seen(view), view.viewport.state.camera.target.topLeft()
        for x, y in ((20, 100), (399, 299), (201, 150)):
            pixel = source.getpixel((round(x - corner.x()), round(y - corner.y())))
            assert isinstance(pixel, tuple)
            assert colour_at(image, x, y) == pixel
        view.viewport.fit()
        wait_until(lambda: all(loader.detail is None for loader in loaders))
        assert not view.busy


@pytest.mark.usefixtures("low_limit")
def test_a_jpeg_beyond_the_limit_is_seen_sharp_in_parts(large: Path) -> None:
    path = large.with_suffix(".jpg")
    source = Image.open(path)
    with shown_view() as view:
        show(view, None, path)
        view.viewport.actual_size()
        for _ in range(3):
            wait_until(lambda: not view.busy)
            detail = view._loaders[view.viewport.state.single].detail
            assert detail is not None
            assert detail.image.width() * detail.image.height() <= 260_000
            assert detail.covers(view.viewport.state.camera.visible)
            image, corner = seen(view), view.viewport.state.camera.target.topLeft()
            for x, y in ((20, 100), (399, 299), (201, 150)):
                pixel = source.getpixel((round(x - corner.x()), round(y - corner.y())))
                assert isinstance(pixel, tuple)
                assert near(colour_at(image, x, y), pixel, 6)
            view.viewport.pan(QPointF(-330, -210))


@pytest.mark.usefixtures("low_limit")
def test_what_cannot_be_read_at_all_says_so(large: Path) -> None:
    with shown_view() as view:
        show(view, None, large)
        shown = view._shown[Side.AFTER]
        assert shown.pyramid is None
        assert "1200 × 1200 pixels: too large to preview" in shown.sentence


def test_a_part_lies_around_what_is_seen_and_has_a_bound(large: Path, low_limit: None) -> None:
    read = loaded(large.with_suffix(".jpg"))
    wanted = detail_wanted(read, 1.0, QRectF(0.4, 0.4, 0.1, 0.1))
    assert wanted is not None
    assert wanted.part.contains(QRectF(480, 480, 120, 120).toRect())
    assert wanted.part.width() == pytest.approx(240, abs=2)
    whole = detail_wanted(read, 1.0, QRectF(0, 0, 1, 1))
    assert whole is not None
    assert whole.part.width() * whole.part.height() <= 255_000
    assert detail_wanted(read, 0.5, QRectF(0.4, 0.4, 0.1, 0.1)) is None


def test_a_file_that_goes_while_it_is_looked_at_leaves_what_is_there(large: Path) -> None:
    with shown_view() as view:
        show(view, None, large)
        large.unlink()
        view.viewport.actual_size()
        wait_until(lambda: not view.busy)
        assert view.viewport.state.has_picture
        assert not seen(view).isNull()
