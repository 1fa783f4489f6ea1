"""A provider that takes tasks and never answers, on this computer."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class SilentProvider(ThreadingHTTPServer):
    """Has a picture to fetch, takes tasks, and hangs up without an answer."""

    def __init__(self, picture: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.picture = picture.read_bytes()
        self.received: list[str] = []
        """The headers of each task that was sent."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: SilentProvider

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(self.server.picture)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.received.append(str(self.headers))
        self.close_connection = True

    def _answer(self, body: bytes) -> None:
        if "missing" in self.path:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(self.server.picture)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
