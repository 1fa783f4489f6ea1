"""Defines the user's preferences. What the program learns by itself is kept elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from enhance_gui.core.images.file_names import STEM_TEMPLATE, template_problem
from enhance_gui.core.images.source import is_text
from enhance_gui.core.services.enhance_types import LARGEST_TYPE_ID
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.network import (
    DIRECT,
    NetworkSettings,
    network_from_mapping,
    network_to_mapping,
)

MAX_PARALLEL: Final = 16

MAX_CREDITS: Final = 1e9
"""A limit on spending lies below this."""


class Theme(StrEnum):
    """Light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences, each with its default."""

    service: str = LOCAL_SERVICE_NAME
    """Name of the service that new pictures go to."""
    types: tuple[tuple[str, int], ...] = ()
    """The enhance type last picked for each service."""
    start_at_once: tuple[str, ...] = (LOCAL_SERVICE_NAME,)
    """Services to which pictures are sent without a review, unless they were ordered before."""
    save_folder: str = ""
    """Where results go; empty: the program's folder among the user's pictures."""
    auto_save: bool = True
    """Whether results go to the save folder by themselves; else the program keeps them."""
    name_template: str = STEM_TEMPLATE
    """Name of a result, without its ending."""
    strip_signatures: bool = False
    """Whether sidecars leave out what looks like a signature in the address of a picture."""
    parallel_tasks: int = 0
    """Maximum number of tasks on a service at a time; 0: adapts itself."""
    theme: Theme = Theme.SYSTEM
    notify: bool = True
    """Whether the end of a batch is announced while the window is in the background."""
    welcomed: bool = False
    """Whether the question of the first run has been answered."""
    network: NetworkSettings = field(default_factory=NetworkSettings)
    """How services and picture hosts are reached; without the proxy's login."""
    day_limits: tuple[tuple[str, float], ...] = ()
    """Credits that each service may possibly charge a day, where the user set a limit."""
    batch_limit: float | None = None
    """Credits that pictures added together in the window may possibly cost; ``None``: no limit."""
    check_for_updates: bool | None = None
    """Whether each start looks for a newer version; ``None``: the user was not asked yet."""
    language: str = ""
    """Code of the window's language, such as "de"; empty: that of the system."""

    def type_for(self, service: str) -> int | None:
        """Return the enhance type last picked for a service."""
        return dict(self.types).get(service)

    def with_type(self, service: str, type_id: int) -> Preferences:
        """Return the same with a type picked for a service."""
        return replace(self, types=tuple({**dict(self.types), service: type_id}.items()))

    def with_renamed(self, before: str, after: str) -> Preferences:
        """Return the same with what was chosen for a service under its new name."""

        def name(each: str) -> str:
            return after if each == before else each

        return replace(
            self,
            service=name(self.service),
            types=tuple((name(service), number) for service, number in self.types),
            start_at_once=tuple(map(name, self.start_at_once)),
            day_limits=tuple((name(service), maximum) for service, maximum in self.day_limits),
        )

    def starts_at_once(self, service: str) -> bool:
        return service in self.start_at_once

    def with_start_at_once(self, service: str, *, wanted: bool) -> Preferences:
        """Return the same with or without a review for a service."""
        others = tuple(name for name in self.start_at_once if name != service)
        return replace(self, start_at_once=(*others, service) if wanted else others)

    def day_limit(self, service: str) -> float | None:
        """Return the credits a day that the user set for a service; ``None``: no limit."""
        return dict(self.day_limits).get(service)

    def with_day_limit(self, service: str, maximum: float | None) -> Preferences:
        """Return the same with a limit a day for a service, or without one."""
        limits = {name: kept for name, kept in self.day_limits if name != service}
        if maximum is not None:
            limits[service] = maximum
        return replace(self, day_limits=tuple(limits.items()))


def preferences_to_mapping(preferences: Preferences) -> dict[str, Any]:
    """Return the choices as plain data."""
    return {
        **asdict(replace(preferences, network=DIRECT)),
        "types": dict(preferences.types),
        "network": network_to_mapping(preferences.network),
        "day_limits": dict(preferences.day_limits),
    }


def preferences_from_mapping(data: Mapping[str, Any]) -> Preferences:
    """Read the choices; what is not one, or impossible, is as if it had not been chosen.

    A file that somebody edited must never keep the program from starting.
    """
    kept = {
        each.name: value
        for each in fields(Preferences)
        if (value := _checked(each.name, data.get(each.name))) is not None
    }
    return Preferences(**kept)


def _checked(name: str, value: Any) -> Any:
    """Return a usable value, or ``None``."""
    check: Callable[[Any], Any] = _CHECKS.get(name, _text)
    return check(value)


def _text(value: Any) -> str | None:
    return value if _is_name(value) else None


def _is_name(value: Any) -> bool:
    """Return whether a value is a text that files and databases can hold."""
    return isinstance(value, str) and is_text(value) and "\0" not in value


def _yes_or_no(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _names(value: Any) -> tuple[str, ...] | None:
    return tuple(filter(_is_name, value)) if isinstance(value, list) else None


def _theme(value: Any) -> Theme | None:
    return Theme(value) if value in list(Theme) else None


def _parallel(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= MAX_PARALLEL else None


def _template(value: Any) -> str | None:
    return value if isinstance(value, str) and not template_problem(value) else None


def _network(value: Any) -> NetworkSettings | None:
    return network_from_mapping(value) if isinstance(value, dict) else None


def _language(value: Any) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None


def _credits(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < MAX_CREDITS else None


def _types(value: Any) -> tuple[tuple[str, int], ...] | None:
    if not isinstance(value, dict):
        return None
    return tuple((str(name), each) for name, each in value.items() if _is_type_id(each))


def _is_type_id(value: Any) -> bool:
    return type(value) is int and abs(value) <= LARGEST_TYPE_ID


def _day_limits(value: Any) -> tuple[tuple[str, float], ...] | None:
    if not isinstance(value, dict):
        return None
    limits = ((str(name), _credits(maximum)) for name, maximum in value.items())
    return tuple((name, maximum) for name, maximum in limits if maximum is not None)


_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "types": _types,
    "network": _network,
    "day_limits": _day_limits,
    "batch_limit": _credits,
    "start_at_once": _names,
    "theme": _theme,
    "parallel_tasks": _parallel,
    "name_template": _template,
    "language": _language,
    "auto_save": _yes_or_no,
    "strip_signatures": _yes_or_no,
    "notify": _yes_or_no,
    "welcomed": _yes_or_no,
    "check_for_updates": _yes_or_no,
}
"""Reads a choice that is more than a text."""
