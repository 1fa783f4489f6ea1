"""Splits a command into words as a shell would; nothing is run, and nothing is looked up."""

from __future__ import annotations

import re
from typing import Final

MAX_WORDS: Final = 400
"""Of one command."""

_CARET: Final = re.compile(r'"[^"\r\n]*"|\^\r?\n[ \t]*|\^.')
"""In Windows' cmd: a text in quotes, in which a caret is one; a line that goes on; any other."""

_IS_CMD: Final = re.compile(r'\^[ \t]*\r?\n|\^"')

_PARTS: Final = re.compile(
    r"""(?P<join>[\\`]\r?\n)
    | (?P<end>\r?\n | [|;])
    | (?P<space>[ \t\f\v]+)
    | \$'(?P<ansi>(?:[^'\\]|\\.)*+)'
    | '(?P<single>[^']*+)'
    | "(?P<double>(?:[^"\\]|\\.)*+)"
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\|;$`]++ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_ANSI: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))", re.DOTALL
)
_ANSI_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_DOUBLE: Final = re.compile(r'\\(\r?\n|[\\"$`])')
_ENDS: Final = re.compile(r"[0-9]?>{1,2}.*|<|&{1,2}|\|{1,2}|#", re.DOTALL)
"""Words with which the command proper ends."""


def words_of(command: str) -> list[str]:
    """Return the words of the command that a text begins with, its name included.

    Both kinds of quoting are read: that of bash and its like, and that of Windows' cmd, whichever
    is there. Variables and commands in it stay the text that they are.
    """
    if _IS_CMD.search(command):
        command = _CARET.sub(_without_caret, command)
    words: list[str] = []
    word: str | None = None
    for part in _PARTS.finditer(command):
        kind = part.lastgroup or ""
        if kind in ("space", "join", "end"):
            if word is not None:
                words.append(word)
                word = None
            if kind == "end" or len(words) >= MAX_WORDS or (words and _ENDS.fullmatch(words[-1])):
                break
        else:
            word = (word or "") + _TEXTS.get(kind, str)(part[kind])
    if word is not None:
        words.append(word)
    if words and _ENDS.fullmatch(words[-1]):
        words.pop()
    return words


def _without_caret(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] == '"':
        return text
    return " " if text.lstrip("^")[:1] in "\r\n" else text[1]


def _ansi_text(text: str) -> str:
    """Return what stands in ``$'…'``."""

    def sign(found: re.Match[str]) -> str:
        hexadecimal = found[1] or found[2]
        if hexadecimal:
            return chr(int(hexadecimal, 16))
        return chr(int(found[3], 8)) if found[3] else _ANSI_SIGNS.get(found[4], found[4])

    return _ANSI.sub(sign, text)


def _double_text(text: str) -> str:
    return _DOUBLE.sub(lambda found: "" if found[1][-1] == "\n" else found[1], text)


_TEXTS: Final = {"ansi": _ansi_text, "double": _double_text}
