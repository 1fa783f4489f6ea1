"""The warning about photographs that are to get colours and have some."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from enhance_gui.core.services.enhance_types import colourises
from enhance_gui.jobs.single_instance.requests import EnhanceRequest
from enhance_gui.jobs.support.colours import coloured_files

_NAMED: Final = 3


def colour_warning(request: EnhanceRequest) -> str | None:
    """Return how many files have colours that the type would replace; None: none has. For a thread.

    All are sent all the same.
    """
    name = request.enhance_type.name
    coloured = coloured_files(request.inputs, request.folder) if colourises(name) else []
    if not coloured:
        return None
    have = (
        "1 photograph already has"
        if len(coloured) == 1
        else f"{len(coloured)} photographs already have"
    )
    listed = ", ".join(Path(each).name for each in coloured[:_NAMED])
    more = len(coloured) - _NAMED
    others = f" and {more} more" if more > 0 else ""
    return f"warning: {have} colours, which “{name}” replaces by invented ones: {listed}{others}"
