"""Runs the steps of each enhance type, from the input file to the result files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import PictureTooLarge
from enhance_gui.core.services.own_models import OwnModel, Use
from enhance_gui.core.text.i18n import mark
from enhance_gui.service.engine.catalogue import (
    AI_DETAIL_2,
    AI_DETAIL_4,
    COLORIZE,
    PORTRAIT,
    QUICK_UPSCALE_2,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
    factor_of,
    output_pixels_allowed,
)
from enhance_gui.service.engine.enlarge.ai_detail import add_detail
from enhance_gui.service.engine.enlarge.upscale import enlarge
from enhance_gui.service.engine.job import FaceFiles, PictureFile, Report, WorkJob, WorkResult
from enhance_gui.service.engine.nets.nets import find_net
from enhance_gui.service.engine.nets.own_model import colour_by_model, enlarge_by_model, load
from enhance_gui.service.engine.people.crops import Crop
from enhance_gui.service.engine.people.faces import FacesNotSought, find_faces
from enhance_gui.service.engine.people.portrait import enhance_portrait, strengthen_face
from enhance_gui.service.engine.pixels.pictures import (
    Picture,
    copy_picture,
    read_picture,
    whole,
    write_picture,
)
from enhance_gui.service.engine.pixels.tiles import Block
from enhance_gui.service.engine.repair.restore import restore
from enhance_gui.service.engine.repair.tint import TINTS, Tint, tint

_READ: Final = 0.02
"""Share of a job that reading the picture is."""
_ENCODING: Final = 0.1
"""Share of a result that is left to do when its pixels are there."""

_NOTHING_TO_REPAIR: Final = mark("nothing to repair was found: not a pixel is changed")
_NO_FACE: Final = mark("no face was found: the picture as a whole was enhanced")
_FACES_NOT_SOUGHT: Final = mark(
    "faces were not looked for: the trained net that finds them is not installed"
)


class RecipeRun:
    """The picture of one job, and where its results go."""

    def __init__(self, job: WorkJob, report: Report) -> None:
        self._report = report
        self.graphics = job.graphics
        self._done = 0.0
        self.picture: Picture = read_picture(job.source_path)
        self.width_px, self.height_px = self.picture.pixels.shape[1::-1]
        self._source = job.source_path
        self._folder = job.out_folder
        self._prefix = job.name_prefix
        self._written: list[Path] = []
        factor = factor_of(job.type_id, job.own_model)
        too_large = output_pixels_allowed(factor, self.width_px, self.height_px)
        if too_large:
            raise PictureTooLarge(too_large)
        self.reach(_READ)

    def reach(self, share: float) -> None:
        """Report that this share of the job is done."""
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
            maximum = self._done + (share - self._done) * (1 - _ENCODING)
            blocks = self.counted(blocks, size_px[0] * size_px[1], maximum)
        stem = f"{self._prefix}-{role}"
        file = write_picture(self._folder, stem, blocks, size_px, self.picture, channels)
        if share is not None:
            self.reach(share)
        self._written.append(self._folder / file.name)
        return file

    def copy(self, role: str) -> PictureFile:
        """Write the picture as it came, as a result."""
        stem = f"{self._prefix}-{role}"
        file = copy_picture(self._folder, stem, self._source, self.picture)
        self._written.append(self._folder / file.name)
        return file

    def counted(self, blocks: Iterable[Block], pixels: int, share: float) -> Iterator[Block]:
        """Yield the blocks of so many pixels, and report how many have been made.

        :param share: what of the job is done with the last of them.
        """
        begin = self._done
        made = 0
        for block in blocks:
            yield block
            made += block.pixels.shape[0] * block.pixels.shape[1]
            self.reach(begin + (share - begin) * made / pixels)

    def clear(self) -> None:
        """Remove what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)


def run(job: WorkJob, report: Report) -> WorkResult:
    """See :func:`enhance_gui.service.engine.run_work`."""
    recipe = _RECIPES.get(job.type_id)
    if job.own_model is not None:
        recipe = _by_own_model(job.own_model, job.models_folder)
    if recipe is None:
        raise ValueError(f"there is no enhance type {job.type_id}")
    cv2.setNumThreads(job.threads)
    try:
        desk = RecipeRun(job, report)
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


def _upscale(factor: int, *, quick: bool = False) -> Callable[[RecipeRun], WorkResult]:
    def recipe(desk: RecipeRun) -> WorkResult:
        size_px = (desk.width_px * factor, desk.height_px * factor)
        blocks = enlarge(desk.picture.pixels, factor, desk.picture.jpeg_strength, quick=quick)
        return WorkResult(desk.write("after", blocks, size_px=size_px, share=1))

    return recipe


def _add_detail(factor: int) -> Callable[[RecipeRun], WorkResult]:
    def recipe(desk: RecipeRun) -> WorkResult:
        net = find_net("realesrgan-x4plus", desk.graphics)
        if net is None:
            raise EnhanceError("the trained net for AI detail is not installed any more")
        picture, message = desk.picture, ""
        try:
            faces = find_faces(picture.pixels)
        except FacesNotSought:
            faces, message = [], _FACES_NOT_SOUGHT
        size_px = (desk.width_px * factor, desk.height_px * factor)
        blocks = add_detail(picture.pixels, net, factor, picture.jpeg_strength, faces)
        return WorkResult(desk.write("after", blocks, size_px=size_px, share=1), message=message)

    return recipe


def _portrait(desk: RecipeRun) -> WorkResult:
    picture = desk.picture
    try:
        faces = find_faces(picture.pixels)
        message = "" if faces else _NO_FACE
    except FacesNotSought:
        faces, message = [], _FACES_NOT_SOUGHT
    desk.reach(0.1)
    # First the faces as they were: the picture is changed where it lies, so that it is there once.
    crops = [Crop.around(face, picture.pixels) for face in faces]
    befores = [
        desk.write(f"face{number}-before", crop.cut(picture.pixels), size_px=crop.size_px)
        for number, crop in enumerate(crops, start=1)
    ]
    done = 0
    for more in enhance_portrait(picture.pixels, picture.jpeg_strength):
        done += more
        desk.reach(0.1 + 0.5 * done / (desk.width_px * desk.height_px))
    for face in faces:
        strengthen_face(picture.pixels, face)
    desk.reach(0.7)
    after = desk.write("after", whole(picture.pixels), share=0.8 if faces else 1)
    files = []
    for number, (crop, before) in enumerate(zip(crops, befores, strict=True), start=1):
        blocks = crop.enlarged(picture.pixels)
        width_px, height_px = (side_px * crop.factor for side_px in crop.size_px)
        large = desk.write(f"face{number}-after", blocks, size_px=(width_px, height_px))
        files.append(FaceFiles(before, large, place=crop.place))
        desk.reach(0.8 + 0.2 * number / len(crops))
    return WorkResult(after, tuple(files), message)


def _restore(desk: RecipeRun) -> WorkResult:
    blocks = restore(desk.picture.pixels, desk.picture.jpeg_strength)
    if blocks is None:
        return WorkResult(desk.copy("after"), message=_NOTHING_TO_REPAIR)
    return WorkResult(desk.write("after", blocks, share=1))


def _colorize(desk: RecipeRun) -> WorkResult:
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


def _by_own_model(model: OwnModel, folder: Path) -> Callable[[RecipeRun], WorkResult]:
    def recipe(desk: RecipeRun) -> WorkResult:
        pixels = desk.picture.pixels
        compute = load(model, folder, desk.graphics)
        if model.use is Use.ENLARGE:
            size_px = (desk.width_px * model.factor, desk.height_px * model.factor)
            blocks = enlarge_by_model(pixels, model, compute)
            return WorkResult(desk.write("after", blocks, size_px=size_px, share=1))
        blocks = colour_by_model(pixels, model, compute)
        channels = 4 if desk.picture.has_alpha else 3
        return WorkResult(desk.write("after", blocks, channels=channels, share=1))

    return recipe


_RECIPES: dict[int, Callable[[RecipeRun], WorkResult]] = {
    PORTRAIT: _portrait,
    UPSCALE_2: _upscale(2),
    UPSCALE_4: _upscale(4),
    QUICK_UPSCALE_2: _upscale(2, quick=True),
    AI_DETAIL_4: _add_detail(4),
    AI_DETAIL_2: _add_detail(2),
    RESTORE: _restore,
    COLORIZE: _colorize,
}
