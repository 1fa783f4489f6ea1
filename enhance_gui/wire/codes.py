"""The error codes of the API's document, and what each becomes in this program."""

from __future__ import annotations

from enum import IntEnum

from enhance_gui.core.errors import (
    AddressRefused,
    BalanceTooLow,
    CreateFailed,
    KindRefused,
    RequestRefused,
    TaskDeleted,
    TaskUnknown,
    TooLargeForService,
)


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


_ERRORS: dict[int, type[RequestRefused]] = {
    Code.CREATE_FAILED: CreateFailed,
    Code.ADDRESS_REFUSED: AddressRefused,
    Code.TOO_LARGE: TooLargeForService,
    Code.KIND_REFUSED: KindRefused,
    Code.TASK_UNKNOWN: TaskUnknown,
    Code.TASK_DELETED: TaskDeleted,
    Code.BALANCE_TOO_LOW: BalanceTooLow,
}


def error_of(code: int, message: str) -> RequestRefused:
    """Return the error for a reply's code: its own class where the document lists it."""
    detail = f"the service answered with code {code}"
    if message:
        detail += f": {message}"
    return _ERRORS.get(code, RequestRefused)(detail, code=code)


def is_documented(code: int) -> bool:
    """Tell whether the API's document lists this code."""
    return code == Code.SUCCESS or code in _ERRORS
