"""Where the program's environment lies, and whether it is ready to use.

Imported on every start, also when all is ready: it therefore imports little and starts nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pins

STAMP_NAME = "enhance-gui-environment.txt"
UNFINISHED = "unfinished"

MODELS = Path("share") / "enhance-gui" / "models"
"""Inside an environment. ``enhance_gui.core.services.model_files`` names it, too."""

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the program in it."""

    root: Path
    """The checkout whose code runs in it."""
    folder: Path
    extras: tuple[str, ...] = ()
    """The optional dependencies of pyproject.toml that belong in it."""
    left_out: frozenset[str] = frozenset()
    """Names of dependencies, in lower case, that must not be in it."""

    @property
    def python(self) -> Path:
        return self.command("python")

    @property
    def stamp(self) -> Path:
        """The file that holds :data:`UNFINISHED` while the environment is made, then its key."""
        return self.folder / STAMP_NAME

    @property
    def models(self) -> Path:
        """The folder of the trained nets."""
        return self.folder / MODELS

    @property
    def pyproject(self) -> Path:
        return self.root / "pyproject.toml"

    @property
    def pinned(self) -> list[Path]:
        """The files that pin what belongs in it."""
        return pins.files(self.root, self.extras)

    def command(self, name: str) -> Path:
        if os.name == "nt":
            return self.folder / "Scripts" / f"{name}.exe"
        return self.folder / "bin" / name

    def key(self) -> str:
        """Return what the environment depends on, hashed: another key means to make it anew.

        The folders count because an environment cannot be moved, and neither can the checkout
        it points to.
        """
        digest = hashlib.sha256()
        scripts = [Path(__file__).with_name(name) for name in ("making.py", "model_list.py")]
        models = self.root / pins.FOLDER / "models.txt"
        for path in (self.pyproject, *self.pinned, models, *scripts):
            digest.update(path.read_bytes())
            digest.update(b"\0")
        facts = (sys.version, sys.base_prefix, self.root, self.folder, self.extras)
        digest.update(repr((*map(str, facts), sorted(self.left_out))).encode())
        return digest.hexdigest()

    def is_ready(self) -> bool:
        try:
            stamp = self.stamp.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return False
        return stamp == self.key() and self.python.exists() and self.command("enhance-gui").exists()


def candidates(
    name: str,
    *,
    root: Path = CHECKOUT,
    extras: tuple[str, ...] = (),
    left_out: frozenset[str] = frozenset(),
) -> list[Environment]:
    """Return the places for an environment: the checkout first, then the user's cache.

    The second serves a checkout that the user may read but not change.
    """
    checkout = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    folders = [root / name, cache_folder() / "environments" / checkout / name]
    return [Environment(root, folder, extras, left_out) for folder in folders]


def cache_folder() -> Path:
    """Return the program's own folder in the user's cache (it need not exist)."""
    home = Path.home()
    if sys.platform == "win32":
        parent = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        parent = home / "Library" / "Caches"
    else:
        parent = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return parent / "enhance-gui"


def find_ready(places: list[Environment]) -> Environment | None:
    return next((place for place in places if place.is_ready()), None)
