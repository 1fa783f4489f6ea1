"""The settings: what is changed holds at once, is kept, and needs no mouse."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode
from enhance_gui.core.settings.preferences import Preferences, Theme, preferences_to_mapping
from enhance_gui.core.settings.saving import Grouping, Place, ResultFormat, SidecarPlace
from enhance_gui.core.settings.updates import UpdateFound
from enhance_gui.core.tasks.spending import LedgerEntry
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.storage.system.keyrings import Account, SystemKeyring
from enhance_gui.ui.settings.window import PageName, SettingsWindow
from tests.support.models.tiny import write_ncnn
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import write_picture
from tests.ui.running import press
from tests.ui.window.open_window import Opened, open_window
from tests.ui.window.test_names import unnamed

CANARY = "c4n4ry-of-the-settings"
CERTIFICATES = Path(__file__).parents[2] / "support" / "tls" / "authority.pem"


async def settings(opened: Opened, until: Wait, page: PageName) -> SettingsWindow:
    opened.window.side_windows.settings_page(page)
    shown = opened.window.side_windows.shown("settings")
    assert isinstance(shown, SettingsWindow)
    await until(lambda: QApplication.activeWindow() is shown, "the window has the keyboard")
    return shown


def texts(widget: QWidget) -> str:
    return "\n".join(child.text() for child in widget.findChildren(QLabel) if child.isVisible())


def type_over(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def test_every_page_is_named_and_reached_by_keys(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            shown = await settings(opened, until, PageName.GENERAL)
            shown.list.setFocus()
            for page in (
                shown.saving,
                shown.look,
                shown.network,
                shown.spending,
                shown.own_models,
                shown.updates,
            ):
                press(Qt.Key.Key_Down)
                assert page.isVisible()
                assert unnamed(page) == []
                press(Qt.Key.Key_Tab)
                focus = QApplication.focusWidget()
                assert focus is not None
                assert page.isAncestorOf(focus)
                shown.list.setFocus()

    arun(job())


def test_a_name_template_is_previewed_and_a_bad_one_not_used(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.SAVING)).saving
            type_over(page.template, "{name} of {service}")
            assert opened.kept == []
            press(Qt.Key.Key_Return)
            assert page.preview.text() == "For example: holiday of studio.png"
            assert opened.choices.preferences.name_template == "{name} of {service}"
            type_over(page.template, "{name}/x")
            press(Qt.Key.Key_Return)
            assert "Not used" in page.preview.text()
            assert opened.choices.preferences.name_template == "{name} of {service}"

    arun(job())


def test_the_number_of_pictures_at_a_time_holds_at_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.GENERAL)).general
            page.parallel.setCurrentIndex(4)
            page.parallel.activated.emit(4)
            expected = [("at a time: This computer", 4), ("at a time: Studio", 4)]
            await until(lambda: opened.queue.asked == expected, "it holds")
            opened.choices.change(replace(opened.choices.preferences, notify=False))
            assert opened.queue.asked == expected

    arun(job())


def test_theme_and_language_are_chosen_and_the_language_says_when_it_holds(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.choices.languages = {"en": "English", "de": "Deutsch"}
            page = (await settings(opened, until, PageName.LOOK)).look
            page.theme.setFocus()
            press(Qt.Key.Key_Down)
            press(Qt.Key.Key_Down)
            assert opened.choices.preferences.theme is Theme.DARK
            offered = [page.language.itemText(n) for n in range(page.language.count())]
            assert offered == ["Same as system", "English", "Deutsch"]
            page.language.setFocus()
            press(Qt.Key.Key_End)
            assert opened.kept[-1].language == "de"
            assert "when the program starts again" in texts(page)
            press(Qt.Key.Key_Tab)
            assert QApplication.focusWidget() is page.restart
            opened.window.side_windows.shown("settings").close()
            await until(lambda: not opened.window.side_windows.is_open("settings"), "it is closed")
            page = (await settings(opened, until, PageName.LOOK)).look
            assert page.restart.isVisible()
            page.language.setFocus()
            press(Qt.Key.Key_Home)
            assert "after a restart" in texts(page)
            assert not page.restart.isVisible()

    arun(job())


def test_how_much_metadata_results_keep_is_chosen_and_holds_at_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.SAVING)).saving
            offered = [page.metadata.itemText(n) for n in range(page.metadata.count())]
            assert offered == ["Keep all", "Keep all but the location", "Keep none"]
            page.metadata.setFocus()
            press(Qt.Key.Key_Down)
            assert opened.kept[-1].metadata is KeptMetadata.WITHOUT_LOCATION
            press(Qt.Key.Key_End)
            assert opened.choices.preferences.metadata is KeptMetadata.NONE

    arun(job())


def test_how_and_where_results_are_saved_is_chosen_for_pictures_that_follow(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            (tmp_path / "photos").mkdir()
            photo = write_picture(tmp_path / "photos" / "a.png")
            page = (await settings(opened, until, PageName.SAVING)).saving
            assert not page.quality.isEnabled()
            assert "exactly those of the service" in texts(page)
            for box, key in (
                (page.place, Qt.Key.Key_Down),
                (page.grouping, Qt.Key.Key_Down),
                (page.format, Qt.Key.Key_End),
                (page.sidecars, Qt.Key.Key_End),
            ):
                box.setFocus()
                press(key)
            assert page.quality.isEnabled()
            type_over(page.quality, "70")
            chosen = opened.choices.preferences
            assert chosen.place is Place.BESIDE
            assert chosen.grouping is Grouping.DATE
            assert chosen.result_format is ResultFormat.AVIF
            assert chosen.sidecars is SidecarPlace.OFF
            assert chosen.quality == 70
            assert opened.kept[-1] == chosen
            await until(lambda: opened.queue.naming.sidecars is SidecarPlace.OFF, "it holds")

            options = opened.choices.options
            assert options is not None
            opened.bridge.add(Dropped((str(photo),)), options)
            await until(lambda: opened.queue.tasks, "it is added")
            (added,) = opened.queue.tasks.values()
            assert added.save_folder.parent == photo.parent
            assert (added.result_format, added.quality) == (ResultFormat.AVIF, 70)

    arun(job())


def test_a_folder_that_was_chosen_before_is_one_click_away(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        recent = (str(tmp_path / "one"), str(tmp_path / "two"))
        preferences = Preferences(save_folder=str(tmp_path / "now"), recent_folders=recent)
        async with open_window(tmp_path, preferences=preferences) as opened:
            page = (await settings(opened, until, PageName.SAVING)).saving
            page.recent.menu().aboutToShow.emit()
            entries = page.recent.menu().actions()
            assert [each.text().rpartition("/")[2] for each in entries[:2]] == ["one", "two"]
            entries[1].trigger()
            assert opened.choices.save_folder == tmp_path / "two"
            assert opened.kept[-1].recent_folders == (str(tmp_path / "now"), recent[0])

    arun(job())


# -- network --------------------------------------------------------------------------------------


def test_an_own_proxy_is_judged_while_it_is_typed_and_then_used_at_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.NETWORK)).network
            assert not page.address.isVisible()
            page.proxy.setFocus()
            press(Qt.Key.Key_End)
            assert page.address.isVisible()
            assert "Type its address" in page.problem.text()
            type_over(page.address, "socks5://proxy.test:1080")
            assert "Nothing can be sent before this is right" in page.problem.text()
            type_over(page.address, f"http://ada:{CANARY}@proxy.test:3128")
            press(Qt.Key.Key_Return)
            assert "must not carry" in page.problem.text()
            assert opened.choices.preferences.network.proxy is ProxyMode.OWN
            assert CANARY not in repr(opened.kept)
            type_over(page.address, "http://proxy.test:3128")
            assert "never go through it" in page.problem.text()
            press(Qt.Key.Key_Return)
            await until(lambda: len(opened.queue.networks) == 2, "the queue is told")
            assert opened.queue.networks[-1].proxy_url == "http://proxy.test:3128"
            assert opened.kept[-1].network.proxy is ProxyMode.OWN

    arun(job())


def test_a_proxys_login_is_kept_for_this_run_and_stands_nowhere(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        own = NetworkSettings(ProxyMode.OWN, "http://proxy.test:3128", proxy_wants_login=True)
        async with open_window(tmp_path, preferences=Preferences(network=own)) as opened:
            page = (await settings(opened, until, PageName.NETWORK)).network
            await until(page.login_state.text, "how it stands with the login")
            assert not page.keep.isEnabled()
            type_over(page.user, "ada:x")
            press(Qt.Key.Key_Return)
            assert "no colon" in page.login_state.text()
            type_over(page.user, "ada")
            type_over(page.password, CANARY)
            press(Qt.Key.Key_Return)
            await until(lambda: opened.queue.networks, "the queue is told")
            assert "until the program ends" in page.login_state.text()
            assert page.password.text() == page.user.text() == ""
            login = (await opened.account._logins.complete(own)).proxy_login
            assert login is not None
            assert login.matches(f"ada:{CANARY}")
            for kept in opened.kept:
                assert CANARY not in repr(preferences_to_mapping(kept))

    arun(job())


class WaitingKeyring(SystemKeyring):
    """Answers what changes it when it is let."""

    def __init__(self, places: Path) -> None:
        super().__init__(places, ())
        self.go_on = threading.Event()

    def read(self, account: Account) -> Secret | None:
        return None

    def write(self, account: Account, token: Secret) -> None:
        self.go_on.wait(60)

    def forget(self, account: Account) -> bool:
        return self.go_on.wait(60)


@pytest.mark.parametrize("forgets", [False, True])
def test_a_late_word_of_the_password_manager_brings_no_earlier_proxy_back(
    arun: Run, until: Wait, tmp_path: Path, forgets: bool
) -> None:
    async def job() -> None:
        own = NetworkSettings(ProxyMode.OWN, "http://proxy.test:3128", proxy_wants_login=True)
        async with open_window(tmp_path, preferences=Preferences(network=own)) as opened:
            keyring = WaitingKeyring(tmp_path / "places.json")
            opened.tokens._keyring = keyring
            if forgets:
                opened.account.forget_login(own)
            else:
                opened.account.keep_login(own, Secret(f"ada:{CANARY}"))
            none = replace(own, proxy=ProxyMode.NONE)
            opened.account.hold_to(Preferences(network=none), {})
            await until(lambda: opened.queue.networks == [none], "the queue is told")
            keyring.go_on.set()
            await until(lambda: len(opened.queue.networks) == 2, "the queue is told again")
            assert opened.queue.networks == [none, none]

    arun(job())


def test_only_a_file_that_holds_certificates_is_used(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.NETWORK)).network
            picture = tmp_path / "holiday.pem"
            picture.write_bytes(b"\x89PNG")
            opened.account.check_ca_file(picture)
            await until(lambda: "is not used" in page.ca_state.text(), "the refusal")
            assert "no certificate" in page.ca_state.text()
            assert opened.kept == []
            opened.account.check_ca_file(CERTIFICATES)
            await until(lambda: opened.kept, "the choice")
            assert opened.kept[-1].network.ca_file == CERTIFICATES
            assert page.no_ca_file.isVisible()
            page.no_ca_file.click()
            assert opened.kept[-1].network.ca_file is None

    arun(job())


def test_a_number_that_is_being_typed_when_the_window_closes_is_kept(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            shown = await settings(opened, until, PageName.NETWORK)
            type_over(shown.network.connect_s, "25")
            assert opened.kept == []
            press(Qt.Key.Key_Escape)
            await until(lambda: opened.kept, "the choice")
            assert opened.kept[-1].network.connect_s == 25

    arun(job())


# -- spending -------------------------------------------------------------------------------------


def test_limits_hold_at_once_and_a_changed_one_goes_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.SPENDING)).spending
            limit = page.limits["Studio"]
            assert list(page.limits) == ["Studio"]
            limit.switch.setFocus()
            press(Qt.Key.Key_Space)
            await until(lambda: opened.queue.limits == {"Studio": 20}, "the limit")
            opened.queue.asked.clear()
            type_over(limit.credits, "30")
            press(Qt.Key.Key_Return)
            await until(lambda: opened.queue.limits == {"Studio": 30}, "the higher limit")
            await until(lambda: opened.queue.asked == [("try_limits", "Studio")], "it goes on")
            assert opened.kept[-1].day_limits["Studio"] == 30
            limit.switch.click()
            await until(lambda: opened.queue.limits == {"Studio": None}, "no limit")

    arun(job())


def test_a_service_that_is_connected_meanwhile_has_its_limit_too(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.SPENDING)).spending
            assert "you are asked before" not in texts(page)
            kinds = (EnhanceType(1, "Portrait", cost=2), EnhanceType(2, "Relight"))
            cloud = ServiceProfile("Cloud", "https://cloud.example", enhance_types=kinds)
            opened.choices.offer_services([*opened.choices.profiles, cloud])
            assert list(page.limits) == ["Studio", "Cloud"]
            await until(
                lambda: "asked before “Relight” is sent" in texts(page), "what it asks about"
            )
            page.limits["Cloud"].switch.click()
            assert opened.kept[-1].day_limits["Cloud"] == 20
            opened.choices.offer_services(opened.choices.profiles[:1])
            assert page.limits == {}
            await until(lambda: "never charges" in texts(page), "that there is none")

    arun(job())


def test_a_batchs_limit_is_that_of_what_is_added_and_of_what_is_at_work(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, preferences=Preferences(batch_limit=5)) as opened:
            assert opened.queue.batch_limits == [5]
            opened.window.intake.add(["https://example.org/a.png"])
            await until(lambda: opened.queue.tasks, "a draft")
            reached = Failure("spending_limit", "the next task costs 2")
            opened.queue.put(1, TaskState.QUEUED, failure=reached)
            page = (await settings(opened, until, PageName.SPENDING)).spending
            type_over(page.batch.credits, "12.5")
            press(Qt.Key.Key_Return)
            await until(lambda: opened.queue.batch_limits == [5, 12.5], "a higher limit")
            await until(lambda: ("try_limits", "Studio") in opened.queue.asked, "it is tried")
            page.batch.switch.click()
            await until(lambda: opened.queue.batch_limits == [5, 12.5, None], "no limit")
            assert opened.kept[-1].batch_limit is None

    arun(job())


def test_what_was_charged_today_and_this_month_stands_beside_the_limit(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            now = opened.account._clock.wall()
            for cost in (2, 0.5, 0):
                opened.queue.entries.append(
                    LedgerEntry(now, 1, "a", "Studio", 7, "Enhance", cost, Outcome.ACCEPTED)
                )
            page = (await settings(opened, until, PageName.SPENDING)).spending
            await until(lambda: "2.5 credits + 1 of unknown cost" in texts(page), "the sum")

    arun(job())


# -- updates --------------------------------------------------------------------------------------


def test_an_update_is_asked_for_once_and_told_where_it_was_asked(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.side_windows.updates()
            page = (await settings(opened, until, PageName.UPDATES)).updates
            assert not page.check_now.isEnabled()
            await until(page.check_now.isEnabled, "an answer")
            assert page.verdict.text().endswith(".")
            assert not page.open_page.isVisible()
            opened.account.update_reported.emit(UpdateFound("9.8.7", "https://example.org/new"))
            assert "9.8.7" in page.verdict.text()
            assert page.open_page.isVisible()
            assert not opened.window.updates.question.isVisible()

    arun(job())


@pytest.mark.parametrize(("starts", "asked"), [(1, False), (2, False), (3, True), (50, True)])
def test_whether_to_look_for_updates_is_asked_after_some_starts_and_once(
    arun: Run, tmp_path: Path, starts: int, asked: bool
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            question = opened.window.updates.question
            opened.window.updates.begin(starts)
            assert question.isVisible() is asked
            if asked:
                question.buttons[1].click()
                assert not question.isVisible()
                assert opened.kept[-1].check_for_updates is False
                opened.window.updates.begin(starts + 1)
                assert not question.isVisible()

    arun(job())


def test_own_models_are_looked_at_and_listed_with_what_is_wrong(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            page = (await settings(opened, until, PageName.OWN_MODELS)).own_models
            await until(page.refresh.isEnabled, "an answer")
            assert page.found.text() == "None yet."
            opened.account.make_models_folder()
            write_ncnn(opened.account.models_folder, "sharp", 4)
            (opened.account.models_folder / "half.param").write_text("")
            page.refresh.click()
            await until(page.refresh.isEnabled, "another answer")
            assert page.found.text() == "sharp: 4 times the width and height"
            assert page.refused.text() == "half cannot be used: half.bin is missing beside it."
            assert page.refused.isVisible()

    arun(job())
