"""A key or a button leads to another zoom by a short way; a wheel is there at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleFactory

from enhance_gui.ui.compare.camera import Camera
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.compare.viewport import GLIDE_MS, between
from tests.ui.compare.parts import (
    double_click,
    plain,
    press_key,
    seen,
    show,
    shown_view,
    turn_wheel,
    wait_until,
)

NOTCH = QPoint(0, 120)


class StillStyle(QProxyStyle):
    """The style of a system that is asked for no motion."""

    def styleHint(self, hint: QStyle.StyleHint, *others: object) -> int:  # noqa: N802  Qt's
        if hint is QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, *others)  # type: ignore[arg-type]


@pytest.fixture
def picture(tmp_path: Path, qapp: QApplication) -> Path:
    return plain(tmp_path / "red.png", (200, 0, 0), (4000, 3000))


def glides(view: CompareView) -> bool:
    return view.viewport.animation.running


def zoomed(view: CompareView) -> None:
    assert view.viewport.zoom == 1.0
    assert glides(view)


def test_a_key_a_button_and_a_double_click_lead_there_by_a_way(picture: Path) -> None:
    with shown_view() as view:
        show(view, None, picture)
        assert not glides(view)
        press_key(view, Qt.Key.Key_1)
        zoomed(view)
        # Where it leads is known at once; the eye follows.
        wait_until(lambda: not view.viewport.animation.running)
        press_key(view, Qt.Key.Key_0)
        assert view.viewport.state.camera.fitted
        assert glides(view)
        wait_until(lambda: not view.viewport.animation.running)
        double_click(view, QPointF(200, 150))
        zoomed(view)
        wait_until(lambda: not view.viewport.animation.running)
        view.viewport.zoom_in()
        assert glides(view)


def test_a_wheel_is_there_at_once_even_on_the_way(picture: Path) -> None:
    with shown_view() as view:
        show(view, None, picture)
        turn_wheel(view, QPointF(10, 10), NOTCH)
        assert not glides(view)
        view.viewport.actual_size()
        assert glides(view)
        turn_wheel(view, QPointF(10, 10), NOTCH)
        assert not glides(view)
        assert view.viewport.zoom == pytest.approx(1.25)


def test_the_painted_way_ends_where_it_should(tmp_path: Path, qapp: QApplication) -> None:
    small = plain(tmp_path / "small.png", (0, 0, 200), (400, 60))
    with shown_view() as view:
        show(view, None, small)
        fitted = seen(view)
        view.viewport.zoom_in()
        wait_until(lambda: not view.viewport.animation.running)
        near = seen(view)
        assert near != fitted
        view.viewport.fit()
        wait_until(lambda: not view.viewport.animation.running)
        assert seen(view) == fitted


def test_there_is_no_motion_where_the_system_wants_none(picture: Path) -> None:
    with shown_view() as view:
        still = StillStyle(QStyleFactory.create("Fusion"))
        view.setStyle(still)
        show(view, None, picture)
        view.viewport.actual_size()
        assert view.viewport.zoom == 1.0
        assert not glides(view)


def test_a_hidden_view_does_not_move(picture: Path) -> None:
    with shown_view() as view:
        show(view, None, picture)
        view.hide()
        view.viewport.actual_size()
        assert not glides(view)


def test_it_is_short() -> None:
    assert GLIDE_MS <= 150


shares = st.floats(0, 1)


@given(shares, shares, st.floats(0.2, 4), st.floats(1.01, 8), shares)
def test_what_is_under_the_pointer_stays_there_all_the_way(
    x: float, y: float, zoom: float, nearer: float, share: float
) -> None:
    start = Camera(QSizeF(9000, 9000), QSizeF(400, 300)).zoomed(zoom)
    point = QPointF(x * 400, y * 300)
    end = start.zoomed(zoom * nearer, point)
    place = between(start, end, share).place_at(point) - start.place_at(point)
    assert place.manhattanLength() * 9000 * zoom * nearer == pytest.approx(0, abs=0.02)


@given(st.floats(0.1, 4), st.floats(0.1, 4))
def test_the_way_begins_and_ends_where_it_should(first: float, last: float) -> None:
    start = Camera(QSizeF(9000, 6000), QSizeF(400, 300)).zoomed(first)
    end = start.zoomed(last)
    for share, there in ((0.0, start), (1.0, end)):
        way = between(start, end, share)
        assert way.zoom == pytest.approx(there.zoom)
        assert (way.centre - there.centre).manhattanLength() == pytest.approx(0, abs=1e-6)
