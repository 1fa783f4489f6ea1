"""The ledger never tells less than was charged, whatever comes between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.scenarios.ledger_agreement import agree


@pytest.mark.long
def test_the_ledger_agrees_with_the_provider_over_restarts_limits_and_doubts(
    tmp_path: Path,
) -> None:
    reported = asyncio.run(agree(tmp_path, 200, seed=1))
    # On a busy computer a round may end before it has added all of its own.
    assert int(reported.split(maxsplit=1)[0]) > 100
