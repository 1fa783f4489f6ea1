"""Builds the window and the work behind it, runs them, and ends them in order.

The window is shown first; what is dear to load (HTTP, the database, the service) comes after its
first paint.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon, QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui import __version__
from enhance_gui.core.clock import SystemClock
from enhance_gui.core.errors import (
    EnhanceError,
    KeyringProblem,
    ProfileInvalid,
    StorageError,
)
from enhance_gui.core.explanations import explain, sentence
from enhance_gui.core.preferences import Preferences
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.core.resources import resource
from enhance_gui.core.secret import Secret
from enhance_gui.core.tasks import Task, TaskState
from enhance_gui.jobs.task_owner import TaskOwner
from enhance_gui.jobs.token_keeper import KeyringState, KeyringStatus, TokenKeeper
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.instance_lock import InstanceLock
from enhance_gui.storage.preferences_file import read_preferences, write_preferences
from enhance_gui.storage.profile_files import list_profiles, write_profile
from enhance_gui.storage.window_state import WindowState, read_window_state, write_window_state
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.first_paint import painted
from enhance_gui.ui.garbage import GarbageCollector
from enhance_gui.ui.main_window import MainWindow
from enhance_gui.ui.qt_messages import log_qt_messages
from enhance_gui.ui.quit_filter import QuitFilter
from enhance_gui.ui.result_parts import Crops
from enhance_gui.ui.theme import Look

if TYPE_CHECKING:
    from enhance_gui.jobs.hand_over import HandOverServer
    from enhance_gui.jobs.task_queue import TaskQueue

_log = logging.getLogger(__name__)

ALLOCATION_LIMIT_MB: Final = 400
"""Qt's default of 256 MB refuses a picture of 9216 × 9216 pixels, which is 324 MB."""

LOCK_RETRY_S: Final = 0.5
"""How often it is tried whether another run of the program has ended."""

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run_window(
    folders: Folders, lock: InstanceLock, inputs: Sequence[str], token: Secret | None
) -> int:
    """Show the window and work until it is closed.

    :param lock: that of the list of tasks; where another run of the program holds it, the window
        waits for its end.
    :param inputs: what to add at once; absolute paths or addresses.
    :param token: that of the service for this run.
    :returns: the exit code.
    """
    # Loaded after PySide6: it would look for other bindings first.
    import qasync

    log_qt_messages()
    application = QApplication.instance() or QApplication(["enhance-gui"])
    assert isinstance(application, QApplication)  # noqa: S101  there is no other kind here
    application.setApplicationName("Enhance GUI")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("enhance-gui")
    # The end of the last window must not end the loop under the coroutine that shuts down.
    application.setQuitOnLastWindowClosed(False)
    QImageReader.setAllocationLimit(ALLOCATION_LIMIT_MB)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        program = Program(application, folders, lock, inputs, token)
        return runner.run(program.run())


class Program:
    """One run of the program with a window."""

    def __init__(
        self,
        application: QApplication,
        folders: Folders,
        lock: InstanceLock,
        inputs: Sequence[str],
        token: Secret | None,
    ) -> None:
        self._application = application
        self._folders = folders
        self._lock = lock
        self._inputs = list(inputs)
        self._token = token
        self._tokens = TokenKeeper.of_user(folders, self._tell_keyring)
        self._clock = SystemClock()
        self._preferences = read_preferences(folders.preferences)
        self._crash: BaseException | None = None
        self._queue: TaskQueue | None = None
        self._server: HandOverServer | None = None

    async def run(self) -> int:
        """Show the window, work, and shut down; return the exit code."""
        self._stop = asyncio.Event()
        self._owner = TaskOwner(self._crashed)
        quit_filter = QuitFilter()
        quit_filter.quit_wanted.connect(self._stop.set)
        self._application.installEventFilter(quit_filter)
        self._stop_on_signals()
        self._build()
        try:
            self._owner.start(self._open(), "open the list of tasks")
            await self._stop.wait()
        finally:
            self._application.removeEventFilter(quit_filter)
            await self._shut_down()
        if self._crash is not None:
            raise self._crash
        return 0

    # -- the beginning ----------------------------------------------------------------------------

    def _build(self) -> None:
        self._garbage = GarbageCollector()
        self._look = Look(self._application, self._preferences.theme)
        self._application.setWindowIcon(QIcon(str(resource("icons/enhance-gui.svg"))))
        profiles, mistakes = list_profiles(self._folders.profiles)
        self._bridge = Bridge(self._clock, self._folders.pasted)
        self._choices = Choices(
            self._preferences,
            profiles,
            self._folders.results,
            self._folders.kept_results,
            self._keep_preferences,
            self._connect_service,
        )
        self.window = MainWindow(
            self._bridge, self._choices, self._look, self._clock, Crops(_locate, self._before_crop)
        )
        self._assign_token()
        self.window.closing.connect(self._stop.set)
        state = read_window_state(self._folders.window_state)
        self.window.restore(state.geometry, state.look)
        self.window.show()
        self.window.pages.start.setFocus()
        for mistake in mistakes:
            self.window.notice.say(f"{sentence(mistake)}.")
        if self._inputs:
            self.window.intake.add(self._inputs)

    async def _open(self) -> None:
        """Open the list of tasks and begin to work; the window is there already."""
        await painted(self.window)
        try:
            if not self._lock.acquire():
                self.window.notice.say(
                    "Another run of the program is working; this one takes over when it ends."
                )
                while not self._lock.acquire():
                    await self._clock.sleep(LOCK_RETRY_S)
            await self._begin()
        except (StorageError, OSError) as error:
            self._say_unusable(error)

    async def _begin(self) -> None:
        # Loaded in a thread: it takes a few tenths of a second in all.
        await asyncio.to_thread(_load)
        from enhance_gui.jobs.hand_over import HandOverServer
        from enhance_gui.jobs.opening import WindowRequests
        from enhance_gui.jobs.sharing import SharedQueue
        from enhance_gui.jobs.store_thread import StoreThread
        from enhance_gui.jobs.task_queue import TaskQueue
        from enhance_gui.storage.task_store import TaskStore

        opening = asyncio.get_running_loop().run_in_executor(
            None, TaskStore.open, self._folders.database, self._clock.wall
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
            self._preferences.network,
        )
        for service, most in self._preferences.day_limits:
            queue.limit_day(service, most)
        self._owner.start(self._watch_crash(queue), "crash of the queue")
        queue.naming.template = self._choices.preferences.name_template
        # What is to be done first; the history, which may be long, while that goes on.
        unfinished = await queue.stored()
        self._bridge.attach(queue, unfinished)
        recovery = store.recovery
        if recovery.set_aside is not None:
            self.window.notice.say(
                f"The list of tasks was damaged. It was set aside, {recovery.salvaged} tasks were "
                "read out of it, and nothing was sent."
            )
        requests = WindowRequests(SharedQueue(queue), self._show)
        self._server = HandOverServer(self._folders.data, requests.handle, self._owner)
        await self._server.start()
        await self._resume(queue, unfinished)
        self._bridge.remember(await queue.history())

    async def _resume(self, queue: TaskQueue, tasks: Sequence[Task]) -> None:
        """Go on with the work of earlier runs; drafts and tasks in doubt are only shown."""
        for name in dict.fromkeys(task.service for task in tasks):
            profile = await self._profile_of(queue, name)
            going_on = _resumable(tasks, profile) if profile is not None else []
            if profile is not None and going_on:
                try:
                    await queue.resume(profile, going_on)
                except ProfileInvalid as mistake:
                    self.window.notice.say(f"{sentence(mistake)}.")

    async def _profile_of(self, queue: TaskQueue, name: str) -> ServiceProfile | None:
        known = next((each for each in self._choices.profiles if each.name == name), None)
        return known or await queue.service_profile(name)

    def _assign_token(self) -> None:
        """Keep the token of this run for one service: a token goes to its own service alone."""
        remote = [each for each in self._choices.profiles if each.name != BUNDLED_SERVICE_NAME]
        chosen = [each for each in remote if each.name == self._choices.profile.name] or remote
        if self._token is not None and len(chosen) == 1:
            self._tokens.keep_for_this_run(chosen[0], self._token)

    def _tell_keyring(self, state: KeyringState) -> None:
        if state.status is KeyringStatus.WAITING:
            self.window.notice.say("Waiting for the password manager.")

    async def _keep_token(self, profile: ServiceProfile, token: Secret) -> None:
        """Keep a token in the password manager; where that fails, for this run."""
        try:
            await self._tokens.set(profile, token)
        except KeyringProblem as problem:
            self._tokens.keep_for_this_run(profile, token)
            self.window.notice.say(f"{sentence(problem)}. {explain(problem).next_step}")

    def _connect_service(self, profile: ServiceProfile, token: Secret | None) -> None:
        """Keep a service that the user has connected, and its token."""
        if token is not None:
            self._tokens.keep_for_this_run(profile, token)
            self._owner.start(self._keep_token(profile, token), f"{profile.name}: token")
        if any(profile.name == other.name for other in self._choices.profiles):
            self._bridge.go_on(profile.name)
            return
        try:
            write_profile(profile, self._folders.profiles)
        except OSError as error:
            self.window.notice.say(f"The service could not be kept: {error.strerror}.")

    def _show(self, inputs: Sequence[str]) -> None:
        """A later start wants the window."""
        self.window.come_to_front()
        if inputs:
            self.window.intake.add(inputs)

    def _before_crop(self, before: Path, after: Path, crop: Path) -> Path | None:
        from enhance_gui.jobs.face_crops import before_crop

        return before_crop(before, after, crop, self._folders.crops)

    # -- the end ----------------------------------------------------------------------------------

    async def _shut_down(self) -> None:
        """End everything: no new work, tasks, clients, child, database, window."""
        self.window.hide()
        if self._server is not None:
            await self._server.close()
        await self._bridge.close()
        await self._owner.close()
        if self._queue is not None:
            await self._queue.close()
        self._lock.release()
        geometry, look = self.window.state()
        write_window_state(self._folders.window_state, WindowState(geometry, look))
        self.window.stop()
        self.window.deleteLater()
        self._garbage.stop()

    async def _watch_crash(self, queue: TaskQueue) -> None:
        await queue.crashed

    def _crashed(self, error: BaseException) -> None:
        """A bug: end in order, then let it be seen."""
        if self._crash is None and not isinstance(error, asyncio.CancelledError):
            self._crash = error
        self._stop.set()

    def _say_unusable(self, error: StorageError | OSError) -> None:
        """This computer's disk keeps the program from working: the window says so and stays."""
        from enhance_gui.storage.database import storage_error

        problem: EnhanceError = storage_error(error) if isinstance(error, OSError) else error
        words = explain(problem)
        self.window.notice.say(f"{sentence(problem)}. {words.meaning} {words.next_step}")

    def _keep_preferences(self, preferences: Preferences) -> None:
        try:
            write_preferences(self._folders.preferences, preferences)
        except OSError as error:
            self.window.notice.say(f"The choice could not be kept: {error.strerror}.")

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
        if task.service == profile.name and (task.state is not TaskState.IN_DOUBT or same_is_one)
    ]


def _locate(picture: Path, crop: Path) -> tuple[float, float, float, float] | None:
    # Loaded here: most runs show no faces.
    from enhance_gui.jobs.face_crops import locate

    return locate(picture, crop)


def _load() -> None:
    """Import what the work needs; later imports of the same find it loaded."""
    import enhance_gui.jobs.sharing
    import enhance_gui.jobs.task_queue  # noqa: F401
