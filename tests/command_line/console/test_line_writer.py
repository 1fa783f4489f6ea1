"""What is written beside the work comes out whole, whoever has written it."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from enhance_gui.command_line.console.line_writer import ErrorWriter
from enhance_gui.command_line.enhance.interruption import Interruption


def test_what_a_thread_logs_first_comes_out(capfd: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler(sys.stderr)

    async def run() -> None:
        writer = ErrorWriter()
        with writer.with_log():
            await asyncio.to_thread(logging.getLogger("thread").warning, "the disk is full")
            await writer.drain(Interruption())

    logging.getLogger().addHandler(handler)
    try:
        asyncio.run(run())
    finally:
        logging.getLogger().removeHandler(handler)
    assert capfd.readouterr().err == "the disk is full\n"
