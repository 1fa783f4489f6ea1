"""A minimal Debian in a folder, and commands run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from environment import cache_folder
from messages import say

SUITE = "bookworm"
USER = "visitor"
HOME = f"/home/{USER}"
X_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108  where every X server puts them

_LIMIT_S = 300
_CHROOT = "/usr/sbin/chroot"


@dataclass(frozen=True)
class Root:
    """The system."""

    folder: Path

    @property
    def home(self) -> Path:
        """The user's home, as seen from outside."""
        return self.folder / HOME.lstrip("/")

    def as_root(self, *command: str) -> str:
        """Run a command as root and return its output; it has to succeed."""
        variables = {"DEBIAN_FRONTEND": "noninteractive", "PATH": os.defpath + ":/usr/sbin:/sbin"}
        done = self._run([_CHROOT, str(self.folder), *command], variables)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def as_user(
        self, *command: str, given: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the user.

        :param given: what it reads from its standard input.
        """
        return self._run(self.user_command(command), self.user_variables(**variables), given)

    def user_command(self, command: Sequence[str]) -> list[str]:
        user = f"--userspec={USER}:{USER}"
        return [_CHROOT, user, str(self.folder), "/usr/bin/env", "-C", HOME, *command]

    @staticmethod
    def user_variables(**variables: str) -> dict[str, str]:
        return {"HOME": HOME, "USER": USER, "PATH": "/usr/bin:/bin", **variables}

    def files(self) -> set[str]:
        """Return all files and folders of the system, without what lies in memory alone."""
        skipped = {self.folder / name for name in ("proc", "dev", "sys", "tmp")}
        found = set()
        for parent, folders, files in os.walk(self.folder):
            here = Path(parent)
            folders[:] = [name for name in folders if here / name not in skipped]
            found |= {str((here / name).relative_to(self.folder)) for name in (*folders, *files)}
        return found

    @staticmethod
    def _run(
        command: Sequence[str], variables: Mapping[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=dict(variables),
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LIMIT_S,
            check=False,
        )


@contextmanager
def minimal_system(folder: Path) -> Iterator[Root]:
    """Make the system in a folder, with a user in it."""
    root = Root(folder / "root")
    root.folder.mkdir()
    subprocess.run(["tar", "-xpf", str(_packed_system()), "-C", str(root.folder)], check=True)
    # Names are looked up as on this computer, which the first installation needs.
    shutil.copyfile("/etc/resolv.conf", root.folder / "etc" / "resolv.conf")
    root.as_root("useradd", "--create-home", USER)
    with ExitStack() as mounts:
        for kind, place in (("proc", "proc"), ("tmpfs", "dev/shm")):
            (root.folder / place).mkdir(exist_ok=True)
            mounts.enter_context(_mounted(["-t", kind, kind], root.folder / place))
        # Kept for the next time, so that it fetches nothing again.
        archives = _cache() / "archives"
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        mounts.enter_context(
            _mounted(["--bind", str(archives)], root.folder / "var/cache/apt/archives")
        )
        # Ours alone, so that the system sees no other displays.
        X_SOCKETS.mkdir(mode=0o1777, exist_ok=True)
        mounts.enter_context(_mounted(["-t", "tmpfs", "tmpfs"], X_SOCKETS))
        sockets = root.folder / X_SOCKETS.relative_to("/")
        sockets.mkdir(parents=True, exist_ok=True)
        mounts.enter_context(_mounted(["--bind", str(X_SOCKETS)], sockets))
        root.as_root("apt-get", "-q", "update")
        yield root


def forget(folder: Path) -> None:
    """Remove a folder with a system, unless something in it is still mounted."""
    mounted = Path("/proc/self/mounts").read_text(encoding="utf-8")
    if str(folder) in mounted:
        say(f"Something is still mounted in {folder}: it was left there.")
        return
    shutil.rmtree(folder)


@contextmanager
def _mounted(what: Sequence[str], place: Path) -> Iterator[None]:
    subprocess.run(["mount", *what, str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _cache() -> Path:
    return cache_folder() / "systems"


def _packed_system() -> Path:
    """Return the system as an archive; it is made the first time."""
    packed = _cache() / f"{SUITE}-minbase.tar"
    if packed.exists():
        return packed
    say(f"Making a minimal Debian ({SUITE}): this happens once and takes some minutes.")
    packed.parent.mkdir(parents=True, exist_ok=True)
    making = packed.with_suffix(".making")
    if making.exists():
        shutil.rmtree(making)
    subprocess.run(
        ["debootstrap", "--variant=minbase", SUITE, str(making)],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    part = packed.with_suffix(".part")
    subprocess.run(["tar", "-cpf", str(part), "-C", str(making), "."], check=True)
    part.replace(packed)
    shutil.rmtree(making)
    return packed
