"""Opens a picture at a foreign address; follows redirects itself and checks each hop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import httpx

from enhance_gui.core.errors import EnhanceError, Transience
from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.transport.body import body_chunks, promised_bytes
from enhance_gui.transport.encodings import encodings_of
from enhance_gui.transport.error_mapping import map_http_errors
from enhance_gui.transport.passing_cookies import PassingCookies
from enhance_gui.transport.send_tracker import SendTracker
from enhance_gui.transport.timeouts import Timeouts

MAX_REDIRECTS: Final = 10
"""Hops from the address of a picture to the picture; browsers make twenty."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_TURNS: Final = 3
"""Hops from an address back to itself, as servers make them that hand out a cookie first."""
_LEADS_ON: Final = N_("its address leads on to another address (a redirect)")

_HOST_AND_REST: Final = re.compile(rb"((?:[a-z][a-z0-9+.-]*:)?//[^/?#]*)?(.*)", re.I | re.DOTALL)
_PLAIN_CHARS: Final = "".join(map(chr, range(0x21, 0x7F)))


class OpenedPicture:
    """The answer to a GET whose body has not been read yet."""

    def __init__(
        self, response: httpx.Response, timeouts: Timeouts, deadline: asyncio.Timeout
    ) -> None:
        self.url = str(response.url)
        """The final address, after redirects."""
        self.status = response.status_code
        """The HTTP status; a redirect's only where it names no target."""
        self.promised_bytes = None if encodings_of(response) else promised_bytes(response)
        """Length of the picture by the body's header; ``None`` where that does not say it."""
        self.headers: Mapping[str, str] = response.headers
        """Of the answer; names in any case."""
        self._response = response
        self._timeouts = timeouts
        self._deadline = deadline

    def chunks(self, *, max_bytes: int, too_long: EnhanceError) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes; ``too_long`` is raised beyond ``max_bytes``."""
        return body_chunks(
            self._response, max_bytes=max_bytes, too_long=too_long, timeouts=self._timeouts
        )

    def allow(self, more_s: float) -> None:
        """Extend the deadline: the length in the headers shows that it needs longer."""
        due_s = self._deadline.when()
        assert due_s is not None  # noqa: S101  every opening has a deadline
        self._deadline.reschedule(due_s + more_s)


@asynccontextmanager
async def open_picture(
    client: httpx.AsyncClient,
    url: str,
    *,
    problem: type[EnhanceError],
    max_redirects: int,
    timeouts: Timeouts,
) -> AsyncIterator[OpenedPicture]:
    """Open ``url``; leaving the block closes the connection if the body was not read to its end.

    The deadline and the error mapping cover the block as well.

    :param client: of :func:`~enhance_gui.transport.clients.picture_client`.
    :param problem: what to raise where the server cannot be reached or does not behave.
    :param max_redirects: 0: it may only lead back to itself, with a cookie that its own server
        has handed out on the way.
    :raises AddressNotUsable: the address, or one it leads to, is not http(s).
    :raises PrivateAddress: the client's policy does not allow where it leads.
    """
    began_s = asyncio.get_running_loop().time()
    deadline = asyncio.timeout(timeouts.overall_s)
    hops: list[str] = []
    try:
        async with deadline:
            with _own_failure(hops), map_http_errors(problem, problem, SendTracker()):
                response = await _follow(client, url, problem, max_redirects, timeouts, hops)
                try:
                    yield OpenedPicture(response, timeouts, deadline)
                finally:
                    await response.aclose()
    except TimeoutError as error:
        if not deadline.expired():
            raise
        limit_s = (deadline.when() or 0) - began_s
        raise problem(Detail("it took longer than {count:.3g} seconds", count=limit_s)) from error


@contextmanager
def _own_failure(hops: list[str]) -> Iterator[None]:
    """Mark a failure of another host, after a redirect, as one of this resource only."""
    try:
        yield
    except EnhanceError as error:
        elsewhere = hops and urlsplit(hops[-1]).netloc != urlsplit(hops[0]).netloc
        if error.transience in (Transience.HOST, Transience.CONNECTION) and elsewhere:
            error.transience = Transience.RESOURCE
        raise


async def _follow(
    client: httpx.AsyncClient,
    url: str,
    problem: type[EnhanceError],
    max_redirects: int,
    timeouts: Timeouts,
    hops: list[str],
) -> httpx.Response:
    """Send GETs until an answer is no redirect; the answer's body is left to be read.

    :param hops: gets each address before it is asked.
    """
    first = address = usable_web_address(url)
    cookies, asked = PassingCookies(), set[tuple[str, str]]()
    for _ in range((max_redirects or _MAX_TURNS) + 1):
        hops.append(address)
        request = _get(client, address, timeouts)
        question = address, cookies.give(request)
        if question in asked:
            raise problem(N_("its address leads round in a circle"))
        asked.add(question)
        response = await client.send(request, stream=True)
        target = _target_of(response)
        if response.status_code not in _REDIRECTS or not target:
            if max_redirects == 0 and address != first:
                await response.aclose()
                raise problem(_LEADS_ON)
            return response
        await response.aclose()
        cookies.take(response)
        if max_redirects == 0 and not cookies:
            raise problem(_LEADS_ON)
        address = _next_address(address, target, problem)
        if max_redirects == 0 and _origin(address) != _origin(first):
            raise problem(_LEADS_ON)
    raise problem(Detail("its address leads on more than {count} times", count=len(hops) - 1))


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _target_of(response: httpx.Response) -> str:
    """Return where a redirect leads, its path and query escaped as browsers do it.

    Bytes that are no UTF-8 are escaped as they are: what they mean only the server knows.
    """
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
    host, rest = _HOST_AND_REST.fullmatch(raw.strip()).groups()  # type: ignore[union-attr]
    return (host or b"").decode(errors="replace") + quote(rest, safe=_PLAIN_CHARS)


def _get(client: httpx.AsyncClient, address: str, timeouts: Timeouts) -> httpx.Request:
    try:
        return client.build_request("GET", address, timeout=timeouts.as_timeout())
    except httpx.InvalidURL as error:  # such as octal numbers in a host
        raise AddressNotUsable("it is not a web address") from error


def _next_address(address: str, target: str, problem: type[EnhanceError]) -> str:
    try:
        joined = urljoin(address, target)
    except ValueError as error:
        raise problem(N_("its address leads on to something that is no address")) from error
    following = usable_web_address(joined)
    if address.startswith("https:") and not following.startswith("https:"):
        raise problem(
            N_("its address leads from a secure connection (https) to an open one (http)")
        )
    return following
