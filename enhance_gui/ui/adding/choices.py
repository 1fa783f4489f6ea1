"""Holds the choices for new pictures: service, enhance type, folder; kept between runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.text.i18n import ENGLISH
from enhance_gui.ui.bridges.task_bridge import SubmitOptions

_SLOW_S: Final = 30.0
"""A megapixel of the input."""


class Choices(QObject):
    """The user's present choices."""

    changed = Signal()

    def __init__(
        self,
        preferences: Preferences,
        profiles: Sequence[ServiceProfile],
        results: Path,
        kept_results: Path,
        keep: Callable[[Preferences], None],
        not_beside: Sequence[Path] = (),
    ) -> None:
        """
        :param profiles: every service; at least one.
        :param results: where results go by default.
        :param kept_results: where they go if the user wants to save by hand.
        :param keep: saves the preferences.
        :param not_beside: folders of the program: beside what lies there nobody looks for results.
        """
        super().__init__()
        self.preferences = preferences
        self.profiles = tuple(profiles)
        self.results = results
        self._kept_results = kept_results
        self._keep = keep
        self._not_beside = tuple(not_beside)
        self.languages: Mapping[str, str] = {ENGLISH: "English"}
        """The code of each language of the window, with the language's own name."""
        self.language_at_start = preferences.language
        """The choice that the window goes by until the program starts again."""
        self.seconds_a_megapixel: Callable[[int], float] = lambda _type_id: 0.0
        """How long the local service takes for a type; 0 where that is not known."""

    def change(self, preferences: Preferences) -> None:
        """Choose, and keep the choice."""
        if preferences != self.preferences:
            self.preferences = preferences
            self._keep(preferences)
            self.changed.emit()

    def choose_service(self, name: str) -> None:
        self.change(replace(self.preferences, service=name))

    def use_service(self, name: str) -> None:
        """Send new pictures to a service that was just connected."""
        self.change(replace(self.preferences, service=name, welcomed=True))

    def offer_services(self, profiles: Sequence[ServiceProfile]) -> None:
        """Offer these services from now on; at least one."""
        if tuple(profiles) != self.profiles:
            self.profiles = tuple(profiles)
            self.changed.emit()

    def rename_service(self, before: str, after: str) -> None:
        """Keep the choices for a service under its new name."""
        self.change(self.preferences.with_renamed(before, after))

    def choose_type(self, type_id: int) -> None:
        types = {**self.preferences.types, self.profile.name: type_id}
        self.change(replace(self.preferences, types=types))

    def choose_start_at_once(self, wanted: bool) -> None:
        self.change(self.preferences.with_start_at_once(self.profile.name, wanted=wanted))

    @property
    def profile(self) -> ServiceProfile:
        """The service that new pictures go to."""
        wanted = self.preferences.service
        return next(
            (profile for profile in self.profiles if profile.name == wanted), self.profiles[0]
        )

    @property
    def enhance_type(self) -> EnhanceType | None:
        """The type for new pictures; ``None`` where the service lists none."""
        return self._type_on(self.profile)

    def _type_on(self, profile: ServiceProfile) -> EnhanceType | None:
        types = profile.enhance_types
        wanted = self.preferences.types.get(profile.name)
        return next((type_ for type_ in types if type_.id == wanted), types[0] if types else None)

    def cost_of(self, service: str, type_id: int) -> float:
        """Return the credits that a task costs; 0 where that is not known."""
        known = (profile for profile in self.profiles if profile.name == service)
        return next((each.cost_of(type_id) for each in known), 0)

    @property
    def starts_at_once(self) -> bool:
        return self.profile.name in self.preferences.start_at_once

    @property
    def save_folder(self) -> Path:
        """Where the user finds results."""
        chosen = self.preferences.save_folder
        return Path(chosen) if chosen else self.results

    @property
    def options(self) -> SubmitOptions | None:
        """The options for new inputs; ``None`` where the service lists no types."""
        kind = self.enhance_type
        return None if kind is None else self.options_with(self.profile, kind)

    def options_for(self, service: str, type_name: str = "") -> SubmitOptions | None:
        """Return the options for inputs that go to another service.

        :param type_name: of the enhance type, where the service has one of that name.
        """
        profile = next((each for each in self.profiles if each.name == service), None)
        if profile is None:
            return None
        named = (kind for kind in profile.enhance_types if kind.name == type_name)
        kind = next(named, self._type_on(profile))
        return None if kind is None else self.options_with(profile, kind)

    def options_with(self, profile: ServiceProfile, kind: EnhanceType) -> SubmitOptions:
        """Return the options for inputs that go to a service with one of its types."""
        return SubmitOptions(
            replace(profile, max_in_flight=self._max_at_a_time(profile)),
            kind,
            self._saving,
            profile.name in self.preferences.start_at_once and not self._is_slow(profile, kind),
        )

    @property
    def _saving(self) -> Saving:
        chosen = self.preferences
        kind, quality = chosen.result_format, chosen.quality
        if not chosen.auto_save:
            return Saving(self._kept_results, result_format=kind, quality=quality, keeps=True)
        return Saving(
            self.save_folder, chosen.place, chosen.grouping, kind, quality, self._not_beside
        )

    def max_at_a_time(self) -> dict[str, int]:
        """Return how many tasks at a time each service may have, by its name; 0: it shows."""
        return {profile.name: self._max_at_a_time(profile) for profile in self.profiles}

    def _max_at_a_time(self, profile: ServiceProfile) -> int:
        return self.preferences.parallel_tasks or profile.max_in_flight

    def _is_slow(self, profile: ServiceProfile, kind: EnhanceType) -> bool:
        """Return whether to show the user how long it takes before it begins."""
        is_here = profile.name == LOCAL_SERVICE_NAME
        return is_here and self.seconds_a_megapixel(kind.id) >= _SLOW_S
