"""Declares every key of a service profile, a row each: what it is to people, what it may hold.

The reader, the writer, the editor and the explained file follow from these rows. What holds where
a key is left out is the default of its field in
:class:`~enhance_gui.core.services.profile.ServiceProfile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services import profile_checks as checks
from enhance_gui.core.services.enhance_types import LARGEST_TYPE_ID, Outputs
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

BLANK: Final = "FILL IN"
"""What stands in a template for a value that only the provider knows."""

_BLANK_REASON: Final = N_("is still blank: enter what the provider gives you")

METHODS: Final = ("POST", "GET", "PUT")
"""HTTP methods that a profile may name."""

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
    TABLES = ((list,), N_("must be a list of tables, written [[enhance_types]]"))

    def __init__(self, types: tuple[type[Any], ...], reason: str) -> None:
        self.types = types
        self.reason = reason
        """What is wrong with a value of another kind."""

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


_CALL_PATH: Final = r"\A/((?!{call}).)*{call}((?!{call}).)*"
_CALL_BRACES: Final = r"\A[^{}]*{call}[^{}]*"

_ROWS: Final = (
    Key("name", "Name", "What you call this service; free to choose.", is_required=True),
    Key(
        "base_url",
        "Address",
        "The API's base address, without the name of a call, from the provider's "
        "documentation of your account.",
        is_required=True,
        check=checks.web_address,
        late_check=checks.web_host,
        read=lambda value: value.rstrip("/"),
        example="https://enhance.example.org/api",
    ),
    Key(
        "method",
        "HTTP method",
        "The API's document names none. POST is assumed; ask the provider if calls fail.",
        choices=METHODS,
    ),
    Key(
        "path",
        "Path of a call",
        "What follows the address; {call} becomes createtask, gettask or deletetask. Assumed, "
        "not documented.",
        check=checks.form(re.compile(_CALL_PATH), N_("must begin with / and contain {call} once")),
        late_check=checks.form(
            re.compile(_CALL_BRACES), N_("must have no brace but those of {call}")
        ),
    ),
    Key(
        "token_header",
        "Header of the token",
        "Name of the request header that carries the token. “token” is assumed, because "
        "callbacks use it; the document does not say.",
        check=checks.form(
            re.compile("[A-Za-z0-9_-]+"),
            N_("must be the name of a header: letters, digits, - and _"),
        ),
        late_check=checks.header_is_free,
    ),
    Key(
        "token_prefix",
        "Text before the token",
        "For example “Bearer ”, with the space; usually nothing.",
        check=checks.form(re.compile(r"[\x00-\x7f]*"), N_("must be plain ASCII, as headers are")),
    ),
    Key(
        "needs_token",
        "Needs a token",
        "Off only for a service of your own that asks for none.",
        Kind.FLAG,
    ),
    Key(
        "allow_private_addresses",
        "Private addresses allowed",
        "Whether pictures and results may lie on this computer or in its network. Leave it "
        "off for a service on the internet.",
        Kind.FLAG,
    ),
    Key(
        "requests_per_s",
        "Requests per second",
        "Most questions to the service a second; its operator may name a limit.",
        Kind.NUMBER,
        bounds=(0.01, 1000),
    ),
    Key(
        "max_in_flight",
        "Pictures at a time",
        "Parallel tasks on the service; 0 adapts automatically to how fast it is.",
        Kind.WHOLE,
        bounds=(0, 10_000),
    ),
    Key(
        "upload_path",
        "Path for uploads",
        "Only for a server run with “enhance-gui serve”: /upload. Empty: the service takes "
        "web addresses only, as the document has it.",
        check=checks.form(re.compile("(/.*)?"), N_("must begin with /")),
    ),
    Key(
        "private_id_is_idempotent",
        "The same private id is the same task",
        "Whether a task sent twice with one private id is made once. True for “enhance-gui "
        "serve”. The document does not promise it: where it is wrong, a task may be paid "
        "twice.",
        Kind.FLAG,
    ),
    Key(
        "limits",
        "Limits",
        "Pictures beyond these limits are refused here, before anything is sent.",
        Kind.TABLE,
    ),
    Key(
        "limits.max_image_bytes",
        "Largest file, in bytes",
        "The document says 20 MB, which is 20971520 bytes.",
        Kind.WHOLE,
        bounds=(1, 2**31),
    ),
    Key(
        "limits.min_side_px",
        "Shortest side, in pixels",
        "The document says 64, included.",
        Kind.WHOLE,
        bounds=(1, 65_535),
    ),
    Key(
        "limits.max_side_px",
        "Longest side, in pixels",
        "The document says 9216, included.",
        Kind.WHOLE,
        bounds=(1, 65_535),
    ),
    Key(
        "limits.formats",
        "File types",
        "With commas between them. Which ones a service takes is not documented: ask it.",
        Kind.TEXTS,
        late_check=checks.formats,
        read=lambda value: [each.lower() for each in value],
    ),
    Key(
        "enhance_types",
        "Enhance types",
        "What the service can do: its number for each, and the name you want to pick. "
        "The numbers are in the provider's table “Enhance Type”.",
        Kind.TABLES,
    ),
    Key(
        "enhance_types.id",
        "Number",
        "The number of the type in the provider's table “Enhance Type”.",
        Kind.WHOLE,
        bounds=(-LARGEST_TYPE_ID, LARGEST_TYPE_ID),
        is_required=True,
    ),
    Key(
        "enhance_types.name",
        "Name",
        "What you pick when you add pictures.",
        is_required=True,
    ),
    Key(
        "enhance_types.description",
        "Description",
        "One sentence for yourself; may stay empty.",
    ),
    Key(
        "enhance_types.cost",
        "Credits",
        "What one picture costs; 0 where you do not know it.",
        Kind.NUMBER,
        bounds=(0, 1e9),
    ),
    Key(
        "enhance_types.outputs",
        "Further results",
        "What comes beside the main picture: faces, versions to choose from, or nothing.",
        choices=tuple(each.value for each in Outputs),
        read=Outputs,
    ),
    Key(
        "status",
        "Status numbers",
        "What the service's status numbers mean. The document does not say it. Numbers that "
        "are not listed do no harm: the program then goes by error, result and place in the "
        "queue.",
        Kind.TABLE,
    ),
    Key(
        "status.queued",
        "Waiting",
        "Numbers of “status” that mean: in the service's queue.",
        Kind.NUMBERS,
    ),
    Key(
        "status.processing",
        "Working",
        "Numbers that mean: the service is at it.",
        Kind.NUMBERS,
    ),
    Key(
        "status.finished",
        "Finished",
        "Numbers that mean that the result is ready.",
        Kind.NUMBERS,
    ),
    Key(
        "status.failed",
        "Failed",
        "Numbers that mean: there will be no result.",
        Kind.NUMBERS,
    ),
    Key(
        "callback",
        "Callbacks",
        "The service can tell this program when a picture is done, if it can reach it.",
        Kind.TABLE,
    ),
    Key(
        "callback.listen",
        "Listen on",
        "Address and port of this computer, such as 127.0.0.1:8899. Empty: off.",
        check=checks.host_and_port,
        example="127.0.0.1:8899",
    ),
    Key(
        "callback.md5",
        "Recipe of the md5 header",
        "Fields of the record and {token} in the provider's order, such as "
        "{taskid}{status}{token}. Not documented: ask the provider. Empty: not checked.",
        check=checks.recipe,
        example="{taskid}{status}{token}",
    ),
)

KEYS: Final = {key.name: key for key in _ROWS}
"""Every key by its name, in the order of the contract."""


def keys_of(table: str) -> tuple[Key, ...]:
    """Return the keys that stand in a table; those of the file itself for ``""``."""
    return tuple(key for key in _ROWS if key.table == table)


def key_named(name: str) -> Key:
    """Return a key as :class:`ProfileInvalid` names it: keys of several rows are the same one."""
    return KEYS.get(re.sub(r"\[\d+\]", "", name)) or Key(name=name, label=name, explanation="")
