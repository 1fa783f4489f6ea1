"""A provider that charges, as a process of its own: what it has charged survives whoever asked.

``python -m tests.scenarios.faults.ledger_service FOLDER`` prints its address and serves until its
standard input closes. Every first part of a path is an account of its own, so that one process can
serve many runs at once. A charge is a line in the account's file in FOLDER, flushed to the disk
before createtask is answered. Creating is not idempotent: each createtask that arrives whole is
charged.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, SeenRequest, Talk, envelope

INPUTS: Final = ("a", "b", "c")
"""Names of the pictures that every account has."""

_INPUT_SIDES_PX: Final = (96, 64)
_RESULT_SIDES_PX: Final = (240, 160)

HOLD_UNCHARGED: Final = "hold-uncharged"
HOLD_CHARGED: Final = "hold-charged"
"""Accounts named so leave the createtask of the second picture without an answer, before or after
its charge."""

_HELD_INPUT: Final = INPUTS[1]


def ledger_file(folder: Path, account: str) -> Path:
    """Return the file of an account's charges, a JSON object a line."""
    return folder / f"{account}.jsonl"


def held_file(folder: Path, account: str) -> Path:
    """Return the file that gets a byte for each createtask of the account that is being held."""
    return folder / f"{account}.held"


def result_file(folder: Path, name: str) -> Path:
    """Return the file with the provider's result for an input."""
    return folder / f"result-{name}.png"


def input_of(address: str) -> str:
    """Return the name of the input that an address leads to."""
    return address.rpartition("/")[2].partition(".")[0]


class Account:
    """One account: its tasks and its book."""

    def __init__(
        self, name: str, base_url: str, folder: Path, pictures: Mapping[str, bytes]
    ) -> None:
        self._name = name
        self._url = f"{base_url}/{name}"
        self._folder = folder
        self._pictures = pictures
        self._numbers = count(1)
        self._tasks: dict[str, dict[str, Any]] = {}

    async def answer(self, call: str, talk: Talk) -> None:
        """Answer one request."""
        if call in self._pictures:
            await talk.reply(Reply(body=self._pictures[call]))
        elif call == "createtask":
            await self._create(talk)
        elif call == "gettask":
            await talk.reply(self._get(talk.request))
        else:
            await talk.reply(Reply(404))

    async def _create(self, talk: Talk) -> None:
        fields = talk.request.json()
        held = input_of(fields["picurl"]) == _HELD_INPUT
        if held and self._name.startswith(HOLD_UNCHARGED):
            await self._hold(talk)
            return
        task_id = f"{self._name}-{next(self._numbers)}"
        self._tasks[task_id] = fields
        await asyncio.to_thread(self._charge, {"task_id": task_id, **fields})
        if held and self._name.startswith(HOLD_CHARGED):
            await self._hold(talk)
            return
        await talk.reply(envelope({"taskid": task_id, "status": 0, "queuenum": 0}))

    async def _hold(self, talk: Talk) -> None:
        with held_file(self._folder, self._name).open("ab") as file:
            file.write(b".")
        await talk.until_closed_by_peer()
        await talk.close()

    def _charge(self, line: dict[str, Any]) -> None:
        path = ledger_file(self._folder, self._name)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, json.dumps(line).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)

    def _get(self, request: SeenRequest) -> Reply:
        task_id = request.json()["taskid"]
        fields = self._tasks.get(task_id)
        if fields is None:
            return envelope(None, 1002001, "no such task")
        result = result_file(Path(), input_of(fields["picurl"])).name
        width_px, height_px = _RESULT_SIDES_PX
        return envelope(
            {
                "taskid": task_id,
                "chtaskid": fields["chtaskid"],
                "outputurl": f"{self._url}/{result}",
                "outpathwidth": width_px,
                "outpathheight": height_px,
                "outpathsize": len(self._pictures[result]),
                "outpathext": "png",
                "facelist": [],
            }
        )


class LedgerService:
    """All accounts, on one port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._accounts: dict[str, Account] = {}
        self._pictures: dict[str, bytes] = {}
        self._base_url = ""

    async def serve(self) -> None:
        """Serve until standard input closes."""
        for name in INPUTS:
            self._pictures[f"{name}.jpg"] = picture_bytes("jpg", *_INPUT_SIDES_PX)
            path = result_file(self._folder, name)
            self._pictures[path.name] = picture_bytes("png", *_RESULT_SIDES_PX)
            path.write_bytes(self._pictures[path.name])
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1000)
        port = server.sockets[0].getsockname()[1]
        self._base_url = f"http://127.0.0.1:{port}"
        print(self._base_url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(reader, writer)
        with suppress(ConnectionError):
            while not talk.is_over and (request := await talk.read_request()) is not None:
                if len(request.body) < int(request.headers.get("content-length", "0")):
                    break  # it has not arrived whole
                talk.request = request
                _, name, call = request.path.split("/", 2)
                account = self._accounts.get(name)
                if account is None:
                    account = Account(name, self._base_url, self._folder, self._pictures)
                    self._accounts[name] = account
                await account.answer(call, talk)
        talk.drop()


if __name__ == "__main__":
    asyncio.run(LedgerService(Path(sys.argv[1])).serve())
