"""Parses the recipe of a callback's ``md5`` header, which the API's document leaves open.

A recipe is a text over the record's fields and the token, such as ``{taskid}{status}{token}``.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Final

from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import mark

TOKEN: Final = "token"  # noqa: S105  the name of a part, not a token

FIELDS: Final = frozenset(
    {
        "taskid",
        "chtaskid",
        "status",
        "queuenum",
        "errorcode",
        "errormsg",
        "inputurl",
        "inpathwidth",
        "inpathheight",
        "inpathsize",
        "inpathext",
        "outputurl",
        "outpathwidth",
        "outpathheight",
        "outpathsize",
        "outpathext",
        "facenum",
    }
)
"""Fields of the record that a recipe may name: all of them but ``facelist``, which is no text."""


class RecipeError(ValueError):
    """A recipe names something that is not a field of the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parts_of(recipe: str) -> Iterator[tuple[str, str | None]]:
    """Yield the recipe's parts: a text, and the field that follows it, if one does.

    :raises RecipeError: a brace is left open, or a field does not exist.
    """
    try:
        parts = [(literal, name) for literal, name, _, _ in string.Formatter().parse(recipe)]
    except ValueError as error:
        raise RecipeError(mark("is not a recipe: a brace stands alone")) from error
    for _, name in parts:
        if name is not None and name not in FIELDS and name != TOKEN:
            known = ", ".join(sorted(FIELDS | {TOKEN}))
            raise RecipeError(
                Detail(
                    "{field} is not a field of the record (there are: {known})",
                    field=f"{{{name}}}",
                    known=known,
                )
            )
    yield from parts
