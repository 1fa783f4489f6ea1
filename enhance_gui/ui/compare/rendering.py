"""Paints one frame of the comparison: everything that is visible at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPainter

from enhance_gui.ui.compare import texts
from enhance_gui.ui.compare.camera import CRISP_ABOVE, place_within
from enhance_gui.ui.compare.loupe import lens_rects, lens_state, mark_rect
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.painting import (
    Tones,
    checkerboard,
    paint_divider,
    paint_loupe_frame,
    paint_mirror_cursor,
    paint_page,
    paint_picture,
    paint_pill,
    paint_ring,
    paint_sentence,
)
from enhance_gui.ui.compare.pictures.loading import Pair
from enhance_gui.ui.compare.pictures.pyramid import Detail, Pyramid
from enhance_gui.ui.compare.view_state import Pane, Scene, ViewState

_BOTTOM: Final = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
_TOP_LEFT: Final = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
_TOP_RIGHT: Final = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that is visible at one moment."""

    state: ViewState
    shown: Pair
    details: Mapping[Side, Detail | None]
    tones: Tones
    font: QFont
    rect: QRect
    """The view, in Qt's pixels."""
    note: str = ""
    """The text of what the user is waiting for."""
    nothing: tuple[str, str] = ("", "")
    """A title and sentences, which stand where there is no picture."""
    keyboard_here: bool = False
    pointed: tuple[Side, QPointF] | None = None
    """The side under the pointer, and the place in the picture there, in fractions."""
    loupe: tuple[float, QPointF] | None = None
    """The zoom of the loupe, and the point of the view that it shows, in Qt's pixels."""


def paint_frame(painter: QPainter, frame: Frame, exposed: QRect) -> None:
    """Paint the exposed part of a frame."""
    scene = frame.state.scene
    _snap(painter)
    painter.fillRect(frame.rect.adjusted(-1, -1, 1, 1), frame.tones.ground)
    if not frame.shown:
        title, text = ("", frame.note) if frame.note else frame.nothing
        paint_page(painter, frame.font, QRectF(frame.rect), title, text, frame.tones)
    else:
        for pane in scene.panes:
            _paint_pane(painter, frame, pane, exposed)
        _paint_mirror_cursors(painter, frame, scene)
        if scene.divider is not None:
            line = _scaled(scene.divider, 1 / frame.state.dpr)
            paint_divider(painter, line, frame.keyboard_here, frame.tones)
        if frame.loupe is not None:
            _paint_loupe(painter, frame, *frame.loupe, exposed)
        if frame.note:
            paint_pill(painter, frame.font, QRectF(frame.rect), _BOTTOM, frame.note, "")
    if frame.keyboard_here:
        paint_ring(painter, frame.rect, frame.tones)


def _snap(painter: QPainter) -> None:
    """Align the view with a whole pixel of the screen, which fractional scalings do not."""
    origin = painter.deviceTransform().map(QPointF())
    scale = painter.deviceTransform().m11()
    painter.translate(
        (round(origin.x()) - origin.x()) / scale, (round(origin.y()) - origin.y()) / scale
    )


def _paint_pane(painter: QPainter, frame: Frame, pane: Pane, exposed: QRect) -> None:
    shown = frame.shown.get(pane.side)
    if shown is None or pane.clip.isEmpty():
        return
    clip = _scaled(pane.clip, 1 / frame.state.dpr)
    rect = _scaled(pane.rect, 1 / frame.state.dpr)
    painter.save()
    painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
    if shown.pyramid is None:
        # In divider mode the sentence is centred in what is left for its side.
        paint_sentence(painter, frame.font, clip, shown.sentence, frame.tones)
        facts = ""
    else:
        _paint_pixels(painter, frame, pane, shown.pyramid, exposed)
        facts = texts.pixels_and_bytes(shown.pyramid.facts)
    corner, room = _TOP_LEFT, rect
    if frame.state.arrangement is CompareMode.DIVIDER:
        # Each name keeps to its half, and the divider wipes it away together with its side.
        right = pane.side is Side.AFTER
        corner = _TOP_RIGHT if right else _TOP_LEFT
        half = rect.width() / 2
        room = rect.adjusted(half, 0, 0, 0) if right else rect.adjusted(0, 0, -half, 0)
    paint_pill(painter, frame.font, room, corner, shown.file.label, facts)
    painter.restore()


def _paint_pixels(
    painter: QPainter, frame: Frame, pane: Pane, pyramid: Pyramid, exposed: QRect
) -> None:
    camera = frame.state.camera
    whole = camera.target.translated(pane.rect.topLeft())
    target = place_within(QSizeF(pyramid.size), camera.picture, whole)
    clip = pane.clip.intersected(_scaled(QRectF(exposed.adjusted(-1, -1, 1, 1)), frame.state.dpr))
    painter.save()
    painter.scale(1 / frame.state.dpr, 1 / frame.state.dpr)
    if pyramid.transparent:
        painter.setBrushOrigin(target.topLeft())
        painter.fillRect(target.intersected(clip), checkerboard(frame.tones, frame.state.dpr))
    crisp = camera.zoom > CRISP_ABOVE
    paint_picture(painter, pyramid, frame.details.get(pane.side), target, clip, crisp)
    painter.restore()


def _paint_loupe(
    painter: QPainter, frame: Frame, zoom: float, point: QPointF, exposed: QRect
) -> None:
    """Paint the windows of the loupe, each with the name of its picture."""
    state = frame.state
    sides = [side for side in Side if side in frame.shown]
    rects = lens_rects(state.view / state.dpr, point, len(sides))
    box = rects[0].united(rects[-1])
    mark = mark_rect(state, zoom, point)
    if mark.width() < rects[0].width():
        paint_loupe_frame(painter, mark)
    painter.fillRect(box, frame.tones.ground)
    inside = replace(frame, state=lens_state(state, zoom, point))
    for side, rect in zip(sides, rects, strict=True):
        shown = frame.shown[side]
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        if shown.pyramid is None:
            paint_sentence(painter, frame.font, rect, shown.sentence, frame.tones)
        else:
            whole = _scaled(rect, state.dpr)
            _paint_pixels(painter, inside, Pane(side, whole, whole), shown.pyramid, exposed)
        paint_pill(painter, frame.font, rect, _TOP_LEFT, shown.file.label, "")
        painter.restore()
    paint_pill(painter, frame.font, box, _BOTTOM, texts.percent(zoom), "")
    paint_loupe_frame(painter, box)


def _paint_mirror_cursors(painter: QPainter, frame: Frame, scene: Scene) -> None:
    if frame.pointed is None or frame.state.arrangement is not CompareMode.SIDE_BY_SIDE:
        return
    pointed, place = frame.pointed
    for pane in scene.panes:
        if pane.side is pointed:
            continue
        painter.save()
        painter.setClipRect(_scaled(pane.clip, 1 / frame.state.dpr))
        paint_mirror_cursor(painter, scene.point_of(pane, place) / frame.state.dpr)
        painter.restore()


def _scaled(rect: QRectF, by: float) -> QRectF:
    return QRectF(rect.left() * by, rect.top() * by, rect.width() * by, rect.height() * by)
