"""What the user wants, on its way from panels and menus to those who do it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from enhance_gui.core.images.drop_data import Dropped
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.ui.adding.add_images import AddImages
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.actions import TaskAction, offers
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.settings.window import PageName
from enhance_gui.ui.widgets.show_file import open_folder
from enhance_gui.ui.window.commands import CommandId
from enhance_gui.ui.window.panels import Panels
from enhance_gui.ui.window.removals import Removals
from enhance_gui.ui.window.secondary import SideWindows
from enhance_gui.ui.window.task_actions import TaskActionRunner


class CommandHandlers(QObject):
    """Connects every button and names a handler for every command."""

    def __init__(
        self,
        window: QMainWindow,
        panels: Panels,
        bridge: Bridge,
        account: AccountBridge,
        choices: Choices,
        intake: AddImages,
        sides: SideWindows,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._panels = panels
        self._bridge = bridge
        self._choices = choices
        self._intake = intake
        self._sides = sides
        self._verbs = TaskActionRunner(bridge, window, panels.notice)
        self._removals = Removals(bridge, panels)
        self._connect_adding()
        self._connect_deciding(bridge, account)
        panels.footer.pause_chosen.connect(bridge.pause)
        panels.footer.folder_wanted.connect(self._show_results)
        panels.header.settings_wanted.connect(sides.settings)

    def _connect_adding(self) -> None:
        intake, start, header = self._intake, self._panels.pages.start, self._panels.header
        intake.message.connect(self._panels.notice.say)
        for opener in (start.open_wanted, header.open_wanted):
            opener.connect(intake.choose_files)
        for adder in (start.add_wanted, header.add_wanted):
            adder.connect(intake.type_in)
        start.paste_wanted.connect(intake.paste)
        start.sample_wanted.connect(intake.try_sample)
        header.services.manage.connect(self._sides.services)
        start.connect_wanted.connect(self._connect_service)
        start.local_wanted.connect(partial(self._choices.choose_service, LOCAL_SERVICE_NAME))

    def _connect_deciding(self, bridge: Bridge, account: AccountBridge) -> None:
        panels, verbs = self._panels, self._verbs
        panels.attention.services_wanted.connect(self._sides.services)
        panels.attention.limit_wanted.connect(partial(self._sides.settings_page, PageName.SPENDING))
        panels.attention.more_wanted.connect(account.allow_more)
        panels.attention.list_wanted.connect(partial(self._filter, Group.NEEDS_YOU))
        panels.attention.go_on_wanted.connect(bridge.go_on)
        for part in (panels.attention, panels.pages.gallery, panels.pages.canvas):
            part.action_wanted.connect(verbs.do)
        panels.pages.canvas.copies_wanted.connect(verbs.save_copies)
        panels.review.start_wanted.connect(bridge.start)
        panels.review.remove_wanted.connect(bridge.remove_drafts)
        panels.review.here_wanted.connect(self._use_this_computer)
        panels.review.dismissed.connect(bridge.dismiss_review)
        panels.review.at_once_chosen.connect(self._choices.choose_start_at_once)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        pages, intake, sides = self._panels.pages, self._intake, self._sides
        return {
            CommandId.OPEN: intake.choose_files,
            CommandId.OPEN_FOLDER: intake.choose_folder,
            CommandId.ADD: intake.type_in,
            CommandId.SAMPLE: intake.try_sample,
            CommandId.SHOW_RESULTS: self._show_results,
            CommandId.SETTINGS: sides.settings,
            CommandId.SERVICES: sides.services,
            CommandId.QUIT: self._window.close,
            CommandId.UNDO: self._removals.undo,
            CommandId.PASTE: intake.paste,
            CommandId.SELECT_ALL: pages.gallery.view.select_all,
            CommandId.SELECT_NONE: pages.gallery.view.clear_selection,
            CommandId.FIND: self._find,
            CommandId.LIST: pages.show_list,
            CommandId.PICTURE: pages.open_current,
            CommandId.ROWS: partial(pages.gallery.set_look, GalleryLayout.ROWS),
            CommandId.GRID: partial(pages.gallery.set_look, GalleryLayout.GRID),
            CommandId.PREVIOUS: partial(pages.step, -1),
            CommandId.NEXT: partial(pages.step, 1),
            CommandId.FULL_SCREEN: self._full_screen,
            CommandId.START_REVIEWED: self._panels.review.start,
            CommandId.PAUSE: self._panels.footer.pause.toggle,
            CommandId.LEDGER: sides.ledger,
            CommandId.CLEAR_FINISHED: self._removals.clear_finished,
            CommandId.SHORTCUTS: sides.shortcuts,
            CommandId.DIAGNOSIS: sides.diagnosis,
            CommandId.CHECK_FOR_UPDATES: sides.updates,
            CommandId.ABOUT: sides.about,
            **{action.value: partial(self._do, action) for action in TaskAction},
        }

    def fitting(self) -> set[str]:
        """Return the names of the commands that fit the tasks chosen now."""
        chosen = (self._bridge.items[each] for each in self._panels.pages.chosen())
        return {action.value for action in offers(chosen)}

    def _do(self, action: TaskAction) -> None:
        self._verbs.do(action, self._panels.pages.chosen())

    def _connect_service(self) -> None:
        self._sides.services()
        # What holds until a service is connected; then the question is not asked any more.
        self._panels.pages.start.show_local(True)

    def _use_this_computer(self, ids: list[int]) -> None:
        """Have the service of this computer enhance what another one cannot be given."""
        inputs = [self._bridge.items[id_].task.input for id_ in ids]
        order = self._choices.order_on(LOCAL_SERVICE_NAME)
        if order is not None:
            self._bridge.dismiss_review()
            self._bridge.add(Dropped(tuple(inputs)), order)

    def _find(self) -> None:
        self._panels.pages.show_list()
        self._panels.pages.gallery.search.setFocus()

    def _filter(self, group: Group) -> None:
        self._panels.pages.show_list()
        self._panels.pages.gallery.filters.choose(group)

    def _show_results(self) -> None:
        open_folder(self._choices.save_folder)

    def _full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
