"""Makes drags in a process of its own, whose time and memory are not the program's.

``python -m tests.hostile.fuzz.drags SEED ORIGIN``: writes them to standard output, one pickle each,
as fast as they are read.
"""

from __future__ import annotations

import os
import pickle
import sys
from random import Random
from typing import Final

from tests.hostile.fuzz import material

_LONG_EVERY: Final = 20
"""One drag of so many is of a megabyte."""


def main() -> None:
    random, origin = Random(int(sys.argv[1])), sys.argv[2]
    while True:
        of = material.long_drag if random.randrange(_LONG_EVERY) == 0 else material.drag
        pickle.dump(of(random, origin), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(0)  # nobody drops any more, and the rest cannot be written at the end either
