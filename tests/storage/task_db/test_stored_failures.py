"""Why a task failed is stored so that every later start can say it in its own language."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from string import Formatter

import polib
import pytest

from enhance_gui.core.resources import resource
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail, read_detail, shown, write_detail
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import open_store

EARLIER = Path(__file__).parent / "lists" / "of_version_0_1_0.sql"
"""Written by that version, which stored the English words of a failure."""

TOO_LARGE = Failure(
    "picture_too_large",
    Detail(
        "it has {size_mb:.1f} MB; the service takes at most {max_mb:.1f} MB",
        size_mb=41.3,
        max_mb=20.0,
    ),
)


@pytest.fixture
def german() -> Iterator[None]:
    set_language(translation("de"))
    yield
    set_language(None)


def _refused(store: TaskStore, failure: Failure) -> Task:
    return store.drafts.refuse(stored.queued(store).id, failure)


def test_a_stored_failure_keeps_its_template_and_fields(tmp_path: Path, german: None) -> None:
    store = open_store(tmp_path)
    _refused(store, TOO_LARGE)
    store.close()
    (task,) = open_store(tmp_path).tasks.history()
    assert task.failure == TOO_LARGE
    assert str(task.failure.detail) == "it has 41.3 MB; the service takes at most 20.0 MB"
    assert shown(task.failure.detail) == "Es hat 41,3 MB; der Dienst nimmt höchstens 20,0 MB"


def test_every_form_that_a_template_asks_for_is_read_back() -> None:
    texts = polib.pofile(str(resource("translations/de.po")))
    forms = [text.msgid for text in texts if re.search(r"\{\w+:", text.msgid)]
    assert len(forms) >= 4
    for template in forms:
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        detail = Detail(template, **dict.fromkeys(names, 120.0))
        again = read_detail(write_detail(detail))
        assert isinstance(again, Detail)
        assert again == detail


def test_the_log_of_a_task_keeps_them_too(tmp_path: Path, german: None) -> None:
    store = open_store(tmp_path)
    task = _refused(store, TOO_LARGE)
    last = store.tasks.events(task.id)[-1]
    assert last.detail == TOO_LARGE.detail
    assert shown(last.detail).startswith("Es hat 41,3 MB")


def test_a_failure_inside_another_is_stored_whole(tmp_path: Path, german: None) -> None:
    store = open_store(tmp_path)
    task = stored.in_doubt(store)
    store.attempts.send_again(task.id)
    again = store.drafts.refuse(task.id, TOO_LARGE)
    assert again.failure is not None
    assert again.failure.detail == (
        "an earlier attempt had no answer; the further one came to nothing: The picture is too "
        "large for the service: it has 41.3 MB; the service takes at most 20.0 MB"
    )
    assert shown(again.failure.detail).endswith(
        ": Es hat 41,3 MB; der Dienst nimmt höchstens 20,0 MB"
    )


@pytest.mark.parametrize(
    "words",
    [
        "",
        "no face in it",
        "{0} {name} {{",
        '{"template": "{a.__class__}", "fields": {"a": 1}}',
        '{"template": ',
    ],
)
def test_words_of_a_service_come_back_as_they_were(tmp_path: Path, words: str) -> None:
    store = open_store(tmp_path)
    task = _refused(store, Failure("task_failed", words))
    assert task.failure == Failure("task_failed", words)
    assert shown(words) == words


@pytest.mark.parametrize(
    "damaged",
    [
        '{"template": ',
        '{"template": 1, "fields": {}}',
        '{"template": "{a}", "fields": {}}',
        '{"template": "{", "fields": {}}',
        '{"template": "{a}", "fields": [1]}',
        '{"template": "{a:.1f}", "fields": {"a": "b"}}',
        '{"template": "{a.b}", "fields": {"a": 1}}',
        '{"template": "{a.real}", "fields": {"a": 1}}',
        '{"template": "{a[0]}", "fields": {"a": "b"}}',
        '{"template": "{a!r}", "fields": {"a": "b"}}',
        '{"template": "{a:2000000}", "fields": {"a": "b"}}',
        '{"template": "{a:{b}}", "fields": {"a": "b", "b": 2000000}}',
        '{"template": "{a}", "fields": {"a": {"b": 1}}}',
    ],
)
def test_a_damaged_failure_keeps_nobody_from_the_list(tmp_path: Path, damaged: str) -> None:
    store = open_store(tmp_path)
    task = _refused(store, TOO_LARGE)
    store.close()
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other, other:
        other.execute("UPDATE task SET failure_detail = ?", (damaged,))
    (again,) = open_store(tmp_path).tasks.history()
    assert again.id == task.id
    assert again.failure == Failure("picture_too_large", damaged)


def test_only_what_has_fields_is_stored_otherwise_than_as_its_words(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    _refused(store, Failure("picture_missing", Detail("it is a folder")))
    _refused(store, TOO_LARGE)
    store.close()
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other:
        kept = [row[0] for row in other.execute("SELECT failure_detail FROM task ORDER BY id")]
    assert kept[0] == "it is a folder"
    assert json.loads(kept[1])["fields"] == {"size_mb": 41.3, "max_mb": 20.0}


def test_failures_that_an_earlier_version_stored_are_shown_as_they_are(
    tmp_path: Path, german: None
) -> None:
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as made:
        made.executescript(EARLIER.read_text(encoding="utf-8"))
    store = open_store(tmp_path)
    failures = [store.tasks.get(number).failure for number in (1, 2, 3, 4)]
    details = [shown(failure.detail) for failure in failures if failure is not None]
    assert details == [
        "it has 41.3 MB; the service takes at most 20.0 MB",
        "it has 9216 × 512 pixels; the service takes at most 9000 a side",
        # What had no changing part is a text of the catalogue as before.
        "Der Dienst hat keinen Grund genannt",
        "Das Programm endete, während die Anfrage unterwegs war",
    ]
    assert store.tasks.events(1)[-1].detail == "it has 41.3 MB; the service takes at most 20.0 MB"
