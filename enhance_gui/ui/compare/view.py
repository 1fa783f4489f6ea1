"""The widget that compares a picture before and after."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QSizePolicy, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.compare import texts
from enhance_gui.ui.compare.busy import DelayedBusyText
from enhance_gui.ui.compare.gestures import GestureController
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.opening import MostDetailed, placing, same_picture
from enhance_gui.ui.compare.painting import Tones, handle_rect
from enhance_gui.ui.compare.pictures.loading import DetailLoader, Pair, PairLoader
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.rendering import Frame, paint_frame
from enhance_gui.ui.compare.viewport import Viewport
from enhance_gui.ui.widgets.background import Background

_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_USUAL_SIZE: Final = QSize(900, 600)
_MIN_SIZE: Final = QSize(280, 120)


class CompareView(QWidget):
    """Shows a pair at one place and one zoom: with a divider, side by side, or one at a time.

    The zoom counts pixels of the after picture (of the before picture while there is no other)
    against pixels of the screen: 1.0 is one on one, on a high-density screen too. How much memory
    pictures take, and its bound, stands in :mod:`enhance_gui.ui.compare.pictures.pyramid`. Points
    are in Qt's pixels.
    """

    changed = Signal()
    """The state of :attr:`viewport`, or what stands in place of a picture, has changed."""
    failed = Signal(str)
    """A file cannot be read; the sentence stands in the picture's place, too."""

    def __init__(self, parent: QWidget | None = None, search: MostDetailed | None = None) -> None:
        """:param search: finds the place at which an enlarged result is opened."""
        super().__init__(parent)
        self._search = search
        self.viewport = Viewport(self)
        self.viewport.changed.connect(self._settle)
        self.viewport.divider_moved.connect(self._move_divider)
        self.viewport.glide.moved.connect(self.update)
        self._shown: Pair = {}
        self._nothing = ("", tr(texts.NOTHING_YET))
        self._rect_to_come: QRectF | None = None
        self._pointer: QPointF | None = None
        self._by_keyboard = False
        background = Background(self)
        self._loader = PairLoader(background, self)
        self._loader.ready.connect(self._show)
        self._loaders = {side: DetailLoader(background, self) for side in Side}
        for loader in self._loaders.values():
            loader.changed.connect(self._settle)
        self._busy = DelayedBusyText(self)
        self._busy.ended.connect(self.update)
        self._gestures = GestureController(self, self.viewport)
        self._prepare_widget()

    def _prepare_widget(self) -> None:
        self.setAccessibleName(tr(texts.VIEW_NAME))
        self.setAccessibleDescription(tr(texts.NOTHING_YET))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if sys.platform != "darwin":
            # There, Qt makes the same gesture out of the touchpad's own, which is handled below.
            self.grabGesture(Qt.GestureType.PinchGesture)

    # --- pictures

    def show_pair(
        self,
        before: PictureFile | None,
        after: PictureFile | None,
        *,
        at_detail: bool = False,
    ) -> None:
        """Show these files. What is shown now stays until both are read.

        Place and zoom stay where the picture does: at another after of the same before.

        :param at_detail: open an enlarged result at 100 % where there is most to see, not fitted.
        """
        files = {Side.BEFORE: before, Side.AFTER: after}
        wanted = {side: file for side, file in files.items() if file is not None}
        if not wanted:
            self.clear()
            return
        self._rect_to_come = None
        search = self._search if at_detail else None
        self._loader.load(
            wanted, self._shown, lambda pair: placing(search, self._shown, self.viewport.look, pair)
        )
        self._wait()

    def clear(self) -> None:
        """Show nothing."""
        self._loader.stop()
        self._rect_to_come = None
        self._show({})

    def say_instead(self, title: str, sentence: str) -> None:
        """Show a text where there is no picture; either may be empty."""
        if (title, sentence) != self._nothing:
            self._nothing = (title, sentence)
            self._describe()
            self.update()

    @property
    def busy(self) -> bool:
        """Whether a picture, or finer pixels of one, are being loaded."""
        return self._loader.busy or any(loader.busy for loader in self._loaders.values())

    def _show(self, pair: Pair, place: QPointF | None = None) -> None:
        same = same_picture(self._shown, pair)
        self._shown = pair
        sizes = {side: shown.size for side, shown in pair.items()}
        look = self.viewport.look.with_sizes(sizes, same)
        if self._rect_to_come is not None:
            look = look.at_rect(self._rect_to_come)
            self._rect_to_come = None
        elif place is not None:
            look = look.opened(place)
        self.viewport.see(look)
        for shown in pair.values():
            if shown.sentence:
                self.failed.emit(shown.sentence)

    def zoom_to(self, part: QRectF) -> None:
        """Show a part of the picture, in fractions of it, as large as the view allows.

        While a pair is being loaded: of that pair.
        """
        if self._loader.busy:
            self._rect_to_come = part
        else:
            self.viewport.see(self.viewport.look.at_rect(part))

    # --- following a change

    def _move_divider(self, old: QRectF, new: QRectF) -> None:
        """Repaint only what the divider passes over."""
        self.update(handle_rect(old).united(handle_rect(new)).toAlignedRect())
        self._describe()

    def _settle(self) -> None:
        for side, loader in self._loaders.items():
            shown = self._shown.get(side)
            loader.look_at(
                None if shown is None else shown.pyramid, *self.viewport.look.place_of(side)
            )
        self._wait()
        self._describe()
        if self._pointer is not None:
            self._gestures.point(self._pointer)
        self.update()

    def _wait(self) -> None:
        if self._loader.busy:
            self._busy.wait_for(tr(texts.OPENING))
        elif self.busy:
            self._busy.wait_for(tr(texts.READING_DETAIL))
        else:
            self._busy.stop()

    def _describe(self) -> None:
        nothing = ". ".join(part for part in self._nothing if part)
        self.setAccessibleDescription(texts.describe(self.viewport.look) or nothing)
        self.changed.emit()

    # --- Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_frame(painter, self._frame(), event.rect())
        painter.end()

    def _frame(self) -> Frame:
        pointed = None
        if self._pointer is not None:
            pointed = self.viewport.look.pointed(self._pointer * self.viewport.look.dpr)
        return Frame(
            look=replace(
                self.viewport.look, camera=self.viewport.glide.camera(self.viewport.look.camera)
            ),
            shown=self._shown,
            details={side: loader.detail for side, loader in self._loaders.items()},
            tones=Tones.of(self.palette()),
            font=self.font(),
            rect=self.rect(),
            note=self._busy.note or texts.opening_hint(self.viewport.look),
            nothing=self._nothing,
            keyboard_here=self._by_keyboard and self.hasFocus(),
            pointed=pointed,
        )

    def event(self, event: QEvent) -> bool:
        handled = False
        if isinstance(event, QNativeGestureEvent):
            handled = self._gestures.native_gesture(event)
        elif isinstance(event, QGestureEvent):
            handled = self._gestures.pinch(event)
        elif event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            handled = self._gestures.means(event)
        elif event.type() is QEvent.Type.DevicePixelRatioChange:
            self._fill_widget()
        if handled:
            event.accept()
        return handled or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill_widget()

    def _fill_widget(self) -> None:
        dpr = self.devicePixelRatioF()
        self.viewport.see(self.viewport.look.with_view(QSizeF(self.size()) * dpr, dpr))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mark_keyboard(here=False)
        self._gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())
        self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._gestures.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._gestures.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._gestures.key(event):
            self._mark_keyboard(here=True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _KEYBOARD:
            self._mark_keyboard(here=True)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _mark_keyboard(self, *, here: bool) -> None:
        """Remember what brought the focus here: who comes with the mouse needs no ring."""
        self._by_keyboard = here
        self.update()

    def _point(self, point: QPointF | None) -> None:
        self._pointer = point
        if self.viewport.look.arrangement is CompareMode.SIDE_BY_SIDE:
            self.update()

    def sizeHint(self) -> QSize:
        return _USUAL_SIZE

    def minimumSizeHint(self) -> QSize:
        return _MIN_SIZE
