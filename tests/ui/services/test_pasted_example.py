"""Pasting the provider's example: the form is filled in, and the token is seen nowhere."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QWidget

from enhance_gui.core.secret import Secret
from enhance_gui.ui.services.connect_form import ConnectForm
from tests.support.scriptable_service import Reply, ScriptableService, Talk
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import TOKEN, Page, services_page


def example_of(base_url: str, token: str = TOKEN) -> str:
    body = {"image_url": "https://e.example/a.jpg", "type": 3, "version": 2, "key": token}
    return (
        f"curl -k -X POST '{base_url}/api/createtask.php?lang=de' \\\n"
        f"  -H 'X-Client: studio' \\\n  -d '{json.dumps(body)}'"
    )


def paste(form: ConnectForm, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    form.example.paste.click()
    QGuiApplication.clipboard().clear()


def texts_in(widget: QWidget) -> Iterator[str]:
    """Yield all that can be read in a widget, by eyes and by a screen reader."""
    for each in widget.findChildren(QWidget):
        yield from (each.accessibleName(), each.accessibleDescription(), each.toolTip())
        if isinstance(each, QLabel | QAbstractButton):
            yield each.text()
        elif isinstance(each, QLineEdit):
            yield each.displayText()
        elif isinstance(each, QPlainTextEdit):
            yield each.toPlainText()


def assert_unseen(page: Page, token: str = TOKEN) -> None:
    assert not [text for text in texts_in(page.window) if token in text]


async def answers_with_all_it_got(talk: Talk) -> None:
    seen = talk.request
    known = seen.json().get("key") == TOKEN
    told = f"<b>{seen.target}</b> <img src='x'> {seen.body.decode()}"
    answer = {"code": 1002001 if known else 7, "msg": told, "data": None}
    await talk.reply(Reply(200 if known else 401, json.dumps(answer).encode()))


def test_an_example_is_pasted_tested_and_connected_without_its_token_being_seen(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, services_page(tmp_path, until) as page:
            service.on("/api/gettask.php", answers_with_all_it_got)
            page.window.new.click()
            form = page.window.new_page.form
            form.name.setText("Pasted")
            paste(form, example_of(service.base_url))
            assert form.address.text() == f"{service.base_url}/api"
            assert form.types.text() == "3 Type 3"
            assert form.token.text() == TOKEN
            assert form.token.echoMode() is QLineEdit.EchoMode.Password
            assert "picurl = image_url" in form.example.understood.text()
            assert "certificates are always checked" in form.example.left_out.text()
            assert_unseen(page)
            await until(lambda: not form.use.visibleRegion().isEmpty(), "the buttons in sight")
            form.test.click()
            await until(lambda: "The connection works" in form.verdict.text(), "it is tested")
            form.exchanges.switch.click()
            sent, _, received = form.exchanges.text.toPlainText().partition("Came back")
            assert '"key":"<hidden>"' in sent
            assert "X-Client: studio" in sent
            assert "<b>/api/gettask.php?lang=de</b> <img src='x'>" in received
            assert "without the token" in received  # the second question
            assert form.exchanges.text.isVisible()
            assert_unseen(page)
            form.use.click()
            await until(lambda: page.opened.choices.profile.name == "Pasted", "it is connected")
            profile = page.opened.choices.profile
            assert await page.opened.tokens.get(profile) == Secret(TOKEN)
            assert TOKEN not in page.text_of("Pasted.toml")
            stored = tomllib.loads(page.text_of("Pasted.toml"))
            assert stored["token_in"] == "body"
            assert stored["fields"] == {"picurl": "image_url"}
            assert stored["extra_fields"] == {"version": 2}

    arun(job())


def test_a_further_example_takes_the_place_of_the_first_with_its_token(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            paste(form, example_of("https://one.example"))
            paste(form, "curl https://two.example/createtask -H 'Authorization: Bearer YOUR_TOKEN'")
            assert form.address.text() == "https://two.example"
            assert form.token.text() == ""
            assert form.token.hasFocus()
            assert form._data() == {
                "name": "two.example",
                "base_url": "https://two.example",
                "method": "POST",
                "token_header": "Authorization",
                "token_prefix": "Bearer ",
                "enhance_types": [{"id": 1, "name": "Enhance"}],
            }
            assert form.example.forget.isVisible()
            form.example.forget.click()
            assert not form.is_changed
            assert not form.example.understood.isVisible()
            assert not form.example.forget.isVisible()

    arun(job())


def test_an_example_that_differs_only_in_what_has_no_field_ends_the_earlier_test(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, services_page(tmp_path, until) as page:
            service.on("/api/gettask.php", answers_with_all_it_got)
            page.window.new.click()
            form = page.window.new_page.form
            first = example_of(service.base_url)
            paste(form, first)
            form.test.click()
            await until(lambda: bool(form.exchanges.text.toPlainText()), "the test")
            paste(form, first.replace("-H 'X-Client: studio'", "-H 'X-Client: other'"))
            assert form._data()["headers"] == {"X-Client": "other"}
            assert form.exchanges.text.toPlainText() == ""
            assert not form.verdict.isVisible()

    arun(job())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "copy the example first"),
        ("my shopping list", "There is no example of a call in it"),
        ("x" * 30_000, "longer than any example"),
    ],
)
def test_what_is_no_example_is_told_and_changes_nothing(
    arun: Run, until: Wait, tmp_path: Path, text: str, said: str
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            form.address.setText("https://mine.example")
            form.token.setText(TOKEN)
            paste(form, text)
            assert said in form.example.left_out.text()
            assert form.example.left_out.textFormat() is Qt.TextFormat.PlainText
            assert (form.address.text(), form.token.text()) == ("https://mine.example", TOKEN)

    arun(job())


def test_all_settings_has_what_the_example_said(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            paste(form, example_of("https://one.example"))
            form.more.click()
            editor = page.window.editor
            assert editor.isVisible()
            assert editor.draft.profile is not None
            assert editor.draft.profile.token_in == "body"
            assert editor.draft.profile.extra_fields == {"version": 2}
            assert cast(QPlainTextEdit, editor.fields["headers"].box).toPlainText() == (
                "X-Client: studio"
            )
            assert editor.token.typed() == Secret(TOKEN)
            assert_unseen(page)

    arun(job())


def test_named_values_are_written_one_a_line_with_their_kinds(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await page.go_to("Studio")
            field = page.window.editor.fields["extra_fields"]
            box = cast(QPlainTextEdit, field.box)
            lines = ["version: 2", "ratio: 0.5", "draft: true", "mode: a: b", 'number: "7"']
            lines += ["id: 007", 'before: " a "']
            box.setPlainText("\n\n".join(lines))
            assert field.problem == ""
            await page.save()
            assert page.entry.profile is not None
            wanted = {
                "version": 2,
                "ratio": 0.5,
                "draft": True,
                "mode": "a: b",
                "number": "7",
                "id": "007",
                "before": " a ",
            }
            assert page.entry.profile.extra_fields == wanted
            assert box.toPlainText().splitlines() == lines
            for wrong, reason in (
                ("version", "a colon and a value"),
                ("a: 1\na: 2", "a colon and a value"),
                ("picurl: 1", "fills in itself"),
                ("token: 1", "the password manager"),
            ):
                box.setPlainText(wrong)
                assert reason in field.problem
                assert not page.window.save.isEnabled()
            headers = page.window.editor.fields["headers"]
            cast(QPlainTextEdit, headers.box).setPlainText("X-Version: 2")
            box.setPlainText("")
            await page.save()
            assert page.entry.profile.headers == {"X-Version": "2"}
            assert page.entry.profile.extra_fields == {}

    arun(job())
