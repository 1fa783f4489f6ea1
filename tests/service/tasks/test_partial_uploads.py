"""Uploads in pieces: they go on where they stopped, and nothing false ever becomes a picture."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.service.http.pieces import Piece
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.tasks.partial_uploads import PartialUploads
from enhance_gui.service.tasks.room import StorageRoom
from tests.service.serving import TOKEN, UPSCALE, Asker, QuickClock, contents, serving, until
from tests.service.store.test_full_disk import filled
from tests.service.tasks.test_room import LaterClock
from tests.support.mounts import needs_mounts, small_disk
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

PICTURE = picture_bytes("bmp", 200, 200)
DIGEST = hashlib.sha256(PICTURE).hexdigest()
HALF = len(PICTURE) // 2
CONFLICT = 9_000_409
MIB = 2**20


async def send(
    asker: Asker,
    piece: bytes | AsyncIterator[bytes],
    offset: object = 0,
    *,
    digest: str = DIGEST,
    length: object = len(PICTURE),
    **headers: str,
) -> httpx.Response:
    fields = {
        "content-type": "application/partial-upload",
        "upload-offset": str(offset),
        "upload-length": str(length),
        **headers,
    }
    return await asker.http.patch(
        f"/upload/{digest}",
        content=piece,
        headers={name.encode(): value.encode() for name, value in fields.items()},
    )


async def arrived(asker: Asker, digest: str = DIGEST) -> dict[str, Any]:
    reply = await asker.http.get(f"/upload/{digest}")
    assert reply.json()["code"] == 0, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def partial_files(folder: Path) -> list[Path]:
    return list((folder / "partial").iterdir())


async def cut_after(asker: Asker, content: bytes, offset: int = 0) -> None:
    """Send a piece whose connection breaks after ``content``."""
    host, port = asker.service.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"PATCH /upload/{DIGEST} HTTP/1.1\r\nHost: {host}:{port}\r\ntoken: {TOKEN}\r\n"
        f"Content-Type: application/partial-upload\r\nUpload-Offset: {offset}\r\n"
        f"Upload-Length: {len(PICTURE)}\r\nContent-Length: {len(PICTURE) - offset}\r\n\r\n"
    )
    writer.write(head.encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    del reader


def test_a_cut_upload_goes_on_where_it_stopped_even_after_a_restart(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            assert await arrived(asker) == {"x_upload_offset": 0}
            await cut_after(asker, PICTURE[:HALF])
            await until(lambda: [each.stat().st_size for each in partial_files(tmp_path)] == [HALF])
        async with serving(tmp_path) as asker:
            assert await arrived(asker) == {"x_upload_offset": HALF}
            whole = (await send(asker, PICTURE[HALF:], HALF)).json()["data"]
            assert whole["x_upload_offset"] == len(PICTURE)
            assert (await asker.http.get(whole["picurl"])).content == PICTURE
            assert partial_files(tmp_path) == []
            await asker.data("createtask", picurl=whole["picurl"], type=UPSCALE)

    asyncio.run(go())


def test_the_same_file_is_not_sent_twice_and_waits_anew_for_its_task(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            first = (await send(asker, PICTURE)).json()["data"]
        async with serving(tmp_path, LaterClock(0.9)) as asker:
            assert (await arrived(asker))["x_upload_offset"] == first["x_upload_offset"]
        # Without the question in between it would be gone.
        async with serving(tmp_path, LaterClock(1.5)) as asker:
            address = (await arrived(asker))["picurl"]
            again = await send(asker, b"", len(PICTURE))
            assert again.json()["data"]["picurl"] == address
            await asker.data("createtask", picurl=address, type=UPSCALE)
        assert len(list((tmp_path / "uploads").iterdir())) == 1

    asyncio.run(go())


def test_one_that_is_asked_for_is_not_the_next_to_go(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "limits": PictureLimits(max_image_bytes=len(PICTURE)),
        "max_uploads_bytes": 2 * len(PICTURE),
    }

    async def go() -> None:
        async with serving(tmp_path, **settings) as asker:
            address = (await send(asker, PICTURE)).json()["data"]["picurl"]
            await asker.data("createtask", picurl=address, type=UPSCALE)
            await asker.upload(PICTURE)
            # A task was made of it, so it would go for a third; but now another is to be.
            await arrived(asker)
            headers = {"content-type": "application/octet-stream"}
            third = await asker.http.post("/upload", content=PICTURE, headers=headers)
            assert third.status_code == 429
            await asker.data("createtask", picurl=address, type=UPSCALE)

    asyncio.run(go())


def hostile_pieces() -> Iterator[tuple[str, dict[str, Any], int]]:
    for name in ("offset", "length"):
        for bad in ("", "-1", "1.0", "+5", "٣", "1" * 400, "0x10", "NaN"):
            yield f"{name} {bad[:9]}", {name: bad}, 400
    yield "offset past the end", {"offset": len(PICTURE) + 1}, 400
    yield "nothing at all", {"length": 0}, 400
    yield "a gap", {"offset": 1}, 409
    yield "more than announced", {"length": HALF}, 400
    yield "another type", {"content-type": "application/octet-stream"}, 415
    yield "a page's", {"origin": "https://evil.example"}, 403
    yield "digest in capitals", {"digest": DIGEST.upper()}, 404
    yield "short digest", {"digest": DIGEST[:-1]}, 404
    yield "a path", {"digest": "%2e%2e%2fnames.key"}, 404
    yield "no token", {"token": "wrong"}, 401


@pytest.mark.parametrize(
    ("fields", "status"),
    [pytest.param(fields, status, id=name) for name, fields, status in hostile_pieces()],
)
def test_what_contradicts_itself_is_refused_without_effect(
    tmp_path: Path, fields: dict[str, Any], status: int
) -> None:
    async def go() -> None:
        async with serving(tmp_path, QuickClock()) as asker:
            before = contents(tmp_path)
            assert (await send(asker, PICTURE, **fields)).status_code == status
            assert contents(tmp_path) == before
            assert (await send(asker, PICTURE)).status_code == 200

    asyncio.run(go())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(tmp_path: Path, method: str) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            reply = await asker.http.request(method, f"/upload/{DIGEST}")
            assert reply.status_code == 405

    asyncio.run(go())


def test_what_is_not_the_file_announced_is_dropped_and_can_be_sent_anew(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            false = picture_bytes("bmp", 200, 200)
            assert len(false) == len(PICTURE)
            reply = await send(asker, false)
            assert (reply.status_code, reply.json()["code"]) == (409, CONFLICT)
            assert partial_files(tmp_path) == list((tmp_path / "uploads").iterdir()) == []
            assert await arrived(asker) == {"x_upload_offset": 0}
            assert (await send(asker, PICTURE)).status_code == 200

    asyncio.run(go())


def test_too_large_is_said_before_a_byte_is_taken_and_no_picture_at_its_head(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        limits = PictureLimits(max_image_bytes=len(PICTURE))
        async with serving(tmp_path, limits=limits) as asker:
            before = contents(tmp_path)
            reply = await send(asker, PICTURE, length=len(PICTURE) + 1)
            assert reply.json()["code"] == 1001003
            text = b"no picture " * 1000
            reply = await send(
                asker, text, digest=hashlib.sha256(text).hexdigest(), length=len(text) + 1
            )
            assert reply.json()["code"] == 1001004
            assert contents(tmp_path) == before

    asyncio.run(go())


def test_a_request_that_goes_on_ends_the_one_that_hangs(tmp_path: Path) -> None:
    async def go() -> None:
        more = asyncio.Event()

        async def hangs() -> AsyncIterator[bytes]:
            yield PICTURE[:HALF]
            await more.wait()
            yield PICTURE[HALF:]

        async with serving(tmp_path, body_timeout_s=60.0) as asker:
            first = asyncio.create_task(send(asker, hangs()))
            # What it has sent waits in memory, so that the second begins at the start.
            await until(lambda: asker.service.cleaner.calls.partial._transfers != {})
            assert (await send(asker, PICTURE)).status_code == 200
            more.set()
            assert (await first).json()["code"] == CONFLICT
            assert (await arrived(asker))["x_upload_offset"] == len(PICTURE)
            assert partial_files(tmp_path) == []

    asyncio.run(go())


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def rooms(folder: Path, **changes: Any) -> tuple[FileStore, StorageRoom, PartialUploads]:
    settings = ServiceSettings(folder, reserve_bytes=0, **changes)
    files = FileStore(folder)
    files.prepare()
    room = StorageRoom(files, settings)
    return files, room, PartialUploads(files, room, settings, Clock())


def test_what_is_sent_again_while_the_first_is_kept_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, room, uploads = rooms(tmp_path)
    piece, stem = Piece(DIGEST, 0, len(PICTURE)), files.stem_of("Ana", DIGEST)
    keeps, may_keep, keep = threading.Event(), threading.Event(), files.keep

    def keep_later(*arguments: Any) -> str:
        keeps.set()
        may_keep.wait(HUNG_S)
        return keep(*arguments)

    monkeypatch.setattr(files, "keep", keep_later)

    async def go() -> None:
        first = asyncio.create_task(uploads.append(stem, piece, once(PICTURE)))
        await asyncio.to_thread(keeps.wait, HUNG_S)
        again = asyncio.create_task(uploads.append(stem, piece, once(PICTURE)))
        await asyncio.sleep(0)  # it begins, and waits for the first
        may_keep.set()
        assert await first == await again

    asyncio.run(go())
    assert room.uploads_bytes == len(PICTURE)


def test_what_arrives_stays_where_another_request_for_it_finds_no_room(tmp_path: Path) -> None:
    _, room, _ = rooms(tmp_path, max_uploads_bytes=2**20)
    room.begin_partial("a", 2**19, 1.0)
    with pytest.raises(RequestRefused, match="nothing was taken"):
        room.begin_partial("a", 2**21, 2.0)
    # It would take the place of the first, if that did not arrive any more.
    with pytest.raises(RequestRefused, match="nothing was taken"):
        room.begin_partial("b", 2**20, 3.0)
    assert room.uploads_bytes == 2**19


def test_room_is_made_of_what_is_ones_own_first_and_never_of_others_half_uploads(
    tmp_path: Path,
) -> None:
    _, room, _ = rooms(tmp_path, max_uploads_bytes=4 * MIB)
    anas, bens = (f"of {name}  " for name in ("Ana", "Ben"))
    for name in (bens, anas):
        room.add_upload(f"{name} done.png", MIB, 1.0, is_taken=True)
    room.begin_partial(f"{bens} half", 2 * MIB, 2.0)
    room.end_partial(f"{bens} half", 2.0)
    room.begin_partial(f"{anas} 1", 2 * MIB, 3.0)
    assert held(room) == ["of Ana   1", "of Ben   done.png", "of Ben   half"]
    room.begin_partial(f"{anas} 2", MIB, 3.0)
    assert held(room) == ["of Ana   1", "of Ana   2", "of Ben   half"]
    with pytest.raises(RequestRefused, match="nothing was taken"):
        room.begin_partial(f"{anas} 3", MIB, 3.0)
    room.begin_partial(f"{bens} 1", 2 * MIB, 3.0)
    assert held(room) == ["of Ana   1", "of Ana   2", "of Ben   1"]
    assert room.uploads_bytes == 5 * MIB


def held(room: StorageRoom) -> list[str]:
    return sorted([*room._uploads, *room._partial])


def test_half_uploads_go_by_age_and_where_room_is_needed(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "limits": PictureLimits(max_image_bytes=len(PICTURE)),
        "max_uploads_bytes": 2 * len(PICTURE),
    }

    async def go() -> None:
        async with serving(tmp_path, **settings) as asker:
            await cut_after(asker, PICTURE[:HALF])
            await until(lambda: [each.stat().st_size for each in partial_files(tmp_path)] == [HALF])
            # One fits beside it; the next takes its place.
            await asker.upload(PICTURE)
            assert len(partial_files(tmp_path)) == 1
            await asker.upload(PICTURE)
            assert partial_files(tmp_path) == []
            reply = await send(asker, PICTURE)
            assert reply.status_code == 429
            assert "nothing was taken" in reply.json()["msg"]
            assert partial_files(tmp_path) == []
        async with serving(tmp_path / "other") as asker:
            await cut_after(asker, PICTURE[:HALF])
            await until(lambda: len(partial_files(tmp_path / "other")) == 1)
        async with serving(tmp_path / "other", LaterClock(0.9)) as asker:
            assert (await arrived(asker))["x_upload_offset"] > 0
        async with serving(tmp_path / "other", LaterClock(1.1)):
            await until(lambda: partial_files(tmp_path / "other") == [])

    asyncio.run(go())


@needs_mounts
def test_on_a_full_disk_what_has_arrived_stays_and_goes_on_later(tmp_path: Path) -> None:
    large = picture_bytes("bmp", 1100, 1000)
    digest = hashlib.sha256(large).hexdigest()

    async def go(folder: Path) -> None:
        async with serving(folder, reserve_bytes=0) as asker:
            with filled(folder):
                reply = await send(asker, large, digest=digest, length=len(large))
                assert reply.json()["code"] == 9_000_429
            offset = (await arrived(asker, digest))["x_upload_offset"]
            reply = await send(asker, large[offset:], offset, digest=digest, length=len(large))
            assert (await asker.http.get(reply.json()["data"]["picurl"])).content == large

    with small_disk(disk := tmp_path / "disk", 16 * 1024):
        asyncio.run(go(disk))


def test_names_of_uploads_are_not_their_digests(tmp_path: Path) -> None:
    async def go(folder: Path) -> str:
        async with serving(folder) as asker:
            address: str = (await send(asker, PICTURE)).json()["data"]["picurl"]
            assert DIGEST[:16] not in address
            return address.rpartition("/")[2]

    assert asyncio.run(go(tmp_path / "a")) != asyncio.run(go(tmp_path / "b"))
