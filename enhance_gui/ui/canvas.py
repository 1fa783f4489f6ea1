"""One place for a picture through all its states: waiting, being enhanced, before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.language import tr
from enhance_gui.core.tasks import TaskState
from enhance_gui.ui import words
from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.gallery.actions import Action, actions_for
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.result_parts import Crops, ResultParts
from enhance_gui.ui.widgets import ElidedLabel, button, column, row, tool

TICK_MS: Final = 500

_OFFERED: Final = (
    Action.START,
    Action.CONTINUE,
    Action.SEND_AGAIN,
    Action.ASK_AGAIN,
    Action.RETRY,
    Action.CANCEL,
    Action.SAVE_AS,
    Action.SHOW_IN_FOLDER,
    Action.WHAT_HAPPENED,
)
"""What stands as a button here; everything is in the menu."""

_STEPS: Final = 1000


class Canvas(QWidget):
    """Shows one task."""

    back_wanted = Signal()
    step_wanted = Signal(int)
    """-1: the picture before this one, 1: the next."""
    action_wanted = Signal(object, list)
    """An :class:`Action` and the ids of the tasks it is for."""
    copies_wanted = Signal(list)
    """Files that the user wants copies of."""

    def __init__(self, clock: Clock, crops: Crops) -> None:
        super().__init__()
        self.setAccessibleName(tr("Before and after"))
        self._clock = clock
        self._item: Item | None = None
        self._pair: tuple[Path | None, Path | None] | None = None
        self.view = CompareView()
        self._bar = CompareBar(self.view)
        self.parts = ResultParts(self.view, crops)
        self.parts.copies_wanted.connect(self.copies_wanted)
        self._name = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        self._state = ElidedLabel("quiet")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, _STEPS)
        self._progress.setAccessibleName(tr("Progress of this picture"))
        self._buttons = {action: self._button(action) for action in _OFFERED}
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._show_state)
        self._place()

    @property
    def task_id(self) -> int | None:
        """The task that is shown."""
        return self._item.task.id if self._item is not None else None

    def show_item(self, item: Item) -> None:
        """Show a task as it is now; the place and zoom stay while it is the same."""
        self._item = item
        pair = (_there(item.before_file), item.after_file)
        if pair != self._pair:
            self._pair = pair
            self.parts.show_result(*pair, item.task.files[1:])
        self.view.say_instead(words.no_picture_words(item))
        self._name.say(item.name)
        offered = actions_for(item)
        for action, made in self._buttons.items():
            made.setVisible(action in offered)
        self._bar.setVisible(item.after_file is not None)
        self._show_state()

    def _button(self, action: Action) -> QWidget:
        said = words.ACTION_WORDS[action]
        kind = "primary" if action in (Action.START, Action.SAVE_AS) else ""
        made = button(tr(said.name), kind, tip=tr(said.tip))
        made.clicked.connect(self._wish(action))
        # Else the window would be as wide as all of them together before the first picture.
        made.hide()
        return made

    def _wish(self, action: Action) -> Callable[[], None]:
        def wish() -> None:
            if self._item is not None:
                self.action_wanted.emit(action, [self._item.task.id])

        return wish

    def _place(self) -> None:
        back = button(
            tr("‹ All pictures"),
            "plain",
            tip=tr("Back to the list (Esc)"),
            name=tr("All pictures"),
        )
        back.clicked.connect(self.back_wanted)
        before = tool(
            "‹", "plain", tip=tr("Previous picture (Alt+Left)"), name=tr("Previous picture")
        )
        after = tool("›", "plain", tip=tr("Next picture (Alt+Right)"), name=tr("Next picture"))
        before.clicked.connect(lambda: self.step_wanted.emit(-1))
        after.clicked.connect(lambda: self.step_wanted.emit(1))
        top = row(back, 4, spacing=8)
        top.addLayout(column(self._name, self._state, spacing=0), 1)
        for made in (*self._buttons.values(), before, after):
            top.addWidget(made)
        top.setContentsMargins(12, 8, 12, 8)
        layout = column(spacing=0)
        layout.addLayout(top)
        layout.addWidget(self._progress)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self.parts)
        self.setLayout(layout)
        self.setFocusProxy(self.view)

    def _show_state(self) -> None:
        item = self._item
        if item is None:
            return
        now_s = self._clock.now_s()
        said = [words.state_words(item, now_s), words.type_name(item.task)]
        if item.group in (Group.FAILED, Group.NEEDS_YOU):
            said = [*words.reason(item)] or said
        self._state.say(" · ".join(said))
        self.setAccessibleDescription(f"{item.name}: {said[0]}")
        running = item.group in (Group.RUNNING, Group.CHECKING)
        self._progress.setVisible(running)
        accepted_at = item.task.accepted_at
        age_s = (self._clock.wall() - accepted_at).total_seconds() if accepted_at else 0.0
        share = item.progress(now_s, age_s) if item.task.state is TaskState.ACCEPTED else None
        # A range of nothing to nothing is how Qt shows that something goes on of unknown length.
        self._progress.setRange(0, 0 if share is None else _STEPS)
        self._progress.setValue(round((share or 0) * _STEPS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._tick.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._tick.stop()
        super().hideEvent(event)


def _there(file: Path | None) -> Path | None:
    """Return the file if it still exists: a copy may have been forgotten, an original moved."""
    return file if file is not None and file.is_file() else None
