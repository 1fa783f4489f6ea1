"""The promises hold under every order of events that Hypothesis finds in a few seconds.

``python -m tests.scenarios.promises`` tries many more, ``python -m
tests.scenarios.promises.mutants`` whether the mistakes of earlier versions would be found.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.scenarios.promises.machine import Promises, PromisesOfIdempotent
from tests.scenarios.promises.mutants import is_caught

# Counting its lines would take as long again.
pytestmark = pytest.mark.no_cover

TestPromises = Promises.TestCase
TestPromisesOfIdempotent = PromisesOfIdempotent.TestCase
TestPromises.settings = settings(max_examples=30, stateful_step_count=40)
TestPromisesOfIdempotent.settings = TestPromises.settings


@pytest.mark.long
@pytest.mark.parametrize("name", ["pause-of-the-run-alone", "words-of-the-last-error"])
def test_a_mistake_is_found(name: str) -> None:
    """These two are found soon; the others take minutes."""
    assert is_caught(name)
