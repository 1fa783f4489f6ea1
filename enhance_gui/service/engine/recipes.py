"""What each enhance type does with a picture, from file to files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2

from enhance_gui.core.errors import PictureTooLarge
from enhance_gui.service.engine.catalogue import (
    COLORIZE,
    PORTRAIT,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
    output_pixels_allowed,
)
from enhance_gui.service.engine.faces import find_faces
from enhance_gui.service.engine.job import FaceFiles, PictureFile, Report, WorkJob, WorkResult
from enhance_gui.service.engine.pictures import Picture, read_picture, whole, write_picture
from enhance_gui.service.engine.portrait import Crop, enhance_portrait
from enhance_gui.service.engine.restore import restore
from enhance_gui.service.engine.tiles import Block, Pixels
from enhance_gui.service.engine.tint import TINTS, Tint, tint
from enhance_gui.service.engine.upscale import enlarge

_READ: Final = 0.02
"""Share of a job that reading the picture is."""
_ENCODING: Final = 0.1
"""Share of a result that is left to do when its pixels are there."""


class _Desk:
    """The picture of one job, and where its results go."""

    def __init__(self, job: WorkJob, report: Report) -> None:
        self._report = report
        self._done = 0.0
        self.picture: Picture = read_picture(job.source_path)
        self.width_px, self.height_px = self.picture.pixels.shape[1::-1]
        self._folder = job.out_folder
        self._prefix = job.name_prefix
        self._written: list[Path] = []
        too_large = output_pixels_allowed(job.type_id, self.width_px, self.height_px)
        if too_large:
            raise PictureTooLarge(too_large)
        self.reach(_READ)

    def reach(self, share: float) -> None:
        """Tell that this share of the job is done."""
        self._done = share
        self._report(share)

    def write(
        self,
        role: str,
        blocks: Iterable[Block],
        *,
        size_px: tuple[int, int] | None = None,
        channels: int | None = None,
        share: float | None = None,
    ) -> PictureFile:
        """Write one result; its size is the picture's own where none is given.

        :param share: what of the job is done then; ``None``: writing it takes no time to speak of.
        """
        size_px = size_px or (self.width_px, self.height_px)
        if share is not None:
            blocks = self._counted(blocks, size_px[0] * size_px[1], share)
        stem = f"{self._prefix}-{role}"
        file = write_picture(self._folder, stem, blocks, size_px, self.picture, channels)
        if share is not None:
            self.reach(share)
        self._written.append(self._folder / file.name)
        return file

    def _counted(self, blocks: Iterable[Block], pixels: int, share: float) -> Iterator[Block]:
        """Yield the blocks, and tell how many of the result's pixels have been made."""
        begin = self._done
        width = (share - begin) * (1 - _ENCODING)
        made = 0
        for block in blocks:
            yield block
            made += block.pixels.shape[0] * block.pixels.shape[1]
            self.reach(begin + width * made / pixels)

    def clear(self) -> None:
        """Remove what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)


def run(job: WorkJob, report: Report) -> WorkResult:
    """See :func:`enhance_gui.service.engine.run_work`."""
    recipe = _RECIPES.get(job.type_id)
    if recipe is None:
        raise ValueError(f"there is no enhance type {job.type_id}")
    cv2.setNumThreads(job.threads)
    try:
        desk = _Desk(job, report)
        try:
            return recipe(desk)
        except BaseException:
            desk.clear()
            raise
    except MemoryError as error:
        raise PictureTooLarge("there is not enough memory for a picture of this size") from error
    except cv2.error as error:
        if error.code != cv2.Error.StsNoMem:
            raise
        raise PictureTooLarge("there is not enough memory for a picture of this size") from error


def _upscale(factor: int) -> Callable[[_Desk], WorkResult]:
    def recipe(desk: _Desk) -> WorkResult:
        size_px = (desk.width_px * factor, desk.height_px * factor)
        blocks = enlarge(desk.picture.pixels, factor)
        return WorkResult(desk.write("after", blocks, size_px=size_px, share=1))

    return recipe


def _portrait(desk: _Desk) -> WorkResult:
    before = desk.picture.pixels
    crops = [Crop.around(face, before) for face in find_faces(before)]
    desk.reach(0.2)
    enhanced = enhance_portrait(before, crops)
    desk.reach(0.8)
    after = desk.write("after", whole(enhanced))
    desk.reach(0.9)
    faces = [
        _write_face(desk, number, crop.of(before), crop.of(enhanced), crop.factor)
        for number, crop in enumerate(crops, start=1)
    ]
    return WorkResult(after, tuple(faces))


def _write_face(desk: _Desk, number: int, before: Pixels, after: Pixels, factor: int) -> FaceFiles:
    height_px, width_px = before.shape[:2]
    blocks = enlarge(after, factor) if factor > 1 else whole(after)
    return FaceFiles(
        desk.write(f"face{number}-before", whole(before), size_px=(width_px, height_px)),
        desk.write(f"face{number}-after", blocks, size_px=(width_px * factor, height_px * factor)),
    )


def _restore(desk: _Desk) -> WorkResult:
    return WorkResult(desk.write("after", restore(desk.picture.pixels), share=1))


def _colorize(desk: _Desk) -> WorkResult:
    pixels = desk.picture.pixels
    channels = 4 if desk.picture.has_alpha else 3

    def write(number: int, tone: Tint) -> PictureFile:
        blocks = tint(pixels, tone)
        share = number / len(TINTS)
        return desk.write(f"variant{number}", blocks, channels=channels, share=share)

    variants = tuple(
        FaceFiles(None, write(number, tone), tone.name)
        for number, tone in enumerate(TINTS, start=1)
    )
    return WorkResult(variants[0].after, variants)


_RECIPES: dict[int, Callable[[_Desk], WorkResult]] = {
    PORTRAIT: _portrait,
    UPSCALE_2: _upscale(2),
    UPSCALE_4: _upscale(4),
    RESTORE: _restore,
    COLORIZE: _colorize,
}
