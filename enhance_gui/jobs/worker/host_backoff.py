"""Backoff for picture hosts that are down: when to try again, and when to give up."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.backoff import Waits
from enhance_gui.core.errors import Transience
from enhance_gui.core.picture_errors import InputError
from enhance_gui.core.tasks.task import Failure

DELAYS_S: Final = Waits((3.0, 10.0, 20.0))
"""Pauses between the tries. Nothing is spent meanwhile."""

FORGET_S: Final = 300.0
"""A host that was given up is waited for again when it is needed this much later."""


@dataclass(slots=True)
class _HostState:
    tries: int = 0
    next_try_s: float = 0.0
    given_up_s: float = -math.inf
    failure: Failure | None = None
    """What the last try met before it was given up."""


class HostBackoff:
    """What is known of hosts that are down, shared by all their pictures.

    A thousand pictures of one host wait together, so that a host that stays down holds up nobody
    for longer than once. No picture is tried more often than there are pauses, and once. When a
    host to which no connection comes about is given up, those that were wanted of it before have
    failed with the first, untried. One that connects and then stumbles may do so over a single
    picture: each of its others is worth a try.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, _HostState] = {}
        self._tries: Counter[int] = Counter()

    def next_try_s(self, host: str, now_s: float) -> float | None:
        """Return when a host that is down is to be tried next; ``None``: now."""
        state = self._hosts.get(host)
        return state.next_try_s if state is not None and state.next_try_s > now_s else None

    def given_up(self, key: int, host: str, wanted_s: float, now_s: float) -> Failure | None:
        """Return why a picture fails without a try; ``None``: it is worth one.

        :param wanted_s: when the user wanted the picture: a request that came after the host was
            given up is tried anew.
        """
        state = self._hosts.get(host)
        if state is None or not wanted_s <= state.given_up_s <= now_s <= (
            state.given_up_s + FORGET_S
        ):
            return None
        self._tries.pop(key, None)
        return state.failure

    def failed(self, key: int, host: str, error: InputError, now_s: float) -> float | None:
        """Note that a picture could not be fetched.

        :param key: of the picture.
        :returns: when to try next; ``None``: it has failed for good.
        """
        self._tries[key] += 1
        delay_s = DELAYS_S.after(self._tries[key])
        next_try_s = None
        if error.transience in (Transience.HOST, Transience.CONNECTION):
            next_try_s = self._host_failed(host, error, now_s)
        else:
            self._hosts.pop(host, None)
        if error.transience is Transience.RESOURCE and delay_s is not None:
            next_try_s = now_s + delay_s
        if next_try_s is None or delay_s is None:
            del self._tries[key]
            return None
        return next_try_s

    def answered(self, key: int, host: str) -> None:
        """Note that a picture could be fetched."""
        self._hosts.pop(host, None)
        self._tries.pop(key, None)

    def _host_failed(self, host: str, error: InputError, now_s: float) -> float | None:
        state = self._hosts.setdefault(host, _HostState())
        if now_s > state.next_try_s + FORGET_S:
            state.tries = 0
        if state.next_try_s > now_s:
            return state.next_try_s  # another try of the same round has failed just before
        if (delay_s := DELAYS_S.after(state.tries + 1)) is None:
            if error.transience is Transience.CONNECTION:
                state.given_up_s, state.failure = now_s, Failure.of(error)
            return None
        state.next_try_s = now_s + delay_s
        state.tries += 1
        return state.next_try_s
