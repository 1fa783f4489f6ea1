"""Gather what was built for a release: ``packaging/release.py v1.2.3 DIST [--page URL]``.

Writes into DIST: ``SHA256SUMS`` of everything in it, ``RELEASE-NOTES.md``, and, where the page of
the program is known, ``newest.json``, which belongs beside that page: the program's question for
newer versions is answered by it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from building import checkout, checksums
from environment import CHECKOUT
from messages import SetUpFailed, say

SUMS = "SHA256SUMS"
NEWEST = "newest.json"
NOTES = "RELEASE-NOTES.md"


def main(arguments: Sequence[str]) -> int:
    """Gather a release and return 0 if it is whole."""
    parser = argparse.ArgumentParser(prog="packaging/release.py", description=__doc__)
    parser.add_argument("tag", help="of the version: v1.2.3")
    parser.add_argument("dist", type=Path, help="folder with all packages")
    parser.add_argument("--page", default="", metavar="URL", help="https address of the program")
    chosen = parser.parse_args(arguments)
    try:
        gather(CHECKOUT, chosen.tag, chosen.dist, chosen.page)
    except SetUpFailed as error:
        say(str(error))
        return 1
    return 0


def gather(root: Path, tag: str, dist: Path, page: str) -> None:
    """Write what accompanies the packages of a release.

    :raises SetUpFailed: the tag is not that of the checkout's version, or something is missing.
    """
    version = checkout.version(root)
    if tag != f"v{version}":
        raise SetUpFailed(f"The tag is {tag}, but enhance_gui/__init__.py says {version}.")
    template = (root / "packaging" / "release-notes.md").read_text(encoding="utf-8")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    notes = release_notes(template, changelog, version)
    packages = sorted(file for file in dist.iterdir() if is_package(file.name))
    if not packages:
        raise SetUpFailed(f"There is no package in {dist}.")
    # The sums of each system on its own have served; here is one list of all.
    for file in dist.glob(f"*{SUMS}"):
        file.unlink()
    checksums.write(packages, dist / SUMS)
    (dist / NOTES).write_text(notes, encoding="utf-8", newline="\n")
    if page:
        (dist / NEWEST).write_text(newest(version, page), encoding="utf-8", newline="\n")


def is_package(name: str) -> bool:
    """Return whether a file in the folder is published with a checksum."""
    return not name.endswith(SUMS) and name not in (NOTES, NEWEST)


def newest(version: str, page: str) -> str:
    """Return the file that names the newest version: see ``enhance_gui.core.settings.updates``."""
    return json.dumps({"version": version, "page": page}, indent=2) + "\n"


def release_notes(template: str, changelog: str, version: str) -> str:
    """Return the notes of a version, with what the changelog says of it.

    :raises SetUpFailed: the changelog says nothing of it.
    """
    section = re.search(
        rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if section is None or not section[1].strip():
        raise SetUpFailed(f"CHANGELOG.md has no section “## [{version}]”.")
    return template.replace("@VERSION@", version).replace("@CHANGES@", section[1].strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
