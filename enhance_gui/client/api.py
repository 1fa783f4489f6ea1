"""Calls the API of one service."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Collection
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from enhance_gui.client.calls import Calls
from enhance_gui.client.exchanges import exchange_of
from enhance_gui.client.replies import Reply, answered_envelope, created_task
from enhance_gui.client.uploads import Uploader
from enhance_gui.core.picture_errors import (
    LOCAL_FILE_NOT_POSSIBLE,
    PICTURE_CHANGED,
    PICTURE_MISSING,
    InputError,
)
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import (
    RecordUnusable,
    RequestRefused,
    ServiceSilent,
    ServiceUnreachable,
)
from enhance_gui.core.services.connection_test import Exchange
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.core.text.detail import Detail
from enhance_gui.transport.body import body_chunks
from enhance_gui.transport.clients import api_client
from enhance_gui.transport.error_mapping import map_http_errors
from enhance_gui.transport.host_lookup import Resolver, resolve
from enhance_gui.transport.http_statuses import retry_after_s
from enhance_gui.transport.send_tracker import BeforeSend, SendTracker
from enhance_gui.transport.timeouts import Deadline, Timeouts
from enhance_gui.wire.envelope import Envelope
from enhance_gui.wire.records import CreatedTask, TaskRecord, read_task_record
from enhance_gui.wire.requests import (
    CreateTaskRequest,
    DeleteTaskRequest,
    GetTaskRequest,
)

_log = logging.getLogger(__name__)

MAX_REPLY_BYTES: Final = 2**20
"""Longest reply that is read."""

MAX_RECORD_BYTES: Final = 8 * 2**20
"""Longest reply with a task's record: 1,000 faces, each with two long signed addresses."""

_MAX_READ_AT_ONCE_BYTES: Final = 256 * 1024

_OWN_PRIVATE_ID: Final = re.compile(r"[a-z2-7]{26}")
"""What this program's ids look like: 128 bits in base32."""

PROBE_TASK_ID: Final = "enhance-gui-asks-whether-you-are-there"

CREATE_TIMEOUTS: Final = Timeouts(connect_s=15.0, read_s=60.0, overall_s=75.0)
"""Generous: giving up on an answer to createtask leaves a task in doubt."""
CALL_TIMEOUTS: Final = Timeouts()


class ApiClient:
    """Calls the service of one profile; sends the token to that profile's origin alone."""

    def __init__(
        self,
        profile: ServiceProfile,
        token: Secret | None,
        *,
        settings: NetworkSettings = DIRECT,
        create_timeouts: Timeouts | None = None,
        call_timeouts: Timeouts | None = None,
        resolver: Resolver = resolve,
        on_exchange: Callable[[Exchange], None] | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        :param create_timeouts: of createtask; this and the next are by default what ``settings``
            say.
        :param on_exchange: told of each exchange at its end, without the token.
        :param wall: civil time with zone, for a ``Retry-After`` date without a ``Date``.
        """
        self._profile = profile
        self._token = token
        self._calls = Calls(profile, token)
        self._create_timeouts = create_timeouts or _create_timeouts(settings)
        self._call_timeouts = call_timeouts or _call_timeouts(settings)
        self._on_exchange = on_exchange
        self._wall = wall
        # A kept connection may be closed by the service just as the request leaves, and that
        # would put a task in doubt for nothing: each createtask has a fresh one.
        self._fresh = api_client(keep_alive=False, resolver=resolver, settings=settings)
        self._kept = api_client(keep_alive=True, resolver=resolver, settings=settings)
        self._uploader = Uploader(self._calls, self._kept, self._call_timeouts, self._upload_call)

    def with_network(self, settings: NetworkSettings) -> ApiClient:
        """Return another client for the same service and token, with other network settings."""
        return ApiClient(self._profile, self._token, settings=settings, wall=self._wall)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._fresh.aclose()
        await self._kept.aclose()

    async def close_when_idle(self) -> None:
        """Close every connection when the last request has ended; return then."""
        await self._fresh.close_when_idle()
        await self._kept.close_when_idle()

    async def create_task(self, request: CreateTaskRequest, before_send: BeforeSend) -> CreatedTask:
        """Create one task; never repeated here, whatever happens.

        :param before_send: awaited once the connection is open and before the first byte of the
            request leaves, outside the deadline. What it raises comes out and nothing is sent.
        :raises ServiceUnreachable: surely not sent.
        :raises ServiceBusy, TokenRefused, RequestRefused: sent, and surely not created.
        :raises CreateInDoubt: sent, and perhaps created.
        :raises TokenMissing: nothing was tried.
        """
        call = self._calls.documented(self._fresh, request, self._create_timeouts)
        reply = await self._exchange(self._fresh, call, self._create_timeouts, before_send)
        # Whatever its length, not in a thread: nothing comes between the answer to a paid call and
        # its record.
        return created_task(reply)

    async def get_task(
        self, task_id: str, type_id: int, private_ids: Collection[str] = ()
    ) -> TaskRecord:
        """Ask for a task's record.

        :param private_ids: under which the task was ever sent, where that is known: the record
            must not carry that of another.
        :raises RecordUnusable: an answer with success that says nothing of the task.
        :raises ServiceError: see :func:`~enhance_gui.client.replies.answered_envelope`.
        """
        data = await self._ask(GetTaskRequest(task_id, type_id), MAX_RECORD_BYTES)
        if not data:
            raise RecordUnusable("the service answered with success and without a record")
        record = read_task_record(data)
        if record.task_id not in ("", task_id) or _is_foreign(record, private_ids):
            raise RecordUnusable("the service answered with the record of another task")
        return msgspec.structs.replace(record, task_id=task_id)

    async def ping(self, type_id: int) -> None:
        """Ask for a task that cannot exist: free, and any answer of the API shows it is reachable.

        :raises ServiceError: nothing that is the API answered.
        """
        with suppress(RequestRefused):
            await self._ask(GetTaskRequest(PROBE_TASK_ID, type_id))

    async def delete_task(self, task_id: str) -> bool:
        """Delete a task on the service; return whether the service confirms it.

        :raises ServiceError: as :meth:`get_task`.
        """
        data = await self._ask(DeleteTaskRequest(task_id))
        text = data.get("success", True)
        return text.strip().lower() in ("true", "1") if isinstance(text, str) else bool(text)

    async def upload(self, picture: Path, sha256: str | None = None) -> str:
        """Upload a local picture; return the address that createtask takes.

        The call is no part of the API's document: a POST of the file's bytes, answered by the
        envelope with ``picurl`` in it; where the service can, in pieces (see :class:`Uploader`).

        :param sha256: hexadecimal, of the file as it was checked; ``None``: not known.
        :raises InputError: the profile names no such call.
        :raises InputError: the file cannot be read, or is another than was checked.
        :raises ServiceError: as :meth:`get_task`.
        """
        if not self._profile.upload_path:
            raise InputError(
                "“{service}” takes web addresses only",
                service=self._profile.name,
                kind=LOCAL_FILE_NOT_POSSIBLE,
            )
        try:
            content, digest = await asyncio.to_thread(_read_with_digest, picture)
        except OSError as error:
            raise InputError(
                "it cannot be read ({reason})", reason=error.strerror, kind=PICTURE_MISSING
            ) from error
        if sha256 not in (None, digest):
            raise InputError(kind=PICTURE_CHANGED)
        return await self._uploader.upload(content, digest)

    async def _upload_call(self, request: httpx.Request, timeouts: Timeouts) -> Envelope:
        return await _opened(await self._exchange(self._kept, request, timeouts))

    async def _ask(
        self, request: GetTaskRequest | DeleteTaskRequest, max_bytes: int = MAX_REPLY_BYTES
    ) -> dict[str, Any]:
        call = self._calls.documented(self._kept, request, self._call_timeouts)
        reply = await self._exchange(self._kept, call, self._call_timeouts, max_bytes=max_bytes)
        return (await _opened(reply)).data

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        timeouts: Timeouts,
        before_send: BeforeSend | None = None,
        max_bytes: int = MAX_REPLY_BYTES,
    ) -> Reply:
        """Send one request and return what came back, a broken-off answer included.

        :raises ServiceUnreachable: surely not sent.
        """
        deadline = Deadline(timeouts.overall_s)
        tracker = SendTracker(before_send and _outside(deadline, before_send))
        request.extensions["trace"] = tracker.trace
        reply = Reply(names=self._profile.fields)
        try:
            async with deadline:
                with map_http_errors(ServiceUnreachable, ServiceSilent, tracker):
                    response = await client.send(request, stream=True)
                    await self._receive(response, timeouts, max_bytes, reply)
        except TimeoutError as error:
            if not deadline.expired:
                raise
            reply.failure = Detail(
                "no whole answer within {count:g} seconds", count=timeouts.overall_s
            )
            if not tracker.request_started:
                raise ServiceUnreachable("the service could not be reached in time") from error
        except ServiceSilent as error:
            if not tracker.request_started:
                raise
            reply.failure = error.detail
        except Exception:
            # Once the request may have left, even a fault of this program must not hide that.
            if not tracker.request_started:
                raise
            _log.exception("the answer of a service led to an unforeseen error")
            reply.failure = Detail("reading the answer failed")
        finally:
            if self._on_exchange is not None:
                self._on_exchange(exchange_of(request, reply))
        return reply

    async def _receive(
        self,
        response: httpx.Response,
        timeouts: Timeouts,
        max_bytes: int,
        reply: Reply,
    ) -> None:
        """Fill ``reply`` as far as the exchange gets."""
        try:
            reply.status = response.status_code
            reply.content_type = response.headers.get("Content-Type", "")
            reply.retry_after_s = retry_after_s(response.headers, self._wall())
            too_long = ServiceSilent("the answer is longer than any the API gives")
            chunks = body_chunks(
                response, max_bytes=max_bytes, too_long=too_long, timeouts=timeouts
            )
            async with aclosing(chunks):
                async for chunk in chunks:
                    reply.body += chunk
        finally:
            await response.aclose()


async def _opened(reply: Reply) -> Envelope:
    """Read an answer; a long one in a thread, so that the window does not freeze meanwhile."""
    if len(reply.body) <= _MAX_READ_AT_ONCE_BYTES:
        return answered_envelope(reply)
    return await asyncio.to_thread(answered_envelope, reply)


def _read_with_digest(file: Path) -> tuple[bytes, str]:
    """Return a file's content and its SHA-256, in hexadecimal."""
    content = file.read_bytes()
    return content, hashlib.sha256(content).hexdigest()


def _is_foreign(record: TaskRecord, private_ids: Collection[str]) -> bool:
    """Return whether a record carries the private id of another task of this program.

    Where it has its own task id too, a ``chtaskid`` of any other form is taken for one that the
    service has rewritten.
    """
    reported = record.private_id.strip().lower()
    if not private_ids or not reported or reported in private_ids:
        return False
    return not record.task_id or _OWN_PRIVATE_ID.fullmatch(reported) is not None


def _call_timeouts(settings: NetworkSettings) -> Timeouts:
    return replace(
        CALL_TIMEOUTS,
        connect_s=settings.connect_s,
        read_s=settings.answer_s / 2,
        overall_s=settings.answer_s,
    )


def _create_timeouts(settings: NetworkSettings) -> Timeouts:
    """Return the timeouts of createtask, at least the usual: short ones leave tasks in doubt."""
    return replace(
        CREATE_TIMEOUTS,
        connect_s=max(CREATE_TIMEOUTS.connect_s, settings.connect_s),
        read_s=max(CREATE_TIMEOUTS.read_s, 2 * settings.answer_s),
        overall_s=max(CREATE_TIMEOUTS.overall_s, 2.5 * settings.answer_s),
    )


def _outside(deadline: Deadline, before_send: BeforeSend) -> BeforeSend:
    """Return ``before_send``, run with the deadline paused: it is not the service's time."""

    async def paused() -> None:
        deadline.pause()
        await before_send()
        deadline.restart()

    return paused
