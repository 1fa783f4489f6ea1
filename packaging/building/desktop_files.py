"""What a Linux desktop wants of a program: its entry, its record, its icons, its manual page."""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from building.identity import APPLICATION_ID, SCREENSHOTS
from building.order import Order

TEMPLATES: Final = Path("packaging") / "linux"

ICON_SIDES_PX: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)

_NAME: Final = "enhance-gui"


def write(order: Order, share: Path) -> None:
    """Write everything into a folder that becomes, or is merged into, ``/usr/share``."""
    applications = share / "applications"
    applications.mkdir(parents=True)
    shutil.copyfile(order.root / TEMPLATES / f"{_NAME}.desktop", applications / f"{_NAME}.desktop")
    _write_text(share / "metainfo" / f"{APPLICATION_ID}.metainfo.xml", metainfo(order))
    _write_icons(order.root, share / "icons" / "hicolor")
    page = share / "man" / "man1" / f"{_NAME}.1.gz"
    page.parent.mkdir(parents=True)
    page.write_bytes(compressed(manual_page(order)))


def metainfo(order: Order) -> str:
    """Return the record that software centres show."""
    return _filled(order, "enhance-gui.metainfo.xml")


def manual_page(order: Order) -> str:
    """Return what ``man enhance-gui`` shows, as roff."""
    return _filled(order, "enhance-gui.1")


def compressed(text: str) -> bytes:
    """Return a text as Debian wants its documents: the same bytes each time."""
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _filled(order: Order, name: str) -> str:
    text = (order.root / TEMPLATES / name).read_text(encoding="utf-8")
    values = {
        "@DATE@": datetime.fromtimestamp(order.time_s, UTC).date().isoformat(),
        "@ID@": APPLICATION_ID,
        "@SCREENSHOTS@": SCREENSHOTS.format(version=order.version),
        "@VERSION@": order.version,
    }
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _write_icons(root: Path, theme: Path) -> None:
    # Drawn by Qt, which the rest does without.
    from building import icon_files

    scalable = theme / "scalable" / "apps" / f"{_NAME}.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(root / icon_files.DRAWING, scalable)
    for side_px in ICON_SIDES_PX:
        folder = theme / f"{side_px}x{side_px}" / "apps"
        icon_files.write_png(root, side_px, folder / f"{_NAME}.png")


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8", newline="\n")
