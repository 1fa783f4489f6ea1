"""Where the files of trained nets lie."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from enhance_gui.core.resources import resource


def find_model(file_name: str) -> Path | None:
    """Return a net's file by its name, ``"waifu2x-photo.bin"``; None: it is not here.

    Looked for among what ships with the program (``resources/models``: its own nets; in a wheel
    and in a frozen program those of others too), then in the environment's
    ``share/enhance-gui/models``, which ``packaging/models.py`` fills.
    """
    with suppress(FileNotFoundError):
        return resource(f"models/{file_name}")
    path = Path(sys.prefix) / "share" / "enhance-gui" / "models" / file_name
    return path if path.is_file() else None
