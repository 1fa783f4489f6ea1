"""Profile files: what a person wrote in them stays, nothing is overwritten, no token gets in."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enhance_gui.core.errors import PROFILE_UNKNOWN, ProfileInvalid, UsageError
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs, plain_name
from enhance_gui.core.services.entry import ServiceEntry, free_name
from enhance_gui.core.services.profile import (
    LOCAL_SERVICE_NAME,
    CallbackSettings,
    Phase,
    PictureLimits,
    ServiceProfile,
    parse_profile,
    profile_to_mapping,
)
from enhance_gui.core.services.profile_checks import RECIPE_FIELDS
from enhance_gui.core.services.profile_key import BLANK, is_blank
from enhance_gui.core.services.profile_spec import KEYS, key_named
from enhance_gui.storage.profiles.profile_files import (
    delete_entry,
    empty_entry,
    export_profile,
    find_profile,
    list_entries,
    list_profiles,
    read_entry,
    read_profile,
    save_entry,
    template_entry,
)
from enhance_gui.storage.profiles.profile_toml import explained, updated

STUDIO = ServiceProfile(
    "Studio server",
    "https://studio.example.org/api",
    enhance_types=(EnhanceType(1, "Enhance", cost=1.5), EnhanceType(4, "Restore")),
)

EVERYTHING = ServiceProfile(
    'Alles „anders“ \\ "hier"',
    "https://a.example:8443/v1",
    method="PUT",
    body="form",
    path="/call/{call}.php",
    token_header="Authorization",
    token_prefix="Bearer ",
    token_in="query",
    needs_token=False,
    allow_private_addresses=True,
    requests_per_s=0.5,
    max_in_flight=9,
    upload_path="/upload",
    private_id_is_idempotent=True,
    limits=PictureLimits(1000, 1, 2, ("tiff",)),
    enhance_types=(EnhanceType(-3, "Ä×", "Sentence.", 2, Outputs.NONE),),
    status={0: Phase.QUEUED, 7: Phase.FAILED, 8: Phase.FAILED},
    headers={"X-Client": "studio", "X-2": "b"},
    extra_fields={"version": 2, "mode": "fast", "draft": True, "ratio": 0.5, "number": "7"},
    fields={"picurl": "image url", "taskid": "id"},
    callback=CallbackSettings("[::1]:8899", "{taskid}{token}"),
)
"""Differs from the usual in every key."""

WRITTEN_MANUALLY = """\
# my own notes
name   =   "Studio server"   # as the boss calls it
base_url = 'https://studio.example.org/api/'

requests_per_s = 2.00  # asked in May

[limits]
# they said so on the phone
formats = [
  "JPG",
  "png",  # not WebP
]

[[enhance_types]]
id = 1
name = "Enhance"  # the good one
cost = 1.5

# this one is slow
[[enhance_types]]
id = 4
name = "Restore"

[status]
finished = [3]  # seen with task 17

[headers]
X-Client = "studio"  # as they want it

[extra_fields]
version = 2
number = "7"  # a text

[fields]
picurl = "image_url"
"""


def stored(folder: Path, text: str, name: str = "studio.toml") -> ServiceEntry:
    """Put a file into the folder; return its entry."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode())
    return next(entry for entry in list_entries(folder) if entry.file == name)


# -- writing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [STUDIO, EVERYTHING, ServiceProfile("A", "http://a")])
def test_what_is_written_is_read_again_as_it_was(profile: ServiceProfile, tmp_path: Path) -> None:
    entry = save_entry(empty_entry(), profile, tmp_path / "profiles")
    assert entry.profile == profile
    assert list_profiles(tmp_path / "profiles")[0][1:] == [profile]
    assert find_profile(profile.name, tmp_path / "profiles") == profile


def test_every_key_may_be_another_one(tmp_path: Path) -> None:
    usual = profile_to_mapping(ServiceProfile("", ""))
    other = profile_to_mapping(EVERYTHING)
    assert all(usual[key] != other[key] for key in usual)
    assert all(usual["limits"][key] != other["limits"][key] for key in usual["limits"])


def test_saving_without_a_change_leaves_the_file_byte_for_byte(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY)
    assert entry.profile is not None
    save_entry(entry, entry.profile, tmp_path)
    assert (tmp_path / "studio.toml").read_bytes() == WRITTEN_MANUALLY.encode()


def test_comments_and_spelling_of_a_hand_edited_file_stay(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY)
    assert entry.profile is not None
    kinds = (*entry.profile.enhance_types, EnhanceType(9, "Colorize", outputs=Outputs.VARIANTS))
    changed = replace(entry.profile, max_in_flight=4, enhance_types=kinds, status={5: Phase.QUEUED})
    after = save_entry(entry, changed, tmp_path)
    assert after.profile == changed
    lines = (tmp_path / "studio.toml").read_text().splitlines()
    for line in WRITTEN_MANUALLY.splitlines():
        if line and not line.startswith("finished"):
            assert line in lines
    assert "max_in_flight = 4" in lines


def test_the_lines_of_a_windows_file_end_as_they_did(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY.replace("\n", "\r\n"))
    assert entry.profile is not None
    save_entry(entry, replace(entry.profile, name="Other"), tmp_path)
    content = (tmp_path / "studio.toml").read_bytes()
    assert content.count(b"\r\n") == WRITTEN_MANUALLY.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        'name = "A"\nbase_url = "http://a"\nlimits.min_side_px = 3\nlimits.max_side_px = 4',
        'name = "A"\nbase_url = "http://a"\nlimits = {min_side_px = 3}',
        'name = "A"\nbase_url = "http://a"\nenhance_types = [{id = 1, name = "x"}]',
        'base_url = "http://a"\n[callback]\nlisten = ""\n[status]\nqueued=[1]',
        'name = "A"\nbase_url = "http://a"\ncolour = "red"\n[limits]\nsize = 3',
        'name = "A"\nbase_url = "http://a"\nlimits = 5\nenhance_types = "x"',
        'name = """A\n[b]"""\nbase_url = "http://a"',
        "this is = = not TOML",
        "",
    ],
)
@pytest.mark.parametrize("profile", [STUDIO, EVERYTHING])
def test_whatever_the_file_was_like_the_values_are_right(
    text: str, profile: ServiceProfile, tmp_path: Path
) -> None:
    entry = stored(tmp_path, text)
    assert save_entry(entry, profile, tmp_path).profile == profile
    assert parse_profile((tmp_path / "studio.toml").read_text("utf-8"), "again") == profile


def test_types_may_be_removed_renumbered_and_put_in_another_order(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY)
    assert entry.profile is not None
    enhance, restore = entry.profile.enhance_types
    for kinds in (
        (restore, enhance),
        (replace(restore, id=44),),
        (replace(enhance, id=2), restore),
        (),
        (enhance, restore),
    ):
        profile = replace(entry.profile, enhance_types=kinds)
        entry = save_entry(entry, profile, tmp_path)
        assert entry.profile == profile


def test_a_file_that_somebody_has_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY)
    (tmp_path / "studio.toml").write_text(WRITTEN_MANUALLY + "# more\n")
    with pytest.raises(ProfileInvalid, match="changed by another program"):
        save_entry(entry, STUDIO, tmp_path)
    assert (tmp_path / "studio.toml").read_text().endswith("# more\n")
    (tmp_path / "studio.toml").unlink()
    with pytest.raises(ProfileInvalid, match="changed by another program"):
        save_entry(entry, STUDIO, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_mark_that_some_editors_put_before_a_text_is_no_part_of_it(tmp_path: Path) -> None:
    plain = stored(tmp_path, WRITTEN_MANUALLY)
    (tmp_path / "studio.toml").write_bytes(b"\xef\xbb\xbf" + WRITTEN_MANUALLY.encode())
    (_, entry) = list_entries(tmp_path)
    assert entry == plain
    assert read_profile(tmp_path / "studio.toml") == plain.profile
    assert entry.profile is not None
    changed = replace(entry.profile, max_in_flight=3)
    assert save_entry(entry, changed, tmp_path).profile == changed


def test_a_new_service_never_takes_the_file_of_another(tmp_path: Path) -> None:
    first = save_entry(empty_entry(), STUDIO, tmp_path)
    second = save_entry(empty_entry(), replace(STUDIO, name="Studio: server"), tmp_path)
    third = save_entry(empty_entry(), replace(STUDIO, name="Studio server"), tmp_path)
    assert len({first.file, second.file, third.file}) == 3
    assert (tmp_path / first.file).read_text() == first.text


@pytest.mark.parametrize("name", ["../../etc/x", "CON", ".hidden", "a/b\\c", "💡"])
def test_no_name_of_a_service_leaves_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    entry = save_entry(empty_entry(), replace(STUDIO, name=name), folder)
    assert [each.name for each in folder.iterdir()] == [entry.file]
    assert [each.name for each in tmp_path.iterdir()] == ["profiles"]
    delete_entry(entry, folder)
    assert list(folder.iterdir()) == []


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=12)
_NUMBERS = st.integers(-(2**31), 2**31)


@st.composite
def profiles(draw: st.DrawFn) -> ServiceProfile:
    """Return any profile that a file may hold."""
    ids = draw(st.lists(_NUMBERS, unique=True, max_size=4))
    count = len(ids)
    unique = st.lists(
        _TEXTS.filter(str.strip), unique_by=plain_name, min_size=count, max_size=count
    )
    kinds = [
        EnhanceType(
            each,
            name,
            draw(_TEXTS),
            draw(st.integers(0, 10**6) | st.floats(0, 1e6)),
            draw(st.sampled_from(Outputs)),
        )
        for each, name in zip(ids, draw(unique), strict=True)
    ]
    sides = sorted(draw(st.tuples(st.integers(1, 65_535), st.integers(1, 65_535))))
    return ServiceProfile(
        name=draw(_TEXTS.filter(str.strip)),
        base_url=draw(st.sampled_from(["http://a", "https://b.example/x", "https://[::1]:8/y"])),
        method=draw(st.sampled_from(["POST", "GET", "PUT"])),
        path=draw(st.sampled_from(["/{call}", "/v1/{call}.php"])),
        needs_token=draw(st.booleans()),
        requests_per_s=draw(st.floats(0.01, 1000)),
        max_in_flight=draw(st.integers(0, 10_000)),
        limits=PictureLimits(
            draw(st.integers(1, 2**31)),
            sides[0],
            sides[1],
            draw(st.sampled_from([("jpg",), ("png", "c")])),
        ),
        enhance_types=tuple(kinds),
        status=draw(st.dictionaries(_NUMBERS, st.sampled_from(Phase), max_size=5)),
        callback=CallbackSettings(md5=draw(st.sampled_from(["", "{token}", "a{{b{status}"]))),
    )


@settings(max_examples=12)
@given(
    st.sampled_from(["", WRITTEN_MANUALLY, template_entry().text]),
    st.lists(profiles(), min_size=1, max_size=3),
)
def test_one_edit_after_the_other_each_file_holds_what_was_saved(
    text: str, edits: list[ServiceProfile]
) -> None:
    for profile in edits:
        text = updated(text, profile)
        assert parse_profile(text, "edited") == profile
        assert updated(text, profile) == text
    assert parse_profile(explained(edits[-1]), "exported") == edits[-1]


# -- lists ----------------------------------------------------------------------------------------


def test_files_with_mistakes_are_listed_with_all_of_them(tmp_path: Path) -> None:
    stored(tmp_path, 'name = "Broken"\nbase_url = "ftp://a"\nmax_in_flight = -1', "broken.toml")
    stored(tmp_path, "= not TOML", "no.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "large.toml").write_bytes(b"#" * (2**20 + 1))
    stored(tmp_path, WRITTEN_MANUALLY)
    entries = {entry.file: entry for entry in list_entries(tmp_path)}
    assert entries[""].name == LOCAL_SERVICE_NAME
    assert entries[""].is_local_service
    assert not entries[""].is_new
    assert entries["studio.toml"].profile is not None
    assert entries["broken.toml"].name == "Broken"
    assert [mistake.key for mistake in entries["broken.toml"].mistakes] == [
        "base_url",
        "max_in_flight",
    ]
    for name, reason in (("no", "TOML"), ("bytes", "UTF-8"), ("large", "too large")):
        assert reason in entries[f"{name}.toml"].mistakes[0].reason
        assert entries[f"{name}.toml"].profile is None
    profiles, mistakes = list_profiles(tmp_path)
    assert [profile.name for profile in profiles] == [LOCAL_SERVICE_NAME, "Studio server"]
    assert len(mistakes) == 4


def test_of_two_files_with_one_name_the_second_is_refused(tmp_path: Path) -> None:
    stored(tmp_path, WRITTEN_MANUALLY, "a.toml")
    stored(tmp_path, WRITTEN_MANUALLY, "b.toml")
    stored(tmp_path, f'name = "{LOCAL_SERVICE_NAME}"\nbase_url = "http://a"', "c.toml")
    _, mistakes = list_profiles(tmp_path)
    assert [(mistake.key, mistake.detail.partition(":")[0]) for mistake in mistakes] == [
        ("name", "b.toml"),
        ("name", "c.toml"),
    ]


def _write_named(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        text = f'name = "{name}"\nbase_url = "https://{number}.example.org"\n'
        (folder / f"{number}.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("Studio", "studio"), "studio"),
        (("Straße", "STRASSE"), "STRASSE"),
        (("Cafe\u0301", "Caf\u00e9"), "Caf\u00e9"),
        (("Cafe\u0301",), "CAF\u00c9"),
        (("this computer",), "this computer"),
        (("Studio",), "sTUDIO"),
    ],
)
def test_a_service_is_found_by_its_own_name_before_any_that_is_nearly_the_same(
    names: tuple[str, ...], wanted: str, tmp_path: Path
) -> None:
    found = find_profile(wanted, _write_named(tmp_path, *names))
    assert found.name == names[-1]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("Studio", "studio"), "STUDIO"),
        (("Straße", "STRASSE"), "strasse"),
        (("Cafe\u0301", "Caf\u00e9"), "CAFE\u0301"),
        (("this computer",), "THIS COMPUTER"),
    ],
)
def test_of_several_services_of_nearly_the_wanted_name_none_is_taken(
    names: tuple[str, ...], wanted: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"any of several") as caught:
        find_profile(wanted, _write_named(tmp_path, *names))
    assert caught.value.kind == PROFILE_UNKNOWN
    assert all(name in caught.value.detail for name in names)


def test_a_name_that_is_taken_in_another_form_gets_a_number() -> None:
    assert free_name("Caf\u00e9", {"CAFE\u0301"}) == "Caf\u00e9 2"


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("Studio", {"Other"}) == "Studio"
    assert free_name("Studio", {"studio", "Studio 2"}) == "Studio 3"


def test_a_pair_is_changed_and_the_comments_of_the_others_stay(tmp_path: Path) -> None:
    entry = stored(tmp_path, WRITTEN_MANUALLY)
    assert entry.profile is not None
    more: dict[str, str | int | float | bool] = {"version": True, "number": "7", "mode": "fast"}
    changed = replace(entry.profile, extra_fields=more, fields={}, headers={"X-Client": "b"})
    after = save_entry(entry, changed, tmp_path)
    assert after.profile == changed
    assert 'number = "7"  # a text' in after.text
    assert 'X-Client = "b"' in after.text
    assert "version = true" in after.text
    assert "image_url" not in after.text
    plain = replace(changed, extra_fields={}, fields={"taskid": "id"}, headers={})
    assert save_entry(after, plain, tmp_path).profile == plain


# -- export, import, template ---------------------------------------------------------------------


@pytest.mark.parametrize("profile", [STUDIO, EVERYTHING])
def test_an_export_has_what_differs_and_says_what_it_is(
    profile: ServiceProfile, tmp_path: Path
) -> None:
    path = export_profile(profile, tmp_path / "for you.toml")
    text = path.read_text("utf-8")
    entry = read_entry(path)
    assert entry.profile == profile
    assert entry.is_new
    usual = profile_to_mapping(ServiceProfile("", ""))
    for key, value in tomllib.loads(text).items():
        assert value != usual[key]
        if isinstance(value, dict):
            assert all(value[inner] != usual[key].get(inner) for inner in value)
    comments = " ".join(
        line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")
    )
    assert key_named("base_url").explanation in comments
    assert "token is in no file" in comments
    assert max(map(len, text.splitlines())) <= 100


def test_an_export_never_replaces_a_file(tmp_path: Path) -> None:
    target = tmp_path / "studio.toml"
    target.write_text("mine")
    paths = [export_profile(STUDIO, target) for _ in range(3)]
    assert target.read_text() == "mine"
    assert len({target, *paths}) == 4
    assert all(path.suffix == ".toml" and path.parent == tmp_path for path in paths)


def test_an_import_reads_mistakes_without_refusing_them_and_refuses_what_is_no_toml(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.toml").write_text('name = "A"\nmethod = "GRAB"')
    assert [mistake.key for mistake in read_entry(tmp_path / "a.toml").mistakes] == [
        "base_url",
        "method",
    ]
    (tmp_path / "b.toml").write_text("<html>")
    with pytest.raises(ProfileInvalid, match="not valid TOML"):
        read_entry(tmp_path / "b.toml")
    with pytest.raises(ProfileInvalid, match="cannot be read"):
        read_entry(tmp_path / "none.toml")


def test_the_template_has_two_blanks_and_nothing_undocumented(tmp_path: Path) -> None:
    entry = template_entry()
    assert entry.profile is None
    assert [mistake.key for mistake in entry.mistakes] == ["base_url", "enhance_types[1].id"]
    assert all(map(is_blank, entry.mistakes))
    assert set(entry.data) == {"name", "base_url", "enhance_types"}
    assert entry.data["enhance_types"] == [
        {"id": 1, "name": "Type 1"},
        {"id": BLANK, "name": "Colorize Black White Photo", "outputs": "variants"},
    ]


def test_the_template_is_no_service_before_its_blanks_are_filled_in(tmp_path: Path) -> None:
    assert [profile.name for profile in list_profiles(tmp_path)[0]] == [LOCAL_SERVICE_NAME]
    path = tmp_path / "copy.toml"
    path.write_text(template_entry().text)
    with pytest.raises(ProfileInvalid) as caught:
        find_profile(str(path), tmp_path / "profiles")
    assert caught.value.key == "base_url"
    assert is_blank(caught.value)


def test_a_service_made_from_the_template_keeps_its_words(tmp_path: Path) -> None:
    template = template_entry()
    kinds = (EnhanceType(1, "Portrait", cost=1), EnhanceType(6, "Colorize Black White Photo"))
    profile = ServiceProfile("Cloud", "https://cloud.example", enhance_types=kinds, method="GET")
    entry = save_entry(template, profile, tmp_path)
    assert entry.profile == profile
    comments = [line for line in template.text.splitlines() if line.startswith("#")]
    assert set(comments) <= set(entry.text.splitlines())
    assert "\n\n[[enhance_types]]\n" in entry.text


def test_what_is_assumed_in_the_template_is_what_the_program_assumes() -> None:
    """The commented lines, taken as they stand, change nothing."""
    assumed = [
        line.removeprefix("# ")
        for line in template_entry().text.splitlines()
        if line.startswith(("# method", "# body", "# path", "# token_", "# requests_"))
    ]
    assert len(assumed) == 7
    usual = profile_to_mapping(ServiceProfile("", ""))
    for key, value in tomllib.loads("\n".join(assumed)).items():
        assert value == usual[key]


def test_every_key_has_words_that_fit_a_line_or_two() -> None:
    keys = set()
    for key, value in profile_to_mapping(EVERYTHING).items():
        if KEYS[key].kind.has_own_names:
            keys.add(key)
            continue
        inner = value[0] if isinstance(value, list) else value if isinstance(value, dict) else None
        keys |= {f"{key}.{each}" for each in inner} if inner is not None else {key}
    assert keys | {"limits", "enhance_types", "status", "callback"} == set(KEYS)
    assert all(each.label and 20 < len(each.explanation) < 220 for each in KEYS.values())
    assert {"taskid", "status"} <= RECIPE_FIELDS  # the recipe that the words show is a possible one


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files by a signal")
def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from enhance_gui.core.services.profile import ServiceProfile\n"
        "from enhance_gui.storage.profiles.profile_files import export_profile\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))\n"
        "try:\n"
        "    export_profile(ServiceProfile('Studio', 'https://studio.test'), Path(sys.argv[1]))\n"
        "except OSError:\n"
        "    sys.exit(7)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path / "studio.toml")], check=False
    )
    assert ended.returncode == 7
    assert list(tmp_path.iterdir()) == []
