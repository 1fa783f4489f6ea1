"""A web site on this computer, and what browsers offer when its pictures are dragged."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.desktop.accessible import Part
from tests.desktop.drag_source import SIDE_PX, TITLE
from tests.desktop.screen import Screen
from tests.support.waiting import until

FROM: tuple[int, int] = (SIDE_PX // 2, SIDE_PX // 2)
"""Where the button goes down."""


class Site:
    """Serves files out of memory."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.files: dict[str, tuple[str, bytes]] = {}
        """Kind and content, by path."""

    def url(self, path: str) -> str:
        return self.base_url + path


@contextmanager
def site(files: Mapping[str, tuple[str, bytes]]) -> Iterator[Site]:
    """Serve these files."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, data = files.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="site")
        thread.start()
        try:
            yield Site(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def chromium(picture: str, data: bytes, page: str = "") -> dict[str, bytes]:
    """Return what Chromium offers for a picture.

    :param page: where the link around the picture leads, if there is one.
    """
    html = (
        f'<a href="{page}"><img alt="" src="{picture}"></a>' if page else f'<img src="{picture}"/>'
    )
    return {
        "text/uri-list": (page or picture).encode(),
        "text/plain": (page or picture).encode(),
        "text/html": html.encode("utf-8-sig"),
        "application/octet-stream": data,
        "chromium/x-renderer-taint": b"",
        "chromium/x-drag-id": b"F6C1D0E7",
    }


def firefox(picture: str, data: bytes, page: str = "") -> dict[str, bytes]:
    """Return what Firefox offers for a picture.

    :param page: where the link around the picture leads, if there is one.
    """
    html = f'<img src="{picture}" alt="">'
    address = page or picture
    return {
        "text/uri-list": f"{address}\r\n".encode(),
        "_NETSCAPE_URL": f"{address}\na title".encode(),
        "text/x-moz-url-data": address.encode("utf-16-le"),
        "text/x-moz-url-desc": "a title".encode("utf-16-le"),
        "text/html": (f'<a href="{page}">{html}</a>' if page else html).encode(),
        "text/plain": address.encode(),
        "image/jpeg": data,
        "application/x-moz-file-promise-url": picture.encode("utf-16-le"),
        "application/x-moz-file-promise-dest-filename": "picture.jpg".encode("utf-16-le"),
    }


def around(part: Part) -> list[tuple[int, int]]:
    """Return a way to the middle of a part that moves a little there, as a hand does."""
    x, y = part.middle
    return [(x, y), (x + 8, y + 6), (x + 12, y + 2)]


class Browser:
    """A window whose content can be dragged."""

    def __init__(self, screen: Screen, file: Path, process: subprocess.Popen[str]) -> None:
        self._screen = screen
        self._file = file
        self._process = process

    def grab(self, formats: Mapping[str, bytes], way: list[tuple[int, int]]) -> None:
        """Take something with the mouse and move it through these places."""
        data = {name: base64.b64encode(each).decode() for name, each in formats.items()}
        self._file.write_text(json.dumps(data))
        self._screen.drag([FROM, *way])

    def drop(self) -> str:
        """Let go; return what became of it: "CopyAction"."""
        self._screen.let_go()
        return self.line()

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def browser(screen: Screen, folder: Path) -> Iterator[Browser]:
    """Run the program that things are dragged out of."""
    file = folder / "formats.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.drag_source", str(file)],
        env={**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.PIPE,
        text=True,
    )
    shown = Browser(screen, file, process)
    try:
        assert shown.line() == "ready"
        until(lambda: screen.is_in_front(process.pid, TITLE), "a page in front")
        yield shown
    finally:
        process.kill()
        process.communicate()
