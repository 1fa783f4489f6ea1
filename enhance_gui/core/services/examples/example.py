"""Reads a provider's example of a call into the values of a profile, and the token beside them.

The text comes from the clipboard and may be anything: nothing of it is run, looked up or logged,
and what looks like a secret goes into the token or nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.examples.addresses import ReadAddress, read_address
from enhance_gui.core.services.examples.curl_command import curl_requests
from enhance_gui.core.services.examples.known_names import (
    as_shown,
    calls_back,
    carries_secret,
    is_placeholder,
    is_whole,
    known_parameters,
    known_reply,
)
from enhance_gui.core.services.examples.request import (
    COOKIES,
    ExampleRequest,
    form_fields,
    json_fields,
)
from enhance_gui.core.services.examples.tokens import FoundToken, first_token, is_of_browsers
from enhance_gui.core.services.examples.written_request import written_request
from enhance_gui.core.services.other_names import IN_BODY, IN_HEADER, IN_QUERY
from enhance_gui.core.services.profile import read_mapping
from enhance_gui.core.services.profile_spec import METHODS, key_named
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

MAX_EXAMPLE_CHARS: Final = 20_000

_TOO_LONG: Final = N_(
    "This is longer than any example. Copy only the command, or the lines with the address and the "
    "headers."
)
_NOTHING: Final = N_(
    "There is no example of a call in it. Copy the part that begins with “curl”, or the lines with "
    "the address and the headers."
)
_USUAL_SIGNS: Final = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\xa0": " ", "\x00": None, "\ufeff": None}
)
"""What word processors make of the signs of a command."""
_LONG_DASH: Final = re.compile(r"(?<=\s)[–—](?=[a-zA-Z-])")

_MAX_REPLIES: Final = 10
_MAX_TOKEN_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class Example:
    """What an example says about a service."""

    values: Mapping[str, Any]
    """By key of the profile; ``base_url`` is missing where it shows none. Empty: no example."""
    token: Secret | None
    """``None`` where the example has none, or a placeholder for it."""
    understood: tuple[str, ...]
    """What was taken over, a line each."""
    left_out: tuple[str, ...]
    """What was not, and why, a sentence each."""


def read_example(text: str) -> Example:
    """Read what somebody has copied from a provider's documentation."""
    if len(text) > MAX_EXAMPLE_CHARS:
        return Example({}, None, (), (_TOO_LONG,))
    # Half of a surrogate pair cannot be written anywhere.
    text = text.encode("utf-8", "replace").decode().translate(_USUAL_SIGNS)
    text = _LONG_DASH.sub("--", text)
    commands = list(curl_requests(text))
    commands.sort(key=lambda each: ("create" not in each.url, "task" not in each.url))
    request = commands[0] if commands else written_request(text)
    if not request.url:
        return Example({}, None, (), (_NOTHING, *request.left_out))
    return _Reading(request).example(text)


class _Reading:
    """Finds out what in a request means what."""

    def __init__(self, request: ExampleRequest) -> None:
        self._request = request
        self._left_out = list(request.left_out)
        self._values: dict[str, Any] = {}
        self._known: dict[str, str] = {}
        self._shows_call = False

    def example(self, text: str) -> Example:
        """Return what is known then.

        :param text: all of it: there may be a reply in it too.
        """
        request = self._request
        address = read_address(request.url)
        self._left_out += address.left_out
        fields = self._body_fields()
        query: dict[str, Any] = dict([*address.query, *request.query])
        self._note_method(fields, query, address.call)
        if not self._has_body:
            query, fields = {**query, **fields}, {}
        self._known = known_parameters(fields if self._has_body else query, address.call)
        documented = {*self._known.values(), *known_parameters(query, address.call).values()}
        more_query, more_fields = (
            {name: each for name, each in pairs.items() if name not in documented}
            for pairs in (query, fields)
        )
        token = first_token(request.headers, more_query, more_fields)
        for each in token.others if token else ():
            self._left_out.append(Detail(_SECOND_SECRET, name=each))
        self._headers(token)
        self._note_type({**query, **fields})
        self._keep_more(
            address, _without(more_query, token, IN_QUERY), _without(more_fields, token, IN_BODY)
        )
        self._names(text)
        if token is not None:
            self._place_token(token)
        self._check()
        is_there = token is not None and self._is_token(token.text)
        return Example(
            self._values,
            Secret(token.text) if token is not None and is_there else None,
            tuple(self._understood(token, is_there=is_there)),
            tuple(dict.fromkeys(self._left_out)),
        )

    # -- the request ------------------------------------------------------------------------------

    def _body_fields(self) -> dict[str, Any]:
        """Return the fields of the body, and note its kind."""
        request = self._request
        text, kind = "&".join(request.data), request.header("content-type").lower()
        fields = None if "form" in kind else json_fields(text)
        if fields is None:
            fields = dict([*form_fields(text), *request.parts])
            if text and not fields:
                self._left_out.append(_ODD_BODY)
            is_json = request.is_json or "json" in kind
        else:
            is_json = True
        if (fields or text) and not is_json:
            self._values["body"] = "form"
        return fields

    @property
    def _has_body(self) -> bool:
        return self._values["method"] != "GET" and self._values.get("body") != "query"

    def _note_method(self, fields: dict[str, Any], query: dict[str, Any], call: str) -> None:
        request = self._request
        in_query = request.data_in_query or (not fields and known_parameters(query, call))
        method = request.method.upper() or ("GET" if in_query else "POST")
        self._shows_call = bool(request.method or in_query or fields)
        if method not in METHODS:
            self._left_out.append(
                Detail(_METHOD, method=as_shown(method), known=", ".join(METHODS))
            )
            method = "POST"
        self._values["method"] = method
        if in_query and method != "GET":
            self._values["body"] = "query"
        elif method == "GET":
            self._values.pop("body", None)

    def _headers(self, token: FoundToken | None) -> None:
        kept: dict[str, str] = {}
        for name, text in self._request.headers:
            if is_of_browsers(name) or (token and token.is_at(IN_HEADER, name)):
                continue
            if name.lower() == "cookie":
                self._left_out.append(COOKIES)
            elif not carries_secret(name, text):
                kept[name] = text
        self._keep("headers", kept)

    def _note_type(self, parameters: dict[str, Any]) -> None:
        number = str(parameters.get(self._known.get("type", ""), "1"))
        if is_whole(number) and int(number) != 1:
            self._values["enhance_types"] = [{"id": int(number), "name": f"Type {number}"}]

    def _keep_more(
        self, address: ReadAddress, query: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> None:
        """Keep the further parameters, those in the address apart from those in the body."""
        query = {name: each for name, each in query.items() if self._fits(name, each)}
        fields = {name: each for name, each in fields.items() if self._fits(name, each)}
        self._keep("extra_fields", fields if self._has_body else query)
        path = address.path_with(query if self._has_body else {})
        if address.base_url:
            self._values["base_url"] = address.base_url
        if path != "/{call}":
            self._values["path"] = path

    def _fits(self, name: str, value: Any) -> bool:
        """Return whether a further field can be taken over; note it where it cannot."""
        if value is None:
            return False
        if calls_back(name):
            self._left_out.append(Detail(_CALLS_BACK, name=as_shown(name)))
        elif isinstance(value, dict | list):
            self._left_out.append(Detail(_NESTED, name=as_shown(name)))
        elif carries_secret(name, str(value)):
            return False
        elif isinstance(value, str) and (is_placeholder(value) or "://" in value):
            self._left_out.append(Detail(_NO_VALUE, name=as_shown(name)))
        else:
            return True
        return False

    def _names(self, text: str) -> None:
        """Note where the names of parameters, and of a reply that is shown too, are others."""
        for reply in _replies(text):
            if known := known_reply(reply):
                self._known = known | self._known
                break
        others = {name: other for name, other in self._known.items() if name != other}
        self._keep("fields", others)

    def _place_token(self, token: FoundToken) -> None:
        self._values["token_header"] = token.name
        if token.place != IN_HEADER:
            self._values["token_in"] = token.place
        if token.prefix:
            self._values["token_prefix"] = token.prefix

    def _keep(self, key: str, pairs: dict[str, Any]) -> None:
        if pairs:
            self._values[key] = pairs

    def _check(self) -> None:
        """Take out what no profile may have."""
        for _ in range(len(self._values)):
            _, mistakes = read_mapping({"name": "A", "base_url": "https://a", **self._values}, "")
            mistake = next(iter(mistakes), None)
            if mistake is None:
                return
            key = re.split(r"[.\[]", mistake.key)[0]
            self._values.pop(key, None)
            label = key_named(key).label
            self._left_out.append(
                Detail("{key}: {reason}.", key=Detail(label), reason=mistake.reason)
            )

    # -- what was understood ----------------------------------------------------------------------

    def _is_token(self, text: str) -> bool:
        if len(text) > _MAX_TOKEN_CHARS:
            self._left_out.append(_LONG_TOKEN)
        return len(text) <= _MAX_TOKEN_CHARS and not is_placeholder(text)

    def _understood(self, token: FoundToken | None, *, is_there: bool) -> Iterator[str]:
        values = self._values
        if "base_url" in values:
            path = values.get("path", "/{call}")
            yield Detail(
                "Calls go to: {address}",
                address=as_shown(f"{values['base_url']}{path}".replace("{call}", "createtask")),
            )
        if self._shows_call:
            yield Detail(
                "Method: {method}, parameters {how}",
                method=values.get("method", "POST"),
                how=_how(values),
            )
        if token is not None and "token_header" in values:
            place = Detail(_PLACES[token.place], name=as_shown(token.name))
            yield Detail(_TOKEN if is_there else _NO_TOKEN, place=place)
        for key in ("headers", "extra_fields"):
            if key in values:
                yield Detail(
                    "{label}: {names}",
                    label=Detail(key_named(key).label),
                    names=", ".join(map(as_shown, values[key])),
                )
        if "fields" in values:
            pairs = ", ".join(
                f"{name} = {as_shown(other)}" for name, other in values["fields"].items()
            )
            yield Detail("{label}: {names}", label=Detail(key_named("fields").label), names=pairs)


def _without(fields: Mapping[str, Any], token: FoundToken | None, place: str) -> dict[str, Any]:
    """Return the fields but that of the token."""
    return {
        name: value for name, value in fields.items() if not (token and token.is_at(place, name))
    }


def _how(values: Mapping[str, Any]) -> str:
    body = values.get("body", "json")
    if values.get("method") == "GET" or body == "query":
        return N_("in the address")
    return N_("as a form") if body == "form" else N_("as JSON")


def _replies(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, outermost ones."""
    decoder, place = json.JSONDecoder(), 0
    for _ in range(_MAX_REPLIES):
        place = text.find("{", place)
        if place < 0:
            return
        try:
            found, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        if isinstance(found, dict):
            yield found


_PLACES: Final = {
    IN_HEADER: N_("in the header “{name}”"),
    IN_QUERY: N_("in the address, as “{name}”"),
    IN_BODY: N_("among the fields of the body, as “{name}”"),
}
_TOKEN: Final = N_("Token: {place}. It is in the field for the token now")
_NO_TOKEN: Final = N_("Token: {place}. The example has none of yours: paste it into its field")
_SECOND_SECRET: Final = N_(
    "“{name}” may be a second secret, and a service can have only one here, the token. It was "
    "forgotten again."
)
_LONG_TOKEN: Final = N_("The token: it is longer than any that is known.")
_METHOD: Final = N_("The method {method}: this program knows {known}. POST is assumed.")
_ODD_BODY: Final = N_("Its body is neither JSON nor a form.")
_CALLS_BACK: Final = N_(
    "“{name}”: where the service reports to. This program asks by itself; see “Callbacks” in all "
    "settings."
)
_NESTED: Final = N_("“{name}”, which holds further fields.")
_NO_VALUE: Final = N_(
    "“{name}”, whose value is only an example. If calls need it, add it in all settings."
)
