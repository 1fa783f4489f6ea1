"""Defines what a key of a service profile is: its kind, its bounds, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services import profile_checks as checks
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

BLANK: Final = "FILL IN"
"""What stands in a template for a value that only the provider knows."""

_BLANK_REASON: Final = N_("is still blank: enter what the provider gives you")

_LARGEST_STATUS: Final = 2**31
"""No status number lies farther from 0."""


def is_blank(mistake: ProfileInvalid) -> bool:
    """Return whether the only mistake is that a value has still to be filled in."""
    return mistake.reason == _BLANK_REASON


class Kind(Enum):
    """The type of a value in the file: the Python types it may have, and the reason otherwise."""

    TEXT = ((str,), N_("must be a text in quotes"))
    FLAG = ((bool,), N_("must be true or false"))
    NUMBER = ((int, float), N_("must be a number"))
    WHOLE = ((int,), N_("must be a whole number"))
    TEXTS = ((list,), N_("must be a list of texts, at least one"))
    NUMBERS = ((list,), N_("must be a list of whole numbers"))
    TABLE = ((dict,), N_("must be a table"))
    NAMED_TEXTS = (
        (dict,),
        N_("must be a table (in the window: lines of a name, a colon and a text)"),
    )
    NAMED_VALUES = (
        (dict,),
        N_("must be a table (in the window: lines of a name, a colon and a value)"),
    )
    TABLES = ((list,), N_("must be a list of tables, written [[enhance_types]]"))

    def __init__(self, types: tuple[type[Any], ...], reason: str) -> None:
        self.types = types
        self.reason = reason
        """What is wrong with a value of another kind."""

    @property
    def has_own_names(self) -> bool:
        """Whether it is a table whose keys are not this program's."""
        return self in (Kind.NAMED_TEXTS, Kind.NAMED_VALUES)

    def fits(self, value: Any) -> bool:
        """Return whether a value is of this kind."""
        if not isinstance(value, self.types) or isinstance(value, bool) != (self is Kind.FLAG):
            return False
        if self is Kind.TEXTS:
            return bool(value) and all(type(each) is str for each in value)
        inside = {Kind.NUMBERS: int, Kind.TABLES: dict}.get(self)
        return inside is None or all(
            isinstance(each, inside) and not isinstance(each, bool) for each in value
        )


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a service profile."""

    name: str
    """Dotted: the table it stands in, and what it is called there."""
    label: str
    """What people call it."""
    explanation: str
    """One line: what it is, and where to find it."""
    kind: Kind = Kind.TEXT
    bounds: tuple[float, float] | None = None
    """The minimum and the maximum of a number."""
    choices: tuple[str, ...] = ()
    """The only texts that it may be; empty: any."""
    is_required: bool = False
    check: Callable[[Any], str] = checks.nothing
    """Returns what is wrong with a value that is right in all of the above; empty: nothing."""
    late_check: Callable[[Any], str] = checks.nothing
    """Returns what was no mistake in earlier versions, and keeps no profile from use."""
    read: Callable[[Any], Any] = lambda value: value
    """Returns a value of the file as the program has it, in the types of the file."""
    example: str = ""
    """What a value may look like; empty where there is a usual one."""

    @property
    def table(self) -> str:
        """The table it stands in; empty for those of the file itself."""
        return self.name.rpartition(".")[0]

    @property
    def own_name(self) -> str:
        """What it is called in its table."""
        return self.name.rpartition(".")[2]

    def problem(self, value: Any) -> str:
        """Return why a value cannot be used; empty: it can."""
        if value == BLANK:
            return _BLANK_REASON
        if not self.kind.fits(value):
            return self.kind.reason
        if self.kind is Kind.TEXT and any(ord(char) < 32 or ord(char) == 127 for char in value):
            return checks.HAS_CONTROLS
        if self.is_required and isinstance(value, str) and not value.strip():
            return N_("must not be empty")
        if self.choices and value not in self.choices:
            return Detail("must be one of {choices}", choices=", ".join(self.choices))
        if self.bounds and not self.bounds[0] <= value <= self.bounds[1]:
            return _between(*self.bounds)
        return self.check(value)

    def late_problem(self, value: Any) -> str:
        """Return what is wrong with a value that can be used nevertheless; empty: nothing."""
        texts = {Kind.TEXT: [value], Kind.TEXTS: value}.get(self.kind, [])
        if any(map(checks.has_unseen, texts)):
            return checks.HAS_CONTROLS
        if self.kind is Kind.NUMBERS and any(abs(each) > _LARGEST_STATUS for each in value):
            return _between(-_LARGEST_STATUS, _LARGEST_STATUS)
        return self.late_check(value)


def _between(minimum: float, maximum: float) -> str:
    return Detail(
        "must lie between {minimum:.15g} and {maximum:.15g}", minimum=minimum, maximum=maximum
    )
