"""Keeps the cookies of one chain of redirects, as long as that takes and no longer.

Some servers hand out a cookie and ask to come again with it. Whom it is sent back to is decided by
the standard library (domain, path, secure), how much is taken by the bounds here.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

_BYTES: Final = "iso-8859-1"
"""Brings every byte back as it came."""

_MAX_COOKIES: Final = 20
_MAX_COOKIE_BYTES: Final = 4096
_MAX_BYTES: Final = 16_384
"""Of all that a chain sets; what comes after is not taken, and not even parsed."""


class PassingCookies:
    """The cookies of one chain of redirects."""

    def __init__(self) -> None:
        # Without "strict" a host could set a cookie for all of co.uk.
        self._cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(strict_domain=True)))
        self._left = _MAX_COOKIES
        self._left_bytes = _MAX_BYTES

    def __bool__(self) -> bool:
        return bool(self._cookies)

    def take(self, response: httpx.Response) -> None:
        """Take what an answer sets, as far as there is room."""
        taken: list[tuple[bytes, bytes]] = []
        for name, line in response.headers.raw:
            is_cookie = name.lower() == b"set-cookie"
            if not is_cookie or len(line) > min(_MAX_COOKIE_BYTES, self._left_bytes):
                continue
            if self._left:
                self._left -= 1
                self._left_bytes -= len(line)
                taken.append((name, line))
        if taken:
            setting = httpx.Response(302, headers=taken, request=response.request)
            setting.headers.encoding = _BYTES
            self._cookies.extract_cookies(setting)

    def give(self, request: httpx.Request) -> str:
        """Put into a request what belongs to its address; return that."""
        request.headers.encoding = _BYTES
        self._cookies.set_cookie_header(request)
        return str(request.headers.get("Cookie", ""))
