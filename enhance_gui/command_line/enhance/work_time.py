"""How long the service of this computer will take, said before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.source import LocalFile, parse_source
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.work_times import seconds_a_megapixel
from enhance_gui.imaging.header import read_header
from enhance_gui.jobs.single_instance.requests import EnhanceRequest

WORTH_SHOWING_S: Final = 20.0
_HEAD_BYTES: Final = 1 << 20


def time_notice(request: EnhanceRequest, service_data: Path) -> str | None:
    """Return how long the files together will take, where that is known and long. For a thread.

    :param service_data: folder of the service of this computer.
    """
    kind = request.enhance_type
    if request.profile.name != LOCAL_SERVICE_NAME:
        return None
    each_s = seconds_a_megapixel(service_data, kind.id)
    if not each_s:
        return None
    sizes = _megapixels(request)
    if sum(sizes) * each_s < WORTH_SHOWING_S:
        return None
    files = "the picture" if len(sizes) == 1 else f"the {len(sizes)} pictures"
    return f"“{kind.name}” takes about {_words(sum(sizes) * each_s)} for {files} on this computer"


def _megapixels(request: EnhanceRequest) -> list[float]:
    """Return the sizes of those inputs that are files and tell it."""
    sizes = []
    for text in request.inputs:
        try:
            source = parse_source(text, request.folder)
            if isinstance(source, LocalFile) and source.path.is_file():
                with source.path.open("rb") as file:
                    header = read_header(file.read(_HEAD_BYTES))
                if header is not None:
                    sizes.append(header.width_px * header.height_px / 1e6)
        except (EnhanceError, OSError):
            continue  # what is wrong with it, the check says
    return sizes


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"
