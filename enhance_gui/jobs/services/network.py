"""How services and picture hosts are reached: as the user has chosen, which may change any time.

With the login of the user's own proxy, which is kept like the token of a service, and checked files
of certificates.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode, proxy_problem
from enhance_gui.core.storage_errors import KeyringProblem
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.services.credentials import CredentialStore

MAX_CA_FILE_BYTES: Final = 8 * 2**20
"""All public authorities together have a quarter of a million."""

_MARKS: Final = (b"-----BEGIN CERTIFICATE-----", b"-----BEGIN TRUSTED CERTIFICATE-----")


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


class ProxyLogin:
    """Keeps the login of the user's own proxy, bound to its address, and adds it to the network
    settings that want it.
    """

    def __init__(self, tokens: CredentialStore) -> None:
        self._tokens = tokens

    async def complete(self, network: NetworkSettings) -> NetworkSettings:
        """Return the settings with the login; as they are where they want none, or have it.

        :raises KeyringProblem: it cannot be read.
        """
        if not _wants_login(network) or network.proxy_login is not None:
            return network
        return replace(network, proxy_login=await self._tokens.get(_account(network)))

    async def complete_if_readable(self, network: NetworkSettings) -> NetworkSettings:
        """Return the settings with the login; as they are also where it cannot be read."""
        try:
            return await self.complete(network)
        except KeyringProblem:
            return network

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
    return ServiceProfile("Proxy", network.proxy_url)


def ca_file_problem(path: Path) -> str:
    """Return what is wrong with a file of certificates, one clause; empty where nothing is."""
    # Loaded here, not above: the window, which has to appear at once, does without.
    import ssl

    try:
        with path.open("rb") as file:
            content = file.read(MAX_CA_FILE_BYTES + 1)
    except OSError as error:
        return Detail("it cannot be read ({reason})", reason=error.strerror or error)
    if len(content) > MAX_CA_FILE_BYTES:
        return N_("it is too large to be a file of certificates")
    if not any(each in content for each in _MARKS):
        return N_("it holds no certificate in PEM form (text that begins with BEGIN CERTIFICATE)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except (OSError, ValueError):  # of the first, SSLError is one
        return N_("a certificate in it is damaged")
    has_any = context.cert_store_stats()["x509"]
    return "" if has_any else N_("it holds no usable certificate")
