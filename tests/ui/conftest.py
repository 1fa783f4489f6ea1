"""What holds for every test of the window: one application, a loop, and no surprises."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Protocol, TypeVar

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImageReader

from enhance_gui.ui.startup.event_loop import WindowLoop
from enhance_gui.ui.startup.qt_application import Application
from enhance_gui.ui.startup.qt_messages import category_of, is_about_a_picture

T = TypeVar("T")

# Elsewhere there is no D-Bus, nor the package that speaks it.
collect_ignore = [] if sys.platform == "linux" else ["test_desktop_bus.py"]

TIMEOUT_S = 90.0
"""Much longer than any test takes: a busy computer must not fail one."""

_LOOK_S = 0.02
_LOOKS = 2000
"""Counted, not timed: while the computer stands still, nothing can come about."""

_HARMLESS = ("propagateSizeHints", "This plugin does not support")
"""What Qt's offscreen platform says because it is offscreen."""


class Run(Protocol):
    """Runs a coroutine on Qt's loop."""

    def __call__(self, coroutine: Coroutine[Any, Any, T]) -> T: ...


@pytest.fixture(scope="session")
def qapp() -> Application:
    found = Application.instance()
    application = found if isinstance(found, Application) else Application([])
    application.setQuitOnLastWindowClosed(False)
    QImageReader.setAllocationLimit(400)
    return application


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Destroy what a test leaves on this thread, as the program does; a worker must not do it."""
    # To look at all that was imported takes a tenth of a second. A program that ends, as in some
    # tests, has it looked at again.
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def arun(qapp: Application) -> Run:
    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        async def limited() -> T:
            return await asyncio.wait_for(coroutine, TIMEOUT_S)

        with asyncio.Runner(loop_factory=lambda: WindowLoop(qapp)) as runner:
            return runner.run(limited())

    return run


@pytest.fixture
def expected_log() -> list[str]:
    """Words of log lines that the test means to cause."""
    return []


@pytest.fixture(autouse=True)
def no_surprises(caplog: pytest.LogCaptureFixture, expected_log: list[str]) -> Iterator[None]:
    """Fail a test for Qt's warnings, for errors in slots, and for log lines nobody expected."""
    surprises: list[str] = []

    def received(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        harmless = kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if not harmless and not is_about_a_picture(category_of(context)):
            surprises.append(f"Qt: {message}")

    def raised(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        surprises.append(f"in a slot: {error!r}")
        hook(kind, error, traceback)

    hook = sys.excepthook
    sys.excepthook = raised
    earlier = qInstallMessageHandler(received)
    yield
    qInstallMessageHandler(earlier)
    sys.excepthook = hook
    lines = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    surprises += [
        f"log: {line.getMessage()}"
        for line in lines
        if not any(words in line.getMessage() for words in expected_log)
    ]
    surprises = [
        surprise for surprise in surprises if not any(words in surprise for words in _HARMLESS)
    ]
    assert surprises == []


Wait = Callable[[Callable[[], object], str], Coroutine[Any, Any, None]]


@pytest.fixture
def until() -> Wait:
    """Wait until a condition holds."""

    async def wait(condition: Callable[[], object], what: str) -> None:
        for _ in range(_LOOKS):
            if condition():
                return
            await asyncio.sleep(_LOOK_S)
        raise AssertionError(f"it did not come to this: {what}")

    return wait
