"""A provider whose pictures, or results, are handed out by a hostile host; and what it saw."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PIL import Image

from tests.scenarios.hostile.behaviours import PICTURE, Behaviour
from tests.support.provider import Provider, ProviderTask
from tests.support.scriptable_service import Handler, Reply, Step, Talk


class Role(StrEnum):
    """What the hostile body stands for."""

    INPUT = "input"
    RESULT = "result"


@dataclass(frozen=True)
class Case:
    """One behaviour in one role, and the input that meets it."""

    name: str
    role: Role
    behaviour: Behaviour
    stem: str
    """How files of this case are called, as far as the first hyphen."""
    url: str

    @property
    def may_save(self) -> bool:
        """Whether a picture may come of it: a hostile input costs nothing but itself."""
        return self.role is Role.INPUT or self.behaviour.harmless


class HostileProvider(Provider):
    """The provider: hostile at some addresses, honest at all others."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Case] = []
        self.exchanges_s: defaultdict[str, list[float]] = defaultdict(list)
        """By stem: how long each hostile exchange lasted."""
        self.record_of_new = self._record_of
        self._results: dict[str, Behaviour] = {}

    def set_up(self, behaviours: Mapping[str, Behaviour]) -> list[Case]:
        """Prepare every behaviour in both roles."""
        for number, (name, behaviour) in enumerate(behaviours.items(), start=1):
            for role in Role:
                stem = f"{role.value}{number:02}"
                path = f"/pictures/{stem}.png"
                self.cases.append(Case(name, role, behaviour, stem, self.url(path)))
                hostile = path if role is Role.INPUT else f"/results/{stem}.png"
                self.on(hostile, self._timed(stem, behaviour.step))
                if role is Role.RESULT:
                    self.on(path, Reply(200, PICTURE))
                    self._results[stem] = behaviour
        return self.cases

    def _record_of(self, task: ProviderTask) -> dict[str, Any]:
        stem = Path(task.picurl).stem
        behaviour = self._results.get(stem)
        if behaviour is None:
            return {}
        url = self.url(f"/results/{stem}.png")
        return {"outputurl": url, "outpathsize": len(PICTURE), **behaviour.record}

    def _timed(self, stem: str, step: Step) -> Handler:
        async def answer(talk: Talk) -> None:
            began_s = time.monotonic()
            try:
                if isinstance(step, Reply):
                    await talk.reply(step)
                else:
                    await step(talk)
            finally:
                self.exchanges_s[stem].append(time.monotonic() - began_s)

        return answer


def foreign_files(folder: Path, cases: list[Case]) -> list[str]:
    """Return the names of files in the save folder that must not be there."""
    may_save = {case.stem for case in cases if case.may_save}
    return [
        path.name
        for path in sorted(folder.glob("*"))
        if path.name.partition("-")[0] not in may_save | {"honest"} or not _is_expected(path)
    ]


def _is_expected(path: Path) -> bool:
    if path.suffix == ".json":
        return path.read_bytes().startswith(b"{")
    kinds = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".bmp": "BMP", ".tiff": "TIFF"}
    if path.suffix not in kinds:
        return False
    with Image.open(path, formats=[kinds[path.suffix]]) as picture:
        return picture.width >= 400
