"""What new pictures will be done with: service, enhance type, folder; kept between runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.enhance_types import EnhanceType
from enhance_gui.core.preferences import Preferences
from enhance_gui.core.profiles import ServiceProfile
from enhance_gui.core.secret import Secret
from enhance_gui.ui.bridge import Order


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
        connect: Callable[[ServiceProfile, Secret | None], None],
    ) -> None:
        """
        :param profiles: every service; at least one.
        :param results: where results go by default.
        :param kept_results: where they go if the user wants to save by hand.
        :param keep: writes the preferences down.
        :param connect: keeps a service's profile, where it is new, and its token.
        """
        super().__init__()
        self.preferences = preferences
        self.profiles = tuple(profiles)
        self.results = results
        self._kept_results = kept_results
        self._keep = keep
        self._connect = connect

    def change(self, preferences: Preferences) -> None:
        """Choose, and keep the choice."""
        if preferences != self.preferences:
            self.preferences = preferences
            self._keep(preferences)
            self.changed.emit()

    def choose_service(self, name: str) -> None:
        self.change(replace(self.preferences, service=name))

    def connect_service(self, profile: ServiceProfile, token: Secret | None) -> None:
        """Add a service, or give one that is there its token; new pictures go to it."""
        self._connect(profile, token)
        if all(profile.name != other.name for other in self.profiles):
            self.profiles = (*self.profiles, profile)
        self.change(replace(self.preferences, service=profile.name, welcomed=True))
        self.changed.emit()

    def choose_type(self, type_id: int) -> None:
        self.change(self.preferences.with_type(self.profile.name, type_id))

    def choose_start_at_once(self, wanted: bool) -> None:
        self.change(self.preferences.with_start_at_once(self.profile.name, wanted=wanted))

    @property
    def profile(self) -> ServiceProfile:
        """The service that new pictures go to."""
        wanted = self.preferences.service
        return next((each for each in self.profiles if each.name == wanted), self.profiles[0])

    @property
    def enhance_type(self) -> EnhanceType | None:
        """The type for new pictures; ``None`` where the service lists none."""
        types = self.profile.enhance_types
        wanted = self.preferences.type_for(self.profile.name)
        return next((each for each in types if each.id == wanted), types[0] if types else None)

    @property
    def starts_at_once(self) -> bool:
        return self.preferences.starts_at_once(self.profile.name)

    @property
    def save_folder(self) -> Path:
        """Where the user finds results."""
        chosen = self.preferences.save_folder
        return Path(chosen) if chosen else self.results

    @property
    def order(self) -> Order | None:
        """What is to be done with new inputs; ``None`` where the service lists no types."""
        kind = self.enhance_type
        if kind is None:
            return None
        parallel = self.preferences.parallel_tasks or self.profile.max_in_flight
        return Order(
            replace(self.profile, max_in_flight=parallel),
            kind,
            self.save_folder if self.preferences.auto_save else self._kept_results,
            self.starts_at_once,
        )
