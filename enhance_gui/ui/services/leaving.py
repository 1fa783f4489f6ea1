"""Asks in the window, without blocking, before changes that are not saved are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.widgets.cards import Choice, Question

NOT_YET: Final = N_("To save them, first put right what is missing or wrong.")

Step = Callable[[], object]


class Leaving:
    """Asks whether to save, to discard or to stay, and goes on when that is done."""

    def __init__(self, question: Question, save: Step, discard: Step) -> None:
        """
        :param save: begins to save; :meth:`on_saved` and :meth:`on_settled` are called at the end.
        """
        self._question = question
        self._save = save
        self._discard = discard
        self._then: Step | None = None
        """What comes after saving."""
        self._with_token = False

    def ask(self, text: str, save: str, then: Step, *, can_save: bool, with_token: bool) -> None:
        """Ask about what is not saved.

        :param text: what that is, in a sentence.
        :param save: what saving it is called here.
        :param with_token: go on only when its token is kept too: the program is about to end.
        """
        yes = Choice(save, does=lambda: self._save_first(then, with_token), kind="primary")
        self._question.ask(
            text,
            (
                *([yes] if can_save else []),
                Choice(tr("Discard"), does=lambda: self._discard_first(then)),
                Choice(tr("Keep editing"), kind="" if can_save else "primary"),
            ),
            detail="" if can_save else tr(NOT_YET),
        )

    def wait(self, then: Step, *, with_token: bool) -> None:
        """Go on when what is being saved already is saved."""
        self._then, self._with_token = then, with_token

    def on_saved(self) -> None:
        """Go on unless the token is to be kept first: all else is saved."""
        if not self._with_token:
            self.on_settled(complete=True)

    def on_settled(self, complete: bool) -> None:
        """Go on, if complete: saving has ended, and any token is kept."""
        then, self._then = self._then, None  # else the page shows why the token is not kept
        if then is not None and complete:
            then()

    @property
    def waits(self) -> bool:
        """Whether something waits until all is saved."""
        return self._then is not None

    def stay(self) -> None:
        """Cancel going on."""
        self._then = None

    def _save_first(self, then: Step, with_token: bool) -> None:
        self.wait(then, with_token=with_token)
        self._save()

    def _discard_first(self, then: Step) -> None:
        self._discard()
        then()
