"""The requests of a later start to the running program, and how they are carried out."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.errors import PROFILE_UNKNOWN, EnhanceError, TokenDiffers, UsageError
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import (
    LOCAL_SERVICE_NAME,
    ServiceProfile,
    profile_from_mapping,
    profile_to_mapping,
)
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.storage_errors import DatabaseBusy, KeyringProblem
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.reports import Report, not_kept, report_of
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.single_instance.server import Send
from enhance_gui.storage.profiles.profile_files import local_profile

OPEN_KIND: Final = "open"


def open_request(inputs: Sequence[str]) -> dict[str, Any]:
    """Return the request to show the window and to add the inputs."""
    return {"kind": OPEN_KIND, "inputs": list(inputs)}


@dataclass(frozen=True, slots=True)
class EnhanceRequest:
    """A request to enhance inputs."""

    inputs: tuple[str, ...]
    profile: ServiceProfile
    enhance_type: EnhanceType
    saving: Saving
    """Names the save folder."""
    folder: Path
    """Absolute; the one that relative paths of inputs start from."""
    max_cost: float | None = None
    """Credits that the inputs may possibly be charged together; ``None``: no limit."""

    def to_mapping(self) -> dict[str, Any]:
        return {
            "inputs": list(self.inputs),
            "profile": profile_to_mapping(self.profile),
            "type": {
                "id": self.enhance_type.id,
                "name": self.enhance_type.name,
                "outputs": self.enhance_type.outputs.value,
            },
            **self.saving.to_mapping(),
            "folder": str(self.folder),
            "max_cost": self.max_cost,
        }

    @classmethod
    def from_mapping(cls, data: dict[str, Any]) -> EnhanceRequest:
        """:raises ValueError: not a request."""
        try:
            kind = data["type"]
            max_cost = data.get("max_cost")
            return cls(
                tuple(str(each) for each in data["inputs"]),
                profile_from_mapping(data["profile"], "the other start"),
                EnhanceType(int(kind["id"]), str(kind["name"]), outputs=Outputs(kind["outputs"])),
                Saving.from_mapping(data),
                Path(str(data["folder"])),
                None if max_cost is None else float(max_cost),
            )
        except (KeyError, TypeError, EnhanceError) as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    """A request to continue stored work; beside inputs, or alone."""

    profile: ServiceProfile | None
    """The service whose work it is; ``None``: of all."""
    saving: Saving = field(default_factory=Saving)
    """How its results are saved from now on."""

    def to_mapping(self) -> dict[str, Any]:
        profile = None if self.profile is None else profile_to_mapping(self.profile)
        return {"resume": {"profile": profile, **self.saving.to_mapping()}}

    @classmethod
    def from_mapping(cls, data: dict[str, Any]) -> ResumeRequest | None:
        """:raises ValueError: not a request."""
        if (wanted := data.get("resume")) is None:
            return None
        try:
            profile = wanted["profile"]
            return cls(
                None if profile is None else profile_from_mapping(profile, "the other start"),
                Saving.from_mapping(wanted),
            )
        except (KeyError, TypeError, EnhanceError) as error:
            raise ValueError(str(error)) from error


class RemoteRequests:
    """Does the work of later starts in the queue of this program, or shows them its window."""

    def __init__(
        self,
        queue: TaskQueue,
        token_of: Callable[[ServiceProfile], Awaitable[Secret | None]],
        own: Batch | None = None,
        take: Callable[[Sequence[str]], Awaitable[bool]] | None = None,
    ) -> None:
        """
        :param token_of: gives the token that a service is sent.
        :param own: what this program itself was started for.
        :param take: brings the window to the front, where there is one, and returns whether the
            inputs are stored where they will not be lost: not where it is about to close.
        """
        self._queue = queue
        self._token_of = token_of
        self._take = take
        self._own = [] if own is None else [own]
        self._others: list[Batch] = []
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Wait until no other start waits for its work."""
        await self._idle.wait()

    async def handle(self, data: dict[str, Any], send: Send) -> None:
        """Do what a later start asks for, and send a line for each input that ends.

        :raises ValueError: not a request.
        :raises DatabaseBusy: the window is closing, and has not taken the inputs.
        :raises TokenDiffers: it would be sent another token than the later start has.
        :raises EnhanceError: the inputs are not taken; nothing is stored.
        """
        if data.get("kind") == OPEN_KIND:
            await self._open(data.get("inputs", []), send)
            return
        resuming = ResumeRequest.from_mapping(data)
        request = None
        if resuming is None or "inputs" in data:
            request = EnhanceRequest.from_mapping(data)
            await self._queue.pool.refuse_moved(request.profile)
            await self._refuse_other_token(request.profile, data)
            # Before anything is stored: costs and what comes out are those of the later start.
            await self._queue.pool.follow(request.profile)
        if resuming is not None:
            for profile, _ in await self._stored(resuming):
                await self._refuse_other_token(profile, data)
            if resuming.profile is not None:
                await self._queue.pool.follow(resuming.profile)
        self._running += 1
        self._idle.clear()
        try:
            await self._enhance(request, resuming, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _open(self, inputs: object, send: Send) -> None:
        if self._take is None or not isinstance(inputs, list):
            raise ValueError("there is no window, or the inputs are not a list")
        # First a sign of life: a folder of many pictures takes its time.
        await send({"taking": len(inputs)})
        if not await self._take([str(input_) for input_ in inputs]):
            raise DatabaseBusy("the window that is open could not take the inputs")
        await send({"opened": len(inputs)})

    async def _refuse_other_token(self, profile: ServiceProfile, data: dict[str, Any]) -> None:
        mark = data.get("token")
        if mark is None or profile.name == LOCAL_SERVICE_NAME:
            return
        token = None
        with suppress(KeyringProblem):  # what cannot be read here is another one
            token = await self._token_of(profile)
        if not _is_of(mark, token):
            raise TokenDiffers(
                "the program that is running has another one for “{service}”", service=profile.name
            )

    async def _stored(self, wanted: ResumeRequest) -> list[tuple[ServiceProfile, list[Task]]]:
        """Return the stored work that is wanted, by service.

        :raises UsageError: the profile of a service is not stored.
        """
        tasks = await self._queue.stored(None if wanted.profile is None else wanted.profile.name)
        return await by_service(tasks, wanted.profile, self._queue)

    async def _enhance(
        self, request: EnhanceRequest | None, resuming: ResumeRequest | None, send: Send
    ) -> None:
        reports: asyncio.Queue[Report] = asyncio.Queue()
        max_cost = None if request is None else request.max_cost
        batch = Batch(self._queue, reports.put_nowait, max_cost)
        resumed: list[Task] = []
        try:
            if request is not None:
                await batch.enhance(
                    request.inputs,
                    request.profile,
                    request.enhance_type,
                    request.saving,
                    request.folder,
                    at_work=self._at_work(),
                    is_resumed=resuming is not None,
                )
            if resuming is not None:
                resumed = await self._resume(resuming, batch)
        # Refused or cancelled: there is nothing that it would wait for.
        except BaseException:
            batch.close()
            raise
        # Whoever asked may go away; what was added is worked on all the same, and the batch stays
        # until its end, so that who asks for the same again gets what it has brought by then.
        self._others.append(batch)
        batch.expect_no_more()
        await send({"accepted": batch.total})
        for task in resumed:
            await send({"stored": report_of(task, task.input).fields})
        for _ in range(batch.total):
            report = await reports.get()
            # What this program calls kept, the next start has to find.
            await send((report if self._queue.db.store.is_in_place else not_kept(report)).fields)

    async def _resume(self, wanted: ResumeRequest, batch: Batch) -> list[Task]:
        """Continue stored work; return what of it is not among the inputs of the batch."""
        stored = await self._stored(wanted)
        others = [task for _, own in stored for task in own if task.id not in batch.task_ids]
        if wanted.saving.is_change:
            task_ids = [task.id for _, own in stored for task in own]
            db = self._queue.db
            await db.do(db.store.drafts.save_otherwise, wanted.saving, task_ids)
        for profile, own in stored:
            await batch.resume(profile, own)
        return others

    def _at_work(self) -> set[int]:
        """Return the tasks of all batches that have not come to their end."""
        self._others = [batch for batch in self._others if not batch.done.is_set()]
        return {task_id for batch in (*self._own, *self._others) for task_id in batch.task_ids}


async def by_service(
    tasks: Sequence[Task], named: ServiceProfile | None, queue: TaskQueue
) -> list[tuple[ServiceProfile, list[Task]]]:
    """Return stored tasks with the profile of their service; as :func:`profile_of`."""
    return [
        (await profile_of(name, named, queue), [task for task in tasks if task.service == name])
        for name in dict.fromkeys(task.service for task in tasks)
    ]


async def profile_of(name: str, named: ServiceProfile | None, queue: TaskQueue) -> ServiceProfile:
    """Return the profile of a service that has stored work.

    :param named: the profile that was named, which may be this service's.
    :raises UsageError: it is not stored.
    """
    if named is not None and named.name == name:
        return named
    if name == LOCAL_SERVICE_NAME:
        return local_profile()
    profile = await queue.pool.profile(name)
    if profile is None:
        reported = f"the profile of “{name}” is not stored: name its file with --service"
        raise UsageError(reported, kind=PROFILE_UNKNOWN)
    return profile


def token_fingerprint(token: Secret | None) -> dict[str, Any]:
    """Return a fingerprint by which the running program sees whether its token is this one.

    A token has to be long enough that nobody finds it by trying; whoever gets this mark has proved
    to be a program of the same user.
    """
    if token is None:
        return {}
    salt = secrets.token_hex(16)
    return {"token": {"salt": salt, "hash": _salted(token, salt)}}


def _is_of(mark: Any, token: Secret | None) -> bool:
    """Return whether a mark is that of this token."""
    if token is None or not isinstance(mark, dict):
        return False
    wanted = str(mark.get("hash")).encode("utf-8", "replace")
    return hmac.compare_digest(_salted(token, str(mark.get("salt"))).encode(), wanted)


def _salted(token: Secret, salt: str) -> str:
    key = salt.encode("utf-8", "replace")
    return hmac.new(key, token.reveal().encode("utf-8", "replace"), "sha256").hexdigest()
