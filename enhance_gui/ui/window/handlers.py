"""What the user wants, on its way from panels and menus to those who do it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from enhance_gui.core.images.drop_data import Dropped
from enhance_gui.core.services.profile import BUNDLED_SERVICE_NAME
from enhance_gui.ui.adding.add_images import Intake
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.actions import Action, offers
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.view import GalleryLook
from enhance_gui.ui.settings.window import PageName
from enhance_gui.ui.widgets.show_file import open_folder
from enhance_gui.ui.window.commands import Name
from enhance_gui.ui.window.panels import Panels
from enhance_gui.ui.window.removals import Removals
from enhance_gui.ui.window.secondary import SideWindows
from enhance_gui.ui.window.task_actions import Verbs


class Wishes(QObject):
    """Connects every button and names a handler for every command."""

    def __init__(
        self,
        window: QMainWindow,
        panels: Panels,
        bridge: Bridge,
        account: AccountBridge,
        choices: Choices,
        intake: Intake,
        sides: SideWindows,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._panels = panels
        self._bridge = bridge
        self._choices = choices
        self._intake = intake
        self._sides = sides
        self._verbs = Verbs(bridge, window, panels.notice)
        self._removals = Removals(bridge, panels)
        self._connect_adding()
        self._connect_deciding(bridge, account)
        panels.footer.pause_chosen.connect(bridge.pause)
        panels.footer.folder_wanted.connect(self._show_results)
        panels.header.settings_wanted.connect(sides.settings)

    def _connect_adding(self) -> None:
        intake, start, header = self._intake, self._panels.pages.start, self._panels.header
        intake.told.connect(self._panels.notice.say)
        for opener in (start.open_wanted, header.open_wanted):
            opener.connect(intake.choose_files)
        for adder in (start.add_wanted, header.add_wanted):
            adder.connect(intake.type_in)
        start.paste_wanted.connect(intake.paste)
        start.sample_wanted.connect(intake.try_sample)
        header.services.manage.connect(self._sides.services)
        start.connect_wanted.connect(self._connect_service)
        start.local_wanted.connect(partial(self._choices.choose_service, BUNDLED_SERVICE_NAME))

    def _connect_deciding(self, bridge: Bridge, account: AccountBridge) -> None:
        panels, verbs = self._panels, self._verbs
        panels.needs_you.services_wanted.connect(self._sides.services)
        panels.needs_you.limit_wanted.connect(partial(self._sides.settings_page, PageName.SPENDING))
        panels.needs_you.more_wanted.connect(account.allow_more)
        panels.needs_you.list_wanted.connect(partial(self._filter, Group.NEEDS_YOU))
        panels.needs_you.go_on_wanted.connect(bridge.go_on)
        for part in (panels.needs_you, panels.pages.gallery, panels.pages.canvas):
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
            Name.OPEN: intake.choose_files,
            Name.OPEN_FOLDER: intake.choose_folder,
            Name.ADD: intake.type_in,
            Name.SAMPLE: intake.try_sample,
            Name.SHOW_RESULTS: self._show_results,
            Name.SETTINGS: sides.settings,
            Name.SERVICES: sides.services,
            Name.QUIT: self._window.close,
            Name.UNDO: self._removals.undo,
            Name.PASTE: intake.paste,
            Name.SELECT_ALL: pages.gallery.view.select_all,
            Name.SELECT_NONE: pages.gallery.view.clear_selection,
            Name.FIND: self._find,
            Name.LIST: pages.show_list,
            Name.PICTURE: pages.open_current,
            Name.ROWS: partial(pages.gallery.set_look, GalleryLook.ROWS),
            Name.GRID: partial(pages.gallery.set_look, GalleryLook.GRID),
            Name.PREVIOUS: partial(pages.step, -1),
            Name.NEXT: partial(pages.step, 1),
            Name.FULL_SCREEN: self._full_screen,
            Name.START_REVIEWED: self._panels.review.start,
            Name.PAUSE: self._panels.footer.pause.toggle,
            Name.LEDGER: sides.ledger,
            Name.CLEAR_FINISHED: self._removals.clear_finished,
            Name.SHORTCUTS: sides.shortcuts,
            Name.DIAGNOSIS: sides.diagnosis,
            Name.CHECK_FOR_UPDATES: sides.updates,
            Name.ABOUT: sides.about,
            **{action.value: partial(self._do, action) for action in Action},
        }

    def fitting(self) -> set[str]:
        """Return the names of the commands that fit the tasks chosen now."""
        chosen = (self._bridge.items[each] for each in self._panels.pages.chosen())
        return {action.value for action in offers(chosen)}

    def _do(self, action: Action) -> None:
        self._verbs.do(action, self._panels.pages.chosen())

    def _connect_service(self) -> None:
        self._sides.services()
        # What holds until a service is connected; then the question is not asked any more.
        self._panels.pages.start.show_local(True)

    def _use_this_computer(self, ids: list[int]) -> None:
        """Have the service of this computer enhance what another one cannot be given."""
        inputs = [self._bridge.items[each].task.input for each in ids]
        order = self._choices.order_on(BUNDLED_SERVICE_NAME)
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
