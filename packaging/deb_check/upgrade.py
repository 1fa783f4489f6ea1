"""An upgrade over an older version with stored work."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from deb_check import use
from deb_check.root import HOME, Root

OLDER = "0.0.1~older"

PROFILE = """\
name = "Silent"
base_url = "http://127.0.0.1:{port}"
needs_token = false
allow_private_addresses = true
[[enhance_types]]
id = 1
name = "Enhance"
"""

_EXIT_IN_DOUBT, _EXIT_STORED = 3, 4


def older_version(package: Path, folder: Path) -> Path:
    """Return the same package under an older version."""
    unpacked, path = folder / "older", folder / "enhance-gui-older.deb"
    subprocess.run(["dpkg-deb", "-R", str(package), str(unpacked)], check=True)
    control = unpacked / "DEBIAN" / "control"
    text = re.sub(r"^Version: .*$", f"Version: {OLDER}", control.read_text(), flags=re.MULTILINE)
    control.write_text(text)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(unpacked), str(path)],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    shutil.rmtree(unpacked)
    return path


class SilentProvider(BaseHTTPRequestHandler):
    """Has a picture to fetch, takes tasks, and hangs up without an answer."""

    creations: ClassVar[list[str]] = []
    picture = (use.PICTURES / "settings-light.jpg").read_bytes()

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(self.picture)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.creations.append(self.path)
        self.close_connection = True

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(self.picture)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class StoredWork:
    """Work that an older version leaves behind: one saved, one waiting, one in doubt."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._tasks: list[tuple[str, str]] = []
        self._results: dict[Path, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), SilentProvider)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def leave(self) -> None:
        """Work with the installed version."""
        done = self._enhance(use.lay_picture(self._root, "saved.jpg", "empty-light.jpg"))
        assert done.returncode == 0, done.stderr
        files = json.loads(done.stdout)["files"]
        self._results = {self._outside(file): _sha256(self._outside(file)) for file in files}
        port = self._server.server_address[1]
        profile = self._root.home / "silent.toml"
        profile.write_text(PROFILE.format(port=port), encoding="utf-8")
        doubtful = [f"http://127.0.0.1:{port}/picture.jpg", "--service", f"{HOME}/silent.toml"]
        done = self._enhance(*doubtful)
        assert done.returncode == _EXIT_IN_DOUBT, (done.returncode, done.stdout, done.stderr)
        large = use.lay_picture(self._root, "waiting.jpg", "compare-light-2x.jpg")
        done = self._enhance(large, "--timeout-s", "1")
        assert done.returncode == _EXIT_STORED, (done.returncode, done.stdout, done.stderr)
        self._tasks = self._stored()
        assert len(self._tasks) == 3, self._tasks

    def upgrade_to(self, package: Path) -> None:
        """Upgrade, and compare what is stored with what was."""
        use.install(self._root, package)
        self._root.as_user("enhance-gui", "services")
        assert self._stored() == self._tasks, (self._stored(), self._tasks)
        self._assert_results()

    def resume(self) -> None:
        """Have the stored work finished."""
        before = len(SilentProvider.creations)
        assert before == 1, SilentProvider.creations
        done = self._root.as_user("enhance-gui", "enhance", "--resume", "--json")
        states = sorted(json.loads(line)["state"] for line in done.stdout.splitlines())
        after = dict(self._stored())
        assert done.returncode in {0, _EXIT_IN_DOUBT}, (done.returncode, states, done.stderr)
        for task, state in self._tasks:
            wanted = "in_doubt" if state == "in_doubt" else "saved"
            assert after[task] == wanted, (task, state, after[task], states)
        assert len(SilentProvider.creations) == before, "the task in doubt was sent again"
        self._assert_results()

    def _enhance(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._root.as_user(
            "enhance-gui", "enhance", *arguments, "--json", "--save", f"{HOME}/stored"
        )

    def _stored(self) -> list[tuple[str, str]]:
        """Return the tasks with their states, from a copy: reading could leave files behind."""
        folder = self._root.home / ".local" / "share" / "enhance-gui"
        with tempfile.TemporaryDirectory() as copy:
            for file in folder.glob("tasks.sqlite3*"):
                shutil.copyfile(file, Path(copy) / file.name)
            with closing(sqlite3.connect(Path(copy) / "tasks.sqlite3")) as database:
                return sorted(database.execute("SELECT id, state FROM task"))

    def _assert_results(self) -> None:
        assert self._results
        for file, digest in self._results.items():
            assert _sha256(file) == digest, file

    def _outside(self, path: str) -> Path:
        return self._root.folder / path.lstrip("/")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
