"""Interprets the replies of the three documented calls, by the tables below.

The envelope is the service's own word and goes before the HTTP status, which any proxy on the way
may have set. For ``createtask`` the question is whether a task may exist that nobody knows of:

======================================================  ==========================
observation                                             verdict
======================================================  ==========================
envelope, code 0, ``taskid``; whatever the status       the created task
envelope with an error code documented for createtask   that :class:`RequestRefused`
429 otherwise                                           :class:`ServiceBusy`
401, 403 otherwise                                      :class:`TokenRefused`
another refusal of a service of this program            :class:`RequestRefused`
anything else once the request may have left            :class:`CreateInDoubt`
======================================================  ==========================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from enhance_gui.core.service_errors import (
    WAY_REFUSED,
    CreateInDoubt,
    NotTheApi,
    RequestRefused,
    ServiceBusy,
    ServiceSilent,
    TokenRefused,
)
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.transport.http_statuses import BUSY, with_status
from enhance_gui.wire.codes import OWN_RANGE, Code, error_of, is_documented, is_own_refusal
from enhance_gui.wire.envelope import Envelope, read_envelope
from enhance_gui.wire.naming import Names
from enhance_gui.wire.records import CreatedTask, read_created_task

_CREATE_REFUSALS: Final = frozenset(
    {
        Code.CREATE_FAILED,
        Code.ADDRESS_REFUSED,
        Code.TOO_LARGE,
        Code.KIND_REFUSED,
        Code.BALANCE_TOO_LOW,
    }
)
"""The codes the document lists under createtask; another one there is no plain refusal."""

_TOKEN_STATUSES: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(slots=True)
class Reply:
    """The reply to one request, as far as it was received."""

    status: int = 0
    """HTTP status; 0 where not even that came."""
    retry_after_s: float | None = None
    body: bytearray = field(default_factory=bytearray)
    content_type: str = ""
    failure: str = ""
    """Why the body is not whole; empty where it is."""
    names: Names = field(default_factory=dict)
    """What the service calls fields otherwise."""


def created_task(reply: Reply) -> CreatedTask:
    """Read the answer to createtask, by the table above.

    An accepting envelope counts even where the exchange broke off after it.

    :raises RequestRefused, ServiceBusy, TokenRefused: no task was made.
    :raises CreateInDoubt: a task may have been made.
    """
    envelope, doubt = _opened(reply)
    if envelope is not None and envelope.is_success:
        task = read_created_task(envelope.data)
        if task is not None:
            return task
        doubt = N_("the service accepted the picture without naming a task")
    elif envelope is not None and envelope.code in _CREATE_REFUSALS and not reply.failure:
        raise error_of(envelope.code, envelope.message, envelope.reason)
    elif envelope is not None:
        doubt = error_of(envelope.code, envelope.message).detail
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _busy(reply, envelope)
    if reply.status in _TOKEN_STATUSES:
        raise _token_refused(reply, envelope)
    if envelope is not None and is_own_refusal(envelope.code, reply.status) and not reply.failure:
        raise error_of(envelope.code, envelope.message)
    if envelope is None and _leads_on(reply):
        doubt = _LEADS_ON
    raise CreateInDoubt(reply.failure or with_status(doubt, reply.status))


def answered_envelope(reply: Reply) -> Envelope:
    """Read the answer to a call that may be repeated at will.

    :raises RequestRefused: an error code of the service.
    :raises ServiceBusy, TokenRefused: by the HTTP status.
    :raises ServiceSilent: the answer broke off, or a proxy answered for a service that did not.
    :raises NotTheApi: an answer, but not the API's.
    """
    envelope, doubt = _opened(reply)
    if envelope is not None and not reply.failure:
        if envelope.is_success:
            return envelope
        if is_documented(envelope.code):
            raise error_of(envelope.code, envelope.message, envelope.reason)
    _raise_for_status(reply, envelope)
    if reply.failure:
        raise ServiceSilent(reply.failure)
    if envelope is not None:
        raise RequestRefused(error_of(envelope.code, envelope.message).detail, code=envelope.code)
    raise NotTheApi(with_status(doubt, reply.status))


def _raise_for_status(reply: Reply, envelope: Envelope | None) -> None:
    if reply.status in BUSY:
        raise _busy(reply, envelope)
    if reply.status in _TOKEN_STATUSES:
        raise _token_refused(reply, envelope)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServiceSilent(with_status(N_("the service has a fault"), reply.status))
    if _leads_on(reply):
        raise NotTheApi(with_status(_LEADS_ON, reply.status))


_LEADS_ON: Final = N_("the service only redirects to another address, so base_url may be wrong")


def _leads_on(reply: Reply) -> bool:
    return HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST


def _opened(reply: Reply) -> tuple[Envelope | None, str]:
    """Return the envelope, or why there is none."""
    try:
        return read_envelope(bytes(reply.body), reply.names), ""
    except NotTheApi as error:
        return None, error.detail


def _busy(reply: Reply, envelope: Envelope | None) -> ServiceBusy:
    # Why, where the service says so itself: a full disk of one's own computer can be mended.
    kind, detail = "", N_("the service is busy and asks to try again later")
    if envelope is not None and envelope.reason in ServiceBusy.cases:
        kind, detail = envelope.reason, envelope.message
    elif envelope is not None and envelope.message:
        detail = Detail(
            "the service is busy and asks to try again later: {message}", message=envelope.message
        )
    return ServiceBusy(
        with_status(detail, reply.status), kind=kind, retry_after_s=reply.retry_after_s
    )


def _token_refused(reply: Reply, envelope: Envelope | None) -> TokenRefused:
    if envelope is not None and envelope.code == OWN_RANGE + HTTPStatus.FORBIDDEN:
        return TokenRefused(with_status(envelope.message, reply.status), kind=WAY_REFUSED)
    text = N_("the service does not accept the token")
    return TokenRefused(with_status(text, reply.status))
