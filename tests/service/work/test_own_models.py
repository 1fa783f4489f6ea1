"""Models that the user brings: found out, refused with a reason, and run over pictures."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.core.services.own_models import (
    FIRST_TYPE_ID,
    OwnModel,
    Use,
    find_models,
    is_known,
    models_folder,
    usable_models,
    write_models,
)
from enhance_gui.service.engine import WorkJob, run_work
from enhance_gui.service.engine.nets import own_model
from enhance_gui.service.engine.nets.onnx import load_runtime
from enhance_gui.service.engine.nets.own_model import Compute
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.probes import check_models
from tests.service.engine.photographs import Array, photograph, psnr_db, read, shrunk
from tests.service.serving import serving
from tests.support.models.tiny import repeating, write_ncnn, write_onnx
from tests.support.pictures import picture_bytes

needs_onnx_runtime = pytest.mark.skipif(
    load_runtime() is None, reason="OpenCV goes by neither sizes nor half precision"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = models_folder(tmp_path)
    made.mkdir()
    return made


def only(folder: Path) -> OwnModel:
    (model,) = check_models(folder)
    return model


def made_by(model: OwnModel, folder: Path, pixels: Array) -> Array:
    source = folder.parent / "in.png"
    Image.fromarray(pixels).save(source)
    job = WorkJob(
        model.type_id, source, folder.parent, "x7Qb", own_model=model, models_folder=folder
    )
    return read(folder.parent / run_work(job).after.name)


def _repeated(pixels: Array, factor: int) -> Array:
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def test_a_pair_for_ncnn_as_upscayl_has_them_works_as_it_is(folder: Path) -> None:
    write_ncnn(folder, "4x-Sharp", 4)
    model = only(folder)
    assert (model.name, model.problem, model.use, model.factor) == ("4x-Sharp", "", Use.ENLARGE, 4)
    assert model.type_id >= FIRST_TYPE_ID
    pixels = photograph("coffee")[:150, :203]
    assert np.array_equal(made_by(model, folder, pixels), _repeated(pixels, 4))


@pytest.mark.parametrize("reported", ["", "full_range = true\nside_px = 96\n"])
def test_an_onnx_file_is_an_enlarger_and_its_settings_are_heard(
    folder: Path, reported: str
) -> None:
    write_onnx(folder / "double.onnx", repeating(2), shuffle=2)
    if reported:
        (folder / "double.toml").write_text(reported)
    model = only(folder)
    assert (model.problem, model.factor, model.full_range) == ("", 2, bool(reported))
    alpha = np.full((150, 203, 1), 255, np.uint8)
    pixels = np.dstack([photograph("astronaut")[:150, :203], alpha])
    assert np.array_equal(made_by(model, folder, pixels), _repeated(pixels, 2))


@needs_onnx_runtime
def test_an_onnx_file_of_one_size_only_works_once_its_settings_tell_the_size(folder: Path) -> None:
    write_onnx(folder / "double.onnx", repeating(2), shuffle=2, side_px=96)
    assert "cannot compute it (" in only(folder).problem
    (folder / "double.toml").write_text("side_px = 96\n")
    model = only(folder)
    assert (model.problem, model.factor) == ("", 2)
    pixels = photograph("astronaut")[:150, :203]
    assert np.array_equal(made_by(model, folder, pixels), _repeated(pixels, 2))


@needs_onnx_runtime
def test_an_onnx_file_of_half_precision_works_too(folder: Path) -> None:
    write_onnx(folder / "double.onnx", repeating(2), shuffle=2, half=True)
    model = only(folder)
    assert (model.problem, model.factor) == ("", 2)
    pixels = photograph("astronaut")[:150, :203]
    assert np.array_equal(made_by(model, folder, pixels), _repeated(pixels, 2))


def test_what_takes_lightness_and_gives_colour_colours_a_grey_photograph(folder: Path) -> None:
    # As siggraph17: L of 256 x 256, a and b of a quarter of it; here a and b grow with L.
    write_onnx(folder / "colours.onnx", np.full((2, 1, 4, 4), 0.3 / 16, np.float32), stride=4)
    model = only(folder)
    assert (model.problem, model.use) == ("", Use.COLOUR_FROM_LIGHTNESS)
    grey = photograph("camera")[:200, :300, 0]
    made = made_by(model, folder, grey)
    assert made.shape == (200, 300, 3)
    assert (made[..., 0].astype(int) - made[..., 2]).mean() > 20
    assert psnr_db(np.asarray(Image.fromarray(made).convert("L")), grey) > 20


def test_what_takes_grey_as_rgb_and_gives_colour_is_a_colouriser_too(folder: Path) -> None:
    # As DDColor: grey of 512 x 512 as RGB, a and b of that size.
    weights = np.zeros((2, 3, 1, 1), np.float32)
    weights[1] = 20
    write_onnx(folder / "ddcolor.onnx", weights)
    model = only(folder)
    assert (model.problem, model.use) == ("", Use.COLOUR_FROM_GREY)
    made = made_by(model, folder, shrunk(photograph("camera"), 2, "area")[..., :1].repeat(3, 2))
    bright = made[made.max(axis=2) > 120].astype(int)
    assert (bright[:, 0] - bright[:, 2]).mean() > 40


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.onnx": b"no model"}, "cannot read it ("),
        ({"a.param": b"7767517\n"}, "a.bin is missing beside it"),
        ({"a.bin": b"1234"}, "a.param is missing beside it"),
        ({"a.param": b"no net", "a.bin": b""}, "ncnn cannot read a.param and a.bin"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(
    folder: Path, files: dict[str, bytes], reason: str
) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert reason in only(folder).problem
    assert usable_models(folder.parent) == ()


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        ("side = 3", "“side” is not known"),
        ("side_px = '3'", "wrong kind of value"),
        ("side_px = 4", "from 48 to 1024"),
        ("use = 'magic'", "“use” is one of"),
        ("use = ", "cannot be read"),
    ],
)
def test_a_mistake_in_the_settings_beside_it_is_named(
    folder: Path, reported: str, reason: str
) -> None:
    write_onnx(folder / "a.onnx", repeating(2), shuffle=2)
    (folder / "a.toml").write_text(reported)
    assert reason in only(folder).problem


def test_a_model_that_gives_no_numbers_is_refused(folder: Path) -> None:
    write_onnx(folder / "a.onnx", repeating(2), shuffle=2, bias=float("nan"))
    assert "no picture" in only(folder).problem


def test_one_that_ends_the_process_that_tries_it_is_listed_and_the_next_is_tried(
    folder: Path,
) -> None:
    _deadly(folder, "a")
    write_ncnn(folder, "b", 2)
    first, second = check_models(folder)
    assert "ended the process" in first.problem
    assert (second.name, second.problem) == ("b", "")


def _deadly(folder: Path, name: str) -> None:
    """Write a pair that ncnn reads, and that ends the process when it is computed."""
    param = write_ncnn(folder, name, 2)
    shuffle = "PixelShuffle p 1 1 made output 0=2"
    beyond = "Reshape p 1 1 made output 0=16000 1=8000"
    param.write_text(param.read_text().replace(shuffle, beyond))


@pytest.mark.long
def test_numbers_stay_and_only_what_has_changed_is_looked_at_again(folder: Path) -> None:
    write_ncnn(folder, "a", 2)
    before = only(folder)
    assert is_known(folder)
    write_onnx(folder / "0.onnx", repeating(3), shuffle=3)
    assert not is_known(folder)
    named = {each.name: each for each in check_models(folder)}
    assert named["a"] == before
    write_ncnn(folder, "a", 4)
    again = {each.name: each for each in check_models(folder)}["a"]
    assert (again.type_id, again.factor) == (before.type_id, 4)
    (folder / "0.onnx").unlink()
    assert [each.name for each in check_models(folder)] == ["a"]


def test_the_service_offers_them_and_does_their_tasks(tmp_path: Path, folder: Path) -> None:
    write_ncnn(folder, "4x", 4)
    model = only(folder)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture_bytes("png", 80, 64), model.type_id)
            record = await asker.ended(task_id, model.type_id)
            assert record["status"] == Status.FINISHED
            assert record["outpathwidth"] == 320

    asyncio.run(go())


@pytest.mark.long
def test_one_that_ends_the_worker_fails_its_task_alone_and_is_not_tried_again(
    tmp_path: Path, folder: Path
) -> None:
    _deadly(folder, "a")
    model = replace(only(folder), problem="", factor=2)
    write_models(folder, [model])

    async def go() -> None:
        async with serving(tmp_path) as asker:
            bad_id = await asker.create(picture_bytes("png", 80, 64), model.type_id)
            good_id = await asker.create(picture_bytes("png", 80, 64), 6)
            bad = await asker.ended(bad_id, model.type_id)
            assert bad["status"] == Status.FAILED
            assert "the model “a” ended the worker process" in bad["errormsg"]
            assert (await asker.ended(good_id, 6))["status"] == Status.FINISHED

    asyncio.run(go())


def test_an_unusable_model_is_let_go_before_the_next_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[weakref.ref[Compute]] = []
    load = own_model.load

    def noted(model: OwnModel, folder: Path, graphics: int | None = None) -> Compute:
        assert all(earlier() is None for earlier in loaded)
        compute = load(model, folder, graphics)
        loaded.append(weakref.ref(compute))
        return compute

    monkeypatch.setattr(own_model, "load", noted)
    write_onnx(folder / "strange.onnx", repeating(2), shuffle=2, bias=float("nan"))
    strange = find_models(folder)[0]
    gc.disable()
    try:
        for _ in range(2):
            with pytest.raises(own_model.ModelUnusable):
                own_model.examine(strange, folder)
    finally:
        gc.enable()
    assert len(loaded) == 2
