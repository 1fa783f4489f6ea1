"""The bar of actions on the selected tasks, by their states, with counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.actions import TaskAction, offers
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.widgets.basics import label

_GAP: Final = 8


class SelectionBar(QWidget):
    """Shows the actions as buttons as far as there is room; the others in a menu."""

    action_wanted = Signal(object, list)
    """An :class:`TaskAction`, and the ids of the tasks it is for."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("What to do with the selection"))
        self._offers: dict[TaskAction, list[int]] = {}
        self._label = label()
        self._buttons = {
            action: self._button(action) for action in TaskAction if action.value.listed
        }
        self._more = QPushButton(tr("More"))
        self._more.setAccessibleName(self._more.text())
        self._more.clicked.connect(self._show_more)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self._label)
        layout.addStretch(1)
        for button in (*self._buttons.values(), self._more):
            layout.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_items([])

    def set_items(self, items: Sequence[Item], otherwise: str = "") -> None:
        """Offer the actions that fit these items.

        :param otherwise: what stands there where there are none: the room stays, as a list that
            grows and shrinks under the pointer would bring a second click to another place.
        """
        self._offers = offers(items)
        self._label.setText(texts.selected_text(len(items)) if items else otherwise)
        role = QPalette.ColorRole
        self._label.setForegroundRole(role.WindowText if items else role.PlaceholderText)
        for action, ids in self._offers.items():
            button = self._buttons[action]
            text = action.label(len(ids), action.countable(items))
            if text != button.text():
                button.setText(text)
                button.setAccessibleName(text)
        self._fit()

    def _button(self, action: TaskAction) -> QPushButton:
        button = QPushButton(tr(action.value.text))
        button.setToolTip(tr(action.value.tip))
        button.setAccessibleDescription(tr(action.value.tip))
        button.clicked.connect(lambda: self._press(action))
        return button

    def _press(self, action: TaskAction) -> None:
        ids = self._offers.get(action, [])
        if ids:
            self.action_wanted.emit(action, ids)

    def _fit(self) -> None:
        """Show as many actions as there is room for; if not all, the menu of the others too."""
        self._more.ensurePolished()
        self.setMinimumHeight(self._more.sizeHint().height())
        widths = {action: self._buttons[action].sizeHint().width() for action in self._offers}
        room = self.width() - self._label.sizeHint().width() - _GAP
        fitting = _first_that_fit(widths, room)
        if len(fitting) < len(widths):
            fitting = _first_that_fit(widths, room - self._more.sizeHint().width() - _GAP)
        for action, button in self._buttons.items():
            button.setVisible(action in fitting)
        self._more.setVisible(len(fitting) < len(widths))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for action in [each for each in self._offers if self._buttons[each].isHidden()]:
            entry = menu.addAction(self._buttons[action].text())
            entry.setToolTip(tr(action.value.tip))
            entry.triggered.connect(lambda _checked=False, action=action: self._press(action))
        return menu

    def _show_more(self) -> None:
        self._menu().popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _first_that_fit(widths: dict[TaskAction, int], room: int) -> set[TaskAction]:
    found: set[TaskAction] = set()
    for action, width in widths.items():
        room -= width + _GAP
        if room < 0:
            break
        found.add(action)
    return found
