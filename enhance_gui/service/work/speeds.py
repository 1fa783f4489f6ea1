"""Learns how fast this computer works from each picture; limits the time of the next."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Final

import msgspec

from enhance_gui.core.atomic import replacing
from enhance_gui.core.tasks.work_times import SPEEDS_FILE, first_guess_s, read_speeds

_GENEROSITY: Final = 20.0
"""How many times the time learned a picture may take: beside a program that keeps all processors
busy, a worker of low priority gets a tenth of them."""
_LONG_S: Final = 10.0
_SINKS_BY: Final = 0.1
_KEPT_WITHIN: Final = 0.1


class WorkSpeeds:
    """Seconds a megapixel of each enhance type, kept in a small file."""

    def __init__(self, data_folder: Path, per_megapixel_s: float) -> None:
        """Read what was learned.

        :param data_folder: the service's own.
        :param per_megapixel_s: what a megapixel may take of whose type nothing was learned.
        """
        self._data_folder = data_folder
        self._file = data_folder / SPEEDS_FILE
        self._unlearned_s = per_megapixel_s
        self._learned_s = read_speeds(data_folder)
        self._kept_s = dict(self._learned_s)

    def may_take_s(self, type_id: int, megapixels: float) -> float:
        """Return how long the work on a picture may take."""
        known_s = self._learned_s.get(type_id) or first_guess_s(self._data_folder, type_id)
        each_s = self._unlearned_s if known_s is None else _GENEROSITY * known_s
        return each_s * megapixels

    def learn(self, type_id: int, megapixels: float, took_s: float) -> None:
        """Take in how long a picture took: what is slower counts at once, what is faster slowly."""
        # What is done in a moment says nothing of the pixels.
        each_s = took_s / (megapixels if took_s >= _LONG_S else max(1.0, megapixels))
        known_s = self._learned_s.get(type_id, 0.0)
        self._learned_s[type_id] = max(each_s, known_s + _SINKS_BY * (each_s - known_s))
        self._keep(type_id)

    def forget(self, type_id: int) -> None:
        """Note that a picture took too long: this computer may have become slower than learned."""
        self._learned_s.pop(type_id, None)
        self._keep(type_id)

    def _keep(self, type_id: int) -> None:
        """Write what has changed noticeably. Where it cannot be written, it is learned again."""
        now_s, kept_s = self._learned_s.get(type_id, 0.0), self._kept_s.get(type_id, 0.0)
        if math.isclose(now_s, kept_s, rel_tol=_KEPT_WITHIN):
            return
        self._kept_s = dict(self._learned_s)
        with contextlib.suppress(OSError), replacing(self._file, flush=False) as file:
            file.write(msgspec.json.encode(self._kept_s))
