"""A small list of enhance types, for questions about one task."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.text.i18n import tr


class TypeChoice(QComboBox):
    """The types of a service by number and name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumWidth(150)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._types: tuple[EnhanceType, ...] | None = None

    def offer(self, types: tuple[EnhanceType, ...]) -> None:
        """Offer these; where there is none, the documented number 1."""
        if types == self._types:
            return
        self._types = types
        before = self.type_id
        self.clear()
        for kind in types or (EnhanceType(1, tr("Type 1")),):
            self.addItem(f"{kind.id} · {kind.name}", kind)
        self.setCurrentIndex(
            next((n for n in range(self.count()) if self.itemData(n).id == before), 0)
        )

    @property
    def chosen(self) -> EnhanceType | None:
        """The type; ``None`` before any were offered."""
        kind = self.currentData()
        return kind if isinstance(kind, EnhanceType) else None

    @property
    def type_id(self) -> int:
        """The number of the type."""
        return self.chosen.id if self.chosen is not None else 1
