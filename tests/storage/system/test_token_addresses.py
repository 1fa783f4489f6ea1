"""A token is for one address, its path included; those of earlier versions are found once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.jobs.services.credentials import CredentialStore, TokenLocation
from enhance_gui.storage.system.keyrings import Account, Manager, SystemKeyring

ORIGIN = "https://shared.example"
OURS = Account("Studio", ORIGIN, "/ours")
OTHERS = Account("Studio", ORIGIN, "/other-tenant")
BARE = Account("Studio", ORIGIN)
TOKEN = Secret("c4n4ry-of-the-path")


class InMemory(KeyringBackend):
    """A password manager whose content the tests can see."""

    priority = 4.0
    held: dict[tuple[str, str], str]

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def held() -> dict[tuple[str, str], str]:
    return {}


@pytest.fixture
def keyring(tmp_path: Path, held: dict[tuple[str, str], str]) -> SystemKeyring:
    kind = type("Kind", (InMemory,), {"held": held})
    return SystemKeyring(tmp_path / "places.json", (Manager("Manager", lambda: kind),))


def keep_as_earlier_versions(held: dict[tuple[str, str], str], places: Path) -> None:
    held["Enhance GUI: Studio", ORIGIN] = TOKEN.reveal()
    places.write_text(json.dumps({f"Studio {ORIGIN}": "Manager"}))


@pytest.mark.parametrize("account", [OURS, BARE])
@pytest.mark.parametrize("other", [OTHERS, BARE, Account("Studio", ORIGIN, "/ours/more")])
def test_another_path_of_the_same_host_gets_no_token(
    account: Account, other: Account, keyring: SystemKeyring
) -> None:
    keyring.write(account, TOKEN)
    assert keyring.read(account) == TOKEN
    if other != account:
        assert keyring.read(other) is None
        assert keyring.forget(other) is False
    assert keyring.read(account) == TOKEN


@pytest.mark.parametrize("account", [OURS, BARE])
def test_a_token_of_an_earlier_version_is_from_then_on_for_one_address_alone(
    account: Account, keyring: SystemKeyring, held: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    keep_as_earlier_versions(held, tmp_path / "places.json")
    assert keyring.read(account) == TOKEN
    assert held == {("Enhance GUI: Studio", account.address): TOKEN.reveal()}
    assert json.loads((tmp_path / "places.json").read_text()) == {
        f"Studio {account.address}": "Manager"
    }
    assert keyring.read(OTHERS) is None
    assert keyring.read(account) == TOKEN


def test_a_new_token_leaves_none_of_an_earlier_version_behind(
    keyring: SystemKeyring, held: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    keep_as_earlier_versions(held, tmp_path / "places.json")
    keyring.write(OURS, Secret("one-more-4471"))
    assert keyring.read(OTHERS) is None
    assert keyring.read(OURS) == Secret("one-more-4471")


def test_a_token_of_an_earlier_version_is_forgotten(
    keyring: SystemKeyring, held: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    keep_as_earlier_versions(held, tmp_path / "places.json")
    assert keyring.forget(OURS) is True
    assert held == {}
    assert json.loads((tmp_path / "places.json").read_text()) == {}


def test_a_profile_with_another_path_is_another_place(keyring: SystemKeyring) -> None:
    ours = ServiceProfile("Studio", f"{ORIGIN}/ours")
    others = ServiceProfile("Studio", f"{ORIGIN}/other-tenant")

    async def test() -> None:
        tokens = CredentialStore(keyring)
        await tokens.set(ours, TOKEN)
        assert await tokens.get(others) is None
        assert await tokens.place(ours) is TokenLocation.KEPT
        tokens.keep_for_this_run(ours, Secret("of this run"))
        assert tokens.of_this_run(others) is None

    asyncio.run(test())
