"""Makes the picture of the start page anew: ``.test-venv/bin/python packaging/sample.py``.

It is what the engine makes of the sample, not drawn and not touched up.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "resources" / "sample"
QUALITY: Final = 86


def enhance_sample(target: Path) -> None:
    """Write what the first of the engine's types, twice the sides, makes of the sample."""
    sys.path.insert(0, str(ROOT))
    from enhance_gui.service.engine import ENHANCE_TYPES, WorkJob, run_work

    with tempfile.TemporaryDirectory() as folder:
        job = WorkJob(ENHANCE_TYPES[0].id, FOLDER / "sample.jpg", Path(folder), "sample")
        with Image.open(Path(folder) / run_work(job).after.name) as image:
            image.convert("RGB").save(target, quality=QUALITY, subsampling=0, optimize=True)


def main() -> None:
    target = FOLDER / "enhanced.jpg"
    enhance_sample(target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
