"""How long it takes from a drop to the verdict on a file of 20 MB.

``python -m tests.benchmarks.preflight [--mb N]`` prints a table: for each kind a sound file, and
the same one cut in half. It is what a worker does with a local file before anything is sent: its
structure is followed to the end, and its hash computed. The processor's time counts, since the
wall's shows what else the computer is doing; the exit code is 1 where it is 0.3 s or more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image

from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.images.inputs.source import LocalFile
from enhance_gui.core.picture_errors import InputError
from enhance_gui.core.services.profile import PictureLimits, ServiceProfile
from enhance_gui.jobs.worker.checking import prepare
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.host_lookup import AddressPolicy

LIMIT_S: Final = 0.3
_RUNS: Final = 5
_MB: Final = 2**20

_KINDS: Final[dict[str, tuple[str, float, dict[str, object]]]] = {
    "JPEG": ("jpg", 1.85, {"quality": 98, "subsampling": 0}),
    "JPEG, progressive": ("jpg", 1.75, {"quality": 98, "subsampling": 0, "progressive": True}),
    "PNG": ("png", 2.2, {"compress_level": 1}),
    "WebP, without loss": ("webp", 2.2, {"lossless": True, "quality": 0, "method": 0}),
    "TIFF": ("tiff", 3.0, {}),
    "TIFF, LZW": ("tiff", 3.6, {"compression": "tiff_lzw"}),
    "BMP": ("bmp", 3.0, {}),
}
"""Extension, about how many bytes a pixel takes, and Pillow's options."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=float, default=20)
    options = parser.parse_args()
    slowest_s = 0.0
    print("| file | MB | verdict | processor ms | wall ms |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (ending, pixel_bytes, how) in _KINDS.items():
            data = _file(ending, options.mb * _MB, pixel_bytes, how)
            for note, content in (("", data), (", cut in half", data[: len(data) // 2])):
                path = Path(folder) / f"a.{ending}"
                path.write_bytes(content)
                verdict, used_s, taken_s = _best(path)
                slowest_s = max(slowest_s, used_s)
                figures = f"{used_s * 1e3:.0f} | {taken_s * 1e3:.0f}"
                print(f"| {name}{note} | {len(content) / _MB:.1f} | {verdict} | {figures} |")
    return 1 if slowest_s >= LIMIT_S else 0


def _file(ending: str, size_bytes: float, pixel_bytes: float, how: dict[str, object]) -> bytes:
    """Return a photograph's like: soft shapes under grain."""
    height_px = int((size_bytes / pixel_bytes / 1.5) ** 0.5)
    sides_px = (int(height_px * 1.5), height_px)
    soft = Image.effect_noise((sides_px[0] // 16, sides_px[1] // 16), 90).resize(
        sides_px, Image.Resampling.BICUBIC
    )
    bands = []
    for seed in range(3):
        grain = Image.frombytes("L", (512, 512), Random(seed).randbytes(512 * 512))
        layer = Image.new("L", sides_px)
        for left in range(0, sides_px[0], 512):
            for top in range(0, sides_px[1], 512):
                layer.paste(grain, (left, top))
        bands.append(Image.blend(soft, layer, 0.2))
    file = io.BytesIO()
    kind = Image.registered_extensions()[f".{ending}"]
    Image.merge("RGB", bands).save(file, kind, **how)
    return file.getvalue()


def _best(path: Path) -> tuple[str, float, float]:
    """Return the verdict, and the least processor's and wall's time of some runs."""
    verdict, used_s, taken_s = "", [], []
    for _ in range(_RUNS):
        began_s, used_before_s = time.perf_counter(), time.process_time()
        verdict = _check(path)
        taken_s.append(time.perf_counter() - began_s)
        used_s.append(time.process_time() - used_before_s)
    return verdict, min(used_s), min(taken_s)


def _check(path: Path) -> str:
    limits = PictureLimits(max_image_bytes=100 * _MB, formats=KNOWN_FORMATS)
    profile = replace(_PROFILE, limits=limits)

    async def verdict() -> str:
        async with picture_client(AddressPolicy.ANY) as pictures:
            try:
                await prepare(LocalFile(path), profile, pictures, contextlib.nullcontext())
            except InputError as error:
                return error.title
        return "taken"

    return asyncio.run(verdict())


_PROFILE: Final = ServiceProfile(
    name="benchmark", base_url="http://127.0.0.1", upload_path="upload"
)


if __name__ == "__main__":
    sys.exit(main())
