"""Nothing is installed but what the pins name, and only with the hashes that stand there."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import making
import pin
import pins
import pytest
from environment import Environment, candidates
from folder_lock import take_lock
from messages import SetUpFailed

ROOT = Path(__file__).resolve().parents[2]
EVERY_FILE = sorted((ROOT / pins.FOLDER).iterdir())
PINNED = r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?( \\\n    --hash=sha256:[0-9a-f]{64})+"


class Registry:
    """A folder that pip takes wheels from, in place of all others."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def publish(self, name: str, code: str, needs: str = "") -> str:
        """Put version 1.0 of a package into it, and return its pin."""
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        files = {
            f"{name}.py": code,
            f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{file},sha256={_digest(text)},\n" for file, text in files.items())
        wheel = self.folder / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, text in {**files, f"{info}/RECORD": record}.items():
                archive.writestr(file, text)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}==1.0 \\\n    --hash=sha256:{digest}\n"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    return Registry(tmp_path / "registry", monkeypatch)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment of a checkout; each test writes its pins and has its own packages."""
    root = tmp_path_factory.mktemp("checkout")
    (root / pins.FOLDER).mkdir(parents=True)
    made = candidates(".venv", root=root)[0]
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", str(made.folder)]
    subprocess.run(command, check=True)
    # That of these tests serves, and needs no unpacking.
    pip = importlib.util.find_spec("pip")
    assert pip is not None
    assert pip.origin is not None
    _installed(made, "pip.pth").write_text(str(Path(pip.origin).parents[1]), encoding="utf-8")
    return made


def test_only_what_has_the_pinned_hash_is_installed(
    environment: Environment, registry: Registry
) -> None:
    _pin(environment, registry.publish("genuine", "kept = True\n"))
    _install(environment)
    assert _installed(environment, "genuine.py").read_text() == "kept = True\n"


def test_another_file_under_the_same_name_and_version_is_refused(
    environment: Environment, registry: Registry
) -> None:
    _pin(environment, registry.publish("swapped", "kept = True\n"))
    registry.publish("swapped", "kept = False\n")
    with pytest.raises(SetUpFailed, match="not what Enhance GUI was made with"):
        _install(environment)
    assert not _installed(environment, "swapped.py").exists()


def test_a_package_that_is_asked_for_by_another_but_not_pinned_is_refused(
    environment: Environment, registry: Registry
) -> None:
    registry.publish("stowaway", "")
    _pin(environment, registry.publish("parcel", "", needs="stowaway"))
    with pytest.raises(SetUpFailed, match="stowaway"):
        _install(environment)
    assert not _installed(environment, "stowaway.py").exists()


def test_a_pin_without_a_hash_is_refused(environment: Environment, registry: Registry) -> None:
    registry.publish("unproven", "")
    _pin(environment, "unproven==1.0\n")
    with pytest.raises(SetUpFailed, match="unproven"):
        _install(environment)
    assert not _installed(environment, "unproven.py").exists()


def test_what_is_left_out_is_not_installed(tmp_path: Path) -> None:
    entries = ["httpx==1 \\\n    --hash=sha256:12\n", "qasync==2 ; x \\\n    --hash=sha256:34\n"]
    (tmp_path / pins.FOLDER).mkdir(parents=True)
    for name in (pins.PROGRAM, "test"):
        text = "# A comment.\n" + "".join(entries).replace("==", f"-{name}==")
        (tmp_path / pins.FOLDER / f"{name}.txt").write_text(text)
    left_out = frozenset({"qasync-program", "httpx-test"})
    place = candidates(".venv", root=tmp_path, extras=("test",), left_out=left_out)[0]
    wanted = [entries[0].replace("==", "-program=="), entries[1].replace("==", "-test==")]
    assert making.requirements_of(place) == "".join(wanted)


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_every_pin_is_exact_and_has_hashes(path: Path) -> None:
    found = list(pins.parse(path.read_text(encoding="utf-8")))
    assert found
    for each in found:
        assert re.fullmatch(PINNED, each.text), each.text


def test_all_that_pyproject_asks_for_is_pinned() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    required = {"program": [*pyproject["build-system"]["requires"], *project["dependencies"]]}
    extras = project["optional-dependencies"]
    # What holds nets is fetched apart from all else, and more of it than has an extra.
    of_nets = extras.pop("ai")
    required |= extras
    assert {*required, "resolver", "models"} == {path.stem for path in EVERY_FILE}
    models = (ROOT / pins.FOLDER / "models.txt").read_text(encoding="utf-8")
    assert {re.split(r"[^\w-]", line)[0] for line in of_nets} <= {
        each.name for each in pins.parse(models)
    }
    for name, lines in required.items():
        extras = () if name == pins.PROGRAM else (name,)
        texts = [path.read_text(encoding="utf-8") for path in pins.files(ROOT, extras)]
        pinned = {each.name for text in texts for each in pins.parse(text)}
        assert {re.split(r"[^\w-]", line)[0].lower() for line in lines} <= pinned


def test_no_package_is_pinned_twice_for_one_environment() -> None:
    program, test, build = (
        {each.name for each in pins.parse((ROOT / pins.FOLDER / name).read_text(encoding="utf-8"))}
        for name in ("program.txt", "test.txt", "build.txt")
    )
    assert not program & (test | build)


def test_conditions_that_always_hold_are_left_out_and_no_others() -> None:
    always = " and ".join(pin.ALWAYS_TRUE)
    lines = (
        f"a==1 ; {always} \\\n",
        f"b==1 ; python_full_version < '3.12' and {always} \\\n",
        f"c==1 ; {always} and sys_platform == 'linux' \\\n",
        "d==1 ; sys_platform == 'win32' \\\n",
    )
    assert pin.shorten("".join(lines)) == (
        "a==1 \\\n"
        "b==1 ; python_full_version < '3.12' \\\n"
        "c==1 ; sys_platform == 'linux' \\\n"
        "d==1 ; sys_platform == 'win32' \\\n"
    )


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _pin(environment: Environment, text: str) -> None:
    environment.pinned[0].write_text(text, encoding="utf-8")


def _install(environment: Environment) -> None:
    with take_lock(environment.folder) as lock:
        making.install_pinned(environment, lock)


def _installed(environment: Environment, file: str) -> Path:
    [packages] = [
        *environment.folder.glob("lib/python*/site-packages"),
        *environment.folder.glob("Lib/site-packages"),
    ][:1]
    return packages / file
