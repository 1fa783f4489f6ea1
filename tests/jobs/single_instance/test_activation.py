"""A later start is told that its inputs are taken only where they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.storage_errors import DatabaseBusy
from enhance_gui.jobs.single_instance.requests import RemoteRequests, open_request
from tests.scenarios.running import at_work, with_provider
from tests.support.provider import Provider


@pytest.mark.parametrize("are_stored", [True, False])
def test_opened_is_said_when_the_inputs_are_stored_and_not_before(
    tmp_path: Path, are_stored: bool
) -> None:
    async def test(provider: Provider) -> None:
        sent: list[dict[str, Any]] = []
        reported = asyncio.Event()
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def send(line: dict[str, Any]) -> None:
            sent.append(line)

        async def take(inputs: Sequence[str]) -> bool:
            assert inputs == ["a.jpg"]
            reported.set()
            return await stored

        async with at_work(tmp_path, provider) as running:

            async def token_of(_: object) -> None:
                return None

            requests = RemoteRequests(running.queue, token_of, take=take)
            handled = asyncio.ensure_future(requests.handle(open_request(["a.jpg"]), send))
            await reported.wait()
            assert sent == [{"taking": 1}]
            stored.set_result(are_stored)
            if are_stored:
                await handled
                assert sent[1:] == [{"opened": 1}]
            else:
                with pytest.raises(DatabaseBusy):
                    await handled
                assert sent[1:] == []

    with_provider(test)
