"""Maps the error codes of the API's document to the errors of this program."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus
from typing import Final

from enhance_gui.core.service_errors import (
    ADDRESS_REFUSED,
    CREATE_FAILED,
    DAY_LIMIT,
    KIND_REFUSED,
    SERVICE_DISK_FULL,
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


REASONS: Final = frozenset({DAY_LIMIT, SERVICE_DISK_FULL})
"""What a service of this program says in ``data.x_reason`` of a refusal, where code and HTTP status
leave open which of two different things a person can do. Each is a kind of error."""


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


def error_of(code: int, message: str, reason: str = "") -> RequestRefused:
    """Return the error for a reply's code: of its own kind where the document lists it.

    :param reason: one of :data:`REASONS`; empty: the service has named none.
    """
    detail = Detail("the service answered with code {code}", code=code)
    if message:
        detail = Detail(
            "the service answered with code {code}: {message}", code=code, message=message
        )
    refusal = _CLASSES.get(code, RequestRefused)
    kind = reason if reason in refusal.cases else _KINDS.get(code, "")
    return refusal(detail, code=code, kind=kind)


OWN_RANGE: Final = 9_000_000
"""A service of this program numbers so what the document has no code for: this + HTTP status."""


def is_own_refusal(code: int, status: int) -> bool:
    """Return whether a service of this program has refused a request before it did anything."""
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_refusal and code == OWN_RANGE + status


def is_documented(code: int) -> bool:
    """Return whether the API's document lists this code."""
    return code == Code.SUCCESS or code in _CLASSES or code in _KINDS
