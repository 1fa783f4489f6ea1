"""Judges answers to free questions: one verdict for each step of a connection test."""

from __future__ import annotations

import ssl
from typing import Final

from enhance_gui.core.errors import EnhanceError, ProfileInvalid, TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import (
    NotTheApi,
    RequestRefused,
    ServiceBusy,
    ServiceSilent,
    ServiceUnreachable,
    TaskDeleted,
    TaskUnknown,
    TokenRefused,
)
from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.services.profile_warnings import access_warnings, transport_warning
from enhance_gui.core.text.detail import as_sentence, shown
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.transport.error_mapping import causes_of
from enhance_gui.wire.records import TaskRecord

Outcome = EnhanceError | TaskRecord
"""What one question led to."""

Finding = tuple[Verdict, str]
"""What was found at one step, with a sentence for people."""


def in_order(found: dict[Step, Finding]) -> ConnectionTest:
    """Return all steps; those at which nothing was found were not tried."""
    rest = Verdict.NOT_TRIED, tr("Not tried, because it did not come to it.")
    return tuple(CheckedStep(step, *found.get(step, rest)) for step in Step)


def judge_connection(profile: ServiceProfile, outcome: Outcome, found: dict[Step, Finding]) -> bool:
    """Judge connection and TLS; return whether a request arrived."""
    if isinstance(outcome, ProfileInvalid):
        found[Step.ADDRESS] = Verdict.FAILED, as_sentence(outcome.detail)
        return False
    unreachable = outcome if isinstance(outcome, ServiceUnreachable) else None
    if unreachable is not None and not _is_about_tls(unreachable):
        found[Step.CONNECTED] = Verdict.FAILED, trouble_text(unreachable)
        return False
    found[Step.CONNECTED] = Verdict.OK, tr("The server was reached.")
    if unreachable is not None:
        found[Step.TLS] = Verdict.FAILED, trouble_text(unreachable)
        return False
    found[Step.TLS] = _judge_tls(profile)
    return True


def _judge_tls(profile: ServiceProfile) -> Finding:
    if profile.base_url.startswith("https:"):
        return Verdict.OK, tr("The connection is encrypted, and the certificate is trusted.")
    if warning := transport_warning(profile):
        return Verdict.UNCLEAR, warning
    return Verdict.NOT_TRIED, tr("Not needed: the service is on this computer.")


def judge_reply(outcome: Outcome, found: dict[Step, Finding]) -> bool:
    """Judge what came back; return whether it says something about the token."""
    if isinstance(outcome, ServiceSilent):
        found[Step.ANSWER] = Verdict.FAILED, trouble_text(outcome)
        return False
    found[Step.ANSWER] = Verdict.OK, tr("It answers by HTTP.")
    if isinstance(outcome, ServiceBusy):
        found[Step.ENVELOPE] = Verdict.UNCLEAR, tr("It is busy: try again in a minute.")
        return False
    if isinstance(outcome, NotTheApi):
        words = tr(
            "Something else answers there: {detail}. Check the address and the path of a call."
        )
        found[Step.ENVELOPE] = Verdict.FAILED, words.format(detail=shown(outcome.detail))
        return False
    if is_of_the_api(outcome):
        found[Step.ENVELOPE] = Verdict.OK, tr("The answer is built as the API's document says.")
    return True


def judge_token(
    profile: ServiceProfile, token: Secret | None, outcome: Outcome, bare: Outcome | None
) -> Finding:
    """Judge the token.

    :param bare: what the same question without the token led to.
    """
    if isinstance(outcome, TokenRefused) and token is None:
        words = tr("The service wants a token, and none is set.")
        return Verdict.FAILED, f"{words} {tr(_ADVICE[TokenMissing.kind])}"
    if isinstance(outcome, TokenRefused):
        return Verdict.FAILED, trouble_text(outcome)
    if token is None and profile.needs_token:
        return Verdict.UNCLEAR, tr(
            "None is set. The service answered this question anyway; it may require one for tasks."
        )
    if token is None:
        return Verdict.NOT_TRIED, tr("The profile says that none is needed.")
    if not _knows_tasks(outcome):
        words = tr(
            "Not known: asked about a task that does not exist, it says “{answer}”, which the "
            "API's document does not list."
        )
        answer = shown(outcome.detail) if isinstance(outcome, EnhanceError) else ""
        return Verdict.UNCLEAR, words.format(answer=answer)
    if isinstance(bare, TokenRefused | RequestRefused) and not _knows_tasks(bare):
        return Verdict.OK, tr("Accepted: without it the same question is refused.")
    return Verdict.UNCLEAR, tr(
        "Not known: the service answers this question without a token too. The first task will "
        "tell."
    )


def judge_access(profile: ServiceProfile) -> Finding:
    """Judge what the profile opens up to others."""
    if warnings := access_warnings(profile):
        return Verdict.UNCLEAR, " ".join(warnings)
    return Verdict.OK, tr("Nothing of this computer and its network is opened up.")


def judge_types(profile: ServiceProfile) -> Finding:
    if names := ", ".join(type_.name for type_ in profile.enhance_types):
        return Verdict.OK, tr("There are: {names}.").format(names=names)
    return Verdict.FAILED, tr("None: add at least one, or there is nothing to pick.")


_ADVICE: Final = {
    ServiceUnreachable.kind: mark(
        "Check the address and its port, that the service is running, and the proxy under "
        "Settings, Network."
    ),
    ServiceSilent.kind: mark(
        "Try again in a minute; the time limit is set under Settings, Network."
    ),
    TokenMissing.kind: mark("Paste it into the field of the token."),
    TokenRefused.kind: mark(
        "Copy it once more from your account with the provider. If it is right, the header that "
        "carries it may be another one: see “How calls are made”."
    ),
    NotTheApi.kind: mark("Check the address and the path of a call."),
}
_CERTIFICATE: Final = mark(
    "Where the service has a certificate of its own authority, choose that file "
    "under Settings, Network, “Additional certificates”."
)


def trouble_text(error: EnhanceError) -> str:
    """Return what hinders a free question, and what to do about it."""
    advice = _CERTIFICATE if _is_about_tls(error) else _ADVICE.get(error.kind, "")
    said = as_sentence(error.detail)
    return f"{said} {tr(advice)}" if advice else said


def is_of_the_api(outcome: Outcome) -> bool:
    return isinstance(outcome, TaskRecord | RequestRefused)


def _knows_tasks(outcome: Outcome) -> bool:
    """Return whether the answer is one about tasks, which somebody without rights would not get."""
    return isinstance(outcome, TaskRecord | TaskUnknown | TaskDeleted)


def _is_about_tls(error: EnhanceError) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in causes_of(error))
