"""The camera: what fits, what stays under the pointer, what stays in view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from enhance_gui.ui.compare.camera import LARGEST_FIT, MAX_ZOOM, Camera

sides = st.integers(1, 20_000)
panes = st.integers(20, 4_000)
shares = st.floats(0, 1)
zooms = st.floats(0.01, 40)


def camera(picture: tuple[int, int], pane: tuple[int, int] = (400, 300)) -> Camera:
    return Camera(QSizeF(*picture), QSizeF(*pane)).fit()


def test_a_large_picture_fits_whole() -> None:
    looking = camera((4000, 1500))
    assert looking.zoom == pytest.approx(0.1)
    assert looking.visible == QRectF(0, 0, 1, 1)
    assert looking.target == QRectF(0, 75, 400, 150)


def test_a_small_picture_is_enlarged_only_as_far_as_it_is_drawn_smooth() -> None:
    assert camera((20, 20)).zoom == LARGEST_FIT


@given(st.integers(2_000, 20_000), shares, shares, st.floats(1, 5), st.floats(1, 5))
def test_what_is_under_the_pointer_stays_there(
    side: int, x: float, y: float, zoom: float, nearer: float
) -> None:
    looking = camera((side, side)).zoomed(zoom)
    point = QPointF(x * 400, y * 300)
    place = looking.place_at(point)
    there = looking.zoomed(zoom * nearer, point).place_at(point)
    assert (there - place).manhattanLength() * side * zoom * nearer == pytest.approx(0, abs=0.01)


@given(sides, sides, panes, panes, zooms, st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_no_empty_room_beside_a_picture_that_could_fill_it(
    width: int, height: int, across: int, down: int, zoom: float, x: float, y: float
) -> None:
    looking = camera((width, height), (across, down)).zoomed(zoom).moved(QPointF(x, y))
    target = looking.target
    if target.width() >= across:
        assert target.left() <= 0.51
        assert target.right() >= across - 0.51
    else:
        assert target.center().x() == pytest.approx(across / 2, abs=0.51)
    assert looking.min_zoom <= looking.zoom <= MAX_ZOOM
    assert QRectF(-1e-6, -1e-6, 1 + 2e-6, 1 + 2e-6).contains(looking.visible)


@given(sides, sides, zooms)
def test_the_picture_begins_at_a_whole_pixel(width: int, height: int, zoom: float) -> None:
    corner = camera((width, height)).zoomed(zoom).target.topLeft()
    assert corner == QPointF(round(corner.x()), round(corner.y()))


def test_steps_go_over_round_zooms_and_the_fit() -> None:
    looking = camera((1000, 500))  # fits at 40 %
    seen = []
    for _ in range(5):
        looking = looking.stepped(1)
        seen.append(looking.zoom)
    assert seen == [0.5, pytest.approx(2 / 3), 1.0, 1.5, 2.0]
    for _ in range(5):
        looking = looking.stepped(-1)
    assert looking.fitted
    assert looking.zoom == pytest.approx(0.4)
    assert looking.stepped(-1).zoom == pytest.approx(0.4), "smaller than it fits shows no more"
    for _ in range(30):
        looking = looking.stepped(1)
    assert looking.zoom == MAX_ZOOM


def test_a_part_is_shown_as_large_as_the_pane_allows() -> None:
    looking = camera((2000, 2000)).at_rect(QRectF(0.5, 0.25, 0.1, 0.05))
    assert looking.zoom == pytest.approx(2.0)
    assert looking.visible.contains(QRectF(0.5, 0.25, 0.1, 0.05))
    assert looking.at_rect(QRectF()) == looking


def test_another_version_of_the_picture_is_seen_at_the_same_place_and_size() -> None:
    looking = camera((1000, 1000)).zoomed(2.0).moved(QPointF(-120, 30))
    twice = looking.with_picture(QSizeF(2000, 2000))
    assert twice.zoom == pytest.approx(1.0)
    assert twice.target == looking.target


def test_a_fitted_picture_stays_so_when_the_pane_changes() -> None:
    assert camera((1000, 1000)).with_pane(QSizeF(100, 200)).zoom == pytest.approx(0.1)
    looking = camera((1000, 1000)).zoomed(1.0).with_pane(QSizeF(100, 200))
    assert looking.zoom == 1.0
    assert looking.centre == QPointF(0.5, 0.5)
