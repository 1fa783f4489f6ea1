"""Tokens and secret parts of URLs are taken out of texts."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.redaction import HIDDEN, redacted, without_tokens
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.wire.reading import message

TOKEN = 'c4n4ry/of+the "redaction" &c.'
_ = Secret(TOKEN)
BYTES = TOKEN.encode()


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        TOKEN.upper(),
        quote(TOKEN),
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").replace("%2F", "%2f"),
        quote_plus(TOKEN),
        urlencode({"token": TOKEN}),
        json.dumps({"token": TOKEN}),
        repr({"token": TOKEN}),
        repr(f"{TOKEN}'"),
        # As .NET writes JSON.
        json.dumps(TOKEN).replace('\\"', "\\u0022").replace("+", "\\u002B").replace("&", "\\u0026"),
    ],
)
def test_every_written_form_of_a_token_is_hidden(form: str) -> None:
    shown = without_tokens(f"before {form} after")
    assert HIDDEN in shown
    assert "c4n4ry" not in shown.lower()
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_token_in_base64_is_hidden_wherever_it_stands_in_the_encoded_text(
    before: bytes, after: bytes
) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shown = without_tokens(encode(before + BYTES + after).decode())
        assert HIDDEN in shown
        # At most the characters at both ends, which hold a few bits of the token, are left.
        left = shown.split(HIDDEN)
        whole = encode(before + BYTES + after).decode()
        assert sum(map(len, left)) <= len(whole) - (len(BYTES) * 8 // 6 - 2)


def test_a_text_too_short_for_a_secret_hides_nothing() -> None:
    Secret("abc")
    assert redacted("abc of the thing") == "abc of the thing"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://u:p@host/a.jpg HTTP/1.1", f"GET https://{HIDDEN}@host/a.jpg HTTP/1.1"),
        ("https://host/a?sig=x&b=y done", f"https://host/a?{HIDDEN} done"),
        ("https://host/a#token=x", f"https://host/a#{HIDDEN}"),
        ("https://u:p@ss@host:81/?q", f"https://{HIDDEN}@host:81/?{HIDDEN}"),
        ("URL('http://h/a?b=c')", f"URL('http://h/a?{HIDDEN}"),
        ("socks5://me:secret@proxy", f"socks5://{HIDDEN}@proxy"),
        ("two http://a/?x http://b/?y", f"two http://a/?{HIDDEN} http://b/?{HIDDEN}"),
        ("https://host/plain/path.jpg", "https://host/plain/path.jpg"),
        ("is it? a@b c://", "is it? a@b c://"),
        ("https://host/?", "https://host/?"),
        (f"http://{TOKEN}@h/{TOKEN}/?a={TOKEN}&b=c", f"http://{HIDDEN}@h/{HIDDEN}/?{HIDDEN}"),
    ],
)
def test_users_passwords_queries_and_fragments_of_urls_are_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_an_error_never_carries_a_token_that_a_service_quoted() -> None:
    error = RequestRefused(f"the token {TOKEN} is not valid", code=1)
    assert error.detail == f"the token {HIDDEN} is not valid"
    assert "c4n4ry" not in str(error) + repr(error) + repr(error.args)
    assert "c4n4ry" not in repr(TokenMissing(f"{TOKEN}").args)
    assert message(f"bad token {TOKEN}") == f"bad token {HIDDEN}"
