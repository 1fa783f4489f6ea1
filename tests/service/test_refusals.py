"""Every refusal of the service, caused on a running one, in the words that a person reads of it.

Window and command line say the same: each case goes through the client that both use, and through
the whole queue where that makes a difference. A code of the service without a case fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from enhance_gui.client import replies
from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import CreateInDoubt
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import PictureLimits, ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.core.text.explanations import explain_pause, explain_task, task_sentence
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.jobs.events import ServiceStatusChanged
from enhance_gui.service.tasks.refusals import OwnCode
from enhance_gui.service.users import add_user
from enhance_gui.wire.codes import REASONS, Code
from enhance_gui.wire.requests import CreateTaskRequest
from tests.client.speaking import at_once
from tests.scenarios.running import Running, at_work
from tests.service.serving import TOKEN, UPSCALE, UPSCALE_4, Asker, serving
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, ScriptableService

NO_TASK = "No task was created. "
NOT_MADE = "The service did not create a task. "
NOT_CHARGED = "It did not process the request, so nothing was charged for it; the task is kept. "
MAY_BE_CHARGED = "It had accepted the task and may have charged for it"
READ_IT = "Read its message."
WAIT = "Wait: it is sent again when the service is ready."
NO_ID = "00000000-0000-0000-0000-000000000000"
NO_UPLOAD = "/uploads/" + "a" * 32 + ".png"


@dataclass(frozen=True)
class Told:
    """What a person is told."""

    kind: str
    text: str


@dataclass(frozen=True)
class Setup:
    """A running service, and a folder of the person who uses it."""

    asker: Asker
    folder: Path
    anas_token: str
    """That of a user who has had all pictures of today."""

    def profile(self, **changes: Any) -> ServiceProfile:
        fields: dict[str, Any] = {
            "name": "Studio",
            "base_url": self.asker.service.base_url,
            "allow_private_addresses": True,
            "requests_per_s": 50.0,
            "upload_path": "/upload",
            "enhance_types": (EnhanceType(UPSCALE, "Upscale", outputs=Outputs.NONE),),
        }
        return ServiceProfile(**{**fields, **changes})

    def picture(self, kind: str = "png") -> Path:
        path = self.folder / f"a.{kind}"
        path.write_bytes(picture_bytes(kind, 200, 100))
        return path


Cause = Callable[[Setup], Awaitable[Told]]


@dataclass(frozen=True)
class Case:
    """One refusal."""

    code: int
    kind: str
    happened: str
    means: str
    next_step: str
    cause: Cause
    settings: dict[str, Any] = field(default_factory=dict)
    """How the service is run."""
    why_raw: str = ""
    """Why the program's own client cannot cause it; empty: it does."""


# -- through the queue ----------------------------------------------------------------------------


def told_in(running: Running, task: Task) -> Told | None:
    """Return what the program tells by itself: of the service, else of the task."""
    for event in running.events:
        if isinstance(event, ServiceStatusChanged) and event.failure is not None:
            return Told(event.failure.kind, explain_pause(event.failure))
    now = running.last(task)
    explained = explain_task(now)
    if now.state is not TaskState.FAILED or now.failure is None or explained is None:
        return None
    text = sentences(ended(task_sentence(now)), explained.meaning, explained.next_step)
    return Told(now.failure.kind, text)


async def enhance(setup: Setup, source: str | Path, token: str = TOKEN, **changes: Any) -> Told:
    """Have a picture enhanced as a person does it; return what is told of that."""
    profile = setup.profile(**changes)
    nobody = cast(Provider, None)
    async with at_work(setup.folder / "app", nobody, profile, Secret(token)) as running:
        (type_,) = profile.enhance_types
        new = NewTask(str(source), profile.name, type_.id, type_.name, running.results)
        (task,) = await running.queue.add(profile, [new])
        return await running.until_true(lambda: told_in(running, task), "nothing is told")


def enhancing(kind: str = "png", **changes: Any) -> Cause:
    """Return what has a file enhanced, with a profile that is otherwise than usual."""

    async def cause(setup: Setup) -> Told:
        return await enhance(setup, setup.picture(kind), **changes)

    return cause


async def enhance_with_a_wrong_token(setup: Setup) -> Told:
    return await enhance(setup, setup.picture(), "the token of another service")


async def enhance_as_ana(setup: Setup) -> Told:
    return await enhance(setup, setup.picture(), setup.anas_token)


def enhancing_by_address(*answers: Reply) -> Cause:
    """Return what has a picture enhanced of which its host answers so."""

    async def cause(setup: Setup) -> Told:
        async with ScriptableService() as host:
            host.on("/a.png", *answers)
            return await enhance(setup, host.url("/a.png"))

    return cause


# -- through the client ---------------------------------------------------------------------------


def calling(call: Callable[[ApiClient, Setup], Awaitable[object]], **changes: Any) -> Cause:
    """Return what makes one call."""

    async def cause(setup: Setup) -> Told:
        client = ApiClient(setup.profile(**changes), Secret(TOKEN))
        try:
            await call(client, setup)
        except EnhanceError as error:
            return Told(error.kind, explain_pause(Failure.of(error)))
        finally:
            await client.aclose()
        raise AssertionError("it was not refused")

    return cause


async def ask(client: ApiClient, _: Setup, task_id: str = NO_ID) -> None:
    await client.get_task(task_id, UPSCALE)


async def ask_about_what_was_deleted(client: ApiClient, setup: Setup) -> None:
    task_id = await setup.asker.create(picture_bytes())
    await client.delete_task(task_id)
    await ask(client, setup, task_id)


async def create_of_what_is_gone(client: ApiClient, setup: Setup) -> None:
    address = setup.asker.service.base_url + NO_UPLOAD
    await client.create_task(CreateTaskRequest(address, UPSCALE, "private"), at_once)


async def upload_half_a_picture(client: ApiClient, setup: Setup) -> None:
    picture = setup.picture()
    picture.write_bytes(picture.read_bytes()[:-50])
    await client.upload(picture)


async def upload_while_draining(client: ApiClient, setup: Setup) -> None:
    asker = setup.asker
    task_id = await asker.create(picture_bytes("jpg", 2300, 2300), UPSCALE_4)
    await asker.until_processing(task_id, UPSCALE_4)
    asker.service.request_drain()
    await client.upload(setup.picture())


async def ask_with_a_broken_store(client: ApiClient, setup: Setup) -> None:
    tasks = setup.asker.service.tasks
    await tasks.do(tasks.store._connection.close)
    await ask(client, setup)


# -- raw ------------------------------------------------------------------------------------------


def told_by(status: int, body: bytes, *, creates: bool) -> Told:
    """Return what the program would tell of an answer that it never gets."""
    received = replies.Reply(status, body=bytearray(body))
    with pytest.raises(EnhanceError) as caught:
        (replies.created_task if creates else replies.answered_envelope)(received)
    assert not isinstance(caught.value, CreateInDoubt)
    return Told(caught.value.kind, explain_pause(Failure.of(caught.value)))


async def send_slowly(setup: Setup) -> Told:
    url = httpx.URL(setup.asker.service.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST /createtask HTTP/1.1\r\nHost: {url.netloc.decode()}\r\ntoken: {TOKEN}\r\n"
        "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{".encode()
    )
    async with asyncio.timeout(HUNG_S):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return told_by(int(head.split()[1]), body, creates=True)


async def send_what_does_not_follow(setup: Setup) -> Told:
    headers = {
        "content-type": "application/partial-upload",
        "upload-offset": "1",
        "upload-length": "9",
    }
    http = setup.asker.http
    reply = await http.patch("/upload/" + "a" * 64, content=b"12345678", headers=headers)
    return told_by(reply.status_code, reply.content, creates=False)


# -- the table ------------------------------------------------------------------------------------

UNKNOWN_TYPE = (EnhanceType(99, "Magic", outputs=Outputs.NONE),)
BAD_ADDRESS = (NO_TASK, "or save the picture in your browser, and add that file.")
PICTURE = Reply(body=picture_bytes())

CASES = {
    "no such type": Case(
        Code.CREATE_FAILED,
        "create_failed",
        "type 99 is not an enhance type of this service",
        "By its own word no task was created.",
        "Change what it names; if it names nothing, try again later.",
        enhancing(enhance_types=UNKNOWN_TYPE),
    ),
    "too small": Case(
        Code.CREATE_FAILED,
        "create_failed",
        "it has 200 × 100 pixels; the service needs at least 1000 a side",
        "By its own word no task was created.",
        "Change what it names; if it names nothing, try again later.",
        enhancing(),
        {"limits": PictureLimits(min_side_px=1000)},
    ),
    "a private address": Case(
        Code.ADDRESS_REFUSED,
        "address_refused",
        "leads into a private network; this service fetches from the public internet only",
        *BAD_ADDRESS,
        enhancing_by_address(PICTURE),
        {"public_addresses_only": True},
    ),
    "gone before the service came": Case(
        Code.ADDRESS_REFUSED,
        "address_refused",
        "the picture's server answered with HTTP status 404",
        *BAD_ADDRESS,
        enhancing_by_address(PICTURE, Reply(404)),
    ),
    "the upload is gone": Case(
        Code.ADDRESS_REFUSED,
        "address_refused",
        "this upload is not, or no longer, here: upload it again",
        *BAD_ADDRESS,
        calling(create_of_what_is_gone),
    ),
    "too large": Case(
        Code.TOO_LARGE,
        "too_large_for_service",
        "the service takes at most",
        NO_TASK,
        "Make the picture smaller, or choose another enhance type.",
        enhancing(),
        {"limits": PictureLimits(max_image_bytes=100)},
    ),
    "another kind": Case(
        Code.KIND_REFUSED,
        "kind_refused",
        "it is a JPG file; the service takes PNG",
        NO_TASK,
        "or save it as a file type that the service takes, and try again.",
        enhancing("jpg"),
        {"limits": PictureLimits(formats=("png",))},
    ),
    "damaged": Case(
        Code.KIND_REFUSED,
        "kind_refused",
        "cut",
        NO_TASK,
        "Get a whole copy of the picture",
        calling(upload_half_a_picture),
    ),
    "no such task": Case(
        Code.TASK_UNKNOWN,
        "task_unknown",
        "there is no such task",
        MAY_BE_CHARGED,
        "Ask again later",
        calling(ask),
    ),
    "deleted": Case(
        Code.TASK_DELETED,
        "task_deleted",
        "the task was deleted",
        MAY_BE_CHARGED,
        "Send it again if you still want it; that costs again.",
        calling(ask_about_what_was_deleted),
    ),
    "the limit of a day": Case(
        Code.BALANCE_TOO_LOW,
        "day_limit",
        "today's limit of 0 pictures is reached and nothing was taken; more are taken from "
        "midnight on, by the service's clock, or once the limit is raised",
        "It is no question of credit: whoever runs the service allows you so many a day. It "
        "refused before doing anything; the waiting tasks are kept.",
        "Continue tomorrow, or ask whoever runs the service for a higher limit, then continue.",
        enhance_as_ana,
    ),
    "a wrong name": Case(
        OwnCode.BAD_REQUEST,
        "request_refused",
        "taskid must be a text that is not empty",
        "",
        READ_IT,
        calling(ask, fields={"taskid": "id"}),
    ),
    "a wrong token": Case(
        OwnCode.TOKEN_WRONG,
        "token_refused",
        "The service does not accept the token (HTTP 401)",
        "so nothing was charged for it; the tasks are kept.",
        "Set the right token for this service, then continue.",
        enhance_with_a_wrong_token,
    ),
    "a proxy without a name": Case(
        OwnCode.FORBIDDEN,
        "way_refused",
        "",
        "so nothing was charged for it; the tasks are kept.",
        "ask whoever runs it under which address, and through which proxy, it may be asked",
        enhancing(headers={"X-Forwarded-Host": "studio.example"}),
    ),
    "another address": Case(
        OwnCode.NOT_FOUND,
        "request_refused",
        "there is no such call",
        NOT_MADE,
        READ_IT,
        enhancing(path="/v2/{call}"),
    ),
    "another method": Case(
        OwnCode.METHOD_WRONG,
        "request_refused",
        "calls are made with POST",
        NOT_MADE,
        READ_IT,
        enhancing(method="GET"),
    ),
    "too slow": Case(
        OwnCode.TOO_SLOW,
        "request_refused",
        "the body came too slowly",
        NOT_MADE,
        READ_IT,
        send_slowly,
        {"body_timeout_s": 0.2},
        why_raw="it sends a call in one go; of an upload that was too slow it sends the rest",
    ),
    "a piece that does not follow": Case(
        OwnCode.CONFLICT,
        "request_refused",
        "the piece does not begin where the last one ended; ask where to go on",
        "",
        READ_IT,
        send_what_does_not_follow,
        why_raw="it asks first where to go on, and asks again after this: nobody is told",
    ),
    "a long call": Case(
        OwnCode.BODY_TOO_LARGE,
        "request_refused",
        "the body has more than 64 KiB",
        NOT_MADE,
        READ_IT,
        enhancing(extra_fields={"note": "x" * 70_000}),
    ),
    "a form": Case(
        OwnCode.TYPE_WRONG,
        "request_refused",
        "the body must be sent as application/json",
        NOT_MADE,
        READ_IT,
        enhancing(body="form"),
    ),
    "the disk is full": Case(
        OwnCode.FULL,
        "service_disk_full",
        "The service has no room left on its disk: the disk of the service has less than "
        "4.29e+09 GiB free; nothing was taken",
        "It took nothing, so nothing was charged; the task is kept.",
        "Tell whoever runs the service, or make room on that disk if it is yours; it is sent "
        "again by itself from time to time.",
        enhancing(),
        {"reserve_bytes": 2**62},
    ),
    "the queue is full": Case(
        OwnCode.FULL,
        "service_busy",
        "0 tasks wait already; nothing was taken, try again later",
        NOT_CHARGED,
        WAIT,
        enhancing(),
        {"max_unfinished_tasks": 0},
    ),
    "the room for uploads is full": Case(
        OwnCode.FULL,
        "service_busy",
        "too many uploads wait for a task to be made of them; nothing was taken",
        NOT_CHARGED,
        WAIT,
        enhancing(),
        {"max_uploads_bytes": 0},
    ),
    "it is about to end": Case(
        OwnCode.FULL,
        "service_busy",
        "the service is about to end; nothing was taken",
        NOT_CHARGED,
        WAIT,
        calling(upload_while_draining),
    ),
    "a fault of the service": Case(
        OwnCode.INTERNAL,
        "service_silent",
        "the service has a fault (HTTP 500)",
        "The task is kept and the service is asked again.",
        "Wait, or check the service's state.",
        calling(ask_with_a_broken_store),
    ),
}


def test_every_code_and_reason_of_the_service_has_a_case() -> None:
    assert {case.code for case in CASES.values()} == {*Code, *OwnCode} - {Code.SUCCESS}
    assert {case.kind for case in CASES.values()} >= REASONS


@pytest.mark.parametrize("name", CASES)
def test_a_person_reads_what_happened_what_it_means_and_what_to_do(
    tmp_path: Path, name: str
) -> None:
    case = CASES[name]

    async def go() -> None:
        users = tmp_path / "users.toml"
        token = add_user(users, "Ana").reveal()
        users.write_text(users.read_text("utf-8") + "tasks_a_day = 0\n", "utf-8")
        data = tmp_path / "data"
        async with serving(data, users_file=users, **case.settings) as asker:
            told = await case.cause(Setup(asker, tmp_path, token))
            asker.service.request_stop()
            answered = {code for _, code in asker.service.ends.tally.answers}
        assert told.kind == case.kind, told
        for words in (case.happened, case.means, case.next_step):
            assert words in told.text, told.text
        assert case.code in answered

    asyncio.run(go())
