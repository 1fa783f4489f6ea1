"""The main job on a fresh machine: photographs in, enhanced pictures out, without an account."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.core.services.own_models import models_folder
from enhance_gui.storage.folders import user_folders
from tests.service.engine.photographs import photograph, psnr_db, shrunk
from tests.support.models.tiny import write_ncnn
from tests.support.pictures import picture_bytes
from tests.support.program import ended, first_text, run, start
from tests.support.scriptable_service import Reply, ScriptableService, Talk, redirect

NAMES = ("astronaut", "coffee", "chelsea", "hopper", "camera", "brick")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Return a folder with real photographs, reduced to a quarter to be quick."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in NAMES:
        Image.fromarray(shrunk(photograph(name), 2, "area")).save(folder / f"{name}.png")
    return folder


def test_one_photograph_becomes_twice_as_large_and_sharper_than_bicubic(
    tmp_path: Path, photographs: Path
) -> None:
    source = photographs / "astronaut.png"
    results = tmp_path / "out"
    done = asyncio.run(run("enhance", source, "--type", "Upscale ×2", "--save", results))
    assert done.code == 0, done.err
    (picture,) = results.glob("*.png")
    assert done.out.splitlines() == [str(picture)]
    original = photograph("astronaut")
    with Image.open(source) as small, Image.open(picture) as enhanced:
        assert enhanced.size == (small.width * 2, small.height * 2)
        bicubic = np.asarray(small.resize(enhanced.size, Image.Resampling.BICUBIC))
        gain_db = psnr_db(np.asarray(enhanced.convert("RGB")), original) - psnr_db(
            bicubic, original
        )
    assert gain_db > 0.5
    sidecar = json.loads(picture.with_suffix(".json").read_text())
    assert sidecar["input"] == sidecar["input_file"] == str(source)
    assert sidecar["type"]["name"] == "Upscale ×2"
    assert (sidecar["after"]["width_px"], sidecar["after"]["height_px"]) == enhanced.size
    assert sidecar["input_sha256"] == sidecar["before"]["sha256"] is not None


def test_the_sidecar_tells_the_input_as_it_was_written_and_which_file_that_was(
    tmp_path: Path, photographs: Path
) -> None:
    source = photographs / "camera.png"
    written = os.path.relpath(source)
    done = asyncio.run(run("enhance", written, "--save", tmp_path / "out", "--json"))
    assert done.code == 0, done.err
    (line,) = done.lines()
    sidecar = json.loads(Path(line["sidecar"]).read_text())
    assert sidecar["input"] == line["input"] == written
    assert sidecar["input_file"] == str(source)
    assert sidecar["final_url"] is None


@pytest.mark.long
def test_eighteen_good_inputs_are_saved_and_twelve_bad_ones_say_why(
    tmp_path: Path, photographs: Path
) -> None:
    async def test() -> None:
        async with ScriptableService() as web:
            good, bad = _inputs(web, tmp_path, photographs)
            mixed = [each for pair in zip(good, bad, strict=False) for each in pair]
            mixed += good[len(bad) :]
            assert (len(good), len(bad)) == (18, 12)
            quick = ("--type", "Quick upscale ×2")
            done = await run("enhance", *mixed, *quick, "--save", tmp_path / "out", "--json")
        assert done.code == 1, done.err
        lines = {line["input"]: line for line in done.lines()}
        assert len(done.lines()) == len(lines) == 30
        for text in good:
            assert lines[text]["state"] == "saved", lines[text]
        assert len(list((tmp_path / "out").glob("*.json"))) == 18
        for text, kind in bad.items():
            error = lines[text]["error"]
            assert lines[text]["state"] == "failed"
            assert error["kind"] == kind, (text, error)
            assert len(error["message"]) > 20
            assert not error["message"].endswith(".")
            assert error["next_step"].endswith(".")
        assert len({lines[text]["error"]["message"] for text in bad}) == 12

    asyncio.run(test())


def _inputs(
    web: ScriptableService, folder: Path, photographs: Path
) -> tuple[list[str], dict[str, str]]:
    """Return 18 inputs that can be enhanced, and 12 that cannot with the kind of each error."""
    good = []
    for number, name in enumerate(NAMES * 3):
        path = photographs / f"{name}.png"
        if number < len(NAMES):
            good.append(str(path))
        else:
            web.on(f"/{number}/{name}.png", Reply(body=path.read_bytes()))
            good.append(web.url(f"/{number}/{name}.png"))
    web.on("/moved.png", redirect("/6/astronaut.png"))
    good[6] = web.url("/moved.png")

    async def never(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        await talk.close()

    web.on("/page.jpg", Reply(body=b"<!doctype html><title>Gallery</title>"))
    web.on("/huge.jpg", never)
    web.on("/loop.jpg", redirect("/loop.jpg"))
    web.on("/secret.jpg", Reply(403))
    web.on("/small.png", Reply(body=picture_bytes("png", 63, 200)))
    web.on("/drawing.svg", Reply(body=b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"))
    web.on("/cut.png", Reply(body=picture_bytes("png", 200, 200)[:5000]))
    Image.new("1", (9217, 64)).save(folder / "wide.png")
    (folder / "text.jpg").write_text("this is not a picture")
    (folder / "empty.png").touch()
    return good, {
        web.url("/page.jpg"): "kind_not_supported",
        web.url("/huge.jpg"): "picture_too_large",
        web.url("/loop.jpg"): "picture_unreachable",
        web.url("/secret.jpg"): "picture_unreachable",
        web.url("/small.png"): "picture_too_small",
        web.url("/drawing.svg"): "kind_not_supported",
        web.url("/cut.png"): "kind_refused",
        "ftp://example.org/a.jpg": "address_not_usable",
        str(folder / "wide.png"): "picture_too_large",
        str(folder / "text.jpg"): "kind_not_supported",
        str(folder / "empty.png"): "picture_missing",
        str(folder / "no such.png"): "picture_missing",
    }


def test_faces_and_variants_come_with_the_result(tmp_path: Path, photographs: Path) -> None:
    Image.fromarray(photograph("astronaut")).save(photographs / "portrait.png")
    arguments = ("--save", tmp_path / "out", "--json")
    portrait = asyncio.run(
        run("enhance", photographs / "portrait.png", "--type", "portrait", *arguments)
    )
    names = [Path(line).name for line in portrait.lines()[0]["files"]]
    assert names == ["portrait-portrait.png", "portrait-portrait-face-1.png"]
    tinted = asyncio.run(
        run(
            "enhance",
            photographs / "camera.png",
            "--type",
            "Colorize Black White Photo",
            *arguments,
        )
    )
    files = [Path(line) for line in tinted.lines()[0]["files"]]
    variants = [file.name for file in files]
    stem = "camera-colorize-black-white-photo"
    # The first one is the result itself, and not there twice.
    assert variants == [f"{stem}.png", *(f"{stem}-variant-{number}.png" for number in range(2, 6))]
    assert len({file.read_bytes() for file in files}) == len(files)


def test_nothing_stays_behind_after_a_run_that_was_interrupted(photographs: Path) -> None:
    async def test() -> None:
        process = await start("enhance", photographs / "astronaut.png", "--type", "Upscale ×4")
        await first_text(process)  # the service of this computer is being started
        await asyncio.sleep(0.4)
        process.terminate()
        assert (await ended(process)).code in (0, 4)

    asyncio.run(test())
    home = os.environ["XDG_DATA_HOME"]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        assert home.encode() not in arguments, arguments


def test_services_and_version_are_told() -> None:
    listed = asyncio.run(run("services", "--json"))
    assert listed.code == 0
    assert listed.lines()[0]["name"] == "This computer"
    assert "Upscale ×2" in [line["name"] for line in listed.lines()[0]["enhance_types"]]
    version = asyncio.run(run("--version"))
    assert version.out.startswith("enhance-gui ")


@pytest.mark.long
def test_a_model_of_the_users_own_is_ordered_by_its_name_as_soon_as_it_is_there(
    tmp_path: Path, photographs: Path
) -> None:
    folder = models_folder(user_folders().service_data)
    folder.mkdir(parents=True)
    write_ncnn(folder, "4x-Sharp", 4)
    results = tmp_path / "out"
    source = photographs / "brick.png"
    done = asyncio.run(run("enhance", source, "--type", "4x-sharp", "--save", results))
    assert done.code == 0, done.err
    (picture,) = results.glob("*.png")
    with Image.open(source) as before, Image.open(picture) as after:
        assert after.size == (before.width * 4, before.height * 4)
    assert json.loads(picture.with_suffix(".json").read_text())["type"]["name"] == "4x-Sharp"
