"""How long tasks take: what polling has found, and what the local service needs a megapixel."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.services.model_files import SLOW_TYPES
from enhance_gui.core.services.own_models import usable_model

SPEEDS_FILE: Final = "speeds.json"
"""In the service's data folder: seconds a megapixel of the input, by type number."""

_PROCESSOR_S: Final = 500.0
"""What a megapixel of a slow type takes one processor before anything was learned of it: with its
tiles' margins, Real-ESRGAN's net needed 420 to 470 s where it was measured. Of others a picture
takes seconds."""


@dataclass(frozen=True, slots=True)
class DurationSample:
    """How long one task took, as the interval that polling has found."""

    type_id: int
    """Enhance type."""
    megapixels: float
    """Size of the picture."""
    after_s: float
    """It took longer than this: the age at the last poll that found it unfinished."""
    by_s: float
    """It took at most this: the age at the poll that found it finished."""


def first_guess_s(service_data: Path, type_id: int) -> float | None:
    """Return the seconds a megapixel that a slow type may take here; ``None``: it is not slow.

    :param service_data: holds the user's models, too.
    """
    own = usable_model(service_data, type_id)
    if own is not None:
        return own.each_s or None
    processors = os.cpu_count() or 1
    # As the service shares them out: each processor but one has a worker.
    threads = processors // max(1, processors - 1)
    return _PROCESSOR_S / threads if type_id in SLOW_TYPES else None


def read_speeds(service_data: Path) -> dict[int, float]:
    """Return the seconds a megapixel that were learned; a broken file is as good as none."""
    try:
        kept = json.loads((service_data / SPEEDS_FILE).read_bytes())
        learned_s = {int(type_id): float(each_s) for type_id, each_s in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {type_id: each_s for type_id, each_s in learned_s.items() if 0 < each_s < math.inf}


def seconds_a_megapixel(service_data: Path, type_id: int) -> float:
    """Return what a megapixel of the input takes, as far as that is known; 0: it is not."""
    return read_speeds(service_data).get(type_id) or first_guess_s(service_data, type_id) or 0
