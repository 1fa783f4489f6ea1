"""Checks who makes a request, before the body is read or anything else is done."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.tasks.refusals import OwnCode

Headers = Sequence[tuple[bytes, bytes]]
"""A request's headers as ASGI gives them: names in lower case."""

TOKEN_HEADER: Final = b"token"
_NO_TOKEN: Final = "the token is missing or wrong"  # noqa: S105  a sentence
MAX_BODY_BYTES: Final = 64 * 1024
"""Largest JSON body of a call."""

UPLOAD_PATH: Final = "/upload"
_TYPE_OF_CALL: Final = {
    "/createtask": b"application/json",
    "/gettask": b"application/json",
    "/deletetask": b"application/json",
    UPLOAD_PATH: b"application/octet-stream",
}
PIECE_PATH: Final = f"{UPLOAD_PATH}/"
"""What the address of an upload in pieces begins with."""
_PIECE_TYPE: Final = b"application/partial-upload"
FILE_FOLDERS: Final = frozenset({"results", "inputs", "uploads"})
"""Folders whose files are served: their names are the secret, so they need no token."""

_OF_A_PROXY: Final = frozenset(
    {b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip"}
)
_OF_A_PROXY_PREFIX: Final = b"x-forwarded-"

_FREE_TRIES: Final = 10
_PAUSE_S: Final = 1.0
_FORGOTTEN_AFTER_S: Final = 60.0
_MAX_ADDRESSES: Final = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of an admitted request."""

    host: str
    """The request's ``Host``."""
    has_token: bool
    """Whether it carries the token; files are served without."""
    came_directly: bool
    """Whether no header of a proxy says that it forwarded the request for somebody else."""


class TokenWrong(RequestRefused):
    """A token was shown, and it is not ours."""


class Gate:
    """Refuses requests of web pages, of strangers, and of the wrong form."""

    def __init__(self, hosts: OwnHosts, token: Secret) -> None:
        self._hosts = hosts
        self._token = token

    def check(self, method: str, path: str, headers: Headers) -> Caller:
        """Return who asks.

        :raises TokenWrong: the token that was shown is wrong.
        :raises RequestRefused: the request is refused, for the first of these reasons: host,
            origin, token, address, method, content type, declared size.
        """
        host = self._check_host(headers)
        _check_origin(headers)
        if _is_file(path):
            if method not in ("GET", "HEAD"):
                raise RequestRefused("files are read with GET", code=OwnCode.METHOD_WRONG)
            return Caller(host, has_token=False, came_directly=_came_directly(headers))
        self._check_token(headers)
        if path.startswith(PIECE_PATH):
            _check_piece(method, headers)
        else:
            _check_call(method, path, headers)
        return Caller(host, has_token=True, came_directly=_came_directly(headers))

    def _check_host(self, headers: Headers) -> str:
        host = only_value(headers, b"host")
        if host is None or not self._hosts.accepts(host):
            raise RequestRefused(
                "the Host header does not name this service", code=OwnCode.FORBIDDEN
            )
        return host

    def _check_token(self, headers: Headers) -> None:
        given = only_value(headers, TOKEN_HEADER)
        if not given:
            raise RequestRefused(_NO_TOKEN, code=OwnCode.TOKEN_WRONG)
        if not self._token.matches(given):
            raise TokenWrong(_NO_TOKEN, code=OwnCode.TOKEN_WRONG)


class TokenThrottle:
    """Delays the answers to addresses that guess tokens, without blocking anybody.

    After some wrong tokens of an address, each further one that comes from there on a new
    connection is answered a second later, whether it is right or wrong: so the guesser learns
    nothing by not waiting, and somebody with the right token at the same address (another user of
    the same computer, those behind one router) is still served. The address quiet for longest is
    forgotten first.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def note_wrong(self, remote: str, now_s: float) -> None:
        """Count a wrong token."""
        count = self._count(remote, now_s)
        self._wrong[remote] = (count + 1, now_s)
        self._wrong.move_to_end(remote)
        if len(self._wrong) > _MAX_ADDRESSES:
            self._wrong.popitem(last=False)

    def pause_s(self, remote: str, now_s: float) -> float:
        """Return how long a token from there has to wait for its answer."""
        return _PAUSE_S if self._count(remote, now_s) >= _FREE_TRIES else 0.0

    def _count(self, remote: str, now_s: float) -> int:
        count, last_s = self._wrong.get(remote, (0, now_s))
        return count if now_s - last_s < _FORGOTTEN_AFTER_S else 0


def _is_file(path: str) -> bool:
    return path.partition("/")[2].partition("/")[0] in FILE_FOLDERS


def _came_directly(headers: Headers) -> bool:
    return not any(
        name in _OF_A_PROXY or name.startswith(_OF_A_PROXY_PREFIX) for name, _ in headers
    )


def _check_origin(headers: Headers) -> None:
    """Refuse what a browser sends on behalf of a page; no program of ours sends these headers."""
    from_a_page = any(
        name == b"origin" or (name == b"sec-fetch-site" and value != b"none")
        for name, value in headers
    )
    if from_a_page:
        raise RequestRefused("requests of web pages are refused", code=OwnCode.FORBIDDEN)


def _check_call(method: str, path: str, headers: Headers) -> None:
    if path not in _TYPE_OF_CALL:
        raise RequestRefused("there is no such call", code=OwnCode.NOT_FOUND)
    if method != "POST":
        raise RequestRefused("calls are made with POST", code=OwnCode.METHOD_WRONG)
    _check_content_type(headers, _TYPE_OF_CALL[path])
    if path != UPLOAD_PATH:
        _check_declared_size(headers)


def _check_piece(method: str, headers: Headers) -> None:
    if method == "PATCH":
        _check_content_type(headers, _PIECE_TYPE)
    elif method == "GET":
        _check_declared_size(headers)
    else:
        raise RequestRefused("pieces are sent with PATCH", code=OwnCode.METHOD_WRONG)


def _check_content_type(headers: Headers, wanted: bytes) -> None:
    given = (only_value(headers, b"content-type") or "").partition(";")[0].strip().lower()
    if given != wanted.decode():
        raise RequestRefused(f"the body must be sent as {wanted.decode()}", code=OwnCode.TYPE_WRONG)


def _check_declared_size(headers: Headers) -> None:
    declared = only_value(headers, b"content-length") or "0"
    if not declared.isdecimal() or int(declared[:20]) > MAX_BODY_BYTES:
        raise body_too_large()


def body_too_large() -> RequestRefused:
    """Return the refusal of a JSON body over the limit."""
    return RequestRefused(
        f"the body has more than {MAX_BODY_BYTES // 1024} KiB", code=OwnCode.BODY_TOO_LARGE
    )


def only_value(headers: Headers, wanted: bytes) -> str | None:
    """Return a header's value; ``None`` where it is missing or stands more than once."""
    values = [value for name, value in headers if name == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else None
