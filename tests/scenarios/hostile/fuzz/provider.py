"""A service and its picture host, both of which answer anything."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any, Final

from tests.scenarios.hostile.fuzz import material
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, redirect

_PICTURE: Final = picture_bytes("png", 200, 100)
_CODES: Final = (1001001, 1001002, 1001003, 1001004, 1002001, 1002002, 1003002, 7, -1)
_STATUSES: Final = (*(200,) * 15, 429, 500, 500, 302, 401, 999)
"""Seldom what rightly ends all work for long: there is more to be tried."""
_HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {},
    {"Retry-After": "1"},
    {"Retry-After": "9" * 400},
    {"Content-Encoding": "gzip"},
    {"Content-Type": "text/html"},
    {"X": "y" * 30_000},
    {"Content-Length": "99999999"},
)


class HostileProvider(ScriptableService):
    """Answers each request by chance, and counts how often each private id was sent."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.sent: Counter[str] = Counter()
        """How many createtask calls carried each private id."""
        self._random = random

    def _next_step(self, path: str) -> Step:
        self.requests.clear()
        self.talks[:] = [talk for talk in self.talks if not talk.is_over][-50:]
        call = path.rsplit("/", 1)[-1]
        if call == "createtask":
            return self._create
        if call in ("gettask", "deletetask"):
            return self._tell
        return self._picture()

    async def _create(self, talk: Talk) -> None:
        fields = _fields(talk)
        self.sent[str(fields.get("chtaskid"))] += 1
        if self._random.random() < 0.7:
            data = {"taskid": f"t{len(self.sent)}", "status": 0, "queuenum": 0}
            await talk.reply(_reply({"code": 0, "msg": "", "data": data}))
        else:
            await self._nonsense(talk, material.value(self._random, self.base_url))

    async def _tell(self, talk: Talk) -> None:
        task_id = str(_fields(talk).get("taskid"))
        random = self._random
        result = random.choice((f"{self.base_url}/r.png", material.address(random, self.base_url)))
        reported = material.record(random, self.base_url, task_id, result)
        if random.random() < 0.6:
            await talk.reply(_reply({"code": 0, "msg": "", "data": reported}))
        else:
            await self._nonsense(talk, reported)

    async def _nonsense(self, talk: Talk, data: Any) -> None:
        random = self._random
        if random.random() < 0.1:
            await talk.reset()
            return
        code = random.choice((0, 0, 0, *_CODES))
        text = material.body(random, {"code": code, "msg": "no <b>\u202e", "data": data})
        status = random.choice(_STATUSES)
        await talk.reply(Reply(status, text, dict(random.choice(_HEADERS))))

    def _picture(self) -> Step:
        random, kind = self._random, self._random.random()
        if kind < 0.5:
            return Reply(body=_PICTURE)
        if kind < 0.75:
            target = material.address(random, self.base_url).encode("utf-8", "replace")
            return redirect(target.decode("latin-1").translate(_ONE_LINE))
        cut = _PICTURE[: random.randrange(len(_PICTURE))]
        broken = cut + random.randbytes(50)
        return Reply(random.choice((200, 404, 503)), broken, dict(random.choice(_HEADERS)))


_ONE_LINE: Final = {ord(sign): "_" for sign in "\r\n"}


def _fields(talk: Talk) -> dict[str, Any]:
    try:
        fields = json.loads(talk.request.body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _reply(envelope: dict[str, Any]) -> Reply:
    text = json.dumps(envelope).encode("utf-8", "surrogatepass")
    return Reply(200, text, {"Content-Type": "application/json"})
