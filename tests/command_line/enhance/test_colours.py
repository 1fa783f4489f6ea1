"""Colour photographs that are to be colourised are warned of, and enhanced all the same."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.service.engine.photographs import photograph, shrunk
from tests.support.program import run


def photographs(folder: Path) -> list[Path]:
    made = [folder / f"{name}.png" for name in ("astronaut", "camera")]
    for path in made:
        Image.fromarray(shrunk(photograph(path.stem), 4, "area")).save(path)
    return made


def test_the_coloured_one_is_named_and_both_are_enhanced(tmp_path: Path) -> None:
    kind = "Colorize Black White Photo"
    done = asyncio.run(
        run("enhance", *photographs(tmp_path), "--type", kind, "--save", tmp_path / "out")
    )
    assert done.code == 0, done.err
    (warning,) = (line for line in done.err.splitlines() if line.startswith("warning: "))
    assert warning == (
        f"warning: 1 photograph already has colours, which “{kind}” replaces by invented ones: "
        "astronaut.png"
    )
    assert "warning" not in done.out
    assert list((tmp_path / "out").glob("astronaut*.png"))


def test_other_types_warn_of_nothing(tmp_path: Path) -> None:
    done = asyncio.run(run("enhance", *photographs(tmp_path), "--save", tmp_path / "out"))
    assert done.code == 0, done.err
    assert "warning" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no paths there")
def test_a_pipe_among_the_files_keeps_nobody_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    kind = "Colorize Black White Photo"
    inputs = (pipe, *photographs(tmp_path))
    done = asyncio.run(run("enhance", *inputs, "--type", kind, "--save", tmp_path / "out"))
    assert done.code == 1, done.err
    assert "1 photograph already has colours" in done.err
    for name in ("astronaut", "camera"):
        assert list((tmp_path / "out").glob(f"{name}*.png"))
