"""Tests the connection to a service, with questions that cost nothing.

Only ``gettask`` is called, for a task that cannot exist. What worked is read off the class of
error that the client raises: each says how far the exchange got.
"""

from __future__ import annotations

from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.addresses import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.services.connection_test import ConnectionTest, RecordSeen, Step, Verdict
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode
from enhance_gui.core.text.i18n import tr
from enhance_gui.jobs.services.test_verdicts import (
    Finding,
    Outcome,
    in_order,
    is_of_the_api,
    judge_access,
    judge_connection,
    judge_reply,
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
    words = tr("The question goes to {address}.")
    found: dict[Step, Finding] = {
        Step.ADDRESS: (Verdict.OK, words.format(address=profile.url_of("gettask"))),
        Step.TYPES: judge_types(profile),
        Step.ACCESS: judge_access(profile),
    }
    if token is not None and not token.fits_header(profile.token_prefix):
        found[Step.TOKEN] = (
            Verdict.FAILED,
            tr(
                "It contains a character that cannot be sent in a header: a space at its ends, a "
                "line break or a letter beyond plain English."
            ),
        )
        return in_order(found)
    found[Step.NAME] = name = await _find(profile, network, resolver)
    if name[0] is Verdict.FAILED:
        return in_order(found)
    outcome = await _ask(profile, token, network, resolver)
    if judge_connection(profile, outcome, found) and judge_reply(outcome, found):
        bare = None
        if token is not None and is_of_the_api(outcome):
            bare = await _ask(profile, None, network, resolver)
        found[Step.TOKEN] = judge_token(profile, token, outcome, bare)
    return in_order(found)


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


async def _find(profile: ServiceProfile, network: NetworkSettings, resolver: Resolver) -> Finding:
    """Look the host's name up."""
    parts = urlsplit(profile.base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if network.proxy is ProxyMode.OWN:
        return Verdict.NOT_TRIED, tr("The proxy of the settings finds the name.")
    try:
        addresses = await resolver(plain_host(host).strip("[]"), port)
    except (OSError, AddressNotUsable):
        words = tr("The name {host} is not known, or there is no network. Check how it is written.")
        # The system's proxy may know names that this computer does not.
        is_last = network.proxy is not ProxyMode.SYSTEM
        return Verdict.FAILED if is_last else Verdict.UNCLEAR, words.format(host=host)
    if host in addresses:
        return Verdict.OK, tr("{host} is a network address itself.").format(host=host)
    words = tr("{host} leads to {address}.")
    return Verdict.OK, words.format(host=host, address=addresses[0])


async def _ask(
    profile: ServiceProfile, token: Secret | None, network: NetworkSettings, resolver: Resolver
) -> Outcome:
    """Ask for a task that cannot exist, without a token too."""
    asking = profile if token is not None else replace(profile, needs_token=False)
    client = ApiClient(asking, token, settings=network, resolver=resolver)
    async with aclosing(client) as api:
        try:
            return await api.get_task(_NO_TASK, _any_type(profile))
        except EnhanceError as error:
            return error


def _any_type(profile: ServiceProfile) -> int:
    return profile.enhance_types[0].id if profile.enhance_types else 1
