"""Builds the HTTP requests of one service as its profile wants them, the token in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import ServiceUnreachable, TokenRefused
from enhance_gui.core.services.other_names import IN_BODY, IN_HEADER, IN_QUERY, TOKEN_PLACES
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import N_
from enhance_gui.transport.timeouts import Timeouts
from enhance_gui.wire.naming import as_service_names
from enhance_gui.wire.requests import CALL_OF, Request, request_to_mapping

_TOKEN_MISFITS: Final = {
    IN_HEADER: N_("the token contains a character that cannot be sent in a header"),
    IN_QUERY: N_("the token contains a character that cannot be sent in an address"),
    IN_BODY: N_("the token contains a character that cannot be sent in a call"),
}

Fields = dict[str, Any]


def token_misfit(profile: ServiceProfile, token: Secret) -> str:
    """Return why the calls of a profile cannot carry a token; empty: they can."""
    fits = token.fits(profile.token_prefix, in_header=profile.token_in == IN_HEADER)
    return "" if fits else _TOKEN_MISFITS[profile.token_in]


class Calls:
    """Builds requests to the origin of one profile, and to no other."""

    def __init__(self, profile: ServiceProfile, token: Secret | None) -> None:
        self._profile = profile
        self._token = token

    def documented(
        self, client: httpx.AsyncClient, request: Request, timeouts: Timeouts
    ) -> httpx.Request:
        """Build the request of a documented call.

        :raises TokenMissing, TokenRefused, ServiceUnreachable: nothing can be sent.
        """
        profile = self._profile
        places = self._token_places()
        fields = as_service_names(request_to_mapping(request), profile.fields)
        fields |= {**profile.extra_fields, **places[IN_BODY]}
        query = places[IN_QUERY] if profile.has_body else _given(fields) | places[IN_QUERY]
        address = self._own_address(profile.url_of(CALL_OF[type(request)]), query)
        content: dict[str, Any] = {}
        if profile.has_body and profile.body == "json":
            content = {"content": msgspec.json.encode(fields)}
            places[IN_HEADER] = {"Content-Type": "application/json", **places[IN_HEADER]}
        elif profile.has_body:
            content = {"data": _given(fields)}
        headers = {**profile.headers, **places[IN_HEADER]}
        return client.build_request(
            profile.method, address, headers=headers, timeout=timeouts.as_timeout(), **content
        )

    def upload(
        self, client: httpx.AsyncClient, content: bytes, timeouts: Timeouts
    ) -> httpx.Request:
        """Build the upload of a file.

        :raises TokenMissing, TokenRefused, ServiceUnreachable: as :meth:`documented`.
        """
        headers = {"Content-Type": "application/octet-stream"}
        return self._upload(client, "POST", "", headers, content, timeouts)

    def upload_state(
        self, client: httpx.AsyncClient, digest: str, timeouts: Timeouts
    ) -> httpx.Request:
        """Build the question how much of a file has arrived.

        :param digest: SHA-256 of the file, in hexadecimal.
        :raises TokenMissing, TokenRefused, ServiceUnreachable: as :meth:`documented`.
        """
        return self._upload(client, "GET", f"/{digest}", {}, b"", timeouts)

    def upload_rest(
        self,
        client: httpx.AsyncClient,
        digest: str,
        content: bytes,
        offset_bytes: int,
        timeouts: Timeouts,
    ) -> httpx.Request:
        """Build the upload of what is missing of a file.

        :param content: the whole file.
        :param offset_bytes: how much of it has arrived.
        :raises TokenMissing, TokenRefused, ServiceUnreachable: as :meth:`documented`.
        """
        headers = {
            "Content-Type": "application/partial-upload",
            "Upload-Offset": str(offset_bytes),
            "Upload-Length": str(len(content)),
        }
        rest = content[offset_bytes:]
        return self._upload(client, "PATCH", f"/{digest}", headers, rest, timeouts)

    def _upload(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes,
        timeouts: Timeouts,
    ) -> httpx.Request:
        profile = self._profile
        places = self._token_places()
        address = profile.base_url + profile.upload_path + path
        return client.build_request(
            method,
            self._own_address(address, places[IN_QUERY]),
            headers={**profile.headers, **headers, **places[IN_HEADER]},
            content=content,
            timeout=timeouts.as_timeout(),
        )

    def _token_places(self) -> dict[str, Fields]:
        """Return the token under its name where the profile wants it, and nothing elsewhere."""
        places: dict[str, Fields] = {place: {} for place in TOKEN_PLACES}
        profile, token = self._profile, self._token
        if token is None or not token:
            if profile.needs_token:
                raise TokenMissing(
                    "“{service}” needs a token and none is set", service=profile.name
                )
            return places
        if misfit := token_misfit(profile, token):
            raise TokenRefused(misfit)
        places[profile.token_in][profile.token_header] = profile.token_prefix + token.reveal()
        return places

    def _own_address(self, address: str, query: Mapping[str, Any]) -> httpx.URL:
        """Return an address of the service; the token never goes to any other origin.

        :raises ServiceUnreachable: no service can be there, or it is another host's address, which
            no profile can name: nothing is sent there.
        """
        try:
            leads_away = "@" in urlsplit(address).netloc
            # The host that pictures of the same name come from, not httpx's own reading of it.
            if not leads_away:
                url = httpx.URL(usable_web_address(address))
                own = httpx.URL(usable_web_address(self._profile.origin))
                leads_away = (url.scheme, url.netloc) != (own.scheme, own.netloc)
            if leads_away:
                raise ServiceUnreachable("its path leads away from the service's own address")
            return url.copy_merge_params(query) if query else url
        except (AddressNotUsable, httpx.InvalidURL, ValueError):
            # Not chained: what is wrong may quote the address, and with it the token.
            raise ServiceUnreachable("the address cannot be used") from None


def _given(fields: Mapping[str, Any]) -> Fields:
    """Return the fields that have a value: an address and a form cannot say that there is none."""
    return {name: value for name, value in fields.items() if value is not None}
