"""Collects whatever a run leaves behind, and searches it for a token in every written form.

How the forms are made here is on purpose apart from how the program makes them.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.support.processes import family
from tests.support.scriptable_service import SeenRequest


class Artefacts:
    """What is searched: texts under names."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def names(self) -> list[str]:
        return list(self._texts)

    def add(self, name: str, text: str | bytes) -> None:
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        self._texts[name] = self._texts.get(name, b"") + data

    def add_files(self, *folders: Path) -> None:
        """Add the name and content of every file, and the rows of every database."""
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                self.add("names of files", f"{path}\n")
                if path.is_file():
                    self.add(str(path), path.read_bytes())
                    if path.suffix == ".sqlite3":
                        self.add(f"rows of {path.name}", _rows(path))

    def add_requests(self, requests: Iterable[SeenRequest], of: str) -> None:
        """Add all that a server was sent."""
        for seen in requests:
            self.add(f"requests to {of}", f"{seen.method} {seen.target} {seen.headers}\n")
            self.add(f"requests to {of}", seen.body)

    def add_processes(self, root: int) -> None:
        """Add what anybody can read of a running process and of all it has started (Linux)."""
        for number in family(root):
            for part in ("cmdline", "environ", "comm"):
                try:
                    self.add(f"{part} of processes", Path(f"/proc/{number}/{part}").read_bytes())
                except (PermissionError, FileNotFoundError, ProcessLookupError):
                    continue

    def leaks(self, token: str) -> list[str]:
        """Return the names under which the token is found."""
        forms = list(_forms(token))
        return [
            name
            for name, data in self._texts.items()
            if any(form in each for each in (data, data.lower()) for form in forms)
        ]


def _forms(token: str) -> Iterator[bytes]:
    plain = token.encode()
    yield from (plain, plain.lower(), plain[::-1], plain.hex().encode())
    yield token.encode("utf-16-le")
    yield quote(token).encode()
    yield quote(token, safe="").encode()
    yield quote(token, safe="").lower().encode()
    yield quote_plus(token).encode()
    yield json.dumps(token)[1:-1].encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for cut in range(3):
            # What stands before the cut decides how the rest falls on the grid of base64.
            whole = plain[cut : cut + (len(plain) - cut) // 3 * 3]
            yield encode(whole)


def _rows(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump())


def own_temporary_folder(folder: Path) -> dict[str, str]:
    """Return the variables that have a program put its temporary files there."""
    folder.mkdir(exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), os.fspath(folder))
