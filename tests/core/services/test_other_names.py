"""Names that a provider has of its own: what fits together, and what is a secret by its name."""

from __future__ import annotations

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.other_names import names_secret
from enhance_gui.core.services.profile import parse_profile

MIN = 'name = "A"\nbase_url = "https://a.example"\n'


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('token_in = "body"\nbody = "query"', "token_in", "needs a body"),
        ('token_in = "body"\nmethod = "GET"', "token_in", "needs a body"),
        ('token_in = "body"\nupload_path = "/upload"', "token_in", "the file"),
        ('[headers]\nToken = "a"', "headers", "a secret"),
        ('token_header = "X-Client"\n[headers]\nx-client = "a"', "headers", "of the token"),
        (
            '[fields]\npicurl = "image"\n[extra_fields]\nimage = 1',
            "extra_fields",
            "fills in itself",
        ),
        (
            'token_in = "query"\ntoken_header = "who"\n[extra_fields]\nwho = 1',
            "extra_fields",
            "the field of the token",
        ),
        ('token_in = "body"\ntoken_header = "type"', "token_header", "fills in itself"),
        ('method = "GET"\npath = "/?type={call}"', "path", "fills in itself"),
        ('token_in = "query"\npath = "/a?x=1&token={call}"', "path", "fills in itself"),
        (
            'body = "query"\npath = "/?do={call}"\n[extra_fields]\ndo = 1',
            "path",
            "fills in itself",
        ),
        ('[extra_fields]\n"a:b" = 1', "extra_fields", "not a name"),
        ('[fields]\npicurl = "url"\nchtaskid = "url"', "fields", "of two fields"),
        ('[fields]\ntaskid = "status"', "fields", "of two fields"),
        ('[fields]\nimage = "url"', "fields", "not a field of the API's document"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_key(
    text: str, key: str, reason: str
) -> None:
    with pytest.raises(ProfileInvalid, match=reason) as caught:
        parse_profile(MIN + text, "a.toml")
    assert caught.value.key == key


@pytest.mark.parametrize(
    "text",
    [
        'token_in = "body"\nbody = "form"',
        'token_in = "query"\nmethod = "GET"\nbody = "form"',
        'token_header = "X-Client"\ntoken_in = "query"\n[headers]\nX-Client = "a"',
        '[fields]\nstatus = "queuenum"\nqueuenum = "status"',
        '[fields]\npicurl = "url"\ninputurl = "url"\ntaskid = "id"',
        '[extra_fields]\nversion = 2\ndraft = true\nratio = 0.5\nname = ""',
        '[headers]\nX-Client = "studio"\nAccept-Language = "de"',
        'path = "/?type={call}"',
        'method = "GET"\npath = "/?type=1&do={call}"',
        'body = "query"\npath = "/{call}?lang=de"\n[extra_fields]\nlang = "en"',
    ],
)
def test_what_fits_together_is_taken(text: str) -> None:
    parse_profile(MIN + text, "a.toml")


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "x-api-key", "X-Auth-Token", "token", "accessToken", "access_token"),
        *("APIKEY", "apiKey", "Cookie", "app_secret", "X-Signature", "key", "sessionId", "pwd"),
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name", ["X-Client", "version", "monkey", "token_count", "author", "design", "", "-", "mode"]
)
def test_a_plain_name_is_no_secret(name: str) -> None:
    assert not names_secret(name)
