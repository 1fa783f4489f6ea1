"""Service profiles: everything in which one deployment of the API differs from another.

The API's document leaves the base URL, the header of the token, the enhance types, the status
numbers and the callback's recipe open, so none of them is a constant in code: they are data,
read from TOML (the format is a public contract, shown in full in MANUAL.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.enhance_types import (
    LARGEST_TYPE_ID,
    EnhanceType,
    Outputs,
    plain_name,
)
from enhance_gui.core.services.profile_table import ProfileTable
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import mark

LOCAL_SERVICE_NAME: Final = "This computer"

CALLS: Final = ("createtask", "gettask", "deletetask")
"""The documented calls: what ``{call}`` in a profile's path stands for."""

METHODS: Final = ("POST", "GET", "PUT")
"""HTTP methods that a profile may name."""


MAX_PROFILE_BYTES: Final = 2**16
"""Largest file: a service of a thousand enhance types needs less."""

_MAX_LINE: Final = 4096
"""Longest line, in signs."""
_MAX_DEPTH: Final = 8
"""Of tables and lists in each other; a profile needs three."""
_MAX_INTEGER: Final = 2**63
"""As TOML has it; Python alone would read any number, and then fail to write it."""

TOO_LARGE: Final = mark("is far too large for a profile")
_TOO_DEEP: Final = mark("nests its tables deeper than a profile may")
_TOO_BIG: Final = mark("holds a number of more than 64 bits")

_DEEP_KEY: Final = re.compile(
    r"""^[ \t\[]*(?:(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*\.[ \t]*){9}""", re.MULTILINE
)
"""A key with more than eight dots: each takes the longer to read the more there are."""


KNOWN_FORMATS: Final = ("jpg", "png", "webp", "bmp", "gif", "tiff")
"""File types, by their usual extension, that are told apart when a picture is checked."""


class Phase(StrEnum):
    """Where a task is on the service, whatever number the service has for it."""

    QUEUED = "queued"
    PROCESSING = "processing"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a service takes; checked before anything is created."""

    max_image_bytes: int = 20_971_520
    """Largest file. The document's "20MB" is read as MiB."""
    min_side_px: int = 64
    """Shortest side, included."""
    max_side_px: int = 9216
    """Longest side, included."""
    formats: tuple[str, ...] = ("jpg", "png", "webp", "bmp")
    """File types, by the usual extension."""


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """How the service's callbacks reach the app."""

    listen: str = ""
    """``host:port`` to receive them on; empty: off."""
    md5: str = ""
    """Recipe of the ``md5`` header over the record's fields and ``{token}``; empty: unchecked."""


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """One service, as the user describes it. Holds no token."""

    name: str
    """What people call it; also the key of its token in the keyring."""
    base_url: str
    """Where the calls live, without a slash at its end."""
    method: str = "POST"
    """HTTP method of every call."""
    path: str = "/{call}"
    """Path of a call below ``base_url``."""
    token_header: str = "token"  # noqa: S105  the header's name, not a token
    """Request header that carries the token."""
    token_prefix: str = ""
    """Text before the token in that header, such as ``"Bearer "``."""
    needs_token: bool = True
    """Whether calls without a token are pointless."""
    allow_private_addresses: bool = False
    """Whether picture and result addresses may be loopback or private."""
    requests_per_s: float = 2.0
    """Request budget: what the poller keeps to."""
    max_in_flight: int = 0
    """Most tasks alive on the service at once; 0: adapts itself."""
    upload_path: str = ""
    """Path of the upload call for local files; empty: the service takes addresses only."""
    private_id_is_idempotent: bool = False
    """Whether a second createtask with an equal ``chtaskid`` returns the first one's task."""
    limits: PictureLimits = field(default_factory=PictureLimits)
    enhance_types: tuple[EnhanceType, ...] = ()
    status: Mapping[int, Phase] = field(default_factory=dict)
    """Status numbers the profile knows; for others the record itself tells the phase."""
    callback: CallbackSettings = field(default_factory=CallbackSettings)

    def url_of(self, call: str) -> str:
        """Return the address of a call: ``createtask``, ``gettask`` or ``deletetask``."""
        return self.base_url + self.path.replace("{call}", call)

    def cost_of(self, type_id: int) -> float:
        """Return the credits that a task of an enhance type costs; 0 where that is not known."""
        return next((type_.cost for type_ in self.enhance_types if type_.id == type_id), 0)

    @property
    def origin(self) -> str:
        """Scheme, host and port: the only place the token is ever sent to."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


def parse_profile(text: str, source: str) -> ServiceProfile:
    """Read a profile from TOML.

    :param source: what to call the text in an error: a file name.
    :raises ProfileInvalid: not TOML, an unknown key, a wrong type or an impossible value.
    """
    return profile_from_mapping(decode_profile(text, source), source)


def decode_profile(text: str, source: str) -> dict[str, Any]:
    """Return what stands in a profile file, whether it makes sense or not.

    :raises ProfileInvalid: not TOML, or beyond what a profile may be.
    """
    if len(text.encode("utf-8", "replace")) > MAX_PROFILE_BYTES:
        raise ProfileInvalid(source, "", TOO_LARGE)
    if any(len(line) > _MAX_LINE for line in text.split("\n")):
        raise ProfileInvalid(
            source, "", Detail("has a line of more than {count} characters", count=_MAX_LINE)
        )
    if _DEEP_KEY.search(text):
        raise ProfileInvalid(source, "", _TOO_DEEP)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(
            source, "", Detail("is not valid TOML: {reason}", reason=error)
        ) from error
    except RecursionError as error:
        raise ProfileInvalid(source, "", _TOO_DEEP) from error
    except ValueError as error:  # of numbers that are too long for Python
        raise ProfileInvalid(source, "", _TOO_BIG) from error
    if reason := _excess(data):
        raise ProfileInvalid(source, "", reason)
    return data


def _excess(data: Mapping[str, Any]) -> str:
    """Say what in decoded TOML is beyond all bounds; empty: nothing."""
    level: list[Any] = [data]
    for _ in range(_MAX_DEPTH):
        level = [each for inner in level for each in _inside(inner)]
        if any(isinstance(each, int) and abs(each) > _MAX_INTEGER for each in level):
            return _TOO_BIG
    return _TOO_DEEP if level else ""


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def profile_from_mapping(data: Mapping[str, Any], source: str) -> ServiceProfile:
    """Build a profile from decoded TOML or JSON.

    :raises ProfileInvalid: an unknown key, a wrong type or an impossible value.
    """
    profile, mistakes = read_mapping(data, source)
    if profile is None:
        raise mistakes[0]
    return profile


def kept_profile(data: Mapping[str, Any], source: str) -> ServiceProfile:
    """Build a profile that has been in use, as it was kept beside its tasks.

    What earlier versions let pass must not keep its tasks from being finished.

    :raises ProfileInvalid: it could not even be used then.
    """
    profile, mistakes = read_mapping(data, source, was_in_use=True)
    if profile is None:
        raise mistakes[0]
    return profile


def read_mapping(
    data: Mapping[str, Any], source: str, *, was_in_use: bool = False
) -> tuple[ServiceProfile | None, tuple[ProfileInvalid, ...]]:
    """Build a profile from decoded TOML or JSON, or find everything that is wrong with it.

    :param was_in_use: let pass what does not keep the profile from being used.
    :returns: the profile, or ``None`` and its mistakes in the order of the contract's keys.
    """
    mistakes: list[ProfileInvalid] = []
    table = ProfileTable(data, source, mistakes, was_in_use=was_in_use)
    profile = ServiceProfile(
        name=table.text("name", required=True),
        base_url=table.web_address("base_url").rstrip("/"),
        method=table.choice("method", "POST", METHODS),
        path=table.call_path("path", "/{call}"),
        token_header=table.header_name("token_header", "token"),
        token_prefix=table.header_text("token_prefix", ""),
        needs_token=table.flag("needs_token", default=True),
        allow_private_addresses=table.flag("allow_private_addresses", default=False),
        requests_per_s=table.number("requests_per_s", 2.0, 0.01, 1000.0),
        max_in_flight=table.integer("max_in_flight", 0, 0, 10_000),
        upload_path=table.own_path("upload_path"),
        private_id_is_idempotent=table.flag("private_id_is_idempotent", default=False),
        limits=_limits(table.table("limits")),
        enhance_types=_enhance_types(table),
        status=_status(table.table("status")),
        callback=_callback(table.table("callback")),
    )
    table.refuse_unknown_keys()
    return (None if mistakes else profile), tuple(mistakes)


def profile_to_mapping(profile: ServiceProfile) -> dict[str, Any]:
    """Return the profile with the keys of its file, for JSON and for storing."""
    return {
        "name": profile.name,
        "base_url": profile.base_url,
        "method": profile.method,
        "path": profile.path,
        "token_header": profile.token_header,
        "token_prefix": profile.token_prefix,
        "needs_token": profile.needs_token,
        "allow_private_addresses": profile.allow_private_addresses,
        "requests_per_s": profile.requests_per_s,
        "max_in_flight": profile.max_in_flight,
        "upload_path": profile.upload_path,
        "private_id_is_idempotent": profile.private_id_is_idempotent,
        "limits": {
            "max_image_bytes": profile.limits.max_image_bytes,
            "min_side_px": profile.limits.min_side_px,
            "max_side_px": profile.limits.max_side_px,
            "formats": list(profile.limits.formats),
        },
        "enhance_types": [
            {
                "id": type_.id,
                "name": type_.name,
                "description": type_.description,
                "cost": type_.cost,
                "outputs": type_.outputs.value,
            }
            for type_ in profile.enhance_types
        ],
        "status": {
            phase.value: sorted(number for number, own in profile.status.items() if own is phase)
            for phase in Phase
        },
        "callback": {"listen": profile.callback.listen, "md5": profile.callback.md5},
    }


def _limits(table: ProfileTable) -> PictureLimits:
    limits = PictureLimits(
        max_image_bytes=table.integer("max_image_bytes", 20_971_520, 1, 2**31),
        min_side_px=table.integer("min_side_px", 64, 1, 65_535),
        max_side_px=table.integer("max_side_px", 9216, 1, 65_535),
        formats=table.texts("formats", ("jpg", "png", "webp", "bmp")),
    )
    if table.is_right("formats") and not set(limits.formats) & set(KNOWN_FORMATS):
        known = ", ".join(KNOWN_FORMATS)
        table.late_mistake(
            "formats",
            Detail("names no file type that is known here (these are: {known})", known=known),
        )
    sides_are_right = table.is_right("min_side_px") and table.is_right("max_side_px")
    if sides_are_right and limits.min_side_px > limits.max_side_px:
        table.mistake("min_side_px", mark("is larger than max_side_px"))
    table.refuse_unknown_keys()
    return limits


def _enhance_types(parent: ProfileTable) -> tuple[EnhanceType, ...]:
    types: list[EnhanceType] = []
    known: set[int] = set()
    names: set[str] = set()
    for table in parent.tables("enhance_types"):
        each = EnhanceType(
            id=table.integer("id", None, -LARGEST_TYPE_ID, LARGEST_TYPE_ID),
            name=table.text("name", required=True),
            description=table.text("description", ""),
            cost=table.number("cost", 0, 0, 1e9),
            outputs=Outputs(table.choice("outputs", "faces", tuple(Outputs))),
        )
        if each.id in known:
            table.mistake("id", Detail("{number} is listed twice", number=each.id))
        elif table.is_right("id"):
            known.add(each.id)
        if (name := plain_name(each.name)) in names and table.is_right("name"):
            reason = Detail(
                "“{name}” is the name of another type: nobody could tell them apart", name=each.name
            )
            table.late_mistake("name", reason)
        names.add(name)
        table.refuse_unknown_keys()
        types.append(each)
    return tuple(types)


def _status(table: ProfileTable) -> dict[int, Phase]:
    phases: dict[int, Phase] = {}
    for phase in Phase:
        for number in table.integers(phase.value):
            if phases.setdefault(number, phase) is not phase:
                table.mistake(
                    phase.value, Detail("{number} is listed under two phases", number=number)
                )
    table.refuse_unknown_keys()
    return phases


def _callback(table: ProfileTable) -> CallbackSettings:
    settings = CallbackSettings(table.host_and_port("listen"), table.recipe("md5"))
    table.refuse_unknown_keys()
    return settings
