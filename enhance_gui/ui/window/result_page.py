"""The page of one picture through all its states: waiting, running, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.core.tasks.records import variants_of
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import number, tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.pair_chooser import PairChooser
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.actions import TaskAction, actions_for
from enhance_gui.ui.gallery.item import NO_RESULT, Group, Item
from enhance_gui.ui.gallery.state_texts import state_text
from enhance_gui.ui.widgets.basics import (
    ElidedLabel,
    button,
    column,
    frame,
    holder,
    label,
    row,
    tool,
)
from enhance_gui.ui.widgets.flow_layout import TextAndButtons
from enhance_gui.ui.window.outputs_panel import CropLocator, OutputsPanel

TICK_MS: Final = 500

_STATE_KINDS: Final = {Group.FAILED: "problem", Group.NEEDS_YOU: "doubt"}
"""The style of the state's text by group; any other: quiet."""

_STEPS: Final = 1000

_MAX_RESULTS: Final = 100
"""So many results of one source, the newest, can be chosen for a comparison."""


class ResultPage(QWidget):
    """Shows one task."""

    back_wanted = Signal()
    full_screen_wanted = Signal()
    step_wanted = Signal(int)
    """-1: the picture before this one, 1: the next."""
    action_wanted = Signal(object, list)
    """An :class:`TaskAction` and the ids of the tasks it is for."""

    def __init__(self, clock: Clock, crops: CropLocator) -> None:
        super().__init__()
        self.setAccessibleName(tr("Before and after"))
        self._clock = clock
        self._item: Item | None = None
        self._above_id: int | None = None
        self._pair: tuple[Path | None, Path | None, tuple[str, str] | None] | None = None
        self.against: int | None = None
        """The task whose result stands on the left; ``None``: the original does."""
        self.view = CompareView(search=crops.most_detailed)
        self.chooser = PairChooser()
        self._bar = CompareBar(self.view, self.chooser)
        self.parts = OutputsPanel(self.view, crops)
        self._name = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        self._state = ElidedLabel("quiet")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, _STEPS)
        self._progress.setAccessibleName(tr("Progress of this picture"))
        # Else the picture would jump at each change between waiting and running.
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._reason = label(wraps=True)
        self._reason_strip = self._strip()
        self._place_text = label(kind="quiet")
        self._earlier = tool(
            "‹", "plain", tip=tr("Previous picture (Alt+Left)"), name=tr("Previous picture")
        )
        self._later = tool(
            "›", "plain", tip=tr("Next picture (Alt+Right)"), name=tr("Next picture")
        )
        self._earlier.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._later.clicked.connect(lambda: self.step_wanted.emit(1))
        self.show_place(None, 0)
        self._buttons = {
            action: self._button(action) for action in TaskAction if action.value.on_picture
        }
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_state)
        self._place()

    @property
    def task_id(self) -> int | None:
        """The task that is shown."""
        return self._item.task.id if self._item is not None else None

    def show_item(self, item: Item, beside: Iterable[Item] = ()) -> None:
        """Show a task as it is now; the place and zoom stay while it is the same picture.

        :param beside: the tasks of its source, with results that it can be compared with.
        """
        self._item = item
        results = {each.task.id: each for each in beside if each.after_file is not None}
        choice = texts.result_names(islice(results.values(), _MAX_RESULTS), self._clock.wall())
        left = results.get(self.against) if self.against in choice else None
        self.against = None if left is None or left is item else left.task.id
        self.chooser.show_choice(choice, item.task.id, self.against)
        names = None if left is None else (choice[left.task.id], choice.get(item.task.id, ""))
        before = _there(item.before_file) if left is None else left.after_file
        pair = (before, item.after_file, names)
        if pair != self._pair:
            self._pair = pair
            header = None if item.task.checked is None else item.task.checked.header
            self.parts.show_result(
                before,
                item.after_file,
                item.task.files[1:],
                variants_of(item.task),
                names,
                0 if left is None or header is None else header.width_px * header.height_px,
                is_previewed=item.is_previewed,
            )
        instead = texts.no_picture_text(item)
        self.view.show_instead(instead.title, instead.sentence)
        self._name.show_text(item.name)
        self._offer()
        self._bar.setVisible(any(pair[:2]))
        reported = item.group in NO_RESULT
        why = texts.reason_text(item.task) if reported else ""
        self._reason.setText(why)
        self._reason_strip.setVisible(bool(why) and any(pair[:2]))
        self._show_state()

    def started_above(self, task_id: int | None) -> None:
        """Offer no second button for the one task that the review above would start."""
        if task_id != self._above_id:
            self._above_id = task_id
            self._offer()

    def _offer(self) -> None:
        """Show the buttons of what can be done with the task."""
        if (item := self._item) is None:
            return
        offered = set(actions_for(item))
        if item.task.id == self._above_id:
            offered.discard(TaskAction.START)
        for action, made in self._buttons.items():
            made.setVisible(action in offered)

    def show_place(self, place: int | None, count: int) -> None:
        """Show which of how many pictures this is.

        :param place: from 0; ``None`` where the list does not show it now.
        """
        self._earlier.setEnabled(place is not None and place > 0)
        self._later.setEnabled(place is not None and place + 1 < count)
        text = tr("Picture {place} of {count}")
        shown = place is not None and count > 1
        self._place_text.setText(
            text.format(place=number(place + 1), count=number(count)) if place is not None else ""
        )
        self._place_text.setVisible(shown)

    def _strip(self) -> QFrame:
        """Return the strip above the picture of a failed task: reason and remedy."""
        strip = frame("attention", tr("Reason"))
        layout = row(self._reason)
        layout.setContentsMargins(20, 8, 20, 8)
        strip.setLayout(layout)
        return strip

    def _button(self, action: TaskAction) -> QWidget:
        kind = "primary" if action.value.is_primary else ""
        made = button(tr(action.value.text), kind, tip=tr(action.value.tip))
        made.clicked.connect(partial(self._want, action))
        # Else the window would be as wide as all of them together before the first picture.
        made.hide()
        return made

    def _want(self, action: TaskAction) -> None:
        if self._item is not None:
            self.action_wanted.emit(action, [self._item.task.id])

    def _place(self) -> None:
        back = button(
            tr("‹ All pictures"),
            "plain",
            tip=tr("Back to the list (Esc)"),
            name=tr("All pictures"),
        )
        back.clicked.connect(self.back_wanted)
        names = column(self._name, self._state, spacing=0)
        steps = row(4, self._earlier, self._place_text, self._later)
        top = TextAndButtons(
            holder(row(back, 4, names, grows=names)), *self._buttons.values(), holder(steps)
        )
        self._above = holder(
            column(
                column(top, margins=(12, 8, 12, 4)), self._progress, self._reason_strip, spacing=0
            )
        )
        self.below = holder(column(self._bar, self.parts, spacing=0))
        """What lies below the picture."""
        layout = column(self._above, self.view, self.below, spacing=0, grows=self.view)
        # Else an empty window would be as high as a result with faces.
        for below in (self._reason_strip, self._bar, self.parts):
            below.hide()
        self.setLayout(layout)
        self.setFocusProxy(self.view)

    def _show_state(self) -> None:
        item = self._item
        if item is None:
            return
        now_s = self._clock.now_s()
        state = state_text(item, now_s)
        parts = [state, texts.type_text(item.task)]
        if item.is_previewed and item.task.checked is not None:
            header = item.task.checked.header
            text = tr("preview of {width} × {height}")
            parts.append(text.format(width=header.width_px, height=header.height_px))
        parts.append(texts.note_text(item.task))
        self._state.show_text(" · ".join(filter(None, parts)))
        self._state.set_kind(_STATE_KINDS.get(item.group, "quiet"))
        self.setAccessibleDescription(titled(item.name, state))
        running = item.group in (Group.RUNNING, Group.CHECKING)
        self._progress.setVisible(running)
        accepted_at = item.task.accepted_at
        age_s = (self._clock.wall() - accepted_at).total_seconds() if accepted_at else 0.0
        share = item.progress(now_s, age_s) if item.task.state is TaskState.ACCEPTED else None
        # A range of nothing to nothing is how Qt shows that something goes on of unknown length.
        self._progress.setRange(0, 0 if share is None else _STEPS)
        self._progress.setValue(round((share or 0) * _STEPS))

    def show_alone(self, alone: bool) -> None:
        """Show the picture with nothing around it, or all of the page."""
        self._above.setVisible(not alone)
        self.below.setVisible(not alone)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and not event.modifiers():
            self.full_screen_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            # Out of full screen first: nobody is to be led away from what he looks at.
            leaves = self._above.isHidden()
            (self.full_screen_wanted if leaves else self.back_wanted).emit()
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
    return file if file is not None and is_file(file) else None
