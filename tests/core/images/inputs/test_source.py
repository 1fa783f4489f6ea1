"""What people give as inputs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from enhance_gui.core.images.inputs.source import (
    LocalFile,
    WebAddress,
    parse_source,
    stored_source,
)
from enhance_gui.core.picture_errors import AddressNotUsable


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/a.jpg", "https://example.org/a.jpg"),
        ("  HTTP://Example.org/a.jpg  ", "http://example.org/a.jpg"),
        ("https://example.org/a.jpg#top", "https://example.org/a.jpg"),
    ],
)
def test_addresses_have_one_spelling(text: str, url: str) -> None:
    assert parse_source(text) == WebAddress(url)


def test_files_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source("a.jpg") == LocalFile(tmp_path / "a.jpg")
    assert parse_source(str(tmp_path / "b c.jpg")) == LocalFile(tmp_path / "b c.jpg")
    assert parse_source((tmp_path / "b c.jpg").as_uri()) == LocalFile(tmp_path / "b c.jpg")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_source("~/a.jpg") == LocalFile(tmp_path / "a.jpg")


def test_a_file_has_one_spelling_however_it_is_come_to(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    folder = tmp_path.resolve()
    for text in ("in.jpg", "./in.jpg", "a/../in.jpg", "a/b/../../in.jpg", f"{folder}/a/../in.jpg"):
        assert parse_source(text, folder).key == str(folder / "in.jpg")


def test_the_way_back_from_a_linked_folder_is_the_way_that_the_system_goes(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "below").mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "below")
    except OSError:
        pytest.skip("links to folders cannot be made here")
    there = tmp_path.resolve() / "elsewhere" / "in.jpg"
    assert parse_source("link/../in.jpg", tmp_path).key == str(there)


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AddressNotUsable, match="no valid text"):
        parse_source("in.jpg", tmp_path / "\udcff")


def test_a_file_whose_name_looks_like_an_address_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note: a.jpg").touch()
    assert parse_source("note: a.jpg") == LocalFile(tmp_path / "note: a.jpg")


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:///photos/%231%20caf%C3%A9%25.jpg", "/photos/#1 café%.jpg"),
        ("file:///photos/#1 photo?.jpg", "/photos/#1 photo?.jpg"),
        ("file:///photos/100% sure %41%2F.jpg", "/photos/100% sure %41%2F.jpg"),
        ("file:///photos/100%25 sure#1?.jpg", "/photos/100% sure#1?.jpg"),
        ("file:///photos/caf\u00e9%201.jpg", "/photos/caf\u00e9 1.jpg"),
        ("FILE:///photos/a.jpg", "/photos/a.jpg"),
        ("file:/photos/a.jpg", "/photos/a.jpg"),
        ("file://localhost/photos/a.jpg", "/photos/a.jpg"),
        (f"file://{socket.gethostname()}/photos/a.jpg", "/photos/a.jpg"),
    ],
)
def test_an_address_of_a_file_is_the_whole_file(text: str, path: str) -> None:
    assert parse_source(text) == LocalFile(Path(path))


@pytest.mark.skipif(os.name == "nt", reason="names that are no text are of POSIX")
def test_an_address_of_a_file_whose_name_is_no_text_is_refused() -> None:
    with pytest.raises(AddressNotUsable, match="no valid text"):
        parse_source("file:///photos/caf%E9.jpg")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.example.org/a.jpg", "https://www.example.org/a.jpg"),
        ("example.org/photos/my a.jpg", "https://example.org/photos/my%20a.jpg"),
        ("//cdn.example.org/a.jpg", "https://cdn.example.org/a.jpg"),
    ],
)
def test_an_address_without_https_is_one_where_no_such_file_is(
    text: str, url: str, tmp_path: Path
) -> None:
    assert parse_source(text, tmp_path) == WebAddress(url)
    assert parse_source(parse_source(text, tmp_path).key, tmp_path) == WebAddress(url)


@pytest.mark.parametrize("text", ["www.example.org/a.jpg", "example.org/a.jpg", "www.example.org"])
def test_what_begins_with_something_that_is_there_is_a_file(text: str, tmp_path: Path) -> None:
    (tmp_path / text.partition("/")[0]).mkdir()
    assert parse_source(text, tmp_path) == LocalFile(tmp_path / text)


@pytest.mark.parametrize("text", ["a.jpg", "photos.2024/a.jpg", "sub/www.example.org/a.jpg"])
def test_a_path_is_a_file_whether_it_is_there_or_not(text: str, tmp_path: Path) -> None:
    assert parse_source(text, tmp_path) == LocalFile(tmp_path / text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ftp://example.org/a.jpg",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "file://server/share/a.jpg",
        "https://",
        "https://user:secret@example.org/a.jpg",
        "https://exa mple.org/a.jpg",
    ],
)
def test_what_no_service_could_fetch_is_refused(text: str) -> None:
    with pytest.raises(AddressNotUsable):
        parse_source(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://example.org/photos/a%20b.jpg?size=2", "a b.jpg"),
        ("https://example.org/", "example.org"),
        ("/photos/c.png", "c.png"),
    ],
)
def test_a_source_has_a_name_for_people(text: str, name: str) -> None:
    assert parse_source(text).name == name


@pytest.mark.skipif(os.sep != "/", reason="two slashes are another computer's there")
def test_a_file_address_with_four_slashes_stays_a_file() -> None:
    source = parse_source("file:////nas.example.org/share/a.jpg")
    assert isinstance(source, LocalFile)
    assert stored_source(source.key) == source
