"""Puts the parts of the service together."""

from __future__ import annotations

import logging

from enhance_gui.core.clock import Clock
from enhance_gui.core.secret import Secret
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.http.admission import Admission
from enhance_gui.service.http.application import ServiceApplication
from enhance_gui.service.http.connections import ConnectionLimit
from enhance_gui.service.http.gate import Gate
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.listening import listening_socket, tls_context
from enhance_gui.service.http.metrics import Tally
from enhance_gui.service.http.operators import OperatorPages
from enhance_gui.service.http.proxies import Proxies
from enhance_gui.service.http.readiness import Readiness
from enhance_gui.service.http.routes import Routes
from enhance_gui.service.http.server import HttpServer
from enhance_gui.service.running import RunningService
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.store.task_store import TaskThread, open_task_store
from enhance_gui.service.tasks.callbacks import CallbackSender
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.cleaning import Cleaner
from enhance_gui.service.tasks.ends import TaskEnds
from enhance_gui.service.tasks.intake import InputReceiver
from enhance_gui.service.tasks.partial_uploads import PartialUploads
from enhance_gui.service.tasks.room import StorageRoom
from enhance_gui.service.users import Users
from enhance_gui.service.work.forms import slots_for
from enhance_gui.service.work.runner import TaskRunner

_LOG = logging.getLogger(__name__)


def open_service(
    settings: ServiceSettings, token: Secret, clock: Clock | None = None
) -> RunningService:
    """Take hold of the data folder and of the port; return what is ready to run.

    :raises EnhanceError: the data folder cannot be used, or another service uses it.
    :raises UsageError: the address cannot be listened on, the certificate not be used, or the
        file of users has a mistake.
    """
    clock = clock or Clock()
    tls = tls_context(settings.tls_certificate, settings.tls_key)
    users = Users(token, settings.users_file, clock)
    files = FileStore(settings.data_folder)
    database = settings.data_folder / "tasks.sqlite"
    with disk_errors():
        settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It holds the names of the files, which are what protects them.
        database.touch(mode=0o600)
    slots = slots_for(settings)
    store = open_task_store(database, clock.wall().timestamp())
    room = StorageRoom(files, settings)
    try:
        files.prepare()
        room.prepare()
        store.requeue_unfinished()
        files.remove_orphans(*store.file_names())
        unannounced = store.tasks_to_announce()
        listening = listening_socket(settings.host, settings.port)
    except BaseException:
        store.close()
        raise
    hosts = OwnHosts(
        settings.host,
        listening.getsockname()[1],
        has_tls=tls is not None,
        public_url=settings.public_url,
    )
    tasks = TaskThread(store, files.give_up_reserve)
    runner = TaskRunner(tasks, files, slots, settings, clock)
    intake = InputReceiver(files, room, settings, clock)
    uploads = PartialUploads(files, room, settings, clock)
    calls = Calls(tasks, files, intake, uploads, runner, hosts, settings, clock)
    tally = Tally()
    readiness = Readiness(room, lambda: slots.room)
    proxies = Proxies(settings.proxies)
    application = ServiceApplication(
        Admission(Gate(hosts, users), proxies, clock),
        Routes(calls, files, OperatorPages(readiness, tally, tasks, runner, room), readiness),
        tally,
        settings.body_timeout_s,
    )
    limit = ConnectionLimit(settings.max_connections, settings.max_unproven_connections, proxies)
    background = TaskSupervisor(_log_crash)
    callbacks = None
    if settings.callback_url:
        callbacks = CallbackSender(tasks, calls, settings, token, clock)
    return RunningService(
        settings,
        listening,
        hosts,
        HttpServer(application, limit, tls, background),
        tasks,
        intake,
        runner,
        TaskEnds(tally, callbacks, background),
        unannounced,
        Cleaner(tasks, files, room, calls, settings, clock),
        readiness,
        background,
    )


def _log_crash(error: BaseException) -> None:
    _LOG.error("work of the service broke off", exc_info=error)
