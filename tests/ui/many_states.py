"""A window with pictures in many states, and all the other windows open beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.window.main_window import MainWindow
from tests.ui.conftest import Wait
from tests.ui.gallery.parts import TOO_LARGE
from tests.ui.window.open_window import Opened


async def show_much(opened: Opened, until: Wait) -> MainWindow:
    """Bring the window into many states at once, and open all beside it; return it."""
    window, queue = opened.window, opened.queue
    window.intake.add([f"https://example.org/{name}.png" for name in "abcdef"])
    await until(lambda: len(queue.tasks) == 6, "drafts")
    for number in (1, 2):
        queue.check(number)
    queue.put(3, TaskState.IN_DOUBT, failure=Failure("in_doubt", "the server stopped responding"))
    queue.put(4, TaskState.FAILED, failure=TOO_LARGE)
    await until(window.attention.isVisible, "a card")
    window.pages.show_list()
    window.pages.gallery.view.list.selectAll()
    sides = window.side_windows
    for show in (
        sides.settings,
        sides.services,
        sides.shortcuts,
        sides.about,
        sides.ledger,
        sides.diagnosis,
    ):
        show()
    window.intake.type_in()
    await until(window.review.isVisible, "the review")
    assert len(window.findChildren(QDialog)) >= 6
    return window
