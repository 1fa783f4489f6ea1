"""Looks for servers of this program on the local network, by DNS-SD.

What is found is what anybody on that network has sent: it is shown, and nothing goes there before
the user has chosen it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from enhance_gui.core.service_errors import SearchFailed
from enhance_gui.core.text.i18n import N_
from enhance_gui.core.threads import run_to_end
from enhance_gui.transport.host_lookup import resolve
from enhance_gui.transport.local_networks import Interface, own_interfaces
from enhance_gui.wire.announcements import SERVICE_TYPE, NearbyServer, read_announcement

if TYPE_CHECKING:  # loaded when somebody looks
    from zeroconf import ServiceBrowser, ServiceStateChange, Zeroconf

__all__ = ["NearbySearch", "NearbyServer"]

_log = logging.getLogger(__name__)

MAX_SERVERS: Final = 32
"""Listed at once; a network of more is one where somebody invents them."""
MAX_QUESTIONS: Final = 20
"""Of a search, about announcements that did not come whole: each holds up those after it."""
_ANSWER_S: Final = 0.5


class NearbySearch:
    """The servers that announce themselves, as long as the search is open."""

    def __init__(self, on_change: Callable[[tuple[NearbyServer, ...]], None]) -> None:
        """:param on_change: told of all that are there, in the event loop that opens the search."""
        self._on_change = on_change
        self._found: dict[str, NearbyServer] = {}
        self._questions = 0
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._zeroconf: Zeroconf | None = None
        self._browser: ServiceBrowser | None = None

    async def open(self, interfaces: Sequence[Interface] | None = None) -> None:
        """Begin to look.

        :param interfaces: where; ``None``: in all local networks of this computer.
        :raises SearchFailed: this computer is in none, or there is no looking there.
        """
        self._loop = asyncio.get_running_loop()
        try:
            # In a thread, so that the library takes an event loop of its own.
            await run_to_end(self._open, interfaces)
        except ImportError as error:
            raise SearchFailed(N_("this kind of computer has no search")) from error
        except OSError as error:
            raise SearchFailed(
                "the system does not allow it ({reason})", reason=error.strerror or error
            ) from error

    async def close(self) -> None:
        """Look no longer."""
        self._loop = None
        if (opened := self._zeroconf) is not None:
            self._zeroconf = None
            await run_to_end(opened.close)

    def _open(self, interfaces: Sequence[Interface] | None) -> None:
        from zeroconf import ServiceBrowser, Zeroconf

        # It quotes what strangers send.
        logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
        interfaces = own_interfaces() if interfaces is None else interfaces
        if not interfaces:
            raise SearchFailed(N_("this computer is in no local network"))
        self._networks = [each.network for each in interfaces]
        self._zeroconf = Zeroconf(interfaces=[str(each.ip) for each in interfaces])
        self._browser = ServiceBrowser(
            self._zeroconf, SERVICE_TYPE, handlers=[self._on_state_change]
        )

    def _on_state_change(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Take in an announcement; in the browser's thread, one after the other."""
        from zeroconf import ServiceStateChange

        before = dict(self._found)
        self._found.pop(name, None)
        if state_change is not ServiceStateChange.Removed and len(self._found) < MAX_SERVERS:
            # Whatever came, the next announcement must be read.
            try:
                server = self._read(zeroconf, service_type, name)
            except Exception as error:  # noqa: BLE001  the library's, about what strangers sent
                _log.info("an announcement cannot be read: %s", type(error).__name__)
                server = None
            if server is not None:
                self._found[name] = server
        if self._found != before:
            self._publish()

    def _read(self, zeroconf: Zeroconf, service_type: str, name: str) -> NearbyServer | None:
        from zeroconf import ServiceInfo

        info = ServiceInfo(service_type, name)
        if not info.load_from_cache(zeroconf):
            self._questions += 1
            if self._questions > MAX_QUESTIONS or not info.request(zeroconf, 1000 * _ANSWER_S):
                return None
        server = read_announcement(
            name, info.parsed_addresses(), info.port or 0, info.properties, self._networks
        )
        return server if server is not None and self._is_near(server) else None

    def _is_near(self, server: NearbyServer) -> bool:
        """Return whether a name in a server's address leads into this computer's networks.

        Whoever announces himself here could name a host anywhere.
        """
        parts = urlsplit(server.base_url)
        if parts.scheme == "http" or self._loop is None:
            return True
        self._questions += 1
        if self._questions > MAX_QUESTIONS:
            return False
        asked = asyncio.run_coroutine_threadsafe(
            resolve(parts.hostname or "", parts.port or 0), self._loop
        )
        try:
            addresses = [ipaddress.ip_address(each) for each in asked.result(_ANSWER_S)]
        except (OSError, TimeoutError):
            asked.cancel()
            return False
        return all(any(each in network for network in self._networks) for each in addresses)

    def _publish(self) -> None:
        loop, found = self._loop, tuple(self._found.values())
        if loop is not None:
            loop.call_soon_threadsafe(self._report, found)

    def _report(self, found: tuple[NearbyServer, ...]) -> None:
        if self._loop is not None:
            self._on_change(found)
