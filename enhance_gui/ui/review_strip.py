"""The strip above the pictures: what the checks found, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame

from enhance_gui.ui.review import Review
from enhance_gui.ui.widgets import ElidedLabel, button, column, label, row


class ReviewStrip(QFrame):
    """Shows a review; hidden while there is nothing to say."""

    start_wanted = Signal(list)
    """Ids of drafts to start."""
    remove_wanted = Signal(list)
    """Ids of drafts to take back."""
    at_once_chosen = Signal(bool)
    dismissed = Signal()
    shown_wanted = Signal(object)
    """The user wants to see what the strip speaks of."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "review")
        self.setAccessibleName("Review before sending")
        self.shown = Review()
        """What the strip says."""
        self._title = label("", "heading")
        self._line = ElidedLabel("quiet")
        self._start = button("Start", "primary", tip="Send the pictures (Ctrl+Return)")
        self._repeats = button("", tip="Send them all the same: they may cost again")
        self._remove = button("Remove", "plain", tip="Take the drafts from the list")
        self._close = button("Close", "plain", tip="Hide this strip")
        self.at_once = QCheckBox("Start at once")
        self.at_once.setToolTip("Send new pictures to this service as soon as they are checked")
        self.at_once.setAccessibleName("Start new pictures at once")
        self._start.clicked.connect(self.start)
        self._repeats.clicked.connect(lambda: self.start_wanted.emit(list(self.shown.repeated)))
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(list(self._drafts())))
        self._close.clicked.connect(self.dismissed)
        self.at_once.clicked.connect(self.at_once_chosen)
        words = column(self._title, self._line, spacing=2)
        layout = row(spacing=10)
        layout.addLayout(words, 1)
        for part in (self.at_once, self._remove, self._repeats, self._start, self._close):
            layout.addWidget(part)
        layout.setContentsMargins(20, 10, 20, 10)
        self.setLayout(layout)
        self.hide()

    def start(self) -> None:
        """Start what can be used; where only repeats are left, nothing."""
        if self.shown.usable:
            self.start_wanted.emit(list(self.shown.usable))

    def show_review(self, review: Review, reasons: Mapping[str, int], cost: float) -> None:
        """
        :param reasons: why pictures were refused, with how many each.
        :param cost: credits that one task costs; 0 where it is not known.
        """
        self.shown = review
        usable, repeated = len(review.usable), len(review.repeated)
        self._title.setText(_title(review))
        self._line.say(" · ".join(_details(review, reasons, cost)))
        self._start.setText("Start" if usable == 1 else f"Start {usable}")
        self._start.setVisible(usable > 0)
        self._repeats.setText("Enhance again" if repeated == 1 else f"Enhance {repeated} again")
        self._repeats.setVisible(repeated > 0)
        self._remove.setVisible(usable + repeated > 0)
        self._close.setVisible(review.open == 0)
        self.setAccessibleDescription(f"{self._title.text()}. {self._line.text()}")
        self.setVisible(bool(review.open or review.refused))

    def _drafts(self) -> tuple[int, ...]:
        return (*self.shown.checking, *self.shown.passed)


def _title(review: Review) -> str:
    waiting = len(review.usable)
    if waiting:
        return "1 picture is ready" if waiting == 1 else f"{waiting} pictures are ready"
    if review.checking:
        count = len(review.checking)
        return "Checking the picture" if count == 1 else f"Checking {count} pictures"
    if review.repeated:
        count = len(review.repeated)
        return (
            "This picture was enhanced before"
            if count == 1
            else f"{count} pictures were enhanced before"
        )
    count = len(review.refused)
    return "1 picture cannot be used" if count == 1 else f"{count} pictures cannot be used"


def _details(review: Review, reasons: Mapping[str, int], cost: float) -> list[str]:
    waiting, found = len(review.usable), []
    if review.checking and waiting:
        found.append(f"{len(review.checking)} being checked")
    if review.repeated and waiting:
        found.append(f"{len(review.repeated)} enhanced before")
    elif review.repeated:
        found.append("The same content with the same type; the earlier result is in the list")
    if review.redirected:
        found.append(f"{len(review.redirected)} redirected")
    found += [
        f"{reason[:1].lower()}{reason[1:]}: {count}" if waiting or count > 1 else reason
        for reason, count in reasons.items()
    ]
    if waiting and cost:
        found.append(f"costs {waiting * cost:g} credits")
    elif waiting:
        found.append("nothing has been sent yet")
    return found
