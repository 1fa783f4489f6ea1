"""Defines the user's preferences. What the program learns by itself is kept elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.file_names import STEM_TEMPLATE, template_problem
from enhance_gui.core.images.inputs.source import is_text
from enhance_gui.core.services.enhance_types import LARGEST_TYPE_ID
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.network import (
    DIRECT,
    NetworkSettings,
    network_from_mapping,
    network_to_mapping,
)
from enhance_gui.core.settings.saving import (
    DEFAULT_QUALITY,
    MAX_QUALITY,
    Grouping,
    Place,
    ResultFormat,
    SidecarPlace,
)

MAX_PARALLEL: Final = 16

MAX_RECENT_FOLDERS: Final = 8

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
    types: Mapping[str, int] = field(default_factory=dict)
    """The enhance type last picked for each service."""
    start_at_once: tuple[str, ...] = (LOCAL_SERVICE_NAME,)
    """Services to which pictures are sent without a review, unless they were ordered before."""
    save_folder: str = ""
    """Where results go; empty: the program's folder among the user's pictures."""
    recent_folders: tuple[str, ...] = ()
    """Save folders that were chosen before, the last one first."""
    place: Place = Place.FOLDER
    """Whether results of files go to the save folder or to the folder of their originals."""
    grouping: Grouping = Grouping.NONE
    """Which results share a subfolder."""
    result_format: ResultFormat = ResultFormat.AS_GIVEN
    """Which kind of file results become. By default what the service gives, byte for byte."""
    quality: int = DEFAULT_QUALITY
    """Of results that are converted with loss, and of copies."""
    sidecars: SidecarPlace = SidecarPlace.BESIDE
    """Where what is known of a result is written beside it; the list of tasks has it anyway."""
    auto_save: bool = True
    """Whether results go to the save folder by themselves; else the program keeps them."""
    name_template: str = STEM_TEMPLATE
    """Name of a result, without its ending."""
    strip_signatures: bool = False
    """Whether sidecars leave out what looks like a signature in the address of a picture."""
    metadata: KeptMetadata = KeptMetadata.ALL
    """How much of the original's metadata results keep. By default all, as editors of photographs
    do: who gives a picture away decides then what may be known of it, and what is not kept cannot
    be had back."""
    parallel_tasks: int = 0
    """Maximum number of tasks on a service at a time; 0: adapts itself."""
    theme: Theme = Theme.SYSTEM
    notify: bool = True
    """Whether the end of a batch is announced while the window is in the background."""
    welcomed: bool = False
    """Whether the question of the first run has been answered."""
    network: NetworkSettings = field(default_factory=NetworkSettings)
    """How services and picture hosts are reached; without the proxy's login."""
    day_limits: Mapping[str, float] = field(default_factory=dict)
    """Credits that each service may possibly charge a day, where the user set a limit."""
    batch_limit: float | None = None
    """Credits that pictures added together in the window may possibly cost; ``None``: no limit."""
    check_for_updates: bool | None = None
    """Whether each start looks for a newer version; ``None``: the user was not asked yet."""
    language: str = ""
    """Code of the window's language, such as "de"; empty: that of the system."""

    def with_save_folder(self, folder: str) -> Preferences:
        """Return the same with another save folder, and with the present one among the recent."""
        before = (
            (self.save_folder, *self.recent_folders) if self.save_folder else self.recent_folders
        )
        recent = dict.fromkeys(each for each in before if each != folder)
        return replace(self, save_folder=folder, recent_folders=tuple(recent)[:MAX_RECENT_FOLDERS])

    def with_renamed(self, before: str, after: str) -> Preferences:
        """Return the same with what was chosen for a service under its new name."""

        def name(each: str) -> str:
            return after if each == before else each

        return replace(
            self,
            service=name(self.service),
            types={name(service): number for service, number in self.types.items()},
            start_at_once=tuple(map(name, self.start_at_once)),
            day_limits={name(service): maximum for service, maximum in self.day_limits.items()},
        )

    def with_start_at_once(self, service: str, *, wanted: bool) -> Preferences:
        """Return the same with or without a review for a service."""
        others = tuple(name for name in self.start_at_once if name != service)
        return replace(self, start_at_once=(*others, service) if wanted else others)

    def with_day_limit(self, service: str, maximum: float | None) -> Preferences:
        """Return the same with a limit a day for a service, or without one."""
        limits = {**self.day_limits, service: maximum}
        return replace(self, day_limits={k: v for k, v in limits.items() if v is not None})


def preferences_to_mapping(preferences: Preferences) -> dict[str, Any]:
    """Return the choices as plain data."""
    return {
        **asdict(replace(preferences, network=DIRECT)),
        "network": network_to_mapping(preferences.network),
    }


def preferences_from_mapping(data: Mapping[str, Any]) -> Preferences:
    """Read the choices; what is not one, or impossible, is as if it had not been chosen.

    A file that somebody edited must never keep the program from starting.
    """
    kept = {
        name: value
        for name, check in _CHECKS.items()
        if (value := check(data.get(name))) is not None
    }
    return Preferences(**kept)


def _text(value: Any) -> str | None:
    return value if _is_name(value) else None


def _is_name(value: Any) -> bool:
    """Return whether a value is a text that files and databases can hold."""
    return isinstance(value, str) and is_text(value) and "\0" not in value


def _yes_or_no(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _credits(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < MAX_CREDITS else None


def _type_id(value: Any) -> int | None:
    return value if type(value) is int and abs(value) <= LARGEST_TYPE_ID else None


def _by_service(value: Any, check: Callable[[Any], Any]) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    checked = {str(name): check(each) for name, each in value.items()}
    return {name: each for name, each in checked.items() if each is not None}


_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "service": _text,
    "save_folder": _text,
    "recent_folders": lambda value: (
        tuple(filter(_is_name, value))[:MAX_RECENT_FOLDERS] if isinstance(value, list) else None
    ),
    "place": lambda value: Place(value) if value in list(Place) else None,
    "grouping": lambda value: Grouping(value) if value in list(Grouping) else None,
    "result_format": lambda value: ResultFormat(value) if value in list(ResultFormat) else None,
    "quality": lambda value: value if type(value) is int and 1 <= value <= MAX_QUALITY else None,
    "sidecars": lambda value: SidecarPlace(value) if value in list(SidecarPlace) else None,
    "types": lambda value: _by_service(value, _type_id),
    "network": lambda value: network_from_mapping(value) if isinstance(value, dict) else None,
    "day_limits": lambda value: _by_service(value, _credits),
    "batch_limit": _credits,
    "start_at_once": lambda value: (
        tuple(filter(_is_name, value)) if isinstance(value, list) else None
    ),
    "theme": lambda value: Theme(value) if value in list(Theme) else None,
    "metadata": lambda value: KeptMetadata(value) if value in list(KeptMetadata) else None,
    "parallel_tasks": lambda value: (
        value if type(value) is int and 0 <= value <= MAX_PARALLEL else None
    ),
    "name_template": lambda value: (
        value if isinstance(value, str) and not template_problem(value) else None
    ),
    "language": lambda value: (
        value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None
    ),
    "auto_save": _yes_or_no,
    "strip_signatures": _yes_or_no,
    "notify": _yes_or_no,
    "welcomed": _yes_or_no,
    "check_for_updates": _yes_or_no,
}
"""By key: returns a choice as the program has it; ``None``: it cannot be used."""
