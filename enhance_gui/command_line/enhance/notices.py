"""Prints notices about files before they are enhanced: how long it takes, lost colours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.enhance_types import colourises
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.work_times import seconds_a_megapixel
from enhance_gui.core.threads import in_daemon_thread
from enhance_gui.imaging.header import read_header
from enhance_gui.jobs.single_instance.requests import EnhanceRequest
from enhance_gui.jobs.support.colours import coloured_files, local_files

WORTH_SHOWING_S: Final = 20.0
_HEAD_BYTES: Final = 1 << 20
_NAMED: Final = 3


async def print_notices(
    request: EnhanceRequest, service_data: Path, print_message: Callable[[str], None]
) -> None:
    """Print the notices about the files; many or slow ones may take long.

    :param service_data: folder of the local service.
    """
    for look in (partial(time_notice, request, service_data), partial(_colour_warning, request)):
        notice = await in_daemon_thread(look, "look at files")
        if notice is not None:
            print_message(notice)


def time_notice(request: EnhanceRequest, service_data: Path) -> str | None:
    """Return how long the files together will take, where that is known and long. For a thread.

    :param service_data: folder of the local service.
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
    return (
        f"“{kind.name}” takes about {_time_text(sum(sizes) * each_s)} for {files} on this computer"
    )


def _megapixels(request: EnhanceRequest) -> list[float]:
    """Return the sizes of those inputs that are files whose header gives it."""
    sizes = []
    for _, path in local_files(request.inputs, request.folder):
        with suppress(EnhanceError, OSError):  # what is wrong with it, the check says
            with path.open("rb") as file:
                header = read_header(file.read(_HEAD_BYTES))
            if header is not None:
                sizes.append(header.width_px * header.height_px / 1e6)
    return sizes


def _time_text(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"


def _colour_warning(request: EnhanceRequest) -> str | None:
    """Return how many files have colours that the type would replace; None: none has. For a thread.

    All are sent all the same.
    """
    name = request.enhance_type.name
    coloured = coloured_files(request.inputs, request.folder) if colourises(name) else []
    if not coloured:
        return None
    count = len(coloured)
    have = "1 photograph already has" if count == 1 else f"{count} photographs already have"
    listed = ", ".join(Path(each).name for each in coloured[:_NAMED])
    others = f" and {count - _NAMED} more" if count > _NAMED else ""
    return f"warning: {have} colours, which “{name}” replaces by invented ones: {listed}{others}"
