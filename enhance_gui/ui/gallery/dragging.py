"""Makes the drag data for finished pictures that are dragged out of the window."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QMimeData, QUrl

from enhance_gui.core.images.input_files import is_file
from enhance_gui.ui.gallery.item import Item


def dragged_files(items: Iterable[Item]) -> QMimeData | None:
    """Return the results of the items as files; ``None`` where no item has one.

    One that the user has moved away since is left out: a file manager would fail at it.
    """
    results = (item.after_file for item in items)
    files = [file for file in results if file is not None and is_file(file)]
    if not files:
        return None
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return data
