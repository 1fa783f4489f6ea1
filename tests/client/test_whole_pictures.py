"""Where a picture is wanted whole, its check reads on, in the same answer, and stays a check."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from enhance_gui.client import preflight
from enhance_gui.client.preflight import MAX_WHOLE_BYTES, check_address
from enhance_gui.core.picture_errors import PictureTooLarge
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.imaging.header import read_header
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from tests.support.patience import UNHURRIED
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk
from tests.support.tls import TRUSTING

PICTURE = picture_bytes("png", 300, 200)
HEAD = PICTURE[:20_000]


def read_whole(step: Step, limits: PictureLimits | None = None) -> bytes:
    """Check a picture and return what was read of it; there is one request, and it passes."""
    whole = bytearray()

    async def run() -> None:
        async with (
            ScriptableService() as host,
            picture_client(AddressPolicy.ANY, settings=TRUSTING) as client,
        ):
            host.on("/a", step)
            checked = await check_address(
                host.url("/a"),
                limits or PictureLimits(),
                client=client,
                read_header=read_header,
                timeouts=UNHURRIED,
                whole=whole,
            )
            assert checked.header.width_px == 300
            assert len(host.requests) == 1

    asyncio.run(run())
    return bytes(whole)


def begun(length_bytes: int, then: Callable[[Talk], Awaitable[None]]) -> Step:
    async def begin(talk: Talk) -> None:
        await talk.send(Reply(200, HEAD, {"Content-Length": str(length_bytes)}).to_bytes())
        await then(talk)

    return begin


async def stay_silent(talk: Talk) -> None:
    await talk.until_closed_by_peer()


async def send_on(talk: Talk) -> None:
    while talk.sent_bytes < 4 * MAX_WHOLE_BYTES:
        await talk.send(bytes(2**16))


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_picture_is_read_to_its_end(*, tells_length: bool) -> None:
    assert read_whole(Reply(200, PICTURE, tells_length=tells_length)) == PICTURE


@pytest.mark.parametrize(
    "step",
    [
        begun(len(PICTURE), Talk.close),
        begun(len(PICTURE), stay_silent),
        begun(MAX_WHOLE_BYTES + 1, send_on),
        Reply(200, HEAD + bytes(MAX_WHOLE_BYTES), tells_length=False),
    ],
    ids=["broken off", "silent", "large", "large, as is seen late"],
)
def test_what_does_not_come_whole_passes_all_the_same(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_REST_S", 0.3)
    assert read_whole(step) == b""


def test_what_does_not_pass_is_not_read_on() -> None:
    with pytest.raises(PictureTooLarge):
        read_whole(begun(len(PICTURE), stay_silent), PictureLimits(max_side_px=200))
