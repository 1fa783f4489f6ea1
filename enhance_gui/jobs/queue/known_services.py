"""The services that tasks were sent to, and where each of them has to stay."""

from __future__ import annotations

from collections.abc import Callable

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.threads import StoreThread
from enhance_gui.storage.task_db.store import TaskStore


class KnownServices:
    """Keeps the profiles of services with their tasks."""

    def __init__(self, db: StoreThread[TaskStore]) -> None:
        self._db = db

    async def profile(self, name: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._db.do(self._db.store.services.profile, name)

    async def moved_from(self, profile: ServiceProfile) -> str | None:
        """Return the other address at which a service was used so far; ``None``: it has not moved.

        The local service is at another one at each start.
        """
        if profile.name == LOCAL_SERVICE_NAME:
            return None
        known = await self.profile(profile.name)
        return None if known is None or known.base_url == profile.base_url else known.base_url

    async def refuse_moved(self, profile: ServiceProfile, is_at_work: Callable[[], bool]) -> None:
        """Refuse a profile that leads elsewhere than to where the service has tasks of ours.

        :param is_at_work: asked last: work may begin while the list is read.
        :raises ProfileInvalid: it has moved, and is at work where it was, or has tasks there.
        """
        if (before := await self.moved_from(profile)) is None:
            return
        has_sent = await self._db.do(self._db.store.services.has_sent, profile.name)
        if has_sent or is_at_work():
            raise ProfileInvalid(
                profile.name,
                "base_url",
                Detail(
                    "differs from {address}, where tasks of a service of this name are "
                    "unfinished: finish them first",
                    address=before,
                ),
            )
