"""The layers hold: imports point down only, and each foreign package stays behind its fence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.source.imports import Rules, breaches, read_modules

ROOT = Path(__file__).resolve().parent.parent

_WIRE = frozenset({"core"})
_TRANSPORT = _WIRE | {"wire"}
_SIBLINGS = _TRANSPORT | {"transport"}
_JOBS = _SIBLINGS | {"client", "storage", "imaging"}
_ABOVE = _JOBS | {"jobs"}

RULES = Rules(
    package="enhance_gui",
    layers={
        "core": frozenset(),
        "wire": _WIRE,
        "transport": _TRANSPORT,
        "client": _SIBLINGS,
        "storage": _SIBLINGS,
        "imaging": _SIBLINGS,
        "jobs": _JOBS,
        "service": _TRANSPORT | {"transport", "imaging"},
        "ui": frozenset({"jobs", "core"}),
        "application": _ABOVE | {"ui"},
        "command_line": _ABOVE | {"ui", "application", "service"},
        "__main__": frozenset({"command_line", "core"}),
    },
    fences={
        "PySide6": frozenset({"ui", "application"}),
        "qasync": frozenset({"ui"}),
        "jeepney": frozenset({"ui.window.desktop_bus", "storage.system.keyrings"}),
        "httpx": frozenset({"transport", "client"}),
        "idna": frozenset({"core.images.hosts"}),
        "httpcore": frozenset({"transport"}),
        "anyio": frozenset({"transport"}),
        "sniffio": frozenset({"transport"}),
        "brotli": frozenset({"transport"}),
        "certifi": frozenset({"transport"}),
        "sqlite3": frozenset({"storage", "service.store"}),
        "keyring": frozenset({"storage"}),
        "platformdirs": frozenset({"storage"}),
        "polib": frozenset({"storage"}),
        "tomlkit": frozenset({"storage"}),
        "msgspec": frozenset({"wire", "client", "service"}),
        "PIL": frozenset({"imaging", "service"}),
        "pillow_heif": frozenset({"imaging.decoders"}),
        "numpy": frozenset({"imaging", "service"}),
        "cv2": frozenset({"service"}),
        "ncnn": frozenset({"service"}),
        "MNN": frozenset({"service"}),
        "flatbuffers": frozenset({"service"}),
        "onnxruntime": frozenset({"service"}),
        "starlette": frozenset({"service"}),
        "h11": frozenset({"service", "client.callback_server"}),
        "uvicorn": frozenset({"service"}),
        "prometheus_client": frozenset({"service.http.metrics"}),
        "zeroconf": frozenset({"service.http.announcing", "jobs.services.nearby"}),
        "ifaddr": frozenset({"transport.local_networks"}),
        "distributed": frozenset({"service.work.cluster"}),
    },
    task_starters=frozenset({"core.supervisor"}),
)


def test_every_import_of_the_program_points_down_and_stays_behind_its_fence() -> None:
    modules = read_modules(ROOT / "enhance_gui")
    assert len(modules) > 40
    assert breaches(modules, RULES) == []


def test_the_window_names_the_work_in_its_bridges_and_what_turns_tasks_into_items() -> None:
    window = [
        module for module in read_modules(ROOT / "enhance_gui").values() if module.layer == "ui"
    ]
    naming = {
        each.name
        for each in window
        if any(target.partition(".")[0] == "jobs" for target in each.inside)
    }
    assert naming
    assert {name for name in naming if not name.endswith(("bridge", "task_items"))} == set()


@pytest.mark.parametrize("layer", ["core", "wire"])
def test_the_lowest_layers_need_nothing_that_has_to_be_installed(layer: str) -> None:
    # Which host a name is has to be one answer for every layer, and Python's own is that of 2003.
    allowed = {"core": {"idna"}, "wire": {"msgspec"}}[layer]
    for module in read_modules(ROOT / "enhance_gui").values():
        if module.layer == layer:
            tops = {target.partition(".")[0] for target in module.outside}
            assert tops & set(RULES.fences) <= allowed, module.name


@pytest.mark.parametrize(
    ("planted_in", "line", "breach"),
    [
        ("core/planted.py", "import pkg.jobs.queue", "core.planted imports jobs.queue"),
        (
            "core/planted.py",
            "def f():\n    from ..jobs import queue",
            "core.planted imports jobs.queue",
        ),
        ("core/planted.py", "from .. import jobs", "core.planted imports jobs,"),
        (
            "core/planted.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.jobs.queue import Q",
            "core.planted imports jobs.queue",
        ),
        (
            "core/planted.py",
            "import importlib\nimportlib.import_module('pkg.jobs')",
            "imports jobs,",
        ),
        ("client/api.py", "from pkg.storage.rows import Row", "client.api imports storage.rows"),
        ("core/planted.py", "import sqlite3", "core.planted imports sqlite3"),
        ("jobs/queue.py", "import httpx._client", "jobs.queue imports httpx._client"),
        ("jobs/queue.py", "import requests", "jobs.queue imports requests"),
        ("storage/rows.py", "from . import names", "a cycle: "),
        ("elsewhere/new.py", "", "elsewhere.new is in no known layer"),
        ("client/api.py", "import asyncio\nasyncio.create_task(f())", "client.api starts asyncio"),
        ("client/api.py", "from asyncio import TaskGroup", "client.api starts asyncio"),
        ("client/api.py", "def f(loop):\n    loop.create_task(g())", "client.api starts asyncio"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, planted_in: str, line: str, breach: str) -> None:
    package = _clean_package(tmp_path)
    assert breaches(read_modules(package), _SMALL_RULES) == []
    path = package / planted_in
    path.parent.mkdir(exist_ok=True)
    path.write_text(path.read_text() + line + "\n" if path.exists() else line)
    found = breaches(read_modules(package), _SMALL_RULES)
    assert len(found) == 1
    assert breach in found[0]


def test_a_call_of_the_api_with_the_name_of_asyncios_is_no_breach(tmp_path: Path) -> None:
    package = _clean_package(tmp_path)
    (package / "client" / "api.py").write_text("async def f(api):\n    await api.create_task(1)\n")
    assert breaches(read_modules(package), _SMALL_RULES) == []


@pytest.mark.parametrize("word", ["unittest" + ".mock", "TO" + "DO", "FIX" + "ME"])
def test_no_file_holds(word: str) -> None:
    folders = ("enhance_gui", "tests", "packaging")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 60
    assert [path for path in files if word in path.read_text(encoding="utf-8")] == []


_SMALL_RULES = Rules(
    package="pkg",
    layers={
        "core": frozenset(),
        "client": frozenset({"core"}),
        "storage": frozenset({"core"}),
        "jobs": frozenset({"client", "storage", "core"}),
    },
    fences={"httpx": frozenset({"client"}), "sqlite3": frozenset({"storage.rows"})},
    task_starters=frozenset({"jobs.queue"}),
)


def _clean_package(folder: Path) -> Path:
    package = folder / "pkg"
    sources = {
        "__init__.py": "",
        "core/errors.py": "import json\n",
        "client/api.py": "import httpx\nfrom pkg.core.errors import E\nfrom .. import __name__\n",
        "storage/rows.py": "import sqlite3\nfrom ..core import errors\n",
        "storage/names.py": "from pkg.storage import rows\n",
        "jobs/queue.py": "import asyncio\nimport pkg.client.api\nasyncio.create_task(f())\n",
    }
    for name, source in sources.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return package
