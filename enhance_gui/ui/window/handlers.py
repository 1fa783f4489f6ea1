"""Maps commands and signals of the panels to their handlers."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow, QMenu

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.saving import Grouping, Place
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.adding.add_images import AddImages
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.actions import TaskAction, offers
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.texts import many_begun_text, removed_text
from enhance_gui.ui.reports.save_batch_report import BatchReportSaver
from enhance_gui.ui.settings.window import PageName
from enhance_gui.ui.widgets.show_file import open_folder
from enhance_gui.ui.window.full_screen import FullScreen
from enhance_gui.ui.window.panels import Panels
from enhance_gui.ui.window.secondary import SideWindows
from enhance_gui.ui.window.task_actions import TaskActionRunner

_FINISHED: Final = frozenset({TaskState.SAVED, TaskState.CANCELLED})
"""States that need no action; failed tasks stay until they are removed by hand."""


class CommandHandlers(QObject):
    """Connects every button to its handler, and holds what the commands need."""

    undo_possible = Signal(bool)
    """Whether there is a removal to undo."""

    def __init__(
        self,
        window: QMainWindow,
        panels: Panels,
        bridge: Bridge,
        account: AccountBridge,
        choices: Choices,
        intake: AddImages,
        sides: SideWindows,
        clock: Clock,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.panels = panels
        self.pages = panels.pages
        self.gallery = panels.pages.gallery
        self.list = self.gallery.view.list
        self.review = panels.review
        self.intake = intake
        self.sides = sides
        self._bridge = bridge
        self._choices = choices
        self._taken: list[list[int]] = []
        """What was removed from the list in this run, for :meth:`undo`."""
        bridge.taken_off.connect(self._took)
        bridge.many_begun.connect(self._offer_to_cancel)
        self.full_screen = FullScreen(window, panels)
        self.batch_report = BatchReportSaver(window, bridge, account, panels.toast, clock)
        self._action_runner = TaskActionRunner(bridge, choices, window, panels.toast, panels.pages)
        self._connect_adding()
        self._connect_deciding(bridge, account)
        panels.footer.pause.toggled.connect(bridge.pause)
        panels.footer.folder_wanted.connect(self.show_results)
        panels.header.settings_wanted.connect(sides.settings)

    def _connect_adding(self) -> None:
        intake, start, header = self.intake, self.pages.start, self.panels.header
        intake.message.connect(self.panels.toast.show_message)
        for opener in (start.open_wanted, header.open_wanted):
            opener.connect(intake.choose_files)
        for adder in (start.add_wanted, header.add_wanted):
            adder.connect(intake.type_in)
        start.paste_wanted.connect(intake.paste)
        start.sample_wanted.connect(intake.try_sample)
        header.services.manage.connect(self.sides.services)
        start.question.connect_wanted.connect(self._connect_service)
        start.question.local_wanted.connect(
            partial(self._choices.choose_service, LOCAL_SERVICE_NAME)
        )

    def _connect_deciding(self, bridge: Bridge, account: AccountBridge) -> None:
        panels, runner = self.panels, self._action_runner
        panels.attention.services_wanted.connect(self.sides.services)
        panels.attention.token_wanted.connect(self.sides.enter_token)
        panels.attention.limit_wanted.connect(partial(self.sides.settings_page, PageName.SPENDING))
        panels.attention.more_wanted.connect(account.allow_more)
        panels.attention.list_wanted.connect(partial(self.pages.show_group, Group.NEEDS_YOU))
        panels.attention.unpause_wanted.connect(bridge.unpause_service)
        panels.outage.try_wanted.connect(bridge.unpause_service)
        panels.outage.here_wanted.connect(self._bring_here)
        panels.pages.gallery.view.submenus[TaskAction.CHANGE_TYPE] = runner.fill_type_menu
        for part in (panels.attention, panels.pages.gallery, panels.pages.result_page):
            part.action_wanted.connect(runner.do)
        panels.pages.result_page.parts.copies_wanted.connect(runner.save_copies)
        panels.review.start_wanted.connect(bridge.start)
        panels.review.remove_wanted.connect(bridge.remove_drafts)
        panels.review.type_wanted.connect(self._change_to_chosen)
        panels.review.here_wanted.connect(self._use_this_computer)
        panels.review.matters.show_wanted.connect(self._show_tasks)
        panels.review.dismissed.connect(bridge.dismiss_review)
        panels.review.at_once_chosen.connect(self._choices.choose_start_at_once)

    def _show_tasks(self, ids: list[int]) -> None:
        """Show tasks in the list, selected."""
        self.pages.show_list()
        self.gallery.show_all()
        self.gallery.view.select(ids)

    def fill_type_menu(self, menu: QMenu) -> None:
        """Fill a menu with the enhance types that the tasks chosen now can have."""
        self._action_runner.fill_type_menu(menu, self.fitting().get(TaskAction.CHANGE_TYPE, []))

    def fitting(self) -> dict[TaskAction, list[int]]:
        """Return the actions that fit the tasks chosen now, with the ids of those they fit."""
        return offers(self._bridge.items[each] for each in self.pages.chosen())

    def do_to_chosen(self, action: TaskAction) -> None:
        """Run an action on the tasks chosen now."""
        self._action_runner.do(action, self.pages.chosen())

    def _connect_service(self) -> None:
        self.sides.services()
        # The choice until a service is connected; then the question is not asked any more.
        self.pages.start.question.show_local(True)

    def _change_to_chosen(self, ids: list[int]) -> None:
        """Give drafts the enhance type that is chosen for new pictures."""
        if (kind := self._choices.enhance_type) is not None:
            self._bridge.set_type(ids, kind)

    def _use_this_computer(self, ids: list[int]) -> None:
        """Send to the local service the files that another service cannot take."""
        inputs = [self._bridge.items[id_].task.input for id_ in ids]
        options = self._choices.options_for(LOCAL_SERVICE_NAME)
        if options is not None:
            self._bridge.dismiss_review()
            self._bridge.add(Dropped(tuple(inputs)), options)

    def _bring_here(self, service: str) -> None:
        """Send to the local service what waits for another one and has not been sent.

        Each with the type of the same name; where there is none, with the one chosen here.
        """
        waiting: dict[str, list[int]] = {}
        for task in self.pages.model.unsent_to(service):
            waiting.setdefault(task.type_name, []).append(task.id)
        for type_name, ids in waiting.items():
            options = self._choices.options_for(LOCAL_SERVICE_NAME, type_name)
            if options is not None:
                self._bridge.bring_elsewhere(ids, options)

    def find(self) -> None:
        """Move the keyboard to the search field."""
        self.pages.show_list()
        self.gallery.search.setFocus()

    def clear_finished(self) -> None:
        """Remove everything from the list that is saved or was cancelled.

        What the program keeps until the user saves it stays: nothing else leads to it.
        """
        entries = self.pages.model.entries()
        ids = [
            entry.task_id
            for entry in entries
            if entry.item.task.state in _FINISHED and not entry.item.is_unsaved
        ]
        if ids:
            self._bridge.remove(ids)
        else:
            self.panels.toast.show_message(tr("There is nothing finished in the list."))

    def undo(self) -> None:
        """Restore what was removed last."""
        self._bring_back(self._taken[-1])

    def _took(self, ids: list[int]) -> None:
        self._taken.append(ids)
        self.undo_possible.emit(True)
        undo = partial(self._bring_back, ids)
        self.panels.toast.offer(removed_text(len(ids)), tr("Undo"), undo)

    def _offer_to_cancel(self, ids: list[int], problems: str) -> None:
        text = many_begun_text(len(ids), self._bridge.items[ids[0]].task.service)
        cancel = partial(self._action_runner.cancel_all, ids)
        self.panels.toast.offer(sentences(problems, text), tr("Cancel them"), cancel)

    def _bring_back(self, ids: list[int]) -> None:
        if ids in self._taken:
            self._taken.remove(ids)
            self.undo_possible.emit(bool(self._taken))
            self.panels.toast.withdraw(removed_text(len(ids)))
            self._bridge.bring_back(ids)

    def show_results(self) -> None:
        """Show the save folder or, where each result may lie in another, that of the last one."""
        chosen = self._choices.preferences
        if chosen.place is Place.FOLDER and chosen.grouping is Grouping.NONE:
            open_folder(self._choices.save_folder)
            return
        saved = [item.task for item in self._bridge.items.values() if item.after_file is not None]
        last = max(
            saved, key=lambda task: (task.saved_at or task.created_at, task.id), default=None
        )
        open_folder(self._choices.save_folder if last is None else last.save_folder)
