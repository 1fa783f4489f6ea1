"""What of the libraries does not go into a frozen program.

Names are those inside the frozen program, with slashes, such as
``PySide6/Qt/plugins/platforms/libqxcb.so``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from building import elf

Entry = tuple[str, str, str]
"""PyInstaller's: the name inside the frozen program, the file, the kind of file."""

UNUSED_MODULES: Final = (
    # Loaded by libraries for uses that the program does not have.
    "PIL.ImageQt",
    "PIL.ImageTk",
    # Draws letters, with four libraries.
    "PIL._imagingft",
    "PIL._imagingtk",
    "_tkinter",
    "curses",
    "doctest",
    "google.protobuf",
    "httpx._main",
    "IPython",
    "lib2to3",
    "matplotlib",
    "mypy",
    "numpy._pyinstaller",
    "numpy.f2py",
    "numpy.testing",
    # It runs models; these make and change them.
    "onnxruntime.backend",
    "onnxruntime.datasets",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "pdb",
    "pip",
    "pydoc",
    "pydoc_data",
    "pygments",
    "pytest",
    # Under the GPL, and nobody types into this program's Python.
    "readline",
    "rich",
    "scipy",
    "setuptools",
    "skimage",
    "tkinter",
    "trio",
    "turtle",
    "wheel",
    # Qt beyond the window itself.
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "PySide6.QtTest",
)

_QT_PLUGINS: Final = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qgif", "qico", "qjpeg", "qsvg", "qwebp"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    # "offscreen" is for checks that have no display.
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"},
    "platformthemes": {"qxdgdesktopportal"},
    "styles": {"qmodernwindowsstyle", "qmacstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}
"""The plugins that stay, by their folders; other folders go."""

_QT_LIBRARIES: Final = {
    "Core", "DBus", "Gui", "OpenGL", "Svg", "WaylandClient", "Widgets", "XcbQpa",
}  # fmt: skip

_UNUSED_HOOKS: Final = {
    # Each costs every start, also that of a service or worker, some ten milliseconds.
    "pyi_rth_multiprocessing",  # program.py does the same where it is needed
    "pyi_rth_inspect",  # has source code shown, of which there is none
    "pyi_rth_pkgutil",  # lists modules
    # Tells Qt where it lies, which PySide6 does itself, by variables that programs started from
    # ours inherit: a file manager, say, would load our Qt's plugins into its own Qt.
    "pyi_rth_pyside6",
}

_OF_EVERY_DESKTOP: Final = (
    # Each of these works only together with files, daemons or drivers of the system, which may
    # be newer than a copy of ours; and each system that has a desktop has them.
    r"libdbus-1",
    r"libfontconfig",
    r"libfreetype",
    r"libgcc_s",
    r"libglib-2\.0",
    r"libgthread-2\.0",
    r"libstdc\+\+",
)

_UNUSED: Final = re.compile(
    "|".join(
        (
            rf"^(?:{'|'.join(_OF_EVERY_DESKTOP)})\.so\.",
            r"/tests?/",
            r"\.(?:pyi|pxd|h|hpp|lib)$",
            # What an installer wrote about one computer.
            r"\.dist-info/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_.*)$",
            r"^cv2/(?:misc|gapi|utils)/.*\.(?:md|txt)$",
            r"^cv2/data/.*\.xml$",
            # For programs that are not written in Python; what Python loads has all of it inside.
            r"(?:^|/)(?:lib)?onnxruntime(?:_providers_shared)?(?:\.[\d.]+)?\.(?:so|dll|dylib)",
        )
    )
)
_FOR_DEBUGGERS: Final = re.compile(r"(?:^|/)_mnncengine\.[^/]*\.so$")
_QT_PLUGIN: Final = re.compile(
    r"^PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?([^/]+?)\.(?:so|dll|dylib)$"
)
_QT_LIBRARY: Final = re.compile(
    r"(?:^|/)(?:lib)?Qt6?([A-Za-z0-9]+)(?:\.so\.6|\.dll|\.framework/.+|\.dylib)$"
)


def is_used(name: str, languages: Iterable[str]) -> bool:
    """Return whether a file of a library stays.

    :param languages: those the program speaks beside English: ``"de"``.
    """
    name = name.replace("\\", "/")
    if _UNUSED.search(name):
        return False
    if plugin := _QT_PLUGIN.search(name):
        return plugin[2] in _QT_PLUGINS.get(plugin[1], ())
    of_qt = name.startswith("PySide6/") or "/" not in name
    if of_qt and (library := _QT_LIBRARY.search(name)):
        return library[1] in _QT_LIBRARIES
    if "/translations/" in name and name.startswith("PySide6/"):
        return any(name.endswith(f"/qtbase_{each}.qm") for each in languages)
    return True


def files(entries: Iterable[Entry], languages: Iterable[str]) -> list[Entry]:
    """Return those of PyInstaller's entries that stay."""
    spoken = tuple(languages)
    return [entry for entry in entries if is_used(entry[0], spoken)]


def libraries(entries: Iterable[Entry], languages: Iterable[str], *, on_linux: bool) -> list[Entry]:
    """Return those of PyInstaller's entries for programs and libraries that stay."""
    kept = files(entries, languages)
    return _without_orphans(kept) if on_linux else kept


def stripped(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """Return the entries with MNN's library without what is for debuggers: two thirds of it.

    :param folder: takes the library.
    """
    return [
        (name, str(_strip(Path(path), folder)), kind)
        if _FOR_DEBUGGERS.search(name)
        else (name, path, kind)
        for name, path, kind in entries
    ]


def _strip(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    smaller = folder / path.name
    subprocess.run(["strip", "--strip-unneeded", "-o", smaller, path], check=True)
    return smaller


def scripts(entries: Iterable[Entry], *, on_linux: bool) -> list[Entry]:
    """Return those of PyInstaller's entries for what runs at the start that stay."""
    return [entry for entry in entries if not (on_linux and entry[0] in _UNUSED_HOOKS)]


def _without_orphans(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out the libraries of the system that only what was left out had asked for."""
    needs = elf.read_needs(Path(path) for _, path, kind in entries if kind != "SYMLINK")
    needed_by = {path.name: need.libraries for path, need in needs.items()}
    of_the_system = {
        name
        for name, _, kind in entries
        # The program itself is what loads Python.
        if kind == "BINARY" and "/" not in name and not name.startswith("libpython")
    }
    roots = [Path(path).name for name, path, _ in entries if name not in of_the_system]
    found = elf.reachable(roots, needed_by)
    return [entry for entry in entries if entry[0] not in of_the_system or entry[0] in found]
