"""Run a step in a process of its own and pass on what it prints while it runs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str],
    show: Callable[[str], None],
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    inherited_files: Sequence[int] = (),
) -> int:
    """Run ``command``, hand each line it prints to ``show`` and return its exit code.

    Its standard error joins its standard output; its standard input is empty.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=inherited_files,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            show(line)
    return child.returncode
