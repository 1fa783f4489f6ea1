"""The window where it is written from right to left: it is mirrored, its pictures are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from enhance_gui.core.text.pseudo import MIRRORED
from enhance_gui.ui.compare.pair_chooser import PairChooser
from enhance_gui.ui.gallery.cells.rows import MARGIN, PAD, TILE, TILE_GAP, RowDelegate
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.proxy import MARK_ROLE
from enhance_gui.ui.gallery.view import GalleryLayout, GalleryView
from enhance_gui.ui.startup.qt_language import speak_qt
from enhance_gui.ui.widgets.basics import label, line_edit, short_path
from enhance_gui.ui.widgets.flow_layout import FlowLayout
from enhance_gui.ui.widgets.icons import StateIcon, draw_icon
from enhance_gui.ui.widgets.pill import Pill
from tests.ui.compare.parts import (
    BLUE,
    RED,
    colour_at,
    near,
    plain,
    press_key,
    seen,
    show,
    shown_view,
)
from tests.ui.gallery.parts import StillClock, enhancing, pause, saved

LEFT_TO_RIGHT, RIGHT_TO_LEFT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


@pytest.fixture(autouse=True)
def direction(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(RIGHT_TO_LEFT)
    yield
    qapp.setLayoutDirection(LEFT_TO_RIGHT)


def test_the_direction_follows_the_language(qapp: QApplication) -> None:
    for code, wanted in (("de", LEFT_TO_RIGHT), (MIRRORED, RIGHT_TO_LEFT), ("ja", LEFT_TO_RIGHT)):
        font = qapp.font()
        translator = speak_qt(qapp, code)
        qapp.removeTranslator(translator)
        translator.deleteLater()
        qapp.setFont(font)
        assert qapp.layoutDirection() is wanted


def test_a_row_begins_at_the_right_with_before_at_the_left_of_after(
    qapp: QApplication, tmp_path: Path
) -> None:
    red, blue = (plain(tmp_path / f"{name}.png", c) for name, c in (("a", RED), ("b", BLUE)))
    image = _painted(saved(1, input=str(red), files=(blue,)))
    middle = image.height() // 2
    right = image.width() - MARGIN - PAD
    after = right - TILE.width() // 2
    before = after - TILE.width() - TILE_GAP
    assert near(colour_at(image, after, middle), BLUE)
    assert near(colour_at(image, before, middle), RED)


def test_progress_grows_from_the_right(qapp: QApplication) -> None:
    image = _painted(enhancing(1, percent=50))
    inked = _columns_of(image, "#0b63ce")
    bar_right = image.width() - MARGIN - PAD - 2 * TILE.width()
    assert inked
    assert max(inked) > bar_right - 60
    assert min(inked) > image.width() * 0.3


def test_the_ground_of_an_open_stack_begins_at_the_right(qapp: QApplication) -> None:
    model = GalleryModel(clock=StillClock())
    gallery = GalleryView(model, clock=StillClock())
    gallery.set_layout(GalleryLayout.GRID)
    gallery.shown.set_folding(True)
    gallery.resize(760, 500)
    gallery.show()
    model.set_items([saved(each, input_sha256="one source") for each in (1, 2)])
    pause(10)
    image = gallery.list.viewport().grab().toImage()
    top, below = (gallery.list.visualRect(gallery.shown.index(row)) for row in (0, 1))
    y = top.center().y()
    paper = colour_at(image, top.right() - 1, y)
    ground = colour_at(image, below.center().x() - below.width() // 2 + 1, y)
    assert ground != paper
    # From the one to the other it hangs together.
    assert colour_at(image, top.left() + 1, y) == colour_at(image, below.right() - 1, y) == ground
    _close(gallery)


def test_the_sign_of_a_closed_stack_points_to_the_left(qapp: QApplication) -> None:
    mirrored = _heights(_sign())
    qapp.setLayoutDirection(LEFT_TO_RIGHT)
    plain_ = _heights(_sign())
    # Its arrow stands before the number and points away from it.
    arrow = slice(6, 16)
    assert max(plain_[arrow]) > 4
    assert mirrored[::-1][arrow] == plain_[arrow]
    assert mirrored[arrow] != plain_[arrow]


def _sign() -> QImage:
    model = GalleryModel(clock=StillClock())
    gallery = GalleryView(model, clock=StillClock())
    gallery.shown.set_folding(True)
    gallery.resize(700, 400)
    gallery.show()
    model.set_items([saved(each, input_sha256="one source") for each in (1, 2)])
    pause(10)
    top = gallery.shown.index(0)
    delegate = gallery.list.itemDelegate()
    assert isinstance(delegate, RowDelegate)
    row, metrics = gallery.list.visualRect(top), gallery.list.fontMetrics()
    sign = delegate.sign_box(row, top.data(MARK_ROLE), metrics)
    image = gallery.list.viewport().grab(sign).toImage()
    _close(gallery)
    return image


def _heights(image: QImage) -> list[int]:
    """Return over how many rows the ink of each column reaches."""
    found = []
    for x in range(image.width()):
        rows = [y for y in range(image.height()) if QColor(image.pixel(x, y)).lightness() > 120]
        found.append(max(rows) - min(rows) + 1 if rows else 0)
    return found


def test_only_icons_of_what_has_a_beginning_are_mirrored(qapp: QApplication) -> None:
    for name, is_mirrored in ((StateIcon.ROWS, True), (StateIcon.CHECKING, False)):
        images = []
        for direction in (LEFT_TO_RIGHT, RIGHT_TO_LEFT):
            qapp.setLayoutDirection(direction)
            images.append(_drawn(name))
        turned = images[0].transformed(QTransform.fromScale(-1, 1))
        assert images[1] == (turned if is_mirrored else images[0])


def _drawn(name: StateIcon) -> QImage:
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    black, white = QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)
    draw_icon(painter, QRectF(0, 0, 16, 16), name, black, white)
    painter.end()
    return image


def test_which_two_pictures_are_compared_is_chosen_where_they_stand(qapp: QApplication) -> None:
    chooser = PairChooser()
    chooser.show_choice({1: "one", 2: "two"}, right=2, left=1)
    chooser.resize(600, 40)
    chooser.show()
    left, right = chooser.findChildren(QComboBox)
    assert (left.accessibleName(), left.currentText()) == ("Picture on the left", "one")
    assert left.mapTo(chooser, QPoint()).x() < right.mapTo(chooser, QPoint()).x()
    assert left.layoutDirection() is RIGHT_TO_LEFT
    chooser.deleteLater()


def test_a_number_or_a_path_stands_at_the_right_as_other_texts_do(qapp: QApplication) -> None:
    for text in ("0.1.0", "/pictures/new"):
        shown = label(text)
        shown.resize(400, 20)
        image = shown.grab().toImage()
        ground = image.pixel(0, 0)
        inked = [x for x in range(400) if any(image.pixel(x, y) != ground for y in range(20))]
        assert min(inked) > 200
        shown.deleteLater()


def test_a_pill_has_its_icon_at_the_right(qapp: QApplication) -> None:
    pill = Pill("Failed", StateIcon.FAILED)
    pill.set_count(3)
    pill.resize(pill.sizeHint())
    image = pill.grab().toImage()
    reds = _columns_of(image, "#b42318")
    assert min(reds) > image.width() * 0.6
    pill.deleteLater()


def test_what_flows_into_lines_begins_at_the_right(qapp: QApplication) -> None:
    ground = QWidget()
    layout = FlowLayout(ground)
    parts = [Pill("one"), Pill("two"), Pill("three")]
    for part in parts:
        layout.addWidget(part)
    ground.resize(parts[0].sizeHint().width() + parts[1].sizeHint().width() + 10, 200)
    layout.setGeometry(QRect(0, 0, ground.width(), ground.height()))
    first, second, third = (part.geometry() for part in parts)
    assert first.right() == third.right() == ground.width() - 1
    assert second.right() < first.left()
    assert third.top() > first.bottom()
    ground.deleteLater()


def test_the_comparison_is_as_in_every_language(qapp: QApplication, tmp_path: Path) -> None:
    red, blue = (plain(tmp_path / f"{name}.png", c) for name, c in (("a", RED), ("b", BLUE)))
    with shown_view() as view:
        show(view, red, blue)
        image = seen(view)
        middle = view.width() / 2
        assert near(colour_at(image, middle - 30, 150), RED)
        assert near(colour_at(image, middle + 30, 150), BLUE)
        before = view.viewport.state.share
        press_key(view, Qt.Key.Key_Right)
        assert view.viewport.state.share > before


def test_paths_and_addresses_stay_as_they_are_written(qapp: QApplication) -> None:
    assert line_edit("Address", literal=True).layoutDirection() is LEFT_TO_RIGHT
    assert line_edit("Name").layoutDirection() is RIGHT_TO_LEFT
    path = short_path(Path("/pictures/new"))
    assert path == "\u2066/pictures/new\u2069"
    qapp.setLayoutDirection(LEFT_TO_RIGHT)
    assert short_path(Path("/pictures/new")) == "/pictures/new"


def _painted(item: Item) -> QImage:
    model = GalleryModel(clock=StillClock())
    gallery = GalleryView(model, clock=StillClock())
    gallery.resize(700, 400)
    gallery.show()
    model.set_items([item])
    pause(300)
    row = gallery.list.visualRect(gallery.list.model().index(0, 0))
    image = gallery.list.viewport().grab(row).toImage()
    _close(gallery)
    return image


def _close(gallery: GalleryView) -> None:
    gallery.stop()
    gallery.hide()
    gallery.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _columns_of(image: QImage, name: str) -> list[int]:
    """Return the columns in which something has a colour."""
    wanted = QColor(name)
    return [
        x
        for x in range(image.width())
        if any(_alike(QColor(image.pixel(x, y)), wanted) for y in range(image.height()))
    ]


def _alike(one: QColor, other: QColor) -> bool:
    sides = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return all(abs(left - right) < 12 for left, right in sides)
