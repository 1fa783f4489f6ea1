"""One user's world for one trial: folders, profile and the commands that are run in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from tests.scenarios.faults.ledger_service import INPUTS, ledger_file, result_file
from tests.scenarios.faults.loaded import LoadedProgram, errors_of

SERVICE: Final = "Ledger"

FOREIGN_NAME: Final = f"{INPUTS[1]}-enhance.png"
FOREIGN: Final = b"a file of somebody else that has a result's name already"

RUN_LIMIT_S: Final = 90.0
"""A start that takes longer than this is taken to hang."""

_ROOT: Final = Path(__file__).parents[3]


class Provider:
    """The provider as a child process; its folder holds books and pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.faults.ledger_service", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        assert self._process.stdout is not None
        self.base_url = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            self._process.kill()

    def charges(self, account: str) -> list[dict[str, Any]]:
        """Return what an account was charged for, in order."""
        path = ledger_file(self.folder, account)
        return (
            [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
        )

    def result(self, name: str) -> bytes:
        """Return the result for an input."""
        return result_file(self.folder, name).read_bytes()


@dataclass(frozen=True)
class Ended:
    """How one start of the program ended."""

    code: int
    """Exit code; the signal's number below 0 where one ended it."""
    lines: tuple[dict[str, Any], ...]
    """What it reported, a JSON object a line."""
    errors: str
    """Its standard error."""
    took_s: float
    hung: bool = False
    """Whether it had to be killed in the end."""

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    def inputs(self, state: str) -> set[str]:
        """Return the inputs that were reported in a state."""
        return {line["input"] for line in self.lines if line["state"] == state}


class Home:
    """Folders of one trial, with an account of its own at the provider."""

    def __init__(
        self, folder: Path, provider: Provider, account: str = "", wants: Sequence[str] = ()
    ) -> None:
        """
        :param account: by default the folder's name.
        :param wants: options of the runs that enhance its inputs.
        """
        self.folder = folder
        self.wants = tuple(wants)
        self.provider = provider
        self.account = account or folder.name
        self.results = folder / "results"
        self.database = folder / "data/enhance-gui/tasks.sqlite3"
        self.profile = folder / "ledger.toml"
        self._starts = count(1)
        self.inputs = [f"{provider.base_url}/{self.account}/{name}.jpg" for name in INPUTS]

    def make(self, lived_in: Home | None = None) -> None:
        """Write what has to be there before the first start.

        :param lived_in: a home whose empty list of tasks this one gets a copy of.
        """
        self.results.mkdir(parents=True, exist_ok=True)
        (self.results / FOREIGN_NAME).write_bytes(FOREIGN)
        self.profile.write_text(
            f'name = "{SERVICE}"\n'
            f'base_url = "{self.provider.base_url}/{self.account}"\n'
            "needs_token = false\n"
            "allow_private_addresses = true\n"
            "requests_per_s = 50\n"
            '[[enhance_types]]\nid = 1\nname = "Enhance"\n',
            "utf-8",
        )
        if lived_in is not None:
            shutil.copytree(lived_in.folder / "data", self.folder / "data")

    @property
    def charges(self) -> list[dict[str, Any]]:
        return self.provider.charges(self.account)

    def enhance_arguments(self, *more: str, save: Path | None = None) -> list[str]:
        """Return the arguments that enhance all inputs."""
        place = ["--service", str(self.profile), "--save", str(save or self.results)]
        return ["enhance", *place, "--json", *self.wants, *more, *self.inputs]

    def environment(self) -> dict[str, str]:
        """Return the environment of a start in this home."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and name != "ENHANCE_GUI_TOKEN"
        }
        own = {"HOME": self.folder} | {
            f"XDG_{word.upper()}_HOME": self.folder / word
            for word in ("data", "config", "cache", "state")
        }
        return kept | {name: str(path) for name, path in own.items()}

    def start(self, arguments: Sequence[str], mutant: str = "") -> Running:
        """Start the program, already loaded; with a mutant there is a mistake in it."""
        running = self.start_waiting(arguments, mutant)
        running.program.give_leave()
        return running

    def start_waiting(self, arguments: Sequence[str], mutant: str = "") -> Waiting:
        """Start the program up to the point where it has been loaded."""
        streams = self._new_streams()
        return Waiting(LoadedProgram(arguments, self.environment(), streams, mutant), streams)

    def start_command(self, arguments: Sequence[str]) -> Running:
        """Start the command as a user does."""
        streams = self._new_streams()
        with streams.open("wb") as output, errors_of(streams).open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "enhance_gui", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=self.environment(),
                cwd=_ROOT,
            )
        return Running(_Command(process), streams)

    def run(self, arguments: Sequence[str], mutant: str = "", *, command: bool = False) -> Ended:
        """Run the program to its end.

        :param command: start it as a user does, which takes longer.
        """
        return (self.start_command(arguments) if command else self.start(arguments, mutant)).end()

    def resume(self, mutant: str = "", *, command: bool = False) -> Ended:
        """Continue what is stored."""
        return self.run(["enhance", "--resume", "--json"], mutant, command=command)

    def _new_streams(self) -> Path:
        number = next(self._starts)
        return self.provider.folder / f"{self.account}-start-{number}.out"


class Program(Protocol):
    """A started program."""

    @property
    def pid(self) -> int:
        """Number of its process."""

    def kill(self) -> None:
        """End it at once."""

    def tell_where(self) -> None:
        """Have it write where it is to its standard error, if it can."""

    def wait(self, limit_s: float) -> int | None:
        """Wait for its end; return its exit code, or ``None`` where it still runs."""


class _Command:
    """The command, started as a user does."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()

    def tell_where(self) -> None:
        """It cannot."""

    def wait(self, limit_s: float) -> int | None:
        try:
            return self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None


class Running:
    """A start that goes on."""

    def __init__(self, program: Program, streams: Path) -> None:
        self.program = program
        self._streams = streams
        self._began_s = time.monotonic()

    @property
    def output(self) -> str:
        """What it has written to its standard output so far."""
        return self._streams.read_text("utf-8", "replace") if self._streams.exists() else ""

    def end(self) -> Ended:
        """Wait for its end; where it hangs it is killed."""
        code = self.program.wait(RUN_LIMIT_S)
        if hung := code is None:
            self.program.tell_where()
            self.program.kill()
            code = self.program.wait(RUN_LIMIT_S)
        errors = errors_of(self._streams)
        ended = Ended(
            code=-signal.SIGKILL if code is None else code,
            lines=_pool(self.output),
            errors=errors.read_text("utf-8", "replace") if errors.exists() else "",
            took_s=time.monotonic() - self._began_s,
            hung=hung,
        )
        for path in (self._streams, errors):
            path.unlink(missing_ok=True)
        return ended


class Waiting(Running):
    """A start that has been loaded and waits for leave to begin."""

    program: LoadedProgram


def _pool(output: str) -> tuple[dict[str, Any], ...]:
    lines = []
    for line in output.splitlines():
        # A killed program may have left half a line.
        with suppress(ValueError):
            lines.append(json.loads(line))
    return tuple(lines)
