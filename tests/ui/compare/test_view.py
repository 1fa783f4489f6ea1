"""The comparison as people see and move it."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QThreadPool
from PySide6.QtGui import QFocusEvent, QKeyEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.pictures import loading
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pyramid import Pyramid, load
from enhance_gui.ui.compare.pictures.reading import CannotShow
from enhance_gui.ui.compare.view import CompareView
from tests.ui.compare.parts import (
    BLUE,
    RED,
    colour_at,
    double_click,
    drag,
    hold_space,
    hover,
    near,
    plain,
    press_key,
    seen,
    send_key,
    show,
    shown_view,
    turn_wheel,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("qapp")

NOTCH = QPoint(0, 120)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return plain(tmp_path / "before.png", RED, (600, 400))


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return plain(tmp_path / "after.png", BLUE, (1200, 800))


def noise(path: Path, size: tuple[int, int]) -> Image.Image:
    image = Image.frombytes("RGB", size, Random(7).randbytes(size[0] * size[1] * 3))
    image.save(path)
    return image


def counted(view: CompareView) -> Side:
    """Return the side whose pixels the zoom counts."""
    return view.viewport.state.counted


# --- modes


def test_the_divider_shows_before_to_its_left_and_after_to_its_right(
    before: Path, after: Path
) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.set_divider(0.25)
        image = seen(view)
        assert near(colour_at(image, 60, 230), RED)
        assert near(colour_at(image, 140, 230), BLUE)
        assert "before to its left" in view.accessibleDescription()
        assert "25 percent" in view.accessibleDescription()


def test_side_by_side_shows_both_at_the_same_place(before: Path, after: Path) -> None:
    with shown_view(800, 300) as view:
        view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
        show(view, before, after)
        image = seen(view)
        assert near(colour_at(image, 200, 200), RED)
        assert near(colour_at(image, 600, 200), BLUE)
        view.viewport.zoom_by(8, QPointF(100, 150))
        panes = view.viewport.state.scene.panes
        inside = QPointF(120, 80)
        place = view.viewport.state.camera.place_at(inside)
        there = [view.viewport.state.pointed(pane.rect.topLeft() + inside) for pane in panes]
        assert there == [(Side.BEFORE, place), (Side.AFTER, place)]


def test_panes_lie_above_each_other_where_the_picture_is_seen_larger_so(tmp_path: Path) -> None:
    broad = plain(tmp_path / "broad.png", RED, (3000, 500))
    with shown_view(600, 500) as view:
        view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
        show(view, broad, broad)
        one, other = view.viewport.state.scene.panes
        assert one.rect.bottom() < other.rect.top()


@pytest.mark.parametrize("mode", CompareMode)
def test_a_tap_of_space_shows_before_until_the_next(
    before: Path, after: Path, mode: CompareMode
) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.set_mode(mode)
        camera = view.viewport.state.camera
        assert near(colour_at(seen(view), 300, 230), BLUE)
        hold_space(view, 80)
        assert near(colour_at(seen(view), 300, 230), RED)
        assert near(colour_at(seen(view), 100, 230), RED)
        assert "before picture" in view.accessibleDescription()
        hold_space(view, 80)
        assert near(colour_at(seen(view), 300, 230), BLUE)
        assert view.viewport.state.camera == camera
        assert view.viewport.state.mode is mode


@pytest.mark.parametrize("mode", CompareMode)
def test_space_that_is_held_shows_before_only_so_long(
    before: Path, after: Path, mode: CompareMode
) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.set_mode(mode)
        send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_Space, at_ms=1000)
        for at_ms in (1400, 1430):
            send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_Space, at_ms=at_ms, repeats=True)
            send_key(view, QEvent.Type.KeyRelease, Qt.Key.Key_Space, at_ms=at_ms, repeats=True)
            assert near(colour_at(seen(view), 300, 230), RED)
        send_key(view, QEvent.Type.KeyRelease, Qt.Key.Key_Space, at_ms=2000)
        assert near(colour_at(seen(view), 300, 230), BLUE)


def test_a_held_space_whose_release_goes_elsewhere_shows_after_again(
    before: Path, after: Path
) -> None:
    with shown_view() as view:
        show(view, before, after)
        send_key(view, QEvent.Type.KeyPress, Qt.Key.Key_Space, at_ms=1000)
        assert view.viewport.state.peeks
        QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut))
        assert not view.viewport.state.peeks


def test_another_mode_or_picture_ends_the_look_at_before(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        hold_space(view, 80)
        view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
        assert not view.viewport.state.peeks
        hold_space(view, 80)
        show(view, after, before)
        assert not view.viewport.state.peeks


def test_one_picture_alone_is_shown_singly_and_a_second_one_keeps_the_place(
    before: Path, after: Path
) -> None:
    with shown_view() as view:
        show(view, before, None)
        assert near(colour_at(seen(view), 100, 230), RED)
        assert counted(view) is Side.BEFORE
        view.viewport.zoom_by(6, QPointF(100, 100))
        place = view.viewport.state.camera.visible
        show(view, before, after)
        assert counted(view) is Side.AFTER
        assert view.viewport.state.arrangement is CompareMode.DIVIDER
        now = view.viewport.state.camera.visible
        assert now.center().x() == pytest.approx(place.center().x(), abs=0.001)
        assert now.width() == pytest.approx(place.width(), abs=0.001)


def test_the_mode_tells_that_it_changed() -> None:
    with shown_view() as view:
        received: list[CompareMode] = []
        view.changed.connect(lambda: received.append(view.viewport.state.mode))
        view.viewport.set_mode(CompareMode.SINGLE)
        view.viewport.set_mode(CompareMode.SINGLE)
        assert received == [CompareMode.SINGLE]


# --- keyboard


def test_keys_move_the_divider(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        shift = Qt.KeyboardModifier.ShiftModifier
        for key, held, there in (
            (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.51),
            (Qt.Key.Key_Right, shift, 0.61),
            (Qt.Key.Key_Left, Qt.KeyboardModifier.KeypadModifier, 0.60),
            (Qt.Key.Key_Left, shift, 0.50),
            (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.0),
            (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.0),
            (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 1.0),
        ):
            assert press_key(view, key, held)
            assert view.viewport.state.share == pytest.approx(there)
        assert near(colour_at(seen(view), 370, 230), RED), "all of it is before"


def test_keys_zoom_and_pan(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        received: list[float] = []
        view.changed.connect(lambda: received.append(view.viewport.zoom))
        assert press_key(view, Qt.Key.Key_1)
        assert view.viewport.zoom == 1.0
        assert press_key(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier)
        assert view.viewport.zoom == 1.5
        assert press_key(view, Qt.Key.Key_Minus)
        assert received == [1.0, 1.5, 1.0]
        place = view.viewport.state.camera.visible
        assert press_key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        assert press_key(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        assert view.viewport.state.camera.visible.left() > place.left()
        assert view.viewport.state.camera.visible.top() > place.top()
        assert press_key(view, Qt.Key.Key_0)
        assert view.viewport.state.camera.fitted


def test_keys_that_mean_nothing_here_are_left_to_the_window(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        assert not press_key(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert not press_key(view, Qt.Key.Key_Escape)
        assert not press_key(view, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)


def test_no_shortcut_takes_a_key_that_means_something_here(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        for key, taken in ((Qt.Key.Key_Home, True), (Qt.Key.Key_F5, False)):
            event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
            event.ignore()
            QApplication.sendEvent(view, event)
            assert event.isAccepted() is taken


# --- mouse and touchpad


def test_dragging_near_the_line_moves_the_divider(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        drag(view, QPointF(208, 60), QPointF(100, 200))
        line = view.viewport.divider_line
        assert line is not None
        assert line.left() == pytest.approx(100, abs=1)
        hover(view, QPointF(104, 100))
        assert view.cursor().shape() is Qt.CursorShape.SplitHCursor
        hover(view, QPointF(250, 100))
        assert view.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_dragging_elsewhere_pans_and_leaves_the_divider(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.actual_size()
        place, share = view.viewport.state.camera.target.topLeft(), view.viewport.state.share
        drag(view, QPointF(320, 100), QPointF(290, 120))
        assert view.viewport.state.camera.target.topLeft() - place == QPointF(-30, 20)
        assert view.viewport.state.share == share
        hover(view, QPointF(320, 100))
        assert view.cursor().shape() is Qt.CursorShape.OpenHandCursor


def test_the_wheel_zooms_at_the_pointer(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        point = QPointF(300, 150)
        view.viewport.zoom_by(3, point)
        place = view.viewport.state.camera.place_at(point)
        zoom = view.viewport.zoom
        turn_wheel(view, point, NOTCH)
        assert view.viewport.zoom == pytest.approx(zoom * 1.25)
        assert view.viewport.state.camera.place_at(point) == place
        turn_wheel(view, point, -NOTCH)
        assert view.viewport.zoom == pytest.approx(zoom)


def test_two_fingers_pan_and_with_control_zoom(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.actual_size()
        corner = view.viewport.state.camera.target.topLeft()
        turn_wheel(view, QPointF(50, 50), NOTCH, fingers=QPoint(-12, 7))
        assert view.viewport.state.camera.target.topLeft() - corner == QPointF(-12, 7)
        assert view.viewport.zoom == 1.0
        held = Qt.KeyboardModifier.ControlModifier
        turn_wheel(view, QPointF(50, 50), NOTCH, fingers=QPoint(0, 7), held=held)
        assert view.viewport.zoom == pytest.approx(1.25)


def test_pinching_zooms_at_the_fingers(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.viewport.actual_size()
        point = QPointF(120, 200)
        place = view.viewport.state.camera.place_at(point)
        event = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            point,
            point,
            view.mapToGlobal(point),
            0.3,
            QPointF(),
        )
        QApplication.sendEvent(view, event)
        assert view.viewport.zoom == pytest.approx(1.3)
        assert (view.viewport.state.camera.place_at(point) - place).manhattanLength() < 1e-6


def test_a_double_click_changes_between_fit_and_its_place_at_100_percent(
    before: Path, after: Path
) -> None:
    with shown_view() as view:
        show(view, before, after)
        point = QPointF(330, 120)
        place = view.viewport.state.camera.place_at(point)
        double_click(view, point)
        assert view.viewport.zoom == 1.0
        assert (view.viewport.state.camera.place_at(point) - place).manhattanLength() < 0.001
        double_click(view, point)
        assert view.viewport.state.camera.fitted


# --- pixels


def test_at_100_percent_each_pixel_is_a_pixel_of_the_screen(tmp_path: Path) -> None:
    source = noise(tmp_path / "noise.png", (900, 700))
    with shown_view() as view:
        view.viewport.set_mode(CompareMode.SINGLE)
        show(view, tmp_path / "noise.png", tmp_path / "noise.png")
        view.viewport.actual_size()
        view.viewport.pan(QPointF(13, -21))
        corner = view.viewport.state.camera.target.topLeft()
        image = seen(view)
        for x, y in ((5, 90), (399, 299), (200, 150), (3, 250)):
            pixel = source.getpixel((round(x - corner.x()), round(y - corner.y())))
            assert isinstance(pixel, tuple)
            assert colour_at(image, x, y) == pixel


@pytest.mark.parametrize(("zoom", "crisp"), [(2.0, False), (4.0, True)])
def test_above_200_percent_each_pixel_is_a_square(tmp_path: Path, zoom: float, crisp: bool) -> None:
    grid = Image.new("RGB", (400, 400))
    grid.putdata([(255, 255, 255) if (i + i // 400) % 2 else (0, 0, 0) for i in range(160_000)])
    grid.save(tmp_path / "grid.png")
    with shown_view() as view:
        view.viewport.set_mode(CompareMode.SINGLE)
        show(view, None, tmp_path / "grid.png")
        view.viewport.zoom_by(zoom / view.viewport.zoom, QPointF(200, 150))
        image = seen(view)
        colours = {colour_at(image, x, 200) for x in range(100, 300)}
        assert (colours == {(0, 0, 0), (255, 255, 255)}) is crisp


def test_a_reduced_picture_is_smooth(tmp_path: Path) -> None:
    """Every other row is white: picked out one by one they would flicker, their mean is grey."""
    rows = Image.new("RGB", (1600, 1600))
    rows.putdata([(255, 255, 255) if i // 1600 % 2 else (0, 0, 0) for i in range(1600 * 1600)])
    rows.save(tmp_path / "rows.png")
    with shown_view(300, 300) as view:
        show(view, None, tmp_path / "rows.png")
        image = seen(view)
        assert {near(colour_at(image, 150, y), (127, 127, 127), 4) for y in range(60, 280)} == {
            True
        }


def test_a_checkerboard_lies_under_what_is_transparent(tmp_path: Path) -> None:
    clear = plain(tmp_path / "clear.png", (0, 0, 0, 0), (300, 300))
    with shown_view(300, 300) as view:
        show(view, None, clear)
        image = seen(view)
        colours = {colour_at(image, x, 200) for x in range(20, 280)}
        assert len(colours) == 2


def test_a_turned_before_lies_over_an_upright_after(tmp_path: Path) -> None:
    half = Image.new("RGB", (400, 200), RED)
    half.paste(BLUE, (200, 0, 400, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying; shown, its left side is above
    half.save(tmp_path / "turned.jpg", exif=exif, quality=100, subsampling=0)
    upright = half.transpose(Image.Transpose.ROTATE_270)
    upright.resize((400, 800)).save(tmp_path / "upright.png")
    with shown_view(200, 400) as view:
        show(view, tmp_path / "turned.jpg", tmp_path / "upright.png")
        image = seen(view)
        for x in (50, 150):
            assert near(colour_at(image, x, 120), RED, 6)
            assert near(colour_at(image, x, 320), BLUE, 6)


def test_another_shape_is_not_distorted(tmp_path: Path) -> None:
    square = plain(tmp_path / "square.png", RED, (200, 200))
    broad = plain(tmp_path / "broad.png", BLUE, (400, 200))
    with shown_view(400, 200) as view:
        show(view, square, broad)
        view.viewport.set_divider(1.0)
        image = seen(view)
        assert near(colour_at(image, 110, 180), RED)
        assert not near(colour_at(image, 90, 180), RED)


# --- loading


def test_the_old_pair_stays_until_the_new_one_is_read(
    before: Path, after: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def load_late(file: PictureFile, known: Pyramid | None) -> Pyramid | CannotShow:
        may_go_on.wait(60)
        return load(file, known)

    with shown_view() as view:
        show(view, before, after)
        monkeypatch.setattr(loading, "load", load_late)
        view.show_pair(PictureFile(after, "Before"), PictureFile(before, "After"))
        assert view.busy
        still = colour_at(seen(view), 60, 230)
        may_go_on.set()
        assert near(still, RED)
        wait_until(lambda: not view.busy)
        assert near(colour_at(seen(view), 60, 230), BLUE)


def test_a_pair_that_is_no_longer_wanted_never_appears(tmp_path: Path, before: Path) -> None:
    noise(tmp_path / "first.png", (1500, 1500))
    noise(tmp_path / "second.png", (2200, 2200))
    with shown_view() as view:
        widths: list[float] = []
        view.changed.connect(lambda: widths.append(view.viewport.state.camera.picture.width()))
        view.show_pair(None, PictureFile(tmp_path / "first.png", "After"))
        show(view, None, tmp_path / "second.png")
        view.show_pair(None, PictureFile(tmp_path / "first.png", "After"))
        view.clear()
        QThreadPool.globalInstance().waitForDone()
        QApplication.processEvents()
        assert not view.viewport.state.has_picture
        assert set(widths) == {1.0, 2200.0}


def test_a_file_that_cannot_be_read_leaves_a_sentence_and_the_other_side(
    tmp_path: Path, after: Path
) -> None:
    with shown_view() as view:
        show(view, tmp_path / "gone.png", after)
        assert view._shown[Side.BEFORE].sentence == "“gone.png” cannot be opened any more."
        image = seen(view)
        assert near(colour_at(image, 300, 230), BLUE)
        assert not near(colour_at(image, 60, 230), BLUE, 30)


def test_a_view_may_go_while_it_reads(tmp_path: Path) -> None:
    noise(tmp_path / "slow.png", (2000, 2000))
    with shown_view() as view:
        view.show_pair(None, PictureFile(tmp_path / "slow.png", "After"))


def test_another_after_of_the_same_before_keeps_place_and_divider(
    tmp_path: Path, before: Path, after: Path
) -> None:
    other = plain(tmp_path / "other.png", (30, 200, 40), (2400, 1600))
    with shown_view() as view:
        show(view, before, after)
        view.viewport.set_divider(0.3)
        view.viewport.actual_size()
        place = view.viewport.state.camera.visible
        show(view, before, other)
        assert view.viewport.state.share == 0.3
        assert view.viewport.zoom == pytest.approx(0.5)
        assert view.viewport.state.camera.visible == place
        show(view, other, after)
        assert view.viewport.state.camera.fitted
        assert view.viewport.state.share == 0.5


def test_a_place_may_be_asked_for_before_the_picture_is_there(before: Path, after: Path) -> None:
    with shown_view() as view:
        view.show_pair(PictureFile(before, "Before"), PictureFile(after, "After"))
        view.zoom_to(QRectF(0.5, 0.5, 0.1, 0.1))
        wait_until(lambda: not view.busy)
        visible = view.viewport.state.camera.visible
        assert visible.contains(QRectF(0.5, 0.5, 0.1, 0.1))
        assert max(visible.width(), visible.height()) < 0.2


def test_nothing_to_compare_is_said_in_words() -> None:
    with shown_view() as view:
        assert view.accessibleName() == "Before and after"
        assert view.accessibleDescription() == "Choose a picture to see it before and after."
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Plus, Qt.Key.Key_1, Qt.Key.Key_Space):
            press_key(view, key)
        turn_wheel(view, QPointF(10, 10), NOTCH)
        drag(view, QPointF(10, 10), QPointF(60, 60))
        view.zoom_to(QRectF(0.1, 0.1, 0.2, 0.2))
        assert not seen(view).isNull()


def test_a_view_of_no_size_is_no_trouble(before: Path, after: Path) -> None:
    view = CompareView()
    view.resize(0, 0)
    show(view, before, after)
    view.viewport.zoom_in()
    view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
    view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_ring_shows_where_the_keyboard_is(before: Path, after: Path) -> None:
    with shown_view() as view:
        show(view, before, after)
        view.activateWindow()
        wait_until(view.isActiveWindow)
        view.clearFocus()
        view.setFocus(Qt.FocusReason.MouseFocusReason)
        plain_border = colour_at(seen(view), 200, 0)
        press_key(view, Qt.Key.Key_Right)
        notify_all = view.palette().highlight().color()
        assert near(
            colour_at(seen(view), 200, 0),
            (notify_all.red(), notify_all.green(), notify_all.blue()),
            8,
        )
        view.clearFocus()
        assert colour_at(seen(view), 200, 0) == plain_border
        view.setFocus(Qt.FocusReason.TabFocusReason)
        assert colour_at(seen(view), 200, 0) != plain_border
        drag(view, QPointF(100, 100), QPointF(100, 100))
        assert near(colour_at(seen(view), 200, 0), plain_border)
