"""Finds the program's folders (XDG on Linux, the platform's own elsewhere); keeps them private and
small.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import platformdirs

_NAME: Final = "enhance-gui"

MAX_COPIED_BYTES: Final = 2**30
"""Maximum size of all copies of remote inputs together, which are kept for comparing."""


class Folders:
    """The program's own folders and files, and the default place for results.

    None has to exist yet.
    """

    def __init__(
        self, *, data: Path, config: Path, cache: Path, state: Path, results: Path
    ) -> None:
        """
        :param data: the database, and the local service's tasks and pictures.
        :param config: preferences, and profiles of the user.
        :param cache: caches: what can be made or fetched again.
        :param state: state of the program itself: the place of its window, its log.
        :param results: where results go unless the user says otherwise.
        """
        self.data = data
        self.config = config
        self.cache = cache
        self.state = state
        self.results = results
        self.database = data / "tasks.sqlite3"
        self.service_data = data / "service"
        self.pasted = data / "pasted"
        """Pictures that came without a file: out of the clipboard or a web page; and, in a folder
        of its own, those that came beside their addresses, as long as they may be needed."""
        self.kept_results = data / "results"
        """Results that the user wants to save by hand."""
        self.input_copies = cache / "inputs"
        self.own = (data, cache)
        """Where pictures of the program's own lie: beside them nobody looks for results."""
        self.crops = cache / "crops"
        """Parts of inputs, cut out to be compared with faces of the result."""
        self.profiles = config / "profiles"
        self.preferences = config / "preferences.json"
        self.list_record = state / "lists.json"
        """Record of how far the list of tasks has come, so that an older copy is recognised."""
        self.window_state = state / "window.json"
        self.token_places = state / "token-places.json"
        """File that records which password manager has whose token; not the tokens."""
        self.log = state / "log" / "enhance-gui.log"
        self.work_marks = state / "at-work"
        """Marks of the pictures that are being decoded right now."""
        self.preview_marks = state / "previews-at-work"
        """Marks of the pictures that the window decodes right now, to show them."""


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


def forget_oldest(folder: Path, max_bytes: int | None = None) -> None:
    """Remove the oldest files of a folder until the rest is below the maximum.

    :param max_bytes: ``None``: that of copies of inputs.
    """
    limit_bytes = MAX_COPIED_BYTES if max_bytes is None else max_bytes
    with suppress(OSError):
        found = [(path, path.stat()) for path in folder.iterdir() if path.is_file()]
        found.sort(key=lambda each: each[1].st_mtime, reverse=True)
        kept_bytes = 0
        for path, status in found:
            kept_bytes += status.st_size
            if kept_bytes > limit_bytes:
                path.unlink(missing_ok=True)
