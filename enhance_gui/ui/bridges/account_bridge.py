"""Connects the window to the jobs for spending, network, diagnosis, models and updates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, qVersion
from PySide6.QtGui import QGuiApplication

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import UpdateNotKnown
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.own_models import models_folder
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.storage_errors import KeyringProblem
from enhance_gui.core.tasks.spending import Ledger, chargeable, is_held, month_of
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.explanations import explain, sentence
from enhance_gui.core.text.i18n import tr
from enhance_gui.jobs.services.network import ProxyLogin, ca_file_problem
from enhance_gui.ui.bridges.async_bridge import AsyncBridge, command

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue
    from enhance_gui.jobs.services.credentials import CredentialStore

Report = Callable[[str, NetworkSettings], Awaitable[str]]
"""Takes the text about the display, checks everything else and returns the whole report."""


class AccountBridge(AsyncBridge):
    """Applies the user's limits and network settings, and serves the windows' requests."""

    ledger_read = Signal(object)
    """A :class:`Ledger`."""
    ca_file_checked = Signal(str, str)
    """The path of a file of certificates and what is wrong with it; empty: nothing."""
    login_reported = Signal(str)
    """The status of the proxy's login; a sentence."""
    diagnosed = Signal(str)
    """The whole report."""
    saved = Signal(str, str)
    """The path at which a text was to be saved, and the one at which it was."""
    models_reported = Signal(object)
    """The user's models, a tuple of :class:`~enhance_gui.core.services.own_models.OwnModel`."""
    update_reported = Signal(object)
    """The :class:`~enhance_gui.core.settings.updates.UpdateFound`; ``None``: there is no newer
    version."""
    update_not_known = Signal(str)
    """Why it is not known whether there is a newer version; a sentence."""

    def __init__(
        self,
        clock: Clock,
        tokens: CredentialStore,
        preferences: Preferences,
        report: Report,
        update_url: str = "",
        *,
        service_data: Path,
    ) -> None:
        """
        :param preferences: those that the queue begins with.
        :param report: makes the diagnosis report.
        :param update_url: address that publishes the newest version; empty: none.
        :param service_data: folder of the local service.
        """
        super().__init__()
        self._clock = clock
        self._logins = ProxyLogin(tokens)
        self._held = preferences
        self._report = report
        self._update_url = update_url
        self._service_data = service_data

    def attach(self, queue: TaskQueue) -> None:
        """Connect to the queue, which applies the limits from its first task on."""
        for service, maximum in self._held.day_limits.items():
            queue.spending.limit_day(service, maximum)
        queue.spending.batch_limit = self._held.batch_limit
        super().attach(queue)

    @property
    def knows_where_updates_are(self) -> bool:
        """Whether this build knows the address that publishes new versions."""
        return bool(self._update_url)

    # -- what applies at once ---------------------------------------------------------------------

    def hold_to(self, preferences: Preferences, max_at_a_time: Mapping[str, int]) -> None:
        """Apply changed preferences.

        :param max_at_a_time: how many tasks each service may have at a time, by its name.
        """
        before, self._held = self._held, preferences
        if before.network != preferences.network:
            self._apply_network(preferences.network)
        if before.batch_limit != preferences.batch_limit:
            self._limit_batches(preferences.batch_limit)
        if before.day_limits != preferences.day_limits:
            self._limit_days(before, preferences)
        if before.parallel_tasks != preferences.parallel_tasks:
            self._limit_parallel(max_at_a_time)
        self._name_results(preferences)

    @command
    async def _apply_network(self, network: NetworkSettings) -> None:
        await (await self._queue).pool.apply_network(network)

    @command
    async def _limit_parallel(self, maxima: Mapping[str, int]) -> None:
        pool = (await self._queue).pool
        for service, maximum in maxima.items():
            if (worker := pool.get(service)) is not None:
                worker.limit_parallel(maximum)

    @command
    async def _name_results(self, preferences: Preferences) -> None:
        naming = (await self._queue).naming
        naming.template = preferences.name_template
        naming.strip_signatures = preferences.strip_signatures
        naming.metadata = preferences.metadata

    @command
    async def _limit_days(self, before: Preferences, now: Preferences) -> None:
        queue = await self._queue
        for service in {**before.day_limits, **now.day_limits}:
            queue.spending.limit_day(service, now.day_limits.get(service))
            if before.day_limits.get(service) != now.day_limits.get(service):
                await queue.try_limits(service)

    @command
    async def _limit_batches(self, maximum: float | None) -> None:
        queue = await self._queue
        queue.spending.batch_limit = maximum
        for service in {task.service for task in await queue.stored() if is_held(task)}:
            await queue.try_limits(service)

    # -- spending ---------------------------------------------------------------------------------

    @command
    async def read_ledger(self, since: datetime | None = None) -> None:
        """Read what was possibly charged since a moment, and in any case this month."""
        queue = await self._queue
        now = self._clock.wall()
        month = month_of(now)
        charges = queue.db.store.charges
        entries = await queue.db.do(charges.ledger, month if since is None else min(since, month))
        incomplete_before = await queue.db.do(charges.incomplete_before)
        self.ledger_read.emit(Ledger(chargeable(entries), now, incomplete_before))

    @command
    async def allow_more(self, service: str) -> None:
        """Allow more than the limits: today, and for what waits now."""
        await (await self._queue).spend_on(service)

    # -- network ----------------------------------------------------------------------------------

    @command
    async def check_ca_file(self, path: Path) -> None:
        """Check whether a file holds certificates; :attr:`ca_file_checked` reports it."""
        problem = await asyncio.to_thread(ca_file_problem, path)
        # Made a text here: a signal would take the detail for its English text.
        self.ca_file_checked.emit(str(path), shown(problem))

    @command
    async def look_for_login(self, network: NetworkSettings) -> None:
        """Report whether a login is kept for this proxy."""
        try:
            found = (await self._logins.complete(replace(network, proxy_login=None))).proxy_login
        except KeyringProblem as problem:
            text = tr("{problem}. A login that you enter is used until the program ends.")
            self.login_reported.emit(text.format(problem=sentence(problem)))
            return
        self.login_reported.emit(
            tr("A login is kept for this proxy.")
            if found is not None
            else tr("No login is kept for this proxy yet.")
        )

    @command
    async def keep_login(self, network: NetworkSettings, login: Secret) -> None:
        """Keep the login of the user's own proxy, and use it at once."""
        try:
            await self._logins.keep(network, login)
        except KeyringProblem as problem:
            text = tr("The login is used until the program ends. {problem}.")
            self.login_reported.emit(text.format(problem=sentence(problem)))
        else:
            self.login_reported.emit(tr("The login is kept in the password manager."))
        self._apply_network(self._held.network)  # the user may have chosen anew meanwhile

    @command
    async def forget_login(self, network: NetworkSettings) -> None:
        """Forget the login of this proxy."""
        try:
            await self._logins.forget(network)
        except KeyringProblem as problem:
            self.login_reported.emit(f"{sentence(problem)}. {explain(problem).next_step}")
            return
        self.login_reported.emit(tr("No login is kept for this proxy any more."))
        self._apply_network(self._held.network)

    # -- diagnosis --------------------------------------------------------------------------------

    @command
    async def diagnose(self) -> None:
        """Make the diagnosis report; :attr:`diagnosed` carries it."""
        # The report shows the state of the password manager.
        network = await self._logins.complete_if_readable(self._held.network)
        self.diagnosed.emit(await self._report(_display(), network))

    @command
    async def save_text(self, text: str, target: Path) -> None:
        """Save a text to a place of the user's choice; never over another file."""
        from enhance_gui.jobs.support.saving import save_text

        final = await asyncio.to_thread(save_text, text, target)
        self.saved.emit(str(target), str(final))

    @command
    async def save_made(
        self, steps: Iterable[Callable[[], object]], make: Callable[[], str], target: Path
    ) -> None:
        """Save a text that is made in threads; never over another file.

        :param steps: what comes before it, each short: the program can end between them.
        """
        from enhance_gui.jobs.support.saving import save_text

        for step in steps:
            await asyncio.to_thread(step)
        final = await asyncio.to_thread(lambda: save_text(make(), target))
        self.saved.emit(str(target), str(final))

    # -- own models -------------------------------------------------------------------------------

    @property
    def models_folder(self) -> Path:
        """Where the user puts own models."""
        return models_folder(self._service_data)

    def make_models_folder(self) -> None:
        """Create the folder, so that it can be opened."""
        with suppress(OSError):  # then the nearest folder above is opened
            self.models_folder.mkdir(parents=True, exist_ok=True)

    @command
    async def look_for_models(self) -> None:
        """Test new models in the folder; :attr:`models_reported` carries the models."""
        from enhance_gui.jobs.local_service.net_inventory import look_for_models

        self.models_reported.emit(await look_for_models(self._service_data))

    # -- updates ----------------------------------------------------------------------------------

    @command
    async def look_for_update(self) -> None:
        """Check once for updates; emit :attr:`update_reported` or :attr:`update_not_known`."""
        await self._queue  # what it needs is loaded by then
        from enhance_gui.jobs.support.update_check import newest_version

        try:
            network = await self._logins.complete_if_readable(self._held.network)
            self.update_reported.emit(await newest_version(self._update_url, network))
        except UpdateNotKnown as error:
            self.update_not_known.emit(f"{sentence(error)}.")


def _display() -> str:
    """Return what Qt shows the window on, as a text."""
    screens = ", ".join(
        f"{screen.size().width()}x{screen.size().height()} at {screen.devicePixelRatio():.3g}"
        for screen in QGuiApplication.screens()
    )
    return f"Qt {qVersion()}, platform {QGuiApplication.platformName()}, screens {screens}"
