"""The strip above the pictures: what the checks found, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame

from enhance_gui.core.picture_errors import LOCAL_FILE_NOT_POSSIBLE
from enhance_gui.core.tasks.spending import LimitAhead
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.explanations import explain
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.core.text.joining import ended, listed, sentences
from enhance_gui.ui.adding.matters import Matter, MatterLines, Remedy
from enhance_gui.ui.gallery.review import Review, TypeSum
from enhance_gui.ui.gallery.texts import credits_text
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, holder
from enhance_gui.ui.widgets.flow_layout import TextAndButtons

_WORTH_SHOWING_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class TypeOffer:
    """The enhance type chosen for new pictures, and drafts that have another one."""

    name: str = ""
    """In the user's language."""
    ids: tuple[int, ...] = ()


class ReviewStrip(QFrame):
    """Shows a review; hidden while there is nothing to say."""

    start_wanted = Signal(list)
    """Ids of drafts to start."""
    remove_wanted = Signal(list)
    """Ids of drafts to take back."""
    here_wanted = Signal(list)
    """Ids of files that the local service is to enhance instead."""
    type_wanted = Signal(list)
    """Ids of drafts that are to have the enhance type chosen for new pictures."""
    at_once_chosen = Signal(bool)
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "review")
        self.setAccessibleName(tr("Review before sending"))
        self.shown = Review()
        """The text of the strip."""
        self._offer = TypeOffer()
        self._details: list[str] = []
        self._limit = ""
        # Cut in its middle where there is no room: the sum stands at its end.
        self._title = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        self._line = ElidedLabel("quiet")
        self._start = button(tr("Start"), "primary", tip=tr("Send the pictures (Ctrl+Return)"))
        self._change = button("", tip=tr("Enhance all of them with the type chosen above"))
        self._change.clicked.connect(lambda: self.type_wanted.emit(list(self._offer.ids)))
        self.matters = MatterLines()
        self._remove = button(
            "", "plain", tip=tr("Withdraw what is not started, and remove it from the list")
        )
        self._close = button(tr("Close"), "plain", tip=tr("Hide this strip"))
        self.at_once = QCheckBox(tr("Start new pictures at once"))
        self.at_once.setToolTip(tr("Send new pictures to this service as soon as they are checked"))
        self.at_once.setAccessibleName(self.at_once.text())
        self._start.clicked.connect(self.start)
        self.matters.remedy_wanted.connect(self._settle)
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(list(self._drafts())))
        self._close.clicked.connect(self.dismissed)
        self.at_once.clicked.connect(self.at_once_chosen)
        texts = column(self._title, self._line, spacing=2)
        parts = (self.at_once, self._remove, self._change, self._start, self._close)
        layout = TextAndButtons(holder(texts), *parts, spacing=10)
        self.setLayout(column(layout, self.matters, spacing=6, margins=(20, 10, 20, 10)))
        self.hide()

    def start(self) -> None:
        """Start the drafts that nothing speaks against; none where only others are left."""
        if self.shown.usable:
            self.start_wanted.emit(list(self.shown.usable))

    def _settle(self, remedy: Remedy, ids: list[int]) -> None:
        (self.here_wanted if remedy is Remedy.ENHANCE_HERE else self.start_wanted).emit(ids)

    def show_review(
        self,
        review: Review,
        matters: Sequence[Matter],
        sums: Sequence[TypeSum],
        offer: TypeOffer,
        each_s: float = 0.0,
    ) -> None:
        """
        :param matters: what keeps pictures of it from being sent.
        :param sums: of what is ready or, where nothing is, of all that has passed its check.
        :param offer: the other type that may be meant.
        :param each_s: how long a picture takes on this computer; 0 where it is not known.
        """
        self.shown, self._offer = review, offer
        usable = len(review.usable)
        self._title.show_text(sum_text(sums) if usable else _title(review))
        self._change.setText(tr("Change to {type}").format(type=offer.name))
        self._change.setVisible(bool(offer.ids))
        start = plural("Start {count}", "Start {count}", usable).format(count=number(usable))
        self._start.setText(start if usable > 1 else tr("Start"))
        self._start.setVisible(usable > 0)
        self.matters.show_matters(matters)
        self._details = _details(review, sums, each_s)
        self._show_details()
        drafts = len(self._drafts())
        remove = plural("Remove the picture", "Remove all {count}", drafts)
        self._remove.setText(remove.format(count=number(drafts)))
        self._remove.setAccessibleName(self._remove.text())
        self._remove.setVisible(bool(review.passed))
        self._close.setVisible(review.open == 0)
        self.setVisible(bool(review.open or review.refused))

    def show_limit(self, ahead: LimitAhead | None) -> None:
        """Say that a limit will stop what is ready; ``None``: none will."""
        self._limit = "" if ahead is None else limit_text(ahead)
        self._show_details()

    def _show_details(self) -> None:
        # What may stop it first: the end of the line is cut where there is no room.
        limits = [self._limit] if self._limit and self.shown.usable else []
        details = " · ".join([*limits, *self._details])
        self._line.show_text(f"{details[:1].upper()}{details[1:]}")
        matters = (each.text for each in self.matters.shown)
        texts = (self._title.text(), self._line.text(), *matters)
        self.setAccessibleDescription(sentences(*map(ended, texts)))

    def _drafts(self) -> tuple[int, ...]:
        return (*self.shown.checking, *self.shown.passed)


def sum_text(sums: Sequence[TypeSum]) -> str:
    """Return how many pictures of which enhance types there are, and what all of them cost."""
    count = sum(each.count for each in sums)
    text = plural("{count} picture", "{count} pictures", count)
    parts = [text.format(count=number(count))]
    if len(sums) == 1:
        parts.append(sums[0].name)
    else:
        parts.append(listed(f"{number(each.count)} {each.name}" for each in sums))
    if cost := sum(each.credits for each in sums):
        is_known = all(each.is_priced for each in sums)
        text = "{credits}" if is_known else tr("at least {credits}")
        parts.append(text.format(credits=credits_text(cost)))
    return " · ".join(parts)


def limit_text(ahead: LimitAhead) -> str:
    """Return where a limit will stop what is ready."""
    credits_ = credits_text(ahead.maximum)
    if ahead.unpriced:
        text = tr("your limit stops {type}: it is not known what that costs")
        return text.format(type=ahead.unpriced)
    if ahead.of_batch:
        some = tr("your limit of {credits} a batch stops after {count}")
        none = tr("your limit of {credits} a batch has no room for one")
    else:
        some = tr("your limit of {credits} a day stops after {count}")
        none = tr("your limit of {credits} a day has no room for one")
    text = some if ahead.passing else none
    return text.format(credits=credits_, count=number(ahead.passing))


def _title(review: Review) -> str:
    if count := len(review.checking):
        text = plural("Checking the picture", "Checking {count} pictures", count)
    elif count := len(review.passed):
        text = plural(
            "{count} picture waits for your decision",
            "{count} pictures wait for your decision",
            count,
        )
    else:
        count = len(review.refused)
        text = plural("{count} picture cannot be used", "{count} pictures cannot be used", count)
    return text.format(count=number(count))


def _details(review: Review, sums: Sequence[TypeSum], each_s: float) -> list[str]:
    waiting, found = len(review.usable), []
    if sums and not waiting:
        found.append(sum_text(sums))
    if review.checking and waiting:
        found.append(tr("{count} being checked").format(count=number(len(review.checking))))
    if review.repeated and not waiting:
        found.append(
            tr(
                "look at the earlier one in the list: where it has brought nothing, or its file is "
                "gone, “Retry” on it can ask the service for free"
            )
        )
    if review.stood_in:
        found.append(_stood_in_text(review))
    if review.redirected:
        found.append(
            tr("{count} moved to another address").format(count=number(len(review.redirected)))
        )
    found += review.notes
    if review.local and len(review.local) == len(review.refused) and not waiting:
        found.append(explain(Failure(LOCAL_FILE_NOT_POSSIBLE, "")).next_step)
    if waiting:
        found.append(tr("nothing has been sent yet"))
    if waiting and each_s >= _WORTH_SHOWING_S:
        found.append(_takes(each_s))
    return found


def _stood_in_text(review: Review) -> str:
    """Return that pictures of drags are used in the place of their addresses."""
    count = len(review.stood_in)
    if count == 1:
        text = tr("{host} refuses the program; the picture from your drag is used")
        return text.format(host=review.refusing_host)
    text = tr("{count} addresses refuse the program; the pictures from your drags are used")
    return text.format(count=number(count))


def _takes(each_s: float) -> str:
    if each_s < 90:
        text, count = tr("about {count} s a picture on this computer"), round(each_s / 10) * 10
    elif each_s < 90 * 60:
        text, count = tr("about {count} min a picture on this computer"), round(each_s / 60)
    else:
        text, count = tr("about {count} h a picture on this computer"), round(each_s / 3600)
    return text.format(count=number(count))
