"""Trying a service from its page: what is free is asked, what may cost needs a yes."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.connection_test import Step
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.services.connection_test_part import ConnectionTestPart
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import TOKEN, page_of, services_page, services_window


async def checks_token(talk: Talk) -> None:
    known = talk.request.headers.get("token") == TOKEN
    await talk.reply(envelope(None, 1002001, "no such task") if known else Reply(401))


def words_of(part: ConnectionTestPart) -> dict[str, str]:
    """Return the words on each step; none before there is an answer."""
    labels = [each for each in part._list.findChildren(QLabel) if not each.isHidden()]
    said = [each.text() for each in labels if each.wordWrap()]
    return dict(zip_longest(Step, said, fillvalue=""))


def paths(service: ScriptableService) -> set[str]:
    return {request_.path for request_ in service.requests}


def test_the_checklist_says_what_works_and_asks_nothing_that_costs(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, page_of(tmp_path, until, service) as (page, _):
            service.on("/gettask", checks_token)
            part = page.window.editor.connection_test
            part.test.click()
            assert not part.test.isEnabled()
            await until(part.test.isEnabled, "an answer")
            assert "wants a token" in words_of(part)[Step.TOKEN]
            page.window.editor.token.line.setText(TOKEN)
            part.test.click()
            await until(lambda: "Accepted" in words_of(part)[Step.TOKEN], "accepted")
            assert "as the API's document says" in words_of(part)[Step.ENVELOPE]
            assert "Enhance" in words_of(part)[Step.TYPES]
            assert part._list.isVisible()
            assert paths(service) == {"/gettask"}
            page.line("path").setText("/other/{call}")
            assert not part._list.isVisible()  # that was about another address
            assert page.opened.queue.tasks == {}

    arun(job())


def test_the_kept_token_is_used_where_none_is_typed(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with (
            ScriptableService() as service,
            page_of(tmp_path, until, service) as (page, profile),
        ):
            service.on("/gettask", checks_token)
            page.opened.tokens.keep_for_this_run(profile, Secret(TOKEN))
            part = page.window.editor.connection_test
            part.test.click()
            await until(lambda: "Accepted" in words_of(part)[Step.TOKEN], "accepted")

    arun(job())


def test_an_address_that_is_not_saved_never_gets_the_kept_token(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with (
            ScriptableService() as service,
            ScriptableService() as thief,
            page_of(tmp_path, until, service) as (page, profile),
        ):
            thief.on("/gettask", checks_token)
            page.opened.tokens.keep_for_this_run(profile, Secret(TOKEN))
            page.line("base_url").setText(thief.base_url)
            part = page.window.editor.connection_test
            part.test.click()
            await until(part.test.isEnabled, "an answer")
            assert thief.requests
            assert all(TOKEN not in str(request_.headers) for request_ in thief.requests)

    arun(job())


def test_one_click_puts_the_number_of_a_known_task_into_the_table(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, page_of(tmp_path, until, service) as (page, _):
            record = {"taskid": "t-17", "status": 3, "outputurl": "https://a.example/b.png"}
            service.on("/gettask", envelope(record))
            part = page.window.editor.record
            assert not part.ask.isEnabled()
            page.window.editor.token.line.setText(TOKEN)
            part.line.setText(" t-17 ")
            part.ask.click()
            await until(lambda: "status number is 3" in part.answer.text(), "the number")
            assert "because the record names a result" in part.answer.text()
            (request,) = service.requests
            assert request.json() == {"taskid": "t-17", "type": 7}
            assert request.headers["token"] == TOKEN
            part.buttons[Phase.QUEUED].click()
            part.buttons[Phase.FINISHED].click()
            assert page.line("status.queued").text() == ""
            assert page.line("status.finished").text() == "3"
            assert page.window.save.isEnabled()
            part.ask.click()
            await until(
                lambda: "because the numbers of this page" in part.answer.text(), "by the table"
            )
            service.on("/gettask", envelope(None, 1002001, "no such task"))
            part.ask.click()
            await until(lambda: "knows no task with this id" in part.answer.text(), "the trouble")
            assert "costs" not in part.answer.text()  # the question was free
            assert paths(service) == {"/gettask"}

    arun(job())


@pytest.mark.parametrize(
    ("cost", "said"),
    [("1", "may cost 1 credit."), ("2.5", "may cost 2.5 credits"), ("0", "is not known")],
)
def test_a_trial_task_is_sent_only_after_a_yes_that_names_the_charge(
    arun: Run, until: Wait, tmp_path: Path, cost: str, said: str
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            part = page.window.editor.task
            page.window.editor.types.lines[0].texts["cost"].setText(cost)
            if page.window.save.isEnabled():
                assert not part.send.isEnabled()
                assert "Save the service first" in part.note.text()
                await page.save()
            assert not part.send.isEnabled()
            part.line.setText("https://example.org/a.jpg")
            part.send.click()
            assert said in part.question._detail.text()
            page.answer("Do not send", part.question)
            assert page.opened.queue.tasks == {}
            part.send.click()
            part.line.setText("https://example.org/b.jpg")
            assert not part.question.isVisible()  # that yes would have been for another picture
            part.send.click()
            page.answer("Send it", part.question)
            await until(lambda: page.opened.queue.tasks, "it is in the queue")
            (task,) = page.opened.queue.tasks.values()
            assert (task.input, task.service, task.type_id) == (
                "https://example.org/b.jpg",
                "Studio",
                7,
            )
            page.opened.queue.check(1)
            await until(lambda: ("start", 1) in page.opened.queue.asked, "it starts by itself")
            assert page.opened.queue.tasks[1].state is TaskState.QUEUED

    arun(job())


@pytest.mark.parametrize(
    "text", ["/home/me/cat.jpg", "cat.jpg", "file:///cat.jpg", "ftp://a.example/cat.jpg"]
)
def test_a_trial_task_needs_an_address_that_the_service_can_fetch(
    arun: Run, until: Wait, tmp_path: Path, text: str
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            part = page.window.editor.task
            part.line.setText(text)
            assert not part.send.isEnabled()
            assert part.note.isVisible()

    arun(job())


# -- the simple form ------------------------------------------------------------------------------


def test_address_name_and_token_are_enough_to_connect(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, services_page(tmp_path, until) as page:
            service.on("/gettask", checks_token)
            page.window.new.click()
            form = page.window.new_page.form
            form.use.click()
            assert form.verdict.text() == "Type the address of the service."
            assert QApplication.focusWidget() is form.address
            form.address.setText(service.base_url)
            form.test.click()
            await until(lambda: "wants a token" in form.verdict.text(), "tested")
            form.token.setText(TOKEN)
            form.test.click()
            await until(lambda: "connection works" in form.verdict.text(), "tested again")
            form.use.click()
            await until(lambda: not page.opened.window.side_windows._open, "it is connected")
            choices = page.opened.choices
            assert choices.profile.name == "127.0.0.1"
            assert choices.profile.base_url == service.base_url
            assert choices.preferences.welcomed
            assert await page.opened.tokens.get(choices.profile) == Secret(TOKEN)

    arun(job())


def test_a_server_of_ones_own_takes_files_and_has_the_types_of_this_computer(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            assert form.types.isVisible()
            form.server.click()
            assert not form.types.isVisible()
            form.address.setText("http://192.168.1.20:8080")
            form.name.setText("Upstairs")
            form.use.click()
            await until(lambda: page.opened.choices.profile.name == "Upstairs", "connected")
            profile, here = page.opened.choices.profile, page.opened.choices.profiles[0]
            assert profile.upload_path == here.upload_path != ""
            assert profile.private_id_is_idempotent
            assert profile.allow_private_addresses  # or its results could not be fetched
            assert profile.enhance_types == here.enhance_types
            assert "“Upstairs” is connected" in page.opened.window.toast.text

    arun(job())


def test_what_a_test_said_is_forgotten_with_what_it_was_about(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with ScriptableService() as service, page_of(tmp_path, until, service) as (page, _):
            service.on("/gettask", Reply(401))
            editor = page.window.editor
            editor.token.line.setText("wrong")
            editor.connection_test.test.click()
            await until(editor.connection_test._list.isVisible, "a verdict")
            assert "Copy it once more" in words_of(editor.connection_test)[Step.TOKEN]
            editor.token.line.setText("another")
            assert not editor.connection_test._list.isVisible()
            page.window.discard.click()

            page.window.new.click()
            form = page.window.new_page.form
            form.address.setText(service.base_url)
            form.token.setText("wrong")
            form.test.click()
            await until(lambda: "does not accept the token" in form.verdict.text(), "a verdict")
            assert "Copy it once more" in form.verdict.text()
            form.token.setText("another")
            assert not form.verdict.isVisible()
            form.test.click()
            form.address.setText("http://127.0.0.1:9")
            assert form.test.isEnabled()  # what is on its way is about another address
            await until(lambda: len(service.requests) > 2, "it was asked")
            assert not form.verdict.isVisible()

    arun(job())


def test_the_simple_form_leads_to_the_editor_with_what_was_typed(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            form.address.setText("https://cloud.example/api")
            form.name.setText("Cloud")
            form.token.setText(TOKEN)
            form.types.setText("1 Enhance, 2 Colorize")
            form.more.click()
            assert form.token.text() == ""
            assert page.line("name").text() == "Cloud"
            assert [line.texts["name"].text() for line in page.window.editor.types.lines] == [
                "Enhance",
                "Colorize",
            ]
            assert page.window.editor.token.line.text() == TOKEN
            await page.save()
            assert "Cloud" in page.names()

    arun(job())


def test_a_taken_name_is_refused_in_the_simple_form(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            form = page.window.new_page.form
            form.address.setText("https://cloud.example/api")
            form.name.setText("studio")
            form.use.click()
            await until(lambda: "another service" in form.verdict.text(), "it is refused")
            assert page.names() == ["This computer", "Studio"]

    arun(job())


def test_without_a_service_of_the_users_the_window_begins_with_the_form(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.delete.click()
            page.answer("Delete")
            await until(lambda: page.names() == ["This computer"], "it is gone")
            page.window.close()
            await until(lambda: not page.opened.window.side_windows._open, "it is closed")
            window = services_window(page.opened.window)
            await until(window.new_page.isVisible, "the form")

    arun(job())
