"""A stand-in for a backend of ``keyring`` that keeps secrets in a plain file, as some do."""

from __future__ import annotations

from pathlib import Path

_MODULE = """
from pathlib import Path
from keyring.backend import KeyringBackend

class PlainKeyring(KeyringBackend):
    priority = 100

    def get_password(self, service, username):
        return FILE.read_text() if FILE.exists() else None

    def set_password(self, service, username, password):
        FILE.write_text(password)

    def delete_password(self, service, username):
        FILE.unlink()

FILE = Path({file!r})
"""


def install_plain_backend(folder: Path) -> tuple[Path, Path]:
    """Make a folder that, on the path, has ``keyring`` prefer the plain backend.

    :returns: that folder, and the file that the backend would write to.
    """
    site, file = folder / "site", folder / "plain.txt"
    information = site / "plain_keyring-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "plain_keyring.py").write_text(_MODULE.format(file=str(file)))
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plain-keyring\nVersion: 1\n"
    )
    (information / "entry_points.txt").write_text("[keyring.backends]\nplain = plain_keyring\n")
    return site, file
