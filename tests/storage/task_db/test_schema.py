"""The steps of the schema are history: a list that was brought up by one stays as it is."""

from __future__ import annotations

import hashlib

from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA

HISTORY = (
    "14b7de94053fdee1",
    "0e591812842d274e",
    "f35b0162a63dd703",
    "70339ffc0471e146",
    "464816bcc5bcf2dd",
    "bd1ac208674f62a8",
    "3433d61408405281",
    "0fbb8f37e0638ea8",
    "2f2b40086f6b11a8",
)


def test_no_step_that_shipped_has_changed() -> None:
    """Parts of the texts come from enums, which must not grow without a step of their own."""
    digests = [hashlib.sha256(step.encode()).hexdigest()[:16] for step in STEPS_OF_SCHEMA]
    assert tuple(digests) == HISTORY, "write a new step, and add its digest here"
