"""Maps the errors of httpx, httpcore and TLS to those of this program."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpcore
import httpx

from enhance_gui.core.errors import EnhanceError, Transience
from enhance_gui.core.text.i18n import N_
from enhance_gui.transport.send_tracker import SendTracker


class BodyTooSlow(httpcore.TimeoutException):
    """A body below the minimum rate: a timeout that httpcore does not have."""


class ChunksTooSmall(httpcore.ProtocolError):
    """A body in so many tiny pieces that reading it would take all the time there is."""


class BodyCompressed(httpcore.ProtocolError):
    """A body in an encoding that was not asked for, and that is not unpacked here."""


class BodyNotUnpackable(httpcore.ProtocolError):
    """A compressed body that is damaged, or that grows beyond all measure."""


class ProxyNotUsable(httpcore.ConnectError):
    """The proxy's address or kind cannot be used."""


class ProxyUnreachable(httpcore.ConnectError):
    """No connection to the proxy."""


class ProxyRefused(httpcore.ConnectError):
    """The proxy would not connect to the server: nothing reached that."""


class ProxyWantsLogin(ProxyRefused):
    """The proxy wants a user name and a password, or others."""


class CaFileNotUsable(httpcore.ConnectError):
    """The user's file of further certificates cannot be read."""


FOREIGN: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    ssl.SSLError,
    # The standard library's, for a host that it cannot write.
    UnicodeError,
)
"""The foreign errors that an exchange may raise."""

# The first row that fits is used, so a subclass stands above its base.
_TEXTS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (CaFileNotUsable, N_("the file of additional certificates cannot be used")),
    (ProxyNotUsable, N_("the proxy of the settings cannot be used")),
    (ProxyWantsLogin, N_("the proxy wants a user name and a password")),
    (ProxyRefused, N_("the proxy would not connect to the server")),
    (ProxyUnreachable, N_("the proxy cannot be reached")),
    (socket.gaierror, N_("the server's name is not known, or there is no network")),
    (ConnectionRefusedError, N_("the server refused the connection")),
    (ssl.SSLCertVerificationError, N_("the server's certificate is not to be trusted")),
    (ssl.SSLError, N_("a secure connection could not be established")),
    (BodyTooSlow, N_("the server sends too slowly")),
    (ChunksTooSmall, N_("the server sends its answer in countless tiny pieces")),
    (BodyCompressed, N_("the server sent a compressed answer, which was not asked for")),
    (BodyNotUnpackable, N_("the server sent a compressed answer that cannot be unpacked")),
    (httpcore.ConnectTimeout, N_("the server could not be reached in time")),
    (httpcore.PoolTimeout, N_("no connection became free in time")),
    (httpcore.TimeoutException, N_("the server stopped responding")),
    (httpcore.ConnectError, N_("the server cannot be reached")),
    (httpcore.RemoteProtocolError, N_("the server broke off, or does not speak HTTP")),
    (httpcore.LocalProtocolError, N_("the request cannot be written as HTTP")),
    (httpcore.NetworkError, N_("the server broke the connection off")),
    (httpx.InvalidURL, N_("the address cannot be used")),
    (UnicodeError, N_("the address cannot be used")),
)

_LASTING: Final = (
    CaFileNotUsable,
    ProxyNotUsable,
    ProxyRefused,
    BodyTooSlow,
    httpcore.PoolTimeout,
    ssl.SSLError,
)
"""What is the same when retried a little later …"""

_TRANSIENT: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.RemoteProtocolError,
)
"""… and what may not be."""

_NO_CONNECTION: Final = (httpcore.ConnectError, httpcore.ConnectTimeout)

# How TLS reports that it waits for the other side: no fault, but the context of every timeout.
_WAITING: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


def text_for(error: BaseException) -> str:
    """Return one clause, for the user, on what went wrong between here and a server.

    The foreign error's own text is never part of it: httpcore's may quote a header, and with it
    the token.
    """
    causes = [each for each in causes_of(error) if not isinstance(each, _WAITING)]
    for kind, text in _TEXTS:
        if any(isinstance(cause, kind) for cause in causes):
            return text
    return N_("the exchange with the server failed")


def transience_of(error: BaseException) -> Transience:
    """Return whether a failed exchange is transient, and how far its cause reaches."""
    causes = [each for each in causes_of(error) if not isinstance(each, _WAITING)]
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return (
                Transience.CONNECTION if cause.errno == socket.EAI_AGAIN else Transience.PERMANENT
            )
    if any(isinstance(cause, _LASTING) for cause in causes):
        return Transience.PERMANENT
    if any(isinstance(cause, _NO_CONNECTION) for cause in causes):
        return Transience.CONNECTION
    return (
        Transience.HOST
        if any(isinstance(each, _TRANSIENT) for each in causes)
        else Transience.PERMANENT
    )


@contextmanager
def map_http_errors(
    unsent: type[EnhanceError], sent: type[EnhanceError], tracker: SendTracker
) -> Iterator[None]:
    """Turn a foreign error into ``unsent`` or ``sent``, by whether the request may have left."""
    try:
        yield
    except FOREIGN as error:
        kind = sent if tracker.request_started else unsent
        # Not chained where the text may quote a header.
        quotes_headers = isinstance(error, httpcore.LocalProtocolError)
        ours = kind(text_for(error))
        ours.transience = transience_of(error)
        raise ours from (None if quotes_headers else error)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        if isinstance(link, BaseExceptionGroup):
            yield from link.exceptions
        link = link.__cause__ or link.__context__
