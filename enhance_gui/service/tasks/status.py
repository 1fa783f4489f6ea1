"""Defines the status numbers of this service, which the document leaves open.

The shipped profile ``resources/profiles/this-computer.toml`` says the same; a test holds them
together.
"""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The record's ``status``."""

    QUEUED = 0
    PROCESSING = 1
    FINISHED = 2
    FAILED = 3
