"""Results of this computer's service and copies of them say what their originals said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from enhance_gui.jobs.support.saving import save_copy
from enhance_gui.storage.folders import user_folders
from tests.support.described.tag_sets import (
    SETS,
    SIDES_PX,
    exiftool,
    kept,
    needs_exiftool,
    tags_of,
    tags_of_all,
)
from tests.support.program import run

pytestmark = needs_exiftool


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("originals")
    return {name: make(folder) for name, make in SETS.items()}


@pytest.fixture(scope="module")
def enhanced(
    originals: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The results, made by one run of the program with its own service."""
    folder = tmp_path_factory.mktemp("results")
    inputs = [str(path) for path in originals.values()]
    done = asyncio.run(
        run("enhance", *inputs, "--type", "Quick upscale ×2", "--save", folder, "--json")
    )
    assert done.code == 0, done.err
    files = {line["input"]: Path(line["files"][0]) for line in done.lines()}
    return {name: files[str(path)] for name, path in originals.items()}


@pytest.fixture(scope="module")
def tags(enhanced: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """What the results say."""
    return dict(zip(enhanced, tags_of_all(enhanced.values()), strict=True))


def lacking(original: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: (value, result.get(name))
        for name, value in kept(original).items()
        if result.get(name) != value
    }


@pytest.mark.long
@pytest.mark.parametrize("name", SETS)
def test_every_tag_of_an_original_is_in_its_result(
    originals: Mapping[str, Path],
    enhanced: Mapping[str, Path],
    tags: Mapping[str, dict[str, Any]],
    name: str,
) -> None:
    found = tags[name]
    if name == "web":
        assert enhanced[name].suffix == ".jpg"
    assert lacking(tags_of(originals[name]), found) == {}
    assert "Warning" not in " ".join(found)
    assert not any(tag.startswith("IFD1:") for tag in found)
    with Image.open(enhanced[name]) as image:
        width_px, height_px = image.size
        image.load()
    turned = name == "phone"
    assert (width_px, height_px) == tuple(2 * side for side in SIDES_PX[:: -1 if turned else 1])
    for tag, value in (
        ("IFD0:Orientation", 1),
        ("ExifIFD:ExifImageWidth", width_px),
        ("ExifIFD:ExifImageHeight", height_px),
        ("XMP-exif:ExifImageWidth", width_px),
    ):
        assert found.get(tag, value) == value
    history = found["XMP-xmpMM:History"][-1]
    assert (history["Action"], history["Parameters"]) == ("edited", "Quick upscale ×2")
    assert history["SoftwareAgent"].startswith("Enhance GUI ")
    assert found["XMP-iptcExt:DigitalSourceType"].endswith("/algorithmicallyEnhanced")
    sidecar = json.loads(enhanced[name].with_suffix(".json").read_text())
    assert sidecar["left_out"] == []
    assert sidecar["after"]["bytes"] == enhanced[name].stat().st_size


def test_an_area_in_a_turned_picture_is_turned_and_enlarged_with_it(
    tags: Mapping[str, dict[str, Any]],
) -> None:
    # The middle (40, 30) of 96 × 72 is at (72 - 30, 40) when upright, and all is doubled.
    assert tags["phone"]["ExifIFD:SubjectArea"] == "84 80 20 40"


def test_named_faces_are_turned_with_the_picture(tags: Mapping[str, dict[str, Any]]) -> None:
    found = tags["phone"]
    region = found["XMP-mwg-rs:RegionInfo"]
    assert (region["AppliedToDimensions"]["W"], region["AppliedToDimensions"]["H"]) == (144, 192)
    (face,) = region["RegionList"]
    assert face["Name"] == "Ärger"
    area = {key: face["Area"][key] for key in "XYWH"}
    assert area == pytest.approx({"X": 0.6, "Y": 0.25, "W": 0.2, "H": 0.1})
    (person,) = found["XMP-MP:RegionInfoMP"]["Regions"]
    corner = [float(each) for each in person["Rectangle"].split(",")]
    assert corner == pytest.approx([0.5, 0.2, 0.2, 0.1])


def test_a_print_resolution_is_kept_where_viewers_look_for_it(enhanced: Mapping[str, Path]) -> None:
    with Image.open(enhanced["lightroom"]) as image:
        assert image.info["dpi"] == (300, 300)
    with Image.open(enhanced["stock_agency"]) as image:
        assert image.info["dpi"] == (240, 240)
    with Image.open(enhanced["texts"]) as image:
        assert image.info["dpi"] == pytest.approx((150, 150), abs=0.02)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("name", SETS)
def test_every_tag_is_in_a_copy_of_whatever_kind(
    enhanced: Mapping[str, Path],
    tags: Mapping[str, dict[str, Any]],
    tmp_path: Path,
    name: str,
    ending: str,
) -> None:
    copy = save_copy(enhanced[name], tmp_path / f"copy.{ending}")
    with Image.open(copy.path) as image, Image.open(enhanced[name]) as result:
        assert image.format == {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper())
        assert image.size == result.size
        image.load()
    before, after = tags[name], tags_of(copy.path)
    missing = lacking(before, after)
    lost = {tag for tag in missing if after.get(tag) != before[tag]}
    if ending == "webp":
        lost = {tag for tag in lost if not tag.startswith(("IPTC:", "Photoshop:"))}
    if ending != "png":
        lost = {tag for tag in lost if not tag.startswith("PNG")}
    assert lost == set()


def test_fields_that_a_kind_has_no_place_for_stand_in_xmp(
    enhanced: Mapping[str, Path], tmp_path: Path
) -> None:
    copy = save_copy(enhanced["stock_agency"], tmp_path / "copy.webp")
    found = tags_of(copy.path)
    assert found["XMP-dc:Title"] == "Titel"
    assert found["XMP-dc:Description"] == "Eine Straße in Köln"
    assert found["XMP-photoshop:Headline"] == "Überschrift"
    assert found["XMP-photoshop:DateCreated"] == "2023:04:05"
    assert "WebP files have no place" in " ".join(copy.notes)
    copy = save_copy(enhanced["texts"], tmp_path / "copy.jpg")
    found = tags_of(copy.path)
    assert found["XMP-dc:Title"] == "A title"
    assert found["XMP-dc:Description"] == "Eine Beschreibung, 説明"
    assert found["XMP-dc:Creator"] == ["Müller"]
    assert "the text “Own keyword”, for which only a PNG has a place" in copy.notes
    with Image.open(copy.path) as image:
        assert image.info["dpi"] == (150, 150)


def test_the_maker_note_can_be_read_in_a_tiff_too(
    enhanced: Mapping[str, Path], tmp_path: Path
) -> None:
    copy = save_copy(enhanced["camera_with_maker_note"], tmp_path / "copy.tif")
    assert "Owner of the camera" in exiftool("-Canon:OwnerName", copy.path)


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation to what lays an upright picture down as it is stored."""


COLOURS = {(40, 30): (255, 0, 0), (150, 30): (255, 255, 255), (40, 100): (0, 128, 0)}
"""Places in the upright result, and what is there."""


def enhance_with(settings: Mapping[str, Any], folder: Path, *inputs: Path) -> list[Path]:
    """Enhance files as a user with these settings; return the results in order."""
    config = user_folders().preferences
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps(settings))
    kind = "Quick upscale ×2"
    done = asyncio.run(run("enhance", *inputs, "--type", kind, "--save", folder, "--json"))
    assert done.code == 0, done.err
    files = {line["input"]: Path(line["files"][0]) for line in done.lines()}
    return [files[str(each)] for each in inputs]


@pytest.mark.long
def test_a_result_is_upright_whichever_way_its_original_was_stored(tmp_path: Path) -> None:
    upright = Image.new("RGB", (96, 64), "blue")
    upright.paste("red", (0, 0, 48, 32))
    upright.paste("white", (48, 0, 96, 32))
    upright.paste("green", (0, 32, 48, 64))
    inputs = []
    for orientation in range(1, 9):
        turn = TURNS.get(orientation)
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / f"{orientation}.jpg"
        (upright if turn is None else upright.transpose(turn)).save(path, quality=95, exif=exif)
        inputs.append(path)
    for result in enhance_with({}, tmp_path / "results", *inputs):
        found = tags_of(result)
        assert found["IFD0:Orientation"] == 1
        with Image.open(result) as image:
            assert image.size == (192, 128)
            pixels = np.asarray(image.convert("RGB")).astype(int)
        for (x, y), colour in COLOURS.items():
            assert abs(pixels[y, x] - colour).sum() < 30


def test_what_says_where_it_was_taken_goes_where_the_user_wants_that(
    originals: Mapping[str, Path], tmp_path: Path
) -> None:
    inputs = [originals["located"], originals["stock_agency"]]
    settings = {"metadata": "without_location"}
    results = enhance_with(settings, tmp_path / "results", *inputs)
    for path in results:
        found = tags_of(path)
        assert not [name for name in found if "GPS" in name or "Location" in name]
        assert b"Sydney" not in path.read_bytes()
        text = json.dumps({k: v for k, v in found.items() if not k.startswith("SourceFile")})
        for place in ("City", "Country", "Sub-location"):
            assert place not in text
    found = tags_of(results[0])
    assert (found["IFD0:Make"], found["IPTC:Headline"]) == ("DJI", "Opera")
    assert tags_of(results[1])["XMP-dc:Creator"] == ["Jürgen Groß"]


def test_nothing_is_kept_where_the_user_wants_none(
    originals: Mapping[str, Path], tmp_path: Path
) -> None:
    (result,) = enhance_with({"metadata": "none"}, tmp_path / "results", originals["located"])
    found = tags_of(result)
    assert not [name for name in found if name.startswith(("XMP", "IPTC", "ExifIFD", "GPS"))]
    assert b"DJI" not in result.read_bytes()
