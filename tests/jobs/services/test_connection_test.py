"""A connection test says exactly what works and what does not, and never makes a task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import TaskUnknown
from enhance_gui.core.services.connection_test import ConnectionTest, Step, Verdict, passed
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import Phase, ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode
from enhance_gui.jobs.services.connection_test import ask_about, try_steps
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope, redirect
from tests.support.scriptable_service import Step as Answer
from tests.support.tls import server_context

TOKEN = Secret("canary-of-the-trial")

OK, FAILED, UNCLEAR, NOT_TRIED = (
    Verdict.OK,
    Verdict.FAILED,
    Verdict.UNCLEAR,
    Verdict.NOT_TRIED,
)

QUICK = replace(DIRECT, connect_s=1.0, answer_s=1.0)


def profile_of(service: ScriptableService, **fields: object) -> ServiceProfile:
    profile = ServiceProfile("Studio", service.base_url, enhance_types=(EnhanceType(1, "Enhance"),))
    return replace(profile, **fields)  # type: ignore[arg-type]


def verdicts(connection_test: ConnectionTest) -> dict[Step, Verdict]:
    assert [each.step for each in connection_test.steps] == list(Step)
    assert all(each.text and each.text.endswith((".", "”")) for each in connection_test.steps)
    return {each.step: each.verdict for each in connection_test.steps}


def words(connection_test: ConnectionTest, step: Step) -> str:
    return next(each.text for each in connection_test.steps if each.step is step)


async def checks_token(talk: Talk) -> None:
    """Answer as a service does that asks everybody for the token."""
    known = talk.request.headers.get("token") == TOKEN.reveal()
    await talk.reply(envelope(None, 1002001, "no such task") if known else Reply(401))


def tried(
    *answers: Answer,
    token: Secret | None = TOKEN,
    network: NetworkSettings = QUICK,
    **fields: object,
) -> ConnectionTest:
    """Return what comes of trying a service that answers so; it saw questions alone."""

    async def test() -> ConnectionTest:
        async with ScriptableService() as service:
            service.on("/gettask", *answers)
            connection_test = await try_steps(profile_of(service, **fields), token, network=network)
            assert {request_.path for request_ in service.requests} <= {"/gettask"}
            assert len(service.requests) <= 2
            return connection_test

    return asyncio.run(test())


def test_a_service_that_works_is_proven_to_with_two_free_questions() -> None:
    connection_test = tried(checks_token)
    assert verdicts(connection_test) == {**dict.fromkeys(Step, OK), Step.TLS: NOT_TRIED}
    assert passed(connection_test)
    assert "without it the same question is refused" in words(connection_test, Step.TOKEN)


def test_a_token_is_not_called_accepted_where_anybody_gets_the_same_answer() -> None:
    connection_test = tried(envelope(None, 1002001, "no such task"))
    assert verdicts(connection_test)[Step.TOKEN] is UNCLEAR
    assert passed(connection_test)


@pytest.mark.parametrize(
    "bare",
    [envelope(None, 4001, "token please"), Reply(403), envelope(None, 9, "who are you", 401)],
)
def test_a_token_is_accepted_where_nobody_else_gets_an_answer(bare: Reply) -> None:
    connection_test = tried(envelope(None, 1002002, "deleted"), bare)
    assert verdicts(connection_test)[Step.TOKEN] is OK


@pytest.mark.parametrize("bare", [Reply(500), Reply(429), Reply(200, b"<html>")])
def test_trouble_with_the_second_question_proves_nothing(bare: Reply) -> None:
    connection_test = tried(envelope(None, 1002001, "no such task"), bare)
    assert verdicts(connection_test)[Step.TOKEN] is UNCLEAR


def test_a_code_beyond_the_document_is_told_and_proves_nothing() -> None:
    connection_test = tried(envelope(None, 4711, "who are you"))
    assert verdicts(connection_test)[Step.TOKEN] is UNCLEAR
    assert "4711" in words(connection_test, Step.TOKEN)
    assert "who are you" in words(connection_test, Step.TOKEN)
    assert verdicts(connection_test)[Step.ENVELOPE] is OK


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_token_is_the_only_thing_found_wrong(status: int) -> None:
    connection_test = tried(Reply(status))
    found = verdicts(connection_test)
    assert found[Step.TOKEN] is FAILED
    assert found[Step.ANSWER] is OK
    assert found[Step.ENVELOPE] is NOT_TRIED
    assert [step for step in Step if found[step] is FAILED] == [Step.TOKEN]


def test_a_missing_token_is_called_missing() -> None:
    connection_test = tried(Reply(401), token=None)
    assert verdicts(connection_test)[Step.TOKEN] is FAILED
    assert "none is set" in words(connection_test, Step.TOKEN)
    connection_test = tried(envelope(None, 1002001), token=None)
    assert verdicts(connection_test)[Step.TOKEN] is UNCLEAR
    connection_test = tried(envelope(None, 1002001), token=None, needs_token=False)
    assert verdicts(connection_test)[Step.TOKEN] is NOT_TRIED


@pytest.mark.parametrize("token", ["two words ", "line\nbreak", "schlüssel"])
def test_a_token_that_no_request_can_carry_is_found_before_anything_is_sent(token: str) -> None:
    connection_test = tried(checks_token, token=Secret(token))
    assert verdicts(connection_test)[Step.TOKEN] is FAILED
    assert verdicts(connection_test)[Step.CONNECTED] is NOT_TRIED


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(200, b"<html>welcome</html>"), "Something else answers"),
        (Reply(200, b'{"ok": true}'), "Something else answers"),
        (Reply(404, b"nothing here"), "Something else answers"),
        (redirect("https://elsewhere.example/"), "redirects to another address"),
    ],
)
def test_something_that_is_not_the_api_is_told_apart(answer: Reply, said: str) -> None:
    connection_test = tried(answer)
    found = verdicts(connection_test)
    assert (found[Step.ANSWER], found[Step.ENVELOPE], found[Step.TOKEN]) == (OK, FAILED, NOT_TRIED)
    assert said in words(connection_test, Step.ENVELOPE)


@pytest.mark.parametrize("answer", [Reply(429), Reply(503)])
def test_a_busy_service_is_not_called_broken(answer: Reply) -> None:
    connection_test = tried(answer)
    assert verdicts(connection_test)[Step.ENVELOPE] is UNCLEAR
    assert passed(connection_test)


async def hangs_up(talk: Talk) -> None:
    await talk.reset()


async def says_nothing(talk: Talk) -> None:
    await talk.until_closed_by_peer()


@pytest.mark.parametrize("answer", [hangs_up, says_nothing, Reply(500)])
def test_silence_after_the_connection_fails_at_the_answer(
    answer: Callable[[Talk], Awaitable[None]] | Reply,
) -> None:
    found = verdicts(tried(answer))
    assert (found[Step.CONNECTED], found[Step.ANSWER]) == (OK, FAILED)
    assert (found[Step.TOKEN], found[Step.ENVELOPE]) == (NOT_TRIED, NOT_TRIED)


def test_a_port_that_nobody_listens_on_fails_at_the_connection() -> None:
    async def test() -> None:
        async with ScriptableService() as service:
            profile = profile_of(service)
        found = verdicts(await try_steps(profile, TOKEN, network=QUICK))
        assert (found[Step.NAME], found[Step.CONNECTED]) == (OK, FAILED)
        assert found[Step.ANSWER] is NOT_TRIED

    asyncio.run(test())


async def no_such_name(host: str, port: int) -> Sequence[str]:
    raise OSError("unknown")


def test_an_unknown_name_fails_at_the_name_and_nothing_is_sent() -> None:
    async def test() -> None:
        profile = ServiceProfile("A", "https://enhance.example.invalid/api")
        connection_test = await try_steps(profile, TOKEN, network=QUICK, resolver=no_such_name)
        found = verdicts(connection_test)
        assert (found[Step.ADDRESS], found[Step.NAME]) == (OK, FAILED)
        assert found[Step.CONNECTED] is NOT_TRIED
        assert "enhance.example.invalid" in words(connection_test, Step.NAME)

    asyncio.run(test())


def test_behind_a_proxy_the_name_is_the_proxys_matter() -> None:
    own = replace(QUICK, proxy=ProxyMode.OWN, proxy_url="http://127.0.0.1:9")

    async def test() -> None:
        profile = ServiceProfile("A", "https://enhance.example.invalid/api")
        connection_test = await try_steps(profile, TOKEN, network=own, resolver=no_such_name)
        found = verdicts(connection_test)
        assert (found[Step.NAME], found[Step.CONNECTED]) == (NOT_TRIED, FAILED)
        assert "proxy" in words(connection_test, Step.CONNECTED)

    asyncio.run(test())


def test_a_certificate_that_nobody_vouches_for_fails_at_tls() -> None:
    async def test() -> None:
        async with ScriptableService(server_context()) as service:
            service.on("/gettask", checks_token)
            found = verdicts(await try_steps(profile_of(service), TOKEN, network=QUICK))
            assert (found[Step.CONNECTED], found[Step.TLS]) == (OK, FAILED)
            assert found[Step.TOKEN] is NOT_TRIED
            assert service.requests == []

    asyncio.run(test())


def test_a_trusted_certificate_is_said_to_be() -> None:
    authority = Path(__file__).parents[2] / "support" / "tls" / "authority.pem"

    async def test() -> None:
        async with ScriptableService(server_context()) as service:
            service.on("/gettask", checks_token)
            network = replace(QUICK, ca_file=authority)
            connection_test = await try_steps(profile_of(service), TOKEN, network=network)
            assert set(verdicts(connection_test).values()) == {OK}

    asyncio.run(test())


def test_http_to_another_computer_is_warned_of() -> None:
    async def nearby(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def test() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", checks_token)
            profile = profile_of(service)
            far = replace(profile, base_url=profile.base_url.replace("127.0.0.1", "nearby.test"))
            connection_test = await try_steps(far, TOKEN, network=QUICK, resolver=nearby)
            assert verdicts(connection_test)[Step.TLS] is UNCLEAR
            assert "read the token" in words(connection_test, Step.TLS)

    asyncio.run(test())


def test_a_profile_without_types_is_told_so() -> None:
    connection_test = tried(checks_token, enhance_types=())
    assert verdicts(connection_test)[Step.TYPES] is FAILED
    assert not passed(connection_test)


def test_no_word_of_a_trial_quotes_the_token() -> None:
    async def echo(talk: Talk) -> None:
        token = talk.request.headers.get("token", "")
        await talk.reply(envelope(None, 4711, f"bad token {token}"))

    connection_test = tried(echo)
    assert TOKEN.reveal() not in repr(connection_test)
    assert "bad token" in words(connection_test, Step.TOKEN)


# -- about one task -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "phase", "is_in_table"),
    [
        ({"status": 7, "errorcode": 5, "errormsg": "no face"}, Phase.FAILED, False),
        ({"status": 7, "outputurl": "https://a/b.png"}, Phase.FINISHED, False),
        ({"status": 7, "queuenum": 3}, Phase.QUEUED, False),
        ({"status": 7}, Phase.PROCESSING, False),
        ({"status": 2, "queuenum": 3}, Phase.FAILED, True),
        ({"queuenum": 3}, Phase.QUEUED, False),
    ],
)
def test_a_task_is_told_with_its_number_its_phase_and_why(
    record: dict[str, object], phase: Phase, is_in_table: bool
) -> None:
    async def test() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", envelope({"taskid": "t-1", **record}))
            profile = profile_of(service, status={2: Phase.FAILED})
            seen = await ask_about(profile, TOKEN, "t-1", 4, network=QUICK)
            assert (seen.status, seen.phase) == (record.get("status"), phase)
            assert seen.is_in_table is is_in_table
            (request,) = service.requests
            assert request.json() == {"taskid": "t-1", "type": 4}
            assert request.path == "/gettask"

    asyncio.run(test())


def test_a_task_that_the_service_does_not_know_is_an_error() -> None:
    async def test() -> None:
        async with ScriptableService() as service:
            service.on("/gettask", envelope(None, 1002001, "no such task"))
            with pytest.raises(TaskUnknown):
                await ask_about(profile_of(service), TOKEN, "t-1", 1, network=QUICK)
            with pytest.raises(TokenMissing):
                await ask_about(profile_of(service), None, "t-1", 1, network=QUICK)

    asyncio.run(test())


async def echoes(talk: Talk) -> None:
    """Answer as a service does that quotes all it was sent."""
    seen = talk.request
    await talk.reply(envelope(None, 1002001, f"{seen.target} {seen.headers} {seen.body!r}"))


@pytest.mark.parametrize("token_in", ["header", "query", "body"])
def test_what_was_sent_and_what_came_back_is_shown_without_the_token(token_in: str) -> None:
    connection_test = tried(echoes, token_in=token_in)
    with_token, bare = connection_test.exchanges
    assert with_token.sent.startswith("POST http://127.0.0.1:")
    assert with_token.sent.count("<hidden>") == with_token.received.count("<hidden>") == 1
    assert "<hidden>" not in bare.sent + bare.received
    assert "1002001" in with_token.received
    assert TOKEN.reveal() not in repr(connection_test)


def test_nothing_is_shown_where_nothing_was_sent() -> None:
    assert tried(checks_token, token=Secret("line\nbreak")).exchanges == ()
