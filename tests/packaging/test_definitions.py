"""The packages for systems that are not at hand say the same as the rest of the project.

Neither Inno Setup nor macOS is here: what can be checked is that the definitions are well formed,
name files that exist, and agree with one another.
"""

from __future__ import annotations

import ast
import json
import plistlib
import re
import sys
import tomllib
import types
from pathlib import Path
from typing import Any

import model_list
import pytest
import qt_libraries
import supported_python
from building import (
    bundle_facts,
    closure,
    command,
    identity,
    macos,
    portable,
    shiboken_support,
    signing,
    trimming,
    windows,
)
from building.signing import Signing
from deb_check import records
from messages import SetUpFailed

from enhance_gui.core.images.formats import PICTURE_ENDINGS
from enhance_gui.storage.settings.translations import languages
from tests.packaging.builds import ROOT, VERSION, order

ISS = (ROOT / windows.SCRIPT).read_text(encoding="utf-8-sig")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ENDINGS = [ending for kind in identity.PICTURE_KINDS for ending in kind.endings]


# -- what is opened ---------------------------------------------------------------------------


def test_packages_open_the_pictures_that_the_program_opens() -> None:
    assert set(ENDINGS) == PICTURE_ENDINGS


def test_all_systems_are_told_the_same_kinds_of_pictures() -> None:
    entry = (ROOT / "packaging/linux/enhance-gui.desktop").read_text(encoding="utf-8")
    [mimes] = re.findall(r"^MimeType=(.*)$", entry, re.MULTILINE)
    kinds = [kind.mime for kind in identity.PICTURE_KINDS]
    assert mimes.rstrip(";").split(";") == kinds
    record = (ROOT / "packaging/linux/enhance-gui.metainfo.xml").read_text(encoding="utf-8")
    assert re.findall(r"<mediatype>(.*)</mediatype>", record) == kinds
    for pattern in (
        r'SupportedTypes"; ValueType: string; ValueName: "(\.\w+)"',
        r'Software\\Classes\\(\.\w+)\\OpenWithProgids"',
        r'SystemFileAssociations\\(\.\w+)\\shell\\EnhanceGUI\\command"',
    ):
        assert re.findall(pattern, ISS) == ENDINGS


# -- Windows ----------------------------------------------------------------------------------


_PARAMETER = r'\w+: (?:"(?:[^"]|"")*"|[^";]+)'


def iss_sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for line in ISS.splitlines():
        if head := re.fullmatch(r"\[(\w+)\]", line):
            current = sections.setdefault(head[1], [])
        elif line and not line.startswith((";", "#")):
            current.append(line)
    return sections


def test_the_installers_script_is_well_formed() -> None:
    sections = iss_sections()
    known = {
        "Setup", "Languages", "CustomMessages", "Tasks", "InstallDelete", "Files", "Icons",
        "Registry", "Run",
    }  # fmt: skip
    assert set(sections) == known
    for name in ("Setup", "CustomMessages"):
        assert all(re.fullmatch(r"[\w.]+=.+", line) for line in sections[name])
    for name in known - {"Setup", "CustomMessages"}:
        for line in sections[name]:
            # Entries are "Name: value; Name: value", values in doubled quotes where need be.
            assert re.fullmatch(f"{_PARAMETER}(?:; {_PARAMETER})*", line), line


def test_every_word_that_the_script_uses_is_given_to_it(tmp_path: Path) -> None:
    defined = set(re.findall(r"^#define (\w+)", ISS, re.MULTILINE))
    given = windows.compiler_command(
        order(tmp_path), tmp_path / "ISCC.exe", tmp_path, tmp_path / "e.ico", Signing()
    )
    reported = {each[2:].split("=")[0] for each in given if each.startswith("/D")}
    used = set(re.findall(r"\{#(\w+)\}", ISS))
    assert used - defined == reported
    messages = set(re.findall(r"^en\.(\w+)=", ISS, re.MULTILINE))
    assert messages == set(re.findall(r"^de\.(\w+)=", ISS, re.MULTILINE))
    own = {"CreateDesktopIcon", "AdditionalIcons", "LaunchProgram"}
    assert set(re.findall(r"\{cm:(\w+)", ISS)) - own == messages
    tasks = set(re.findall(r"; Tasks: (\w+)", ISS))
    assert tasks == set(re.findall(r'^Name: "(\w+)"; Description', ISS, re.MULTILINE))


def test_the_installer_takes_away_what_it_wrote_and_nothing_of_the_users() -> None:
    sections = iss_sections()
    assert "UninstallDelete" not in sections
    assert sections["InstallDelete"] == ['Type: filesandordirs; Name: "{app}\\_internal"']
    keys = [re.findall(r'Subkey: "(.*?)"', line)[0] for line in sections["Registry"]]
    assert {line.partition(";")[0] for line in sections["Registry"]} == {"Root: HKA"}
    removed = [
        key for key, line in zip(keys, sections["Registry"], strict=True) if "uninsdelete" in line
    ]
    for key in keys:
        assert any(key == each or key.startswith(f"{each}\\") for each in removed), key


def test_the_installer_needs_no_administrator_and_updates_what_is_there() -> None:
    setup = dict(line.split("=", 1) for line in iss_sections()["Setup"])
    assert setup["PrivilegesRequired"] == "lowest"
    # A new identifier would install a second program beside the first.
    assert setup["AppId"] == "{{8B0E1E9D-5E0B-4B42-9E63-6A0C3D1F7C54}"
    assert setup["OutputBaseFilename"] == "enhance-gui-{#Version}-windows-x64-setup"


def test_the_programs_of_the_installer_are_those_that_are_frozen() -> None:
    assert set(re.findall(r'^#define \w*Program "(.+)"$', ISS, re.MULTILINE)) == set(
        windows.PROGRAMS
    )


@pytest.mark.parametrize("series", [6, 7])
def test_each_series_of_inno_setup_is_found_in_its_folder(
    series: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / f"Inno Setup {series}" / "ISCC.exe"
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path / "none"))
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    with pytest.raises(SetUpFailed, match="Inno Setup"):
        windows.find_compiler()
    compiler.parent.mkdir()
    compiler.touch()
    assert windows.find_compiler() == compiler


def test_a_signing_command_reaches_the_compiler_with_its_quotes(tmp_path: Path) -> None:
    wanted = Signing(windows_command='signtool sign /n "Us" $f')
    given = windows.compiler_command(
        order(tmp_path), tmp_path / "ISCC.exe", tmp_path, tmp_path / "e.ico", wanted
    )
    assert "/Ssigning=signtool sign /n $qUs$q $f" in given
    assert "/DSigned" in given


def test_the_facts_of_the_programs_are_an_expression_with_the_version(tmp_path: Path) -> None:
    facts = windows.file_facts(order(tmp_path))
    ast.parse(facts, mode="eval")
    major, minor, patch, _ = identity.numbers(VERSION)
    assert f"filevers=({major}, {minor}, {patch}, 0)" in facts
    assert f"StringStruct('FileDescription', '{identity.NAME}')" in facts


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("1.22.333", (1, 22, 333, 0)), ("2.0", (2, 0, 0, 0))],
)
def test_windows_gets_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert identity.numbers(version) == numbers


# -- macOS ------------------------------------------------------------------------------------


def test_the_bundles_facts_can_be_written_and_name_version_and_kinds() -> None:
    facts = plistlib.loads(plistlib.dumps(bundle_facts.info_plist(VERSION)))
    assert facts["CFBundleIdentifier"] == identity.APPLICATION_ID
    assert facts["CFBundleShortVersionString"] == VERSION
    kinds = [kind.apple for kind in identity.PICTURE_KINDS]
    assert facts["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == kinds
    assert {fact["LSHandlerRank"] for fact in facts["CFBundleDocumentTypes"]} == {"Alternate"}
    assert facts["NSPrincipalClass"] == "NSApplication"
    for folder in ("Desktop", "Documents", "Downloads"):
        assert facts[f"NS{folder}FolderUsageDescription"]
    pin = (ROOT / "packaging/pin.py").read_text(encoding="utf-8")
    assert f'OLDEST_MACOS = "{facts["LSMinimumSystemVersion"]}"' in pin


def test_a_bundle_is_signed_for_nobody_or_hardened_for_somebody(tmp_path: Path) -> None:
    bundle = tmp_path / "Enhance GUI.app"
    for_nobody = macos.sign_command(order(tmp_path), bundle, Signing())
    assert for_nobody == ["codesign", "--force", "--deep", "--sign", "-", str(bundle)]
    for_us = macos.sign_command(order(tmp_path), bundle, Signing(macos_identity="Us"))
    assert for_us[for_us.index("--options") + 1] == "runtime"
    entitlements = Path(for_us[for_us.index("--entitlements") + 1])
    assert all(value is True for value in plistlib.loads(entitlements.read_bytes()).values())


def test_signing_is_told_by_variables_that_do_not_contradict_each_other() -> None:
    assert Signing.of({}) == Signing()
    # A forge hands out empty variables where a secret is not set.
    empty = dict.fromkeys(
        (signing.WINDOWS_COMMAND, signing.MACOS_IDENTITY, signing.MACOS_PROFILE), ""
    )
    assert Signing.of(empty) == Signing()
    with pytest.raises(SetUpFailed, match=r"\$f"):
        Signing.of({signing.WINDOWS_COMMAND: "signtool sign"})
    with pytest.raises(SetUpFailed, match=signing.MACOS_IDENTITY):
        Signing.of({signing.MACOS_PROFILE: "us"})


# -- the recipe of PyInstaller, on systems that are not here ----------------------------------


class Recipe:
    """Stands for PyInstaller, and notes what the recipe asks it for."""

    def __init__(self) -> None:
        self.programs: dict[str, dict[str, Any]] = {}
        self.bundles: list[dict[str, Any]] = []
        self.collected: tuple[object, ...] = ()
        self.files: set[str] = set()

    def names(self) -> dict[str, Any]:
        return {
            "SPECPATH": str(ROOT / "packaging"),
            "workpath": str(ROOT / "build"),
            "Analysis": self._analysis,
            "PYZ": lambda *_: "modules",
            "EXE": self._program,
            "COLLECT": self._collect,
            "BUNDLE": lambda *_, **reported: self.bundles.append(reported),
        }

    def _analysis(self, *_: object, datas: list[tuple[str, str]], **__: object) -> object:
        self.files = {f"{folder}/{Path(path).name}" for path, folder in datas}
        return types.SimpleNamespace(binaries=[], datas=[], scripts=[], pure=[])

    def _program(self, *_: object, **reported: Any) -> str:
        self.programs[reported["name"]] = reported
        return str(reported["name"])

    def _collect(self, *parts: object, **_: object) -> str:
        self.collected = parts
        return "folder"


def carried_out(monkeypatch: pytest.MonkeyPatch, platform: str) -> Recipe:
    """Carry out the recipe as if on ``platform``."""
    hooks = types.ModuleType("PyInstaller.utils.hooks")
    hooks.collect_submodules = lambda name: [name]  # type: ignore[attr-defined]
    hooks.copy_metadata = lambda name: [(name, name)]  # type: ignore[attr-defined]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    monkeypatch.setattr(closure, "names", lambda _root: ["httpx"])
    monkeypatch.setattr(shiboken_support, "compiled", lambda _work: [])
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = ROOT / "packaging" / "enhance-gui.spec"
    recipe = Recipe()
    exec(compile(spec.read_text(encoding="utf-8"), str(spec), "exec"), recipe.names())  # noqa: S102
    return recipe


def test_of_our_own_nets_only_one_that_would_never_be_asked_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = carried_out(monkeypatch, "linux").files
    folder = ROOT / "resources" / "models"
    left_out = {path for path in folder.iterdir() if f"resources/models/{path.name}" not in files}
    assert {path.stem for path in left_out} == {"cleaner"}
    recipe = tomllib.loads((folder / "cleaner.toml").read_text("utf-8"))
    assert not recipe["reaches_others"]
    assert not recipe["reaches_others_up_to_jpeg"]


def test_windows_gets_a_program_for_commands_and_one_for_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = carried_out(monkeypatch, "win32")
    consoles = {f"{name}.exe": reported["console"] for name, reported in recipe.programs.items()}
    assert consoles == {"enhance-gui.exe": True, "enhance-gui-window.exe": False}
    assert set(consoles) == set(windows.PROGRAMS)
    assert list(recipe.collected[:2]) == list(recipe.programs)
    assert recipe.bundles == []


def test_macos_gets_a_bundle_of_a_program_that_shows_in_the_dock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = carried_out(monkeypatch, "darwin")
    assert {name: reported["console"] for name, reported in recipe.programs.items()} == {
        "enhance-gui": False
    }
    [bundle] = recipe.bundles
    assert bundle["info_plist"]["CFBundleLocalizations"] == list(languages())
    assert bundle["name"] == f"{identity.NAME}.app"
    assert bundle["bundle_identifier"] == identity.APPLICATION_ID
    assert bundle["info_plist"] == bundle_facts.info_plist(VERSION)


def test_linux_gets_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = carried_out(monkeypatch, "linux")
    assert list(recipe.programs) == ["enhance-gui"]
    assert recipe.bundles == []
    nets = {model.name for source in model_list.ALL for model in source.models}
    assert {f"resources/models/{name}" for name in nets} <= recipe.files
    codes = list(languages())[1:]
    assert {f"resources/translations/{code}.po" for code in codes} <= recipe.files
    assert all(trimming.is_used(f"PySide6/translations/qtbase_{code}.qm", codes) for code in codes)
    # Stripping breaks numpy.
    assert not any(reported["strip"] for reported in recipe.programs.values())


# -- Flatpak and AppImage ---------------------------------------------------------------------


def test_the_flatpak_packs_what_is_laid_out_and_may_no_more_than_it_needs() -> None:
    manifest = (ROOT / portable.FLATPAK_MANIFEST).read_text(encoding="utf-8")
    assert f"id: {identity.APPLICATION_ID}\n" in manifest
    [path] = re.findall(r"^ +path: (.+)$", manifest, re.MULTILINE)
    packed = (ROOT / portable.FLATPAK_MANIFEST).parent / path
    assert packed.resolve() == (ROOT / portable.FLATPAK_FOLDER).resolve()
    assert set(re.findall(r"^  - (--.+)$", manifest, re.MULTILINE)) == {
        "--share=network",
        "--share=ipc",
        "--socket=wayland",
        "--socket=fallback-x11",
        "--device=dri",
        "--filesystem=xdg-pictures",
        "--talk-name=org.freedesktop.secrets",
        "--talk-name=org.freedesktop.Notifications",
        "--talk-name=org.freedesktop.FileManager1",
    }


# -- the forge --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pins_its_actions_and_names_files_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    actions = re.findall(r"uses: (.+)", text)
    assert actions
    for action in actions:
        # A tag can be moved to another commit.
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    scripts = re.findall(r"python3? (packaging/\w+\.py)", text)
    assert scripts
    for name in [*scripts, *re.findall(r"SAMPLE: (\S+)", text)]:
        assert (ROOT / name).is_file()
    assert "\t" not in text


def test_the_workflow_builds_for_every_system_and_releases_only_what_was_tried() -> None:
    text = (ROOT / ".github/workflows/packages.yml").read_text(encoding="utf-8")
    built = set(re.findall(r"packaging/build\.py (\w+)", text))
    assert built == {"linux", "windows", "macos"}
    assert built <= set(command.SYSTEMS)
    assert "needs: [linux-smoke, windows, macos]" in text
    for variable in (signing.WINDOWS_COMMAND, signing.MACOS_IDENTITY, signing.MACOS_PROFILE):
        assert f"{variable}: ${{{{ secrets.{variable} }}}}" in text


def test_the_workflow_knows_how_the_window_of_windows_ended() -> None:
    text = (ROOT / ".github/workflows/packages.yml").read_text(encoding="utf-8")
    [step] = re.findall(r"Start-Process \$program -PassThru(.*?)- name:", text, re.DOTALL)
    # PowerShell tells the exit code only of a process whose handle it has kept.
    assert "$window.Handle" in step.partition("HasExited")[0]


def test_the_workflow_has_debians_tools_judge_the_package_and_installs_them() -> None:
    text = (ROOT / ".github/workflows/packages.yml").read_text(encoding="utf-8")
    assert "packaging/check_deb.py --records-only dist/*.deb" in text
    assert set(records.TOOLS.values()) <= set(text.split())


def test_the_build_for_linux_has_the_libraries_that_it_packs() -> None:
    text = (ROOT / ".github/workflows/packages.yml").read_text(encoding="utf-8")
    installed = set(text.split())
    assert {library.debian for library in qt_libraries.needed({})} <= installed


def test_the_workflow_tests_every_python_that_the_program_runs_on() -> None:
    text = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    versions = [name.removeprefix("python") for name in reversed(supported_python.names())]
    assert f"python: {json.dumps(versions)}" in text
