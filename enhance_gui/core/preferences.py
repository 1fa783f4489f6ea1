"""What the user chose. What the program learned by itself is kept elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from enhance_gui.core.file_names import STEM_TEMPLATE, template_problem
from enhance_gui.core.network import (
    DIRECT,
    NetworkSettings,
    network_from_mapping,
    network_to_mapping,
)
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME

MOST_PARALLEL: Final = 16


class Theme(StrEnum):
    """Light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices, each with what holds until the user chooses."""

    service: str = BUNDLED_SERVICE_NAME
    """Name of the service that new pictures go to."""
    types: tuple[tuple[str, int], ...] = ()
    """The enhance type last picked for each service."""
    start_at_once: tuple[str, ...] = (BUNDLED_SERVICE_NAME,)
    """Services to which pictures are sent without a review, unless they were enhanced before."""
    save_folder: str = ""
    """Where results go; empty: the program's folder among the user's pictures."""
    auto_save: bool = True
    """Whether results go to the save folder by themselves; else the program keeps them."""
    name_template: str = STEM_TEMPLATE
    """Name of a result, without its ending."""
    parallel_tasks: int = 0
    """Most tasks on a service at a time; 0: adapts itself."""
    theme: Theme = Theme.SYSTEM
    notify: bool = True
    """Whether the end of a batch is told while the window is in the background."""
    welcomed: bool = False
    """Whether the question of the first run has been answered."""
    network: NetworkSettings = field(default_factory=NetworkSettings)
    """How services and picture hosts are reached; without the proxy's login."""
    day_limits: tuple[tuple[str, float], ...] = ()
    """Credits that each service may possibly charge a day, where the user set a limit."""

    def type_for(self, service: str) -> int | None:
        """Return the enhance type last picked for a service."""
        return dict(self.types).get(service)

    def with_type(self, service: str, type_id: int) -> Preferences:
        """Return the same with a type picked for a service."""
        return replace(self, types=tuple({**dict(self.types), service: type_id}.items()))

    def starts_at_once(self, service: str) -> bool:
        return service in self.start_at_once

    def with_start_at_once(self, service: str, *, wanted: bool) -> Preferences:
        """Return the same with or without a review for a service."""
        others = tuple(name for name in self.start_at_once if name != service)
        return replace(self, start_at_once=(*others, service) if wanted else others)


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
    if name == "types":
        return _types(value)
    if name == "network":
        return network_from_mapping(value) if isinstance(value, dict) else None
    if name == "day_limits":
        return _day_limits(value)
    if name == "start_at_once":
        return tuple(map(str, value)) if isinstance(value, list) else None
    if name == "theme":
        return Theme(value) if value in list(Theme) else None
    if name == "parallel_tasks":
        return value if type(value) is int and 0 <= value <= MOST_PARALLEL else None
    if name == "name_template":
        return value if isinstance(value, str) and not template_problem(value) else None
    if name in ("auto_save", "notify", "welcomed"):
        return value if isinstance(value, bool) else None
    return value if isinstance(value, str) else None


def _types(value: Any) -> tuple[tuple[str, int], ...] | None:
    if not isinstance(value, dict):
        return None
    return tuple((str(name), number) for name, number in value.items() if type(number) is int)


def _day_limits(value: Any) -> tuple[tuple[str, float], ...] | None:
    if not isinstance(value, dict):
        return None
    return tuple(
        (str(name), float(most))
        for name, most in value.items()
        if isinstance(most, int | float) and not isinstance(most, bool) and 0 <= most < 1e9
    )
