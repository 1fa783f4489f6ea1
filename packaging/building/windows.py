"""Packages for Windows: an installer, made by Inno Setup."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from messages import SetUpFailed, say

from building import checksums, frozen, icon_files, identity, notices, sbom
from building.order import Order
from building.signing import Signing, run, sign_windows

SCRIPT: Final = Path("packaging") / "windows" / "enhance-gui.iss"
PROGRAMS: Final = ("enhance-gui.exe", "enhance-gui-window.exe")
"""One for commands and one for the window: see the recipe of PyInstaller."""

_SERIES: Final = (6, 7)
"""Of Inno Setup: each has a folder of its own."""


def build(order: Order) -> list[Path]:
    """Build the packages; return them and what accompanies them.

    :raises SetUpFailed: a tool is missing or fails.
    """
    compiler = find_compiler()
    signing = Signing.of_environment()
    icon = icon_files.write_ico(order.root, order.root / "build" / "icons" / "enhance-gui.ico")
    facts = order.root / "build" / "windows" / "file-facts.txt"
    facts.parent.mkdir(parents=True, exist_ok=True)
    facts.write_text(file_facts(order), encoding="utf-8")
    folder = frozen.freeze(order)
    notices.write(order, folder, frozen.insides(folder) / "resources")
    frozen.write_facts(order, folder, "installer")
    for program in PROGRAMS:
        sign_windows(signing, folder / program)
    say("Inno Setup packs the installer: this takes a minute or two.")
    run(compiler_command(order, compiler, folder, icon, signing), "No installer was made")
    stem = f"enhance-gui-{order.version}-windows-x64"
    installer = order.output / f"{stem}-setup.exe"
    bill = sbom.write(order, folder, order.output / f"{stem}.cdx.json")
    sums = checksums.write([installer, bill], order.output / f"{stem}.SHA256SUMS")
    return [installer, bill, sums]


def find_compiler() -> Path:
    """Return the compiler of Inno Setup.

    :raises SetUpFailed: it is not installed.
    """
    folders = [os.environ.get(name, "") for name in ("ProgramFiles(x86)", "ProgramFiles")]
    found = shutil.which("iscc")
    places = [Path(found)] if found else []
    places += [
        Path(folder, f"Inno Setup {series}", "ISCC.exe")
        for series in _SERIES
        for folder in folders
        if folder
    ]
    for place in places:
        if place.is_file():
            return place
    raise SetUpFailed(
        "The installer is made by Inno Setup 6.3 or later, which is not installed. Get it from "
        "https://jrsoftware.org/isdl.php and run this again."
    )


def compiler_command(
    order: Order, compiler: Path, folder: Path, icon: Path, signing: Signing
) -> list[str]:
    """Return the command that packs a frozen program."""
    told = {
        "Version": order.version,
        "FileVersion": ".".join(map(str, identity.numbers(order.version))),
        "Frozen": str(folder),
        "Icon": str(icon),
        "Output": str(order.output),
        "Licence": str(order.root / "LICENSE"),
    }
    command = [str(compiler), "/Qp", *(f"/D{name}={value}" for name, value in told.items())]
    if signing.windows_command:
        # $q is how Inno Setup writes a quote inside a command.
        command += ["/DSigned", f"/Ssigning={signing.windows_command.replace(chr(34), '$q')}"]
    return [*command, str(order.root / SCRIPT)]


def file_facts(order: Order) -> str:
    """Return what Explorer shows of the programs, in the form that PyInstaller reads."""
    numbers = identity.numbers(order.version)
    told = {
        "CompanyName": identity.PUBLISHER,
        # What "Open with" and the task manager show.
        "FileDescription": identity.NAME,
        "FileVersion": order.version,
        "InternalName": "enhance-gui",
        "LegalCopyright": f"© {identity.PUBLISHER}. MIT licence.",
        "ProductName": identity.NAME,
        "ProductVersion": order.version,
    }
    lines = "".join(
        f"            StringStruct({key!r}, {value!r}),\n" for key, value in told.items()
    )
    return (
        "VSVersionInfo(\n"
        f"    ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0,\n"
        "                      OS=0x40004, fileType=0x1, subtype=0x0, date=(0, 0)),\n"
        "    kids=[\n"
        "        StringFileInfo([StringTable('040904B0', [\n"
        f"{lines}"
        "        ])]),\n"
        "        VarFileInfo([VarStruct('Translation', [1033, 1200])]),\n"
        "    ],\n"
        ")\n"
    )
