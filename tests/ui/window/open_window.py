"""A window over a scripted queue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QApplication

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import ENDED
from enhance_gui.core.tasks.task import Task
from enhance_gui.imaging.detail import most_detailed_place
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.storage.profiles.profile_files import empty_entry, local_profile, save_entry
from enhance_gui.storage.system.keyrings import SystemKeyring
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge, Report
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.widgets.theme import ThemeManager
from enhance_gui.ui.window.main_window import MainWindow
from enhance_gui.ui.window.outputs_panel import CropLocator
from tests.ui.scripted_queue import ScriptedQueue, new_folder

STUDIO = ServiceProfile(
    "Studio",
    "https://studio.example.org",
    enhance_types=(EnhanceType(7, "Enhance", "The studio's own.", cost=2),),
)

UPDATES = "https://enhance.example.org/newest.json"


async def no_report(display: str, network: NetworkSettings) -> str:
    return f"Report of a test: {display}"


async def no_network() -> NetworkSettings:
    return DIRECT


@dataclass(slots=True)
class Opened:
    """The window and what stands behind it."""

    window: MainWindow
    bridge: Bridge
    account: AccountBridge
    choices: Choices
    queue: ScriptedQueue
    kept: list[Preferences]
    services: ServiceBridge
    tokens: CredentialStore


@asynccontextmanager
async def open_window(
    folder: Path,
    *,
    service: str = "Studio",
    history: Sequence[Task] = (),
    preferences: Preferences | None = None,
    report: Report | None = None,
    tokens: CredentialStore | None = None,
) -> AsyncIterator[Opened]:
    """Show a window whose queue is scripted; new pictures go to ``service``.

    :param tokens: without them there is no password manager.
    """
    application = cast(QApplication, QApplication.instance())
    preferences = replace(preferences or Preferences(welcomed=True), service=service)
    kept: list[Preferences] = []
    clock = Clock()
    look = ThemeManager(application, preferences.theme)
    bridge = Bridge(clock, folder / "pasted")
    choices = Choices(
        preferences,
        [local_profile(), STUDIO],
        new_folder(),
        folder / "kept",
        kept.append,
    )
    tokens = tokens or CredentialStore(SystemKeyring(folder / "token-places.json", ()))
    account = AccountBridge(
        clock,
        tokens,
        preferences,
        report or no_report,
        UPDATES,
        service_data=folder / "service",
    )
    crops = CropLocator(lambda *_: None, lambda *_: None, most_detailed_place)
    save_entry(empty_entry(), STUDIO, folder / "profiles")
    services = ServiceBridge(folder / "profiles", tokens, no_network)
    window = MainWindow()
    window.fill(bridge, account, services, choices, look, clock, crops)
    queue = ScriptedQueue()
    queue.tasks |= {task.id: task for task in history}
    window.show()
    window.activateWindow()
    account.attach(cast(TaskQueue, queue))
    services.attach(cast(TaskQueue, queue))
    bridge.attach(cast(TaskQueue, queue), [each for each in history if each.state not in ENDED])
    await bridge.remember([each for each in history if each.state in ENDED])
    try:
        yield Opened(window, bridge, account, choices, queue, kept, services, tokens)
    finally:
        await services.close()
        await account.close()
        await bridge.close()
        window.close()
        window.stop()
        window.deleteLater()
        look.deleteLater()
