"""A token goes to the address it was given for, and to nothing that merely looks like it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.storage.system.keyrings import Manager, SystemKeyring

TOKEN = Secret("c4n4ry-for-one-address")
OURS = ServiceProfile("Studio", "http://127.0.0.1:9401/api")

LOOK_ALIKES = [
    "http://127.0.0.1:9402/api",
    "http://127.0.0.1:94010/api",
    "http://127.0.0.1/api",
    "https://127.0.0.1:9401/api",
    "http://localhost:9401/api",
    "http://127.0.0.1.:9401/api",
    "http://127.1:9401/api",
    "http://2130706433:9401/api",
    "http://0x7f000001:9401/api",
    "http://127.0.0.2:9401/api",
    "http://[::ffff:127.0.0.1]:9401/api",
    "http://[::1]:9401/api",
    "http://127.0.0.1.evil.example:9401/api",
    "http://127.0.0.1:9401/",
    "http://127.0.0.1:9401/API",
    "http://127.0.0.1:9401/api2",
    "http://127.0.0.1:9401/api/more",
]


@pytest.fixture
def tokens(tmp_path: Path) -> CredentialStore:
    held: dict[tuple[str, str], str] = {}

    class InMemory(KeyringBackend):
        priority = 4.0

        def get_password(self, service: str, username: str) -> str | None:
            return held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del held[service, username]

    manager = Manager("Manager", lambda: InMemory)
    return CredentialStore(SystemKeyring(tmp_path / "places.json", (manager,)))


@pytest.mark.parametrize("base_url", LOOK_ALIKES)
def test_an_address_that_looks_alike_gets_no_token(base_url: str, tokens: CredentialStore) -> None:
    async def test() -> None:
        other = ServiceProfile("Studio", base_url)
        await tokens.set(OURS, TOKEN)
        assert await tokens.get(other) is None
        tokens.keep_for_this_run(OURS, Secret("of this run"))
        assert tokens.of_this_run(other) is None
        assert await tokens.get(other) is None
        assert await tokens.get(OURS) == Secret("of this run")

    asyncio.run(test())


@pytest.mark.parametrize(
    "name", ["studio", "STUDIO", "Studio ", "\uff33tudio", "Stud\u0456o", "Studio\u200b"]
)
def test_a_name_that_looks_alike_gets_no_token(name: str, tokens: CredentialStore) -> None:
    async def test() -> None:
        await tokens.set(OURS, TOKEN)
        assert await tokens.get(ServiceProfile(name, OURS.base_url)) is None
        assert await tokens.get(OURS) == TOKEN

    asyncio.run(test())
