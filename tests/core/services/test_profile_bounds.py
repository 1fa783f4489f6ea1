"""A profile's text may be anything: it is read soon, or refused as a mistake of its file."""

from __future__ import annotations

import json

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.profile import (
    MAX_PROFILE_BYTES,
    decode_profile,
    parse_profile,
    profile_from_mapping,
    profile_to_mapping,
)

MIN = 'name = "Studio"\nbase_url = "https://studio.example"\n'


NO_TOML = "\n="
"""What is refused for another reason than this was not even parsed, which would take long."""


def lines(line: str) -> str:
    """Return as many lines as a profile may have, each with its number in the place of ``{}``."""
    made: list[str] = []
    room = MAX_PROFILE_BYTES - len(MIN)
    while room > len(line) + 10:
        made.append(line.replace("{}", str(len(made))))
        room -= len(made[-1]) + 1
    return "\n".join(made)


BEYOND = {
    "decimal": ("requests_per_s = " + "1" * 4000, "64 bits"),
    "hexadecimal": ("[status]\nqueued = [0x" + "f" * 4000 + "]", "64 bits"),
    "hidden": ("colour = [{a = [0x" + "f" * 4000 + "]}]", "64 bits"),
    "5000 digits": ("requests_per_s = " + "1" * 5000, "line of more than 4096"),
    "nested": ("a = " + "[" * 4000, "deeper"),
    "nested in lines": ("a = " + "[\n" * 30_000, "deeper"),
    "dotted": (lines("k{}." + ".".join("a" * 2000) + " = 1") + NO_TOML, "deeper"),
    "dotted table": (lines("[k{}." + ".".join("a" * 2000) + "]") + NO_TOML, "deeper"),
    "quoted": (lines('"k\\"{}".' + ".".join("a" * 2000) + " = 1") + NO_TOML, "deeper"),
    "inside": (lines("k{} = {" + ".".join("a" * 2000) + " = 1}"), "deeper"),
    "large": ("# a\n" * (MAX_PROFILE_BYTES // 4), "far too large"),
    "one key": (".".join("a" * 30_000) + " = 1", "line of more than 4096"),
    "junk": ("\0\x1b", "not valid TOML"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_no_profile_holds_is_refused_as_a_mistake(name: str) -> None:
    text, reason = BEYOND[name]
    with pytest.raises(ProfileInvalid, match=reason) as caught:
        decode_profile(MIN + text, "studio.toml")
    assert caught.value.key == ""
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[status]\nqueued = [2147483649]", "status.queued"),
        ("[status]\nfailed = [1, -2147483649]", "status.failed"),
        (f'[callback]\nlisten = "h:{"1" * 4000}"', "callback.listen"),
        ('[callback]\nlisten = "h:070000"', "callback.listen"),
        ('[callback]\nlisten = "h:٣٣"', "callback.listen"),
        ("requests_per_s = nan", "requests_per_s"),
        ("requests_per_s = -inf", "requests_per_s"),
        ('[[enhance_types]]\nid = 1\nname = "A"\ncost = inf', "enhance_types[0].cost"),
        ('[[enhance_types]]\nid = 9223372036854775807\nname = "A"', "enhance_types[0].id"),
    ],
)
def test_a_number_that_no_service_has_is_a_mistake_of_its_key(text: str, key: str) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        parse_profile(MIN + text, "studio.toml")
    assert caught.value.key == key


def test_a_port_of_any_length_is_looked_at() -> None:
    data = {"name": "A", "base_url": "https://a", "callback": {"listen": "h:" + "1" * 5000}}
    with pytest.raises(ProfileInvalid, match="host:port"):
        profile_from_mapping(data, "the editor")


def test_the_largest_numbers_can_be_written_again() -> None:
    text = MIN + "[status]\nqueued = [2147483648, -2147483648]"
    mapping = profile_to_mapping(parse_profile(text, "studio.toml"))
    assert json.loads(json.dumps(mapping))["status"]["queued"] == [-2147483648, 2147483648]


def test_a_profile_in_use_keeps_the_numbers_that_were_no_mistake_then() -> None:
    data = decode_profile(MIN + "[status]\nqueued = [2147483649]", "studio.toml")
    assert set(profile_from_mapping(data, "studio.toml", was_in_use=True).status) == {2147483649}


def test_a_text_with_many_dots_is_no_deep_key() -> None:
    described = ".".join("abcdefghijk")
    text = f'[[enhance_types]]\nid = 1\nname = "A"\ndescription = "{described} = 1"'
    (kind,) = parse_profile(MIN + text, "studio.toml").enhance_types
    assert kind.description == f"{described} = 1"
