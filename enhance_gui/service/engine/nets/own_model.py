"""Examines the user's own models, and runs them over pictures.

Enlargers take red, green and blue as planes and give as many, larger. Colourisers give the colour
of a grey photograph as a and b of CIELAB, of which the eye needs few: R. Zhang et al., "Real-time
user-guided image colorization with learned deep priors" (2017, "siggraph17"), from the lightness;
X. Kang et al., "DDColor" (2023), from grey as RGB.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.own_models import OwnModel, Use, settings_file
from enhance_gui.service.engine.enlarge.upscale import on_colours
from enhance_gui.service.engine.nets.nets import read_run
from enhance_gui.service.engine.nets.onnx import Planes
from enhance_gui.service.engine.pixels.planes import (
    grey_of,
    inner,
    rounded,
    values_of,
    with_alpha_of,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks

Compute = Callable[[Planes], Planes]

_FED_SIDE_PX: Final = 144
"""With the margin; a deep net may take 1.5 GiB for it."""
_MARGIN_PX: Final = 12
_MULTIPLE_PX: Final = 8
"""Nets that halve their input up to three times want such sides."""
_TRIED_SIDE_PX: Final = 64
_MAX_TIMES: Final = 8
_COLOUR_SIDES_PX: Final = {Use.COLOUR_FROM_LIGHTNESS: 256, Use.COLOUR_FROM_GREY: 512}
_KEYS: Final = {"use": str, "side_px": int, "full_range": bool}
_LARGEST_SIDE_PX: Final = 1024
_MIRROR: Final = cv2.BORDER_REFLECT_101
_ROWS_PX: Final = 256


class ModelUnusable(EnhanceError):
    """A model of the user's cannot be used; the detail says why."""


def examine(model: OwnModel, folder: Path) -> OwnModel:
    """Return a model with what it was found to do, by running a tiny picture through it.

    May end the process: whoever made the files may have made a mistake, or mischief.

    :raises ModelUnusable: it does nothing that is known here.
    """
    reported = _reported(folder / settings_file(model))
    compute = load(model, folder)
    model = replace(model, **reported)
    # ncnn does not notice that a net is fed with too few planes: it reads beyond them.
    uses = list(Use) if len(model.files) == 1 else [Use.ENLARGE]
    if "use" in reported:
        uses = [model.use]
    reasons = []
    for use in uses:
        try:
            return _tried(replace(model, use=use), compute)
        except ModelUnusable as error:
            # Not the error itself: through its frame it would hold the whole model.
            reasons.append(error.detail)
    raise ModelUnusable(reasons[0])


def load(model: OwnModel, folder: Path, graphics: int | None = None) -> Compute:
    """Read a model that was examined.

    :param graphics: the graphics processor that computes it, where ncnn does.

    :raises ModelUnusable: its files are gone or broken.
    """
    try:
        run = read_run([folder / name for name in model.files], cv2.getNumThreads(), graphics)
    except (OSError, RuntimeError) as error:
        raise ModelUnusable(str(error)) from error
    source, result = _named("data", run.inputs), _named("output", run.outputs)

    def compute(planes: Planes) -> Planes:
        try:
            return run({source: planes}, result)
        except RuntimeError as error:
            raise ModelUnusable(str(error)) from error

    return compute


def enlarge_by_model(pixels: Pixels, model: OwnModel, compute: Compute) -> Iterator[Block]:
    """Yield the picture as the model makes it, in blocks.

    :param model: one that enlarges.
    """

    def run(colour: NDArray[np.float32]) -> NDArray[np.float32]:
        height_px, width_px = colour.shape[:2]
        fed = cv2.copyMakeBorder(
            colour, 0, _beyond_px(height_px, model), 0, _beyond_px(width_px, model), _MIRROR
        )
        full = np.float32(1 if model.full_range else 255)
        planes = np.ascontiguousarray(np.asarray(fed, np.float32).transpose(2, 0, 1)) / full
        made = compute(planes).transpose(1, 2, 0) * full
        made = made[: height_px * model.factor, : width_px * model.factor]
        return inner(made, _MARGIN_PX * model.factor)

    return map_blocks(
        pixels,
        on_colours(run, model.factor),
        overlap_px=_MARGIN_PX,
        factor=model.factor,
        side_px=(model.side_px or _FED_SIDE_PX) - 2 * _MARGIN_PX,
    )


def colour_by_model(pixels: Pixels, model: OwnModel, compute: Compute) -> Iterator[Block]:
    """Yield a photograph with its own lightness and the colours that a model gives it.

    :param model: one that colours.
    """
    side_px = model.side_px or _COLOUR_SIDES_PX[model.use]
    small = cv2.resize(grey_of(pixels), (side_px, side_px), interpolation=cv2.INTER_AREA)
    tint = compute(_colour_input(values_of(np.asarray(small, pixels.dtype)), model)).transpose(
        1, 2, 0
    )
    height_px, width_px = pixels.shape[:2]
    across, down = tint.shape[1] / width_px, tint.shape[0] / height_px
    for top in range(0, height_px, _ROWS_PX):
        part = pixels[top : top + _ROWS_PX]
        # Centre of a pixel to centre of a pixel.
        place = np.array(
            [[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]], np.float64
        )
        stretched = cv2.warpAffine(
            np.ascontiguousarray(tint),
            place,
            (width_px, part.shape[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        lab = np.dstack([_lightness(values_of(grey_of(part))), np.asarray(stretched, np.float32)])
        colour = np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32) * 255
        yield Block(0, top, with_alpha_of(part, rounded(colour, part.dtype)))


def _beyond_px(side_px: int, model: OwnModel) -> int:
    return model.side_px - side_px if model.side_px else -side_px % _MULTIPLE_PX


def _lightness(grey: NDArray[Any]) -> NDArray[np.float32]:
    """Return L, 0 to 100."""
    rgb = np.dstack([grey.astype(np.float32) / 255] * 3)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)[..., 0]


def _colour_input(grey: NDArray[np.float32], model: OwnModel) -> Planes:
    if model.use is Use.COLOUR_FROM_LIGHTNESS:
        return _lightness(grey)[None]
    full = np.float32(1 if model.full_range else 255)
    return np.repeat(grey[None] / full, 3, axis=0)


def _tried(model: OwnModel, compute: Compute) -> OwnModel:
    """:raises ModelUnusable: it does something else."""
    if model.use is Use.ENLARGE:
        side_px = model.side_px or _TRIED_SIDE_PX
        fed = np.tile(np.linspace(0, 1, side_px, dtype=np.float32), (3, side_px, 1))
        if model.full_range:
            fed *= 255
    else:
        side_px = model.side_px or _COLOUR_SIDES_PX[model.use]
        fed = _colour_input(np.tile(np.linspace(0, 255, side_px), (side_px, 1)), model)
    fed = np.ascontiguousarray(fed, np.float32)
    compute(fed)  # the first time takes longer
    begun_s = time.monotonic()
    made = compute(fed)
    each_s = (time.monotonic() - begun_s) / (side_px**2 / 1e6)
    if made.ndim != 3 or not np.isfinite(made).all():
        raise ModelUnusable("what it gives for a picture is no picture")
    if model.use is not Use.ENLARGE:
        if made.shape[0] != 2:
            raise ModelUnusable(_shapes("2 planes of colour", made))
        # The picture's size makes no difference to what it takes.
        return replace(model, each_s=0.0)
    factor = made.shape[1] // side_px
    as_expected = (3, side_px * factor, side_px * factor)
    if not 1 <= factor <= _MAX_TIMES or made.shape != as_expected:
        raise ModelUnusable(_shapes(f"3 planes of {side_px} × {side_px} pixels or more", made))
    return replace(model, factor=factor, each_s=each_s)


def _shapes(expected: str, made: Planes) -> str:
    planes, height_px, width_px = made.shape
    return f"it gives {planes} planes of {width_px} × {height_px} pixels where {expected} belong"


def _reported(path: Path) -> dict[str, Any]:
    """Return what the file beside a model states; nothing where there is none.

    :raises ModelUnusable: it has a mistake.
    """
    try:
        reported = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"{path.name} cannot be read: {error}") from error
    for key, value in reported.items():
        if key not in _KEYS:
            raise ModelUnusable(f"{path.name}: “{key}” is not known; known are {', '.join(_KEYS)}")
        if type(value) is not _KEYS[key]:
            raise ModelUnusable(f"{path.name}: “{key}” has the wrong kind of value")
    if reported.get("use", Use.ENLARGE) not in list(Use):
        raise ModelUnusable(f"{path.name}: “use” is one of {', '.join(Use)}")
    if not 4 * _MARGIN_PX <= reported.get("side_px", _FED_SIDE_PX) <= _LARGEST_SIDE_PX:
        raise ModelUnusable(
            f"{path.name}: “side_px” is from {4 * _MARGIN_PX} to {_LARGEST_SIDE_PX}"
        )
    return {**reported, "use": Use(reported["use"])} if "use" in reported else reported


def _named(usual: str, names: list[str]) -> str:
    """:raises ModelUnusable: it is not clear which is meant."""
    if usual in names or len(names) == 1:
        return usual if usual in names else names[0]
    raise ModelUnusable(f"it has nothing called “{usual}”, but {', '.join(names) or 'none'}")
