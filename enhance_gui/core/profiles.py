"""Service profiles: everything in which one deployment of the API differs from another.

The API's document leaves the base URL, the header of the token, the enhance types, the status
numbers and the callback's recipe open, so none of them is a constant in code: they are data,
read from TOML (the format is a public contract, shown in full in the README).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.callback_recipe import RecipeError, parts_of
from enhance_gui.core.enhance_types import EnhanceType, Outputs
from enhance_gui.core.errors import ProfileInvalid

BUNDLED_SERVICE_NAME: Final = "This computer"

CALLS: Final = ("createtask", "gettask", "deletetask")
"""The documented calls: what ``{call}`` in a profile's path stands for."""


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
        return next((each.cost for each in self.enhance_types if each.id == type_id), 0)

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
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(source, "", f"is not valid TOML: {error}") from error
    return profile_from_mapping(data, source)


def profile_from_mapping(data: Mapping[str, Any], source: str) -> ServiceProfile:
    """Build a profile from decoded TOML or JSON.

    :raises ProfileInvalid: an unknown key, a wrong type or an impossible value.
    """
    table = _Table(data, source)
    profile = ServiceProfile(
        name=table.text("name", required=True),
        base_url=table.web_address("base_url").rstrip("/"),
        method=table.choice("method", "POST", ("POST", "GET", "PUT")),
        path=table.call_path("path", "/{call}"),
        token_header=table.header_name("token_header", "token"),
        token_prefix=table.header_text("token_prefix", ""),
        needs_token=table.flag("needs_token", default=True),
        allow_private_addresses=table.flag("allow_private_addresses", default=False),
        requests_per_s=table.number("requests_per_s", 2.0, 0.01, 1000.0),
        max_in_flight=table.integer("max_in_flight", 0, 0, 10_000),
        upload_path=table.text("upload_path", ""),
        private_id_is_idempotent=table.flag("private_id_is_idempotent", default=False),
        limits=_limits(table.table("limits")),
        enhance_types=_enhance_types(table),
        status=_status(table.table("status")),
        callback=_callback(table.table("callback")),
    )
    table.refuse_unknown_keys()
    return profile


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
                "id": each.id,
                "name": each.name,
                "description": each.description,
                "cost": each.cost,
                "outputs": each.outputs.value,
            }
            for each in profile.enhance_types
        ],
        "status": {
            phase.value: sorted(number for number, own in profile.status.items() if own is phase)
            for phase in Phase
        },
        "callback": {"listen": profile.callback.listen, "md5": profile.callback.md5},
    }


def _limits(table: _Table) -> PictureLimits:
    limits = PictureLimits(
        max_image_bytes=table.integer("max_image_bytes", 20_971_520, 1, 2**31),
        min_side_px=table.integer("min_side_px", 64, 1, 65_535),
        max_side_px=table.integer("max_side_px", 9216, 1, 65_535),
        formats=table.texts("formats", ("jpg", "png", "webp", "bmp")),
    )
    if limits.min_side_px > limits.max_side_px:
        raise table.mistake("min_side_px", "is larger than max_side_px")
    table.refuse_unknown_keys()
    return limits


def _enhance_types(parent: _Table) -> tuple[EnhanceType, ...]:
    types: list[EnhanceType] = []
    for table in parent.tables("enhance_types"):
        each = EnhanceType(
            id=table.integer("id", None, -(2**31), 2**31),
            name=table.text("name", required=True),
            description=table.text("description", ""),
            cost=table.number("cost", 0, 0, 1e9),
            outputs=Outputs(table.choice("outputs", "faces", tuple(Outputs))),
        )
        if any(each.id == other.id for other in types):
            raise table.mistake("id", f"{each.id} stands twice")
        table.refuse_unknown_keys()
        types.append(each)
    return tuple(types)


def _status(table: _Table) -> dict[int, Phase]:
    phases: dict[int, Phase] = {}
    for phase in Phase:
        for number in table.integers(phase.value):
            if number in phases:
                raise table.mistake(phase.value, f"{number} stands under two phases")
            phases[number] = phase
    table.refuse_unknown_keys()
    return phases


def _callback(table: _Table) -> CallbackSettings:
    settings = CallbackSettings(table.host_and_port("listen"), table.recipe("md5"))
    table.refuse_unknown_keys()
    return settings


class _Table:
    """One table of the file: takes keys out with their checks, then refuses what is left."""

    def __init__(self, data: Mapping[str, Any], source: str, place: str = "") -> None:
        self._left = dict(data)
        self._source = source
        self._place = place

    def mistake(self, key: str, reason: str) -> ProfileInvalid:
        return ProfileInvalid(self._source, self._place + key, reason)

    def refuse_unknown_keys(self) -> None:
        for key in self._left:
            raise self.mistake(key, "is not a key of a service profile")

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self._left.pop(key, None)
        if value is None and not required:
            return default
        if value is None:
            raise self.mistake(key, "is missing")
        if not isinstance(value, str):
            raise self.mistake(key, "must be a text in quotes")
        if required and not value.strip():
            raise self.mistake(key, "must not be empty")
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            raise self.mistake(key, "must not contain control characters")
        return value

    def web_address(self, key: str) -> str:
        value = self.text(key, required=True)
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname, parts.port
        except ValueError as error:
            raise self.mistake(key, f"is not a web address ({error})") from error
        if parts.scheme not in ("http", "https") or not host:
            raise self.mistake(key, "must begin with http:// or https:// and name a host")
        if parts.username is not None or parts.query or parts.fragment:
            raise self.mistake(key, "must not carry a user name, a query or a fragment")
        return value

    def call_path(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value.startswith("/") or value.count("{call}") != 1:
            raise self.mistake(key, "must begin with / and contain {call} once")
        return value

    def header_name(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value or not all(
            sign.isascii() and (sign.isalnum() or sign in "-_") for sign in value
        ):
            raise self.mistake(key, "must be the name of a header: letters, digits, - and _")
        return value

    def header_text(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value.isascii():
            raise self.mistake(key, "must be plain ASCII, as headers are")
        return value

    def host_and_port(self, key: str) -> str:
        value = self.text(key, "")
        host, colon, port = value.rpartition(":")
        if value and not (colon and host and port.isdecimal() and int(port) <= 65_535):
            raise self.mistake(key, 'must be "host:port", such as "127.0.0.1:8899"')
        return value

    def recipe(self, key: str) -> str:
        value = self.text(key, "")
        try:
            list(parts_of(value))
        except RecipeError as error:
            raise self.mistake(key, str(error)) from error
        return value

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.mistake(key, f"must be one of {', '.join(choices)}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            raise self.mistake(key, "must be true or false")
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self._left.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.mistake(key, "must be a number")
        if not least <= value <= most:
            raise self.mistake(key, f"must lie between {least:g} and {most:g}")
        return value

    def integer(self, key: str, default: int | None, least: int, most: int) -> int:
        value = self._left.pop(key, default)
        if value is None:
            raise self.mistake(key, "is missing")
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.mistake(key, "must be a whole number")
        if not least <= value <= most:
            raise self.mistake(key, f"must lie between {least} and {most}")
        return value

    def integers(self, key: str) -> tuple[int, ...]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or any(type(each) is not int for each in value):
            raise self.mistake(key, "must be a list of whole numbers")
        return tuple(value)

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._left.pop(key, list(default))
        if not isinstance(value, list) or not value or any(type(each) is not str for each in value):
            raise self.mistake(key, "must be a list of texts, at least one")
        return tuple(each.lower() for each in value)

    def table(self, key: str) -> _Table:
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise self.mistake(key, "must be a table")
        return _Table(value, self._source, f"{self._place}{key}.")

    def tables(self, key: str) -> list[_Table]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or any(not isinstance(each, dict) for each in value):
            raise self.mistake(key, f"must be a list of tables, written [[{key}]]")
        return [_Table(each, self._source, f"{key}[{n}].") for n, each in enumerate(value)]
