"""Checks who makes a request, before the body is read or anything else is done."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.proxies import Headers, Sender, only
from enhance_gui.service.tasks.refusals import OwnCode
from enhance_gui.service.users import User, Users

TOKEN_HEADER: Final = b"token"
_BEARER: Final = "Bearer "
_NO_TOKEN: Final = "the token is missing or wrong"  # noqa: S105  a sentence
MAX_BODY_BYTES: Final = 64 * 1024
"""Largest JSON body of a call."""

UPLOAD_PATH: Final = "/upload"
TYPE_OF_CALL: Final = {
    "/createtask": b"application/json",
    "/gettask": b"application/json",
    "/deletetask": b"application/json",
    UPLOAD_PATH: b"application/octet-stream",
}
"""The calls, and what their bodies are sent as."""
METRICS_PATH: Final = "/metrics"
DOCUMENT_PATH: Final = "/openapi.json"
HEALTH_PATH: Final = "/healthz"
READINESS_PATH: Final = "/readyz"
OPEN_PATHS: Final = frozenset({HEALTH_PATH, READINESS_PATH})
"""What is read without the token: it says nothing that a stranger could not find out."""
READ_PATHS: Final = OPEN_PATHS | {METRICS_PATH, DOCUMENT_PATH}
PIECE_PATH: Final = f"{UPLOAD_PATH}/"
"""What the address of an upload in pieces begins with."""
PIECE_TYPE: Final = b"application/partial-upload"
PIECE_METHODS: Final = ("GET", "PATCH")
FILE_FOLDERS: Final = frozenset({"results", "inputs", "uploads"})
"""Folders whose files are served: their names are the secret, so they need no token."""
READ_METHODS: Final = ("GET", "HEAD")

_FREE_TRIES: Final = 10
_PAUSE_S: Final = 1.0
_FORGOTTEN_AFTER_S: Final = 60.0
_MAX_ADDRESSES: Final = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of an admitted request that carries a token."""

    host: str
    """The request's ``Host``, or what a named proxy says that it was."""
    user: User
    """Whose token it is."""
    sender: Sender
    """Whom the request comes from."""


class TokenWrong(RequestRefused):
    """A token was shown, and it is nobody's."""


class MethodWrong(RequestRefused):
    """The address is there, and not for this method."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message, code=OwnCode.METHOD_WRONG)
        self.allowed = allowed


class Gate:
    """Refuses requests of web pages, of strangers, and of the wrong form."""

    def __init__(self, hosts: OwnHosts, users: Users) -> None:
        self._hosts = hosts
        self._users = users

    def check(self, method: str, path: str, headers: Headers, sender: Sender) -> Caller | None:
        """Return who asks; ``None``: somebody who wants what needs no token.

        :raises TokenWrong: the token that was shown is wrong.
        :raises RequestRefused: the request is refused, for the first of these reasons: host,
            origin, token, address, method, content type, declared size.
        """
        host = self._check_host(sender)
        _check_origin(headers)
        if is_file(path) or path in OPEN_PATHS:
            _check_reads(method)
            return None
        user = self._check_token(path, headers)
        if path in READ_PATHS:
            _check_reads(method)
        elif path.startswith(PIECE_PATH):
            _check_piece(method, headers)
        else:
            _check_call(method, path, headers)
        return Caller(host, user, sender)

    def _check_host(self, sender: Sender) -> str:
        if sender.host is None or not self._hosts.accepts(sender.host):
            raise RequestRefused(
                "the Host header does not name this service", code=OwnCode.FORBIDDEN
            )
        return sender.host

    def _check_token(self, path: str, headers: Headers) -> User:
        given = only(headers, TOKEN_HEADER)
        if not given and path == METRICS_PATH:
            # What collects metrics often knows no other way to show a token.
            authorization = only(headers, b"authorization") or ""
            if authorization.startswith(_BEARER):
                given = authorization.removeprefix(_BEARER)
        if not given:
            raise RequestRefused(_NO_TOKEN, code=OwnCode.TOKEN_WRONG)
        user = self._users.find(given)
        if user is None:
            raise TokenWrong(_NO_TOKEN, code=OwnCode.TOKEN_WRONG)
        if path == METRICS_PATH and user.name:
            raise RequestRefused(
                "the metrics tell of everybody: they are read with the service's own token",
                code=OwnCode.FORBIDDEN,
            )
        return user


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


def is_file(path: str) -> bool:
    """Return whether an address is below one of the folders whose files are served."""
    return path.partition("/")[2].partition("/")[0] in FILE_FOLDERS


def _check_reads(method: str) -> None:
    if method not in READ_METHODS:
        raise MethodWrong("this address is read with GET", READ_METHODS)


def _check_origin(headers: Headers) -> None:
    """Refuse what a browser sends on behalf of a page; no program of ours sends these headers."""
    from_a_page = any(
        name == b"origin" or (name == b"sec-fetch-site" and value != b"none")
        for name, value in headers
    )
    if from_a_page:
        raise RequestRefused("requests of web pages are refused", code=OwnCode.FORBIDDEN)


def _check_call(method: str, path: str, headers: Headers) -> None:
    if path not in TYPE_OF_CALL:
        raise RequestRefused("there is no such call", code=OwnCode.NOT_FOUND)
    if method != "POST":
        raise MethodWrong("calls are made with POST", ("POST",))
    _check_content_type(headers, TYPE_OF_CALL[path])
    if path != UPLOAD_PATH:
        _check_declared_size(headers)


def _check_piece(method: str, headers: Headers) -> None:
    if method == "PATCH":
        _check_content_type(headers, PIECE_TYPE)
    elif method == "GET":
        _check_declared_size(headers)
    else:
        raise MethodWrong("pieces are sent with PATCH", PIECE_METHODS)


def _check_content_type(headers: Headers, wanted: bytes) -> None:
    given = (only(headers, b"content-type") or "").partition(";")[0].strip().lower()
    if given != wanted.decode():
        raise RequestRefused(f"the body must be sent as {wanted.decode()}", code=OwnCode.TYPE_WRONG)


def _check_declared_size(headers: Headers) -> None:
    declared = only(headers, b"content-length") or "0"
    if not declared.isdecimal() or int(declared[:20]) > MAX_BODY_BYTES:
        raise body_too_large()


def body_too_large() -> RequestRefused:
    """Return the refusal of a JSON body over the limit."""
    return RequestRefused(
        f"the body has more than {MAX_BODY_BYTES // 1024} KiB", code=OwnCode.BODY_TOO_LARGE
    )
