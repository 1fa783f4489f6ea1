"""Builds the window and the work behind it, runs them, and ends them in order.

The window is shown first; what is dear to load (HTTP, the database, the service) comes after its
first paint.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon, QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui.core.clock import SystemClock
from enhance_gui.core.errors import (
    LIST_UNSAFE,
    EnhanceError,
    ProfileInvalid,
    StorageError,
)
from enhance_gui.core.images.areas import Place
from enhance_gui.core.images.picture import Raster
from enhance_gui.core.resources import resource
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.build_info import build_facts
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.task import Task, TaskState
from enhance_gui.core.tasks.work_times import seconds_a_megapixel
from enhance_gui.core.text.explanations import explain, sentence
from enhance_gui.core.text.i18n import number, plural, set_language, tr
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.services.credentials import CredentialStore, KeyringState, KeyringStatus
from enhance_gui.jobs.services.proxy_login import ProxyLogin
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.profiles.profile_files import list_profiles, local_profile
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.storage.settings.translations import languages, spoken_language, translation
from enhance_gui.storage.settings.window_state import (
    WindowState,
    read_window_state,
    write_window_state,
)
from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.startup.early_window import start_qt
from enhance_gui.ui.startup.event_loop import WindowLoop
from enhance_gui.ui.startup.first_paint import painted
from enhance_gui.ui.startup.gc_thread import GarbageCollector, share_arenas
from enhance_gui.ui.startup.open_files_macos import OpenRequests
from enhance_gui.ui.startup.qt_language import speak_qt, system_languages
from enhance_gui.ui.startup.qt_messages import log_qt_messages
from enhance_gui.ui.startup.quit_filter import QuitFilter
from enhance_gui.ui.widgets.decoding import mark_pictures
from enhance_gui.ui.widgets.theme import ThemeManager
from enhance_gui.ui.window.main_window import MainWindow
from enhance_gui.ui.window.outputs_panel import CropLocator

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue
    from enhance_gui.jobs.single_instance.server import InstanceServer
    from enhance_gui.storage.task_db.store import Recovery

_log = logging.getLogger(__name__)

ALLOCATION_LIMIT_MB: Final = 400
"""Qt's default of 256 MB refuses a picture of 9216 × 9216 pixels, which is 324 MB."""

LOCK_RETRY_S: Final = 0.5
"""How often it is tried whether another run of the program has ended."""

HEAD_START_S: Final = 1.0
"""How long the work of earlier runs has the list of tasks to itself before the history is read."""

_NOT_ADDED: Final = 1
"""Exit code of a window that was closed before it could add what it was given."""

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


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
        self._tokens = CredentialStore.of_user(folders, self._report_keyring)
        self._clock = SystemClock()
        self._preferences = read_preferences(folders.preferences)
        self._crash: BaseException | None = None
        self._queue: TaskQueue | None = None
        self._server: InstanceServer | None = None
        self._waits_for_lock = False
        self._open_requests = OpenRequests(application)

    async def run(self) -> int:
        """Show the window, work, and shut down; return the exit code."""
        self._stop = asyncio.Event()
        self._supervisor = TaskSupervisor(self._crashed)
        quit_filter = QuitFilter(self._application)
        quit_filter.quit_wanted.connect(self._stop.set)
        quit_filter.close_wanted.connect(self.window.close)
        self._stop_on_signals()
        self._build()
        try:
            self._opening = self._supervisor.start(self._open(), "open the list of tasks")
            await self._stop.wait()
        finally:
            quit_filter.close()
            self._open_requests.close()
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
        self._speak()
        self._look = ThemeManager(self._application, self._preferences.theme)
        self._application.setWindowIcon(QIcon(str(resource("icons/enhance-gui.svg"))))
        profiles, mistakes = list_profiles(self._folders.profiles)
        self._bridge = Bridge(self._clock, self._folders.pasted)
        self._choices = Choices(
            self._preferences,
            profiles,
            self._folders.results,
            self._folders.kept_results,
            self._keep_preferences,
        )
        self._choices.languages = languages()
        self._choices.seconds_a_megapixel = partial(seconds_a_megapixel, self._folders.service_data)
        self._account = AccountBridge(
            self._clock,
            self._tokens,
            self._preferences,
            self._report,
            build_facts().updates,
            service_data=self._folders.service_data,
        )
        self._account.models_reported.connect(self._offer_models)
        self._services = ServiceBridge(
            self._folders.profiles,
            self._tokens,
            lambda: ProxyLogin(self._tokens).complete(self._choices.preferences.network),
        )
        self.window.fill(
            self._bridge,
            self._account,
            self._services,
            self._choices,
            self._look,
            self._clock,
            CropLocator(_locate, self._before_crop, _most_detailed_place),
        )
        self._assign_token()
        self.window.closing.connect(self._stop.set)
        if self.window.close_wanted:
            self._stop.set()
        state = read_window_state(self._folders.window_state)
        self._starts = state.starts + 1
        self.window.restore(state.geometry, state.look)
        if not self.window.close_wanted:
            self.window.show()
        self.window.pages.start.setFocus()
        for mistake in mistakes:
            self.window.notice.say(f"{sentence(mistake)}.")
        if self._inputs:
            self.window.intake.add(self._inputs)
        self._open_requests.deliver_to(self._show)

    def _offer_models(self) -> None:
        """Offer the user's models as they are now."""
        here = local_profile()
        known = self._choices.profiles
        self._choices.offer_services(
            [here if each.name == LOCAL_SERVICE_NAME else each for each in known]
        )

    def _speak(self) -> None:
        """Choose the language, before the first word is shown."""
        code = spoken_language(self._preferences.language, system_languages())
        set_language(translation(code))
        speak_qt(self._application, code)

    async def _open(self) -> None:
        """Open the list of tasks and begin to work; the window is there already."""
        await painted(self.window)
        try:
            if not self._lock.acquire():
                self.window.notice.say(
                    tr("Another run of the program is working; this one takes over when it ends.")
                )
                self._waits_for_lock = True
                while not self._lock.acquire():
                    await self._clock.sleep(LOCK_RETRY_S)
                self._waits_for_lock = False
            await self._begin()
        except (StorageError, OSError) as error:
            self._say_unusable(error)

    async def _begin(self) -> None:
        # Loaded in a thread: it takes a few tenths of a second in all.
        await asyncio.to_thread(_load)
        self._garbage.settle()
        from enhance_gui.core.threads import StoreThread
        from enhance_gui.jobs.queue.task_queue import TaskQueue
        from enhance_gui.jobs.single_instance.activation import ActivationRequests
        from enhance_gui.jobs.single_instance.requests import RemoteRequests
        from enhance_gui.jobs.single_instance.server import InstanceServer
        from enhance_gui.storage.task_db.store import TaskStore

        opening = asyncio.get_running_loop().run_in_executor(
            None,
            TaskStore.open,
            self._folders.database,
            self._clock.wall,
            self._folders.list_record,
        )
        try:
            store = await asyncio.shield(opening)
        except asyncio.CancelledError:
            (await opening).close()
            raise
        self._queue = queue = TaskQueue(
            StoreThread(store),
            self._clock,
            self._folders,
            self._tokens.get,
            self._choices.preferences.network,
            ProxyLogin(self._tokens).complete,
        )
        self._account.attach(queue)
        self._services.attach(queue)
        self._supervisor.start(self._watch_crash(queue), "crash of the queue")
        if await queue.pause_as_before():
            self.window.footer.pause.setChecked(True)
        queue.naming.template = self._choices.preferences.name_template
        queue.naming.strip_signatures = self._choices.preferences.strip_signatures
        # What is to be done first; the history, which may be long, while that goes on.
        unfinished = await queue.stored()
        self._bridge.attach(queue, unfinished)
        recovery = store.recovery
        if recovery.is_incomplete:
            self.window.notice.say(_recovery_text(recovery))
        requests = ActivationRequests(RemoteRequests(queue, self._tokens.get), self._take)
        self._server = InstanceServer(self._folders.data, requests.handle, self._supervisor)
        await self._server.start()
        # Each service by itself: one may be held up by its password manager or by its start.
        resuming = [
            self._supervisor.start(self._resume(queue, name, unfinished), f"{name}: go on")
            for name in dict.fromkeys(task.service for task in unfinished)
        ]
        if resuming:
            await asyncio.wait(resuming, timeout=HEAD_START_S)
        self._bridge.remember(await queue.history())
        self._account.look_for_models()
        self.window.updates.begin(self._starts)

    async def _resume(self, queue: TaskQueue, name: str, tasks: Sequence[Task]) -> None:
        """Go on with a service's work of earlier runs; drafts, tasks in doubt and what waits for
        the user's word on a limit are only shown.
        """
        profile = await self._profile_of(queue, name)
        going_on = _resumable(tasks, profile) if profile is not None else []
        if profile is None or not going_on:
            return
        try:
            await queue.resume(profile, [each for each in going_on if each.batch is not None])
            # What is in no batch is one from now on: left by an earlier version, or by a command
            # without a limit.
            if loose := [each for each in going_on if each.batch is None]:
                await queue.resume(profile, loose, Budget())
        except ProfileInvalid as mistake:
            self.window.notice.say(f"{sentence(mistake)}.")
        except (StorageError, OSError) as error:
            self._say_unusable(error)

    async def _profile_of(self, queue: TaskQueue, name: str) -> ServiceProfile | None:
        known = next((profile for profile in self._choices.profiles if profile.name == name), None)
        return known or await queue.service_profile(name)

    def _assign_token(self) -> None:
        """Keep the token of this run for one service: a token goes to its own service alone."""
        remote = [
            profile for profile in self._choices.profiles if profile.name != LOCAL_SERVICE_NAME
        ]
        chosen = [each for each in remote if each.name == self._choices.profile.name] or remote
        if self._token is not None and len(chosen) == 1:
            self._tokens.keep_for_this_run(chosen[0], self._token)

    def _report_keyring(self, state: KeyringState) -> None:
        self._services.on_keyring(state)
        if state.status is KeyringStatus.WAITING:
            self.window.notice.say(tr("Waiting for the password manager."))

    def _show(self, inputs: Sequence[str]) -> asyncio.Future[bool] | None:
        """A later start wants the window; return whether its inputs are in the list then."""
        self.window.come_to_front()
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
        await asyncio.to_thread(_load_diagnosis)
        from enhance_gui.jobs.support.diagnosis import window_report

        held = self._tokens.of_this_run
        return await window_report(self._folders, display, self._token, network, held)

    def _before_crop(
        self, before: Path, after: Path, crop: Path, place: Place | None
    ) -> Path | None:
        from enhance_gui.jobs.support.face_crops import before_crop

        return before_crop(before, after, crop, self._folders.crops, place)

    # -- the end ----------------------------------------------------------------------------------

    async def _shut_down(self) -> None:
        """End everything: no new work, tasks, clients, child, database, window."""
        self.window.hide()
        # First what may still begin the work: it must find nothing closed under its hands.
        self._opening.cancel()
        await asyncio.wait([self._opening])
        if self._server is not None:
            await self._server.close()
        await self._bridge.close()
        await self._account.close()
        await self._services.close()
        await self._supervisor.close()
        if self._queue is not None:
            await self._queue.close()
        self._lock.release()
        geometry, look = self.window.state()
        write_window_state(self._folders.window_state, WindowState(geometry, look, self._starts))
        self.window.stop()
        self.window.deleteLater()
        self._garbage.stop()

    async def _watch_crash(self, queue: TaskQueue) -> None:
        await queue.crashed

    def _crashed(self, error: BaseException) -> None:
        """A bug. Without a list of tasks that can be trusted: end in order, then let it be seen."""
        if isinstance(error, LIST_UNSAFE) or self._server is None:
            if self._crash is None and not isinstance(error, asyncio.CancelledError):
                self._crash = error
            self._stop.set()
        else:
            _log.error("a part of the program ended with a fault", exc_info=error)
            self.window.notice.say(tr("A fault in the program: the log says more."))

    def _say_unusable(self, error: StorageError | OSError) -> None:
        """This computer's disk keeps the program from working: the window says so and stays."""
        from enhance_gui.storage.task_db.database import own_folder_error

        problem: EnhanceError = own_folder_error(error) if isinstance(error, OSError) else error
        words = explain(problem)
        self.window.notice.say(f"{sentence(problem)}. {words.meaning} {words.next_step}")

    def _keep_preferences(self, preferences: Preferences) -> None:
        try:
            write_preferences(self._folders.preferences, preferences)
        except OSError as error:
            said = tr("The choice could not be kept: {reason}.")
            self.window.notice.say(said.format(reason=error.strerror))

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in STOP_SIGNALS:
            try:
                loop.add_signal_handler(each, self._stop.set)
            except (NotImplementedError, AttributeError):  # Windows
                signal.signal(each, lambda *_: loop.call_soon_threadsafe(self._stop.set))


def _resumable(tasks: Sequence[Task], profile: ServiceProfile) -> list[Task]:
    """Return the tasks of a service that may go on without a word of the user."""
    same_is_one = profile.private_id_is_idempotent
    return [
        task
        for task in tasks
        if task.service == profile.name
        and (task.state is not TaskState.IN_DOUBT or (same_is_one and task.may_be_repeated))
        and not is_held(task)
    ]


def _recovery_text(recovery: Recovery) -> str:
    """Say what became of a list of tasks that cannot be relied on as it was found."""
    if recovery.is_older:
        return tr(
            "This list of tasks is older than the last run, as if a copy had been put back. What "
            "waits in it was not sent: it may have been sent and charged since. Look through it."
        )
    count = recovery.salvaged if recovery.set_aside is not None else recovery.missing_attempts
    said = (
        plural(
            "The list of tasks was damaged. It was set aside, {count} task was read out of "
            "it, and what waited to be sent is a draft now.",
            "The list of tasks was damaged. It was set aside, {count} tasks were read out of "
            "it, and what waited to be sent is a draft now.",
            count,
        )
        if recovery.set_aside is not None
        else plural(
            "The list of tasks is gone. Earlier runs have sent {count} request of which this new "
            "list knows nothing: what is enhanced again may be charged again.",
            "The list of tasks is gone. Earlier runs have sent {count} requests of which this new "
            "list knows nothing: what is enhanced again may be charged again.",
            count,
        )
    )
    return said.format(count=number(count))


def _locate(picture: Path, crop: Path) -> Place | None:
    # Loaded here: most runs show no faces.
    from enhance_gui.jobs.support.face_crops import locate

    return locate(picture, crop)


def _most_detailed_place(
    after: Raster, before: Raster | None, window: tuple[float, float]
) -> tuple[float, float]:
    # Loaded here: the first pictures are listed sooner.
    from enhance_gui.imaging.detail import most_detailed_place

    return most_detailed_place(after, before, window)


def _load_diagnosis() -> None:
    import enhance_gui.jobs.support.diagnosis  # noqa: F401


def _load() -> None:
    """Import what the work needs; later imports of the same find it loaded."""
    import enhance_gui.jobs.queue.task_queue
    import enhance_gui.jobs.single_instance.requests  # noqa: F401
