"""What a Flatpak and an AppImage hold is laid out as their tools want it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from building import icon_files, identity, portable, sbom
from PIL import Image

from tests.packaging.builds import ROOT, order

pytest.importorskip("PySide6.QtSvg", reason="draws the icons")

NAME = "enhance-gui"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Stands for a frozen program."""
    folder = tmp_path / "frozen" / NAME
    (folder / "_internal").mkdir(parents=True)
    (folder / NAME).write_bytes(b"\x7fELF of sorts")
    return folder


def test_the_folder_of_a_flatpak_has_command_library_and_desktop_files(
    tmp_path: Path, program: Path
) -> None:
    folder = tmp_path / "flatpak"
    portable.lay_out(order(tmp_path), program, folder)
    assert not program.exists()
    command = folder / "bin" / NAME
    assert command.is_symlink()
    assert not command.readlink().is_absolute()
    assert command.resolve() == folder / "lib" / NAME / NAME
    assert (folder / "lib" / NAME / "_internal").is_dir()
    for name in (
        f"applications/{NAME}.desktop",
        f"metainfo/{identity.APPLICATION_ID}.metainfo.xml",
        f"icons/hicolor/scalable/apps/{NAME}.svg",
        f"licenses/{NAME}/LICENSE",
    ):
        assert (folder / "share" / name).is_file()


def test_an_appimages_folder_starts_the_program_and_shows_its_entry_and_icon(
    tmp_path: Path, program: Path
) -> None:
    folder = portable.app_dir(order(tmp_path), program, tmp_path / "AppDir")
    assert (folder / "AppRun").resolve() == folder / "usr" / "lib" / NAME / NAME
    assert (folder / f"{NAME}.desktop").is_file()
    assert (folder / f"{NAME}.svg").is_file()
    assert (folder / ".DirIcon").read_bytes().startswith(b"\x89PNG")
    links = [path for path in folder.iterdir() if path.is_symlink()]
    assert len(links) == 4
    assert not any(link.readlink().is_absolute() for link in links)


def test_an_appimage_is_packed_with_its_checksums(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    packer = tools / "appimagetool"
    packer.write_text('#!/bin/sh\ntest -d "$2" && echo packed > "$3"\n')
    packer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(portable, "_frozen", lambda _order, _kind: program)
    monkeypatch.setattr(sbom, "write", lambda _order, _program, path: laid(path))
    (tmp_path / "dist").mkdir()
    image, bill, sums = portable.build_appimage(order(tmp_path))
    assert image.read_text() == "packed\n"
    assert sorted(sums.read_text().splitlines()) == sorted(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in (image, bill)
    )


def laid(path: Path) -> Path:
    path.write_text("{}")
    return path


def test_windows_and_macos_get_the_icon_in_every_size(tmp_path: Path) -> None:
    with Image.open(icon_files.write_ico(ROOT, tmp_path / "a.ico")) as icon:
        assert icon.info["sizes"] == {(side, side) for side in icon_files.ICO_SIDES_PX}
    with Image.open(icon_files.write_icns(ROOT, tmp_path / "a.icns")) as icon:
        sides = {width * scale for width, _, scale in icon.info["sizes"]}
        assert sides == set(icon_files.ICNS_SIDES_PX)
        opacity = icon.convert("RGBA").getchannel("A")
    # Round corners, and a picture in the middle.
    assert opacity.getpixel((80, 80)) == 0
    assert opacity.getpixel((opacity.width // 2, opacity.height // 4)) == 255
