"""Answers that came in time and are read late: the program was stopped, or its loop held up."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from enhance_gui.client.api import ApiClient
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import CreateInDoubt
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.transport.timeouts import Timeouts
from tests.client.speaking import REQUEST, TOKEN

BODY = b'{"code": 0, "msg": "", "data": {"taskid": "task-1", "queuenum": 0}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def answer_once(
    server: socket.socket, held_up: threading.Event, sent: threading.Event, answer: bytes
) -> None:
    connection, _ = server.accept()
    with connection:
        while b"\r\n\r\n" not in connection.recv(65536):
            pass
        held_up.wait(20)
        connection.sendall(answer)
        sent.set()
        connection.recv(1)  # until the other side has gone


def created_while_held_up(timeouts: Timeouts, answer: bytes) -> Any:
    """Create a task while the event loop stands still for longer than ``timeouts`` has."""
    held_up, sent = threading.Event(), threading.Event()

    def hold_up() -> None:
        held_up.set()
        assert sent.wait(20)
        time.sleep(0.3)

    async def before_send() -> None:
        # When the request has left, and nothing else is awaited but the answer.
        asyncio.get_running_loop().call_later(0.05, hold_up)

    async def run(create: Callable[[ApiClient], Awaitable[Any]]) -> Any:
        port = server.getsockname()[1]
        profile = ServiceProfile("Studio", f"http://127.0.0.1:{port}", allow_private_addresses=True)
        client = ApiClient(profile, Secret(TOKEN), create_timeouts=timeouts)
        try:
            return await create(client)
        finally:
            await client.aclose()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, held_up, sent, answer))
        thread.start()
        try:
            return asyncio.run(run(lambda client: client.create_task(REQUEST, before_send)))
        finally:
            thread.join(20)


@pytest.mark.parametrize(
    "timeouts",
    [Timeouts(read_s=10, overall_s=0.2), Timeouts(read_s=0.2, overall_s=10)],
    ids=["as a whole", "in silence"],
)
def test_an_answer_that_lies_in_the_socket_when_the_time_is_over_is_an_answer(
    timeouts: Timeouts,
) -> None:
    assert created_while_held_up(timeouts, ANSWER).task_id == "task-1"


def test_one_that_is_not_there_then_leaves_a_doubt() -> None:
    with pytest.raises(CreateInDoubt):
        created_while_held_up(Timeouts(read_s=10, overall_s=0.2), ANSWER[:-5])
