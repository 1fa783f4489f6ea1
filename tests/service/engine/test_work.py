"""The engine as a worker process sees it, and its table of types."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.core.services.enhance_types import Outputs, find_enhance_type
from enhance_gui.service.engine import (
    ENHANCE_TYPES,
    WorkJob,
    factor_of,
    output_pixels_allowed,
    prepare_worker,
    run_work,
)
from tests.service.engine.photographs import photograph


def _state_of_this_process() -> tuple[object, int]:
    import cv2

    return signal.getsignal(signal.SIGINT), cv2.getNumThreads()


def test_a_worker_process_does_a_job_and_survives_a_damaged_picture(tmp_path: Path) -> None:
    good, damaged = tmp_path / "good.png", tmp_path / "damaged.png"
    Image.fromarray(photograph("coffee")[:100, :120]).save(good)
    damaged.write_bytes(good.read_bytes()[:5000])
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=prepare_worker) as pool:
        with pytest.raises(PictureDamaged) as caught:
            pool.submit(run_work, WorkJob(2, damaged, tmp_path, "aa")).result(120)
        assert caught.value.detail
        result = pool.submit(run_work, WorkJob(2, good, tmp_path, "bb")).result(120)
        assert (tmp_path / result.after.name).is_file()
        assert (result.after.width_px, result.after.height_px) == (240, 200)
        # Ctrl-C in a terminal reaches the workers too.
        handler, threads = pool.submit(_state_of_this_process).result(120)
        assert handler == signal.SIG_IGN
        assert threads == 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks GCC's runtime of threads, as on Linux")
def test_the_threads_of_a_net_do_not_wait_for_each_other_in_a_loop() -> None:
    script = "from enhance_gui.service.engine import prepare_worker; prepare_worker()"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OMP_DISPLAY_ENV": "verbose"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GOMP_SPINCOUNT = '0'" in ran.stderr


def test_jobs_and_results_can_be_sent_between_processes(tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    Image.fromarray(photograph("astronaut")).save(source)
    job = WorkJob(1, source, tmp_path, "cc")
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301  our own bytes
    result = run_work(job)
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301


def test_importing_the_engine_loads_no_picture_library() -> None:
    script = (
        "import sys, enhance_gui.service.engine\n"
        "print([each for each in ('numpy', 'cv2', 'PIL') if each in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_type_has_an_id_a_name_and_one_honest_sentence() -> None:
    assert ENHANCE_TYPES[0].name == "Upscale ×2"
    assert {type_.id: type_.name for type_ in ENHANCE_TYPES} == {
        1: "Portrait",
        2: "Upscale ×2",
        3: "Upscale ×4",
        4: "Restore old photo",
        5: "Colorize Black White Photo",
        6: "Quick upscale ×2",
        7: "AI detail ×4",
        8: "AI detail ×2",
    }
    assert {type_.id: type_.outputs for type_ in ENHANCE_TYPES} == {
        1: Outputs.FACES,
        2: Outputs.NONE,
        3: Outputs.NONE,
        4: Outputs.NONE,
        5: Outputs.VARIANTS,
        6: Outputs.NONE,
        7: Outputs.NONE,
        8: Outputs.NONE,
    }
    for type_ in ENHANCE_TYPES:
        assert type_.description.endswith(".")
        assert type_.cost == 0
        assert find_enhance_type(ENHANCE_TYPES, type_.name) is type_


@pytest.mark.parametrize(
    ("type_id", "size_px", "allowed"),
    [
        (1, (9216, 9216), True),
        (2, (9216, 9216), True),
        (2, (9217, 64), False),
        (3, (4608, 4608), True),
        (3, (64, 4609), False),
        (4, (9216, 9216), True),
        (5, (9216, 9216), True),
        (7, (64, 4609), False),
        (8, (9217, 64), False),
    ],
)
def test_too_large_a_result_is_known_before_any_work(
    type_id: int, size_px: tuple[int, int], allowed: bool
) -> None:
    sentence = output_pixels_allowed(factor_of(type_id), *size_px)
    assert (sentence is None) is allowed
    if sentence is not None:
        assert "18432" in sentence
