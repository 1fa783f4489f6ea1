"""createtask, gettask, deletetask: the whole life of a task, over real HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from pathlib import Path

import httpx
import pytest
from PIL import Image

from enhance_gui.service.engine.repair.tint import TINTS
from enhance_gui.service.tasks.status import Status
from tests.service.serving import COLORIZE, UPSCALE, a_worker, contents, serving
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService

POSIX_SIGNALS = pytest.mark.skipif(os.name == "nt", reason="stops a process with a POSIX signal")


def test_a_local_picture_becomes_a_result_and_every_field_of_its_record_is_true(
    tmp_path: Path,
) -> None:
    picture = picture_bytes("jpg", 120, 70)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture, chtaskid="mine")
            record = await asker.ended(task_id)
            assert record["taskid"] == task_id
            assert record["chtaskid"] == "mine"
            assert record["status"] == Status.FINISHED
            assert (record["queuenum"], record["errorcode"], record["errormsg"]) == (0, 0, "")
            assert (record["facenum"], record["facelist"]) == (0, [])
            async with httpx.AsyncClient(trust_env=False) as stranger:
                before = await stranger.get(record["inputurl"])
                after = await stranger.get(record["outputurl"])
            assert before.content == picture
            for side, reply in (("in", before), ("out", after)):
                assert reply.status_code == 200
                assert reply.headers["x-content-type-options"] == "nosniff"
                assert reply.headers["content-disposition"].startswith("attachment")
                with Image.open(io.BytesIO(reply.content)) as shown:
                    assert shown.size == (record[f"{side}pathwidth"], record[f"{side}pathheight"])
                    assert reply.headers["content-type"] == shown.get_format_mimetype()
                assert len(reply.content) == record[f"{side}pathsize"]
                assert record[f"{side}puturl"].endswith(f".{record[f'{side}pathext']}")
            assert (record["outpathwidth"], record["outpathheight"]) == (240, 140)

    asyncio.run(go())


def test_variants_stand_in_the_facelist_with_the_input_as_their_before(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture_bytes("png", 80, 80), COLORIZE)
            record = await asker.ended(task_id, COLORIZE)
            assert record["facenum"] == len(record["facelist"]) > 1
            assert record["outputurl"] == record["facelist"][0]["outputurl"]
            names = [variant["x_name"] for variant in record["facelist"]]
            assert names == [tone.name for tone in TINTS]
            for variant in record["facelist"]:
                assert variant["inputurl"] == record["inputurl"]
                assert variant["inpathwidth"] == 80
                size = len((await asker.http.get(variant["outputurl"])).content)
                assert size == variant["outpathsize"]

    asyncio.run(go())


def test_a_remote_picture_is_fetched_without_the_token(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            host.on("/a.jpg", Reply(body=picture_bytes("png")))
            task = await asker.data("createtask", picurl=host.url("/a.jpg?s=1"), type=UPSCALE)
            record = await asker.ended(task["taskid"])
            assert record["status"] == Status.FINISHED
            assert record["inpathext"] == "png"
            assert "token" not in host.requests[0].headers
            assert host.requests[0].headers["accept-encoding"] == "identity"

    asyncio.run(go())


@POSIX_SIGNALS
def test_queue_positions_count_from_one_and_fall_as_tasks_leave(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            address = await asker.upload(picture_bytes())
            made = [await asker.data("createtask", picurl=address, type=UPSCALE) for _ in range(4)]
            ids = [task["taskid"] for task in made]
            await asker.until_processing(ids[0])
            assert [task["status"] for task in made] == [Status.QUEUED] * 4
            assert made[0]["queuenum"] == 0, "a worker was free"
            assert [(await asker.record(id_))["queuenum"] for id_ in ids] == [0, 1, 2, 3]
            assert await asker.data("deletetask", taskid=ids[2]) == {"success": True}
            assert (await asker.record(ids[3]))["queuenum"] == 2
            os.kill(worker, signal.SIGCONT)
            for each in (ids[0], ids[1], ids[3]):
                assert (await asker.ended(each))["status"] == Status.FINISHED

    asyncio.run(go())


def test_an_equal_private_id_returns_the_earlier_task_even_under_concurrent_requests(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            host.on("/a.png", Reply(body=picture_bytes()))
            host.on("/b.png", Reply(body=picture_bytes()))
            fields = {"picurl": host.url("/a.png"), "type": UPSCALE, "chtaskid": "once"}
            made = await asyncio.gather(*(asker.data("createtask", **fields) for _ in range(8)))
            assert len({task["taskid"] for task in made}) == 1
            await asker.ended(made[0]["taskid"])
            again = await asker.data("createtask", **fields)
            assert again == {
                "taskid": made[0]["taskid"],
                "status": Status.FINISHED,
                "queuenum": 0,
            }
            others = [
                await asker.data("createtask", **{**fields, "picurl": host.url("/b.png")}),
                await asker.data("createtask", **{**fields, "type": COLORIZE}),
                await asker.data("createtask", **{**fields, "chtaskid": "twice"}),
                await asker.data("createtask", **{**fields, "chtaskid": None}),
                await asker.data("createtask", **{**fields, "chtaskid": None}),
            ]
            assert len({task["taskid"] for task in [again, *others]}) == 6
            assert len(list((tmp_path / "inputs").iterdir())) == 6

    asyncio.run(go())


def test_an_equal_private_id_finds_the_task_of_a_picture_that_was_uploaded_again(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            first = await asker.create(picture_bytes(), chtaskid="once")
            assert await asker.create(picture_bytes(), chtaskid="once") == first

    asyncio.run(go())


def test_a_deleted_task_is_remembered_and_its_files_are_gone(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture_bytes(), chtaskid="mine")
            record = await asker.ended(task_id)
            assert await asker.data("deletetask", taskid=task_id) == {"success": True}
            for name in ("gettask", "deletetask"):
                envelope = await asker.call(name, taskid=task_id, type=UPSCALE)
                assert envelope["code"] == 1002002
                assert envelope["msg"]
            for address in (record["inputurl"], record["outputurl"]):
                assert (await asker.http.get(address)).status_code == 404
            assert not any((tmp_path / "inputs").iterdir())
            assert not any((tmp_path / "results").iterdir())
            assert await asker.create(picture_bytes(), chtaskid="mine") != task_id

    asyncio.run(go())


@POSIX_SIGNALS
def test_a_task_deleted_while_it_is_worked_on_leaves_nothing_behind(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            task_id = await asker.create(picture_bytes())
            await asker.until_processing(task_id)
            await asker.data("deletetask", taskid=task_id)
            await asker.ended(await asker.create(picture_bytes()))
            assert (await asker.call("gettask", taskid=task_id, type=UPSCALE))["code"] == 1002002
            assert len(list((tmp_path / "inputs").iterdir())) == 1
            assert len(list((tmp_path / "results").iterdir())) == 1

    asyncio.run(go())


def test_an_unknown_task_and_a_task_of_another_type_are_1002001(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture_bytes())
            assert (await asker.call("gettask", taskid="none", type=1))["code"] == 1002001
            assert (await asker.call("deletetask", taskid="none"))["code"] == 1002001
            assert (await asker.call("gettask", taskid=task_id, type=COLORIZE))["code"] == 1002001

    asyncio.run(go())


def test_tasks_files_and_deletions_outlive_the_service_under_another_port(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            kept = await asker.create(picture_bytes(), chtaskid="kept")
            upload = await asker.upload(picture_bytes())
            gone = await asker.create(picture_bytes())
            first = await asker.ended(kept)
            await asker.data("deletetask", taskid=gone)
        (tmp_path / "results" / "half-written.png").write_bytes(b"x")
        (tmp_path / "unfinished" / "part").write_bytes(b"x")
        async with serving(tmp_path) as asker:
            record = await asker.ended(kept)
            assert record["outputurl"].startswith(asker.service.base_url)
            assert {**record, "inputurl": "", "outputurl": ""} == {
                **first,
                "inputurl": "",
                "outputurl": "",
            }
            assert len((await asker.http.get(record["outputurl"])).content) == first["outpathsize"]
            assert (await asker.call("gettask", taskid=gone, type=UPSCALE))["code"] == 1002002
            again = await asker.data("createtask", picurl=upload, type=UPSCALE, chtaskid="kept")
            assert again["taskid"] == kept
            other = await asker.data("createtask", picurl=upload, type=UPSCALE)
            assert (await asker.ended(other["taskid"]))["status"] == Status.FINISHED
            assert not (tmp_path / "results" / "half-written.png").exists()
            assert not (tmp_path / "unfinished" / "part").exists()

    asyncio.run(go())


_DEEP = "[" * 20_000 + "]" * 20_000
BROKEN_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"\xff\xfe\x00",
    b"NaN",
    _DEEP.encode(),
    b'{"picurl":' + _DEEP.encode() + b"}",
    b'{"picurl": "http://127.0.0.1/a.png", "type": "two", "taskid": ""}',
    b'{"picurl": "http://127.0.0.1/a.png", "type": 1e400, "taskid": false}',
    b'{"picurl": "http://127.0.0.1/a.png", "type": 2.5, "taskid": 2.5}',
    b'{"picurl": "http://127.0.0.1/a.png", "type": 999, "taskid": ""}',
    b'{"picurl": "http://127.0.0.1/a.png", "type": 2, "chtaskid": [], "taskid": ""}',
    json.dumps({"picurl": "http://h/a", "type": 2, "chtaskid": "a" * 300, "taskid": ""}).encode(),
]
WITHOUT_AN_ADDRESS = [
    b"{}",
    b'{"picurl": "", "type": 2}',
    b'{"picurl": " ", "type": 2}',
    b'{"picurl": null, "type": 2, "taskid": null}',
    b'{"picurl": 5, "type": 2, "taskid": 5}',
    b'{"picurl": ["a"], "type": 2, "taskid": ["a"]}',
    b'{"picurl": {"a": 1}, "type": 2, "taskid": {"a": 1}}',
    json.dumps({"picurl": "http://h/" + "a" * 9000, "type": 2, "taskid": "a" * 3000}).encode(),
]


def test_broken_requests_are_answered_with_a_code_and_a_sentence_and_change_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            before = contents(tmp_path)
            for name in ("createtask", "gettask", "deletetask"):
                for body in BROKEN_BODIES + WITHOUT_AN_ADDRESS:
                    reply = await asker.http.post(
                        f"/{name}", content=body, headers={"content-type": "application/json"}
                    )
                    envelope = reply.json()
                    assert envelope["code"] != 0, (name, body[:80])
                    assert envelope["msg"], (name, body[:80])
                    assert envelope["data"] == {}
                    if name == "createtask":
                        code = 1001002 if body in WITHOUT_AN_ADDRESS else 1001001
                        assert (reply.status_code, envelope["code"]) == (200, code), body[:80]
                    assert reply.status_code < 500
                    assert "Traceback" not in reply.text
            assert contents(tmp_path) == before

    asyncio.run(go())
    assert caplog.records == []
