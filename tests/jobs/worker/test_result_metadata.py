"""What originals say goes into the results of services that give back pixels alone."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enhance_gui.core.images.carried.blocks import Blocks, read_blocks
from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.carried.xmp import IPTC_EXTENSION, MEDIA
from enhance_gui.core.images.exif import read_exif
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.pictures import picture_bytes, shows
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Reply, Talk, envelope

GPS = 0x8825


def tagged(orientation: int = 1, *, size: tuple[int, int] = (200, 100)) -> bytes:
    """Return a JPEG with tags of a camera."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x8298] = "Maker", orientation, "Studio"
    exif.get_ifd(0x8769)[0xA002] = size[0]
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 12:00:00"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (48.0, 8.0, 15.0)
    return picture_bytes("jpg", *size, exif=exif, dpi=(300, 300))


def blocks_of(path: Path) -> Blocks:
    with path.open("rb") as file:
        return read_blocks(file, {".jpg": "jpg", ".png": "png"}[path.suffix])


def left_out(task: Task) -> list[str]:
    assert task.sidecar is not None
    entries = json.loads(task.sidecar.read_text())["left_out"]
    assert all(each["part"] == "metadata" for each in entries)
    return [each["reason"] for each in entries]


def saved_results(
    folder: Path,
    original: bytes,
    then: Callable[[Task], None],
    *,
    result: bytes | None = None,
    faces: list[dict[str, Any]] | None = None,
    kept: KeptMetadata = KeptMetadata.ALL,
    enhance_type: str = "Enhance",
) -> None:
    """Have a picture enhanced by a remote service and look at what is saved."""

    async def test(provider: Provider) -> None:
        provider.on("/tagged.jpg", Reply(body=original))
        changes: dict[str, Any] = {}
        if result is not None:
            provider.on("/own", Reply(body=result))
            changes |= {"outputurl": provider.url("/own"), **_NO_PROMISE}
        if faces is not None:
            provider.on("/face.png", Reply(body=picture_bytes("png", 64, 64)))
            face = {"outputurl": provider.url("/face.png"), **_NO_PROMISE}
            changes |= {"facelist": [face], "facenum": 1}
        if changes:
            provider.record_of_new = lambda _: changes
        types = (EnhanceType(1, enhance_type, outputs=Outputs.FACES),)
        async with at_work(folder, provider, profile_of(provider, enhance_types=types)) as running:
            running.queue.naming.metadata = kept
            new = replace(running.new(provider.url("/tagged.jpg")), type_name=enhance_type)
            (task,) = await running.queue.add(running.profile, [new])
            then(await running.until(task, TaskState.SAVED))

    with_provider(test)


_NO_PROMISE = {"outpathwidth": 0, "outpathheight": 0, "outpathsize": 0, "outpathext": ""}


def test_a_picture_that_came_by_address_leaves_its_tags_to_its_result(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert shows(task.files[0], RESULT)
        found = blocks_of(task.files[0])
        assert found.exif is not None
        assert found.exif.main[0x010F].data == b"Maker\0"
        assert found.exif.main[0x8298].data == b"Studio\0"
        assert found.exif.exif[0x9003].data == b"2024:05:01 12:00:00\0"
        assert found.exif.number(found.exif.exif, 0xA002) == 400
        assert set(found.exif.gps) == {1, 2}
        assert found.resolution == pytest.approx((300, 300), abs=0.01)
        assert found.xmp is not None
        assert found.xmp.has((MEDIA, "History"))
        assert left_out(task) == []

    saved_results(tmp_path, tagged(), look)


@pytest.mark.parametrize(
    ("enhance_type", "term"),
    [
        ("Enhance", "algorithmicallyEnhanced"),
        ("Colorize", "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_a_result_says_in_the_words_of_iptc_how_it_was_made(
    tmp_path: Path, enhance_type: str, term: str
) -> None:
    def look(task: Task) -> None:
        packet = blocks_of(task.files[0]).xmp
        assert packet is not None
        assert packet.value((IPTC_EXTENSION, "DigitalSourceType")).endswith(f"/{term}")

    saved_results(tmp_path, tagged(), look, enhance_type=enhance_type)


def test_without_location_everything_else_stays(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        found = blocks_of(task.files[0])
        assert found.exif is not None
        assert found.exif.gps == {}
        assert found.exif.main[0x010F].data == b"Maker\0"
        assert b"2024:05:01" in task.files[0].read_bytes()
        # Nor does it stand anywhere in the file that no reader looks.
        assert struct.pack("<II", 48, 1) not in task.files[0].read_bytes()

    saved_results(tmp_path, tagged(), look, kept=KeptMetadata.WITHOUT_LOCATION)


def test_where_nothing_is_to_be_kept_a_result_stays_as_it_came(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        found = blocks_of(task.files[0])
        assert (found.exif, found.xmp, found.texts) == (None, None, [])
        assert shows(task.files[0], RESULT)
        assert left_out(task) == []

    saved_results(tmp_path, tagged(), look, kept=KeptMetadata.NONE)


def test_nothing_of_what_a_service_left_in_a_result_stays_either(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        found = blocks_of(task.files[0])
        assert (found.exif, found.xmp) == (None, None)
        assert b"Maker" not in task.files[0].read_bytes()

    saved_results(tmp_path, tagged(), look, result=tagged(), kept=KeptMetadata.NONE)


def test_a_face_has_camera_and_date_and_its_own_sides(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        found = blocks_of(task.files[1])
        assert found.exif is not None
        assert found.exif.main[0x010F].data == b"Maker\0"
        assert found.exif.number(found.exif.exif, 0xA002) == 64

    saved_results(tmp_path, tagged(), look, faces=[{}])


@pytest.mark.parametrize(
    ("sides_px", "orientation"), [((200, 400), 1), ((400, 200), 6)], ids=["turned", "as stored"]
)
def test_a_result_that_was_not_turned_is_still_shown_upright(
    tmp_path: Path, sides_px: tuple[int, int], orientation: int
) -> None:
    def look(task: Task) -> None:
        with task.files[0].open("rb") as file:
            assert read_exif(read_metadata(file, "jpg").exif).orientation == orientation

    result = picture_bytes("jpg", *sides_px)
    saved_results(tmp_path, tagged(6), look, result=result)


def test_a_result_that_names_its_orientation_itself_is_believed(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        with task.files[0].open("rb") as file:
            assert read_exif(read_metadata(file, "jpg").exif).orientation == 3

    exif = Image.Exif()
    exif[0x0112] = 3
    result = picture_bytes("jpg", 400, 200, exif=exif)
    saved_results(tmp_path, tagged(1), look, result=result)


def test_where_the_original_cannot_be_had_the_sidecar_says_so(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        # Preflight gets it, and nobody after that.
        provider.on("/tagged.jpg", Reply(body=tagged()), Reply(404))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add(provider.url("/tagged.jpg"))
            saved = await running.until(task, TaskState.SAVED)
        assert left_out(saved) == ["all: there is no copy of the original, which came by address"]
        packet = blocks_of(saved.files[0]).xmp
        assert packet is not None
        assert packet.has((MEDIA, "History"))

    with_provider(test)


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>'
)


def with_segments(*segments: bytes) -> bytes:
    data = picture_bytes("jpg", 200, 100)
    packed = [b"\xff" + each[:1] + struct.pack(">H", len(each) + 1) + each[1:] for each in segments]
    return data[:2] + b"".join(packed) + data[2:]


@pytest.mark.parametrize(
    ("segment", "reasons"),
    [
        (b"\xe1Exif\0\0no tags", ["EXIF: it is broken in the original"]),
        (b"\xe1http://ns.adobe.com/xap/1.0/\0<x", ["XMP: it is broken in the original"]),
        (b"\xe1http://ns.adobe.com/xap/1.0/\0" + BOMB, ["XMP: it is broken in the original"]),
        (b"\xedPhotoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff", []),
        (b"\xe1Exif\0\0II*\0\x08\0\0\0\xff\xff", []),
    ],
    ids=["no tags", "no xml", "entities", "too long", "no directory"],
)
def test_broken_blocks_are_left_out_and_cost_no_result(
    tmp_path: Path, segment: bytes, reasons: list[str]
) -> None:
    def look(task: Task) -> None:
        assert shows(task.files[0], RESULT)
        assert left_out(task) == reasons
        assert b"ENTITY" not in task.files[0].read_bytes()

    saved_results(tmp_path, with_segments(segment), look)


def test_credentials_of_an_original_are_not_carried_and_those_of_a_result_not_broken(
    tmp_path: Path,
) -> None:
    signed = with_segments(b"\xebJP\0\1\0\0\0\1jumbc2pa")

    def carried(task: Task) -> None:
        assert left_out(task) == ["Content Credentials: they hold for the original's bytes alone"]
        assert b"c2pa" not in task.files[0].read_bytes()

    def untouched(task: Task) -> None:
        assert task.files[0].read_bytes() == signed
        assert "Content Credentials" in left_out(task)[0]

    saved_results(tmp_path / "a", signed, carried)
    saved_results(tmp_path / "b", tagged(), untouched, result=signed)


def test_a_local_original_that_was_exchanged_since_is_not_believed(tmp_path: Path) -> None:
    source = tmp_path / "mine.png"
    source.write_bytes(picture_bytes("png", 100, 80))

    async def test(provider: Provider) -> None:
        async def exchanged(talk: Talk) -> None:
            source.write_bytes(picture_bytes("png", 100, 80))
            await talk.reply(Reply(body=RESULT))

        provider.on("/upload", envelope({"picurl": provider.url("/a.jpg")}))
        provider.on("/result.png", exchanged)
        profile = profile_of(provider, upload_path="/upload")
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add(str(source))
            saved = await running.until(task, TaskState.SAVED)
        assert left_out(saved) == ["all: the original was changed since it was sent"]

    with_provider(test)


def test_a_profile_of_adobe_rgb_is_not_claimed_for_a_result_without_one(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0xA001] = 2

    def look(task: Task) -> None:
        with task.files[0].open("rb") as file:
            assert not read_exif(read_metadata(file, "png").exif).is_adobe_rgb

    saved_results(tmp_path, picture_bytes("jpg", 200, 100, exif=exif), look)


def test_the_whole_result_is_hashed_and_counted_as_it_is_saved(tmp_path: Path) -> None:
    def look(task: Task) -> None:
        assert task.sidecar is not None
        after = json.loads(task.sidecar.read_text())["after"]
        assert after["bytes"] == task.files[0].stat().st_size > len(RESULT)
        with Image.open(io.BytesIO(task.files[0].read_bytes())) as image:
            image.load()
        assert not list(task.save_folder.glob(".*.part"))

    saved_results(tmp_path, tagged(), look)
