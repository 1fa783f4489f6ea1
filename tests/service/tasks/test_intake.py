"""Pictures on their way in: what is fetched, what is refused, and with which code."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
import os
import socket
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.service.engine.catalogue import PORTRAIT, RESTORE
from enhance_gui.service.tasks.status import Status
from tests.scenarios.hostile import bombs
from tests.service.serving import UPSCALE, UPSCALE_4, contents, serving, until
from tests.support.pictures import picture_bytes, undecodable_picture
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, redirect


def png_of(width_px: int, height_px: int) -> bytes:
    """Return a PNG whose header claims these sides; it holds no pixels."""
    fields = b"IHDR" + struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + fields + struct.pack(">I", zlib.crc32(fields))
    return b"\x89PNG\r\n\x1a\n" + header + b"\0" * 64


async def _trickle(talk: Talk) -> None:
    await talk.trickle(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000, gap_s=0.05)


async def _cut(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + picture_bytes()[:1000])
    await talk.close()


_WIDE = bombs.black_png(5000, 100)

REFUSED: dict[str, tuple[Step, int]] = {
    "redirect": (redirect("/good.png"), 1001002),
    "redirect without a target": (Reply(302), 1001002),
    "not found": (Reply(404, picture_bytes()), 1001002),
    "server's fault": (Reply(500), 1001002),
    "cut": (_cut, 1001002),
    "too many bytes": (Reply(body=picture_bytes("bmp", 200, 200)), 1001003),
    "too many bytes, length not told": (
        Reply(body=picture_bytes("bmp", 200, 200), tells_length=False),
        1001003,
    ),
    "too wide": (Reply(body=png_of(9217, 100)), 1001003),
    "too high": (Reply(body=png_of(100, 9217)), 1001003),
    "a bomb": (Reply(body=png_of(60_000, 60_000)), 1001003),
    "too narrow": (Reply(body=png_of(63, 100)), 1001001),
    "too low": (Reply(body=png_of(100, 63)), 1001001),
    "result too large": (Reply(body=_WIDE), 1001003),
    "web page": (Reply(body=b"<!doctype html><html></html>"), 1001004),
    "gif": (Reply(body=picture_bytes("gif")), 1001004),
    "tiff": (Reply(body=picture_bytes("tiff")), 1001004),
    "noise": (Reply(body=b"\x01\x02" * 500), 1001004),
    "empty": (Reply(), 1001004),
    "header cut": (Reply(body=picture_bytes()[:20]), 1001004),
    "cut in half": (Reply(body=picture_bytes()[:8000]), 1001004),
    "compressed": (Reply(body=picture_bytes(), headers={"Content-Encoding": "zstd"}), 1001002),
}


def test_each_reason_to_refuse_a_picture_has_its_documented_code_and_a_sentence(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        limits = PictureLimits(max_image_bytes=60_000)
        async with (
            ScriptableService() as host,
            serving(tmp_path, limits=limits) as asker,
        ):
            host.on("/good.png", Reply(body=picture_bytes()))
            for number, (step, _) in enumerate(REFUSED.values()):
                host.on(f"/{number}", step)
            answers = await asyncio.gather(
                *(
                    asker.call("createtask", picurl=host.url(f"/{number}"), type=UPSCALE_4)
                    for number in range(len(REFUSED))
                )
            )
            codes = {name: answer["code"] for name, answer in zip(REFUSED, answers, strict=True)}
            assert codes == {name: code for name, (_, code) in REFUSED.items()}
            assert all(answer["msg"] for answer in answers)
            assert host.seen("/good.png") == []
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_a_picture_comes_in_whatever_way_its_server_has(tmp_path: Path) -> None:
    picture = picture_bytes("jpg", 100, 80)
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    long_head = picture[:2] + segment * 100 + picture[2:]
    cookie = {"Set-Cookie": "seen=1; Path=/", "Location": "/wall.jpg"}
    ways: dict[str, list[Step]] = {
        "/packed.jpg": [Reply(200, gzip.compress(picture), {"Content-Encoding": "gzip"})],
        "/aws.jpg": [Reply(200, picture, {"Content-Encoding": "aws-chunked"})],
        "/wall.jpg": [Reply(307, b"", cookie), Reply(200, picture)],
        "/phone.jpg": [Reply(200, long_head)],
    }

    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            for path, steps in ways.items():
                host.on(path, *steps)
                answer = await asker.data("createtask", picurl=host.url(path), type=UPSCALE)
                record = await asker.ended(answer["taskid"])
                assert (record["inpathwidth"], record["inpathheight"]) == (100, 80), path
            assert host.seen("/wall.jpg")[1].headers["cookie"] == "seen=1"

    asyncio.run(go())


def test_a_bomb_of_compressed_bytes_is_refused_as_too_large(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            bomb = gzip.compress(picture_bytes("bmp", 100, 80) + bytes(2**26))
            host.on("/a.bmp", Reply(200, bomb, {"Content-Encoding": "gzip"}))
            answer = await asker.call("createtask", picurl=host.url("/a.bmp"), type=UPSCALE)
            assert answer["code"] == 1001003
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_a_picture_that_does_not_come_in_time_is_1001002(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path, fetch_timeout_s=0.4) as asker:
            host.on("/a.png", _trickle)
            answer = await asker.call("createtask", picurl=host.url("/a.png"), type=UPSCALE)
            assert answer["code"] == 1001002
            assert answer["msg"]
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_addresses_that_cannot_be_fetched_are_1001002(tmp_path: Path) -> None:
    addresses = [
        "ftp://127.0.0.1/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//127.0.0.1/a.png",
        "C:\\a.png",
        "/etc/passwd",
        "http://user:secret@127.0.0.1/a.png",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://a b/",
        "http://a\nb/",
    ]

    async def go() -> None:
        async with serving(tmp_path) as asker:
            # Held as long as the test lasts, so that nobody else comes to listen there.
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                closed = f"http://127.0.0.1:{taken.getsockname()[1]}/a.png"
                assert (await asker.call("createtask", picurl=closed, type=UPSCALE))[
                    "code"
                ] == 1001002
            own = asker.service.base_url
            for address in [*addresses, f"{own}/createtask", f"{own}/uploads/{'a' * 32}.png"]:
                answer = await asker.call("createtask", picurl=address, type=UPSCALE)
                assert answer["code"] == 1001002, address
                assert answer["msg"]

    asyncio.run(go())


def test_bound_to_another_address_private_pictures_are_refused_unless_allowed(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/a.png", Reply(body=picture_bytes()))
            async with serving(tmp_path, host="0.0.0.0") as asker:  # noqa: S104
                for name in ("127.0.0.1", "localhost", "2130706433"):
                    address = f"http://{name}:{host.port}/a.png"
                    answer = await asker.call("createtask", picurl=address, type=UPSCALE)
                    assert answer["code"] == 1001002, address
                assert host.connections == 0
                uploaded = await asker.create(picture_bytes())
                assert (await asker.ended(uploaded))["status"] == Status.FINISHED
            async with serving(
                tmp_path,
                host="0.0.0.0",  # noqa: S104
                allow_private_addresses=True,
            ) as asker:
                await asker.data("createtask", picurl=host.url("/a.png"), type=UPSCALE)

    asyncio.run(go())


def test_a_picture_that_only_a_decoder_finds_damaged_fails_in_its_record(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(undecodable_picture())
            record = await asker.ended(task_id)
            assert record["status"] == Status.FAILED
            assert record["errorcode"] == 1001004
            assert record["errormsg"]
            assert record["outputurl"] == ""
            assert record["inputurl"]
            healthy = await asker.create(picture_bytes())
            assert (await asker.ended(healthy))["status"] == Status.FINISHED

    asyncio.run(go())


def test_what_was_not_found_is_said_in_the_record_of_a_task_that_went_well(
    tmp_path: Path,
) -> None:
    clean = io.BytesIO()
    Image.linear_gradient("L").save(clean, "PNG")

    async def go() -> None:
        async with serving(tmp_path) as asker:
            portrait = await asker.ended(await asker.create(picture_bytes(), PORTRAIT), PORTRAIT)
            restored = await asker.ended(await asker.create(clean.getvalue(), RESTORE), RESTORE)
            plain = await asker.ended(await asker.create(picture_bytes()))
            reported = [portrait["errormsg"], restored["errormsg"], plain["errormsg"]]
            assert "no face was found" in reported[0]
            assert "nothing to repair" in reported[1]
            assert reported[2] == ""
            for record in (portrait, restored, plain):
                assert (record["status"], record["errorcode"]) == (Status.FINISHED, 0)

    asyncio.run(go())


def test_an_upload_is_checked_at_once(tmp_path: Path) -> None:
    async def go() -> None:
        limits = PictureLimits(max_image_bytes=100_000)
        async with serving(tmp_path, limits=limits) as asker:
            for content, code in (
                (png_of(9217, 100), 1001003),
                (png_of(40, 100), 1001001),
                (picture_bytes("gif"), 1001004),
                (picture_bytes("jpg")[:-400], 1001004),
                (b"", 1001004),
                (picture_bytes("bmp", 300, 300), 1001003),
            ):
                reply = await asker.http.post(
                    "/upload", content=content, headers={"content-type": "application/octet-stream"}
                )
                assert reply.json()["code"] == code
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def half() -> object:
        yield picture_bytes("bmp", 900, 900)[:1_500_000]
        raise ConnectionError

    async def go() -> None:
        async with serving(tmp_path) as asker:
            with pytest.raises(ConnectionError):
                await asker.http.post(
                    "/upload",
                    content=half(),  # type: ignore[arg-type]
                    headers={"content-type": "application/octet-stream"},
                )
            await until(lambda: not contents(tmp_path))

    asyncio.run(go())


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            host.on("/a.png", Reply(body=picture_bytes()))
            with monkeypatch.context() as full:
                full.setattr(os, "fsync", no_room)
                answer = await asker.call("createtask", picurl=host.url("/a.png"), type=UPSCALE)
            assert answer["code"] == 9_000_429
            assert "full; nothing was taken" in answer["msg"]
            assert contents(tmp_path) == {}
            await asker.data("createtask", picurl=host.url("/a.png"), type=UPSCALE)

    asyncio.run(go())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_is_taken_and_worked_on(tmp_path: Path, kind: str) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task = await asker.create(picture_bytes(kind, 70, 66))
            record = await asker.ended(task)
            assert record["status"] == Status.FINISHED, record
            assert record["inpathext"] == kind
            assert (record["outpathwidth"], record["outpathheight"]) == (140, 132)

    asyncio.run(go())


def test_an_upload_serves_several_tasks_and_expires(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            address = await asker.upload(picture_bytes("webp"))
            for type_id in (UPSCALE, UPSCALE_4):
                await asker.data("createtask", picurl=address, type=type_id)
        async with serving(tmp_path, upload_lifetime_s=0.0) as asker:
            await until(lambda: not any((tmp_path / "uploads").iterdir()))
            assert len(list((tmp_path / "inputs").iterdir())) == 2
            answer = await asker.call("createtask", picurl=address, type=UPSCALE)
            assert answer["code"] == 1001002

    asyncio.run(go())


def test_an_upload_whose_file_vanishes_on_its_way_is_not_kept_in_part(tmp_path: Path) -> None:
    picture = picture_bytes("bmp", 1000, 1000)

    async def in_two_parts() -> AsyncIterator[bytes]:
        yield picture[:1_500_000]
        unfinished = tmp_path / "unfinished"
        await until(lambda: any(unfinished.iterdir()))
        for path in unfinished.iterdir():
            path.unlink()
        yield picture[1_500_000:]

    async def go() -> None:
        async with serving(tmp_path) as asker:
            reply = await asker.http.post(
                "/upload",
                content=in_two_parts(),
                headers={"content-type": "application/octet-stream"},
            )
            assert reply.json()["code"] != 0
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_a_picture_that_a_proxy_has_changed_is_taken(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path) as asker:
            host.on("/a.png", Reply(203, picture_bytes()))
            await asker.data("createtask", picurl=host.url("/a.png"), type=UPSCALE)

    asyncio.run(go())
