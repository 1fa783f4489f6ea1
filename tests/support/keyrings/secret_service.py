"""A real Secret Service in a private D-Bus session: GNOME Keyring, apart from the user's own."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

PASSWORD: Final = b"password-of-the-keyring"
_LIMIT_S: Final = 60

# Without any folder of services: nothing is started by being asked for, no window that asks for a
# password least of all.
_BUS: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

needs_secret_service = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-daemon") is None,
    reason="gnome-keyring and dbus are not installed",
)


class SecretService:
    """The daemon; what it has stored outlives it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self, *, unlocked: bool = True) -> None:
        """Start the daemon and wait until it answers."""
        command = ["gnome-keyring-daemon", "--components=secrets", "--foreground"]
        self._daemon = subprocess.Popen(
            [*command, *(["--unlock"] if unlocked else [])],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._daemon.stdin is not None
        if unlocked:
            self._daemon.stdin.write(PASSWORD)
        self._daemon.stdin.close()
        _until(self._answers, "the Secret Service does not answer")

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
            _until(lambda: not self._answers(), "the Secret Service does not end")

    def hang(self) -> None:
        """Have it take questions and answer none."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)

    def recover(self) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        from keyring.backends.SecretService import Keyring

        try:
            return bool(Keyring.priority)
        # Of a busy bus, which the library gives one second, too.
        except (RuntimeError, TimeoutError):
            return False


@contextmanager
def session_bus(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[str]:
    """Run a session bus for this test and the programs it starts; return its address."""
    folder.mkdir(mode=0o700)
    place = folder / "bus"
    (folder / "bus.conf").write_text(_BUS.format(socket=place))
    address = f"unix:path={place}"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"):
        monkeypatch.delenv(variable, raising=False)
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--nopidfile"],
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _listens(place), "there is no session bus")
        yield address
    finally:
        bus.kill()
        bus.wait()
        _drop_connections()


@contextmanager
def secret_service(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[SecretService]:
    """Run a session bus for this test and the programs it starts; the service is not started."""
    with session_bus(monkeypatch, folder):
        service = SecretService(folder, dict(os.environ))
        try:
            yield service
        finally:
            service.stop()


def _listens(place: Path) -> bool:
    """Tell whether somebody answers there; the file is there a little earlier."""
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(place)) == 0


def _drop_connections() -> None:
    """Close what the backend leaves open where a password manager is locked or hangs."""
    for thread in threading.enumerate():
        if thread.name == "password manager":
            thread.join(_LIMIT_S)  # its call has failed by now, since the bus is gone
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def without_session_bus(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have this test and the programs it starts find no password manager."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder / 'no-bus'}")


def _until(check: Callable[[], bool], otherwise: str) -> None:
    give_up_s = time.monotonic() + _LIMIT_S
    while not check():
        assert time.monotonic() < give_up_s, otherwise
        time.sleep(0.02)
