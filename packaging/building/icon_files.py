"""The program's icon in the files that Windows and macOS want, out of the one drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

DRAWING: Final = Path("resources") / "icons" / "enhance-gui.svg"

ICO_SIDES_PX: Final = (16, 20, 24, 32, 40, 48, 64, 256)
"""What Windows shows at scales from 100 to 250 %."""

ICNS_SIDES_PX: Final = (32, 64, 128, 256, 512, 1024)
"""Those that Pillow puts into such a file, with the doubled ones for dense screens."""


def write_ico(root: Path, path: Path) -> Path:
    """Write the icon of a checkout for Windows and return its path."""
    images = [_drawn(root, side_px) for side_px in ICO_SIDES_PX]
    sizes = [(side_px, side_px) for side_px in ICO_SIDES_PX]
    path.parent.mkdir(parents=True, exist_ok=True)
    images[-1].save(path, "ICO", sizes=sizes, append_images=images[:-1])
    return path


def write_icns(root: Path, path: Path) -> Path:
    """Write the icon of a checkout for macOS and return its path."""
    images = [_drawn(root, side_px) for side_px in ICNS_SIDES_PX]
    path.parent.mkdir(parents=True, exist_ok=True)
    images[-1].save(path, "ICNS", append_images=images[:-1])
    return path


def write_png(root: Path, side_px: int, path: Path) -> Path:
    """Write the icon of a checkout as a picture of one size and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _drawn(root, side_px).save(path, "PNG", optimize=True)
    return path


def _drawn(root: Path, side_px: int) -> Image.Image:
    """Draw the icon: each size anew, since a small one that was scaled down is blurred."""
    # Imported here: what else is checked of the packages does without Qt.
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(root / DRAWING))
    assert renderer.isValid(), f"{DRAWING} cannot be drawn"
    canvas = QImage(side_px, side_px, QImage.Format.Format_RGBA8888)
    canvas.fill(0)
    painter = QPainter(canvas)
    renderer.render(painter)
    painter.end()
    return Image.frombytes("RGBA", (side_px, side_px), bytes(canvas.constBits()))
