"""Uses the installed package as a person would."""

from __future__ import annotations

import base64
import json
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environment import CHECKOUT

from deb_check.root import HOME, USER, X_SOCKETS, Root
from deb_check.screen import Screen, screen, until

DESKTOP_ENTRY = Path("usr") / "share" / "applications" / "enhance-gui.desktop"
PICTURES = CHECKOUT / "resources" / "screenshots"
RESULTS = f"{HOME}/Own results"
"""Where the window saves: chosen in the preferences that :mod:`deb_check.upgrade` leaves."""

_QUIT_LIMIT_S = 10.0


def install(root: Root, package: Path) -> None:
    """Install a package with what it depends on, and nothing that it only recommends."""
    place = root.folder / "root" / package.name
    place.write_bytes(package.read_bytes())
    root.as_root(
        "apt-get", "-q", "-y", "--no-install-recommends", "install", f"/root/{package.name}"
    )
    place.unlink()


def no_python(root: Root) -> None:
    """Make sure that the system has no Python which the program could have used."""
    listed = root.as_root("dpkg-query", "-W", "-f", "${Package}\\n").split()
    assert not [name for name in listed if re.match(r"(?:lib)?python", name)], listed
    assert not list((root.folder / "usr" / "bin").glob("python*"))


def version(root: Root, package: Path) -> None:
    """Compare what the program prints of itself with the package's record."""
    told = root.as_user("enhance-gui", "--version").stdout.strip()
    recorded = subprocess.run(
        ["dpkg-deb", "-f", str(package), "Version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    pattern = rf"enhance-gui {re.escape(recorded)} \((?:commit [0-9a-f]{{7}}, )?deb\)"
    assert re.fullmatch(pattern, told), told


def lay_picture(root: Root, name: str, source: str) -> str:
    """Put a picture into the user's home and return its path inside the system."""
    place = root.home / name
    place.write_bytes((PICTURES / source).read_bytes())
    return f"{HOME}/{name}"


def enhance(root: Root) -> None:
    """Enhance a picture by command."""
    picture = lay_picture(root, "by-command.jpg", "empty-light.jpg")
    done = root.as_user("enhance-gui", "enhance", picture, "--save", f"{HOME}/out", "--json")
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert line["state"] == "saved", line
    for file in (*line["files"], line["sidecar"]):
        assert (root.folder / file.lstrip("/")).stat().st_size > 0, file


def doctor(root: Root) -> None:
    """Have the program check what it stands on."""
    done = root.as_user("enhance-gui", "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the service starts, listens and answers" in done.stdout, done.stdout


def trusts(root: Root) -> None:
    """Make sure that there are authorities for TLS: the system's, and the program's own."""
    assert (root.folder / "etc/ssl/certs/ca-certificates.crt").stat().st_size > 100_000
    own = list((root.folder / "usr/lib/enhance-gui").rglob("certifi/cacert.pem"))
    assert len(own) == 1, own


def no_display(root: Root) -> None:
    """Start the window where there is no display."""
    done = root.as_user("enhance-gui")
    assert done.returncode == 3, (done.returncode, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "there is no display" in done.stderr, done.stderr


def window(root: Root, python: str, name: str, source: str) -> None:
    """Start the window by its desktop entry, drop a picture on it, wait for the result, quit.

    :param python: one with PySide6, for the window that the picture is dragged out of.
    :param name: of the picture.
    :param source: the screenshot that it is a copy of; not one that was enhanced before, which
        the window asks about.
    """
    picture = lay_picture(root, name, source)
    stem = Path(name).stem
    assert not _results_of(root, stem)
    with screen() as shown, tempfile.TemporaryFile("w+") as said:
        assert (root.folder / X_SOCKETS.relative_to("/")).is_dir()
        with subprocess.Popen(
            root.user_command(command_of_entry(root)),
            env=root.user_variables(DISPLAY=shown.display),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        ) as program:
            try:
                # The other program is still asked for the data after the drop.
                with _dropped(shown, python, f"file://{picture}"):
                    until(
                        lambda: len(_results_of(root, stem)) >= 2,
                        "the result and its sidecar",
                    )
                _quit(shown, program)
            except BaseException:
                program.send_signal(signal.SIGTERM)
                raise
            finally:
                said.seek(0)
                words = said.read()
    new = {path.suffix for path in _results_of(root, stem)}
    assert ".json" in new, new
    assert len(new) == 2, new
    assert program.returncode == 0, (program.returncode, words)
    assert "Traceback" not in words, words


def command_of_entry(root: Root) -> list[str]:
    """Return the command of the installed desktop entry, as a menu would start it."""
    entry = (root.folder / DESKTOP_ENTRY).read_text(encoding="utf-8")
    found = re.search(r"^Exec=(.+)$", entry, re.MULTILINE)
    assert found is not None, entry
    # Started from a menu there is nothing to open: the field codes stand for nothing.
    return [word for word in shlex.split(found[1]) if not re.fullmatch("%[fFuUick]", word)]


def results(root: Root) -> list[Path]:
    """Return what the window has saved."""
    folder = root.folder / RESULTS.lstrip("/")
    # A name with a dot in front belongs to a file that is still being written.
    return [path for path in folder.glob("*") if not path.name.startswith(".")]


def _results_of(root: Root, stem: str) -> list[Path]:
    # The window goes on with stored work meanwhile.
    return [path for path in results(root) if path.name.startswith(stem)]


@contextmanager
def _dropped(shown: Screen, python: str, address: str) -> Iterator[None]:
    """Drag an address out of another program's window into ours; the other stays open."""
    shown.window("^Enhance GUI$")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as formats:
        data = base64.b64encode(f"{address}\r\n".encode()).decode()
        json.dump({"text/uri-list": data}, formats)
        formats.flush()
        with subprocess.Popen(
            [python, "-m", "tests.desktop.drag_source", formats.name],
            cwd=CHECKOUT,
            env={"PATH": "/usr/bin:/bin", "DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"},
            stdout=subprocess.PIPE,
            text=True,
        ) as source:
            try:
                assert source.stdout is not None
                assert source.stdout.readline().strip() == "ready"
                shown.drag((60, 60), (600, 500))
                done = source.stdout.readline().strip()
                assert done in {"CopyAction", "LinkAction"}, f"the drop ended with {done!r}"
                yield
            finally:
                source.terminate()


def _quit(shown: Screen, program: subprocess.Popen[bytes]) -> None:
    shown.xdotool("windowfocus", "--sync", shown.window("^Enhance GUI$"))
    shown.xdotool("key", "ctrl+q")
    program.wait(timeout=_QUIT_LIMIT_S)


def remove(root: Root, before: set[str]) -> None:
    """Purge the package, and see that nothing of it is left but the user's own files."""
    owned = root.as_root("dpkg-query", "-L", "enhance-gui").splitlines()
    root.as_root("apt-get", "-q", "-y", "autoremove", "--purge", "enhance-gui")
    after = root.files()
    left = [
        name
        for name in sorted(after - before)
        if ("enhance" in name.lower() or f"/{name}" in owned)
        # Folders that other packages, or their caches, go on using.
        and not ((root.folder / name).is_dir() and "enhance" not in name.lower())
        and not name.startswith((f"home/{USER}", "var/log/"))
    ]
    assert not left, left
    listed = root.as_root("dpkg-query", "-W", "-f", "${Package}\\n").split()
    assert "enhance-gui" not in listed
    assert (root.folder / RESULTS.lstrip("/")).is_dir(), "the user's results are gone"
