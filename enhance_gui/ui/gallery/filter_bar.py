"""The filter buttons, with how many entries each would show."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.widgets.flow_layout import FlowLayout
from enhance_gui.ui.widgets.icons import StateIcon
from enhance_gui.ui.widgets.pill import Pill


class FilterBar(QWidget):
    """One button a group and one for all; always all of them, so that none jumps about."""

    filter_chosen = Signal(object)
    """The :class:`Group`; ``None``: all."""

    def __init__(self, model: GalleryModel) -> None:
        super().__init__()
        self._model = model
        self.setAccessibleName(tr("Show only"))
        layout = FlowLayout(self)
        # Of an exclusive group the arrow keys go through the buttons, and Tab goes past them.
        self._buttons = QButtonGroup(self)
        self._pills: dict[Group | None, Pill] = {}
        for group in (None, *Group):
            pill = self._pill(group)
            self._pills[group] = pill
            self._buttons.addButton(pill)
            layout.addWidget(pill)
        self._pills[None].setChecked(True)
        self.setFocusProxy(self._pills[None])
        model.counts_changed.connect(self._count)
        self._count()

    @property
    def chosen(self) -> Group | None:
        return next(group for group, pill in self._pills.items() if pill.isChecked())

    def choose(self, group: Group | None) -> None:
        """Choose a filter as if its button had been pressed."""
        if group is not self.chosen:
            self._pills[group].setChecked(True)

    def _pill(self, group: Group | None) -> Pill:
        if group is None:
            pill = Pill(tr("All"))
        else:
            pill = Pill(tr(texts.GROUP_NAMES[group]), StateIcon(group.value))
        pill.toggled.connect(lambda down, group=group: self._toggled(group, down=down))
        return pill

    def _toggled(self, group: Group | None, *, down: bool) -> None:
        if down:
            self.setFocusProxy(self._pills[group])
            self.filter_chosen.emit(group)

    def _count(self) -> None:
        counts = self._model.counts
        self._pills[None].set_count(sum(counts.values()))
        for group, count in counts.items():
            self._pills[group].set_count(count)
