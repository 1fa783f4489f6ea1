"""Connects the bridge's signals to the panels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from statistics import fmean
from typing import Final

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.matters import matters_of
from enhance_gui.ui.adding.review_strip import TypeOffer
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.review import Review, type_sums
from enhance_gui.ui.gallery.texts import shown_type
from enhance_gui.ui.widgets.basics import single_shot
from enhance_gui.ui.widgets.toast import Offer
from enhance_gui.ui.window.announcer import Announcer
from enhance_gui.ui.window.batch_progress import BatchProgress, Progress, ended_text
from enhance_gui.ui.window.panels import Panels

_SEVERAL: Final = 2

LOOK_AHEAD_MS: Final = 150
"""How long changes of the review and of the limits are collected before the one is held against
the others."""


class ViewUpdater(QObject):
    """Updates the panels after events."""

    report_wanted = Signal()
    """The user wants a report of the last batch."""

    def __init__(
        self,
        panels: Panels,
        bridge: Bridge,
        choices: Choices,
        announcer: Announcer,
        clock: Clock,
    ) -> None:
        super().__init__(panels)
        self._panels = panels
        self._bridge = bridge
        self._choices = choices
        self._announcer = announcer
        self.batch_progress = BatchProgress(clock)
        self._look_ahead = single_shot(self, LOOK_AHEAD_MS, self._look_for_limit)
        bridge.tasks.changed.connect(self._on_item)
        bridge.adding.connect(panels.footer.show_adding)
        bridge.added.connect(panels.pages.added)
        bridge.added.connect(self._welcome)
        bridge.tasks.removed.connect(panels.pages.forget)
        bridge.tasks.removed.connect(panels.attention.forget)
        panels.pages.looked_at.connect(bridge.look_at)
        panels.pages.looked_at.connect(self._narrow)
        bridge.review_changed.connect(self._show_review)
        bridge.limit_ahead.connect(panels.review.show_limit)
        bridge.service_status_changed.connect(panels.header.services.on_service_status)
        bridge.service_status_changed.connect(panels.attention.on_service_status)
        bridge.service_status_changed.connect(panels.footer.on_service_status)
        bridge.service_status_changed.connect(panels.outage.on_service_status)
        bridge.next_try_changed.connect(panels.outage.on_next_try)
        bridge.message.connect(panels.toast.show_message)
        self.batch_progress.changed.connect(panels.footer.show_progress)
        self.batch_progress.changed.connect(announcer.show_progress)
        self.batch_progress.batch_ended.connect(announcer.batch_ended)
        self.batch_progress.batch_ended.connect(self._summarise)
        panels.pages.currentChanged.connect(self._page_changed)
        choices.changed.connect(self._choices_changed)
        self._choices_changed()

    def _on_item(self, items: list[Item]) -> None:
        self._panels.pages.on_items(items)
        self.batch_progress.on_items(items)
        self._panels.attention.on_items(items, is_new=self._bridge.is_attached)

    def _summarise(self, progress: Progress) -> None:
        """Show how a batch of several pictures ended, and what there is to do about it."""
        if progress.total < _SEVERAL:
            return
        offers: list[Offer] = []
        if progress.failed:
            show = partial(self._panels.pages.show_group, Group.FAILED)
            offers.append((tr("Show the failed"), show))
        if progress.saved and self._choices.preferences.auto_save:
            offers.append((tr("Open folder"), self._panels.footer.folder_wanted.emit))
        offers.append((tr("Report…"), self.report_wanted.emit))
        self._panels.toast.offer(ended_text(progress), *offers[0], *offers[1:])

    def _show_review(self, review: Review) -> None:
        ready = [self._bridge.items[each].task for each in review.usable or review.passed]
        cost_of = self._choices.cost_of
        self._panels.review.show_review(
            review,
            matters_of(review, self._bridge.items.__getitem__),
            type_sums(ready, cost_of),
            self._type_offer(review),
            self._seconds_each(review),
        )
        alone = review.usable[0] if len(review.usable) == 1 else None
        self._panels.pages.result_page.started_above(alone)
        if review.usable and not self._look_ahead.isActive():
            self._look_ahead.start()

    def _look_for_limit(self) -> None:
        """Look whether a limit will stop what is ready."""
        self._bridge.look_ahead(self._panels.review.shown.usable, self._choices.cost_of)

    def _type_offer(self, review: Review) -> TypeOffer:
        """Return the type chosen for new pictures, and the drafts that have another one."""
        kind, service = self._choices.enhance_type, self._choices.profile.name
        if kind is None:
            return TypeOffer()
        tasks = [self._bridge.items[each].task for each in (*review.checking, *review.passed)]
        others = [
            task.id
            for task in tasks
            if task.service == service and task.type_id != kind.id and task.can_change_type
        ]
        return TypeOffer(shown_type(kind.name, service), tuple(others))

    def _seconds_each(self, review: Review) -> float:
        """Return how long those that are ready take on this computer each; 0: not known."""
        tasks = [self._bridge.items[each].task for each in review.usable]
        here = [task for task in tasks if task.service == LOCAL_SERVICE_NAME]
        # Once a type, since it is read from the disk.
        speeds_s = {
            type_id: self._choices.seconds_a_megapixel(type_id)
            for type_id in {task.type_id for task in here}
        }
        each_s = [speeds_s[task.type_id] * task.megapixels for task in here]
        return fmean(each_s) if each_s else 0.0

    def _choices_changed(self) -> None:
        choices, panels = self._choices, self._panels
        panels.review.at_once.setChecked(choices.starts_at_once)
        panels.pages.start.question.setVisible(not choices.preferences.welcomed)
        panels.footer.show_place(choices.save_folder, choices.preferences)
        self._announcer.notify = choices.preferences.notify
        self._show_review(panels.review.shown)

    def _welcome(self) -> None:
        self._choices.change(replace(self._choices.preferences, welcomed=True))

    def _page_changed(self) -> None:
        pages = self._panels.pages
        self._panels.attention.set_compact(pages.currentWidget() is pages.result_page)
        self._narrow()

    def _narrow(self) -> None:
        """Say beside a picture only what is about it."""
        pages = self._panels.pages
        shows_picture = pages.currentWidget() is pages.result_page
        shown = pages.result_page.task_id if shows_picture else None
        self._panels.review.matters.show_only_of(shown)
