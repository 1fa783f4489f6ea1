"""The identifiers of the program and its kinds of pictures, the same in every package."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = "Enhance GUI"
PUBLISHER: Final = "The Enhance GUI developers"
APPLICATION_ID: Final = "io.github.enhance_gui.EnhanceGUI"
"""Of the macOS bundle, of the Flatpak and of the AppStream record."""

HOME_PAGE: Final = "https://github.com/enhance-gui/enhance-gui"
"""Which the application's identifier stands for: whoever publishes elsewhere changes both."""
SCREENSHOTS: Final = (
    "https://raw.githubusercontent.com/enhance-gui/enhance-gui/v{version}/resources/screenshots"
)
"""Software centres fetch them from there; a record may not name files of the package."""


@dataclass(frozen=True)
class PictureKind:
    """A kind of picture that the program opens."""

    mime: str
    endings: tuple[str, ...]
    """With their dot."""
    apple: str
    """Apple's name of it."""


PICTURE_KINDS: Final = (
    PictureKind(
        "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".jif"), "public.jpeg"
    ),
    PictureKind("image/png", (".png",), "public.png"),
    PictureKind("image/webp", (".webp",), "org.webmproject.webp"),
    PictureKind("image/bmp", (".bmp", ".dib"), "com.microsoft.bmp"),
    PictureKind("image/gif", (".gif",), "com.compuserve.gif"),
    PictureKind("image/tiff", (".tiff", ".tif"), "public.tiff"),
    PictureKind("image/avif", (".avif",), "public.avif"),
    PictureKind("image/heic", (".heic",), "public.heic"),
    PictureKind("image/heif", (".heif", ".hif"), "public.heif"),
    PictureKind("image/jp2", (".jp2", ".j2k", ".jpx", ".jpf"), "public.jpeg-2000"),
)


def description(root: Path) -> str:
    """Return what a checkout's program is, in one line without a full stop."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["description"]).rstrip(".")


def numbers(version: str) -> tuple[int, int, int, int]:
    """Return the four numbers that Windows wants a version to be."""
    found = [int(number) for number in re.findall(r"\d+", version)[:3]]
    major, minor, patch = (*found, 0, 0, 0)[:3]
    return major, minor, patch, 0
