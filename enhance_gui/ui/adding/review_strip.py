"""The strip above the pictures: what the checks found, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame

from enhance_gui.core.picture_errors import LOCAL_FILE_NOT_POSSIBLE
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.explanations import explain
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.ui.adding.matters import Matter, MatterLines, Remedy
from enhance_gui.ui.gallery.review import Review
from enhance_gui.ui.gallery.texts import credits_text
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, label, row

_WORTH_SHOWING_S: Final = 20.0


class ReviewStrip(QFrame):
    """Shows a review; hidden while there is nothing to say."""

    start_wanted = Signal(list)
    """Ids of drafts to start."""
    remove_wanted = Signal(list)
    """Ids of drafts to take back."""
    here_wanted = Signal(list)
    """Ids of files that the local service is to enhance instead."""
    at_once_chosen = Signal(bool)
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "review")
        self.setAccessibleName(tr("Review before sending"))
        self.shown = Review()
        """The text of the strip."""
        self._title = label("", "heading")
        self._line = ElidedLabel("quiet")
        self._start = button(tr("Start"), "primary", tip=tr("Send the pictures (Ctrl+Return)"))
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
        layout = row(spacing=10)
        layout.addLayout(texts, 1)
        for part in (self.at_once, self._remove, self._start, self._close):
            layout.addWidget(part)
        self.setLayout(column(layout, self.matters, spacing=6, margins=(20, 10, 20, 10)))
        self.hide()

    def start(self) -> None:
        """Start the drafts that nothing speaks against; none where only others are left."""
        if self.shown.usable:
            self.start_wanted.emit(list(self.shown.usable))

    def _settle(self, remedy: Remedy, ids: list[int]) -> None:
        (self.here_wanted if remedy is Remedy.ENHANCE_HERE else self.start_wanted).emit(ids)

    def show_review(
        self, review: Review, matters: Sequence[Matter], cost: float, each_s: float = 0.0
    ) -> None:
        """
        :param matters: what keeps pictures of it from being sent.
        :param cost: credits that one task costs; 0 where it is not known.
        :param each_s: how long a picture takes on this computer; 0 where it is not known.
        """
        self.shown = review
        usable = len(review.usable)
        self._title.setText(_title(review))
        details = " · ".join(_details(review, cost, each_s))
        self._line.show_text(f"{details[:1].upper()}{details[1:]}")
        start = plural("Start", "Start {count}", usable)
        self._start.setText(start.format(count=number(usable)))
        self._start.setVisible(usable > 0)
        self.matters.show_matters(matters)
        drafts = len(self._drafts())
        remove = plural("Remove the picture", "Remove all {count}", drafts)
        self._remove.setText(remove.format(count=number(drafts)))
        self._remove.setAccessibleName(self._remove.text())
        self._remove.setVisible(bool(review.passed))
        self._close.setVisible(review.open == 0)
        texts = (self._title.text(), self._line.text(), *(each.text for each in matters))
        self.setAccessibleDescription(". ".join(filter(None, texts)))
        self.setVisible(bool(review.open or review.refused))

    def _drafts(self) -> tuple[int, ...]:
        return (*self.shown.checking, *self.shown.passed)


def _title(review: Review) -> str:
    if count := len(review.usable):
        text = plural("{count} picture is ready", "{count} pictures are ready", count)
    elif count := len(review.checking):
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


def _details(review: Review, cost: float, each_s: float) -> list[str]:
    waiting, found = len(review.usable), []
    if review.checking and waiting:
        found.append(tr("{count} being checked").format(count=number(len(review.checking))))
    if review.repeated and not waiting:
        found.append(
            tr(
                "The same content with the same type: look at the earlier one in the list; where "
                "it has brought nothing, or its file is gone, “Ask again” on it is free"
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
    if waiting and cost:
        found.append(tr("costs {credits}").format(credits=credits_text(waiting * cost)))
    elif waiting:
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
