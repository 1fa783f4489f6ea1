"""Checks an upgrade over an older version with stored work."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from messages import SetUpFailed

from deb_check import use
from deb_check.database import NOTHING, Stored, lost, stored
from deb_check.provider import SilentProvider
from deb_check.root import HOME, Root

OLDER = "0.0.1~older"

PROFILE = """\
name = "Silent"
base_url = "{address}"
needs_token = true
allow_private_addresses = true
[[enhance_types]]
id = 1
name = "Enhance"
"""
TOKEN: Final = "token-of-the-silent-provider"  # noqa: S105  of nothing

PREFERENCES: Final = {
    "save_folder": use.RESULTS,
    "name_template": "{name} as I like it",
    "theme": "dark",
    "parallel_tasks": 2,
    "welcomed": True,
}
"""What the user has chosen, other than it is by itself."""

_EXIT_FAILED, _EXIT_IN_DOUBT, _EXIT_STORED = 1, 3, 4
_WAITING = {"queued", "accepted", "finished", "fetching"}


def chosen_or_made(older: Path | None, package: Path, folder: Path) -> Path:
    """Return the older package to begin with.

    :param older: the one to take; ``None``: the package itself, under an older version.
    :raises SetUpFailed: it is not older.
    """
    if older is None:
        return _under_older_version(package, folder)
    versions = [_version(older), "lt", _version(package)]
    if subprocess.run(["dpkg", "--compare-versions", *versions], check=False).returncode:
        raise SetUpFailed(f"{older.name} has the version {versions[0]}, not below {versions[2]}.")
    return older


def _version(package: Path) -> str:
    return subprocess.run(
        ["dpkg-deb", "-f", str(package), "Version"], capture_output=True, text=True, check=True
    ).stdout.strip()


def _under_older_version(package: Path, folder: Path) -> Path:
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


class StoredWork:
    """What an older version leaves behind, and what becomes of it.

    Tasks that are saved (by window and by command), failed, given up, in doubt and waiting; a
    service of the user's own with a token in the password manager; choices.
    """

    def __init__(self, root: Root, python: str, passwords: Mapping[str, str]) -> None:
        """
        :param python: one with PySide6.
        :param passwords: the variables by which the password manager is found.
        """
        self._root = root
        self._python = python
        self._passwords = passwords
        self._provider = SilentProvider(use.PICTURES / "settings-light.jpg")
        self._before = NOTHING
        self._files: dict[Path, str] = {}

    def leave(self) -> None:
        """Work with the installed version."""
        self._choose()
        use.window(self._root, self._python, "earlier.jpg", "failed-dark.jpg")
        self._enhance(0, use.lay_picture(self._root, "saved.jpg", "empty-light.jpg"))
        self._enhance(_EXIT_FAILED, f"{self._provider.address}/missing.jpg")
        self._send_to_provider("given-up.jpg")
        self._settle("give-up")
        self._send_to_provider("in-doubt.jpg")
        large = use.lay_picture(self._root, "waiting.jpg", "compare-light-2x.jpg")
        self._enhance(_EXIT_STORED, large, "--timeout-s", "1")
        self._before = self._stored()
        states = sorted(self._before.states.values())
        assert len(states) == 6, states
        wanted = {"failed", "in_doubt", "saved", "written_off"}
        assert wanted < set(states), states
        assert set(states) - wanted <= _WAITING, states
        kept = [self._root.folder / row["final"].lstrip("/") for row in self._before.rows["output"]]
        kept = [path for path in kept if path.exists()]
        assert len(kept) == 2, kept
        self._files = {path: _sha256(path) for path in [*kept, self._profile]}

    def upgrade_to(self, package: Path) -> str:
        """Upgrade, and compare what is stored with what was."""
        use.install(self._root, package)
        listed = self._root.as_user("enhance-gui", "services", "--json").stdout.splitlines()
        addresses = {each["name"]: each["base_url"] for each in map(json.loads, listed)}
        assert addresses.get("Silent") == self._provider.address, listed
        self._assert_kept(set(self._before.states))
        return f"schema {self._before.version}"

    def settings_hold(self) -> None:
        """Look at what the window, which has run since, made of the choices."""
        chosen = json.loads(self._preferences.read_text(encoding="utf-8"))
        assert chosen.items() >= PREFERENCES.items(), chosen
        names = sorted(path.name for path in use.results(self._root))
        assert [name for name in names if re.match(r"dropped as I like it\.\w+$", name)], names

    def token_holds(self) -> None:
        """Have a further picture sent with the token that the older version has put away."""
        self._send_to_provider("after.jpg")

    def resume(self) -> str:
        """Have the stored work finished, and a task in doubt settled."""
        sent = len(self._provider.received)
        done = self._as_user("enhance", "--resume", "--json")
        assert done.returncode in {0, _EXIT_IN_DOUBT}, (done.returncode, done.stdout, done.stderr)
        after = self._stored()
        for task, state in self._before.states.items():
            wanted = "saved" if state in _WAITING else state
            assert after.states[task] == wanted, (task, state, after.states[task], done.stdout)
        assert len(self._provider.received) == sent, "a task in doubt was sent again"
        assert after.version >= self._before.version, (self._before.version, after.version)
        waiting = {task for task, state in self._before.states.items() if state in _WAITING}
        self._assert_kept(self._before.states.keys() - waiting)
        self._settle("give-up")
        doubtful = [task for task, state in self._before.states.items() if state == "in_doubt"]
        settled = self._stored().states
        assert {settled[task] for task in doubtful} == {"written_off"}, settled
        return f"schema {after.version}"

    def _choose(self) -> None:
        for file, text in (
            (self._profile, PROFILE.format(address=self._provider.address)),
            (self._preferences, json.dumps(PREFERENCES)),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self._root.as_root("chown", "-R", "--reference", HOME, f"{HOME}/.config")
        done = self._as_user("token", "set", "--service", "Silent", given=TOKEN)
        assert done.returncode == 0, done.stderr

    def _send_to_provider(self, name: str) -> None:
        """Send a picture to the provider, with the token; it is then in doubt."""
        before = len(self._provider.received)
        address = f"{self._provider.address}/{name}"
        self._enhance(_EXIT_IN_DOUBT, address, "--service", "Silent")
        sent = self._provider.received[before:]
        assert len(sent) == 1, sent
        assert TOKEN in sent[0], "it was sent without its token"

    def _settle(self, choice: str) -> None:
        """Decide on all tasks in doubt."""
        self._as_user("enhance", "--resume", "--settle", f"all={choice}", "--timeout-s", "60")

    def _enhance(self, wanted: int, *arguments: str) -> None:
        done = self._as_user("enhance", *arguments, "--json", "--save", use.RESULTS)
        assert done.returncode == wanted, (done.returncode, done.stdout, done.stderr)

    def _as_user(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return self._root.as_user("enhance-gui", *command, given=given, **self._passwords)

    def _assert_kept(self, tasks: set[int]) -> None:
        """Compare what is stored of tasks, and the files, with what was before the upgrade."""
        missing = lost(self._before, self._stored(), tasks)
        assert not missing, "\n".join(missing)
        for file, digest in self._files.items():
            assert _sha256(file) == digest, file

    def _stored(self) -> Stored:
        return stored(self._root.home / ".local" / "share" / "enhance-gui")

    @property
    def _profile(self) -> Path:
        return self._root.home / ".config" / "enhance-gui" / "profiles" / "silent.toml"

    @property
    def _preferences(self) -> Path:
        return self._root.home / ".config" / "enhance-gui" / "preferences.json"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
