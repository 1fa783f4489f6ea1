"""The language of the words for people: English as it stands in the code, or a translation of it.

The English text is the key, as with gettext, whose rules for plurals serve here too. Texts that a
translation does not have stay English.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Final

ENGLISH: Final = "en"

_english: Final = NullTranslations()
_spoken: NullTranslations = _english


def speak(translation: NullTranslations | None) -> None:
    """Have :func:`tr` and :func:`plural` answer in a language from now on; ``None``: English."""
    global _spoken  # noqa: PLW0603  one process speaks one language
    _spoken = translation or _english


def tr(text: str) -> str:
    """Return a text in the user's language.

    Its changing parts stand in it as ``{names}`` and are filled in afterwards, by ``format``.
    """
    # gettext keeps its own facts about the file under the empty text.
    return _spoken.gettext(text) if text else ""


def plural(one: str, many: str, count: int) -> str:
    """Return the form of a text that fits ``count``; ``{count}`` in it is left to ``format``."""
    return _spoken.ngettext(one, many, count)


def mark(text: str) -> str:
    """Mark a constant to be translated later, by :func:`tr` where it is shown."""
    return text
