"""Takes an admitted request to what answers it, by its address.

| call | body | answer |
|---|---|---|
| ``POST /createtask`` ``/gettask`` ``/deletetask`` | JSON | the documented envelope |
| ``POST /upload`` | a picture's bytes | an envelope; ``data.picurl`` is for createtask |
| ``GET /upload/SHA-256`` | | an envelope; ``data.x_upload_offset`` is where to go on |
| ``PATCH /upload/SHA-256`` | the bytes that follow | the same; once it is whole with ``picurl`` |
| ``GET /results/…`` ``/inputs/…`` ``/uploads/…`` | | the file |

The upload calls are not in the API's document: they are how the desktop program uploads local
files. The files need no token, since their names cannot be guessed. What operators read stands in
``operators.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Scope

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.admission import connection_of, take_place
from enhance_gui.service.http.bodies import RequestBody
from enhance_gui.service.http.gate import PIECE_PATH, READ_PATHS, UPLOAD_PATH, Caller
from enhance_gui.service.http.operators import OperatorPages
from enhance_gui.service.http.pieces import digest_of, read_piece
from enhance_gui.service.http.readiness import Readiness
from enhance_gui.service.http.responses import file_of, success
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.refusals import OwnCode, full

_CREATE_PATH: Final = "/createtask"


@dataclass(eq=False)
class Routes:
    """The addresses of the service, and what answers at each."""

    calls: Calls
    files: FileStore
    pages: OperatorPages
    readiness: Readiness

    def __post_init__(self) -> None:
        self._by_path = {
            _CREATE_PATH: self.calls.create,
            "/gettask": self.calls.get,
            "/deletetask": self.calls.delete,
        }

    async def answer(self, scope: Scope, body: RequestBody, caller: Caller | None) -> Response:
        """Return the answer to a request.

        :param caller: ``None``: somebody who wants what needs no token.
        :raises EnhanceError: there is none.
        """
        path: str = scope["path"]
        if path in READ_PATHS:
            return await self.pages.answer(path)
        if caller is None:
            return self._file(scope)
        brings_work = path in (_CREATE_PATH, UPLOAD_PATH) or scope["method"] == "PATCH"
        if brings_work and self.readiness.is_draining:
            raise full("the service is about to end")
        if path == UPLOAD_PATH:
            return success(await self.calls.upload(body.chunks(), caller))
        if path.startswith(PIECE_PATH):
            return success(await self._piece(scope, body, caller))
        return success(await self._by_path[path](await body.read(), caller))

    async def _piece(self, scope: Scope, body: RequestBody, caller: Caller) -> dict[str, Any]:
        digest = digest_of(scope["path"])
        if digest is None:
            raise RequestRefused(
                "an upload in pieces is named by the file's SHA-256", code=OwnCode.NOT_FOUND
            )
        if scope["method"] == "GET":
            return await self.calls.find_upload(digest, caller)
        piece = read_piece(digest, scope["headers"])
        return await self.calls.append_to_upload(piece, body.chunks(), caller)

    def _file(self, scope: Scope) -> Response:
        folder, _, name = scope["path"].removeprefix("/").partition("/")
        found = self.files.find(folder, name)
        if found is None:
            raise RequestRefused("there is no such file, or no longer", code=OwnCode.NOT_FOUND)
        take_place(connection_of(scope), proves=False)
        return file_of(found)
