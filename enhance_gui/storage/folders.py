"""Finds the program's folders: XDG on Linux, the platform's own elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import platformdirs

_NAME = "enhance-gui"


# Not a dataclass: to make one takes milliseconds, and the window is to be seen first.
class Folders(NamedTuple):
    """The program's own folders and the default place for results. None has to exist yet."""

    data: Path
    """The database, and the local service's tasks and pictures."""
    config: Path
    """Preferences, and profiles of the user."""
    cache: Path
    """Caches: what can be made or fetched again."""
    state: Path
    """State of the program itself: the place of its window, its log."""
    results: Path
    """Where results go unless the user says otherwise."""

    @property
    def database(self) -> Path:
        return self.data / "tasks.sqlite3"

    @property
    def service_data(self) -> Path:
        return self.data / "service"

    @property
    def input_copies(self) -> Path:
        return self.cache / "inputs"

    @property
    def crops(self) -> Path:
        """Parts of inputs, cut out to be compared with faces of the result."""
        return self.cache / "crops"

    @property
    def profiles(self) -> Path:
        return self.config / "profiles"

    @property
    def preferences(self) -> Path:
        return self.config / "preferences.json"

    @property
    def list_record(self) -> Path:
        """Record of how far the list of tasks has come, so that an older copy is recognised."""
        return self.state / "lists.json"

    @property
    def window_state(self) -> Path:
        return self.state / "window.json"

    @property
    def token_places(self) -> Path:
        """File that records which password manager has whose token; not the tokens."""
        return self.state / "token-places.json"

    @property
    def log(self) -> Path:
        return self.state / "log" / "enhance-gui.log"

    @property
    def work_marks(self) -> Path:
        """Marks of the pictures that are being decoded right now."""
        return self.state / "at-work"

    @property
    def preview_marks(self) -> Path:
        """Marks of the pictures that the window decodes right now, to show them."""
        return self.state / "previews-at-work"

    @property
    def pasted(self) -> Path:
        """Pictures that came without a file: out of the clipboard or a web page."""
        return self.data / "pasted"

    @property
    def kept_results(self) -> Path:
        """Results that the user wants to save by hand."""
        return self.data / "results"


def user_folders() -> Folders:
    """Return this user's folders."""
    return Folders(
        data=platformdirs.user_data_path(_NAME, appauthor=False),
        config=platformdirs.user_config_path(_NAME, appauthor=False),
        cache=platformdirs.user_cache_path(_NAME, appauthor=False),
        state=platformdirs.user_state_path(_NAME, appauthor=False),
        results=platformdirs.user_pictures_path() / "Enhance GUI",
    )


def make_private(folder: Path) -> None:
    """Create a folder that only its user can read, and its missing parents likewise.

    The system gives that mode to the last folder alone: in one above it that everybody may write
    to, others could put another in its place.
    """
    if not folder.is_dir() and not folder.parent.exists():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
