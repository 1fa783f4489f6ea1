"""The Python part of Shiboken, which lies packed as source text inside its library.

Left there, it is unpacked and compiled at every start of the window: some 40 ms. Where a folder of
a certain name lies beside the library, Shiboken reads that instead.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = "shiboken6/files.dir"
"""Where Shiboken looks, inside the frozen program."""

_UNPACK: Final = "from shiboken6 import Shiboken"


def compiled(work: Path) -> list[tuple[str, str]]:
    """Unpack and compile it; return each file, and the folder that it belongs in.

    :param work: an empty folder.
    """
    spec = importlib.util.find_spec("shiboken6")
    assert spec is not None
    assert spec.origin is not None
    # In a copy, since the environment is to stay as it is.
    shutil.copytree(Path(spec.origin).parent, work / "shiboken6", dirs_exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", _UNPACK],
        env={**os.environ, "PYTHONPATH": str(work), "SBK_EMBED": "0"},
        check=True,
    )
    folder = work / FOLDER
    # Unchecked, so that the time of the sources, which are not shipped, plays no part.
    made = compileall.compile_dir(
        folder,
        quiet=1,
        legacy=True,
        stripdir=str(work),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    assert made, "Shiboken's Python part cannot be compiled"
    return [
        (str(path), path.parent.relative_to(work).as_posix())
        for path in sorted(folder.rglob("*.pyc"))
        if "__pycache__" not in path.parts
    ]
