"""Prints messages for the person who waits; and the one error of the scripts."""

from __future__ import annotations

import sys


class SetUpFailed(Exception):
    """The set-up cannot go on. Its text says what happened and what to do."""

    def __init__(self, text: str, advice: str = "") -> None:
        """Hold the text.

        :param advice: the part of it that says what to do, in one or two sentences.
        """
        super().__init__(text)
        self.advice = advice


def say(text: str) -> None:
    """Print to standard error, for the person; standard output belongs to the program."""
    print(text, file=sys.stderr, flush=True)
