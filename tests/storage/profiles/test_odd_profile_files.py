"""Whatever stands in one file of the folder, the other services can be used."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.profile import (
    MAX_PROFILE_BYTES,
    decode_profile,
    parse_profile,
    profile_from_mapping,
    profile_to_mapping,
)
from enhance_gui.storage.profiles import profile_files
from enhance_gui.storage.profiles.profile_files import (
    export_profile,
    list_entries,
    list_profiles,
    read_entry,
    read_profile,
    save_entry,
)

GOOD = 'name = "Good"\nbase_url = "https://good.example"\n'

_KEYS = st.sampled_from(
    [
        *("name", "base_url", "method", "path", "token_header", "token_prefix", "needs_token"),
        *("requests_per_s", "max_in_flight", "upload_path", "status.queued", "status.failed"),
        *("limits.formats", "limits.min_side_px", "callback.listen", "callback.md5", "colour"),
        *("enhance_types", "id", "cost", "description", "outputs", '"a.b"', "a.b.c.d.e.f.g.h.i.j"),
    ]
)
_VALUES = st.one_of(
    st.sampled_from(
        [
            *('"Odd"', '"https://odd.example/a"', "'FILL IN'", "true", "-0", "1e400", "nan", "inf"),
            *("2026-01-01", "00:00:01", "1979-05-27T07:32:00Z", '"""a\\\n b"""', "[[[[[[]]]]]]"),
            *("[1, 2]", '["png"]', "{a = {b = 1}}", "{a.b.c.d.e.f.g.h.i = 1}", '"{taskid}"', '""'),
            *("0x" + "f" * 3000, "1" * 4500, "9" * 4000, '"h:' + "1" * 4400 + '"', "[" * 900),
            *('"127.0.0.1:80"', '"/{call}"', '"\\u0085\\u202e"', '"http://[::1"', '"http://a:1e5"'),
        ]
    ),
    st.integers(),
    st.floats().map(repr),
    st.text(max_size=20).map(json.dumps),
)
_LINES = st.one_of(
    st.tuples(_KEYS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.sampled_from(
        ["[[enhance_types]]", "[status]", "[limits]", "[callback]", "[[a.b]]", "[", ""]
    ),
    st.text(max_size=20),
)
TEXTS = st.one_of(
    st.lists(_LINES, max_size=12).map("\n".join),
    st.lists(_LINES, max_size=4).map(lambda made: "\n".join([GOOD.replace("Good", "Odd"), *made])),
)
"""What a person, or a program, may have put into a file."""


def folder_with(folder: Path, odd: bytes) -> Path:
    (folder / "good.toml").write_text(GOOD)
    (folder / "odd.toml").write_bytes(odd)
    return folder


@given(text=TEXTS)
def test_any_text_is_a_service_or_a_mistake_and_what_is_read_can_be_written(text: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = folder_with(Path(made), text.encode("utf-8", "surrogatepass"))
        _, good, odd = list_entries(folder)
        assert good.name == "Good"
        assert (odd.profile is None) == bool(odd.mistakes)
        profiles, mistakes = list_profiles(folder)
        assert (len(profiles), len(mistakes)) == (3, 0) if odd.profile else (2, 1)
        if odd.profile is not None:
            written = json.dumps(profile_to_mapping(odd.profile), allow_nan=False)
            assert profile_from_mapping(json.loads(written), "again") == odd.profile
            assert save_entry(odd, odd.profile, folder).profile == odd.profile
            exported = export_profile(odd.profile, folder / "exported.toml")
            assert read_profile(exported) == odd.profile


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_service_or_a_mistake(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as made:
        _, good, odd = list_entries(folder_with(Path(made), content))
        assert good.name == "Good"
        assert odd.mistakes


@pytest.mark.parametrize("line", ["requests_per_s = " + "1" * 5000, "a = " + "[" * 100_000])
def test_a_file_that_is_opened_is_told_as_its_own_mistake(line: str, tmp_path: Path) -> None:
    folder_with(tmp_path, (GOOD + line).encode())
    for read in (read_entry, read_profile):
        with pytest.raises(ProfileInvalid, match=r"odd\.toml"):
            read(tmp_path / "odd.toml")


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    comment = "# " + "a" * 1021 + "\n"
    largest = (GOOD + comment * 64)[: MAX_PROFILE_BYTES - 1] + "\n"
    _, _, odd = list_entries(folder_with(tmp_path, largest.replace("Good", "Ours").encode()))
    assert odd.name == "Ours"
    _, _, odd = list_entries(folder_with(tmp_path, f"{largest} ".encode()))
    assert "far too large" in odd.mistakes[0].reason


def test_what_cannot_be_read_again_is_not_saved(tmp_path: Path) -> None:
    _, good = list_entries(folder_with(tmp_path, b""))[:2]
    assert good.profile is not None
    kinds = [{"id": 1, "name": "A", "description": "a" * 5000}]
    profile = profile_from_mapping({**good.data, "enhance_types": kinds}, "Good")
    with pytest.raises(ProfileInvalid, match="line of more than 4096"):
        save_entry(good, profile, tmp_path)
    assert (tmp_path / "good.toml").read_text() == GOOD


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "endless.toml").symlink_to("/dev/zero")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "good.toml").write_text(GOOD)
    profiles, mistakes = list_profiles(tmp_path)
    assert [profile.name for profile in profiles[1:]] == ["Good"]
    assert len(mistakes) == 3


def test_a_fault_of_the_program_with_one_file_is_that_file_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def decode(text: str, source: str) -> object:
        if source == "odd.toml":
            raise KeyError("nobody thought of it")
        return parse(text, source)

    parse = decode_profile
    monkeypatch.setattr(profile_files, "decode_profile", decode)
    _, good, odd = list_entries(folder_with(tmp_path, GOOD.encode()))
    assert good.profile == parse_profile(GOOD, "good.toml")
    assert "the log says why" in str(odd.mistakes[0])
    assert "nobody thought of it" in caplog.text
