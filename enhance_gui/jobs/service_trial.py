"""Tries a service before anything is entrusted to it: one question that costs nothing."""

from __future__ import annotations

from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import RequestRefused
from enhance_gui.core.profiles import ServiceProfile
from enhance_gui.core.secret import Secret

_NO_TASK: Final = "0"
"""A task id that no service has given."""


async def try_service(profile: ServiceProfile, token: Secret | None) -> None:
    """Ask for a task that cannot exist: the API's own "unknown" proves address and token.

    :raises ServiceError: it cannot be reached, does not take the token, or is not the API.
    :raises TokenMissing: the service needs a token.
    """
    api = ApiClient(profile, token)
    kinds = profile.enhance_types
    try:
        await api.get_task(_NO_TASK, kinds[0].id if kinds else 1)
    except RequestRefused:
        return
    finally:
        await api.aclose()
