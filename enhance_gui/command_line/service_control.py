"""What ends the service, and what a program that starts it tells it over standard input.

Not by arguments or environment: those of a process can be read by others, and a proxy's login may
be among it.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import NetworkSettings, network_from_mapping
from enhance_gui.core.stop_signals import on_stop_signal

if TYPE_CHECKING:
    from enhance_gui.service.running import RunningService

FIRST_LINE_LIMIT_S: Final = 10.0

_LONGEST_LINE_BYTES: Final = 65_536
_PIECE_BYTES: Final = 4096


class ServiceControl:
    """Passes on requests to stop, and network settings, also those that come before the service."""

    def __init__(self) -> None:
        self._service: RunningService | None = None
        self._was_asked_to_end = False
        self._network: NetworkSettings | None = None
        self._came = threading.Event()
        """Set once there are no network settings to wait for any more."""
        on_stop_signal(lambda _: self._drain())

    def read_standard_input(self, *, stops: bool) -> None:
        """Take network settings, one JSON object a line, in a thread; the last one counts.

        :param stops: whether the end of standard input is a request to stop at once.
        """

        def read() -> None:
            # Not through sys.stdin: its lock, held by a thread that waits, breaks the interpreter's
            # end.
            rest = b""
            with contextlib.suppress(OSError):
                while piece := os.read(0, _PIECE_BYTES):
                    *lines, rest = (rest + piece).split(b"\n")
                    for line in lines:
                        self._take_network(line)
                    rest = rest[-_LONGEST_LINE_BYTES:]
            self._came.set()
            if stops:
                self._end()

        threading.Thread(target=read, name="stdin", daemon=True).start()

    def wait_for_network(self) -> bool:
        """Wait for the first network settings; return whether they came in time."""
        return self._came.wait(FIRST_LINE_LIMIT_S) and self._network is not None

    def watch(self, service: RunningService) -> None:
        """Tell the service what was asked until now, and each later request."""
        self._service = service
        if self._network is not None:
            service.apply_network(self._network)
        if self._was_asked_to_end:
            service.request_stop()

    def _take_network(self, line: bytes) -> None:
        """Take a line; one that is no JSON object says nothing."""
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(data, dict):
            return
        login = data.get("proxy_login")
        secret = Secret(login) if isinstance(login, str) and login else None
        self._network = replace(network_from_mapping(data), proxy_login=secret)
        self._came.set()
        if self._service is not None:
            self._service.apply_network(self._network)

    def _drain(self) -> None:
        self._was_asked_to_end = True
        if self._service is not None:
            self._service.request_drain()

    def _end(self) -> None:
        self._was_asked_to_end = True
        if self._service is not None:
            self._service.request_stop()
