"""Has the package judged by the tools of Debian and of the desktops."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

MAX_BYTES = 150_000_000

TOOLS = {
    "appstreamcli": "appstream",
    "desktop-file-validate": "desktop-file-utils",
    "lintian": "lintian",
    "man": "man-db",
}
"""Commands that judge, and their Debian packages."""


def check(package: Path) -> None:
    """Have the package and its records judged.

    :raises AssertionError: with what the tools say.
    """
    size = package.stat().st_size
    assert size <= MAX_BYTES, f"the package has {size} bytes, more than {MAX_BYTES}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        share = Path(folder) / "usr" / "share"
        judged = [
            ["desktop-file-validate", *_found(share / "applications")],
            ["appstreamcli", "validate", "--no-net", *_found(share / "metainfo")],
            ["man", "--warnings", "-l", "-Tutf8", "-Z", *_found(share / "man" / "man1")],
            ["lintian", "--allow-root", "--fail-on", "error", str(package)],
        ]
        complaints = [words for command in judged if (words := _complaint(command))]
    assert not complaints, "\n".join(complaints)


def _found(folder: Path) -> list[str]:
    files = sorted(str(path) for path in folder.iterdir())
    assert files, f"{folder} is empty"
    return files


def _complaint(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    # The manual's reader warns without failing.
    warned = command[0] == "man" and done.stderr
    if done.returncode == 0 and not warned:
        return ""
    said = done.stderr if command[0] == "man" else done.stdout + done.stderr
    return f"{command[0]}:\n{said.strip()}"
