"""How services and picture hosts are reached: as the user has chosen, which may change any time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.storage_errors import KeyringProblem


class NetworkProvider:
    """The network settings that were chosen last, and the login that their proxy wants.

    Who has waited for anything compares :attr:`chosen` with what it was before: where it is another
    object, what was made of the settings meanwhile is of earlier ones.
    """

    def __init__(
        self,
        network: NetworkSettings,
        login_of: Callable[[NetworkSettings], Awaitable[NetworkSettings]] | None,
    ) -> None:
        """:param login_of: adds the proxy's login to the network settings, where they want one."""
        self._login_of = login_of
        self.chosen = network
        """Without the login, unless it was chosen with them; another object after each choice."""

    def choose(self, network: NetworkSettings) -> NetworkSettings:
        """Have other settings hold from now on; return them as :attr:`chosen` is then."""
        # A new object each time shows that there was a choice, even where what changed is the
        # login, which is no part of it.
        self.chosen = chosen = replace(network)
        return chosen

    async def with_login(self, network: NetworkSettings) -> NetworkSettings:
        """Return network settings with the proxy's login.

        :raises KeyringProblem: it cannot be read.
        """
        return network if self._login_of is None else await self._login_of(network)

    async def for_service(self, service: str) -> NetworkSettings:
        """Return the network settings with the proxy's login.

        :raises KeyringProblem: it cannot be read, and the service is not on this computer, where
            files need no proxy.
        """
        while True:
            network = complete = self.chosen
            try:
                complete = await self.with_login(network)
            except KeyringProblem:
                if service != LOCAL_SERVICE_NAME:
                    raise
            if self.chosen is network:  # not chosen anew meanwhile
                return complete
