"""What the tests of the API client share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from enhance_gui.client.api import ApiClient
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.wire.requests import CreateTaskRequest

TOKEN = "canary-9f3b1c"

REQUEST = CreateTaskRequest("https://example.org/a.jpg", 1, "private-1")


async def at_once() -> None:
    """Have nothing to do before a request is sent."""


@asynccontextmanager
async def client_of(
    base_url: str,
    profile: dict[str, Any] | None = None,
    token: str | None = TOKEN,
    **options: Any,
) -> AsyncIterator[ApiClient]:
    """Open a client of the service at ``base_url``, close it at the end."""
    client = ApiClient(
        ServiceProfile(name="Test", base_url=base_url, **(profile or {})),
        None if token is None else Secret(token),
        **options,
    )
    try:
        yield client
    finally:
        await client.aclose()
