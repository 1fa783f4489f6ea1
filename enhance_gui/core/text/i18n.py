"""Translates the texts of the program: English as it stands in the code, or a catalogue.

The English text is the key, as with gettext, whose rules for plurals serve here too. Texts that a
translation does not have stay English.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Final

ENGLISH: Final = "en"

_english: Final = NullTranslations()
_spoken: NullTranslations = _english


def set_language(translation: NullTranslations | None) -> None:
    """Set the language of :func:`tr` and :func:`plural`; ``None``: English."""
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


def N_(text: str) -> str:  # noqa: N802  gettext's own name
    """Mark a constant to be translated later, by :func:`tr` where it is shown."""
    return text


def number(value: float, decimals: int = 0) -> str:
    """Write a number as the language does: 1,234.5 or 1.234,5."""
    return localized(f"{value:,.{decimals}f}")


def plain_number(value: float) -> str:
    """Write a number in English with as many decimals as it needs, three at most: 3, 2.5, 0.125."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def short_number(value: float) -> str:
    """Write a number so as the language does: 3, 2,5, 0,125."""
    return localized(plain_number(value))


def in_sentence(title: str) -> str:
    """Return a title, already translated, as it stands in the middle of a sentence.

    Only English lets every word but names begin small there; elsewhere the first may be a noun.
    """
    is_english = _spoken.info().get("language", ENGLISH) == ENGLISH
    return title[:1].lower() + title[1:] if is_english else title


def localized(written: str) -> str:
    """Replace the separators of a number by the language's own, which its catalogue names."""
    facts = _spoken.info()
    thousands, point = facts.get("x-thousands-sign", ","), facts.get("x-decimal-sign", ".")
    return written.translate({ord(","): thousands, ord("."): point})
