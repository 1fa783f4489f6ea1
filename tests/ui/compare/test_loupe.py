"""The loupe shows both pictures around one place, at 100 % and 200 %."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QToolButton

from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.loupe import ZOOMS, lens_rects, lens_state
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.compare.view_state import ViewState
from tests.ui.compare.parts import (
    RED,
    colour_at,
    hover,
    near,
    plain,
    press_key,
    seen,
    send_key,
    show,
    shown_view,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("qapp")

SIDES = (1200, 800)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return plain(tmp_path / "before.png", RED, (600, 400))


@pytest.fixture
def after(tmp_path: Path) -> Path:
    """A picture whose colours are the places of its pixels."""
    image = Image.new("RGB", SIDES)
    image.putdata([(x // 5, y // 4, 200) for y in range(SIDES[1]) for x in range(SIDES[0])])
    image.save(tmp_path / "after.png")
    return tmp_path / "after.png"


@pytest.fixture
def view() -> Iterator[CompareView]:
    with shown_view(900, 700) as made:
        yield made


def lenses(view: CompareView) -> list[QRectF]:
    state = view.viewport.state
    return lens_rects(state.view / state.dpr, view.loupe.point, len(state.sizes))


def lens_place(image: QImage, lens: QRectF) -> tuple[float, float]:
    """Return which place of the after picture its window has in its middle, by its colour."""
    red, green, _ = colour_at(image, lens.center().x(), lens.center().y())
    return red * 5 / SIDES[0], green * 4 / SIDES[1]


def press_l(view: CompareView, for_ms: int = 50) -> None:
    send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_L, at_ms=1000)
    send_key(view, QEvent.Type.KeyRelease, Qt.Key.Key_L, at_ms=1000 + for_ms)


def test_l_goes_from_100_to_200_percent_and_to_none(
    view: CompareView, before: Path, after: Path
) -> None:
    bar = CompareBar(view)
    (button,) = (each for each in bar.findChildren(QToolButton) if each.accessibleName() == "Loupe")
    assert not button.isEnabled(), "there is no picture"
    assert not press_key(view, Qt.Key.Key_L)
    show(view, before, after)
    for zoom, words in ((1.0, "Loupe at 100 %"), (2.0, "Loupe at 200 %"), (0.0, "")):
        press_l(view)
        assert view.loupe.zoom == zoom
        assert button.isChecked() is bool(zoom)
        assert (words or "Divider") in view.accessibleDescription()
    assert "Loupe" not in view.accessibleDescription()
    for zoom in (1.0, 2.0, 0.0):
        button.click()
        assert view.loupe.zoom == zoom
    bar.deleteLater()


def test_it_is_there_only_while_the_key_is_held(
    view: CompareView, before: Path, after: Path
) -> None:
    show(view, before, after)
    send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_L, at_ms=1000)
    send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_L, at_ms=1400, repeats=True)
    assert view.loupe.is_on
    send_key(view, QEvent.Type.KeyRelease, Qt.Key.Key_L, at_ms=1900)
    assert not view.loupe.is_on


@pytest.mark.parametrize("mode", list(CompareMode))
@pytest.mark.parametrize("zoom", ZOOMS)
def test_both_windows_show_the_place_under_the_pointer(
    view: CompareView, before: Path, after: Path, mode: CompareMode, zoom: float
) -> None:
    view.viewport.set_mode(mode)
    show(view, before, after)
    here = QPointF(400, 250)
    hover(view, here)
    while view.loupe.zoom != zoom:
        press_l(view)
    image = seen(view)
    left, right = lenses(view)
    assert not left.united(right).contains(here), "the place itself stays visible"
    assert near(colour_at(image, left.center().x(), left.center().y()), RED)
    _, place = view.viewport.state.pointed(here)
    assert lens_place(image, right) == pytest.approx((place.x(), place.y()), abs=0.01)
    # So many pixels of the screen are one of the picture.
    step = 100
    red = [
        colour_at(image, right.center().x() + way * step, right.center().y())[0] for way in (-1, 1)
    ]
    assert (red[1] - red[0]) * 5 == pytest.approx(2 * step / zoom, abs=11)


def test_arrows_move_it_and_escape_ends_it(view: CompareView, before: Path, after: Path) -> None:
    show(view, before, after)
    press_l(view)
    share, place = view.viewport.state.share, view.loupe.point
    assert place == QRectF(view.rect()).center(), "without a pointer it begins in the middle"
    assert press_key(view, Qt.Key.Key_Left)
    assert press_key(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.loupe.point == place + QPointF(-8, 48)
    assert view.viewport.state.share == share, "the divider stays"
    for _ in range(200):
        press_key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.loupe.point.x() == view.width()
    assert press_key(view, Qt.Key.Key_Escape)
    assert not view.loupe.is_on
    assert not press_key(view, Qt.Key.Key_Escape), "the next one leaves the picture"
    assert press_key(view, Qt.Key.Key_Left)
    assert view.viewport.state.share < share


@pytest.mark.parametrize("size", [(900, 700), (280, 120), (300, 900)])
@pytest.mark.parametrize("count", [1, 2])
def test_it_never_leaves_the_view(size: tuple[int, int], count: int) -> None:
    whole = QRectF(0, 0, *size)
    for across in (0.0, 0.5, 1.0):
        for down in (0.0, 0.5, 1.0):
            point = QPointF(across * size[0], down * size[1])
            rects = lens_rects(QSizeF(*size), point, count)
            assert len(rects) == count
            assert all(whole.contains(rect) for rect in rects)


def test_on_a_dense_screen_it_counts_pixels_of_the_screen() -> None:
    sizes = {Side.BEFORE: QSizeF(600, 400), Side.AFTER: QSizeF(1200, 800)}
    state = ViewState(QSizeF(1800, 1400), dpr=2.0).arranged().with_sizes(sizes, same=False)
    lens = lens_state(state, 1.0, QPointF(300, 300)).camera
    assert lens.target.size() == QSizeF(1200, 800)
    side = lens_rects(QSizeF(900, 700), QPointF(300, 300), 2)[0].width()
    assert lens.pane == QSizeF(2 * side, 2 * side)


def test_one_picture_alone_has_one_window(view: CompareView, after: Path) -> None:
    show(view, after, None)
    hover(view, QPointF(450, 500))
    press_l(view)
    (lens,) = lenses(view)
    _, place = view.viewport.state.pointed(QPointF(450, 500))
    assert lens_place(seen(view), lens) == pytest.approx((place.x(), place.y()), abs=0.01)


class _Painted(QObject):
    """Notes how much of a view is painted."""

    def __init__(self, view: CompareView) -> None:
        super().__init__(view)
        self.shares: list[float] = []
        self._view = view
        view.installEventFilter(self)

    def has_more_than(self, count: int) -> bool:
        return len(self.shares) > count

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's own
        if isinstance(event, QPaintEvent):
            area = event.rect().width() * event.rect().height()
            self.shares.append(area / (self._view.width() * self._view.height()))
        return False


def test_while_it_moves_only_what_it_covers_is_painted(before: Path, after: Path) -> None:
    with shown_view(1400, 1000) as view:
        show(view, before, after)
        hover(view, QPointF(500, 500))
        press_l(view)
        seen(view)
        wait_until(lambda: True)
        painted = _Painted(view)
        for step in range(5):
            hover(view, QPointF(505 + 5 * step, 500))
            wait_until(partial(painted.has_more_than, step))
        assert 0 < max(painted.shares) < 0.2


def test_of_a_very_large_picture_its_full_sharpness_is_read(tmp_path: Path, before: Path) -> None:
    # More than is kept of a picture that is seen as a whole.
    width, height = 6200, 4000
    line = bytes([0, 255]) * (width // 2)
    lines = Image.frombytes("L", (width, height), line * height)
    lines.save(tmp_path / "lines.jpg", quality=95)
    with shown_view(700, 500) as view:
        show(view, before, tmp_path / "lines.jpg")
        hover(view, QPointF(200, 400))
        press_l(view)
        wait_until(lambda: not view.busy)
        image = seen(view)
        right = lenses(view)[1]
        row = int(right.center().y())
        greys = [QColor(image.pixel(int(right.left()) + x, row)).red() for x in range(20, 60)]
        assert max(greys) - min(greys) > 150
