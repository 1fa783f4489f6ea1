"""How entries are painted: in both themes, at every sharpness, whatever they hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from enhance_gui.core.resources import resource
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery.cells import grid, rows
from enhance_gui.ui.gallery.cells.delegate import CellStyle, icon_of
from enhance_gui.ui.gallery.cells.grid import GridDelegate
from enhance_gui.ui.gallery.cells.rows import RowDelegate
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.view import GalleryLayout, GalleryView
from enhance_gui.ui.widgets import colours
from enhance_gui.ui.widgets.icons import StateIcon, draw_icon
from enhance_gui.ui.widgets.thumbnails import Thumbnails
from tests.ui.gallery.parts import StillClock, enhancing, failed, in_doubt, item, pause, saved

_OF_STATES = [StateIcon(group.value) for group in Group] + [StateIcon.CANCELLED]


@pytest.fixture
def thumbnails(qapp: QApplication) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.stop()


def palette_of(theme: str) -> QPalette:
    table = tomllib.loads(resource("style/colours.toml").read_text("utf-8"))[theme]
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Base, QColor(table["base"]))
    palette.setColor(QPalette.ColorRole.Window, QColor(table["window"]))
    palette.setColor(QPalette.ColorRole.Text, QColor(table["text"]))
    palette.setColor(QPalette.ColorRole.Highlight, QColor(table["highlight"]))
    return palette


def contrast(one: QColor, other: QColor) -> float:
    """Return the ratio that WCAG 2 defines, 1 to 21."""
    lights = sorted(_luminance(each) for each in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("icon", _OF_STATES)
def test_every_state_can_be_read_on_both_grounds(theme: str, icon: StateIcon) -> None:
    palette = palette_of(theme)
    base = palette.color(QPalette.ColorRole.Base)
    chosen = colours.mixed(base, palette.color(QPalette.ColorRole.Highlight), 0.2)
    colour = colours.icon_colour(icon, palette)
    assert contrast(colour, base) >= 4.5
    assert contrast(colour, palette.color(QPalette.ColorRole.Window)) >= 4.5
    is_written = icon in (StateIcon.NEEDS_YOU, StateIcon.FAILED)
    assert contrast(colour, chosen) >= (4.5 if is_written else 3)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["Base", "Window"])
def test_quiet_words_can_be_read_on_what_is_selected_or_pointed_at(theme: str, ground: str) -> None:
    palette = palette_of(theme)
    ground_ = palette.color(getattr(QPalette.ColorRole, ground))
    highlight = palette.color(QPalette.ColorRole.Highlight)
    text = palette.color(QPalette.ColorRole.Text)
    quiet = colours.quiet(palette)
    assert contrast(quiet, ground_) >= 4.5
    assert contrast(quiet, colours.mixed(ground_, highlight, 0.2)) >= 4.5
    assert contrast(quiet, colours.mixed(ground_, text, 0.1)) >= 4.5


def test_a_hint_has_the_room_that_type_and_service_leave(
    qapp: QApplication, thumbnails: Thumbnails
) -> None:
    delegate, metrics = RowDelegate(thumbnails, StillClock()), QFontMetrics(qapp.font())
    image = QImage(1180, delegate.cell_for(1180, metrics).height(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    option = QStyleOptionViewItem()
    option.palette, option.font = palette_of("light"), qapp.font()
    option.fontMetrics = metrics
    shown = failed(1, "address_refused")
    delegate.draw(painter, image.rect(), shown, CellStyle(option, 1.0))
    painter.end()
    text = image.width() - 2 * (rows.MARGIN + rows.PAD) - 2 * rows.TILE.width()
    before_side = image.width() - round(text * rows.SIDE_SHARE) + 40
    inked = [
        x
        for x in range(before_side, before_side + 60)
        if any(QColor(image.pixel(x, y)).lightness() < 200 for y in range(image.height()))
    ]
    assert inked


def test_no_two_signs_have_the_same_shape(qapp: QApplication) -> None:
    shapes = {icon: drawn(icon) for icon in StateIcon}
    assert all(any(shape) for shape in shapes.values())
    for one in StateIcon:
        for other in StateIcon:
            if one is not other:
                unlike = sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True))
                assert unlike > 20, (one, other)


def drawn(icon: StateIcon) -> list[bool]:
    """Return which pixels of a sign are ink, whatever its colour."""
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw_icon(painter, QRectF(0, 0, 32, 32), icon, QColor("black"), QColor("white"))
    painter.end()
    return [image.pixelColor(x, y).lightness() < 128 for y in range(32) for x in range(32)]


def test_what_was_taken_back_is_apart_from_what_failed() -> None:
    assert icon_of(item(1, TaskState.CANCELLED)) is StateIcon.CANCELLED
    assert icon_of(failed()) is StateIcon.FAILED
    assert all(StateIcon(group.value) for group in Group)


def test_a_row_wants_both_pictures_in_its_size_on_the_screen(thumbnails: Thumbnails) -> None:
    wanted = RowDelegate(thumbnails, StillClock()).wants(saved(), 2.0)
    assert [each.path.name for each in wanted] == ["picture 1.jpg", "picture 1-enhance.jpg"]
    assert all(each.size_px == rows.TILE * 2 for each in wanted)


def test_a_cell_wants_what_was_small_and_what_is_large(thumbnails: Thumbnails) -> None:
    delegate = GridDelegate(thumbnails, StillClock())
    after, before = delegate.wants(saved(), 1.0)
    assert (after.size_px, before.size_px) == (grid.TILE, grid.CORNER)
    (only,) = delegate.wants(item(1), 1.25)
    assert only.size_px == QSize(230, 172)
    assert delegate.wants(item(1, input="https://example.org/a.jpg"), 1.0) == []


def test_cells_share_the_width_of_the_view(qapp: QApplication, thumbnails: Thumbnails) -> None:
    delegate = GridDelegate(thumbnails, StillClock())
    metrics = QFontMetrics(qapp.font())
    for width in (150, 300, 777, 1400):
        cell = delegate.cell_for(width, metrics)
        across = max(1, width // cell.width())
        assert cell.width() >= grid.TILE.width()
        assert width < cell.width() or width - across * cell.width() < across


_ODD = [
    enhancing(1),
    enhancing(2, expected_s=0),
    in_doubt(3),
    failed(4, kind="a kind from a newer version"),
    saved(5, input="https://example.org/" + "x" * 3000),
    item(6, input="/pictures/\u202e\u0000</b>&amp;\u0301\u0301.png", type_name="", service=""),
    item(7, TaskState.CANCELLED, checked=None),
]


@pytest.mark.parametrize("look", list(GalleryLayout))
@pytest.mark.parametrize("width", [90, 640])
def test_whatever_an_entry_holds_it_is_painted(
    qapp: QApplication, look: GalleryLayout, width: int
) -> None:
    model = GalleryModel(clock=StillClock())
    gallery = GalleryView(model, clock=StillClock())
    gallery.set_layout(look)
    gallery.resize(width, 900)
    gallery.show()
    blank = painted(gallery)
    items: list[Item] = _ODD
    model.set_items(items)
    pause(10)
    assert painted(gallery) != blank
    gallery.stop()
    gallery.hide()
    gallery.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize(
    ("look", "lines"),
    [
        (GalleryLayout.GRID, ["Enhance · Studio · B", "Enhance · Studio · A"]),
        (GalleryLayout.ROWS, ["Enhance", "Enhance"]),
    ],
)
def test_below_its_name_and_state_a_picture_has_what_tells_it_from_its_namesakes(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, look: GalleryLayout, lines: list[str]
) -> None:
    written: list[str] = []
    paint = CellStyle.text

    def write(
        style: CellStyle, painter: QPainter, box: QRect, text: str, *rest: Any, **more: Any
    ) -> None:
        written.append(text)
        paint(style, painter, box, text, *rest, **more)

    monkeypatch.setattr(CellStyle, "text", write)
    model = GalleryModel(clock=StillClock())
    gallery = GalleryView(model, clock=StillClock())
    gallery.set_layout(look)
    gallery.resize(640, 900)
    gallery.show()
    model.set_items([saved(1, input="/cards/A/1.jpg"), saved(2, input="/cards/B/1.jpg")])
    pause(10)
    written.clear()
    painted(gallery)
    if look is GalleryLayout.ROWS:
        sides = [each.split("  ·  ") for each in written if "  ·  " in each]
        assert [(side[0], side[-1]) for side in sides] == [("Studio", "B"), ("Studio", "A")]
    assert written.count("1.jpg") == 2
    assert [each for each in written if each.startswith("Enhance")] == lines
    gallery.stop()
    gallery.hide()
    gallery.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def painted(gallery: GalleryView) -> QImage:
    return gallery.list.viewport().grab().toImage()
