"""Takes the session token out of the environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enhance_gui.core.secret import Secret

TOKEN_VARIABLE: Final = "ENHANCE_GUI_TOKEN"  # noqa: S105  the variable's name, not a token


def take_token() -> Secret | None:
    """Take the token out of the environment, so that no child process inherits it.

    :returns: ``None`` where none is given.
    """
    if TOKEN_VARIABLE not in os.environ:
        return None
    _overwrite()
    # Loaded here, not above: it brings OpenSSL, which the window is not to wait for.
    from enhance_gui.core.secret import Secret

    token = os.environ.pop(TOKEN_VARIABLE).strip()
    return Secret(token) if token else None


def _overwrite() -> None:
    """Overwrite the token where other programs read it: what /proc shows never changes by itself.

    Python has its own copy.
    """
    if sys.platform == "win32":
        return
    # Loaded here, not above: a start from the menu has no token to overwrite.
    import ctypes

    library = ctypes.CDLL(None)
    library.getenv.restype = ctypes.c_void_p
    library.getenv.argtypes = [ctypes.c_char_p]
    place = library.getenv(TOKEN_VARIABLE.encode())
    if place:
        ctypes.memset(place, ord("*"), len(ctypes.string_at(place)))
