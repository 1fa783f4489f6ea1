"""The login of the user's own proxy: kept like the token of a service, bound to its address."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode, proxy_problem
from enhance_gui.jobs.services.credentials import CredentialStore

_NAME: Final = "Proxy"


class ProxyLogin:
    """Keeps it, and adds it to the network settings that want it."""

    def __init__(self, tokens: CredentialStore) -> None:
        self._tokens = tokens

    async def complete(self, network: NetworkSettings) -> NetworkSettings:
        """Return the settings with the login; as they are where they want none, or have it.

        :raises KeyringProblem: it cannot be read.
        """
        if not _wants_login(network) or network.proxy_login is not None:
            return network
        return replace(network, proxy_login=await self._tokens.get(_account(network)))

    async def keep(self, network: NetworkSettings, login: Secret) -> None:
        """Keep the login of this proxy.

        :raises KeyringProblem: the password manager does not take it; it holds for this run.
        """
        await self._tokens.set(_account(network), login)

    async def forget(self, network: NetworkSettings) -> bool:
        """Forget the login of this proxy; return whether there was one.

        :raises KeyringProblem: the password manager does not do it.
        """
        return await self._tokens.forget(_account(network))


def _wants_login(network: NetworkSettings) -> bool:
    own = network.proxy is ProxyMode.OWN
    return own and network.proxy_wants_login and not proxy_problem(network.proxy_url)


def _account(network: NetworkSettings) -> ServiceProfile:
    return ServiceProfile(_NAME, network.proxy_url)
