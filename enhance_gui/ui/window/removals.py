"""Removes tasks from the list, and restores them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.texts import removed_text
from enhance_gui.ui.window.panels import Panels

_FINISHED: Final = frozenset({TaskState.SAVED, TaskState.CANCELLED})
"""States that need no action; failed tasks stay until they are removed by hand."""


class Removals(QObject):
    """Remembers in this run what was removed, for undo."""

    def __init__(self, bridge: Bridge, panels: Panels) -> None:
        super().__init__(panels)
        self._bridge = bridge
        self._notice = panels.notice
        self._model = panels.pages.model
        self._taken: list[list[int]] = []
        bridge.taken_off.connect(self._took)

    def clear_finished(self) -> None:
        """Remove everything from the list that is saved or was cancelled."""
        ids = [
            entry.task_id for entry in self._model.entries() if entry.item.task.state in _FINISHED
        ]
        if ids:
            self._bridge.remove(ids)
        else:
            self._notice.say(tr("There is nothing finished in the list."))

    def undo(self) -> None:
        """Restore what was removed last."""
        if self._taken:
            self._bring_back(self._taken[-1])
        else:
            self._notice.say(tr("Nothing was removed that could be brought back."))

    def _took(self, ids: Sequence[int]) -> None:
        taken = list(ids)
        self._taken.append(taken)
        self._notice.offer(removed_text(len(taken)), tr("Undo"), partial(self._bring_back, taken))

    def _bring_back(self, ids: list[int]) -> None:
        if ids in self._taken:
            self._taken.remove(ids)
            self._notice.dismiss()
            self._bridge.bring_back(ids)
