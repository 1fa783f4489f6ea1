"""How a service stands is told in words, and by a dot only once that is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.adding.service_picker import STATE_COLOURS, ServicePicker
from tests.ui.conftest import Run
from tests.ui.window.open_window import STUDIO, open_window


def dot(picker: ServicePicker, row: int) -> str:
    """Return the colour in the middle of a service's dot; empty: there is none."""
    if picker.itemIcon(row).isNull():
        return ""
    image = picker.itemIcon(row).pixmap(24, 24).toImage()
    colour = image.pixelColor(image.width() // 2, image.height() // 2)
    return colour.name() if colour.alpha() > 200 else ""


@pytest.mark.parametrize("state", list(ServiceStatus))
def test_trouble_stands_in_words_beside_the_name(qapp: QApplication, state: ServiceStatus) -> None:
    picker = ServicePicker()
    picker.show_services([STUDIO], "Studio")
    assert (picker.currentText(), dot(picker, 0)) == ("Studio", "")
    picker.on_service_status(ServiceStatusChanged("Studio", state))
    assert dot(picker, 0) == STATE_COLOURS[state]
    assert (picker.currentText() == "Studio") is (state is ServiceStatus.READY)
    assert picker.currentData() == "Studio"
    picker.deleteLater()


def test_a_full_disk_of_a_service_is_told_from_a_busy_one(qapp: QApplication) -> None:
    picker = ServicePicker()
    picker.show_services([STUDIO], "Studio")
    full = Failure("service_disk_full", "the disk of the service has less than 1 GiB free")
    picker.on_service_status(ServiceStatusChanged("Studio", ServiceStatus.BUSY, full))
    assert picker.currentText() == "Studio · No room on its disk; tried again later"
    for words in ("less than 1 GiB free. It took nothing", "Tell whoever runs the service"):
        assert words in picker.accessibleDescription()
    picker.on_service_status(ServiceStatusChanged("Studio", ServiceStatus.READY))
    assert picker.currentText() == "Studio"
    picker.deleteLater()


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.FAILED])
def test_a_service_that_has_passed_its_test_is_green(
    arun: Run, tmp_path: Path, verdict: Verdict
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            picker = opened.window.header.services
            row = picker.findData("Studio")
            assert dot(picker, row) == ""
            opened.services.tried.emit(
                STUDIO, ConnectionTest((CheckedStep(Step.TOKEN, verdict, ""),))
            )
            wanted = STATE_COLOURS[ServiceStatus.READY] if verdict is Verdict.OK else ""
            assert dot(picker, row) == wanted
            offline = ServiceStatusChanged("Studio", ServiceStatus.OFFLINE)
            opened.queue.notify(offline)
            opened.services.tried.emit(
                STUDIO, ConnectionTest((CheckedStep(Step.TOKEN, Verdict.OK, ""),))
            )
            assert dot(picker, row) == STATE_COLOURS[ServiceStatus.OFFLINE], "the work knows more"

    arun(job())
