"""What enlarges: the engine's types, and everything beside which they are measured."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.model_files import find_model
from enhance_gui.service.engine import ENHANCE_TYPES, WorkJob, run_work
from enhance_gui.service.engine.nets.nets import Colour, Net, NetFacts, find_net, read_run
from enhance_gui.service.engine.pixels.tiles import Pixels, assemble, map_blocks
from tests.benchmarks.engine.figures import Array
from tests.benchmarks.engine.one_job import CORES

Enlarge = Callable[[Array, int], Array]
"""Takes a picture and a factor."""

DEFAULT, QUICK, AI_DETAIL, WAIFU2X, BICUBIC = (
    "Upscale",
    "Quick upscale",
    "AI detail",
    "waifu2x, one back-projection",
    "OpenCV bicubic",
)

_REAL_ESRGAN_TILE_PX = 108
_REAL_ESRGAN_MARGIN_PX = 11


@dataclass(frozen=True, slots=True)
class Method:
    """A way to enlarge."""

    name: str
    enlarge: Enlarge
    factors: tuple[int, ...] = (2, 4)
    is_plain: bool = False
    """Whether it is a classical tool that knows nothing of pictures."""
    is_slow: bool = False
    """Whether it is measured with some of the photographs only."""


def find_methods() -> list[Method]:
    """Return all that can be run here; say in a line what cannot."""
    methods = [
        Method(BICUBIC, _by_opencv(cv2.INTER_CUBIC), is_plain=True),
        Method("OpenCV Lanczos", _by_opencv(cv2.INTER_LANCZOS4), is_plain=True),
        Method("Pillow bicubic", _by_pillow(Image.Resampling.BICUBIC), is_plain=True),
        Method("Pillow Lanczos", _by_pillow(Image.Resampling.LANCZOS), is_plain=True),
    ]
    image_magick = _image_magick()
    if image_magick:
        methods += [
            Method(f"ImageMagick {name}", _by_image_magick(image_magick, name), is_plain=True)
            for name in ("Mitchell", "Lanczos")
        ]
    else:
        print("Without ImageMagick, which is not installed.")
    vips = shutil.which("vips")
    if vips:
        methods.append(Method("libvips", _by_vips(vips), is_plain=True))
    else:
        print("Without libvips, whose command vips is not installed.")
    methods += _engine_types()
    waifu2x = find_net("waifu2x-photo", CORES)
    if waifu2x is None:
        print("Without waifu2x, whose net is not installed.")
    else:
        methods.append(Method(WAIFU2X, _by_waifu2x(waifu2x), (2,)))
    real_esrgan = _real_esrgan()
    if real_esrgan is None:
        print("Without Real-ESRGAN, whose net is not installed.")
    else:
        methods.append(Method("Real-ESRGAN alone", _by_real_esrgan(real_esrgan), is_slow=True))
    return methods


def find_type(name: str) -> EnhanceType | None:
    """Return the engine's type of a name."""
    return next((type_ for type_ in ENHANCE_TYPES if type_.name == name), None)


def processor_s(work: Callable[[], object]) -> float:
    """Return the seconds of processors that some work takes, programs that it starts included."""
    before = _used_s()
    work()
    return _used_s() - before


def enhanced(type_id: int, picture: Array | Path) -> tuple[Array, str]:
    """Send a picture through the engine, from file to file, and return it with the message.

    :param picture: pixels, which become a PNG, or a file.
    """
    with TemporaryDirectory() as folder:
        source = picture if isinstance(picture, Path) else Path(folder) / "in.png"
        if not isinstance(picture, Path):
            Image.fromarray(picture).save(source)
        result = run_work(WorkJob(type_id, source, Path(folder), "x7Qb", CORES))
        with Image.open(Path(folder) / result.after.name) as image:
            return np.asarray(image.convert("RGB")), result.message


def _used_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _engine_types() -> list[Method]:
    methods = []
    for name in (DEFAULT, QUICK, AI_DETAIL):
        types = {factor: find_type(f"{name} ×{factor}") for factor in (2, 4)}
        ids = {factor: each.id for factor, each in types.items() if each}
        if ids:
            methods.append(Method(name, _by_engine(ids), tuple(ids), is_slow=name == AI_DETAIL))
        else:
            print(f"Without {name}, which the engine does not offer.")
    return methods


def _by_engine(ids: dict[int, int]) -> Enlarge:
    return lambda pixels, factor: enhanced(ids[factor], pixels)[0]


def _by_opencv(interpolation: int) -> Enlarge:
    return lambda pixels, factor: np.asarray(
        cv2.resize(pixels, _size_px(pixels, factor), interpolation=interpolation), np.uint8
    )


def _by_pillow(how: Image.Resampling) -> Enlarge:
    return lambda pixels, factor: np.asarray(
        Image.fromarray(pixels).resize(_size_px(pixels, factor), how)
    )


def _size_px(pixels: Array, factor: int) -> tuple[int, int]:
    return pixels.shape[1] * factor, pixels.shape[0] * factor


def _image_magick() -> str | None:
    for name in ("magick", "convert-im6.q16", "convert"):
        path = shutil.which(name)
        if path:
            reported = subprocess.run(
                [path, "-version"], check=False, capture_output=True, text=True
            )
            if reported.returncode == 0 and "Version: ImageMagick" in reported.stdout:
                return path
    return None


def _by_image_magick(program: str, name: str) -> Enlarge:
    def enlarge(pixels: Array, factor: int) -> Array:
        how = ["-filter", name, "-resize", f"{100 * factor}%"]
        return _from_file_to_file(pixels, lambda a, b: [program, a, *how, b])

    return enlarge


def _by_vips(program: str) -> Enlarge:
    def enlarge(pixels: Array, factor: int) -> Array:
        return _from_file_to_file(
            pixels, lambda a, b: [program, "resize", a, b, str(factor), "--kernel", "lanczos3"]
        )

    return enlarge


def _from_file_to_file(pixels: Array, command: Callable[[str, str], list[str]]) -> Array:
    # As PPM, so that reading and writing take no time.
    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.ppm", Path(folder) / "after.ppm"
        Image.fromarray(pixels).save(before)
        subprocess.run(command(str(before), str(after)), check=True)
        with Image.open(after) as image:
            return np.asarray(image.convert("RGB"))


def _by_waifu2x(net: Net) -> Enlarge:
    def enlarge(pixels: Array, factor: int) -> Array:
        rim_px = net.facts.margin_px
        padded = cv2.copyMakeBorder(pixels, rim_px, rim_px, rim_px, rim_px, cv2.BORDER_REFLECT_101)
        large = net(padded.astype(np.float32))
        small_px = (pixels.shape[1], pixels.shape[0])
        missing = pixels - cv2.resize(large, small_px, interpolation=cv2.INTER_AREA)
        size_px = _size_px(pixels, factor)
        return _rounded(large + cv2.resize(missing, size_px, interpolation=cv2.INTER_CUBIC))

    return enlarge


def _real_esrgan() -> Net | None:
    param, weights = (find_model(f"realesrgan-x4plus.{ending}") for ending in ("param", "bin"))
    if param is None or weights is None:
        return None
    # The margin is left to the tiles: what the net itself does not see is black to it.
    return Net(NetFacts("data", "output", scale=4, margin_px=0), read_run((param, weights), CORES))


def _by_real_esrgan(net: Net) -> Enlarge:
    def run(tile: Pixels) -> Pixels:
        return _rounded(net(tile.astype(np.float32)))

    def enlarge(pixels: Array, factor: int) -> Array:
        side_px, overlap_px = _REAL_ESRGAN_TILE_PX, _REAL_ESRGAN_MARGIN_PX
        blocks = map_blocks(pixels, run, overlap_px=overlap_px, factor=4, side_px=side_px)
        large = assemble(blocks, pixels, 4)
        size_px = _size_px(pixels, factor)
        return np.asarray(cv2.resize(large, size_px, interpolation=cv2.INTER_AREA), np.uint8)

    return enlarge


def _rounded(colour: Colour) -> Array:
    rounded: Array = np.clip(colour + 0.5, 0, 255).astype(np.uint8)
    return rounded
