"""Judges answers to free questions: one verdict for each step of a connection test."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
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
from enhance_gui.core.services.connection_test import (
    CheckedStep,
    ConnectionTest,
    Step,
    Verdict,
    access_warnings,
    transport_warning,
)
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.detail import as_sentence, shown
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.wire.records import TaskRecord

Outcome = EnhanceError | TaskRecord
"""What one question led to."""


class Steps:
    """What is known so far; all else was not tried."""

    def __init__(self) -> None:
        self._known: dict[Step, CheckedStep] = {}

    def ok(self, step: Step, words: str) -> None:
        self._known[step] = CheckedStep(step, Verdict.OK, words)

    def failed(self, step: Step, words: str) -> None:
        self._known[step] = CheckedStep(step, Verdict.FAILED, words)

    def unclear(self, step: Step, words: str) -> None:
        self._known[step] = CheckedStep(step, Verdict.UNCLEAR, words)

    def skipped(self, step: Step, words: str) -> None:
        self._known[step] = CheckedStep(step, Verdict.NOT_TRIED, words)

    def connection_test(self) -> ConnectionTest:
        rest = tr("Not tried, because it did not come to it.")
        return tuple(
            self._known.get(step, CheckedStep(step, Verdict.NOT_TRIED, rest)) for step in Step
        )


def check_connection(profile: ServiceProfile, outcome: Outcome, steps: Steps) -> bool:
    """Judge connection and TLS; return whether a request arrived."""
    if isinstance(outcome, ServiceUnreachable):
        if _is_about_tls(outcome):
            steps.ok(Step.CONNECTED, tr("The server was reached."))
            steps.failed(Step.TLS, trouble_text(outcome))
        else:
            steps.failed(Step.CONNECTED, trouble_text(outcome))
        return False
    if isinstance(outcome, ProfileInvalid):
        steps.failed(Step.ADDRESS, as_sentence(outcome.detail))
        return False
    steps.ok(Step.CONNECTED, tr("The server was reached."))
    if profile.base_url.startswith("https:"):
        steps.ok(Step.TLS, tr("The connection is encrypted, and the certificate is trusted."))
    elif warning := transport_warning(profile):
        steps.unclear(Step.TLS, warning)
    else:
        steps.skipped(Step.TLS, tr("Not needed: the service is on this computer."))
    return True


def check_reply(outcome: Outcome, steps: Steps) -> bool:
    """Judge what came back; return whether it says something about the token."""
    if isinstance(outcome, ServiceSilent):
        steps.failed(Step.ANSWER, trouble_text(outcome))
        return False
    steps.ok(Step.ANSWER, tr("It answers by HTTP."))
    if isinstance(outcome, ServiceBusy):
        steps.unclear(Step.ENVELOPE, tr("It is busy: try again in a minute."))
        return False
    if isinstance(outcome, NotTheApi):
        steps.failed(Step.ENVELOPE, _text(_NOT_THE_API, detail=shown(outcome.detail)))
        return False
    if is_of_the_api(outcome):
        steps.ok(Step.ENVELOPE, tr("The answer is built as the API's document says."))
    return True


def judge_token(
    profile: ServiceProfile,
    token: Secret | None,
    outcome: Outcome,
    bare: Outcome | None,
    steps: Steps,
) -> None:
    """Judge the token.

    :param bare: what the same question without the token led to.
    """
    if isinstance(outcome, TokenRefused) and token is None:
        words = tr("The service wants a token, and none is set.")
        steps.failed(Step.TOKEN, f"{words} {tr(_ADVICE[TokenMissing.kind])}")
    elif isinstance(outcome, TokenRefused):
        steps.failed(Step.TOKEN, trouble_text(outcome))
    elif token is None and profile.needs_token:
        steps.unclear(Step.TOKEN, tr(_NONE_SET))
    elif token is None:
        steps.skipped(Step.TOKEN, tr("The profile says that none is needed."))
    elif not _knows_tasks(outcome):
        steps.unclear(Step.TOKEN, _text(_ODD_ANSWER, answer=_detail(outcome)))
    elif isinstance(bare, TokenRefused | RequestRefused) and not _knows_tasks(bare):
        steps.ok(Step.TOKEN, tr("Accepted: without it the same question is refused."))
    else:
        steps.unclear(Step.TOKEN, tr(_NOT_ASKED_FOR))


def judge_access(profile: ServiceProfile, steps: Steps) -> None:
    """Judge what the profile opens up to others."""
    if warnings := access_warnings(profile):
        steps.unclear(Step.ACCESS, " ".join(warnings))
    else:
        steps.ok(Step.ACCESS, tr("Nothing of this computer and its network is opened up."))


def judge_types(profile: ServiceProfile, steps: Steps) -> None:
    names = ", ".join(type_.name for type_ in profile.enhance_types)
    if names:
        steps.ok(Step.TYPES, tr("There are: {names}.").format(names=names))
    else:
        steps.failed(Step.TYPES, tr("None: add at least one, or there is nothing to pick."))


_NOT_THE_API: Final = mark(
    "Something else answers there: {detail}. Check the address and the path of a call."
)
_NONE_SET: Final = mark(
    "None is set. The service answered this question anyway; it may require one for tasks."
)
_NOT_ASKED_FOR: Final = mark(
    "Not known: the service answers this question without a token too. The first task will tell."
)
_ODD_ANSWER: Final = mark(
    "Not known: asked about a task that does not exist, it says “{answer}”, which the API's "
    "document does not list."
)


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


def _text(words: str, **values: str) -> str:
    return tr(words).format(**values)


def _detail(outcome: Outcome) -> str:
    return shown(outcome.detail) if isinstance(outcome, EnhanceError) else ""


def is_of_the_api(outcome: Outcome) -> bool:
    return isinstance(outcome, TaskRecord | RequestRefused)


def _knows_tasks(outcome: Outcome) -> bool:
    """Return whether the answer is one about tasks, which somebody without rights would not get."""
    return isinstance(outcome, TaskRecord | TaskUnknown | TaskDeleted)


def _is_about_tls(error: EnhanceError) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__
