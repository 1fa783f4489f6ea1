"""Only the photographs that are listed are trained on."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image
from training import photographs
from training.photographs import PHOTOGRAPHS, WrongPhotograph

_HOPPER = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def test_all_are_free_to_use_and_named_once() -> None:
    assert {one.licence for one in PHOTOGRAPHS} == {"CC-BY-4.0", "CC0-1.0"}
    assert len({one.sha256 for one in PHOTOGRAPHS}) == len(PHOTOGRAPHS)


def test_one_that_is_missing_is_named_with_what_it_comes_in(tmp_path: Path) -> None:
    with pytest.raises(WrongPhotograph, match=r"Picture_0B.*is not there: unpack lomiri"):
        photographs.load(tmp_path)


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / PHOTOGRAPHS[0].file).write_bytes(_HOPPER.read_bytes())
    with pytest.raises(WrongPhotograph, match="is not the file out of"):
        photographs.load(tmp_path)


def test_a_small_one_comes_in_three_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _HOPPER.read_bytes()
    (tmp_path / "one.jpg").write_bytes(data)
    one = dataclasses.replace(
        PHOTOGRAPHS[0], file="one.jpg", sha256=hashlib.sha256(data).hexdigest()
    )
    monkeypatch.setattr(photographs, "PHOTOGRAPHS", (one,))
    loaded = photographs.load(tmp_path)
    assert [picture.shape[:2] for picture in loaded] == [(400, 341), (300, 256), (200, 171)]
    with Image.open(_HOPPER) as image:
        whole = np.asarray(image).astype(float)
    mean = whole.reshape(300, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(loaded[1] - mean).max() <= 0.51
