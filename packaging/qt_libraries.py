"""The shared libraries of Linux that Qt needs and does not bring along.

Without one of them Qt ends the whole process with a text that names no package, before the
program can say a word. So they are looked for first.
"""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import system_packages
from messages import SetUpFailed, say


@dataclass(frozen=True)
class Library:
    """A shared library and the packages that hold it."""

    soname: str
    debian: str
    arch: str


_ALWAYS = (
    Library("libGL.so.1", "libgl1", "libglvnd"),
    Library("libEGL.so.1", "libegl1", "libglvnd"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
)

_UNDER_X = (
    Library("libX11-xcb.so.1", "libx11-xcb1", "libx11"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
)


def needed(variables: Mapping[str, str]) -> tuple[Library, ...]:
    """Return the libraries that Qt will load with these environment variables."""
    platform = variables.get("QT_QPA_PLATFORM", "")
    only_wayland = bool(variables.get("WAYLAND_DISPLAY")) and not variables.get("DISPLAY")
    under_x = platform.startswith("xcb") if platform else not only_wayland
    return _ALWAYS + _UNDER_X if under_x else _ALWAYS


def missing(
    libraries: Iterable[Library], load: Callable[[str], object] = ctypes.CDLL
) -> list[Library]:
    """Return those of ``libraries`` that this system cannot load."""
    return [library for library in libraries if not _loads(library.soname, load)]


def provide(variables: Mapping[str, str]) -> None:
    """See to it that Qt finds what it needs, or say what to do.

    :raises SetUpFailed: something is missing; the text names the command.
    """
    lacking = missing(needed(variables))
    if not lacking:
        return
    if system_packages.is_debian() and system_packages.may_install():
        say(f"The window needs system libraries: running  {install_command(lacking)}")
        system_packages.install(sorted({library.debian for library in lacking}))
        lacking = missing(lacking)
        if not lacking:
            return
    raise SetUpFailed(explanation(lacking))


def explanation(lacking: list[Library]) -> str:
    names = ", ".join(library.soname for library in lacking)
    command = install_command(lacking)
    if command is None:
        return (
            f"The window needs system libraries that are not here: {names}.\n"
            "Install the packages that hold them, then run this again."
        )
    return (
        f"The window needs system libraries that are not here: {names}.\n"
        f"Install them, then run this again:\n  sudo {command}"
    )


def install_command(
    lacking: list[Library], which: Callable[[str], str | None] = shutil.which
) -> str | None:
    """Return the command that installs the libraries here, or None if it is not known."""
    if which("apt-get"):
        return "apt-get install -y " + _words(library.debian for library in lacking)
    # Packages of the RPM family can be asked for by the library they hold.
    for tool in ("dnf", "zypper"):
        if which(tool):
            return f"{tool} install " + _words(f"'{one.soname}()(64bit)'" for one in lacking)
    if which("pacman"):
        return "pacman -S --needed " + _words(library.arch for library in lacking)
    return None


def _words(words: Iterable[str]) -> str:
    return " ".join(sorted(set(words)))


def _loads(soname: str, load: Callable[[str], object]) -> bool:
    try:
        load(soname)
    except OSError:
        return False
    return True
