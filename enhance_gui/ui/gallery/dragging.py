"""What leaves the window when finished pictures are dragged out of it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QMimeData, QUrl

from enhance_gui.ui.gallery.item import Item


def dragged_files(items: Iterable[Item]) -> QMimeData | None:
    """Return the results of the items as files; ``None`` where no item has one."""
    files = [item.after_file for item in items if item.after_file is not None]
    if not files:
        return None
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return data
