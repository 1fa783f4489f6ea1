"""Tests the connection to a service, with questions that cost nothing.

Only ``gettask`` is called, for a task that cannot exist. What worked is read off the class of
error that the client raises: each says how far the exchange got.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.client.api import ApiClient
from enhance_gui.client.calls import token_misfit
from enhance_gui.core.errors import EnhanceError, ProfileInvalid, TokenMissing
from enhance_gui.core.images.hosts import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import (
    WAY_REFUSED,
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
    Exchange,
    RecordSeen,
    Step,
    Verdict,
    access_warnings,
    transport_warning,
)
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode
from enhance_gui.core.text.detail import as_sentence, shown
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.transport.error_mapping import causes_of
from enhance_gui.transport.host_lookup import Resolver, resolve
from enhance_gui.wire.records import TaskRecord

_NO_TASK: Final = "0"
"""A task id that no service has given."""

Outcome = EnhanceError | TaskRecord
"""What one question led to."""

Judgement = tuple[Verdict, str]
"""The result of one step, with a sentence for people."""


async def check_service(
    profile: ServiceProfile, token: Secret | None, network: NetworkSettings = DIRECT
) -> None:
    """Ask for a task that cannot exist: the API's own "unknown" proves address and token.

    :raises ServiceError: it cannot be reached, does not take the token, or is not the API.
    :raises TokenMissing: the service needs a token.
    """
    async with aclosing(ApiClient(profile, token, settings=network)) as api:
        with suppress(RequestRefused):
            await api.get_task(_NO_TASK, _any_type(profile))


async def try_steps(
    profile: ServiceProfile,
    token: Secret | None,
    *,
    network: NetworkSettings = DIRECT,
    resolver: Resolver = resolve,
) -> ConnectionTest:
    """Find out what works and what does not, step by step; at most two free questions are asked.

    A token is proven where the service refuses the same question without it.
    """
    text = tr("The question goes to {address}.")
    found: dict[Step, Judgement] = {
        Step.ADDRESS: (Verdict.OK, text.format(address=profile.url_of("gettask"))),
        Step.TYPES: _judge_types(profile),
        Step.ACCESS: _judge_access(profile),
    }
    if token is not None and token_misfit(profile, token):
        found[Step.TOKEN] = (
            Verdict.FAILED,
            tr(
                "It contains a character that cannot be sent there: a space at its ends, a "
                "line break or, in a header, a letter beyond plain English."
            ),
        )
        return _in_order(found)
    found[Step.NAME] = name = await _find(profile, network, resolver)
    if name[0] is Verdict.FAILED:
        return _in_order(found)
    exchanges: list[Exchange] = []
    ask = partial(_ask, network=network, resolver=resolver, on_exchange=exchanges.append)
    outcome = await ask(profile, token)
    if _judge_connection(profile, outcome, found) and _judge_reply(outcome, found):
        bare = None
        if token is not None and _is_of_the_api(outcome):
            bare = await ask(profile, None)
        found[Step.TOKEN] = _judge_token(profile, token, outcome, bare)
    return _in_order(found, exchanges)


async def ask_about(
    profile: ServiceProfile,
    token: Secret | None,
    task_id: str,
    type_id: int,
    *,
    network: NetworkSettings = DIRECT,
) -> RecordSeen:
    """Ask for the record of one task, and say what the program makes of it.

    :raises ServiceError: as :meth:`ApiClient.get_task`.
    :raises TokenMissing: the service needs a token.
    """
    async with aclosing(ApiClient(profile, token, settings=network)) as api:
        record = await api.get_task(task_id, type_id)
    return RecordSeen(
        task_id=task_id,
        status=record.status,
        phase=record.phase(profile.status),
        is_in_table=record.status in profile.status,
        queue_position=record.queue_position,
        error_code=record.error_code,
        error_message=record.error_message,
        result_count=sum(
            bool(each.url) for each in (record.after, *(face.after for face in record.faces))
        ),
    )


async def _find(profile: ServiceProfile, network: NetworkSettings, resolver: Resolver) -> Judgement:
    """Look the host's name up."""
    parts = urlsplit(profile.base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if network.proxy is ProxyMode.OWN:
        return Verdict.NOT_TRIED, tr("The proxy of the settings finds the name.")
    try:
        addresses = await resolver(plain_host(host).strip("[]"), port)
    except (OSError, AddressNotUsable):
        text = tr("The name {host} is not known, or there is no network. Check how it is written.")
        # The system's proxy may know names that this computer does not.
        is_last = network.proxy is not ProxyMode.SYSTEM
        return Verdict.FAILED if is_last else Verdict.UNCLEAR, text.format(host=host)
    if host in addresses:
        return Verdict.OK, tr("{host} is a network address itself.").format(host=host)
    text = tr("{host} leads to {address}.")
    return Verdict.OK, text.format(host=host, address=addresses[0])


async def _ask(
    profile: ServiceProfile,
    token: Secret | None,
    *,
    network: NetworkSettings,
    resolver: Resolver,
    on_exchange: Callable[[Exchange], None],
) -> Outcome:
    """Ask for a task that cannot exist, without a token too."""
    asking = profile if token is not None else replace(profile, needs_token=False)
    client = ApiClient(asking, token, settings=network, resolver=resolver, on_exchange=on_exchange)
    async with aclosing(client) as api:
        try:
            return await api.get_task(_NO_TASK, _any_type(profile))
        except EnhanceError as error:
            return error


def _any_type(profile: ServiceProfile) -> int:
    return profile.enhance_types[0].id if profile.enhance_types else 1


# -- the verdicts, one for each step -------------------------------------------------------------


def _in_order(found: dict[Step, Judgement], exchanges: Iterable[Exchange] = ()) -> ConnectionTest:
    """Return all steps; those at which nothing was found were not tried."""
    rest = Verdict.NOT_TRIED, tr("Not tried, because it did not come to it.")
    steps = tuple(CheckedStep(step, *found.get(step, rest)) for step in Step)
    return ConnectionTest(steps, tuple(exchanges))


def _judge_connection(
    profile: ServiceProfile, outcome: Outcome, found: dict[Step, Judgement]
) -> bool:
    """Judge connection and TLS; return whether a request arrived."""
    if isinstance(outcome, ProfileInvalid):
        found[Step.ADDRESS] = Verdict.FAILED, as_sentence(outcome.detail)
        return False
    unreachable = outcome if isinstance(outcome, ServiceUnreachable) else None
    if unreachable is not None and not _is_about_tls(unreachable):
        found[Step.CONNECTED] = Verdict.FAILED, problem_text(unreachable)
        return False
    found[Step.CONNECTED] = Verdict.OK, tr("The server was reached.")
    if unreachable is not None:
        found[Step.TLS] = Verdict.FAILED, problem_text(unreachable)
        return False
    found[Step.TLS] = _judge_tls(profile)
    return True


def _judge_tls(profile: ServiceProfile) -> Judgement:
    if profile.base_url.startswith("https:"):
        return Verdict.OK, tr("The connection is encrypted, and the certificate is trusted.")
    if warning := transport_warning(profile):
        return Verdict.UNCLEAR, warning
    return Verdict.NOT_TRIED, tr("Not needed: the service is on this computer.")


def _judge_reply(outcome: Outcome, found: dict[Step, Judgement]) -> bool:
    """Judge what came back; return whether it says something about the token."""
    if isinstance(outcome, ServiceSilent):
        found[Step.ANSWER] = Verdict.FAILED, problem_text(outcome)
        return False
    found[Step.ANSWER] = Verdict.OK, tr("It answers by HTTP.")
    if isinstance(outcome, ServiceBusy):
        found[Step.ENVELOPE] = Verdict.UNCLEAR, tr("It is busy: try again in a minute.")
        return False
    if isinstance(outcome, NotTheApi):
        text = tr(
            "Something else answers there: {detail}. Check the address and the path of a call."
        )
        found[Step.ENVELOPE] = Verdict.FAILED, text.format(detail=shown(outcome.detail))
        return False
    if _is_of_the_api(outcome):
        found[Step.ENVELOPE] = Verdict.OK, tr("The answer is built as the API's document says.")
    return True


def _judge_token(
    profile: ServiceProfile, token: Secret | None, outcome: Outcome, bare: Outcome | None
) -> Judgement:
    """Judge the token.

    :param bare: what the same question without the token led to.
    """
    if isinstance(outcome, TokenRefused) and token is None:
        text = tr("The service wants a token, and none is set.")
        return Verdict.FAILED, f"{text} {tr(_ADVICE[TokenMissing.kind])}"
    if isinstance(outcome, TokenRefused):
        return Verdict.FAILED, problem_text(outcome)
    if token is None and profile.needs_token:
        return Verdict.UNCLEAR, tr(
            "None is set. The service answered this question anyway; it may require one for tasks."
        )
    if token is None:
        return Verdict.NOT_TRIED, tr("The profile says that none is needed.")
    if not _knows_tasks(outcome):
        text = tr(
            "Not known: asked about a task that does not exist, it says “{answer}”, which the "
            "API's document does not list."
        )
        answer = shown(outcome.detail) if isinstance(outcome, EnhanceError) else ""
        return Verdict.UNCLEAR, text.format(answer=answer)
    if isinstance(bare, TokenRefused | RequestRefused) and not _knows_tasks(bare):
        return Verdict.OK, tr("Accepted: without it the same question is refused.")
    return Verdict.UNCLEAR, tr(
        "Not known: the service answers this question without a token too. The first task will "
        "tell."
    )


def _judge_access(profile: ServiceProfile) -> Judgement:
    """Judge what the profile opens up to others."""
    if warnings := access_warnings(profile):
        return Verdict.UNCLEAR, " ".join(warnings)
    return Verdict.OK, tr("Nothing of this computer and its network is opened up.")


def _judge_types(profile: ServiceProfile) -> Judgement:
    if names := ", ".join(type_.name for type_ in profile.enhance_types):
        return Verdict.OK, tr("There are: {names}.").format(names=names)
    return Verdict.FAILED, tr("None: add at least one, or there is nothing to pick.")


_ADVICE: Final = {
    ServiceUnreachable.kind: N_(
        "Check the address and its port, that the service is running, and the proxy under "
        "Settings, Network."
    ),
    ServiceSilent.kind: N_("Try again in a minute; the time limit is set under Settings, Network."),
    TokenMissing.kind: N_("Paste it into the field of the token."),
    TokenRefused.kind: N_(
        "Copy it once more from your account with the provider. If it is right, the header that "
        "carries it may be another one: see “How calls are made”."
    ),
    WAY_REFUSED: N_(
        "Check the address, or ask whoever runs the service under which address, and through "
        "which proxy, it may be asked."
    ),
    NotTheApi.kind: N_("Check the address and the path of a call."),
}
_CERTIFICATE: Final = N_(
    "Where the service has a certificate of its own authority, choose that file "
    "under Settings, Network, “Additional certificates”."
)


def problem_text(error: EnhanceError) -> str:
    """Return what hinders a free question, and what to do about it."""
    advice = _CERTIFICATE if _is_about_tls(error) else _ADVICE.get(error.kind, "")
    text = as_sentence(error.detail)
    return f"{text} {tr(advice)}" if advice else text


def _is_of_the_api(outcome: Outcome) -> bool:
    return isinstance(outcome, TaskRecord | RequestRefused)


def _knows_tasks(outcome: Outcome) -> bool:
    """Return whether the answer is one about tasks, which somebody without rights would not get."""
    return isinstance(outcome, TaskRecord | TaskUnknown | TaskDeleted)


def _is_about_tls(error: EnhanceError) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in causes_of(error))
