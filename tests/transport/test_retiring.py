"""A client that is replaced keeps its connections until its last request has ended, no longer."""

from __future__ import annotations

import asyncio

import pytest

from enhance_gui.transport.clients import HttpClient, picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from tests.support.scriptable_service import Reply, ScriptableService, Talk

GENEROUS_S = 20


def open_connections(client: HttpClient) -> int:
    return len(client._guarded._direct.connections)


def test_connections_are_closed_when_the_last_request_has_ended() -> None:
    async def test() -> None:
        arrived, answer = asyncio.Event(), asyncio.Event()

        async def slowly(talk: Talk) -> None:
            arrived.set()
            await answer.wait()
            await talk.reply(Reply(body=b"late"))

        client = picture_client(AddressPolicy.ANY)
        async with asyncio.timeout(GENEROUS_S), ScriptableService() as service:
            service.on("/slow", slowly)
            service.on("/quick", Reply(body=b"quick"))
            assert (await client.get(service.url("/quick"))).content == b"quick"
            slow = asyncio.create_task(client.get(service.url("/slow")))
            await arrived.wait()
            retired = asyncio.create_task(client.close_when_idle())
            # Another one ends meanwhile, which is not the last.
            assert (await client.get(service.url("/quick"))).content == b"quick"
            assert not retired.done()
            assert open_connections(client) > 0
            answer.set()
            assert (await slow).content == b"late"
            await retired
            assert open_connections(client) == 0
            # A redirect's next step may come after that: it is carried out, and leaves nothing.
            assert (await client.get(service.url("/quick"))).content == b"quick"
            assert open_connections(client) == 0

    asyncio.run(test())


@pytest.mark.parametrize("ends", ["refused", "cancelled"])
def test_a_request_without_an_answer_ends_too(ends: str) -> None:
    async def test() -> None:
        arrived = asyncio.Event()

        async def never(talk: Talk) -> None:
            arrived.set()
            if ends == "refused":
                await talk.reset()
            else:
                await talk.until_closed_by_peer()

        client = picture_client(AddressPolicy.ANY)
        async with asyncio.timeout(GENEROUS_S), ScriptableService() as service:
            service.on("/never", never)
            asking = asyncio.create_task(client.get(service.url("/never")))
            await arrived.wait()
            if ends == "cancelled":
                asking.cancel()
            await asyncio.wait([asking])
            assert asking.cancelled() or asking.exception() is not None
            await client.close_when_idle()
            assert open_connections(client) == 0

    asyncio.run(test())
