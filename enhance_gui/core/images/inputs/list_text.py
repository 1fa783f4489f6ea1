"""Reads the text of a list of inputs, in whatever encoding a program has written it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

MAX_LIST_BYTES: Final = 16 * 2**20

_MARKS: Final = (
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT_BYTES: Final = 4096
_NOT_OF_TEXTS: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f]")


class NoText(ValueError):
    """What was to be a list is no text in any encoding."""


@dataclass(frozen=True, slots=True)
class ListText:
    """The text of a list."""

    text: str
    is_guess: bool
    """Whether letters of its inputs may have been other ones: they were read as Windows-1252."""

    @property
    def lines(self) -> list[str]:
        """The inputs, one a line; empty lines and comments (#) are skipped."""
        return lines_of(self.text)


def read_list_text(data: bytes) -> ListText:
    """Decode a list: UTF-8, UTF-16 or UTF-32 by its mark; else UTF-8, else Windows-1252.

    :raises NoText: it is none: a picture, say, or a table of a spreadsheet.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if encoding or (encoding := _unmarked_utf_16(data)):
        return ListText(_plain_text(data.decode(encoding, "replace")), is_guess=False)
    try:
        return ListText(_plain_text(data.decode("utf-8")), is_guess=False)
    except UnicodeDecodeError:
        # Line by line: one that comes from elsewhere does not spoil the others.
        text = _plain_text("".join(map(_guessed, data.splitlines(keepends=True))))
        return ListText(text, is_guess=not all(map(str.isascii, lines_of(text))))


def lines_of(text: str) -> list[str]:
    """Return the inputs of a list, one a line; empty lines and comments (#) are skipped."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _unmarked_utf_16(data: bytes) -> str:
    """Return the encoding of a text whose every other byte is 0, as of Latin letters in UTF-16."""
    begin = data[:_LOOKED_AT_BYTES]
    if len(begin) >= 2 and len(data) % 2 == 0:
        even, odd = begin[::2].count(0), begin[1::2].count(0)
        many = len(begin) // 2 * 3 // 4
        if odd > many and not even:
            return "utf-16-le"
        if even > many and not odd:
            return "utf-16-be"
    return ""


def _guessed(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            pass
    # Windows leaves five bytes undefined; they pass as what they are in Latin-1.
    return line.decode("latin-1")


def _plain_text(text: str) -> str:
    """:raises NoText: a tenth of its beginning is signs that no text has."""
    begin = text[:_LOOKED_AT_BYTES]
    if len(_NOT_OF_TEXTS.findall(begin)) * 10 > len(begin):
        raise NoText
    return text.removeprefix("\ufeff")
