"""Delays the answers to addresses that guess tokens, without blocking anybody.

After some wrong tokens of an address, each further one that comes from there on a new connection
is answered a second later, whether it is right or wrong: so the guesser learns nothing by not
waiting, and somebody with the right token at the same address (another user of the same computer,
those behind one router) is still served.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_FREE_TRIES: Final = 10
_PAUSE_S: Final = 1.0
_FORGOTTEN_AFTER_S: Final = 60.0
_MAX_ADDRESSES: Final = 1024


class TokenThrottle:
    """Counts wrong tokens by remote address; the address quiet for longest is forgotten first."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def note_wrong(self, remote: str, now_s: float) -> None:
        """Count a wrong token."""
        count = self._count(remote, now_s)
        self._wrong[remote] = (count + 1, now_s)
        self._wrong.move_to_end(remote)
        if len(self._wrong) > _MAX_ADDRESSES:
            self._wrong.popitem(last=False)

    def pause_s(self, remote: str, now_s: float) -> float:
        """Return how long a token from there has to wait for its answer."""
        return _PAUSE_S if self._count(remote, now_s) >= _FREE_TRIES else 0.0

    def _count(self, remote: str, now_s: float) -> int:
        count, last_s = self._wrong.get(remote, (0, now_s))
        return count if now_s - last_s < _FORGOTTEN_AFTER_S else 0
