"""Declares every key of a service profile, a row each: what it is to people, what it may hold.

The reader, the writer, the editor and the explained file follow from these rows. What holds where
a key is left out is the default of its field in
:class:`~enhance_gui.core.services.profile.ServiceProfile`.
"""

from __future__ import annotations

import re
from typing import Final

from enhance_gui.core.services import other_names
from enhance_gui.core.services import profile_checks as checks
from enhance_gui.core.services.enhance_types import LARGEST_TYPE_ID, Outputs
from enhance_gui.core.services.profile_key import Key, Kind
from enhance_gui.core.text.i18n import N_

METHODS: Final = ("POST", "GET", "PUT")
"""HTTP methods that a profile may name."""

BODIES: Final = ("json", "form", "query")
"""How the parameters of a call may travel."""

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
        "body",
        "Parameters as",
        "How the parameters of a call travel: as JSON or as a form in the body, or in the address "
        "(query). JSON is assumed; with GET they are always in the address.",
        choices=BODIES,
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
        "Name of the token",
        "Name of the header or field that carries the token. “token” is assumed, because "
        "callbacks use it; the document does not say.",
        check=checks.form(
            re.compile("[A-Za-z0-9_-]+"),
            N_("must be the name of a header: letters, digits, - and _"),
        ),
        late_check=checks.header_is_free,
    ),
    Key(
        "token_in",
        "Place of the token",
        "Where calls carry the token: in a header, in the address (query) or among the fields of "
        "the body. A header is assumed, and keeps it out of servers' logs.",
        choices=other_names.TOKEN_PLACES,
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
        "headers",
        "Further headers",
        "Headers that every request carries, one per line, such as X-Client: studio. None of them "
        "may be secret: the token has a place of its own.",
        Kind.NAMED_TEXTS,
        check=other_names.headers,
        example="X-Client: studio",
    ),
    Key(
        "extra_fields",
        "Further fields",
        "Fields that every call carries beside the documented ones, one per line, such as "
        "version: 2. A text that looks like a number stands in double quotes.",
        Kind.NAMED_VALUES,
        check=other_names.extra_fields,
        example="version: 2",
    ),
    Key(
        "fields",
        "Names of fields",
        "What the service calls a documented field, one per line, such as picurl: image_url. It "
        "holds for calls, replies and callbacks; other fields keep their documented names.",
        Kind.NAMED_TEXTS,
        check=other_names.other_names,
        example="picurl: image_url",
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
