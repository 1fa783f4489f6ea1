"""How the gallery does with 10,000 entries of which 1,000 are alive.

Run ``python -m tests.benchmarks.gallery``; prints a table in Markdown. Without a screen it draws
into memory (``QT_QPA_PLATFORM=offscreen``), which costs the same work and leaves out the screen's.
Each figure is given twice: as it passed on the clock, and as the window's thread worked for it;
on a computer that does other things at the same time only the second can be compared.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.picture import CheckedPicture, PictureHeader
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.ui.gallery import view
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.list_view import ItemList
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.panel import GalleryPanel
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.startup.gc_thread import GarbageCollector

ITEMS = 10_000
ALIVE = 1_000
PICTURES = 200
FRAMES = 400
STEP_PX = 40
FRAME_MS = 16
EVENTS_A_SECOND = 200


class Watch:
    """Takes times, in milliseconds."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.work: list[float] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        clock_s, work_s = time.perf_counter(), time.thread_time()
        yield
        self.clock.append((time.perf_counter() - clock_s) * 1e3)
        self.work.append((time.thread_time() - work_s) * 1e3)

    def clear(self) -> None:
        self.clock.clear()
        self.work.clear()


PAINTS = Watch()


class TimedList(ItemList):
    """The gallery's list, with a watch on its repaints."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's own
        with PAINTS.running():
            super().paintEvent(event)


def main() -> None:
    application = QApplication(sys.argv)
    setattr(view, "ItemList", TimedList)  # noqa: B010  the view makes its own list
    with TemporaryDirectory() as folder:
        pictures = make_pictures(Path(folder))
        items = make_items(pictures)
        print("| what | clock | work |\n|---|---|---|")
        line("memory before", f"{memory_mib():.0f} MiB |")
        measure(items)
    application.processEvents()


def measure(items: list[Item]) -> None:
    # As in the program, which collects once a second, and little of what it has read.
    garbage = GarbageCollector()
    garbage.settle()
    model = GalleryModel()
    panel = GalleryPanel(model)
    panel.resize(1400, 900)
    panel.show()
    spin(200)
    line("10,000 entries set and laid out", took(lambda: model.set_items(items)))
    gallery = panel.view
    for look in GalleryLayout:
        panel.set_layout(look)
        spin(400)
        for loading in (True, False):
            scrolled(panel, f"{look.value}, {'loading' if loading else 'loaded'}")
    for look in GalleryLayout:
        panel.set_layout(look)
        spin(200)
        where = f"{look.value}: "
        line(where + "filter Done", took(lambda: gallery.set_filter(Group.DONE)))
        line(where + "filter All", took(lambda: gallery.set_filter(None)))
        line(where + "search “img 77”", took(lambda: gallery.set_search("img 77")))
        line(where + "search emptied", took(lambda: gallery.set_search("")))
        line(where + "order by name", took(lambda: gallery.set_sort(Sort.NAME)))
        line(where + "order by newest", took(lambda: gallery.set_sort(Sort.NEWEST)))
        line(where + "Select all", took(gallery.list.selectAll))
        line(where + "Select none", took(gallery.list.clearSelection))
    one = items[5]
    changed = [replace(item, queue_position=item.queue_position + 1) for item in items[:ALIVE]]
    line("one entry changed", took(lambda: model.put_many([replace(one, queue_position=9)])))
    line("1,000 entries changed at once", took(lambda: model.put_many(changed)))
    under_way(panel, items)
    line("memory after", f"{memory_mib():.0f} MiB |")
    line("the garbage of all that collected", took(gc.collect))
    garbage.stop()
    gallery.stop()
    panel.hide()


def scrolled(panel: GalleryPanel, name: str) -> None:
    """Scroll at 60 Hz."""
    area = panel.view.list
    PAINTS.clear()
    bar = area.verticalScrollBar()
    bar.setValue(0)
    run_frames(FRAMES, lambda: bar.setValue(bar.value() + STEP_PX))
    line(f"repaint while scrolling, {name}, p50 / p99 / max", spread(PAINTS))


def under_way(panel: GalleryPanel, items: list[Item]) -> None:
    """Scroll while tasks change and change places."""
    panel.set_layout(GalleryLayout.ROWS)
    model, area = panel.view.model, panel.view.list
    PAINTS.clear()
    puts = Watch()
    bar = area.verticalScrollBar()
    bar.setValue(0)
    a_frame = EVENTS_A_SECOND * FRAME_MS // 1000
    alive = iter(items[:ALIVE] * 4)

    def step() -> None:
        bar.setValue(bar.value() + STEP_PX)
        batch = [next_state(next(alive)) for _ in range(a_frame)]
        with puts.running():
            model.put_many(batch)

    panel.view.set_sort(Sort.STATE)
    run_frames(FRAMES, step)
    line("repaint, 200 changes a second, order by state, p50 / p99 / max", spread(PAINTS))
    line("put_many of 3, p50 / p99 / max", spread(puts))


def next_state(item: Item) -> Item:
    states = (TaskState.QUEUED, TaskState.SENDING, TaskState.FETCHING)
    return replace(item, task=replace(item.task, state=states[time.perf_counter_ns() // 1000 % 3]))


def run_frames(count: int, step: Callable[[], None]) -> None:
    loop, timer = QEventLoop(), QTimer()
    left = [count]

    def tick() -> None:
        step()
        left[0] -= 1
        if left[0] == 0:
            loop.quit()

    timer.timeout.connect(tick)
    timer.start(FRAME_MS)
    loop.exec()
    timer.stop()


def make_pictures(folder: Path) -> list[Path]:
    """Write photographs of 0.4 MB or so."""
    paths = []
    for number in range(PICTURES):
        noise = Image.effect_noise((320, 240), 40).convert("RGB").resize((1600, 1200))
        path = folder / f"img {number}.jpg"
        noise.save(path, quality=90)
        paths.append(path)
    return paths


def make_items(pictures: list[Path]) -> list[Item]:
    return [make_item(number, pictures) for number in range(1, ITEMS + 1)]


def make_item(number: int, pictures: list[Path]) -> Item:
    picture = pictures[number % len(pictures)]
    now = datetime.now(UTC)
    kind = number % 20
    state, failure = TaskState.SAVED, None
    files: tuple[Path, ...] = (pictures[(number + 1) % len(pictures)],)
    if number <= ALIVE:
        state, files = TaskState.ACCEPTED, ()
    elif kind == 0:
        state, failure, files = TaskState.FAILED, Failure("picture_too_large", "23 MB"), ()
    elif kind == 1:
        state, failure, files = TaskState.IN_DOUBT, Failure("in_doubt", "no answer"), ()
    elif kind < 6:
        state, files = TaskState.QUEUED, ()
    task = Task(
        id=number, input=str(picture), service=f"Service {number % 3}", type_id=1,
        type_name=("Enhance", "Upscale ×2", "Restore")[number % 3], save_folder=picture.parent,
        state=state, created_at=now - timedelta(seconds=number), failure=failure, files=files,
        checked=CheckedPicture(str(picture), PictureHeader("jpg", 1600, 1200), 400_000),
        accepted_at=now, saved_at=now if files else None,
    )  # fmt: skip
    if state is not TaskState.ACCEPTED:
        return Item(task)
    return Item(task, False, Phase.PROCESSING, 0, 60.0, Clock().now_s())


def took(work: Callable[[], object]) -> str:
    """Time some work until it is painted."""
    watch = Watch()
    with watch.running():
        work()
        QApplication.processEvents()
    return f"{watch.clock[0]:.1f} ms | {watch.work[0]:.1f} ms"


def spin(milliseconds: int) -> None:
    """Let the window and the other threads work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def spread(watch: Watch) -> str:
    return f"{_percentiles(watch.clock)} | {_percentiles(watch.work)}"


def _percentiles(times_ms: list[float]) -> str:
    ordered = sorted(times_ms)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.1f} / {late:.1f} / {ordered[-1]:.1f} ms"


def line(what: str, figure: str) -> None:
    print(f"| {what} | {figure} |", flush=True)


def memory_mib() -> float:
    """Return what the process holds; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    fields = dict(row.split(":", 1) for row in status.read_text().splitlines() if ":" in row)
    return int(fields["VmRSS"].split()[0]) / 1024


if __name__ == "__main__":
    main()
