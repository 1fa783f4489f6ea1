"""What goes into the packages for Linux; to build and check them is ``packaging/check_deb.py``."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from configparser import RawConfigParser
from pathlib import Path

import pytest
from building import checkout, deb, desktop_files, elf, linux_libraries, program, tidy, trimming
from building.elf import Needs
from building.identity import APPLICATION_ID, PICTURE_KINDS
from building.order import Order
from messages import SetUpFailed

from enhance_gui import __version__
from enhance_gui.command_line.main import build_parser

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "packaging" / "linux"


@pytest.fixture
def order(tmp_path: Path) -> Order:
    work = tmp_path / "work"
    work.mkdir()
    return Order(ROOT, tmp_path, work, __version__, "0" * 40, 1_767_225_600)


def judged(*command: str) -> None:
    """Have a tool judge something, where the tool is installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if command[0] == "man":
        assert done.stderr == ""


# -- the desktop ----------------------------------------------------------------------------------


def entry() -> dict[str, str]:
    parser = RawConfigParser(delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(LINUX / "enhance-gui.desktop", encoding="utf-8")
    return dict(parser["Desktop Entry"])


def test_the_desktop_entry_is_valid() -> None:
    judged("desktop-file-validate", str(LINUX / "enhance-gui.desktop"))


def test_the_desktop_entry_opens_pictures_and_speaks_german() -> None:
    reported = entry()
    assert reported["Exec"] == "enhance-gui %U"
    kinds = {kind.mime for kind in PICTURE_KINDS}
    assert set(reported["MimeType"].strip(";").split(";")) == kinds
    for key in ("GenericName", "Comment", "Keywords"):
        assert reported[key]
        assert reported[f"{key}[de]"]


def test_the_record_for_software_centres_is_valid(order: Order, tmp_path: Path) -> None:
    file = tmp_path / f"{APPLICATION_ID}.metainfo.xml"
    file.write_text(desktop_files.metainfo(order), encoding="utf-8")
    record = ET.parse(file).getroot()  # noqa: S314  our own
    assert record.findtext("id") == APPLICATION_ID
    assert record.findtext("launchable") == "enhance-gui.desktop"
    [release] = record.iter("release")
    assert release.get("version") == __version__
    shown = [image.text or "" for image in record.iter("image")]
    assert shown
    for address in shown:
        assert (ROOT / "resources" / "screenshots" / address.rpartition("/")[2]).exists()
    judged("appstreamcli", "validate", "--no-net", str(file))


def test_the_manual_page_is_sound(order: Order, tmp_path: Path) -> None:
    page = desktop_files.manual_page(order)
    assert f"Enhance GUI {__version__}" in page
    file = tmp_path / "enhance-gui.1"
    file.write_text(page, encoding="utf-8")
    judged("man", "--warnings", "-l", "-Tutf8", "-Z", str(file))


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command that people give."""
    [commands] = [
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return {name: each for name, each in commands.choices.items() if name != "decode"}


@pytest.mark.parametrize("command", sorted(parsers()))
def test_the_manual_page_tells_every_option_of_a_command(command: str, order: Order) -> None:
    page = desktop_files.manual_page(order).replace("\\-", "-")
    assert re.search(rf'^\.BR? "?{command}\b', page, re.MULTILINE)
    part = re.search(rf"^\.SS Options of {command}$(.*?)^\.S[SH]", page, re.MULTILINE | re.DOTALL)
    reported = set(re.findall(r"^\.B[RI]? (--[\w-]+)", part[1], re.MULTILINE)) if part else set()
    options = {option for action in parsers()[command]._actions for option in action.option_strings}
    assert reported == options - {"-h", "--help"}


def test_every_icon_is_drawn(order: Order, tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    from PIL import Image

    desktop_files.write(order, tmp_path / "share")
    theme = tmp_path / "share" / "icons" / "hicolor"
    assert (theme / "scalable" / "apps" / "enhance-gui.svg").exists()
    for side_px in desktop_files.ICON_SIDES_PX:
        with Image.open(theme / f"{side_px}x{side_px}" / "apps" / "enhance-gui.png") as icon:
            assert icon.size == (side_px, side_px)
            middle = icon.convert("RGBA").getpixel((side_px // 2, side_px // 2))
            assert isinstance(middle, tuple)
            assert middle[3] == 255
    page = (tmp_path / "share" / "man" / "man1" / "enhance-gui.1.gz").read_bytes()
    assert page == desktop_files.compressed(desktop_files.manual_page(order))


# -- Debian ---------------------------------------------------------------------------------------


def test_the_control_record_tells_version_size_and_what_is_needed(order: Order) -> None:
    text = deb.control(order, ["libgl1", "libc6 (>= 2.35)"], 339_000)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    assert fields["Version"] == __version__
    assert fields["Installed-Size"] == "339000"
    needed = fields["Depends"].split(", ")
    assert {"libgl1", "libc6 (>= 2.35)", "ca-certificates"} <= set(needed)
    assert "@" not in text.replace(fields["Maintainer"], "")
    assert "python" not in fields["Depends"]


def test_the_changes_stand_in_the_form_of_debian(order: Order) -> None:
    text = deb.changelog(order)
    assert text.startswith(f"enhance-gui ({__version__}) unstable; urgency=medium\n\n  * ")
    assert text.endswith("Thu, 01 Jan 2026 00:00:00 +0000\n")


def test_each_override_of_lintian_has_its_reason() -> None:
    lines = (LINUX / "lintian-overrides").read_text().splitlines()
    for before, line in itertools.pairwise(lines):
        if line.startswith("enhance-gui:"):
            assert before.startswith(("#", "enhance-gui:")), line


# -- the libraries --------------------------------------------------------------------------------

EXPLAINED = """
/lib/one.so:     file format elf64-x86-64

Dynamic Section:
  NEEDED               libGL.so.1
  NEEDED               libz.so.1
  NEEDED               libc.so.6

Version References:
  required from libc.so.6:
    0x09691a75 0x00 07 GLIBC_2.2.5
    0x069691b4 0x00 06 GLIBC_2.34
  required from libm.so.6:
    0x06969195 0x00 05 GLIBC_2.35

/lib/two.so:     file format elf64-x86-64
"""


def test_what_a_library_needs_is_read() -> None:
    needs = elf.parse(EXPLAINED)
    libraries = frozenset({"libGL.so.1", "libz.so.1", "libc.so.6"})
    assert needs[Path("/lib/one.so")] == Needs(libraries, (2, 35))
    assert needs[Path("/lib/two.so")] == Needs()


def test_what_is_not_shipped_has_to_come_from_debian() -> None:
    found = linux_libraries.debian_dependencies(elf.parse(EXPLAINED), ["libz.so.1"])
    assert found == ["libc6 (>= 2.35)", "libgl1"]


def test_a_library_of_an_unknown_package_stops_the_build() -> None:
    with pytest.raises(SetUpFailed, match=r"libz\.so\.1"):
        linux_libraries.debian_dependencies(elf.parse(EXPLAINED), [])


def test_libraries_that_nobody_loads_any_more_are_not_reached() -> None:
    needed_by = {"a": ["b"], "b": ["c", "b"], "x": ["y"]}
    assert elf.reachable(["a"], needed_by) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/lib/libQt6Gui.so.6", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6\\Qt6Qml.dll", False),
        ("libQt6Widgets.so.6", True),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6\\translations\\qtbase_zh_CN.qm", True),
        ("PySide6/Qt/translations/qtbase_zh_TW.qm", False),
        ("PySide6/Qt/translations/qtbase_fr.qm", False),
        ("PySide6/Qt/translations/linguist_de.qm", False),
        ("cv2/data/haarcascade_smile.xml", False),
        ("libstdc++.so.6", False),
        ("onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so", True),
        ("onnxruntime\\capi\\onnxruntime_pybind11_state.pyd", True),
        ("onnxruntime/capi/libonnxruntime.so.1.28.0", False),
        ("onnxruntime/capi/libonnxruntime_providers_shared.so", False),
        ("onnxruntime\\capi\\onnxruntime.dll", False),
        ("onnxruntime/capi/libonnxruntime.1.28.0.dylib", False),
        ("libfontconfig.so.1", False),
        ("numpy.libs/libgfortran-040039e1.so.5.0.0", True),
        ("pillow-13.0.0.dist-info/METADATA", True),
        ("pillow-13.0.0.dist-info/RECORD", False),
    ],
)
def test_what_stays_of_the_libraries(name: str, stays: bool) -> None:
    assert trimming.is_used(name, ["de", "zh_CN"]) is stays


# -- the same files give the same package ---------------------------------------------------------


def test_two_archives_of_the_same_files_are_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("xz") is None:
        pytest.skip("xz is not installed")
    archives = []
    for number in (1, 2):
        monkeypatch.setenv("XZ_OPT", f"--check={['crc32', 'sha256'][number - 1]}")
        folder = tmp_path / str(number) / "program"
        (folder / "inside").mkdir(parents=True, mode=0o700)
        (folder / "inside" / "data.txt").write_text("data")
        (folder / "link").symlink_to("inside/data.txt")
        (folder / "inside" / "data.txt").chmod(0o600 + number)
        tidy.settle(folder, 1_767_225_600)
        assert (folder / "inside" / "data.txt").stat().st_mode & 0o777 == 0o644
        packed = tidy.write_archive(folder, tmp_path / f"{number}.tar.xz", 1_767_225_600)
        archives.append(packed.read_bytes())
    assert archives[0] == archives[1]


def test_the_version_is_the_one_of_the_code() -> None:
    assert checkout.version(ROOT) == __version__


# -- the frozen program ---------------------------------------------------------------------------


def test_programs_started_from_ours_keep_their_own_libraries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/enhance-gui/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    program.forget_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    # A child that is our program would take them for its own parent's, and find none.
    assert os.environ.pop("PYINSTALLER_RESET_ENVIRONMENT") == "1"

    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/enhance-gui/_internal")
    program.forget_library_path()
    assert "LD_LIBRARY_PATH" not in os.environ
    os.environ.pop("PYINSTALLER_RESET_ENVIRONMENT")
