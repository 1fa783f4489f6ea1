"""The package for Debian, Ubuntu and their descendants."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from messages import SetUpFailed

from building import desktop_files, tidy
from building.identity import HOME_PAGE, PUBLISHER
from building.order import Order

NAME: Final = "enhance-gui"
MAINTAINER: Final = f"{PUBLISHER} <enhance-gui@users.noreply.github.com>"
TEMPLATES: Final = Path("packaging") / "linux"

_FILTERS_ELSEWHERE: Final = ("--lzma2=preset=9",)
_FILTERS: Final = {"x86_64": ("--x86", *_FILTERS_ELSEWHERE)}
"""xz's options. That for ARM is too new for some of the systems that unpack it."""
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}

OTHER_DEPENDENCIES: Final = (
    # The authorities that the computer's owner trusts, such as a company's own.
    "ca-certificates",
    # Without any font there is nothing to read.
    "fonts-dejavu-core | fonts-liberation | fonts-noto-core | ttf-bitstream-vera",
)
RECOMMENDED: Final = ("gnome-keyring | kwalletmanager | keepassxc", "xdg-desktop-portal")


def build(order: Order, frozen: Path, dependencies: Sequence[str], notices: Sequence[Path]) -> Path:
    """Build the package of a frozen program, which is moved into it, and return its path.

    :param dependencies: entries for ``Depends``: the libraries of the system.
    :param notices: the licences of what is shipped.
    :raises SetUpFailed: dpkg-deb or ar is missing.
    """
    if shutil.which("dpkg-deb") is None:
        raise SetUpFailed("dpkg-deb is missing: a Debian package is built on Debian or Ubuntu.")
    if shutil.which("ar") is None:
        raise SetUpFailed("ar is missing: install the system's package binutils.")
    root = order.work / "deb"
    share = root / "usr" / "share"
    desktop_files.write(order, share)
    _write_documents(order, share, notices)
    library = root / "usr" / "lib" / NAME
    library.parent.mkdir(parents=True)
    frozen.rename(library)
    command = root / "usr" / "bin" / NAME
    command.parent.mkdir(parents=True)
    command.symlink_to(f"../lib/{NAME}/{NAME}")
    _write_control(order, root, dependencies)
    tidy.settle(root, order.time_s)
    path = order.output / f"{NAME}_{order.version}_{architecture()}.deb"
    _pack(root, path)
    return path


def architecture() -> str:
    """Return what Debian calls this computer's processor."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def control(order: Order, dependencies: Sequence[str], installed_kib: int) -> str:
    """Return the package's control record."""
    template = (order.root / TEMPLATES / "control").read_text(encoding="utf-8")
    values = {
        "@ARCHITECTURE@": architecture(),
        "@DEPENDS@": ", ".join(sorted([*dependencies, *OTHER_DEPENDENCIES])),
        "@HOME_PAGE@": HOME_PAGE,
        "@INSTALLED_KIB@": str(installed_kib),
        "@MAINTAINER@": MAINTAINER,
        "@RECOMMENDS@": ", ".join(RECOMMENDED),
        "@VERSION@": order.version,
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def changelog(order: Order) -> str:
    """Return the changes of this version, in Debian's form, out of CHANGELOG.md."""
    text = (order.root / "CHANGELOG.md").read_text(encoding="utf-8")
    changes = _changes_of(order.version, text) or ["New version."]
    listed = "\n".join(
        textwrap.fill(each, 78, initial_indent="  * ", subsequent_indent="    ") for each in changes
    )
    written = format_datetime(datetime.fromtimestamp(order.time_s, UTC))
    head = f"{NAME} ({order.version}) unstable; urgency=medium"
    return f"{head}\n\n{listed}\n\n -- {MAINTAINER}  {written}\n"


def _changes_of(version: str, text: str) -> list[str]:
    """Return the entries under a version's heading, or under the one for what is not out yet."""
    for name in (version, "Unreleased"):
        found = re.search(
            rf"^## \[?{re.escape(name)}\b.*?$\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
        if found:
            entries = re.findall(r"^- (.+(?:\n  .+)*)", found[1], re.MULTILINE)
            return [" ".join(entry.split()).replace("`", "") for entry in entries]
    return []


def _write_documents(order: Order, share: Path, notices: Sequence[Path]) -> None:
    documents = share / "doc" / NAME
    documents.mkdir(parents=True)
    shutil.copyfile(order.root / TEMPLATES / "copyright", documents / "copyright")
    for notice in notices:
        shutil.copyfile(notice, documents / notice.name)
    (documents / "changelog.gz").write_bytes(desktop_files.compressed(changelog(order)))
    overrides = share / "lintian" / "overrides" / NAME
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(order.root / TEMPLATES / "lintian-overrides", overrides)


def _write_control(order: Order, root: Path, dependencies: Sequence[str]) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = "".join(f"{_md5(path)}  {path.relative_to(root)}\n" for path in files)
    installed_kib = sum(-(-path.stat().st_size // 1024) for path in files)
    folder = root / "DEBIAN"
    folder.mkdir()
    (folder / "md5sums").write_text(sums, encoding="utf-8")
    (folder / "control").write_text(control(order, dependencies, installed_kib), encoding="utf-8")


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _pack(root: Path, path: Path) -> None:
    """Write the package.

    xz knows machine code, and makes a thirtieth less of it, but dpkg-deb does not say so: so the
    parts of a package that it has not compressed are compressed here.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        plain = folder / "plain.deb"
        _run("dpkg-deb", "--root-owner-group", "-Znone", "--build", root, plain)
        _run("ar", "x", f"--output={folder}", plain)
        plain.unlink()
        parts = [folder / part for part in ("control.tar", "data.tar")]
        for part in parts:
            tidy.compress(part, _FILTERS.get(platform.machine(), _FILTERS_ELSEWHERE))
        path.unlink(missing_ok=True)
        _run("ar", "qcDS", path, folder / "debian-binary", *(f"{part}.xz" for part in parts))


def _run(*command: str | Path) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
