"""Languages made by code from the English texts: they show developers where a window is too narrow.

They have the codes that other systems use for such: ``en_XA`` is accented, about 40 percent longer
and in brackets, so that what is cut off or went around the translation is seen; ``ar_XB`` is
written from right to left. The settings do not offer them.
"""

from __future__ import annotations

import re
from gettext import NullTranslations
from typing import Final

ACCENTED: Final = "en_XA"
MIRRORED: Final = "ar_XB"

_PLAIN: Final = "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz"
_WITH_ACCENT: Final = "ÅÇÐÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽåçđéĝĥîĵķļñöŕšţûŵýž"
_ACCENTS: Final = str.maketrans(_PLAIN, _WITH_ACCENT)
_VOWELS: Final = frozenset("aeiouyAEIOUY")
_SHARE: Final = 0.4
"""By which a text gets longer."""

_KEPT: Final = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|&.|\s+)")
"""Fields, mnemonics and gaps."""

_ENDS: Final = "….:? "
_BACKWARDS: Final = "\u202e{}\u202c"
"""What shows a word from right to left, whatever its letters are."""

_RIGHT_TO_LEFT: Final = "\u200f"
"""Has a text that it begins count as one from right to left."""


class PseudoLanguage(NullTranslations):
    """One of the two languages."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code
        self._written = _mirrored if code == MIRRORED else _accented

    def gettext(self, message: str) -> str:
        return self._written(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._written(msgid1 if n == 1 else msgid2)

    def info(self) -> dict[str, str]:
        return {"language": self._code}


def _accented(text: str) -> str:
    body = text.rstrip(_ENDS)
    if not body:
        return text
    missing = round(len(_KEPT.sub("", body)) * _SHARE)
    written = []
    start = len(body) - len(body.lstrip())
    for part in _KEPT.split(body[start:]):
        if _KEPT.fullmatch(part):
            written.append(part)
            continue
        for letter in part:
            longer = letter in _VOWELS and missing > 0
            missing -= longer
            written.append(letter.translate(_ACCENTS) * (2 if longer else 1))
    return f"{body[:start]}⟦{''.join(written)}{'~' * missing}⟧{text[len(body) :]}"


def _mirrored(text: str) -> str:
    parts = _KEPT.split(text)
    return _RIGHT_TO_LEFT + "".join(
        part if not part or _KEPT.fullmatch(part) else _BACKWARDS.format(part) for part in parts
    )
