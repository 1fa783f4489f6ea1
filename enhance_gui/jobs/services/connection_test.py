"""Tests the connection to a service, with questions that cost nothing.

Only ``gettask`` is called, for a task that cannot exist. What worked is read off the class of
error that the client raises: each says how far the exchange got.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.addresses import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.services.connection_test import ConnectionTest, PhaseReason, RecordSeen, Step
from enhance_gui.core.services.profile import Phase, ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.jobs.services.test_verdicts import (
    Outcome,
    Steps,
    check_connection,
    check_reply,
    is_of_the_api,
    judge_access,
    judge_token,
    judge_types,
)
from enhance_gui.transport.host_lookup import Resolver, resolve

_NO_TASK: Final = "0"
"""A task id that no service has given."""


async def check_service(
    profile: ServiceProfile, token: Secret | None, network: NetworkSettings = DIRECT
) -> None:
    """Ask for a task that cannot exist: the API's own "unknown" proves address and token.

    :raises ServiceError: it cannot be reached, does not take the token, or is not the API.
    :raises TokenMissing: the service needs a token.
    """
    api = ApiClient(profile, token, settings=network)
    try:
        await api.get_task(_NO_TASK, _any_type(profile))
    except RequestRefused:
        return
    finally:
        await api.aclose()


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
    steps = Steps()
    asked = profile.url_of("gettask")
    steps.ok(Step.ADDRESS, tr("The question goes to {address}.").format(address=asked))
    judge_types(profile, steps)
    judge_access(profile, steps)
    if token is not None and not token.fits_header(profile.token_prefix):
        steps.failed(Step.TOKEN, tr(_NO_HEADER))
        return steps.connection_test()
    if not await _find(profile, network, resolver, steps):
        return steps.connection_test()
    outcome = await _ask(profile, token, network, resolver)
    if check_connection(profile, outcome, steps) and check_reply(outcome, steps):
        bare = None
        if token is not None and is_of_the_api(outcome):
            bare = await _ask(profile, None, network, resolver)
        judge_token(profile, token, outcome, bare, steps)
    return steps.connection_test()


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
    api = ApiClient(profile, token, settings=network)
    try:
        record = await api.get_task(task_id, type_id)
    finally:
        await api.aclose()
    phase = record.phase(profile.status)
    return RecordSeen(
        task_id=task_id,
        status=record.status,
        phase=phase,
        reason=PhaseReason.TABLE if record.status in profile.status else _REASONS[phase],
        queue_position=record.queue_position,
        error_code=record.error_code,
        error_message=record.error_message,
        result_count=sum(
            bool(each.url) for each in (record.after, *(face.after for face in record.faces))
        ),
    )


_REASONS: Final = {
    Phase.FAILED: PhaseReason.ERROR,
    Phase.FINISHED: PhaseReason.RESULT,
    Phase.QUEUED: PhaseReason.POSITION,
    Phase.PROCESSING: PhaseReason.NOTHING,
}
"""Where the table does not name the number, each phase follows from one thing in the record."""


_NAME_UNKNOWN: Final = mark(
    "The name {host} is not known, or there is no network. Check how it is written."
)
_NO_HEADER: Final = mark(
    "It contains a character that cannot be sent in a header: a space at its ends, a "
    "line break or a letter beyond plain English."
)


async def _find(
    profile: ServiceProfile, network: NetworkSettings, resolver: Resolver, steps: Steps
) -> bool:
    """Look the host's name up; return whether to go on."""
    parts = urlsplit(profile.base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if network.proxy is ProxyMode.OWN:
        steps.skipped(Step.NAME, tr("The proxy of the settings finds the name."))
        return True
    try:
        found = await resolver(plain_host(host).strip("[]"), port)
    except (OSError, AddressNotUsable):
        if network.proxy is ProxyMode.SYSTEM:  # whose proxy may know names that this one does not
            steps.unclear(Step.NAME, tr(_NAME_UNKNOWN).format(host=host))
            return True
        steps.failed(Step.NAME, tr(_NAME_UNKNOWN).format(host=host))
        return False
    if host in found:
        steps.ok(Step.NAME, tr("{host} is a network address itself.").format(host=host))
    else:
        words = tr("{host} leads to {address}.")
        steps.ok(Step.NAME, words.format(host=host, address=found[0]))
    return True


async def _ask(
    profile: ServiceProfile, token: Secret | None, network: NetworkSettings, resolver: Resolver
) -> Outcome:
    """Ask for a task that cannot exist, without a token too."""
    asking = profile if token is not None else replace(profile, needs_token=False)
    api = ApiClient(asking, token, settings=network, resolver=resolver)
    try:
        return await api.get_task(_NO_TASK, _any_type(profile))
    except EnhanceError as error:
        return error
    finally:
        await api.aclose()


def _any_type(profile: ServiceProfile) -> int:
    return profile.enhance_types[0].id if profile.enhance_types else 1
