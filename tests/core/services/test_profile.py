"""A service profile: read as the contract shows it, and refused with the key and the reason."""

from __future__ import annotations

import pytest

from enhance_gui.core.errors import ENHANCE_TYPE_UNKNOWN, ProfileInvalid, UsageError
from enhance_gui.core.images.formats import KNOWN_FORMATS
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs, find_enhance_type
from enhance_gui.core.services.profile import (
    Phase,
    PictureLimits,
    ServiceProfile,
    decode_profile,
    parse_profile,
    profile_from_mapping,
    profile_to_mapping,
    read_mapping,
)
from enhance_gui.core.services.profile_key import BLANK, is_blank
from enhance_gui.imaging.header import _READERS

MIN = 'name = "Studio"\nbase_url = "https://studio.example.org/api"\n'

WHOLE = """
name = "Studio server"
base_url = "https://enhance.example.org/api/"
method = "GET"
path = "/v1/{call}.php"
token_header = "Authorization"
token_prefix = "Bearer "
needs_token = false
allow_private_addresses = true
requests_per_s = 5
max_in_flight = 7
upload_path = "/upload"
private_id_is_idempotent = true

[limits]
max_image_bytes = 1_000_000
min_side_px = 32
max_side_px = 4096
formats = ["JPG", "png"]

[[enhance_types]]
id = 1
name = "Enhance"
description = "Makes it better."
cost = 1.5
outputs = "variants"

[[enhance_types]]
id = 4
name = "Restore"

[status]
queued = [0]
processing = [1, 2]
finished = [3]
failed = [-1]

[callback]
listen = "127.0.0.1:8899"
md5 = "{taskid}{token}"
"""


def test_two_keys_are_enough_and_the_rest_is_as_the_contract_says() -> None:
    profile = parse_profile(MIN, "a.toml")
    assert profile == ServiceProfile("Studio", "https://studio.example.org/api")
    assert profile.url_of("createtask") == "https://studio.example.org/api/createtask"
    assert (profile.method, profile.token_header, profile.requests_per_s) == ("POST", "token", 2.0)
    assert profile.limits == PictureLimits(20_971_520, 64, 9216, ("jpg", "png", "webp", "bmp"))
    assert profile.needs_token
    assert not profile.allow_private_addresses


def test_every_key_is_read() -> None:
    profile = parse_profile(WHOLE, "a.toml")
    assert profile.url_of("gettask") == "https://enhance.example.org/api/v1/gettask.php"
    assert profile.origin == "https://enhance.example.org"
    assert profile.enhance_types[0].outputs is Outputs.VARIANTS
    assert profile.enhance_types[1] == EnhanceType(4, "Restore")
    assert profile.status == {
        0: Phase.QUEUED,
        1: Phase.PROCESSING,
        2: Phase.PROCESSING,
        3: Phase.FINISHED,
        -1: Phase.FAILED,
    }
    assert profile.limits.formats == ("jpg", "png")
    assert profile.callback.listen == "127.0.0.1:8899"


@pytest.mark.parametrize("text", [MIN, WHOLE])
def test_written_out_and_read_again_it_is_the_same(text: str) -> None:
    profile = parse_profile(text, "a.toml")
    assert profile_from_mapping(profile_to_mapping(profile), "again") == profile


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("name = ", "", "not valid TOML"),
        ('base_url = "https://a.example"', "name", "is missing"),
        ('name = "A"', "base_url", "is missing"),
        ('name = ""\nbase_url = "https://a.example"', "name", "must not be empty"),
        ('name = 3\nbase_url = "https://a.example"', "name", "must be a text"),
        ('name = "a\\u0007"\nbase_url = "https://a.example"', "name", "control"),
        ('name = "A"\nbase_url = "ftp://a.example"', "base_url", "http"),
        ('name = "A"\nbase_url = "https://"', "base_url", "host"),
        ('name = "A"\nbase_url = "https://me:secret@a.example"', "base_url", "user name"),
        ('name = "A"\nbase_url = "https://a.example?key=1"', "base_url", "query"),
        ('name = "A"\nbase_url = "https://a.example:99999"', "base_url", "not a web address"),
        (MIN + 'colour = "red"', "colour", "is not a key"),
        (MIN + 'method = "DELETE"', "method", "one of POST"),
        (MIN + 'path = "/create"', "path", "{call}"),
        (MIN + 'path = "{call}"', "path", "begin with /"),
        (MIN + 'token_header = "X Token"', "token_header", "name of a header"),
        (MIN + 'token_header = "X:\\ttoken"', "token_header", "control"),
        (MIN + 'token_prefix = "Schlüssel "', "token_prefix", "ASCII"),
        (MIN + 'needs_token = "yes"', "needs_token", "true or false"),
        (MIN + "requests_per_s = 0", "requests_per_s", "must lie between"),
        (MIN + 'requests_per_s = "2"', "requests_per_s", "must be a number"),
        (MIN + "requests_per_s = true", "requests_per_s", "must be a number"),
        (MIN + "requests_per_s = nan", "requests_per_s", "must lie between"),
        (MIN + "max_in_flight = -1", "max_in_flight", "must lie between"),
        (MIN + "max_in_flight = 1.5", "max_in_flight", "whole number"),
        (MIN + "limits = 3", "limits", "must be a table"),
        (MIN + "[limits]\nmin_side_px = 100\nmax_side_px = 99", "limits.min_side_px", "larger"),
        (MIN + "[limits]\nmax_bytes = 1", "limits.max_bytes", "is not a key"),
        (MIN + "[limits]\nformats = []", "limits.formats", "at least one"),
        (MIN + '[limits]\nformats = ["xyz"]', "limits.formats", "known here (these are: jpg"),
        (MIN + "enhance_types = 1", "enhance_types", "list of tables"),
        (MIN + '[[enhance_types]]\nname = "A"', "enhance_types[0].id", "is missing"),
        (MIN + "[[enhance_types]]\nid = 1", "enhance_types[0].name", "is missing"),
        (
            MIN + '[[enhance_types]]\nid = 1\nname = "A"\n[[enhance_types]]\nid = 1\nname = "B"',
            "enhance_types[1].id",
            "is listed twice",
        ),
        (
            MIN + '[[enhance_types]]\nid = 1\nname = "×2  up"\n'
            '[[enhance_types]]\nid = 2\nname = "X2 Up"',
            "enhance_types[1].name",
            "“X2 Up” is the name of another type",
        ),
        (
            MIN + '[[enhance_types]]\nid = 1\nname = "A"\noutputs = "all"',
            "enhance_types[0].outputs",
            "one of",
        ),
        (MIN + "[status]\nqueued = 1", "status.queued", "list of whole numbers"),
        (MIN + "[status]\nqueued = [1]\nfailed = [1]", "status.failed", "two phases"),
        (MIN + "[status]\nwaiting = [1]", "status.waiting", "is not a key"),
        (MIN + '[callback]\nlisten = "8899"', "callback.listen", "host:port"),
        (MIN + '[callback]\nlisten = "a:99999"', "callback.listen", "host:port"),
        (MIN + '[callback]\nmd5 = "{secret}"', "callback.md5", "not a field"),
        (MIN + '[callback]\nmd5 = "{taskid"', "callback.md5", "recipe"),
    ],
)
def test_a_mistake_is_named_with_its_key(text: str, key: str, reason: str) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        parse_profile(text, "studio.toml")
    assert caught.value.key == key
    assert reason in caught.value.reason
    assert caught.value.detail.startswith("studio.toml: ")


TEXT = ("7", "true", "[]", "{}", "1979-05-27")
"""What is no text."""
FLAG = ('"yes"', "1", "0", "[]", "2.5")
WHOLE_NUMBER = ('"3"', "1.5", "true", "[1]", "{}")
NUMBER = ('"3"', "false", "[1]", "{}")
LIST = ("3", '"jpg"', "true", "{}")

KINDS_OF_MISTAKE = {
    "name": (*TEXT, '""', '"  "', '"a\\u0000b"', '"a\\nb"'),
    "base_url": (
        *TEXT,
        '""',
        '"enhance.example.org"',
        '"ftp://a.example"',
        '"http://"',
        '"https:///api"',
        '"https://me@a.example"',
        '"https://me:pw@a.example"',
        '"https://a.example?x=1"',
        '"https://a.example/#top"',
        '"https://a.example:port"',
        '"https://a.example:70000"',
        '"https://[::1"',
        '"https://a.example/a b"',
    ),
    "method": (*TEXT, '""', '"DELETE"', '"post"'),
    "path": (
        *TEXT,
        '""',
        '"/create"',
        '"{call}"',
        '"/{call}/{call}"',
        '"/{foo}/{call}"',
        '"/{call}}"',
    ),
    "token_header": (
        *TEXT,
        '""',
        '"a b"',
        '"a:b"',
        '"tök"',
        '"a\\rb"',
        '"Host"',
        '"content-length"',
        '"Content-Type"',
        '"Transfer-Encoding"',
        '"connection"',
        '"User-Agent"',
    ),
    "token_prefix": (*TEXT, '"Bärer "', '"a\\nb"'),
    "body": (*TEXT, '"xml"', '""'),
    "token_in": (*TEXT, '"cookie"', '""'),
    "headers": (
        *("3", '"x"', "[]", "[{}]", '{"" = "a"}', '{"a b" = "c"}', '{"X-Tök" = "c"}', "{X-A = 1}"),
        *('{Host = "a"}', '{content-length = "1"}', '{Transfer-Encoding = "chunked"}'),
        *('{X-A = "a\\r\\nHost: b"}', '{X-A = "ü"}', '{X-A = " a"}', '{X-A = "1", x-a = "2"}'),
        *('{Authorization = "Bearer abc"}', '{x-api-key = "1"}', '{Cookie = "a=b"}'),
        *('{X-Auth-Token = "1"}', '{token = "1"}'),
        f'{{X-A = "{"a" * 1001}"}}',
        "{" + ", ".join(f'X-{n} = "a"' for n in range(33)) + "}",
    ),
    "extra_fields": (
        *("3", '"x"', "[]", '{"" = 1}', "{a = [1]}", "{a = {b = 1}}", "{a = nan}", "{a = inf}"),
        *('{a = "b\\nc"}', '{" a" = 1}', '{apiKey = "1"}', '{access_token = "1"}', "{key = 1}"),
        *('{picurl = "a"}', "{type = 1}", '{taskid = "a"}'),
        f'{{a = "{"a" * 1001}"}}',
    ),
    "fields": (
        *("3", '"x"', "[]", '{picture = "a"}', "{picurl = 1}", '{picurl = ""}', '{picurl = " a"}'),
        *('{picurl = "type"}', '{taskid = "status"}', '{code = "x", msg = "x"}'),
        f'{{picurl = "{"a" * 101}"}}',
    ),
    "needs_token": FLAG,
    "allow_private_addresses": FLAG,
    "requests_per_s": (*NUMBER, "0", "-1", "1001", "nan", "inf"),
    "max_in_flight": (*WHOLE_NUMBER, "-1", "10001"),
    "upload_path": (*TEXT, '"upload"'),
    "private_id_is_idempotent": FLAG,
    "limits": ("3", '"x"', "true", "[]"),
    "limits.max_image_bytes": (*WHOLE_NUMBER, "0", "-1", "9_000_000_000"),
    "limits.min_side_px": (*WHOLE_NUMBER, "0", "70000"),
    "limits.max_side_px": (*WHOLE_NUMBER, "0", "70000"),
    "limits.formats": (*LIST, "[]", "[1]", '["jpg", 2]', '["xyz"]'),
    "enhance_types": ("3", '"x"', "true", "{}", "[1]"),
    "enhance_types[0].id": (*WHOLE_NUMBER, "99_999_999_999"),
    "enhance_types[0].name": (*TEXT, '""'),
    "enhance_types[0].description": TEXT,
    "enhance_types[0].cost": (*NUMBER, "-1", "nan", "1e10"),
    "enhance_types[0].outputs": (*TEXT, '"all"', '""'),
    "status": ("3", '"x"', "[]"),
    "status.queued": (*LIST, '["1"]', "[1.5]", "[true]"),
    "status.processing": (*LIST, '["1"]'),
    "status.finished": (*LIST, '["1"]'),
    "status.failed": (*LIST, '["1"]'),
    "callback": ("3", '"x"', "[]"),
    "callback.listen": (*TEXT, '"8899"', '":8899"', '"a:"', '"a:b"', '"a:70000"'),
    "callback.md5": (*TEXT, '"{"', '"}"', '"{secret}"', '"{0}"'),
}
"""For each key of the contract every kind of value that it cannot have, as TOML."""

MAY_BE_EMPTY = {"token_prefix", "upload_path", "callback.listen", "callback.md5"}


def plain_keys() -> set[str]:
    """Return every key of the contract, written as mistakes name them."""
    keys = set()
    mapping = profile_to_mapping(
        ServiceProfile("A", "https://a.example", enhance_types=(EnhanceType(1, "A"),))
    )
    for key, value in mapping.items():
        keys.add(key)
        if isinstance(value, dict):
            keys |= {f"{key}.{inner}" for inner in value}
    return keys | {f"enhance_types[0].{inner}" for inner in mapping["enhance_types"][0]}


def text_with(key: str, literal: str) -> str:
    """Return a profile that is right but for one value."""
    lines = {"name": '"Studio"', "base_url": '"https://studio.example.org/api"'}
    kind = {"id": "1", "name": '"A"'}
    table, _, inner = key.partition(".")
    if table == "enhance_types[0]":
        kind[inner] = literal
    elif not inner:
        lines[key] = literal
    parts = [f"{each} = {value}" for each, value in lines.items()]
    if inner and table != "enhance_types[0]":
        parts += [f"[{table}]", f"{inner} = {literal}"]
    if not key.startswith("enhance_types") or inner:
        parts += ["[[enhance_types]]", *(f"{each} = {value}" for each, value in kind.items())]
    return "\n".join(parts)


def test_the_table_of_mistakes_has_every_key_of_the_contract() -> None:
    assert set(KINDS_OF_MISTAKE) == plain_keys()


@pytest.mark.parametrize(
    ("key", "literal"),
    [(key, literal) for key, literals in KINDS_OF_MISTAKE.items() for literal in literals],
)
def test_each_kind_of_mistake_in_each_key_is_refused_with_key_and_reason(
    key: str, literal: str
) -> None:
    text = text_with(key, literal)
    with pytest.raises(ProfileInvalid) as caught:
        parse_profile(text, "studio.toml")
    expected = "enhance_types[0].id" if (key, literal) == ("enhance_types", "[{}]") else key
    assert caught.value.key == expected
    assert len(caught.value.reason.split()) >= 2
    _, mistakes = read_mapping(decode_profile(text, "studio.toml"), "studio.toml")
    assert {mistake.key for mistake in mistakes} == {expected}


@pytest.mark.parametrize("key", sorted(KINDS_OF_MISTAKE))
def test_a_blank_is_named_as_one_whatever_the_key(key: str) -> None:
    _, mistakes = read_mapping(decode_profile(text_with(key, f'"{BLANK}"'), "a"), "a")
    assert [mistake.key for mistake in mistakes] == [key]
    assert is_blank(mistakes[0])


@pytest.mark.parametrize("place", ["", "limits.", "enhance_types[0].", "status.", "callback."])
def test_an_unknown_key_is_named_wherever_it_stands(place: str) -> None:
    with pytest.raises(ProfileInvalid, match="is not a key") as caught:
        parse_profile(text_with(f"{place}colour", '"red"'), "studio.toml")
    assert caught.value.key == f"{place}colour"


@pytest.mark.parametrize(
    "key", ["name", "base_url", "enhance_types[0].id", "enhance_types[0].name"]
)
def test_a_key_that_cannot_be_left_out_is_missed(key: str) -> None:
    lines = text_with("name", '"Studio"').splitlines()
    table, _, inner = key.rpartition(".")
    start = lines.index("[[enhance_types]]") if table else 0
    gone = next(n for n in range(start, len(lines)) if lines[n].startswith(f"{inner} ="))
    with pytest.raises(ProfileInvalid, match="is missing") as caught:
        parse_profile("\n".join(lines[:gone] + lines[gone + 1 :]), "studio.toml")
    assert caught.value.key == key


def test_every_mistake_is_found_at_once_in_the_order_of_the_keys() -> None:
    text = (
        'name = ""\nbase_url = "ftp://a"\nmax_in_flight = 1.5\ncolour = "red"\n'
        '[limits]\nformats = []\n[[enhance_types]]\nid = "one"\nname = "A"\n'
        "[[enhance_types]]\nid = 2\n[status]\nqueued = [1]\nfailed = [1]"
    )
    profile, mistakes = read_mapping(decode_profile(text, "a"), "a")
    assert profile is None
    assert [mistake.key for mistake in mistakes] == [
        "name",
        "base_url",
        "max_in_flight",
        "limits.formats",
        "enhance_types[0].id",
        "enhance_types[1].name",
        "status.failed",
        "colour",
    ]


def test_one_mistake_is_not_told_as_two() -> None:
    text = MIN + '[limits]\nmin_side_px = 10_000\nmax_side_px = "9216"'
    _, mistakes = read_mapping(decode_profile(text, "a"), "a")
    assert [mistake.key for mistake in mistakes] == ["limits.max_side_px"]


LATE = [
    MIN + 'path = "/{foo}/{call}"',
    MIN + 'token_header = "Host"',
    MIN + '[limits]\nformats = ["xyz"]',
    MIN + '[[enhance_types]]\nid = 1\nname = "A"\n[[enhance_types]]\nid = 2\nname = "a"',
]


@pytest.mark.parametrize("text", LATE)
def test_a_profile_that_has_been_in_use_is_not_refused_for_what_was_no_mistake_then(
    text: str,
) -> None:
    data = decode_profile(text, "Studio")
    with pytest.raises(ProfileInvalid):
        profile_from_mapping(data, "Studio")
    kept = profile_from_mapping(data, "Studio", was_in_use=True)
    assert kept.name == "Studio"
    assert profile_from_mapping(profile_to_mapping(kept), "Studio", was_in_use=True) == kept
    with pytest.raises(ProfileInvalid, match="must be a text"):
        profile_from_mapping({**data, "method": 3}, "Studio", was_in_use=True)


def test_some_unknown_file_types_among_known_ones_are_no_mistake() -> None:
    profile = parse_profile(MIN + '[limits]\nformats = ["jpg", "heic"]', "a.toml")
    assert profile.limits.formats == ("jpg", "heic")


def test_the_known_file_types_are_those_that_are_told_apart() -> None:
    assert set(KNOWN_FORMATS) == set(_READERS)


TYPES = (EnhanceType(1, "Enhance"), EnhanceType(7, "Upscale ×2"), EnhanceType(8, "Upscale ×4"))


@pytest.mark.parametrize("wanted", ["7", " 7 ", "Upscale ×2", "upscale x2", "UPSCALE  X2"])
def test_a_type_is_found_by_number_or_name(wanted: str) -> None:
    assert find_enhance_type(TYPES, wanted).id == 7


@pytest.mark.parametrize("wanted", ["9", "Upscale", "", "×"])
def test_an_unknown_type_is_refused_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(UsageError, match="7 Upscale ×2") as caught:
        find_enhance_type(TYPES, wanted)
    assert caught.value.kind == ENHANCE_TYPE_UNKNOWN


def test_a_number_is_believed_where_the_table_is_empty() -> None:
    assert find_enhance_type((), "12").id == 12
    with pytest.raises(UsageError, match="lists no types yet"):
        find_enhance_type((), "Enhance")
