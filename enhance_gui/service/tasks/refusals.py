"""Maps errors to the code and the HTTP status of a refusal.

Documented codes travel with HTTP 200: to the document, an error is an ordinary answer. What the
document has no code for is numbered 9,000,000 + HTTP status, far from its own range, and travels
with that status: 9000401 is a wrong token.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import (
    AddressNotUsable,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
    PictureUnreachable,
    PrivateAddress,
)
from enhance_gui.core.service_errors import DAY_LIMIT, SERVICE_DISK_FULL, RequestRefused
from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.wire.codes import OWN_RANGE, Code


class OwnCode(IntEnum):
    """Codes of this service, for what the document has none for."""

    BAD_REQUEST = 9_000_400
    TOKEN_WRONG = 9_000_401
    FORBIDDEN = 9_000_403
    NOT_FOUND = 9_000_404
    METHOD_WRONG = 9_000_405
    TOO_SLOW = 9_000_408
    CONFLICT = 9_000_409
    """A piece of an upload does not begin where the service has stopped."""
    BODY_TOO_LARGE = 9_000_413
    TYPE_WRONG = 9_000_415
    FULL = 9_000_429
    """Nothing was taken, and the same request may be taken later. HTTP's 429, since that is the
    one status that callers of createtask everywhere read as "surely no task was made"."""
    INTERNAL = 9_000_500


# A side under 64 px has no code of its own: it is not "too large", its address and its kind are
# right, so it is what remains: "create failed", with a sentence that says why.
_CODES: dict[type[EnhanceError], Code] = {
    AddressNotUsable: Code.ADDRESS_REFUSED,
    PrivateAddress: Code.ADDRESS_REFUSED,
    PictureUnreachable: Code.ADDRESS_REFUSED,
    PictureTooLarge: Code.TOO_LARGE,
    KindNotSupported: Code.KIND_REFUSED,
    PictureDamaged: Code.KIND_REFUSED,
}


def code_of(error: EnhanceError) -> Code:
    """Return the documented code for what is wrong with a picture; else "create failed"."""
    return _CODES.get(type(error), Code.CREATE_FAILED)


def full(why: str, kind: str = "") -> RequestRefused:
    """Return the refusal of what there is no room for at present."""
    why = f"{why}; nothing was taken, try again later"
    return RequestRefused(why, code=OwnCode.FULL, kind=kind)


def day_limit_reached(tasks_a_day: int) -> RequestRefused:
    """Return the refusal of a user who has had as many tasks today as may be."""
    pictures = "1 picture" if tasks_a_day == 1 else f"{tasks_a_day} pictures"
    return RequestRefused(
        f"today's limit of {pictures} is reached and nothing was taken; more are taken from "
        "midnight on, by the service's clock, or once the limit is raised",
        code=Code.BALANCE_TOO_LOW,
        kind=DAY_LIMIT,
    )


def refusal_of(error: EnhanceError) -> RequestRefused:
    """Return the refusal that the caller of createtask or of the upload gets for an error."""
    if isinstance(error, RequestRefused):
        return error
    if isinstance(error, DiskFull):
        return full(error.detail, SERVICE_DISK_FULL)
    # Whose names lead where within a private network is nobody's business.
    reported = _PRIVATE if isinstance(error, PrivateAddress) else error.detail
    return RequestRefused(reported, code=code_of(error))


_PRIVATE: Final = (
    "the picture's address leads into a private network; "
    "this service fetches from the public internet only"
)


def http_status_of(code: int) -> int:
    """Return the HTTP status an envelope with this code travels with."""
    return code - OWN_RANGE if code > OWN_RANGE else 200
