"""``packaging/run.py`` hands its arguments to the program, and the program's end back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import model_list
import pytest
import starting
import supported_python
from environment import candidates
from qt_libraries import Library, explanation, install_command, missing, needed
from system_packages import distributions

from enhance_gui.jobs.support.diagnosis import NEWEST_TRIED_PYTHON

PACKAGING = Path(starting.__file__).parent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout whose environment is ready, with a shell script as its program."""
    root = tmp_path / "checkout"
    (root / "packaging").mkdir(parents=True)
    for path in PACKAGING.glob("*.py"):
        shutil.copy(path, root / "packaging")
    shutil.copytree(PACKAGING / "pinned", root / "packaging" / "pinned")
    shutil.copy(PACKAGING.parent / "pyproject.toml", root)
    place = candidates(".venv", root=root)[0]
    place.python.parent.mkdir(parents=True)
    place.python.touch()
    place.stamp.write_text(_key_in(root))
    place.models.mkdir(parents=True)
    for source in model_list.ALL:
        for model in source.models:
            (place.models / model.name).touch()
    return root


def test_arguments_output_and_exit_code_pass_through(checkout: Path) -> None:
    _program(checkout, 'printf "<%s>" "$@"; exit 3')
    done = _run(checkout, "enhance", "two words", "--list", "-")
    assert (done.stdout, done.returncode) == ("<enhance><two words><--list><->", 3)
    note = supported_python.note_about(sys.version_info[:2])
    assert done.stderr == ("" if note is None else f"{note}\n")


def test_standard_input_reaches_the_program(checkout: Path) -> None:
    _program(checkout, "cat")
    assert _run(checkout, "token", "set", text="secret").stdout == "secret"


def test_a_signal_reaches_the_program(checkout: Path) -> None:
    _program(checkout, "trap 'echo ended; exit 7' TERM\necho started\nwhile :; do sleep 0.05; done")
    with subprocess.Popen(
        [sys.executable, str(checkout / "packaging/run.py"), "serve"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "started\n"
        child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "ended\n"
    assert child.returncode == 7


def test_trained_nets_that_are_missing_are_fetched_beside_the_program(checkout: Path) -> None:
    _program(checkout, "echo here")
    place = candidates(".venv", root=checkout)[0]
    asked = checkout / "asked"
    _command(place.python, f'echo "$@" > {asked}.new; mv {asked}.new {asked}; exit 1')
    _run(checkout)
    assert not asked.exists()
    (place.models / "realesrgan-x4plus.bin").unlink()
    assert _run(checkout).stdout == "here\n"
    end_s = time.monotonic() + 60
    while not asked.exists():
        assert time.monotonic() < end_s
        time.sleep(0.02)
    assert " pip download " in asked.read_text()
    assert "--require-hashes" in asked.read_text()


def test_a_start_with_nothing_to_set_up_costs_little(checkout: Path) -> None:
    _program(checkout, "exit 0")
    _run(checkout, "--version")
    # The processor's time: unlike the clock's, it stays the same on a busy computer.
    durations_s = []
    for _ in range(5):
        before = os.times()
        _run(checkout, "--version")
        after = os.times()
        durations_s.append(
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        )
    assert min(durations_s) < 0.15


def test_it_starts_where_python_leaves_the_scripts_folder_out(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    _program(checkout, "echo here")
    assert _run(checkout, "doctor").stdout == "here\n"


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True),
        (["a.jpg", "https://example.org/b.jpg"], True),
        (["enhance", "a.jpg"], False),
        (["serve"], False),
        (["--version"], False),
        (["--help"], False),
    ],
)
def test_which_arguments_open_the_window(arguments: list[str], window: bool) -> None:
    assert starting.opens_window(arguments) is window


@pytest.mark.parametrize("version", [(3, 11), (3, 13), (3, 15)])
def test_a_python_that_serves_is_let_through(version: tuple[int, int]) -> None:
    assert supported_python.problem_with(version, "packaging/run.py") is None


@pytest.mark.parametrize(
    ("version", "fault"), [((3, 10), "3.10, which is too old"), ((3, 16), "3.16, which is too new")]
)
def test_another_python_is_refused_with_words(version: tuple[int, int], fault: str) -> None:
    problem = supported_python.problem_with(version, "packaging/run.py")
    assert problem is not None
    assert fault in problem
    assert "packaging/run.py" in problem


def test_a_python_that_was_not_fully_tried_is_told_in_one_line() -> None:
    assert supported_python.NEWEST_TRIED == NEWEST_TRIED_PYTHON
    assert supported_python.note_about(NEWEST_TRIED_PYTHON) is None
    tried = ".".join(map(str, NEWEST_TRIED_PYTHON))
    assert supported_python.note_about((3, 99)) == (
        f"Not everything was tried on Python 3.99; if something fails, use Python {tried}."
    )


def test_the_refusal_names_a_python_that_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _command(tmp_path / "python3.14", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = supported_python.problem_with((3, 16), "packaging/run.py")
    assert problem is not None
    assert "Install Python 3." in problem
    _command(tmp_path / "python3.12", "exit 0")
    problem = supported_python.problem_with((3, 16), "packaging/run.py")
    assert problem is not None
    assert "Run instead:  python3.12 packaging/run.py" in problem


def test_a_missing_library_is_found_and_its_package_named() -> None:
    absent = Library("libnot-here.so.9", "libnot-here9", "not-here")
    present = Library("libc.so.6", "libc6", "glibc")
    lacking = missing([absent, present], load=_load_only("libc.so.6"))
    assert lacking == [absent]
    assert "libnot-here.so.9" in explanation(lacking)


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("apt-get", "apt-get install -y libnot-here9"),
        ("dnf", "dnf install 'libnot-here.so.9()(64bit)'"),
        ("zypper", "zypper install 'libnot-here.so.9()(64bit)'"),
        ("pacman", "pacman -S --needed not-here"),
        ("unheard-of", None),
    ],
)
def test_the_command_is_that_of_the_distribution(tool: str, command: str | None) -> None:
    lacking = [Library("libnot-here.so.9", "libnot-here9", "not-here")]
    found = install_command(lacking, which=lambda name: name if name == tool else None)
    assert found == command


@pytest.mark.parametrize(
    ("variables", "under_x"),
    [
        ({"DISPLAY": ":0"}, True),
        ({}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, False),
        ({"QT_QPA_PLATFORM": "xcb;offscreen"}, True),
    ],
)
def test_which_libraries_qt_will_load(variables: dict[str, str], under_x: bool) -> None:
    names = {library.soname for library in needed(variables)}
    assert "libEGL.so.1" in names
    assert ("libxcb-cursor.so.0" in names) is under_x


@pytest.mark.parametrize(
    ("text", "debian"),
    [
        ("ID=debian\n", True),
        ("ID=ubuntu\nID_LIKE=debian\n", True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ('ID="fedora"\n', False),
    ],
)
def test_debian_and_its_descendants_are_known(tmp_path: Path, text: str, debian: bool) -> None:
    path = tmp_path / "os-release"
    path.write_text(text)
    assert ("debian" in distributions(path)) is debian
    assert distributions(tmp_path / "absent") == set()


def _load_only(name: str) -> Callable[[str], object]:
    def load(soname: str) -> object:
        if soname != name:
            raise OSError(soname)
        return None

    return load


def _key_in(root: Path) -> str:
    # Asked of the copied scripts: the key depends on the Python and on the files beside them.
    script = (
        "import sys; sys.path.insert(0, 'packaging')\n"
        "from environment import candidates; print(candidates('.venv')[0].key(), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout


def _program(checkout: Path, script: str) -> None:
    _command(candidates(".venv", root=checkout)[0].command("enhance-gui"), script)


def _command(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _run(checkout: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(checkout / "packaging" / "run.py"), *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
