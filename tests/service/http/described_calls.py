"""Calls the service in every way that its document allows, and in many that it does not.

``python -m tests.service.http.described_calls [CALLS]`` makes at least so many (10,000 where none
is given) to a service that it starts; it takes half an hour.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.service.test_service_process import child

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "a token of described calls"
_CALLS_AN_EXAMPLE = 22
"""About so many calls are made for each example that each operation is given."""


def calls_made(report: str) -> int:
    """Return the number of calls that a report tells of."""
    [made] = re.findall(r"^  (\d+) generated", report, re.MULTILINE)
    return int(made)


def call_as_described(base_url: str, folder: Path, *options: str) -> tuple[int, str]:
    """Run schemathesis; return its exit code and its report.

    :param folder: where it may leave files.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{base_url}/openapi.json",
            f"--header=token: {TOKEN}",
            "--no-color",
            "--generation-database=none",
            "--seed=1",
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.service.http.schemathesis_hooks",
            "NO_PROXY": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def every_check(max_examples: int) -> tuple[str, ...]:
    """Return the options for all that schemathesis looks at, but for three checks.

    A refusal by a code of the API's document travels with HTTP 200, which one of them would call an
    acceptance: a check of our own takes its place. Tokens are tried apart, since wrong ones are
    answered slowly; here each request has one, so none can be missing.
    """
    return (
        "--exclude-checks=negative_data_rejection,ignored_auth,missing_required_header",
        f"--max-examples={max_examples}",
    )


TOKENS_TRIED = ("--checks=ignored_auth", "--phases=coverage", "--max-examples=1")


def main(arguments: list[str]) -> int:
    """Make as many calls as asked for; return 0 where nothing was found."""
    wanted = int(arguments[0]) if arguments else 10_000
    made, seed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        data, left = Path(folder, "data"), Path(folder, "left")
        left.mkdir()
        with child(data, token=TOKEN) as service:
            while made < wanted:
                seed += 1
                options = (*every_check(100), f"--seed={seed}")
                exit_code, report = call_as_described(
                    service.first_line["base_url"], left, *options
                )
                made += calls_made(report)
                print(f"{made} calls", flush=True)
                if exit_code:
                    print(report)
                    return exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
