"""Admits requests: who asks is known, has not guessed tokens, and there is a place for them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

from enhance_gui.core.clock import Clock
from enhance_gui.service.http.connections import ServiceProtocol
from enhance_gui.service.http.gate import Caller, Gate, TokenThrottle, TokenWrong
from enhance_gui.service.http.proxies import Proxies
from enhance_gui.service.tasks.refusals import full


@dataclass(eq=False)
class Admission:
    """Says who makes a request, before its body is read."""

    gate: Gate
    proxies: Proxies
    clock: Clock

    def __post_init__(self) -> None:
        self._throttle = TokenThrottle()

    async def admit(self, scope: Scope) -> Caller | None:
        """Return who asks, as the gate does; where tokens were tried, only after a pause.

        :raises RequestRefused: nothing is done for this request.
        """
        connection = connection_of(scope)
        sender = self.proxies.sender_of(connection.address, scope["headers"])
        try:
            caller = self.gate.check(scope["method"], scope["path"], scope["headers"], sender)
        except TokenWrong:
            self._throttle.note_wrong(sender.remote, self.clock.now_s())
            await self._pause(sender.remote)
            raise
        if caller is not None:
            # A proxy's connection is that of many, of whom another may have shown the token.
            pauses = sender.by_proxy or not connection.is_proven
            take_place(connection, proves=True)
            if pauses:
                await self._pause(sender.remote)
        return caller

    async def _pause(self, remote: str) -> None:
        pause_s = self._throttle.pause_s(remote, self.clock.now_s())
        if pause_s:
            await self.clock.sleep(pause_s)


def connection_of(scope: Scope) -> ServiceProtocol:
    """Return the connection that a request came on."""
    connection: ServiceProtocol = scope["state"]["connection"]
    return connection


def take_place(connection: ServiceProtocol, *, proves: bool) -> None:
    """Begin the answer to a request.

    :param proves: whether it carries the token.
    :raises RequestRefused: there are too many that are worked on.
    """
    if not connection.serve(proves=proves):
        raise full("the service works on as many requests as it can at once")
