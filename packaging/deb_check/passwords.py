"""A password manager for the user of the minimal system, which runs beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from deb_check.root import USER, X_SOCKETS, Root
from deb_check.screen import until

PASSWORD: Final = b"password-of-the-keyring"

# Without any folder of services: nothing is started by being asked for.
_BUS: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={place}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def password_manager(root: Root) -> Iterator[dict[str, str]]:
    """Run it, unlocked; yield the variables by which programs of the user find it.

    What it keeps is gone with it.
    """
    # The one folder that lies at the same place inside and outside.
    folder = X_SOCKETS / "passwords"
    folder.mkdir(mode=0o700)
    configuration = folder / "bus.conf"
    configuration.write_text(_BUS.format(place=folder / "bus"), encoding="utf-8")
    number = root.as_root("id", "-u", USER).strip()
    subprocess.run(["chown", "-R", f"{number}:{number}", str(folder)], check=True)
    found = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}"}
    variables = {**found, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    as_user = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
    with ExitStack() as running:
        bus = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile"]
        running.enter_context(_running([*as_user, *bus], variables))
        until((folder / "bus").exists, "the session bus")
        keyring = ["gnome-keyring-daemon", "--components=secrets", "--foreground", "--unlock"]
        running.enter_context(_running([*as_user, *keyring], variables, given=PASSWORD))
        until(lambda: _answers(as_user, variables), "the password manager")
        yield found


def _answers(as_user: list[str], variables: dict[str, str]) -> bool:
    # The bus answers nobody else.
    bus = "org.freedesktop.DBus"
    asked = [f"--dest={bus}", "--print-reply=literal", "/org/freedesktop/DBus"]
    done = subprocess.run(
        [
            *as_user,
            "dbus-send",
            "--session",
            *asked,
            f"{bus}.NameHasOwner",
            "string:org.freedesktop.secrets",
        ],
        env={**variables, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "true" in done.stdout


@contextmanager
def _running(command: list[str], variables: dict[str, str], given: bytes = b"") -> Iterator[None]:
    with subprocess.Popen(
        command,
        env={**variables, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as program:
        try:
            if program.stdin is not None:
                program.stdin.write(given)
                program.stdin.close()
            yield
        finally:
            program.terminate()
