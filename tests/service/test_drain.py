"""The end of a service that others rely on: what is begun is finished, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from enhance_gui.core.service_errors import ServiceBusy
from enhance_gui.service.settings import processor_count
from enhance_gui.service.store.task_store import open_task_store
from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.requests import CreateTaskRequest
from tests.client.speaking import at_once, client_of
from tests.service.serving import TOKEN, UPSCALE, UPSCALE_4, a_worker, serving, until
from tests.service.test_service_process import POSIX_ONLY, Child, child, wait_until
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

pytestmark = POSIX_ONLY


def begin(service: Child, type_id: int = UPSCALE, side_px: int = 600) -> str:
    """Have the only worker busy; return its task."""
    address = service.upload(picture_bytes("jpg", side_px, side_px))
    task_id: str = service.call("createtask", picurl=address, type=type_id)["taskid"]
    wait_until(
        lambda: service.call("gettask", taskid=task_id, type=type_id)["status"] == Status.PROCESSING
    )
    return task_id


def test_while_draining_nothing_is_taken_and_what_is_there_is_told(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path / "data", drain_s=HUNG_S) as asker:
            await asker.ended(await asker.create(picture_bytes()))
            picurl = await asker.upload(picture_bytes())
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            task_id = await asker.create(picture_bytes())
            waiting = await asker.create(picture_bytes())
            await asker.until_processing(task_id)
            asker.service.request_drain()
            reply = await asker.http.post("/createtask", json={"picurl": picurl, "type": UPSCALE})
            assert (reply.status_code, reply.json()["code"]) == (429, 9_000_429)
            assert reply.headers["retry-after"] == "30"
            assert reply.json()["msg"].startswith("the service is about to end; nothing was taken")
            ready = await asker.http.get("/readyz")
            assert (ready.status_code, ready.json()["reasons"]) == (
                503,
                ["the service is about to end"],
            )
            assert (await asker.http.get("/healthz")).status_code == 200
            await the_app_waits(asker.service.base_url)
            os.kill(worker, signal.SIGCONT)
            await until(lambda: asker.service.server.should_exit)
        store = open_task_store(tmp_path / "data" / "tasks.sqlite", 0.0)
        found = [store.find(each) for each in (task_id, waiting)]
        store.close()
        assert [task and task.status for task in found] == [Status.FINISHED, Status.QUEUED]

    async def the_app_waits(base_url: str) -> None:
        picture = tmp_path / "a.png"
        picture.write_bytes(picture_bytes())
        profile = {"upload_path": "/upload", "path": "/{call}"}
        async with client_of(base_url, profile, TOKEN) as app:
            with pytest.raises(ServiceBusy, match="about to end") as busy:
                await app.upload(picture)
            assert busy.value.retry_after_s == 30
            request = CreateTaskRequest("http://127.0.0.1:9/a.png", UPSCALE, "private")
            with pytest.raises(ServiceBusy, match="about to end"):
                await app.create_task(request, at_once)

    asyncio.run(go())


@pytest.mark.skipif(processor_count() < 2, reason="needs two workers")
def test_while_draining_a_free_slot_begins_nothing_that_waits(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, workers=2, drain_s=HUNG_S) as asker:
            # Of many times the length of this test.
            long = picture_bytes("jpg", 2300, 2300)
            begun = [await asker.create(long, UPSCALE_4) for _ in range(2)]
            for task_id in begun:
                await asker.until_processing(task_id, UPSCALE_4)
            waiting = await asker.create(picture_bytes())
            asker.service.request_drain()
            await asker.data("deletetask", taskid=begun[0])
            await until(lambda: asker.service.runner.idle_slots == 1)
            assert (await asker.record(waiting))["queuenum"] == 1
            asker.service.request_stop()

    asyncio.run(go())


def test_sigterm_has_what_is_worked_on_finished_and_leaves_the_rest_for_the_next_start(
    tmp_path: Path,
) -> None:
    with child(tmp_path) as service:
        begun = begin(service)
        address = service.upload(picture_bytes())
        left = [
            service.call("createtask", picurl=address, type=UPSCALE)["taskid"] for _ in range(3)
        ]
        service.process.terminate()
        assert service.process.wait(HUNG_S) == 0
        assert service.process.stderr is not None
        assert service.process.stderr.read() == ""
    with child(tmp_path) as service:
        record = service.call("gettask", taskid=begun, type=UPSCALE)
        assert record["status"] == Status.FINISHED
        assert len(httpx.get(record["outputurl"]).content) == record["outpathsize"]
        for task_id in left:
            assert service.ended(task_id)["status"] == Status.FINISHED


@pytest.mark.long
def test_what_is_not_finished_in_time_is_done_by_the_next_start(tmp_path: Path) -> None:
    with child(tmp_path, "--drain-s", "0") as service:
        task_id = begin(service)
        service.process.terminate()
        assert service.process.wait(HUNG_S) == 0
        assert service.process.stderr is not None
        assert "not finished in time: the next start does them" in service.process.stderr.read()
    with child(tmp_path) as service:
        assert service.ended(task_id)["status"] == Status.FINISHED


def test_a_second_sigterm_ends_at_once(tmp_path: Path) -> None:
    with child(tmp_path, "--drain-s", "3600") as service:
        # Many times as long as an end takes.
        begin(service, UPSCALE_4, 2300)
        service.process.terminate()
        wait_until(lambda: readiness(service) == 503)
        begun_s = time.monotonic()
        service.process.terminate()
        assert service.process.wait(HUNG_S) == 0
        assert time.monotonic() - begun_s < HUNG_S / 2


def test_the_end_of_standard_input_is_no_drain(tmp_path: Path) -> None:
    options = ("--drain-s", "3600", "--stop-with-stdin")
    with child(tmp_path, *options, stdin=subprocess.PIPE) as service:
        begin(service, UPSCALE_4, 2300)
        assert service.process.stdin is not None
        service.process.stdin.close()
        service.process.stdin = None
        assert service.process.wait(HUNG_S) == 0


def readiness(service: Child) -> int:
    return httpx.get(f"{service.first_line['base_url']}/readyz", trust_env=False).status_code
