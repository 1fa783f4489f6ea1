"""Every text for people is in every catalogue, whole; and what collects them misses none."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import polib
import pytest
import translate
from environment import CHECKOUT
from translate import (
    CATALOGUES,
    NotCollectable,
    Text,
    begin_catalogue,
    collect,
    error_classes,
    problems,
    texts_of,
    update,
)

FILES = sorted(CATALOGUES.glob("*.po"))
_HEAD = {
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
    "X-Own-Name": "Deutsch",
    "X-Decimal-Sign": ",",
    "X-Thousands-Sign": ".",
    "X-Full-Stop": ".",
    "X-Comma": ",",
    "X-Semicolon": ";",
    "X-Colon": ":",
    "X-Quotation-Marks": "„“",
    "X-Begins-Small": "no",
}
_OF_JAPANESE = {"Plural-Forms": "nplurals=1; plural=0;", "X-Full-Stop": "。"}


_texts = cache(collect)


def _catalogue(*entries: polib.POEntry, **head: str) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = {**_HEAD, **head}
    catalogue.extend(entries)
    return catalogue


def _entry(english: str, translated: str, *, fuzzy: bool = False) -> polib.POEntry:
    flags = ["fuzzy"] if fuzzy else []
    return polib.POEntry(msgid=english, msgstr=translated, flags=flags)


# -- the catalogues that ship ---------------------------------------------------------------------


def test_there_are_catalogues_and_texts() -> None:
    assert [path.stem for path in FILES] == ["de", "es", "ja", "zh_CN"]
    assert len(_texts(CHECKOUT)) > 600


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_the_code_is_translated_in_every_catalogue_without_a_mistake(
    path: Path,
) -> None:
    catalogue = polib.pofile(str(path), encoding="utf-8")
    assert problems(catalogue, _texts(CHECKOUT)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalogue_lies_as_the_command_writes_it(path: Path, tmp_path: Path) -> None:
    written = tmp_path / path.name
    translate.write_catalogue(translate.read_catalogue(path), written)
    assert written.read_text("utf-8") == path.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalogue_begins_with_its_glossary(path: Path) -> None:
    header = polib.pofile(str(path), encoding="utf-8").header
    assert "in doubt" in header
    assert "charged" in header


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_batch_and_a_stack_are_two_words_in_every_language(path: Path) -> None:
    catalogue = polib.pofile(str(path), encoding="utf-8")
    words = {}
    for term in ("batch", "stack"):
        (line,) = re.findall(rf"^\s*{term} {{2,}}(\w+)", catalogue.header, re.MULTILINE)
        words[term] = line.lower()
    assert words["batch"] != words["stack"]
    # Not by the English word: a sentence of money may speak of either.
    said = {entry.msgid: entry.msgstr.replace("&", "").lower() for entry in catalogue}
    assert words["stack"] in said["in a stack of {count}"] + said["&Expand all stacks"]
    assert words["batch"] not in said["in a stack of {count}"] + said["&Expand all stacks"]
    assert words["batch"] in said["Report of the &batch…"] + said["Report of a batch"]


# -- reading the code -----------------------------------------------------------------------------


def test_texts_are_read_out_of_all_three_functions() -> None:
    source = """
NAME = N_("Name")
def f(n):
    a = tr("Save " "as…")
    b = plural("{count} hat", "{count} hats", n).format(count=n)
    c = tr("A" if n else "B")
    d = tr(NAMES.get(n, N_("None")))
    return tr(NAME), tr(NAMES[n]), tr(self.name), tr(ONE if n else MANY)
"""
    found = {text.key for text in texts_of(source, "f.py")}
    assert found == {
        ("Name", ""),
        ("Save as…", ""),
        ("{count} hat", "{count} hats"),
        ("None", ""),
        ("A", ""),
        ("B", ""),
    }


@pytest.mark.parametrize(
    "line",
    [
        'tr(f"{n} hats")',
        'tr("{n} hats".format(n=n))',
        'tr("a" + b)',
        'tr("a" if n else f"{n}")',
        "N_(NAME)",
        'plural(ONE, "{count} hats", n)',
    ],
)
def test_a_text_that_is_put_together_too_early_is_refused(line: str) -> None:
    with pytest.raises(NotCollectable, match=r"f\.py:1"):
        list(texts_of(line, "f.py"))


def test_texts_of_errors_and_details_are_read_too() -> None:
    source = """
raise Broken("it is broken")
raise Broken("it is {what}", what=1) from error
raise Broken("a" if n else "b")
raise Broken(words)
raise Broken(reply.failure or with_status(doubt, 500))
raise Broken("")
raise Broken()
raise Other(f"it is {what}")
detail = Detail("it has {count}", count=1)
"""
    found = [text.english for text in texts_of(source, "f.py", {"Broken"})]
    assert sorted(found) == ["a", "b", "it has {count}", "it is broken", "it is {what}"]
    with pytest.raises(NotCollectable, match=r"f\.py:1"):
        list(texts_of('raise Broken(f"it is {what}")', "f.py", {"Broken"}))


def test_the_errors_are_those_of_the_one_tree_but_for_what_only_a_terminal_shows() -> None:
    found = error_classes(CHECKOUT)
    assert {"PictureTooLarge", "DiskFull", "TokenRefused"} <= found
    assert "UsageError" not in found


def test_one_text_of_two_places_is_one_entry_that_names_both(tmp_path: Path) -> None:
    _plant(tmp_path, {"a.py": 'tr("Start")', "b.py": 'tr("Start")'})
    found = {text.english: text for text in collect(tmp_path)}
    assert found["Start"].files == {"enhance_gui/a.py", "enhance_gui/b.py"}


def test_one_text_alone_and_as_the_form_for_one_is_refused(tmp_path: Path) -> None:
    # Where a language has one form only, that one would stand alone with its number, or without.
    _plant(tmp_path, {"a.py": 'tr("Start")', "b.py": 'plural("Start", "Start {count}", n)'})
    with pytest.raises(NotCollectable, match="in one place only"):
        collect(tmp_path)


def test_one_text_with_two_forms_for_many_is_refused(tmp_path: Path) -> None:
    lines = {"a.py": 'plural("Start", "Start {count}", n)', "b.py": 'plural("Start", "Go", n)'}
    _plant(tmp_path, lines)
    with pytest.raises(NotCollectable, match="in one place only"):
        collect(tmp_path)


def test_the_words_of_this_computers_service_are_texts_too() -> None:
    found = {text.english for text in _texts(CHECKOUT)}
    assert {"This computer", "Portrait"} <= found


def _plant(checkout: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        path = checkout / "enhance_gui" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    profile = checkout / "resources" / "profiles" / "this-computer.toml"
    profile.parent.mkdir(parents=True)
    profile.write_text('name = "Here"\nenhance_types = []\n', encoding="utf-8")


# -- the catalogues -------------------------------------------------------------------------------


def test_new_texts_are_added_and_translations_kept() -> None:
    catalogue = _catalogue(_entry("Save", "Sichern"))
    update(catalogue, [Text("Save", files={"b.py", "a.py"}), Text("Load", files={"a.py"})])
    assert [(entry.msgid, entry.msgstr) for entry in catalogue] == [
        ("Save", "Sichern"),
        ("Load", ""),
    ]
    # Without line numbers: they would change with every edit of the code.
    assert catalogue[0].occurrences == [("a.py", ""), ("b.py", "")]


def test_a_text_that_is_gone_is_kept_aside_and_comes_back_with_its_translation() -> None:
    catalogue = _catalogue(_entry("Save", "Sichern"), _entry("Never translated", ""))
    update(catalogue, [Text("Load", files={"a.py"})])
    gone = [entry.msgid for entry in catalogue if entry.obsolete]
    assert gone == ["Save"]
    update(catalogue, [Text("Save", files={"a.py"})])
    assert [(entry.msgid, entry.msgstr) for entry in catalogue if not entry.obsolete] == [
        ("Save", "Sichern")
    ]


def test_to_update_twice_changes_nothing_more() -> None:
    texts = [Text("Save", files={"a.py"}), Text("{count} hat", "{count} hats", {"a.py"})]
    catalogue = _catalogue(_entry("Gone", "Weg"))
    update(catalogue, texts)
    once = str(catalogue)
    update(catalogue, texts)
    assert str(catalogue) == once


def test_a_text_becomes_one_with_a_form_for_many() -> None:
    catalogue = _catalogue(_entry("Start", "Starten"))
    update(catalogue, [Text("Start", "Start {count}", {"a.py"})])
    assert [entry.msgid_plural for entry in catalogue if not entry.obsolete] == ["Start {count}"]


@pytest.mark.parametrize(
    ("english", "translated", "problem"),
    [
        ("Save", "", "not translated"),
        ("Saved as {name}", "Gesichert", "other fields"),
        ("Saved as {name}", "Gesichert als {nam}", "other fields"),
        ("Save", "{name} sichern", "other fields"),
        ("&Save", "Sichern", "mnemonic"),
        ("Save", "&Sichern", "mnemonic"),
        ("Save ", "Sichern", "spaces"),
        ("Save", "Sichern ", "spaces"),
        ("Save…", "Sichern", "another end"),
        ("It is full.", "Es ist voll", "another end"),
        ("it is full", "Es ist voll.", "another end"),
    ],
)
def test_a_mistake_in_a_translation_is_found(english: str, translated: str, problem: str) -> None:
    text = Text(english, files={"a.py"})
    (found,) = problems(_catalogue(_entry(english, translated)), [text])
    assert problem in found


@pytest.mark.parametrize(
    ("english", "translated", "fits"),
    [
        ("It is full.", "一杯です。", True),
        ("Full?", "一杯？", True),
        ("Full:", "一杯：", True),
        ("Full…", "一杯…", True),
        ("It is full", "一杯です。", False),
        ("It is full.", "一杯です", False),
        ("Full?", "一杯。", False),
    ],
)
def test_full_width_marks_end_a_text_where_the_language_has_them(
    english: str, translated: str, fits: bool
) -> None:
    japanese = _catalogue(_entry(english, translated), **_OF_JAPANESE)
    assert (problems(japanese, [Text(english)]) == []) is fits
    if fits and translated[-1] in "。：？":
        assert problems(_catalogue(_entry(english, translated)), [Text(english)]) != []


def test_a_text_with_a_number_has_as_many_forms_as_the_head_says() -> None:
    text = Text("{count} hat", "{count} hats", {"a.py"})
    for forms, head in ((1, _OF_JAPANESE), (3, {"Plural-Forms": "nplurals=3; plural=n%3;"})):
        catalogue = _catalogue(**head)
        update(catalogue, [text])
        assert catalogue[0].msgstr_plural == dict.fromkeys(range(forms), "")
        catalogue[0].msgstr_plural = dict.fromkeys(range(forms + 1), "{count}")
        assert "forms" in problems(catalogue, [text])[0]
        update(catalogue, [text])
        assert catalogue[0].msgstr_plural == dict.fromkeys(range(forms), "{count}")
        assert problems(catalogue, [text]) == []


def test_an_only_form_holds_the_number() -> None:
    text = Text("the hat", "{count} hats")
    entry = polib.POEntry(msgid="the hat", msgid_plural="{count} hats", msgstr_plural={0: "帽子"})
    assert "other fields" in problems(_catalogue(entry, **_OF_JAPANESE), [text])[0]


def test_a_head_that_does_not_say_how_its_language_writes_is_found() -> None:
    catalogue = _catalogue()
    del catalogue.metadata["X-Comma"]
    assert problems(catalogue, []) == ["no X-Comma in its head"]


def test_a_further_catalogue_has_the_head_and_the_terms_of_the_others(tmp_path: Path) -> None:
    text = (CATALOGUES / "de.po").read_text("utf-8")
    (tmp_path / "de.po").write_text(text, "utf-8")
    begin_catalogue("pt_BR", tmp_path)
    begun = translate.read_catalogue(tmp_path / "pt_BR.po")
    assert set(begun.metadata) == set(translate.read_catalogue(tmp_path / "de.po").metadata)
    assert begun.metadata["Language"] == "pt_BR"
    assert translate.glossary_terms(tmp_path)[:2] == ["account", "address"]
    assert "\n  in doubt" in begun.header
    assert "ungeklärt" not in begun.header
    found = _texts(CHECKOUT)
    update(begun, found)
    assert len(problems(begun, found)) == len(found)
    assert all("not translated" in line for line in problems(begun, found))


@pytest.mark.parametrize("code", ["de", "german", "pt-BR", "../de", ""])
def test_no_catalogue_is_begun_twice_or_under_a_code_that_is_none(
    code: str, tmp_path: Path
) -> None:
    (tmp_path / "de.po").write_text("kept", "utf-8")
    with pytest.raises(ValueError, match=r"already|is no code"):
        begin_catalogue(code, tmp_path)
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [
        ("de.po", "kept")
    ]


def test_what_nobody_stands_by_counts_as_not_translated() -> None:
    (found,) = problems(_catalogue(_entry("Save", "Sichern", fuzzy=True)), [Text("Save")])
    assert "not translated" in found


def test_a_text_that_is_missing_or_too_many_is_found() -> None:
    found = problems(_catalogue(_entry("Old", "Alt")), [Text("New")])
    assert found == ["missing: 'New'", "no longer in the code: 'Old'"]


def test_a_form_for_one_may_go_without_the_number_that_the_form_for_many_needs() -> None:
    def with_forms(one: str, many: str) -> polib.POFile:
        return _catalogue(
            polib.POEntry(
                msgid="the hat", msgid_plural="{count} hats", msgstr_plural={0: one, 1: many}
            )
        )

    text = Text("the hat", "{count} hats")
    assert problems(with_forms("der Hut", "{count} Hüte"), [text]) == []
    assert problems(with_forms("der {size} Hut", "{count} Hüte"), [text]) != []
    assert problems(with_forms("der Hut", "viele Hüte"), [text]) != []
