"""The frozen program laid out for Linux as one folder of its own: for a Flatpak or an AppImage."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from typing import Final

from messages import SetUpFailed, say

from building import (
    checksums,
    desktop_files,
    frozen,
    identity,
    linux_libraries,
    notices,
    sbom,
    signing,
    tidy,
)
from building.order import Order

_NAME: Final = "enhance-gui"

FLATPAK_MANIFEST: Final = Path("packaging") / "flatpak" / f"{identity.APPLICATION_ID}.yml"
FLATPAK_FOLDER: Final = Path("build") / "flatpak"
"""Where the manifest looks for what it packs; in the checkout."""


def build_flatpak(order: Order) -> list[Path]:
    """Lay out what the Flatpak's manifest packs; return what accompanies it.

    :raises SetUpFailed: a tool is missing or fails.
    """
    folder = order.root / FLATPAK_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    program = _frozen(order, "Flatpak")
    bill = sbom.write(order, program, order.output / f"{_NAME}-{order.version}-flatpak.cdx.json")
    lay_out(order, program, folder)
    say(
        "What the Flatpak holds is laid out. Pack it with:\n"
        f"  flatpak-builder --force-clean --user --install build/flatpak-work {FLATPAK_MANIFEST}"
    )
    return [bill]


def build_appimage(order: Order) -> list[Path]:
    """Build the AppImage; return it and what accompanies it.

    :raises SetUpFailed: a tool is missing or fails.
    """
    packer = shutil.which("appimagetool")
    if packer is None:
        raise SetUpFailed(
            "An AppImage is packed by appimagetool, which is not installed. Get it from "
            "https://github.com/AppImage/appimagetool/releases, put it into the PATH under that "
            "name and run this again."
        )
    program = _frozen(order, "AppImage")
    stem = f"{_NAME}-{order.version}-linux-{platform.machine()}"
    bill = sbom.write(order, program, order.output / f"{stem}.AppImage.cdx.json")
    folder = app_dir(order, program, order.work / "AppDir")
    image = order.output / f"{stem}.AppImage"
    signing.run([packer, "--no-appstream", str(folder), str(image)], "No AppImage was made")
    sums = checksums.write([image, bill], order.output / f"{stem}.AppImage.SHA256SUMS")
    return [image, bill, sums]


def lay_out(order: Order, program: Path, folder: Path) -> None:
    """Move a frozen program into ``folder``, with the files for the desktop beside it.

    ``folder`` then holds ``bin``, ``lib`` and ``share``, as ``/usr`` would.
    """
    desktop_files.write(order, folder / "share")
    licence = folder / "share" / "licenses" / _NAME / "LICENSE"
    licence.parent.mkdir(parents=True)
    shutil.copyfile(order.root / "LICENSE", licence)
    library = folder / "lib" / _NAME
    library.parent.mkdir(parents=True)
    shutil.move(program, library)
    command = folder / "bin" / _NAME
    command.parent.mkdir()
    command.symlink_to(f"../lib/{_NAME}/{_NAME}")
    tidy.settle(folder, order.time_s)


def app_dir(order: Order, program: Path, folder: Path) -> Path:
    """Move a frozen program into an AppDir, which appimagetool packs, and return the AppDir."""
    lay_out(order, program, folder / "usr")
    # The tool wants these at the top, and so do those who show AppImages.
    share = folder / "usr" / "share"
    links = {
        "AppRun": folder / "usr" / "bin" / _NAME,
        f"{_NAME}.desktop": share / "applications" / f"{_NAME}.desktop",
        f"{_NAME}.svg": share / "icons" / "hicolor" / "scalable" / "apps" / f"{_NAME}.svg",
        ".DirIcon": share / "icons" / "hicolor" / "256x256" / "apps" / f"{_NAME}.png",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target.relative_to(folder))
    return folder


def _frozen(order: Order, kind: str) -> Path:
    program = frozen.freeze(order)
    linux_libraries.strip_python(frozen.insides(program))
    notices.write(order, program, frozen.insides(program) / "resources")
    frozen.write_facts(order, program, kind)
    return program
