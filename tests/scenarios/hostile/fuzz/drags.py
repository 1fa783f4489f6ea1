"""Makes drags in a process of its own, whose time and memory are not the program's.

``python -m tests.scenarios.hostile.fuzz.drags SEED ORIGIN``: writes them to standard output, one
pickle each, as fast as they are read.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

from enhance_gui.core.images.inputs.input_files import is_folder
from enhance_gui.core.images.inputs.source import parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from tests.scenarios.hostile.fuzz import material

_LONG_EVERY: Final = 20
"""One drag of so many is of a megabyte."""


def main() -> None:
    random, origin = Random(int(sys.argv[1])), sys.argv[2]
    while True:
        of = material.long_drag if random.randrange(_LONG_EVERY) == 0 else material.drag
        formats = of(random, origin)
        if not _names_folder(formats.get("text/uri-list", b"")):
            pickle.dump(formats, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _names_folder(links: bytes) -> bool:
    """Tell whether a drag would bring in pictures of this computer, all of them where it is /."""
    for link in set(links.decode("utf-8", "replace").splitlines()):
        with suppress(AddressNotUsable):
            if is_folder(Path(parse_source(link).key)):
                return True
    return False


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(0)  # nobody drops any more, and the rest cannot be written at the end either
