"""Damaged files, through the real command line: saved right, or refused with a sentence."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

import pytest

from tests.scenarios.fuzz.mutations import MUTATIONS, damaged, sound_files
from tests.scenarios.fuzz.trial import try_files


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="processes are read out of /proc")
def test_damaged_files_are_saved_right_or_refused_with_a_sentence(tmp_path: Path) -> None:
    course = asyncio.run(try_files(tmp_path, 60, seed=4))
    assert course.faults == []
    assert {case.outcome for case in course.cases} >= {"saved", "refused"}
    assert course.peak_bytes > 0


def test_every_kind_of_damage_is_done_and_can_be_repeated() -> None:
    sound = sound_files()
    for how in MUTATIONS:
        changed = [MUTATIONS[how](bytearray(data), Random(3)) != data for data in sound.values()]
        assert sum(changed) > len(changed) * 0.7, how
    assert damaged(sound, Random(5)) == damaged(sound, Random(5))
