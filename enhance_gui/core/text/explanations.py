"""Explains an error, or a stored failure, to people: a title, what it means, what to do next.

In ``core`` and not in ``ui``, since the command line explains the same errors without Qt. The
words stand on the class of the error; here are only those of what is no error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from enhance_gui.core import errors, picture_errors, service_errors, storage_errors
from enhance_gui.core.errors import NOTHING_SPENT, EnhanceError, Explanation
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import Detail, shown
from enhance_gui.core.text.i18n import mark, tr

PAUSED: Final = "paused"
"""Kind of the failure by which a service waits only for this program or its user."""

NOT_STARTED: Final = "not_started"
"""Kind of the explanation of a draft: it waits to be started."""

CHARGE_POSSIBLE: Final = "charge_possible"
"""The kind for an attempt which may have been charged, where no failure mentions it."""

_NOTHING_MORE = mark("Nothing more is sent; what waits is kept.")

_OF_NO_ERROR: Final = {
    CHARGE_POSSIBLE: Explanation(
        mark("It may have been charged"),
        mark("An earlier attempt may have been charged."),
        mark("Check your account before you pay for another attempt."),
    ),
    PAUSED: Explanation(
        mark("Sending is paused"),
        mark("Nothing is sent; what the service has accepted is still followed and saved."),
        mark("Continue when you want to."),
    ),
    NOT_STARTED: Explanation(
        mark("It has not been started"),
        mark("It was added in the window and waits there. It is not sent until you say so."),
        mark("Start it in the window, or take it back."),
    ),
}


def _classes() -> Iterator[type[EnhanceError]]:
    for module in (errors, picture_errors, service_errors, storage_errors):
        for var in vars(module).values():
            if isinstance(var, type) and issubclass(var, EnhanceError):
                yield var


CLASSES: Final = {
    kind: each
    for each in sorted(_classes(), key=lambda each: len(each.mro()), reverse=True)
    # A class inherits the cases of its family, whose own they stay: the family comes last.
    for kind in (*each.cases, each.kind)
}
"""The class of each kind of error."""

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    **_OF_NO_ERROR,
    **{
        kind: each.cases.get(kind) or Explanation(each.title, each.meaning, each.next_step)
        for kind, each in CLASSES.items()
    },
}
"""By kind, in English."""


def explain(problem: EnhanceError | Failure) -> Explanation:
    """Return the explanation of an error, or of a stored failure, in the user's language."""
    english = explain_in_english(problem)
    return Explanation(tr(english.title), tr(english.meaning), tr(english.next_step))


def explain_pause(failure: Failure) -> Explanation:
    """Return the explanation of why a service is paused, in the user's language.

    Much may have been sent to it before, so that what is said of a command or a picture which was
    refused at once would be false here.
    """
    words = explain(failure)
    if explain_in_english(failure).meaning != NOTHING_SPENT:
        return words
    return Explanation(words.title, tr(_NOTHING_MORE), words.next_step)


def explain_in_english(problem: EnhanceError | Failure) -> Explanation:
    """Return the explanation in English: for reports, files and other programs."""
    return EXPLANATIONS.get(problem.kind, EXPLANATIONS["error"])


def sentence(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one sentence: what happened."""
    return _joined(explain(problem).title, shown(problem.detail))


def sentence_in_english(problem: EnhanceError | Failure) -> str:
    """Return the same for what leaves the window."""
    return _joined(explain_in_english(problem).title, problem.detail)


def titled_detail(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one detail, to stand in another."""
    title = explain_in_english(problem).title
    return Detail(_TITLED, title=title, detail=problem.detail) if problem.detail else title


_TITLED: Final = "{title}: {detail}"


def _joined(title: str, detail: str) -> str:
    if detail[: len(title)].casefold() == title.casefold():
        return title + detail[len(title) :]  # it says no more than that, but for its end
    return f"{title}: {detail}" if detail else title
