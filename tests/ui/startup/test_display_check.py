"""What keeps a window from being shown is told in one sentence, before Qt would abort."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.ui.startup.display_check import debian_package, display_problem, library_problem

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the displays of Linux")


@pytest.fixture
def compositor(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment variables of a desktop on which something listens as a compositor does."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        yield {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}


def test_a_compositor_that_answers_is_enough(compositor: dict[str, str]) -> None:
    assert display_problem(compositor) == ""
    assert display_problem({**compositor, "QT_QPA_PLATFORM": "wayland"}) == ""
    whole = f"{compositor['XDG_RUNTIME_DIR']}/wayland-0"
    assert display_problem({"WAYLAND_DISPLAY": whole}) == ""


def test_a_compositor_that_does_not_answer_is_named(tmp_path: Path) -> None:
    gone = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}
    for environment in (gone, {**gone, "QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"}):
        problem = display_problem(environment)
        assert problem == "the display wayland-7 cannot be reached; check WAYLAND_DISPLAY"


def test_without_a_compositor_the_x_display_is_looked_at(tmp_path: Path) -> None:
    both = {
        "XDG_RUNTIME_DIR": str(tmp_path),
        "WAYLAND_DISPLAY": "wayland-7",
        "DISPLAY": ":4711",
    }
    problem = display_problem(both)
    assert "4711" in problem or "apt install" in problem


def test_a_platform_that_was_asked_for_needs_its_own_display(compositor: dict[str, str]) -> None:
    assert "no display" in display_problem({**compositor, "QT_QPA_PLATFORM": "xcb"})
    assert "no display" in display_problem({"QT_QPA_PLATFORM": "wayland"})
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) == ""


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libEGL.so.1", "libegl1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
    ],
)
def test_a_library_that_qt_cannot_load_is_named_with_its_package(
    library: str, package: str
) -> None:
    assert debian_package(library) == package
    reported = f"{library}: cannot open shared object file: No such file or directory"
    assert library_problem(reported) == (
        f"the library {library} is missing; on Debian or Ubuntu: sudo apt install {package}"
    )


def test_other_trouble_with_a_library_is_shown_as_it_is() -> None:
    problem = library_problem("undefined symbol: qt_version_tag")
    assert "undefined symbol: qt_version_tag" in problem
    assert "apt install" in problem
