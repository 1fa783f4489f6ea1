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


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  like the one above
    """Mark the forms of a constant to be translated later, by :func:`plural` where it is shown."""
    return one, many


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

    Not every language lets every word but names begin small there: a first may be a noun.
    """
    begins_small = fact("x-begins-small", "" if _spoken.info() else "yes") == "yes"
    is_short_form = title[:2].isupper()  # such as JPEG
    return title[:1].lower() + title[1:] if begins_small and not is_short_form else title


def localized(written: str) -> str:
    """Replace the separators of a number by the language's own, which its catalogue names."""
    thousands, point = fact("x-thousands-sign", ","), fact("x-decimal-sign", ".")
    return written.translate({ord(","): thousands, ord("."): point})


def fact(name: str, of_english: str) -> str:
    """Return what the catalogue's head says of its language under a name in small letters.

    :param of_english: what holds where it does not say.
    """
    return _spoken.info().get(name, of_english)
