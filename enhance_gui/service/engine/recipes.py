"""Runs the steps of each enhance type, from the input file to the result files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import PictureTooLarge
from enhance_gui.core.services.own_models import Use
from enhance_gui.core.text.i18n import N_
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
from enhance_gui.service.engine.nets.mnn import give_back_memory
from enhance_gui.service.engine.nets.nets import find_net
from enhance_gui.service.engine.nets.own_model import colour_by_model, enlarge_by_model, load
from enhance_gui.service.engine.people.crops import Crop
from enhance_gui.service.engine.people.faces import Face, FacesNotSought, find_faces
from enhance_gui.service.engine.people.portrait import enhance_portrait, strengthen_face
from enhance_gui.service.engine.pixels.decode import in_srgb, read_picture
from enhance_gui.service.engine.pixels.pictures import (
    Picture,
    copy_picture,
    whole,
    write_picture,
)
from enhance_gui.service.engine.pixels.tiles import Block
from enhance_gui.service.engine.repair.restore import restore
from enhance_gui.service.engine.repair.tint import TINTS, tint

_READ: Final = 0.02
"""Share of a job that reading the picture is."""
_ENCODING: Final = 0.1
"""Share of a result that is left to do when its pixels are there."""

_NOTHING_TO_REPAIR: Final = N_("nothing to repair was found: not a pixel is changed")
_NO_FACE: Final = N_("no face was found: the picture as a whole was enhanced")
_FACES_NOT_SOUGHT: Final = N_(
    "faces were not looked for: the trained net that finds them is not installed"
)


_LOST_DEPTH: Final = N_("the result has 8 bits a channel, not the 16 of the original")


class RecipeRun:
    """The picture of one job, and where its results go."""

    def __init__(self, job: WorkJob, report: Report) -> None:
        self._report = report
        self.job = job
        self._done = 0.0
        self.picture = read_picture(job.source_path)
        self.width_px, self.height_px = self.picture.pixels.shape[1::-1]
        self._written: list[Path] = []
        self.factor = factor_of(job.type_id, job.own_model)
        too_large = output_pixels_allowed(self.factor, self.width_px, self.height_px)
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
        is_coloured: bool = False,
        share: float | None = None,
    ) -> PictureFile:
        """Write one result.

        :param size_px: width and height; where none is given, those that the type makes.
        :param is_coloured: whether it has colours though the picture may be grey.
        :param share: what of the job is done then; ``None``: writing it takes no time to speak of.
        """
        size_px = size_px or (self.width_px * self.factor, self.height_px * self.factor)
        if share is not None:
            maximum = self._done + (share - self._done) * (1 - _ENCODING)
            blocks = self.counted(blocks, size_px[0] * size_px[1], maximum)
        stem = f"{self.job.name_prefix}-{role}"
        file = write_picture(
            self.job.out_folder, stem, blocks, size_px, self.picture, is_coloured=is_coloured
        )
        if share is not None:
            self.reach(share)
        self._written.append(self.job.out_folder / file.name)
        return file

    def copy(self, role: str) -> PictureFile:
        """Write the picture as it came, as a result."""
        stem = f"{self.job.name_prefix}-{role}"
        file = copy_picture(self.job.out_folder, stem, self.picture)
        self._written.append(self.job.out_folder / file.name)
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
    recipe = _RECIPES.get(job.type_id) if job.own_model is None else _by_own_model
    if recipe is None:
        raise ValueError(f"there is no enhance type {job.type_id}")
    cv2.setNumThreads(job.threads)
    try:
        run = RecipeRun(job, report)
        try:
            return _with_message(run, recipe(run))
        except BaseException:
            run.clear()
            raise
    except (MemoryError, cv2.error) as error:
        if isinstance(error, cv2.error) and error.code != cv2.Error.StsNoMem:
            raise
        raise PictureTooLarge("there is not enough memory for a picture of this size") from error
    finally:
        give_back_memory()


def _with_message(run: RecipeRun, result: WorkResult) -> WorkResult:
    """Return a result that says what it lacks, where it has not more to say."""
    if not run.picture.lost_depth or result.message:
        return result
    return replace(result, message=_LOST_DEPTH)


def _upscale(run: RecipeRun, *, quick: bool = False) -> WorkResult:
    picture = run.picture
    blocks = enlarge(picture.pixels, run.factor, picture.jpeg_strength, quick=quick)
    return WorkResult(run.write("after", blocks, share=1))


def _add_detail(run: RecipeRun) -> WorkResult:
    net = find_net("realesrgan-x4plus", run.job.threads, run.job.graphics)
    if net is None:
        raise EnhanceError("the trained net for AI detail is not installed any more")
    picture = run.picture
    faces, message = _faces_in(picture, none_found="")
    blocks = add_detail(picture.pixels, net, run.factor, picture.jpeg_strength, faces)
    return WorkResult(run.write("after", blocks, share=1), message=message)


def _faces_in(picture: Picture, none_found: str) -> tuple[list[Face], str]:
    """Return the faces, and what there is to say of looking for them."""
    try:
        faces = find_faces(picture.pixels)
    except FacesNotSought:
        return [], _FACES_NOT_SOUGHT
    return faces, "" if faces else none_found


def _portrait(run: RecipeRun) -> WorkResult:
    picture = run.picture
    faces, message = _faces_in(picture, _NO_FACE)
    run.reach(0.1)
    # First the faces as they were: the picture is changed where it lies, so that it is there once.
    crops = [Crop.around(face, picture.pixels) for face in faces]
    befores = [
        run.write(f"face{number}-before", crop.cut(picture.pixels), size_px=crop.size_px)
        for number, crop in enumerate(crops, start=1)
    ]
    done = 0
    for more in enhance_portrait(picture.pixels, picture.jpeg_strength):
        done += more
        run.reach(0.1 + 0.5 * done / (run.width_px * run.height_px))
    for face in faces:
        strengthen_face(picture.pixels, face)
    run.reach(0.7)
    after = run.write("after", whole(picture.pixels), share=0.8 if faces else 1)
    files = []
    for number, (crop, before) in enumerate(zip(crops, befores, strict=True), start=1):
        blocks = crop.enlarged(picture.pixels)
        width_px, height_px = (side_px * crop.factor for side_px in crop.size_px)
        large = run.write(f"face{number}-after", blocks, size_px=(width_px, height_px))
        files.append(FaceFiles(before, large, place=crop.place))
        run.reach(0.8 + 0.2 * number / len(crops))
    return WorkResult(after, tuple(files), message)


def _restore(run: RecipeRun) -> WorkResult:
    blocks = restore(run.picture.pixels, run.picture.jpeg_strength)
    if blocks is None:
        return WorkResult(run.copy("after"), message=_NOTHING_TO_REPAIR)
    return WorkResult(run.write("after", blocks, share=1))


def _colorize(run: RecipeRun) -> WorkResult:
    # What is tinted, and the tints, are in sRGB.
    run.picture = in_srgb(run.picture)
    variants = []
    for number, tone in enumerate(TINTS, start=1):
        blocks, share = tint(run.picture.pixels, tone), number / len(TINTS)
        file = run.write(f"variant{number}", blocks, is_coloured=True, share=share)
        variants.append(FaceFiles(None, file, tone.name))
    return WorkResult(variants[0].after, tuple(variants))


def _by_own_model(run: RecipeRun) -> WorkResult:
    model = run.job.own_model
    assert model is not None  # noqa: S101  it is what this recipe is for
    compute = load(model, run.job.models_folder, run.job.graphics)
    enlarges = model.use is Use.ENLARGE
    make = enlarge_by_model if enlarges else colour_by_model
    if not enlarges:
        run.picture = in_srgb(run.picture)
    blocks = make(run.picture.pixels, model, compute)
    return WorkResult(run.write("after", blocks, is_coloured=not enlarges, share=1))


_RECIPES: dict[int, Callable[[RecipeRun], WorkResult]] = {
    PORTRAIT: _portrait,
    UPSCALE_2: _upscale,
    UPSCALE_4: _upscale,
    QUICK_UPSCALE_2: partial(_upscale, quick=True),
    AI_DETAIL_4: _add_detail,
    AI_DETAIL_2: _add_detail,
    RESTORE: _restore,
    COLORIZE: _colorize,
}
