"""Reads what a program that starts the service sends it over standard input.

Not by arguments or environment: those of a process can be read by others, and a proxy's login may
be among it.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, network_from_mapping

FIRST_LINE_LIMIT_S: Final = 10.0

_LONGEST_LINE_BYTES: Final = 65_536
_PIECE_BYTES: Final = 4096


def read_standard_input(
    take: Callable[[bytes], None], at_end: Sequence[Callable[[], None]]
) -> None:
    """Hand every line to ``take``, and call each of ``at_end``; all in a thread of its own."""

    def read() -> None:
        # Not through sys.stdin: its lock, held by a thread that waits, breaks the interpreter's
        # end.
        rest = b""
        with contextlib.suppress(OSError):
            while piece := os.read(0, _PIECE_BYTES):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    take(line)
                rest = rest[-_LONGEST_LINE_BYTES:]
        for each in at_end:
            each()

    threading.Thread(target=read, name="stdin", daemon=True).start()


class NetworkFromInput:
    """Network settings, one JSON object a line; the last one counts."""

    def __init__(self) -> None:
        self._settings = DIRECT
        self._is_received = False
        self._came = threading.Event()
        """Set once there is nothing to wait for any more."""
        self._apply_network: Callable[[NetworkSettings], None] | None = None

    def take(self, line: bytes) -> None:
        """Take a line; one that is no JSON object says nothing."""
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(data, dict):
            return
        login = data.get("proxy_login")
        secret = Secret(login) if isinstance(login, str) and login else None
        self._settings = replace(network_from_mapping(data), proxy_login=secret)
        self._is_received = True
        self._came.set()
        if self._apply_network is not None:
            self._apply_network(self._settings)

    def watch(self, apply_network: Callable[[NetworkSettings], None]) -> None:
        """Call ``apply_network`` with the settings that hold now, and after each later change."""
        self._apply_network = apply_network
        apply_network(self._settings)

    def end(self) -> None:
        """Note that no more settings will come."""
        self._came.set()

    def wait(self) -> bool:
        """Wait for the first settings; return whether they came in time."""
        return self._came.wait(FIRST_LINE_LIMIT_S) and self._is_received
