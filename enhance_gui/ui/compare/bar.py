"""The controls of a comparison."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QButtonGroup, QLabel, QToolButton, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.compare import texts
from enhance_gui.ui.compare.camera import MAX_ZOOM
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.widgets.basics import label, plain_tip, row, tool
from enhance_gui.ui.widgets.colours import mixed
from enhance_gui.ui.widgets.icons import draw_icon

_BUTTON: Final = QSize(38, 32)
_ICON_SIDE: Final = 16
_RADIUS: Final = 8.0
_GAP: Final = 12
_WIDEST_ZOOM: Final = 29.99


class IconButton(QToolButton):
    """A button with an icon; its text is its tool tip and its accessible name."""

    def __init__(self, icon: str, name: str, hint: str) -> None:
        super().__init__()
        self._icon = icon
        self.setFixedSize(_BUTTON)
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(hint))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(accent, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = palette.color(group, QPalette.ColorRole.ButtonText)
        if self.isChecked() and self.isEnabled():
            ink = accent
        left, top = (self.width() - _ICON_SIDE) / 2, (self.height() - _ICON_SIDE) / 2
        place = QRectF(left, top, _ICON_SIDE, _ICON_SIDE)
        draw_icon(painter, place, self._icon, ink, self._ground())
        painter.end()

    def _ground(self) -> QColor:
        palette = self.palette()
        window = palette.color(QPalette.ColorRole.Window)
        if not self.isEnabled():
            return QColor(Qt.GlobalColor.transparent)
        if self.isDown() or self.isChecked():
            return mixed(window, palette.color(QPalette.ColorRole.Highlight), 0.2)
        if self.underMouse():
            return mixed(window, palette.color(QPalette.ColorRole.WindowText), 0.08)
        return QColor(Qt.GlobalColor.transparent)


class CompareBar(QWidget):
    """Mode, zoom and fit of one view, which it follows."""

    def __init__(self, view: CompareView, middle: QWidget | None = None) -> None:
        """:param middle: what has the room between modes and zoom."""
        super().__init__()
        self._view = view
        self.setAccessibleName(tr("How to compare"))
        self._modes = QButtonGroup(self)
        self._mode_buttons = {mode: self._mode_button(mode) for mode in CompareMode}
        self._flip = tool("", "plain", tip=tr("Change between both pictures (Space)"))
        self._loupe = self._loupe_button()
        self._out = IconButton("minus", tr("Zoom out"), tr("Zoom out (−)"))
        self._zoom = self._zoom_label()
        self._in = IconButton("plus", tr("Zoom in"), tr("Zoom in (+)"))
        self._fit = IconButton("fit", tr("Fit"), tr("Show the whole picture (0)"))
        one_on_one = tr("Show one pixel of the picture on one pixel of the screen (1)")
        self._actual = tool(texts.percent(1.0), "plain", tip=one_on_one, name=tr("Actual size"))
        zooming = (
            self._loupe,
            _GAP,
            self._out,
            self._zoom,
            self._in,
            _GAP,
            self._fit,
            self._actual,
        )
        modes = self._mode_buttons.values()
        layout = row(
            *modes, _GAP, self._flip, _GAP, middle, _GAP, *zooming, spacing=2, grows=middle
        )
        layout.setContentsMargins(12, 6, 12, 6)
        self.setLayout(layout)
        self._flip.clicked.connect(view.viewport.flip)
        self._out.clicked.connect(view.viewport.zoom_out)
        self._in.clicked.connect(view.viewport.zoom_in)
        self._fit.clicked.connect(view.viewport.fit)
        self._actual.clicked.connect(view.viewport.actual_size)
        view.changed.connect(self._follow)
        self._follow()

    def _mode_button(self, mode: CompareMode) -> QToolButton:
        button = IconButton(mode, tr(texts.MODE_NAMES[mode]), tr(texts.MODE_HINTS[mode]))
        button.setCheckable(True)
        button.clicked.connect(lambda: self._view.viewport.set_mode(mode))
        self._modes.addButton(button)
        return button

    def _loupe_button(self) -> QToolButton:
        hint = tr("Loupe at the pointer: 100 %, then 200 %, then off (L, or hold it)")
        button = IconButton("loupe", tr("Loupe"), hint)
        button.setCheckable(True)
        button.clicked.connect(self._view.loupe.cycle)
        return button

    def _zoom_label(self) -> QLabel:
        made = label()
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        made.setToolTip(tr("100 % is one pixel of this picture on one pixel of the screen"))
        widest = texts.zoom_label(_WIDEST_ZOOM, Side.BEFORE)
        made.setMinimumWidth(made.fontMetrics().horizontalAdvance(widest) + _GAP)
        return made

    @Slot()
    def _follow(self) -> None:
        state = self._view.viewport.state
        self._mode_buttons[state.mode].setChecked(True)
        for button in self._mode_buttons.values():
            button.setEnabled(state.both)
        self._flip.setVisible(state.both)
        self._flip.setText(texts.flip_label(state))
        self._flip.setAccessibleName(self._flip.text())
        zoom, here = state.camera.zoom, state.has_picture
        self._loupe.setEnabled(here)
        self._loupe.setChecked(self._view.loupe.is_on)
        label_text = texts.zoom_label(zoom, state.counted, named=bool(state.names))
        self._zoom.setText(label_text if here else "")
        self._out.setEnabled(here and zoom > state.camera.min_zoom)
        self._in.setEnabled(here and zoom < MAX_ZOOM)
        self._fit.setEnabled(here and not state.camera.fitted)
        self._actual.setEnabled(here and zoom != 1.0)
