"""A profile of somebody else: its mistakes are its own, and what it opens up is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.ui.services.connection_test_part import summary
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import services_page

OPEN = """\
name = "Theirs"
base_url = "http://theirs.example/api"
allow_private_addresses = true
[[enhance_types]]
id = 1
name = "Enhance"
[callback]
listen = "0.0.0.0:8899"
"""


def test_what_an_imported_profile_opens_up_is_said_before_it_is_kept(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        (tmp_path / "theirs.toml").write_text(OPEN)
        async with services_page(tmp_path, until) as page:
            editor = page.window.editor
            page.opened.services.open_file(tmp_path / "theirs.toml")
            await until(lambda: page.entry.name == "Theirs", "the file is shown")
            said = editor.warnings.text().splitlines()
            assert [any(word in line for line in said) for word in ("http://", "0.0.0.0:8899")] == [
                True,
                True,
            ]
            assert any("Private addresses are allowed" in line for line in said)
            assert len(said) == 3
            assert editor.warnings.isVisible()
            assert page.names() == ["This computer", "Studio"], "nothing is kept yet"
            page.line("callback.listen").setText("127.0.0.1:8899")
            assert len(editor.warnings.text().splitlines()) == 2
            await page.save()
            assert not editor.warnings.isVisible()  # it was said, and saved all the same
            page.line("callback.listen").setText("0.0.0.0:1")
            assert "0.0.0.0:1" in editor.warnings.text()
            assert len(editor.warnings.text().splitlines()) == 1
            page.window.discard.click()

    arun(job())


def test_a_trial_in_one_sentence_says_what_is_opened_up() -> None:
    steps = tuple(CheckedStep(step, Verdict.OK, "Fine.") for step in Step)
    opened_up = CheckedStep(Step.ACCESS, Verdict.UNCLEAR, "Anybody may come in.")
    fine, opened = ConnectionTest(steps), ConnectionTest((*steps[:-1], opened_up))
    assert summary(fine) == "The connection works."
    assert summary(opened) == "The connection works. Anybody may come in."


@pytest.mark.parametrize(
    "content",
    [
        "requests_per_s = " + "1" * 5000,
        "requests_per_s = " + "1" * 4350 + "\n#",
        "a = " + "[" * 3000,
        "\0",
    ],
)
def test_a_bad_file_is_told_as_its_own_mistake(
    content: str, arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        (tmp_path / "bad.toml").write_text(content)
        async with services_page(tmp_path, until) as page:
            reported: list[str] = []
            page.opened.services.message.connect(reported.append)
            page.opened.services.open_file(tmp_path / "bad.toml")
            await until(lambda: reported, "what is wrong")
            assert "bad.toml" in reported[0]
            assert "fault in the program" not in reported[0]

    arun(job())


def test_a_bad_file_in_the_folder_keeps_no_other_service_from_being_used(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        odd = 'name = "Odd"\n[status]\nqueued = [0x' + "f" * 4000 + "]"
        async with services_page(tmp_path, until, odd=odd) as page:
            assert page.names()[0] == "This computer"
            assert "Studio" in page.names()
            await page.go_to("odd.toml")
            assert "64 bits" in page.window.editor.mistakes.text

    arun(job())


def test_a_type_with_a_number_of_any_length_is_refused(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.show_new()
            form = page.window.new_page.form
            form.address.setText("https://a.example")
            form.types.setText("1" * 5000 + " Enhance")
            form.use.click()
            assert "are written like" in form.verdict.text()
            form.clear()

    arun(job())
