"""A reader of standard output or error that takes its time holds nothing up, and gets all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.scenarios.running import profile_of, with_provider
from tests.support.program import write_profile
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fills a pipe of the system")


async def _started(
    tmp_path: Path, provider: Provider, count: int, full: str = "stdout"
) -> asyncio.subprocess.Process:
    """Begin to enhance pictures, into a pipe that nobody reads yet and that is full.

    :param full: the stream that it is.
    """
    addresses = []
    for number in range(count):
        provider.on(f"/in-{number}.jpg", Reply(body=INPUT))
        addresses.append(provider.url(f"/in-{number}.jpg"))
    profile = profile_of(provider, needs_token=False, requests_per_s=100.0)
    words = ("enhance", "--json", "--service", write_profile(tmp_path / "studio.toml", profile))
    save = ("--save", tmp_path / "out")
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b" " * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    process = await asyncio.create_subprocess_exec(
        *map(str, (sys.executable, "-m", "enhance_gui", *words, *save, *addresses)),
        stdout=write if full == "stdout" else asyncio.subprocess.PIPE,
        stderr=write if full == "stderr" else asyncio.subprocess.PIPE,
    )
    os.close(write)
    process.unread = read  # type: ignore[attr-defined]
    return process


async def _saved(tmp_path: Path, count: int) -> None:
    """Wait until all results are there."""
    async with asyncio.timeout(90):
        while len(list((tmp_path / "out").glob("*.json"))) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def test_work_goes_on_while_nobody_reads_and_every_line_comes_at_last(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        process = await _started(tmp_path, provider, 4)
        await _saved(tmp_path, 4)
        assert process.returncode is None
        with os.fdopen(process.unread, "rb") as unread:  # type: ignore[attr-defined]
            text = (await asyncio.to_thread(unread.read)).decode()
        assert await process.wait() == 0
        assert [json.loads(line)["state"] for line in text.splitlines()] == ["saved"] * 4
        assert process.stderr is not None
        assert b"Traceback" not in await process.stderr.read()

    with_provider(test)


def test_work_goes_on_while_nobody_reads_what_is_told_beside_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        process = await _started(tmp_path, provider, 4, full="stderr")
        await _saved(tmp_path, 4)
        assert process.stdout is not None
        reports = [json.loads(await process.stdout.readline()) for _ in range(4)]
        assert [report["state"] for report in reports] == ["saved"] * 4
        with os.fdopen(process.unread, "rb") as unread:  # type: ignore[attr-defined]
            reported = (await asyncio.to_thread(unread.read)).decode().strip()
        assert await process.wait() == 0
        assert reported.count("saved as ") == 4

    with_provider(test)


@pytest.mark.long
def test_ctrl_c_ends_the_wait_for_a_reader(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        process = await _started(tmp_path, provider, 1)
        await _saved(tmp_path, 1)
        assert process.stderr is not None
        await process.stderr.readline()
        for _ in range(2):  # the first may come before the end of the work
            process.send_signal(signal.SIGINT)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 10)
                break
        assert process.returncode == 0
        os.close(process.unread)  # type: ignore[attr-defined]
        assert b"Traceback" not in await process.stderr.read()

    with_provider(test)
