"""Files under their final names are whole, and nothing is ever overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.storage.files.results import (
    PartFile,
    free_stem,
    make_folder,
    sha256_of,
)
from enhance_gui.storage.task_db.database import storage_error


def test_a_part_gets_its_name_only_when_it_is_placed(tmp_path: Path) -> None:
    part = PartFile(tmp_path / ".a.part")
    part.write(b"picture")
    part.finish()
    assert not (tmp_path / "a.png").exists()
    assert part.publish(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"picture"
    assert not part.path.exists()


def test_an_error_takes_the_part_away(tmp_path: Path) -> None:
    def break_off() -> None:
        with PartFile(tmp_path / ".a.part") as part:
            part.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("without_links", [False, True])
def test_a_file_that_is_there_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_links: bool
) -> None:
    if without_links:
        _forbid_links(monkeypatch)
    (tmp_path / "a.png").write_bytes(b"mine")
    part = _finished(tmp_path / ".a.part")
    assert not part.publish(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"mine"
    assert part.path.exists()
    assert part.publish(tmp_path / "a (2).png")
    assert (tmp_path / "a (2).png").read_bytes() == b"new"


def test_a_part_gets_the_first_name_that_is_neither_taken_nor_promised(tmp_path: Path) -> None:
    (tmp_path / "a.b.json").write_bytes(b"mine")
    part = _finished(tmp_path / ".a.part")
    final = part.publish_free(tmp_path / "a.b.json", {tmp_path / "a.b (2).json"})
    assert final == tmp_path / "a.b (3).json"
    assert final.read_bytes() == b"new"
    assert (tmp_path / "a.b.json").read_bytes() == b"mine"


def test_a_dangling_link_is_not_followed_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "elsewhere")
    with _finished(tmp_path / ".a.part") as part:
        assert not part.publish(tmp_path / "a.png")
    assert not (tmp_path / "elsewhere").exists()


def test_a_part_is_not_written_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "valuable"
    target.write_bytes(b"mine")
    (tmp_path / ".a.part").symlink_to(target)
    _finished(tmp_path / ".a.part").close()
    assert target.read_bytes() == b"mine"


def test_what_is_read_to_be_verified_is_the_very_file_that_was_written(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"other")
    with _finished(tmp_path / ".a.part") as part:
        other.replace(part.path)
        assert part.readable.read_bytes() == b"new"
        child = subprocess.run(
            [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", part.readable],
            pass_fds=part.descriptors,
            capture_output=True,
            check=True,
        )
        assert child.stdout == b"new\n"


@pytest.mark.parametrize("without_links", [False, True])
@pytest.mark.parametrize("as_link", [False, True])
def test_a_part_that_was_exchanged_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_links: bool, as_link: bool
) -> None:
    if without_links:
        _forbid_links(monkeypatch)
    other = tmp_path / "other"
    other.write_bytes(b"other")
    with _finished(tmp_path / ".a.part") as part:
        part.path.unlink()
        if as_link:
            part.path.symlink_to(other)
        else:
            part.path.write_bytes(b"other")
        with pytest.raises(FolderNotUsable, match="replaced by another program"):
            part.publish(tmp_path / "a.png")
    assert not os.path.lexists(tmp_path / "a.png")
    assert other.read_bytes() == b"other"


def test_a_file_that_is_numbered_anew_for_each_name_is_known_by_its_content(
    tmp_path: Path,
) -> None:
    """Some network file systems do so; here it is a copy."""
    with _finished(tmp_path / ".a.part") as part:
        part.path.unlink()
        part.path.write_bytes(b"new")
        assert part.publish(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"new"


def test_a_folder_that_was_exchanged_gets_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "theirs").mkdir()
    with _finished(tmp_path / "mine" / ".a.part") as part:
        (tmp_path / "mine").rename(tmp_path / "moved")
        (tmp_path / "mine").symlink_to(tmp_path / "theirs")
        assert part.publish(tmp_path / "mine" / "a.png")
    assert list((tmp_path / "theirs").iterdir()) == []
    assert (tmp_path / "moved" / "a.png").read_bytes() == b"new"


def test_two_threads_never_get_the_same_name(tmp_path: Path) -> None:
    parts = [_finished(tmp_path / f".{n}.part") for n in range(40)]
    wins: list[int] = []

    def race(numbers: range) -> None:
        wins.extend(n for n in numbers if parts[n].publish(tmp_path / f"{n % 20}.png"))

    threads = [threading.Thread(target=race, args=(each,)) for each in (range(20), range(20, 40))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for part in parts:
        part.close()
    assert len(wins) == 20
    assert len({n % 20 for n in wins}) == 20


def test_the_stem_is_free_for_every_file_of_the_group(tmp_path: Path) -> None:
    (tmp_path / "a-face-1.png").touch()
    (tmp_path / "a (2).json").touch()
    endings = [".json", ".png", "-face-1.png"]
    promised = {tmp_path / "a (3).png"}
    assert free_stem(tmp_path, "a", endings, promised) == "a (4)"


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    assert sha256_of(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of(tmp_path / "missing") is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderNotUsable, match="file"):
        make_folder(tmp_path / "file" / "results")


_KILLED = """
import os, sys
from pathlib import Path
from enhance_gui.storage.files.results import check_writable

left, nameless = int(sys.argv[2]), sys.argv[3] == "nameless"
if not nameless:
    if hasattr(os, "O_TMPFILE"):
        os.O_TMPFILE = os.O_DIRECTORY  # as on a file system that has none

def end_at(event, arguments):
    global left
    if event in ("open", "os.remove", "os.link", "os.rename"):
        left -= 1
        if left < 0:
            os._exit(9)

sys.addaudithook(end_at)
check_writable(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            "nameless", marks=pytest.mark.skipif(sys.platform != "linux", reason="has none")
        ),
        "named",
    ],
)
def test_a_kill_at_the_proof_of_a_folder_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    results = tmp_path / "results"
    results.mkdir()
    codes: list[int] = []

    def prove(calls: int) -> int:
        command = [sys.executable, "-c", _KILLED, str(results), str(calls), kind]
        return subprocess.run(command, check=False).returncode

    while 0 not in codes:
        codes.append(prove(len(codes)))
        if kind == "named":  # what is left of that goes with the next proof
            assert prove(99) == 0
        assert list(results.iterdir()) == []
    assert set(codes[:-1]) == {9}


def test_a_full_disk_is_told_from_other_faults() -> None:
    assert isinstance(storage_error(OSError(28, "No space left on device")), DiskFull)
    assert isinstance(storage_error(OSError(122, "Disk quota exceeded")), DiskFull)
    assert isinstance(storage_error(OSError(30, "Read-only file system")), FolderNotUsable)


def _finished(path: Path) -> PartFile:
    part = PartFile(path)
    part.write(b"new")
    part.finish()
    return part


def _forbid_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behave as a file system without hard links does."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
