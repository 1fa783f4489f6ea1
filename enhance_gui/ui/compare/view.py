"""The widget that compares a picture before and after."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from enhance_gui.core.images.picture import Raster
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.compare import texts
from enhance_gui.ui.compare.gestures import GestureWidget
from enhance_gui.ui.compare.loupe import covered_rect, lens_state
from enhance_gui.ui.compare.mode import Side
from enhance_gui.ui.compare.painting import Tones, handle_rect
from enhance_gui.ui.compare.pictures.loading import DetailLoader, Pair, PairLoader
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pyramid import Pyramid
from enhance_gui.ui.compare.rendering import Frame, paint_frame
from enhance_gui.ui.widgets.background import Background

MostDetailed = Callable[[Raster, Raster | None, tuple[float, float]], tuple[float, float]]
"""Takes the pictures after and before, and the sides of a window in fractions of the picture's;
returns the middle of the window in which there is most to see. Takes a tenth of a second."""

_ENLARGED: Final = 1.5
"""From so many times the input's pixels on, a fitted result hides what was gained."""
_LONG_MS: Final = 300
"""What takes less time shows no text."""
_USUAL_SIZE: Final = QSize(900, 600)
_MIN_SIZE: Final = QSize(280, 120)


class CompareView(GestureWidget):
    """Shows a pair at one place and one zoom: with a divider, side by side, or one at a time.

    The zoom counts pixels of the after picture (of the before picture while there is no other)
    against pixels of the screen: 1.0 is one on one, on a high-density screen too. How much memory
    pictures take, and its bound, stands in :mod:`enhance_gui.ui.compare.pictures.pyramid`. Points
    are in Qt's pixels.
    """

    changed = Signal()
    """The state of :attr:`viewport`, or what stands in place of a picture, has changed."""

    def __init__(self, search: MostDetailed | None = None) -> None:
        """:param search: finds the place at which an enlarged result is opened."""
        super().__init__()
        self._search = search
        self.viewport.changed.connect(self._settle)
        self.viewport.divider_moved.connect(self._move_divider)
        self.viewport.animation.moved.connect(self.update)
        self.loupe.changed.connect(self._settle)
        self.loupe.moved.connect(self._move_loupe)
        self._shown: Pair = {}
        self._nothing = ("", tr("Choose a picture to see it before and after."))
        self._rect_to_come: QRectF | None = None
        background = Background(self)
        self._loader = PairLoader(background, self)
        self._loader.ready.connect(self._show)
        self._loaders = {side: DetailLoader(background, self) for side in Side}
        for loader in self._loaders.values():
            loader.changed.connect(self._settle)
        self._waits = QTimer(self, singleShot=True, interval=_LONG_MS)
        """Runs while it is too early to say what is waited for."""
        self._waits.timeout.connect(self.update)
        self._was_busy = False
        self.setAccessibleName(tr("Before and after"))
        self.setAccessibleDescription(tr("Choose a picture to see it before and after."))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # --- pictures

    def show_pair(
        self,
        before: PictureFile | None,
        after: PictureFile | None,
        *,
        at_detail: bool = False,
        original_px: int = 0,
    ) -> None:
        """Show these files. What is shown now stays until both are read.

        Place and zoom stay where the picture does: while one of both files stays.

        :param at_detail: open an enlarged result at 100 % where there is most to see, not fitted.
        :param original_px: how many pixels the original has, where ``before`` is a result, too.
        """
        files = {Side.BEFORE: before, Side.AFTER: after}
        wanted = {side: file for side, file in files.items() if file is not None}
        if not wanted:
            self.clear()
            return
        self._rect_to_come = None
        placing = partial(self._placing, original_px=original_px) if at_detail else None
        self._loader.load(wanted, self._shown, placing)
        self._wait()

    def clear(self) -> None:
        """Show nothing."""
        self._loader.stop()
        self._rect_to_come = None
        self._show({})

    def show_instead(self, title: str, sentence: str) -> None:
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
        same = _same_picture(self._shown, pair)
        self._shown = pair
        sizes = {side: shown.size for side, shown in pair.items()}
        files = {side: shown.file for side, shown in pair.items()}
        is_named = any(file.named for file in files.values())
        names = {side: file.label for side, file in files.items()} if is_named else {}
        state = self.viewport.state.with_sizes(sizes, same, names)
        if self._rect_to_come is not None:
            state = state.with_camera(state.camera.at_rect(self._rect_to_come))
            self._rect_to_come = None
        elif place is not None:
            state = state.opened(place)
        self.viewport.see(state)

    def _placing(self, pair: Pair, original_px: int) -> Callable[[], QPointF] | None:
        """Return a function, for a thread, that finds where a pair is opened at 100 %.

        ``None``: it is opened fitted, or place and zoom are the user's already.
        """
        state, search = self.viewport.state, self._search
        before, after = (pair[side].pyramid if side in pair else None for side in Side)
        if search is None or before is None or after is None:
            return None
        if after.facts.pixels < _ENLARGED * (original_px or before.facts.pixels):
            return None
        if _same_picture(self._shown, pair) and (
            Side.AFTER in self._shown or not state.camera.fitted
        ):
            return None
        sizes = {side: each.size for side, each in pair.items()}
        pane = state.with_sizes(sizes, same=False).camera.pane
        return partial(_most_detailed, search, before, after, pane)

    def zoom_to(self, part: QRectF) -> None:
        """Show a part of the picture, in fractions of it, as large as the view allows.

        While a pair is being loaded: of that pair.
        """
        if self._loader.busy:
            self._rect_to_come = part
        else:
            state = self.viewport.state
            self.viewport.see(state.with_camera(state.camera.at_rect(part)))

    # --- following a change

    def _move_divider(self, old: QRectF, new: QRectF) -> None:
        """Repaint only what the divider passes over."""
        self.update(handle_rect(old).united(handle_rect(new)).toAlignedRect())
        self._describe()

    def _move_loupe(self, before: QPointF) -> None:
        """Repaint only what the loupe leaves and covers."""
        state, loupe = self.viewport.state, self.loupe
        for point in (before, loupe.point):
            self.update(covered_rect(state, loupe.zoom, point).toAlignedRect())
        self._look()

    def _look(self) -> None:
        """Have the pixels loaded that what is seen needs."""
        state, loupe = self.viewport.state, self.loupe
        for side, loader in self._loaders.items():
            scale, seen = state.place_of(side)
            if loupe.is_on:
                closer, part = lens_state(state, loupe.zoom, loupe.point).place_of(side)
                scale, seen = (closer, part) if closer > scale else (scale, seen)
            shown = self._shown.get(side)
            loader.look_at(None if shown is None else shown.pyramid, scale, seen)
        self._wait()

    def _settle(self) -> None:
        self._look()
        self._describe()
        if self._pointer is not None:
            self._show_grip(self._pointer)
        self.update()

    def _wait(self) -> None:
        if self.busy and not self._was_busy:
            self._waits.start()
        elif not self.busy:
            self._waits.stop()
        self._was_busy = self.busy

    def _busy_text(self) -> str:
        """Return what is waited for; empty: nothing, or it is too early to say."""
        if self._waits.isActive() or not self.busy:
            return ""
        return tr("Opening…") if self._loader.busy else tr("Reading all pixels…")

    def _describe(self) -> None:
        title, text = self._nothing
        description = texts.describe(self.viewport.state, self.loupe.zoom)
        self.setAccessibleDescription(description or sentences(ended(title), text))
        self.changed.emit()

    # --- Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_frame(painter, self._frame(), event.rect())
        painter.end()

    def _frame(self) -> Frame:
        state, pointer = self.viewport.state, self._pointer
        return Frame(
            state=state.with_camera(self.viewport.animation.camera(state.camera)),
            shown=self._shown,
            details={side: loader.detail for side, loader in self._loaders.items()},
            tones=Tones.of(self.palette()),
            font=self.font(),
            rect=self.rect(),
            note=self._busy_text() or texts.opening_hint(state),
            nothing=self._nothing,
            keyboard_here=self._by_keyboard and self.hasFocus(),
            pointed=None if pointer is None else state.pointed(pointer * state.dpr),
            loupe=(self.loupe.zoom, self.loupe.point) if self.loupe.is_on else None,
        )

    def sizeHint(self) -> QSize:
        return _USUAL_SIZE

    def minimumSizeHint(self) -> QSize:
        return _MIN_SIZE


def _same_picture(old: Pair, new: Pair) -> bool:
    """Return whether two pairs show the same picture, so that the place in it stays valid."""
    # Results of one source may change sides; else one's after may be another one's before.
    may_swap = any(shown.file.named for pair in (old, new) for shown in pair.values())
    return any(
        shown.pyramid is not None and shown.file.path == wanted.file.path
        for side, shown in old.items()
        for other, wanted in new.items()
        if side is other or may_swap
    )


def _most_detailed(search: MostDetailed, before: Pyramid, after: Pyramid, pane: QSizeF) -> QPointF:
    window = pane.width() / after.size.width(), pane.height() / after.size.height()
    return QPointF(*search(_raster(after.levels[0]), _raster(before.levels[0]), window))


def _raster(image: QImage) -> Raster:
    return Raster(image.constBits(), image.width(), image.height(), image.bytesPerLine())
