"""The photographs that the nets are trained on, and how to read them.

They come in Debian's package ``lomiri-wallpapers-16.04`` (version 20.04.0-2), whose copyright file
names author and licence of each; only those under CC0 and CC-BY are taken. Never the photographs
that the results are measured on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PACKAGE = "lomiri-wallpapers-16.04_20.04.0-2_all.deb"
PACKAGE_SHA256 = "a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab"

Picture = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""
BRIGHTNESS = (0.299, 0.587, 0.114)
"""Shares of red, green and blue: ITU-R BT.601."""

_SMALL_PX = 3_000_000
_REDUCTIONS = (2, 3, 4, 5)
_REDUCTIONS_OF_SMALL = (1.5, 2, 3)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file of the package."""

    file: str
    author: str
    licence: str
    sha256: str


PHOTOGRAPHS = (
    Photograph(
        "Picture_0B_by_freespace.jpg",
        "Trevor “Freespace”",
        "CC-BY-4.0",
        "c8c0ab18e48d9e0419fe42881112137f3afafc27dfddc29ec3a6d54c56d225ad",
    ),
    Photograph(
        "Picture_1A_by_freespace.jpg",
        "Trevor “Freespace”",
        "CC-BY-4.0",
        "89e86af38d04daaef975665dc2127e9fa76f0fd68f4eea105a2d0ae3390b010b",
    ),
    Photograph(
        "Wine_by_Jakkub_Mede.jpg",
        "Jakub Mede",
        "CC-BY-4.0",
        "d2e96e6d4da40dd804b3d0ce295e94de04a2d7d9b6785d42cd9d92ba58bced74",
    ),
    Photograph(
        "aitzgorri_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        "66268e7b48f8854d36a28765fac6e23ec1aee251daa6da1f64715f201020ad36",
    ),
    Photograph(
        "friends_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        "cc40e313c74e421edffe3403def413c16878ce14661cce7ec5915baeab35538d",
    ),
    Photograph(
        "life_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        "4c119350ead80201fe256850c3d316309ddfb4bdf10b235ce982dcde0c667c05",
    ),
    Photograph(
        "picosdeeuropa_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        "414d0072b2f6f2c555deafeaef6e45c4fed6fa9ad26eba6560ca8803959cf97a",
    ),
    Photograph(
        "seeding_by_Clements_Engelhardt.jpg",
        "Clemens Engelhardt",
        "CC0-1.0",
        "a5634d1ab5e41a3568e92d4a894a500c92b891f9ff734e50bd224d6e185a605f",
    ),
    Photograph(
        "sunset_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        "474dab6a4b9f94dc76c29dfe30e9f5db4af0fd2e33fe5d695f8152b371efca18",
    ),
    Photograph(
        "umang_by_Abhishek_Mudgal.jpg",
        "Abhishek Mudgal",
        "CC-BY-4.0",
        "bfb425545e77e9f0eb1b037b607fc9ed4a446f3b0f04aa2879be3556073c57ef",
    ),
)


class WrongPhotograph(Exception):
    """A photograph is missing, or is another file than the one trained with."""


def load(folder: Path) -> list[Picture]:
    """Read every photograph of an unpacked package in each of its sizes.

    Reducing by area takes out what JPEG and the sensor have left.

    Raises:
        WrongPhotograph: One of them is not in the folder, or not the right one.
    """
    return [picture for one in PHOTOGRAPHS for picture in _sizes(folder / one.file, one.sha256)]


def _sizes(path: Path, sha256: str) -> Iterator[Picture]:
    if not path.is_file():
        raise WrongPhotograph(f"{path} is not there: unpack {PACKAGE}.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise WrongPhotograph(f"{path} is not the file out of {PACKAGE}.")
    with Image.open(path) as image:
        photograph = image.convert("RGB")
    small = photograph.width * photograph.height < _SMALL_PX
    for reduction in _REDUCTIONS_OF_SMALL if small else _REDUCTIONS:
        if isinstance(reduction, int):
            yield np.asarray(photograph.reduce(reduction))
            continue
        size_px = (int(photograph.width / reduction), int(photograph.height / reduction))
        yield np.asarray(photograph.resize(size_px, Image.Resampling.BOX))
