"""A connection test says what a service opens up on this computer, and fails nothing for it."""

from __future__ import annotations

from enhance_gui.core.services.connection_test import Step, Verdict, passed
from enhance_gui.core.services.profile import CallbackSettings
from tests.jobs.services.test_connection_test import checks_token, tried, verdicts, words


def test_a_trial_warns_of_all_that_is_opened_up() -> None:
    callback = CallbackSettings("0.0.0.0:8899")
    connection_test = tried(checks_token, allow_private_addresses=True, callback=callback)
    assert verdicts(connection_test)[Step.ACCESS] is Verdict.UNCLEAR
    assert "Private addresses are allowed" in words(connection_test, Step.ACCESS)
    assert "received on 0.0.0.0:8899" in words(connection_test, Step.ACCESS)
    assert passed(connection_test)
