"""Checks, before Qt does, whether a window can be shown: Qt would abort unexplained."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_BROKEN_QT: Final = (6, 12)
"""On Python 3.11 this release loses references to True and None until the process aborts."""

_NAMED_OTHERWISE: Final = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
"""Packages that are not called as :func:`debian_package` guesses."""


def display_problem(environment: Mapping[str, str] = os.environ) -> str:
    """Return why no window can be shown, with the remedy; empty: one can."""
    return _qt_problem() or (_linux_problem(environment) if sys.platform == "linux" else "")


def _qt_problem() -> str:
    try:
        import PySide6
    except ImportError:
        return "the window needs PySide6; install it with: pip install 'PySide6-Essentials<6.12'"
    if broken_together(sys.version_info[:2], PySide6.__version_info__[:2]):
        return (
            "PySide6 6.12 does not work on this Python; "
            "install an older one with: pip install 'PySide6-Essentials<6.12'"
        )
    try:
        from PySide6 import QtWidgets  # noqa: F401
    except ImportError as error:
        return library_problem(str(error))
    return ""


def library_problem(error: str) -> str:
    """Return what to do about a library that Qt could not load.

    :param error: the dynamic linker's message: "libGL.so.1: cannot open shared object file: …".
    """
    library = error.partition(":")[0]
    if ".so" in library and "cannot open" in error:
        return (
            f"the library {library} is missing; on Debian or Ubuntu: "
            f"sudo apt install {debian_package(library)}"
        )
    return (
        f"a system library that the window needs is missing ({error}); on Debian or Ubuntu: "
        "sudo apt install libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1"
    )


def broken_together(python: tuple[int, ...], pyside: tuple[int, ...]) -> bool:
    """Return whether these two releases cannot be used together."""
    return python < (3, 12) and pyside == _BROKEN_QT


def _linux_problem(environment: Mapping[str, str]) -> str:
    platform = environment.get("QT_QPA_PLATFORM", "")
    x_display, wayland = environment.get("DISPLAY"), environment.get("WAYLAND_DISPLAY")
    if platform and not platform.startswith(("xcb", "wayland")):
        return ""
    if wayland and not platform.startswith("xcb"):
        if _wayland_answers(wayland, environment.get("XDG_RUNTIME_DIR", "")):
            return ""
        # Qt then tries X11, unless it was set not to.
        if platform or not x_display:
            return f"the display {wayland} cannot be reached; check WAYLAND_DISPLAY"
    if platform.startswith("wayland") or not x_display:
        return "there is no display; start it on a desktop, or use “enhance-gui enhance” here"
    return _x_problem(x_display)


def _wayland_answers(display: str, runtime: str) -> bool:
    if sys.platform == "win32":
        return False
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        try:
            # A whole path stands for itself.
            connection.connect(os.path.join(runtime, display))  # noqa: PTH118
        except OSError:
            return False
    return True


def _x_problem(display: str) -> str:
    try:
        load_x_plugin()
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        return library_problem(str(error))
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"the display {display} cannot be reached; check DISPLAY" if failed else ""


def debian_package(library: str) -> str:
    """Return the package of a shared library: "libxcb-icccm.so.4" is in libxcb-icccm4."""
    if library in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[library]
    name, _, version = library.lower().partition(".so.")
    return f"{name}-{version}" if name[-1:].isdigit() else f"{name}{version}"


def load_x_plugin() -> None:
    """Load Qt's part for X11.

    :raises OSError: a library that it needs is missing; names the first one.
    """
    import PySide6

    plugin = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():  # a build of its own layout brings its libraries along
        ctypes.CDLL(str(plugin))
