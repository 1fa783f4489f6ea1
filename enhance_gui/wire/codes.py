"""Maps the error codes of the API's document to the errors of this program."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from enhance_gui.core.service_errors import (
    ADDRESS_REFUSED,
    CREATE_FAILED,
    KIND_REFUSED,
    TOO_LARGE_FOR_SERVICE,
    BalanceTooLow,
    RequestRefused,
    TaskDeleted,
    TaskUnknown,
)
from enhance_gui.core.text.detail import Detail


class Code(IntEnum):
    """The documented values of an envelope's ``code``."""

    SUCCESS = 0
    CREATE_FAILED = 1001001
    ADDRESS_REFUSED = 1001002
    TOO_LARGE = 1001003
    KIND_REFUSED = 1001004
    TASK_UNKNOWN = 1002001
    TASK_DELETED = 1002002
    BALANCE_TOO_LOW = 1003002


_KINDS: Final[dict[int, str]] = {
    Code.CREATE_FAILED: CREATE_FAILED,
    Code.ADDRESS_REFUSED: ADDRESS_REFUSED,
    Code.TOO_LARGE: TOO_LARGE_FOR_SERVICE,
    Code.KIND_REFUSED: KIND_REFUSED,
}
_CLASSES: Final[dict[int, type[RequestRefused]]] = {
    Code.TASK_UNKNOWN: TaskUnknown,
    Code.TASK_DELETED: TaskDeleted,
    Code.BALANCE_TOO_LOW: BalanceTooLow,
}


def error_of(code: int, message: str) -> RequestRefused:
    """Return the error for a reply's code: of its own kind where the document lists it."""
    detail = Detail("the service answered with code {code}", code=code)
    if message:
        detail = Detail(
            "the service answered with code {code}: {message}", code=code, message=message
        )
    refusal = _CLASSES.get(code, RequestRefused)
    return refusal(detail, code=code, kind=_KINDS.get(code, ""))


def is_documented(code: int) -> bool:
    """Return whether the API's document lists this code."""
    return code == Code.SUCCESS or code in _CLASSES or code in _KINDS
