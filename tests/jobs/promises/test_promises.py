"""The promises hold under every order of events that Hypothesis finds."""

from __future__ import annotations

from tests.jobs.promises.machine import Promises, PromisesOfIdempotent

TestPromises = Promises.TestCase
TestPromisesOfIdempotent = PromisesOfIdempotent.TestCase
