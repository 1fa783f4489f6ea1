"""Why a value of a profile is refused, in the user's language."""

from __future__ import annotations

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.text.details import shown_detail
from enhance_gui.core.text.i18n import tr


def shown_reason(mistake: ProfileInvalid) -> str:
    """Return the reason of a mistake, one clause."""
    whole = tr(mistake.reason)
    return whole if whole != mistake.reason else shown_detail(mistake.reason)
