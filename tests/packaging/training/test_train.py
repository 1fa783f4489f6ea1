"""The command says what it lacks."""

from __future__ import annotations

import subprocess
import sys

from environment import CHECKOUT


def test_without_its_environment_it_says_where_that_is_described() -> None:
    """The environment of the tests has no PyTorch."""
    command = [sys.executable, str(CHECKOUT / "packaging" / "train.py"), "export", "quick"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "torch is not installed: packaging/training/README.md" in ended.stdout
    assert not ended.stderr
