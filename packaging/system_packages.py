"""Packages of the operating system: what they are called here, and how they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from messages import SetUpFailed, say

_OS_RELEASE = Path("/etc/os-release")


def is_debian(os_release: Path = _OS_RELEASE) -> bool:
    """Return whether this is Debian, Ubuntu or one of their descendants."""
    return "debian" in distributions(os_release) and shutil.which("apt-get") is not None


def distributions(os_release: Path = _OS_RELEASE) -> set[str]:
    """Return the identifiers of this distribution and of those it descends from."""
    try:
        lines = os_release.read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    words = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    return {*words, "debian"} if "ubuntu" in words else set(words)


def require(packages: Iterable[str], why: str) -> None:
    """Install Debian ``packages`` if we may; otherwise say how to.

    :raises SetUpFailed: they are not installed; the text names the command.
    """
    names = sorted(packages)
    command = f"apt-get install -y {' '.join(names)}"
    if is_debian() and may_install():
        say(f"{why}: running  {command}")
        install(names)
        return
    if is_debian():
        raise SetUpFailed(f"{why}. Install it, then run this again:\n  sudo {command}")
    raise SetUpFailed(
        f"{why}. Install it with this system's package manager, then run this again "
        f"(Debian and Ubuntu call it: {' '.join(names)})."
    )


def may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install(names: list[str]) -> None:
    """Install Debian packages as root.

    :raises SetUpFailed: apt-get failed, with its last lines.
    """
    install_command = ["install", "-y", "--no-install-recommends", *names]
    if _apt_get(install_command).returncode == 0:
        return
    # A fresh image has no package lists, an old one has lists of packages that are gone.
    _apt_get(["update"])
    result = _apt_get(install_command)
    if result.returncode != 0:
        last_lines = "\n".join(result.stdout.splitlines()[-15:])
        raise SetUpFailed(f"apt-get failed. Its last lines:\n\n{last_lines}")


def _apt_get(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
