"""How smooth the comparison is with two pictures of 9216 × 9216 pixels.

``python -m tests.benchmarks.compare_view [--side-px N] [--steps N]`` prints a table. The view has
1400 × 900 pixels and stands on Qt's offscreen platform; a repaint is timed from its call to its
return, which is what the window's thread spends on it; the processor's time, of all threads, is
what it costs on a computer that has other things to do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.view import CompareView

VIEW_PX = (1400, 900)
MIDDLE = QPointF(700, 450)
ALLOCATION_LIMIT_MB = 400
"""As the program sets it."""

_HEAD = """
| repaint | p50 ms | p99 ms | processor p50 ms | processor p99 ms |
|---|---|---|---|---|"""

Steps = Iterator[Callable[[], None]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side-px", type=int, default=9216)
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args()
    QImageReader.setAllocationLimit(ALLOCATION_LIMIT_MB)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own, so that its memory is not counted.
        with ProcessPoolExecutor(1, get_context("spawn")) as maker:
            paths = maker.submit(_pictures, Path(folder), options.side_px).result()
        pair = [PictureFile(path, path.stem) for path in paths]
        view = CompareView()
        view.resize(*VIEW_PX)
        view.show()
        print(f"Two pictures of {options.side_px} × {options.side_px}, view 1400 × 900\n")
        print("| what | result |\n|---|---|")
        loads = _waited(application, lambda: view.show_pair(*pair), view)
        print(
            f"| first picture | {loads[0]:.0f} ms, longest stop of the window {loads[1]:.0f} ms |"
        )
        _row_of_memory("memory at fit")
        _measure(application, view, options.steps)
        view.close()


def _pictures(folder: Path, side_px: int) -> list[Path]:
    """Make photographs with structure at every size: noise, enlarged, on noise."""
    random = Random(1)
    paths = [folder / "before.jpg", folder / "after.jpg"]
    for path in paths:
        picture = Image.new("RGB", (side_px, side_px))
        for grain in (32, 4, 1):
            tile = Image.frombytes("RGB", (512, 512), random.randbytes(512 * 512 * 3))
            tile = tile.resize((512 * grain, 512 * grain), Image.Resampling.BILINEAR)
            layer = Image.new("RGB", (side_px, side_px))
            for left in range(0, side_px, tile.width):
                for top in range(0, side_px, tile.height):
                    layer.paste(tile, (left, top))
            picture = Image.blend(picture, layer, 0.4)
        picture.save(path, quality=88)
    return paths


def _waited(
    application: QApplication, begin: Callable[[], None], view: CompareView
) -> tuple[float, float]:
    """Return how long it took until all was there, and the longest stop of the event loop, ms."""
    start_s = last_s = time.perf_counter()
    stop_s = 0.0
    begin()
    while view.busy:
        application.processEvents()
        time.sleep(0.001)
        now_s = time.perf_counter()
        stop_s, last_s = max(stop_s, now_s - last_s), now_s
    return (time.perf_counter() - start_s) * 1e3, stop_s * 1e3


def _measure(application: QApplication, view: CompareView, steps: int) -> None:
    print(_HEAD)
    for mode in CompareMode:
        view.viewport.set_mode(mode)
        name = mode.value.replace("_", " ")
        view.viewport.fit()
        _timed(application, view, f"{name}: zoom in from fit", _zooming(view, steps))
        _settle(application, view)
        view.zoom_to(QRectF(0.3, 0.3, 0.25, 0.25))
        _timed(application, view, f"{name}: pan at {view.viewport.zoom:.0%}", _panning(view, steps))
        view.viewport.actual_size()
        _settle(application, view)
        _timed(application, view, f"{name}: pan at 100 %", _panning(view, steps))
    _row_of_memory("memory at 100 %")
    view.viewport.set_mode(CompareMode.DIVIDER)
    view.viewport.fit()
    _timed(application, view, "divider: drag at fit", _sliding(view, steps))
    view.viewport.actual_size()
    _settle(application, view)
    _timed(application, view, "divider: drag at 100 %", _sliding(view, steps))


def _settle(application: QApplication, view: CompareView) -> None:
    while view.busy:
        application.processEvents()
    application.processEvents()


def _zooming(view: CompareView, steps: int) -> Steps:
    factor = (1.0 / view.viewport.zoom) ** (1 / steps)
    for _ in range(steps):
        yield lambda: view.viewport.zoom_by(factor, MIDDLE)


def _panning(view: CompareView, steps: int) -> Steps:
    for step in range(steps):
        way = 1 if step // 25 % 2 else -1
        yield lambda: view.viewport.pan(QPointF(way * 13, way * 7))  # noqa: B023  called before the next


def _sliding(view: CompareView, steps: int) -> Steps:
    for step in range(steps):
        yield lambda: view.viewport.move_divider_to(QPointF(250 + step * 900 / steps, 450))  # noqa: B023


def _timed(application: QApplication, view: CompareView, name: str, steps: Steps) -> None:
    """Time what each step has marked for painting, as at the next frame."""
    taken_ms, used_ms = [], []
    for step in steps:
        step()
        started_s, used_s = time.perf_counter(), time.process_time()
        application.sendPostedEvents(view.window(), QEvent.Type.UpdateRequest)
        taken_ms.append((time.perf_counter() - started_s) * 1e3)
        used_ms.append((time.process_time() - used_s) * 1e3)
    figures = (_at(taken_ms, 0.5), _at(taken_ms, 0.99), _at(used_ms, 0.5), _at(used_ms, 0.99))
    print(f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _row_of_memory(name: str) -> None:
    if not sys.platform.startswith("linux"):
        return
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    size_mb = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    print(f"| {name} | {size_mb:.0f} MB |")


if __name__ == "__main__":
    main()
