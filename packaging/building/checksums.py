"""The checksums of packages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def write(files: Iterable[Path], path: Path) -> Path:
    """Write the SHA-256 of ``files`` to ``path``, as ``sha256sum --check`` reads it."""
    lines = [f"{_sha256(file)}  {file.name}\n" for file in sorted(files)]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
