"""Results become the kind of file that the user wants, with all that they carry, or it is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.core.images.carried.blocks import Blocks, read_blocks
from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.images.left_out import Part
from enhance_gui.core.settings.saving import HIDDEN_FOLDER, ResultFormat, Saving, SidecarPlace
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.imaging.carry import blocks_by_decoder
from tests.jobs.worker.test_result_metadata import tagged
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GPS = 0x8825

_NO_PROMISE = {"outpathwidth": 0, "outpathheight": 0, "outpathsize": 0, "outpathext": ""}


def saved_as(
    folder: Path,
    wanted: ResultFormat,
    then: Callable[[Task], None],
    *,
    result: bytes,
    original: bytes | None = None,
    quality: int = 95,
    faces: tuple[bytes, ...] = (),
    kept: KeptMetadata = KeptMetadata.ALL,
    change: Callable[[Running], None] = lambda _: None,
) -> None:
    """Have a remote service enhance a picture, and look at what is saved."""

    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(body=tagged() if original is None else original))
        provider.on("/own", Reply(body=result))
        changes: dict[str, Any] = {"outputurl": provider.url("/own"), **_NO_PROMISE}
        for number, face in enumerate(faces):
            provider.on(f"/face{number}", Reply(body=face))
            entry = {"outputurl": provider.url(f"/face{number}"), **_NO_PROMISE}
            changes.setdefault("facelist", []).append(entry)
            changes["facenum"] = number + 1
        provider.record_of_new = lambda _: changes
        async with at_work(folder, provider) as running:
            running.queue.naming.metadata = kept
            change(running)
            new = replace(
                running.new(provider.url("/a.jpg")), result_format=wanted, quality=quality
            )
            (task,) = await running.queue.add(running.profile, [new])
            task = await running.until(task, TaskState.SAVED)
            assert list(task.save_folder.rglob(".*.part")) == []
            then(task)

    with_provider(test)


def told(task: Task) -> Mapping[str, Any]:
    assert task.sidecar is not None
    found: Mapping[str, Any] = json.loads(task.sidecar.read_text())
    return found


def blocks_in(path: Path) -> Blocks:
    with path.open("rb") as file:
        kind = path.suffix[1:]
        if kind == "avif":
            return blocks_by_decoder(file, FORMATS["avif"])
        return read_blocks(file, kind)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff", "avif"])
def test_a_result_becomes_the_kind_that_is_wanted_with_all_that_it_carries(
    tmp_path: Path, kind: str
) -> None:
    came = picture_bytes("webp" if kind == "png" else "png", 400, 200, icc_profile=PROFILE)

    def look(task: Task) -> None:
        (file,) = task.files
        assert file.suffix == f".{kind}"
        with Image.open(file) as after, Image.open(io.BytesIO(came)) as before:
            assert after.format == FORMATS[kind].decoder
            assert after.info["icc_profile"] == PROFILE
            difference = np.abs(np.asarray(after.convert("RGB")).astype(int) - np.asarray(before))
            assert difference.mean() < 6
        found = blocks_in(file)
        assert found.exif is not None
        assert found.exif.main[0x010F].data == b"Maker\0"
        assert found.exif.main[0x8298].data == b"Studio\0"
        assert set(found.exif.gps) == {1, 2}
        assert found.xmp is not None
        assert "algorithmicallyEnhanced" in found.xmp.to_bytes().decode()
        said = told(task)
        quality = 90 if kind in ("jpg", "webp", "avif") else None
        assert said["edits"] == {"format": kind, "quality": quality}
        assert said["after"]["format"] == kind
        assert said["left_out"] == []
        assert task.left_out == ()

    saved_as(tmp_path, ResultFormat(kind), look, result=came, quality=90)


def test_what_has_the_kind_by_now_is_never_encoded_anew(tmp_path: Path) -> None:
    came = picture_bytes("jpg", 400, 200, quality=40)

    def look(task: Task) -> None:
        with Image.open(task.files[0]) as after, Image.open(io.BytesIO(came)) as before:
            assert after.tobytes() == before.tobytes()
        # The compressed pixels are the very bytes that came.
        assert task.files[0].read_bytes().endswith(came[came.index(b"\xff\xda") :])

    saved_as(tmp_path, ResultFormat.JPG, look, result=came, quality=100)
    saved_as(tmp_path / "same", ResultFormat.SAME, look, result=came, quality=100)


def test_a_better_quality_takes_more_bytes(tmp_path: Path) -> None:
    sizes = []
    came = picture_bytes("png", 400, 200)
    for quality in (20, 95):
        folder = tmp_path / str(quality)
        saved_as(
            folder,
            ResultFormat.JPG,
            lambda task: sizes.append(task.files[0].stat().st_size),
            result=came,
            quality=quality,
        )
    assert sizes[0] * 2 < sizes[1]


def test_same_is_the_original_s_kind_and_else_the_service_s(tmp_path: Path) -> None:
    came = picture_bytes("png", 400, 200)
    for kind, becomes in (("jpg", ".jpg"), ("webp", ".webp"), ("bmp", ".png")):
        original = picture_bytes(kind, 200, 100)

        def look(task: Task, becomes: str = becomes) -> None:
            assert task.files[0].suffix == becomes

        saved_as(tmp_path / kind, ResultFormat.SAME, look, result=came, original=original)


def clear(alpha: int) -> bytes:
    file = io.BytesIO()
    picture = Image.new("RGBA", (80, 60), (200, 30, 30, 255))
    picture.putpixel((3, 3), (0, 0, 0, alpha))
    picture.save(file, "PNG")
    return file.getvalue()


def test_transparency_is_kept_rather_than_the_kind_and_that_is_told(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert task.files[0].suffix == ".png"
        with Image.open(task.files[0]) as image:
            assert image.getpixel((3, 3)) == (0, 0, 0, 254)
        reason = "it stays PNG: a JPEG has no transparency"
        assert {"part": "format", "reason": reason} in told(task)["left_out"]
        assert [(each.part, str(each.reason)) for each in task.left_out] == [(Part.FORMAT, reason)]

    saved_as(tmp_path, ResultFormat.JPG, look, result=clear(254))


def test_a_channel_of_transparency_that_is_opaque_hinders_nobody(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert task.files[0].suffix == ".jpg"
        assert told(task)["left_out"] == []

    saved_as(tmp_path, ResultFormat.JPG, look, result=clear(255))


def test_a_side_that_the_kind_does_not_allow_leaves_the_result_as_it_came(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (17_000, 2)).save(file, "PNG")

    def look(task: Task) -> None:
        assert task.files[0].suffix == ".png"
        reason = "it stays PNG: a WEBP file has at most 16383 pixels a side"
        assert told(task)["left_out"][0] == {"part": "format", "reason": reason}

    saved_as(tmp_path, ResultFormat.WEBP, look, result=file.getvalue())


def deep(kind: str) -> bytes:
    """Return a picture of 16 bits a colour, as the service of this computer writes it."""
    from enhance_gui.service.engine.pixels.encode import PngEncoder, TiffEncoder

    file = io.BytesIO()
    encoder = (PngEncoder if kind == "png" else TiffEncoder)(file, 64, None)
    encoder.write(DEEP)
    encoder.finish()
    return file.getvalue()


DEEP = np.arange(64 * 80 * 3, dtype=np.uint16).reshape(64, 80, 3) * 4 + 1


@pytest.mark.parametrize(("came", "wanted"), [("png", "tiff"), ("tiff", "png")])
def test_16_bits_stay_where_the_kind_has_them(tmp_path: Path, came: str, wanted: str) -> None:
    from enhance_gui.service.engine.pixels.decode import read_picture

    def look(task: Task) -> None:
        assert task.files[0].suffix == f".{wanted}"
        pixels = read_picture(task.files[0]).pixels
        assert pixels.dtype == np.uint16
        assert np.array_equal(pixels, DEEP)
        assert told(task)["left_out"] == []

    saved_as(tmp_path, ResultFormat(wanted), look, result=deep(came))


def test_16_bits_that_the_kind_has_not_are_told(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert task.files[0].suffix == ".jpg"
        told_ = {"part": "depth", "reason": "16 bits a channel: 8 are left"}
        assert told_ in told(task)["left_out"]

    saved_as(tmp_path, ResultFormat.JPG, look, result=deep("png"))


@pytest.mark.parametrize("kind", ["png", "tiff", "avif"])
def test_a_result_that_only_its_original_calls_turned_is_upright(tmp_path: Path, kind: str) -> None:
    # As a service gives it back that knows no orientations: left and right differ.
    picture = Image.new("RGB", (240, 120), "white")
    picture.paste("black", (0, 0, 120, 120))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)

    def look(task: Task) -> None:
        with Image.open(task.files[0]) as image:
            assert image.size == (120, 240)
            upright = np.asarray(image.convert("L"))
        # Orientation 6: the left side is at the top.
        assert upright[:110].mean() < 20
        assert upright[130:].mean() > 235
        found = blocks_in(task.files[0])
        assert found.exif is not None
        assert found.exif.number(found.exif.main, 0x0112) in (None, 1)

    saved_as(
        tmp_path,
        ResultFormat(kind),
        look,
        result=file.getvalue(),
        original=tagged(6, size=(240, 120)),
    )


def test_faces_become_the_same_kind(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert [each.suffix for each in task.files] == [".webp", ".webp"]
        assert task.files[1].stem.endswith("-face-1")

    face = picture_bytes("png", 64, 64)
    saved_as(
        tmp_path, ResultFormat.WEBP, look, result=picture_bytes("png", 200, 100), faces=(face,)
    )


def test_without_metadata_nothing_of_the_original_is_in_the_new_kind(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        content = task.files[0].read_bytes()
        assert b"Maker" not in content
        assert b"adobe:ns:meta" not in content

    saved_as(
        tmp_path,
        ResultFormat.AVIF,
        look,
        result=picture_bytes("png", 200, 100),
        kept=KeptMetadata.NONE,
    )


def test_a_program_that_cannot_convert_saves_what_came(tmp_path: Path) -> None:
    def no_room(running: Running) -> None:
        # Where the picture would be converted to.
        (running.results.parent / "cache" / "inputs" / "1-0-jpg.part").mkdir(parents=True)

    def look(task: Task) -> None:
        assert task.files[0].suffix == ".png"
        assert "it could not be converted" in json.dumps(told(task)["left_out"])

    saved_as(
        tmp_path,
        ResultFormat.JPG,
        look,
        result=picture_bytes("png", 200, 100),
        change=no_room,
    )


# -- sidecars -------------------------------------------------------------------------------------


def test_a_sidecar_can_lie_in_a_hidden_folder(tmp_path: Path) -> None:
    def hide(running: Running) -> None:
        running.queue.naming.sidecars = SidecarPlace.HIDDEN

    def look(task: Task) -> None:
        assert task.sidecar == task.save_folder / HIDDEN_FOLDER / f"{task.files[0].stem}.json"
        assert told(task)["private_id"] == task.private_id
        assert sorted(each.name for each in task.save_folder.iterdir()) == sorted(
            [HIDDEN_FOLDER, task.files[0].name]
        )

    saved_as(
        tmp_path, ResultFormat.AS_GIVEN, look, result=picture_bytes("png", 200, 100), change=hide
    )


def test_without_sidecars_the_list_of_tasks_has_what_they_say(tmp_path: Path) -> None:
    def none(running: Running) -> None:
        running.queue.naming.sidecars = SidecarPlace.OFF

    def look(task: Task) -> None:
        assert task.sidecar is None
        assert [each.name for each in task.save_folder.iterdir()] == [task.files[0].name]
        assert [each.part for each in task.left_out] == [Part.FORMAT]

    saved_as(tmp_path, ResultFormat.JPG, look, result=clear(0), change=none)


def test_what_waits_to_be_fetched_is_saved_as_it_is_wanted_by_then(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        first, then = tmp_path / "first", tmp_path / "then"
        first.write_text("a file where the folder should be")
        async with at_work(tmp_path, provider) as running:
            new = replace(running.new(*provider.pictures("a")), save_folder=first)
            (task,) = await running.queue.add(running.profile, [new])
            await running.until_suspended(task)
            first.unlink()
            db = running.queue.db
            saving = Saving(then, result_format=ResultFormat.WEBP)
            await db.do(db.store.drafts.save_otherwise, saving, [task.id])
            await running.queue.fetch_now(task.id)
            saved = await running.until(task, TaskState.SAVED)
        assert saved.files == (then / "a-enhance.webp",)
        assert saved.sidecar == then / "a-enhance.json"
        assert not first.exists()

    with_provider(test)
