"""Defines service profiles: all in which one deployment of the API differs from another.

The API's document leaves the base URL, the header of the token, the enhance types, the status
numbers and the callback's recipe open, so none of them is a constant in code: they are data,
read from TOML (the format is a public contract, shown in full in MANUAL.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.images.formats import USUAL_FORMATS
from enhance_gui.core.services.enhance_types import EnhanceType, plain_name
from enhance_gui.core.services.other_names import contradictions
from enhance_gui.core.services.profile_key import Key, Kind
from enhance_gui.core.services.profile_spec import KEYS, keys_of
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

LOCAL_SERVICE_NAME: Final = "This computer"

MAX_PROFILE_BYTES: Final = 2**16
"""Largest file: a service of a thousand enhance types needs less."""

_MAX_LINE: Final = 4096
"""Longest line, in characters."""
_MAX_DEPTH: Final = 8
"""Of tables and lists in each other; a profile needs three."""
_MAX_INTEGER: Final = 2**63
"""As TOML has it; Python alone would read any number, and then fail to write it."""

TOO_LARGE: Final = N_("is far too large for a profile")
_TOO_DEEP: Final = N_("nests its tables deeper than a profile may")
_TOO_BIG: Final = N_("holds a number of more than 64 bits")

_DEEP_KEY: Final = re.compile(
    r"""^[ \t\[]*(?:(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*\.[ \t]*){9}""", re.MULTILINE
)
"""A key with more than eight dots: each takes the longer to read the more there are."""


class Phase(StrEnum):
    """The phase of a task on the service, whatever number the service has for it."""

    QUEUED = "queued"
    PROCESSING = "processing"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """The limits on pictures of a service; checked before anything is created."""

    max_image_bytes: int = 20_971_520
    """Largest file. The document's "20MB" is read as MiB."""
    min_side_px: int = 64
    """Shortest side, included."""
    max_side_px: int = 9216
    """Longest side, included."""
    formats: tuple[str, ...] = USUAL_FORMATS
    """File types, by the usual extension."""


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """How callbacks of the service are received and checked."""

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
    body: str = "json"
    """How the parameters of a call travel: one of
    :data:`~enhance_gui.core.services.profile_spec.BODIES`."""
    path: str = "/{call}"
    """Path of a call below ``base_url``."""
    token_header: str = "token"  # noqa: S105  the header's name, not a token
    """Header or field that carries the token."""
    token_in: str = "header"  # noqa: S105  a place, not a token
    """Where that stands: one of :data:`~enhance_gui.core.services.other_names.TOKEN_PLACES`."""
    token_prefix: str = ""
    """Text before the token there, such as ``"Bearer "``."""
    needs_token: bool = True
    """Whether calls without a token are pointless."""
    allow_private_addresses: bool = False
    """Whether picture and result addresses may be loopback or private."""
    requests_per_s: float = 2.0
    """Request budget: what the poller keeps to."""
    max_in_flight: int = 0
    """Maximum number of unfinished tasks on the service; 0: adapts itself."""
    upload_path: str = ""
    """Path of the upload call for local files; empty: the service takes addresses only."""
    private_id_is_idempotent: bool = False
    """Whether a second createtask with an equal ``chtaskid`` returns the first one's task."""
    limits: PictureLimits = field(default_factory=PictureLimits)
    enhance_types: tuple[EnhanceType, ...] = ()
    status: Mapping[int, Phase] = field(default_factory=dict)
    """Status numbers the profile knows; for others the record itself shows the phase."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of every request; none is secret."""
    extra_fields: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """Further fields of every call; none is secret."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The service's own names of documented fields."""
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

    @property
    def has_body(self) -> bool:
        """Whether calls carry their parameters in a body; else the address has them."""
        return self.body != "query" and self.method != "GET"


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
    """Return what in decoded TOML exceeds the bounds; empty: nothing."""
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


def profile_from_mapping(
    data: Mapping[str, Any], source: str, *, was_in_use: bool = False
) -> ServiceProfile:
    """Build a profile from decoded TOML or JSON.

    :param was_in_use: it was kept beside its tasks: what earlier versions let pass must not keep
        these from being finished.
    :raises ProfileInvalid: an unknown key, a wrong type or an impossible value.
    """
    profile, mistakes = read_mapping(data, source, was_in_use=was_in_use)
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
    reading = _Reading(source, was_in_use=was_in_use)
    values = reading.table(data)
    for key, reason in contradictions(values):
        reading.wrong(key, reason)
    return (None if reading.mistakes else _profile(values)), tuple(reading.mistakes)


def _profile(values: dict[str, Any]) -> ServiceProfile:
    limits, status, callback = (values.pop(name, {}) for name in ("limits", "status", "callback"))
    types = values.pop("enhance_types", ())
    return ServiceProfile(
        **values,
        limits=PictureLimits(**limits),
        enhance_types=tuple(EnhanceType(**type_) for type_ in types),
        status={number: Phase(phase) for phase, numbers in status.items() for number in numbers},
        callback=CallbackSettings(**callback),
    )


def profile_to_mapping(profile: ServiceProfile) -> dict[str, Any]:
    """Return the profile with the keys of its file, for JSON and for storing."""
    return {
        **asdict(replace(profile, status={}), dict_factory=_written),
        "status": {
            phase.value: sorted(number for number, own in profile.status.items() if own is phase)
            for phase in Phase
        },
    }


def _written(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the values of a table as a file has them."""
    plain = {name: each.value if isinstance(each, Enum) else each for name, each in values}
    return {name: list(each) if isinstance(each, tuple) else each for name, each in plain.items()}


def usual_values() -> dict[str, Any]:
    """Return the default values, by key."""
    mapping = profile_to_mapping(ServiceProfile("", "", enhance_types=(EnhanceType(0, ""),)))
    tables = {"": mapping, **mapping, "enhance_types": mapping["enhance_types"][0]}
    return {
        name: tables[key.table][key.own_name]
        for name, key in KEYS.items()
        if not (key.is_required or key.kind in (Kind.TABLE, Kind.TABLES))
    }


class _Reading:
    """Takes the values out of a profile; a mistake is written down, so that all are found."""

    def __init__(self, source: str, *, was_in_use: bool) -> None:
        self._source = source
        self._was_in_use = was_in_use
        self.mistakes: list[ProfileInvalid] = []

    def table(self, data: Mapping[str, Any], table: str = "", place: str = "") -> dict[str, Any]:
        """Return what stands in a table, by key; ``None`` for what is wrong."""
        left = dict(data)
        values = {}
        for key in keys_of(table):
            name, value = key.own_name, left.pop(key.own_name, None)
            if value is not None:
                values[name] = self._value(key, value, place + name)
            elif key.is_required:
                values[name] = None
                self.wrong(place + name, N_("is missing"))
        for name in left:
            self.wrong(place + name, N_("is not a key of a service profile"))
        return values

    def _value(self, key: Key, value: Any, place: str) -> Any:
        reason = key.problem(value)
        if not (reason or self._was_in_use):
            reason = key.late_problem(value)
        if reason:
            self.wrong(place, reason)
            return None
        if key.kind is Kind.TABLE:
            table = self.table(value, key.name, f"{place}.")
            self._compare(f"{place}.", _COMPARISONS[key.name](table))
            return table
        if key.kind is Kind.TABLES:
            rows = [self.table(each, key.name, f"{place}[{n}].") for n, each in enumerate(value)]
            self._compare(place, _repeated_types(rows))
            return rows
        read = key.read(value)
        return tuple(read) if isinstance(read, list) else read

    def _compare(self, place: str, found: Iterable[_Contradiction]) -> None:
        for key, reason, is_late in found:
            if not (is_late and self._was_in_use):
                self.wrong(place + key, reason)

    def wrong(self, place: str, reason: str) -> None:
        """Write a mistake down."""
        self.mistakes.append(ProfileInvalid(self._source, place, reason))


_Contradiction = tuple[str, str, bool]
"""Between values of a table: at which key, why, and whether earlier versions let it pass."""


def _side_order(limits: Mapping[str, Any]) -> Iterator[_Contradiction]:
    usual = PictureLimits()
    minimum = limits.get("min_side_px", usual.min_side_px)
    maximum = limits.get("max_side_px", usual.max_side_px)
    if None not in (minimum, maximum) and minimum > maximum:
        yield "min_side_px", N_("is larger than max_side_px"), False


def _repeated_types(rows: Iterable[Mapping[str, Any]]) -> Iterator[_Contradiction]:
    numbers: set[int] = set()
    names: set[str] = set()
    for index, row in enumerate(rows):
        number, name = row["id"], row["name"]
        if number in numbers:
            yield f"[{index}].id", Detail("{number} is listed twice", number=number), False
        if name is not None and plain_name(name) in names:
            reason = Detail(
                "“{name}” is the name of another type: nobody could tell them apart", name=name
            )
            yield f"[{index}].name", reason, True
        numbers |= {number} - {None}
        names.add(plain_name(name or ""))


def _shared_numbers(status: Mapping[str, Any]) -> Iterator[_Contradiction]:
    phases: dict[int, str] = {}
    for phase, numbers in status.items():
        for number in numbers or ():
            if phases.setdefault(number, phase) != phase:
                yield phase, Detail("{number} is listed under two phases", number=number), False


_COMPARISONS: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterable[_Contradiction]]]] = {
    "limits": _side_order,
    "status": _shared_numbers,
    "callback": lambda _: (),
}
