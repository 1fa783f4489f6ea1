"""Builds the window and the work behind it, runs them, and ends them in order.

The window is shown first; what is expensive to load (HTTP, the database, the service) comes after
its first paint.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon, QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError, ProfileInvalid
from enhance_gui.core.resources import resource
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.build_info import build_facts
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.stop_signals import on_stop_signal
from enhance_gui.core.storage_errors import LIST_UNSAFE, StorageError
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.tasks.work_times import seconds_a_megapixel
from enhance_gui.core.text.explanations import explain, full_sentence
from enhance_gui.core.text.i18n import set_language, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.services.network import ProxyLogin
from enhance_gui.jobs.support import on_demand
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.profiles.profile_files import list_profiles, local_profile
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.storage.settings.translations import languages, spoken_language, translation
from enhance_gui.storage.settings.window_state import read_window_state, write_window_state
from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.startup.desktop_requests import DesktopRequests
from enhance_gui.ui.startup.early_window import start_qt
from enhance_gui.ui.startup.event_loop import WindowLoop
from enhance_gui.ui.startup.gc_thread import GarbageCollector, share_arenas
from enhance_gui.ui.startup.qt_language import speak_qt, system_languages
from enhance_gui.ui.startup.qt_messages import log_qt_messages
from enhance_gui.ui.startup.recovery_texts import recovery_text
from enhance_gui.ui.startup.window_place import restore_page, restore_window, state_of
from enhance_gui.ui.widgets.decoding import mark_pictures
from enhance_gui.ui.widgets.fitting import come_to_front
from enhance_gui.ui.widgets.theme import ThemeManager
from enhance_gui.ui.window.main_window import MainWindow
from enhance_gui.ui.window.outputs_panel import CropLocator

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.runtime import Runtime

_log = logging.getLogger(__name__)

ALLOCATION_LIMIT_MB: Final = 400
"""Qt's default of 256 MB refuses a picture of 9216 × 9216 pixels, which is 324 MB."""

PAINT_LIMIT_S: Final = 1.0
"""A window that is hidden from its start, by a window manager say, is never painted."""

LOCK_RETRY_S: Final = 0.5
"""Wait between two checks of whether another run of the program has ended."""

HEAD_START_S: Final = 1.0
"""How long the work of earlier runs has the list of tasks to itself before the history is read."""

_NOT_ADDED: Final = 1
"""Exit code of a window that was closed before it could add what it was given."""


def run_window(
    window: MainWindow,
    folders: Folders,
    lock: InstanceLock,
    inputs: Sequence[str],
    token: Secret | None,
) -> int:
    """Fill the window and work until it is closed.

    :param window: empty; it may be shown already.
    :param lock: that of the list of tasks; where another run of the program holds it, the window
        waits for its end.
    :param inputs: what to add at once; absolute paths or addresses.
    :param token: that of the service for this run.
    :returns: the exit code.
    """
    log_qt_messages()
    application = start_qt()
    QImageReader.setAllocationLimit(ALLOCATION_LIMIT_MB)
    mark_pictures(WorkMarks(folders.preview_marks))
    with asyncio.Runner(loop_factory=lambda: WindowLoop(application)) as runner:
        program = Program(application, window, folders, lock, inputs, token)
        return runner.run(program.run())


class Program:
    """One run of the program with a window."""

    def __init__(
        self,
        application: QApplication,
        window: MainWindow,
        folders: Folders,
        lock: InstanceLock,
        inputs: Sequence[str],
        token: Secret | None,
    ) -> None:
        self._application = application
        self.window = window
        self._folders = folders
        self._lock = lock
        self._inputs = list(inputs)
        self._token = token
        self._tokens = CredentialStore.of_user(folders, self._report_waiting)
        self._clock = Clock()
        self._preferences = read_preferences(folders.preferences)
        self._crash: BaseException | None = None
        self._runtime: Runtime | None = None
        self._waits_for_lock = False
        self._requests = DesktopRequests(application)

    async def run(self) -> int:
        """Show the window, work, and shut down; return the exit code."""
        self._stop = asyncio.Event()
        self._supervisor = TaskSupervisor(self._crashed)
        self._requests.quit_wanted.connect(self._stop.set)
        self._requests.close_wanted.connect(self.window.close)
        on_stop_signal(lambda _: self._stop.set(), asyncio.get_running_loop())
        self._build()
        try:
            self._opening = self._supervisor.start(self._open(), "open the list of tasks")
            await self._stop.wait()
        finally:
            self._requests.close()
            await self._shut_down()
        if self._crash is not None:
            raise self._crash
        if self._waits_for_lock and self._inputs:
            _log.error(
                "closed while another run of the program was working: what was given at the start "
                "was not added, and nothing of it was sent"
            )
            return _NOT_ADDED
        return 0

    # -- the beginning ----------------------------------------------------------------------------

    def _build(self) -> None:
        share_arenas()
        self._garbage = GarbageCollector()
        self._set_language()
        folders = self._folders
        theme = ThemeManager(self._application, self._preferences.theme)
        self._application.setWindowIcon(QIcon(str(resource("icons/enhance-gui.svg"))))
        profiles, mistakes = list_profiles(folders.profiles)
        self._bridge = Bridge(self._clock, folders.pasted)
        self._choices = Choices(
            self._preferences,
            profiles,
            folders.results,
            folders.kept_results,
            self._keep_preferences,
            folders.own,
        )
        self._choices.languages = languages()
        self._choices.seconds_a_megapixel = partial(seconds_a_megapixel, folders.service_data)
        self._account = AccountBridge(
            self._clock,
            self._tokens,
            self._preferences,
            self._report,
            build_facts().updates,
            service_data=folders.service_data,
        )
        self._account.models_reported.connect(self._offer_models)
        self._services = ServiceBridge(
            folders.profiles,
            self._tokens,
            lambda: ProxyLogin(self._tokens).complete(self._choices.preferences.network),
        )
        before_crop = partial(on_demand.before_crop, folder=folders.crops)
        crops = CropLocator(on_demand.locate, before_crop, on_demand.most_detailed_place)
        self.window.fill(
            self._bridge, self._account, self._services, self._choices, theme, self._clock, crops
        )
        self._assign_token()
        self.window.closing.connect(self._stop.set)
        if self.window.close_wanted:
            self._stop.set()
        self._left = read_window_state(folders.window_state)
        self._starts = self._left.starts + 1
        restore_window(self.window, self._left)
        if not self.window.close_wanted:
            self.window.show()
        self.window.pages.start.setFocus()
        for mistake in mistakes:
            self.window.toast.show_message(full_sentence(mistake))
        if self._inputs:
            self.window.intake.add(self._inputs)
        self._requests.deliver_to(self._show)

    def _offer_models(self) -> None:
        """Offer the user's models as they are now."""
        here = local_profile()
        known = self._choices.profiles
        self._choices.offer_services(
            [here if each.name == LOCAL_SERVICE_NAME else each for each in known]
        )

    def _set_language(self) -> None:
        """Choose the language, before the first word is shown."""
        code = spoken_language(self._preferences.language, system_languages())
        set_language(translation(code))
        speak_qt(self._application, code)

    async def _open(self) -> None:
        """Open the list of tasks and begin to work; the window is there already."""
        await self._painted()
        try:
            if not self._lock.acquire():
                self.window.toast.show_message(
                    tr("Another copy is running; this window takes over when it closes.")
                )
                self._waits_for_lock = True
                while not self._lock.acquire():
                    await self._clock.sleep(LOCK_RETRY_S)
                self._waits_for_lock = False
            await self._begin()
        except (StorageError, OSError) as error:
            self._show_unusable(error)

    async def _painted(self) -> None:
        """Wait until the full window has been painted: what is expensive begins after it."""
        painted = asyncio.Event()
        self.window.painted.connect(painted.set)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAINT_LIMIT_S):
                await painted.wait()
        self.window.painted.disconnect(painted.set)

    async def _begin(self) -> None:
        # Loaded in a thread: it takes a few tenths of a second in all.
        await asyncio.to_thread(import_module, "enhance_gui.jobs.single_instance.requests")
        self._garbage.settle()
        from enhance_gui.jobs.queue.runtime import Runtime
        from enhance_gui.jobs.single_instance.requests import RemoteRequests

        chosen = self._choices.preferences
        self._runtime = runtime = await Runtime.open(
            self._clock, self._folders, self._tokens, chosen, self._crashed
        )
        queue = runtime.queue
        self._account.attach(queue)
        self._services.attach(queue)
        if await queue.pool.pause_as_before():
            self.window.footer.pause.setChecked(True)
        queue.naming.template = self._choices.preferences.name_template
        # What is to be done first; the history, which may be long, while that goes on.
        unfinished = await queue.stored()
        self._bridge.attach(queue, unfinished)
        recovery = runtime.store.recovery
        if recovery.is_incomplete:
            read_out = None if recovery.quarantined is None else recovery.salvaged
            reported = recovery_text(
                recovery.missing_attempts, read_out, is_older=recovery.is_older
            )
            self.window.toast.show_message(reported)
        shared = RemoteRequests(queue, self._tokens.get, take=self._take)
        await runtime.listen(shared.handle)
        # Each service by itself: one may be held up by its password manager or by its start.
        resuming = [
            self._supervisor.start(self._resume(runtime, name, unfinished), f"{name}: go on")
            for name in dict.fromkeys(task.service for task in unfinished)
        ]
        if resuming:
            await asyncio.wait(resuming, timeout=HEAD_START_S)
        await self._bridge.remember(await queue.db.do(queue.db.store.tasks.history))
        restore_page(self.window, self._left)
        self._garbage.settle()
        self._account.look_for_models()
        self.window.updates.begin(self._starts)

    async def _resume(self, runtime: Runtime, name: str, tasks: Sequence[Task]) -> None:
        """Go on with a service's work of earlier runs."""
        known = next((each for each in self._choices.profiles if each.name == name), None)
        try:
            if profile := known or await runtime.queue.pool.profile(name):
                await runtime.resume_stored(profile, tasks)
        except ProfileInvalid as mistake:
            self.window.toast.show_message(full_sentence(mistake))
        except (StorageError, OSError) as error:
            self._show_unusable(error)

    def _assign_token(self) -> None:
        """Keep the token of this run for one service: a token goes to its own service alone."""
        remote = [each for each in self._choices.profiles if each.name != LOCAL_SERVICE_NAME]
        chosen = [each for each in remote if each.name == self._choices.profile.name] or remote
        if self._token is not None and len(chosen) == 1:
            self._tokens.keep_for_this_run(chosen[0], self._token)

    def _report_waiting(self, waits: bool) -> None:
        self._services.keyring_waits.emit(waits)
        if waits:
            self.window.toast.show_message(tr("Waiting for the password manager."))

    def _show(self, inputs: Sequence[str]) -> asyncio.Future[bool] | None:
        """Show the window for a later start; return whether its inputs are in the list then."""
        come_to_front(self.window)
        return self.window.intake.add(inputs) if inputs else None

    async def _take(self, inputs: Sequence[str]) -> bool:
        """Take the inputs of a later start; return whether they will not be lost."""
        if self._stop.is_set():
            return False
        stored = self._show(inputs)
        return stored is None or await asyncio.shield(stored)

    async def _report(self, display: str, network: NetworkSettings) -> str:
        """Make the report of the diagnosis."""
        # Where the work could not begin, nothing of it is loaded yet.
        await asyncio.to_thread(import_module, "enhance_gui.jobs.support.diagnosis")
        from enhance_gui.jobs.support.diagnosis import diagnose

        held = self._tokens.of_this_run
        report, _ = await diagnose(self._folders, display, self._token, network, held=held)
        return report

    # -- the end ----------------------------------------------------------------------------------

    async def _shut_down(self) -> None:
        """End everything: no new work, tasks, clients, child, database, window."""
        self.window.hide()
        # First what may still begin the work: it must find nothing closed under its hands.
        self._opening.cancel()
        await asyncio.wait([self._opening])
        if self._runtime is not None:
            await self._runtime.stop_listening()
        for bridge in (self._bridge, self._account, self._services):
            await bridge.close()
        await self._supervisor.close()
        if self._runtime is not None:
            await self._runtime.close()
        self._lock.release()
        write_window_state(self._folders.window_state, state_of(self.window, self._starts))
        self.window.stop()
        self.window.deleteLater()
        self._garbage.stop()

    def _crashed(self, error: BaseException) -> None:
        """Handle a bug: end in order, and raise it then, where the list of tasks is unsafe."""
        if isinstance(error, LIST_UNSAFE) or self._runtime is None or not self._runtime.is_ready:
            if self._crash is None and not isinstance(error, asyncio.CancelledError):
                self._crash = error
            self._stop.set()
        else:
            _log.error("a part of the program ended with a fault", exc_info=error)
            self.window.toast.show_message(tr("Something went wrong; see the log."))

    def _show_unusable(self, error: StorageError | OSError) -> None:
        """Show that this computer's disk keeps the program from working; the window stays."""
        from enhance_gui.storage.task_db.database import own_folder_error

        problem: EnhanceError = own_folder_error(error) if isinstance(error, OSError) else error
        explanation = explain(problem)
        self.window.toast.show_message(
            sentences(full_sentence(problem), explanation.meaning, explanation.next_step)
        )

    def _keep_preferences(self, preferences: Preferences) -> None:
        try:
            write_preferences(self._folders.preferences, preferences)
        except OSError as error:
            text = tr("The choice could not be kept: {reason}.")
            self.window.toast.show_message(text.format(reason=error.strerror))
