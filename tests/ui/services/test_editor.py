"""The editor of services: every key, checked while one types, nothing lost, nothing moved."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QWidget,
)

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.services.profile_spec import KEYS
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.services.service_list import ServiceList
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import Page, services_page
from tests.ui.window.open_window import STUDIO
from tests.ui.window.test_names import unnamed

WRITTEN_MANUALLY = """\
# of the studio upstairs
name = "Atelier"
base_url = "https://atelier.example/api"  # behind the tunnel

[[enhance_types]]
id = 3
name = "Restore"  # slow
"""

BROKEN = 'name = "Broken"\nbase_url = "ftp://a"\nmax_in_flight = 1.5\ncolour = "red"\n'


def test_every_key_of_the_contract_has_a_field(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            keys = set()
            profile = ServiceProfile("", "", enhance_types=(EnhanceType(1, "A"),))
            for key, value in profile_to_mapping(profile).items():
                is_table = isinstance(value, dict) and not KEYS[key].kind.has_own_names
                inner = value if is_table else None
                keys |= {f"{key}.{each}" for each in inner} if inner is not None else {key}
            keys.discard("enhance_types")
            assert set(page.window.editor.fields) == keys
            page.window.editor.types.add.click()
            columns = set(page.window.editor.types.lines[0].boxes)
            assert columns == set(profile_to_mapping(profile)["enhance_types"][0])

    arun(job())


def test_a_mistake_is_shown_at_its_field_while_one_types_and_keeps_it_from_being_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            for key, wrong, reason in (
                ("base_url", "ftp://a", "http"),
                ("path", "/create", "{call}"),
                ("path", "/{foo}/{call}", "no brace"),
                ("token_header", "a b", "header"),
                ("token_header", "Host", "every request needs"),
                ("limits.formats", "xyz", "known here"),
                ("requests_per_s", "many", "number"),
                ("max_in_flight", "1.5", "whole number"),
                ("limits.min_side_px", "99999", "lie between"),
                ("status.failed", "one", "whole numbers"),
                ("callback.listen", "8899", "host:port"),
                ("callback.md5", "{secret}", "not a field"),
            ):
                box = page.line(key)
                before = box.text()
                box.setText(wrong)
                assert reason in page.problem(key), key
                assert reason in box.accessibleDescription()
                assert not page.window.save.isEnabled()
                assert page.window.editor.mistakes.isVisible()
                box.setText(before)
                assert page.problem(key) == ""
                assert not page.window.editor.mistakes.isVisible()
            page.line("max_in_flight").setText("3")
            assert page.window.save.isEnabled()

    arun(job())


def test_mistakes_in_the_table_of_types_are_shown_below_their_line(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            table = page.window.editor.types
            table.add.click()
            (first, second) = table.lines
            assert second.texts["id"].text() == "8"
            assert "Name: is missing" in second.problem.text()
            second.texts["name"].setText("Colorize")
            second.texts["id"].setText("7")
            assert "7 is listed twice" in second.problem.text()
            assert first.problem.isHidden()
            assert not page.window.save.isEnabled()
            second.texts["id"].setText("9")
            second.texts["name"].setText("ENHANCE")
            assert "is the name of another type" in second.problem.text()
            assert not page.window.save.isEnabled()
            second.texts["name"].setText("Colorize")
            second.texts["cost"].setText("0.5")
            second.boxes["outputs"].setProperty("currentIndex", 1)
            await page.save()
            assert page.entry.profile is not None
            kinds = [
                (type_.id, type_.name, type_.cost) for type_ in page.entry.profile.enhance_types
            ]
            assert kinds == [(7, "Enhance", 2), (9, "Colorize", 0.5)]
            assert page.opened.choices.profiles[1].enhance_types[1].outputs == "variants"
            page.window.editor.types.lines[0].remove.click()
            await page.save()
            assert [type_.id for type_ in page.opened.choices.profiles[1].enhance_types] == [9]

    arun(job())


def test_what_is_saved_holds_at_once_and_leaves_comments_alone(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, atelier=WRITTEN_MANUALLY) as page:
            await page.go_to("Atelier")
            page.line("max_in_flight").setText("4")
            assert "Not saved" in page.window.unsaved.text()
            await page.save()
            assert page.window.unsaved.text() == ""
            assert not page.window.save.isEnabled()
            lines = page.text_of("atelier.toml").splitlines()
            assert set(WRITTEN_MANUALLY.splitlines()) <= set(lines)
            assert "max_in_flight = 4" in lines
            (atelier,) = [
                profile for profile in page.opened.choices.profiles if profile.name == "Atelier"
            ]
            assert atelier.max_in_flight == 4
            assert ("renew", "Atelier") in page.opened.queue.asked

    arun(job())


def test_what_is_not_touched_stays_as_it_was(arun: Run, until: Wait, tmp_path: Path) -> None:
    odd = WRITTEN_MANUALLY.replace(
        "\n[[", '\nrequests_per_s = 2.50\ntoken_prefix = "Bearer "\n[[', 1
    )

    async def job() -> None:
        async with services_page(tmp_path, until, atelier=odd) as page:
            await page.go_to("Atelier")
            assert not page.window.editor.is_changed
            page.line("max_in_flight").setText("4")
            page.line("max_in_flight").setText("")
            assert not page.window.editor.is_changed

    arun(job())


# -- what is not saved ----------------------------------------------------------------------------


def test_unsaved_changes_are_asked_about_before_another_service_is_shown(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, atelier=WRITTEN_MANUALLY) as page:
            window = page.window
            await page.go_to("Atelier")
            page.line("max_in_flight").setText("4")
            for leave in (None, window.new, window.duplicate):
                if leave is None:
                    window.list.setCurrentRow(0)
                else:
                    leave.click()
                assert window.question.isVisible()
                assert page.entry.name == "Atelier"
                assert window.list.current is not None
                assert window.list.current.name == "Atelier"
                page.answer("Keep editing")
                assert page.line("max_in_flight").text() == "4"
            window.list.setCurrentRow(0)
            page.answer("Discard")
            assert window.local_page.isVisible()
            await page.go_to("Atelier")
            assert page.line("max_in_flight").text() == ""
            assert page.text_of("atelier.toml") == WRITTEN_MANUALLY

    arun(job())


def test_the_window_does_not_close_over_unsaved_changes(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.line("max_in_flight").setText("4")
            page.window.close()
            assert page.window.isVisible()
            page.line("name").setFocus()
            QTest.keyClick(page.line("name"), Qt.Key.Key_Escape)
            assert page.window.isVisible()
            page.answer("Keep editing")
            page.window.close_button.click()
            page.answer("Discard")
            await until(lambda: not page.opened.window.side_windows._open, "it is closed")

    arun(job())


def test_a_typed_token_counts_as_something_that_would_be_lost(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.editor.token.line.setText("a-new-token")
            page.window.list.setCurrentRow(0)
            assert page.window.question.isVisible()
            page.answer("Discard")
            await page.go_to("Studio")
            assert page.window.editor.token.line.text() == ""

    arun(job())


# -- unfinished tasks -----------------------------------------------------------------------------


async def unfinished(page: Page) -> None:
    """Have a picture on the way to the studio."""
    page.opened.window.intake.add(["https://example.org/a.png"])
    await page.until(lambda: page.opened.queue.tasks, "a draft")
    page.opened.queue.put(1, TaskState.ACCEPTED)


def test_an_address_cannot_change_while_tasks_are_unfinished_and_it_is_said_why(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await unfinished(page)
            before = page.text_of()
            for key, value in (("base_url", "https://other.example"), ("name", "Other")):
                page.line(key).setText(value)
                page.window.save.click()
                await until(partial(_refused, page, key), "refused")
                assert page.text_of() == before
                page.window.discard.click()
                assert page.problem(key) == ""
            page.opened.queue.put(1, TaskState.SAVED)
            page.line("base_url").setText("https://other.example")
            await page.save()
            assert "other.example" in page.text_of()

    arun(job())


def _refused(page: Page, key: str) -> bool:
    return "1 unfinished picture" in page.problem(key)


def test_deleting_is_asked_about_and_refused_while_tasks_are_unfinished(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await unfinished(page)
            page.window.delete.click()
            page.answer("Keep it")
            page.window.delete.click()
            page.answer("Delete")
            await until(lambda: "1 unfinished picture" in page.window.note.text(), "refused")
            assert page.names() == ["This computer", "Studio"]
            page.opened.queue.put(1, TaskState.FAILED)
            page.window.delete.click()
            assert page.token_too.isVisible()
            page.answer("Delete")
            await until(lambda: page.names() == ["This computer"], "it is gone")
            assert list(page.folder.iterdir()) == []
            assert page.window.new_page.isVisible()
            assert [profile.name for profile in page.opened.choices.profiles] == ["This computer"]

    arun(job())


# -- more services --------------------------------------------------------------------------------


def test_a_copy_gets_a_name_of_its_own_and_its_own_file(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, atelier=WRITTEN_MANUALLY) as page:
            await page.go_to("Atelier")
            page.window.duplicate.click()
            assert page.entry.is_new
            assert page.line("name").text() == "Atelier 2"
            page.line("base_url").setText("https://second.example")
            await page.save()
            assert page.names() == ["This computer", "Atelier 2", "Studio", "Atelier"]
            assert "# of the studio upstairs" in page.text_of("Atelier 2.toml")
            assert page.text_of("atelier.toml") == WRITTEN_MANUALLY

    arun(job())


def test_a_name_that_differs_in_its_encoding_alone_is_taken(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    cafe = WRITTEN_MANUALLY.replace("Atelier", "Caf\u00e9")

    async def job() -> None:
        async with services_page(tmp_path, until, cafe=cafe) as page:
            page.line("name").setText("CAFE\u0301")
            assert "the name of another service" in page.problem("name")
            assert not page.window.save.isEnabled()

    arun(job())


def test_a_renamed_service_keeps_what_was_chosen_for_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            choices = page.opened.choices
            choices.change(
                Preferences(
                    service="Studio",
                    types={"Studio": 7, "Other": 2},
                    start_at_once=("Studio",),
                    day_limits={"Studio": 5.0},
                )
            )
            page.line("name").setText("Atelier")
            await page.save()
            now = choices.preferences
            assert now.service == "Atelier"
            assert now.types == {"Atelier": 7, "Other": 2}
            assert now.start_at_once == ("Atelier",)
            assert now.day_limits == {"Atelier": 5.0}
            assert choices.profile.name == "Atelier"
            assert page.opened.window.header.services.currentText() == "Atelier"

    arun(job())


def test_a_name_of_another_service_is_refused_at_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, atelier=WRITTEN_MANUALLY) as page:
            await page.go_to("Atelier")
            for name in ("Studio", "STUDIO", "this computer"):
                page.line("name").setText(name)
                assert "another service" in page.problem("name")
                assert not page.window.save.isEnabled()
            page.line("name").setText("ATELIER")
            assert page.window.save.isEnabled()

    arun(job())


def test_the_template_names_its_blanks_and_is_no_service_before_they_are_filled_in(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            page.window.new_page.template.click()
            card = page.window.editor.mistakes
            assert "2 values are still blank" in card.text
            assert "Address" in card.text
            assert "“Colorize Black White Photo”" in card.text
            assert page.line("base_url").text() == ""
            assert not page.window.save.isEnabled()
            assert not page.window.editor.connection_test.test.isEnabled()
            card.wanted.emit("enhance_types[1].id")
            number = page.window.editor.types.lines[1].texts["id"]
            assert QApplication.focusWidget() is number
            page.line("base_url").setText("https://cloud.example/api")
            assert "1 value is still blank" in card.text
            assert not page.window.save.isEnabled()
            number.setText("6")
            assert not card.isVisible()
            await page.save()
            assert "Provider's cloud" in page.names()
            assert "# BLANK" in page.text_of("Provider's cloud.toml")
            assert "FILL IN" not in page.text_of("Provider's cloud.toml").split("name =", 1)[1]

    arun(job())


def test_a_file_with_mistakes_is_opened_and_each_mistake_is_said(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.toml"
    path.write_text(BROKEN)

    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.opened.services.open_file(path)
            await until(lambda: page.entry.name == "Broken", "it is opened")
            said = page.window.editor.mistakes.text
            for words in ("must begin with http", "whole number", "colour"):
                assert words in said
            page.line("base_url").setText("https://a.example")
            page.line("max_in_flight").setText("2")
            await page.save()
            assert "colour" not in page.text_of("Broken.toml")
            assert path.read_text() == BROKEN
            (tmp_path / "no.toml").write_text("<html>")
            page.opened.services.open_file(tmp_path / "no.toml")
            await until(lambda: "not valid TOML" in page.window.note.text(), "it is refused")

    arun(job())


def test_a_file_whose_name_is_taken_gets_another_by_suggestion(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.toml"
    path.write_text('name = "Studio"\nbase_url = "https://theirs.example"\n')

    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.opened.services.open_file(path)
            await until(page.window.question.isVisible, "the question")
            page.answer("Call this one “Studio 2”")
            assert page.line("name").text() == "Studio 2"
            await page.save()
            assert page.names() == ["This computer", "Studio 2", "Studio"]

    arun(job())


def test_a_file_that_calls_itself_this_computer_is_not_taken_for_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.toml"
    path.write_text('name = "This computer"\nbase_url = "https://theirs.example"\n')

    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.opened.services.open_file(path)
            await until(page.window.question.isVisible, "the question")
            assert not page.window.save.isEnabled()
            page.answer("Call this one “This computer 2”")
            await page.save()
            assert page.names() == ["This computer", "Studio", "This computer 2"]
            assert page.window.list.entries[0].is_local_service

    arun(job())


def test_an_export_goes_to_a_new_file_and_is_told(arun: Run, until: Wait, tmp_path: Path) -> None:
    target = tmp_path / "for you.toml"
    target.write_text("mine")

    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            before = _names_in(tmp_path)
            page.opened.services.export(STUDIO, target)
            await until(lambda: "without the token" in page.window.note.text(), "it is told")
            assert target.read_text() == "mine"
            (new,) = _names_in(tmp_path) - before
            assert new in page.window.note.text()
            page.opened.services.export(STUDIO, tmp_path / "none" / "x.toml")
            await until(lambda: "x.toml" in page.window.note.text(), "the trouble is told")

    arun(job())


def _names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_stored_file_with_mistakes_is_listed_and_can_be_mended(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, broken=BROKEN) as page:
            row = page.names().index("Broken")
            assert "Cannot be used" in page.window.list.item(row).data(
                Qt.ItemDataRole.AccessibleTextRole
            )
            await page.go_to("Broken")
            page.line("base_url").setText("https://a.example")
            page.line("max_in_flight").setText("")
            await page.save()
            assert page.entry.profile is not None
            assert [profile.name for profile in page.opened.choices.profiles][1:] == [
                "Studio",
                "Broken",
            ]

    arun(job())


def test_how_each_service_stands_is_in_the_list(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            words = [page.window.list.item(row).data(0x100) for row in range(2)]
            assert words == ["Starts when it is needed", "Not asked yet"]
            page.opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.OFFLINE))
            await until(
                lambda: page.window.list.item(1).data(0x100) == "Cannot be reached", "it is told"
            )

    arun(job())


# -- for everybody --------------------------------------------------------------------------------


def test_every_part_has_a_name_on_every_page(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, broken=BROKEN) as page:
            assert unnamed(page.window) == []
            await page.go_to("Broken")
            assert unnamed(page.window) == []
            page.window.delete.click()
            assert unnamed(page.window) == []
            page.window.show_new()
            assert unnamed(page.window) == []
            page.window.list.setCurrentRow(0)
            assert unnamed(page.window) == []

    arun(job())


def test_everything_that_can_be_pressed_or_typed_into_is_reached_by_tab(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.line("max_in_flight").setText("2")
            page.window.activateWindow()
            await until(page.window.isActiveWindow, "it is active")
            page.window.list.setFocus()
            seen: list[QWidget] = []
            while (now := QApplication.focusWidget()) is not None and now not in seen:
                seen.append(now)
                QApplication.sendEvent(now, _tab())
                assert len(seen) < 300
            kinds = (QAbstractButton, QLineEdit, QComboBox, QListWidget)
            wanted = [
                child
                for kind in kinds
                for child in page.window.findChildren(kind)
                if child.isVisible() and child.isEnabled() and not _is_inner(child)
            ]
            assert len(wanted) > 30
            assert [each.accessibleName() for each in wanted if each not in seen] == []

    arun(job())


def test_the_tab_key_goes_through_the_fields_before_the_buttons_below_them(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            chain, widget = [], page.window.list.nextInFocusChain()
            while widget is not None and widget is not page.window.list:
                chain.append(widget)
                widget = widget.nextInFocusChain()
            fields = [
                place
                for place, each in enumerate(chain)
                if isinstance(each, QLineEdit)
                and page.window.editor.isAncestorOf(each)
                and not page.window.editor.types.isAncestorOf(each)
            ]
            assert len(fields) > 5
            assert chain.index(page.window.delete) < min(fields)
            assert max(fields) < chain.index(page.window.discard)
            assert chain.index(page.window.discard) < chain.index(page.window.save)

    arun(job())


def _tab() -> QKeyEvent:
    return QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t")


def _is_inner(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return widget.objectName().startswith("qt_") or isinstance(parent, QComboBox | QLineEdit)


def test_a_service_is_saved_by_keyboard_alone(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until, atelier=WRITTEN_MANUALLY) as page:
            page.window.activateWindow()
            await until(page.window.isActiveWindow, "it is active")
            page.window.list.setFocus()
            QTest.keyClick(page.window.list, Qt.Key.Key_Down)
            await until(lambda: page.entry.name == "Atelier", "the next one")
            page.line("max_in_flight").setFocus()
            QTest.keyClicks(page.line("max_in_flight"), "5")
            before = page.entry
            QTest.keyClick(
                page.line("max_in_flight"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier
            )
            await until(lambda: page.entry is not before, "it is saved")
            assert "max_in_flight = 5" in page.text_of("atelier.toml")

    arun(job())


def test_a_list_without_a_current_service_takes_the_keyboard_without_going_to_one(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.show_new()
            page.window.list.setFocus()
            assert isinstance(page.window.list, ServiceList)
            assert page.window.new_page.isVisible()
            assert page.window.list.current is None

    arun(job())


def test_a_long_reason_does_not_make_the_page_wider_than_the_window(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.resize(page.window.minimumWidth(), 700)
            page.line("callback.md5").setText("{nonsense}")
            editor = page.window.editor
            shown = editor.mistakes.findChildren(QAbstractButton)
            await until(lambda: [each for each in shown if each.isVisible()], "the mistake")
            inside = editor.widget()
            assert inside is not None
            assert inside.minimumSizeHint().width() <= editor.viewport().width()
            assert "is not a field of the record" in page.window.editor.mistakes.text

    arun(job())


def test_a_mistake_of_the_moment_takes_no_choice_away(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            editor = page.window.editor
            assert editor.record.types.currentText() == "7 · Enhance"
            page.line("max_in_flight").setText("many")
            assert editor.record.types.currentText() == "7 · Enhance"
            assert editor.task.types.currentText() == "7 · Enhance"
            assert not editor.task.send.isEnabled()

    arun(job())


def test_why_callbacks_are_not_received_stands_where_they_are_set_up(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            said = page.window.editor.callbacks
            assert not said.isVisible()
            page.line("callback.listen").setText("127.0.0.1:8899")
            assert "listens there from the first picture" in said.text()
            trouble = Failure("callbacks_not_received", "cannot listen on 127.0.0.1:8899 (in use)")
            page.opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.READY, trouble))
            page.opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.OFFLINE))
            await until(lambda: "in use" in said.text(), "the reason")
            assert "Correct “Listen on”" in said.text()

    arun(job())
