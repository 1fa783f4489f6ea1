"""Uploads of files: what was cut goes on; a service that knows nothing of that gets them whole."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.service_errors import (
    RequestRefused,
    ServiceError,
    ServiceSilent,
    ServiceUnreachable,
)
from enhance_gui.core.services.profile import PictureLimits
from tests.client.slow_link import slow_link
from tests.client.speaking import TOKEN as CLIENT_TOKEN
from tests.client.speaking import client_of
from tests.service.serving import TOKEN, serving
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope, redirect

LARGE_MIB = 100
UPLOADS: dict[str, Any] = {"upload_path": "/upload"}


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "of the user.bmp"
    path.write_bytes(content)
    return path


def path_of(file: Path) -> str:
    return f"/upload/{hashlib.sha256(file.read_bytes()).hexdigest()}"


@pytest.mark.long
def test_a_large_upload_that_is_cut_again_and_again_goes_on_from_where_it_was(
    tmp_path: Path,
) -> None:
    picture = picture_bytes("bmp", 6000, LARGE_MIB * 2**20 // 18_000 + 1)
    assert len(picture) > LARGE_MIB * 2**20
    file = file_of(tmp_path, picture)
    limits = PictureLimits(max_image_bytes=2 * len(picture))

    async def go() -> None:
        async with (
            serving(tmp_path / "service", limits=limits) as asker,
            slow_link(asker.service.base_url) as link,
            client_of(link.base_url, UPLOADS, TOKEN) as client,
        ):
            for percent in (30, 50, 90):
                link.breaks_after_bytes = len(picture) * percent // 100
                with pytest.raises(ServiceError) as cut:
                    await client.upload(file)
                assert isinstance(cut.value, ServiceSilent | ServiceUnreachable)
            address = await client.upload(file)
            # What was on its way when the link broke was lost, and is all that was sent twice.
            assert link.sent_bytes < len(picture) * 1.15
            assert (await asker.http.get(address)).content == picture
            sent_bytes = link.sent_bytes
            assert await client.upload(file) == address
            assert link.sent_bytes < sent_bytes + 1000

    asyncio.run(go())


OTHERS_ANSWERS: dict[str, Reply] = {
    "a page": Reply(404, b"<html>not here</html>"),
    "not for you": Reply(403, b"no"),
    "no such method": Reply(405),
    "a fault": Reply(500),
    "busy": Reply(503),
    "a page for everything": Reply(200, b"<html>welcome</html>"),
    "leads on": redirect("/login"),
    "an earlier version of this service": envelope({}, 9_000_404, "no such call", 404),
    "an envelope of something else": envelope({"offset": 5}),
    "a negative offset": envelope({"x_upload_offset": -1}),
    "no number": envelope({"x_upload_offset": [1]}),
}
WHOLE = envelope({"picurl": "http://x.example/1"})


@pytest.mark.parametrize("answer", list(OTHERS_ANSWERS.values()), ids=list(OTHERS_ANSWERS))
def test_a_service_that_cannot_go_on_gets_each_file_whole(tmp_path: Path, answer: Reply) -> None:
    file = file_of(tmp_path, picture_bytes())

    async def go() -> None:
        async with ScriptableService() as service, client_of(service.base_url, UPLOADS) as client:
            service.on("/upload", WHOLE)
            service.on(path_of(file), answer)
            for _ in range(2):
                assert await client.upload(file) == "http://x.example/1"
            whole = service.seen("/upload")
            assert [each.body for each in whole] == 2 * [file.read_bytes()]
            # What may be over soon is asked once more.
            questions = 2 if answer.status in (403, 500, 503) else 1
            assert [each.method for each in service.seen(path_of(file))] == ["GET"] * questions

    asyncio.run(go())


@pytest.mark.parametrize("offset", [0, 10**9], ids=["conflicts", "more than there is"])
def test_where_going_on_never_works_the_file_is_sent_whole(tmp_path: Path, offset: int) -> None:
    file = file_of(tmp_path, picture_bytes())

    async def go() -> None:
        async def contradicts(talk: Talk) -> None:
            is_question = talk.request.method == "GET"
            state = envelope({"x_upload_offset": offset})
            await talk.reply(state if is_question else envelope({}, 9_000_409, "no", 409))

        async with ScriptableService() as service, client_of(service.base_url, UPLOADS) as client:
            service.on("/upload", WHOLE)
            service.on(path_of(file), contradicts)
            assert await client.upload(file) == "http://x.example/1"
            assert len(service.seen(path_of(file))) == (6 if offset == 0 else 3)
            assert [each.body for each in service.seen("/upload")] == [file.read_bytes()]

    asyncio.run(go())


def test_what_the_service_says_of_a_piece_is_its_word_on_the_picture(tmp_path: Path) -> None:
    file = file_of(tmp_path, picture_bytes())

    async def go() -> None:
        async with ScriptableService() as service, client_of(service.base_url, UPLOADS) as client:
            too_large = envelope({}, 1001003, "too large")
            service.on(path_of(file), envelope({"x_upload_offset": 5}), too_large)
            with pytest.raises(RequestRefused) as refused:
                await client.upload(file)
            assert refused.value.code == 1001003
            piece = service.requests[-1]
            assert (piece.method, piece.body) == ("PATCH", file.read_bytes()[5:])
            assert piece.headers["token"] == CLIENT_TOKEN
            assert service.seen("/upload") == []

    asyncio.run(go())


def test_a_service_known_to_go_on_is_not_sent_the_whole_when_it_is_silent(tmp_path: Path) -> None:
    file = file_of(tmp_path, picture_bytes())

    async def go() -> None:
        async with ScriptableService() as service, client_of(service.base_url, UPLOADS) as client:
            state = envelope({"x_upload_offset": 0, "picurl": "http://x.example/1"})
            service.on(path_of(file), state, Reply(500))
            assert await client.upload(file) == "http://x.example/1"
            with pytest.raises(ServiceSilent):
                await client.upload(file)
            assert service.seen("/upload") == []

    asyncio.run(go())
