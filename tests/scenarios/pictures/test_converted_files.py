"""A file of a kind that the service does not take is converted, and is the same picture still."""

from __future__ import annotations

import io
import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from enhance_gui.core.picture_errors import KIND_AT_ADDRESS
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.files.results import sha256_of
from tests.scenarios.running import Running, at_work, profile_of, until, with_provider
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk, envelope

TIFF = picture_bytes("tiff", 200, 100)


def uploads(provider: Provider) -> list[bytes]:
    return [request.body for request in provider.seen("/upload")]


def copies(folder: Path) -> list[str]:
    return [path.name for path in (folder / "cache" / "inputs").iterdir()]


def given(folder: Path, data: bytes = TIFF, name: str = "scan.tif") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def at_work_with_uploads(
    folder: Path, provider: Provider, **limits: int
) -> AbstractAsyncContextManager[Running]:
    provider.on("/upload", envelope({"picurl": provider.url("/a.jpg")}))
    profile = profile_of(provider, upload_path="/upload")
    limited = replace(profile.limits, **limits)  # type: ignore[arg-type]
    return at_work(folder, provider, replace(profile, limits=limited))


def sidecar(task: Task) -> dict[str, Any]:
    assert task.sidecar is not None
    found: dict[str, Any] = json.loads(task.sidecar.read_text("utf-8"))
    return found


def test_it_is_uploaded_as_png_and_reported_as_what_was_given(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = given(tmp_path)
        async with at_work_with_uploads(tmp_path, provider) as running:
            (task,) = await running.add(str(file))
            saved = await running.until(task, TaskState.SAVED)
        (uploaded,) = uploads(provider)
        with Image.open(io.BytesIO(uploaded)) as image, Image.open(file) as before:
            assert (image.format, image.tobytes()) == ("PNG", before.tobytes())
        assert file.read_bytes() == TIFF
        assert copies(tmp_path) == []
        assert (saved.input, saved.input_sha256) == (str(file), sha256_of(file))
        written = sidecar(saved)
        assert (written["sent_as"], written["input_sha256"]) == ("png", saved.input_sha256)
        assert written["before"] == {
            "width_px": 200,
            "height_px": 100,
            "bytes": len(TIFF),
            "format": "tiff",
            "sha256": saved.input_sha256,
        }

    with_provider(test)


def test_one_that_the_service_takes_is_uploaded_as_it_is(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = given(tmp_path, picture_bytes("jpg", 200, 100), "a.jpg")
        async with at_work_with_uploads(tmp_path, provider) as running:
            (task,) = await running.add(str(file))
            saved = await running.until(task, TaskState.SAVED)
        assert uploads(provider) == [file.read_bytes()]
        assert sidecar(saved)["sent_as"] is None

    with_provider(test)


def test_a_png_beyond_the_service_s_limit_is_sent_as_jpeg(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = given(tmp_path)
        async with at_work_with_uploads(tmp_path, provider, max_image_bytes=30_000) as running:
            (task,) = await running.add(str(file))
            saved = await running.until(task, TaskState.SAVED)
        (uploaded,) = uploads(provider)
        assert uploaded.startswith(b"\xff\xd8\xff")
        assert len(uploaded) < 30_000 < len(TIFF)
        assert sidecar(saved)["sent_as"] == "jpg"

    with_provider(test)


def test_nothing_is_created_of_one_that_is_too_large_however_it_is_sent(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work_with_uploads(tmp_path, provider, max_image_bytes=3000) as running:
            (task,) = await running.add(str(given(tmp_path)))
            failed = await running.until(task, TaskState.FAILED)
        assert failed.failure is not None
        assert failed.failure.kind == "picture_too_large"
        assert "converted to JPG" in failed.failure.detail
        assert (uploads(provider), provider.charged, copies(tmp_path)) == ([], [], [])

    with_provider(test)


def test_nothing_is_created_of_one_that_cannot_be_decoded(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        broken = picture_bytes("avif", 200, 100)
        async with at_work_with_uploads(tmp_path, provider) as running:
            file = given(tmp_path, broken[:-300], "broken.avif")
            (task,) = await running.add(str(file))
            failed = await running.until(task, TaskState.FAILED)
        assert failed.failure is not None
        assert failed.failure.kind == "picture_damaged"
        assert (uploads(provider), provider.charged) == ([], [])

    with_provider(test)


def test_a_restart_after_the_upload_sends_it_once_more_and_orders_it_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = given(tmp_path)
        first: list[Talk] = []

        async def never(talk: Talk) -> None:
            first.append(talk)

        async with at_work_with_uploads(tmp_path, provider) as running:
            provider.on("/upload", never)
            (task,) = await running.add(str(file))
            await until(lambda: bool(first))
            assert len(copies(tmp_path)) == 1
        assert copies(tmp_path) == []
        # As the end of the power would leave it.
        (tmp_path / "cache" / "inputs" / f"{task.id}-for-service.part").write_bytes(b"half")
        async with at_work_with_uploads(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            saved = await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == len(saved.attempts) == 1
        assert uploads(provider)[-1].startswith(b"\x89PNG")
        assert copies(tmp_path) == []

    with_provider(test)


def test_the_same_file_given_again_is_known_by_what_was_given(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = given(tmp_path)
        other = given(tmp_path, name="copy.tif")
        async with at_work_with_uploads(tmp_path, provider) as running:
            (task,) = await running.add(str(file))
            saved = await running.until(task, TaskState.SAVED)
            drafts = await running.queue.draft(running.profile, [running.new(str(other))])
            await running.queue.pool.work_on(running.profile, drafts)
            checked = await running.until_true(
                lambda: next((each for each in [running.last(drafts[0])] if each.checked), None),
                "it is checked",
            )
            known = await running.queue.db.do(running.store.earlier.duplicates, checked)
        assert [each.id for each in known] == [saved.id]

    with_provider(test)


def test_an_address_of_such_a_kind_is_refused_with_a_way_out(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/scan.tif", Reply(body=TIFF))
        for upload_path, kind in (("/upload", KIND_AT_ADDRESS), ("", "kind_not_supported")):
            profile = profile_of(provider, upload_path=upload_path)
            folder = tmp_path / kind
            folder.mkdir()
            async with at_work(folder, provider, profile) as running:
                (task,) = await running.add(provider.url("/scan.tif"))
                failed = await running.until(task, TaskState.FAILED)
            assert failed.failure is not None
            assert failed.failure.kind == kind
            assert "it is a TIFF file" in failed.failure.detail
        assert provider.charged == []

    with_provider(test)
