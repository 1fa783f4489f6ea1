"""The program as a user runs it, against a host that does all it can; with its real patience.

Run ``python -m tests.scenarios.hostile.bodies``: some twenty minutes. Prints tables in Markdown and
a verdict; the exit code is 0 where every promise was kept:

- every exchange with the host ends by its deadline and 2 s more,
- the program's resident memory grows by at most 64 MiB,
- nothing of a hostile body is in the save folder,
- every input reaches its end, and the honest ones among them are saved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from enhance_gui.client.download import RESULT_TIMEOUTS
from enhance_gui.client.preflight import PREFLIGHT_TIMEOUTS
from tests.scenarios.hostile.behaviours import PICTURE, Behaviour, behaviours
from tests.scenarios.hostile.host import Case, HostileProvider, Role, foreign_files
from tests.scenarios.hostile.memory import MIB, MemoryWatch
from tests.scenarios.hostile.replies import fast_replies, slow_replies
from tests.scenarios.running import profile_of
from tests.support import tls
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.support.scriptable_service import Handler, Reply, ScriptableService, Step, Talk, redirect

GONE_PORT = 1
HONEST = 10
GRACE_S = 2.0
MAX_GROWTH_BYTES = 64 * MIB
LIMIT_S = 3600.0
REPLY_LIMIT_S = 25.0
REPLIES_AT_ONCE = 2

DEADLINE_S = {
    # A picture that passes preflight is fetched once more, as a copy.
    Role.INPUT: max(PREFLIGHT_TIMEOUTS.overall_s, 60.0),
    Role.RESULT: RESULT_TIMEOUTS.overall_s,
}


@dataclass
class Run:
    """One run of the program, and what was seen of it."""

    code: int = -1
    lines: list[dict[str, Any]] = field(default_factory=list)
    ended_s: dict[str, float] = field(default_factory=dict)
    """By input: when its line came."""
    took_s: float = 0.0
    growth_bytes: int = 0
    peak_bytes: int = 0
    errors: str = ""


async def run_program(
    provider: Provider, folder: Path, inputs: Sequence[str], *options: str, **profile: Any
) -> Run:
    """Run ``enhance`` on the inputs; its memory counts from its first request on."""
    home = folder / "home"
    home.mkdir(parents=True)
    toml = write_profile(
        folder / "service.toml", profile_of(provider, requests_per_s=50.0, **profile)
    )
    listed = folder / "inputs.txt"
    listed.write_text("\n".join(inputs) + "\n", "utf-8")
    names = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME")
    environment = {
        **os.environ,
        **{name: str(home) for name in names},
        "ENHANCE_GUI_TOKEN": "the-token",
        "SSL_CERT_FILE": str(Path(tls.__file__).with_name("authority.pem")),
    }
    command = [sys.executable, "-m", "enhance_gui", "enhance", "--json", "--service", str(toml)]
    save = ["--save", str(folder / "results"), "--list", str(listed)]
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        *save,
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        limit=2**22,
    )
    run = Run()
    with MemoryWatch(process.pid) as memory:
        provider.on_connect(_first(memory))
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
            errors = group.create_task(_whole(process.stderr))
            group.create_task(_take_lines(process, run, began_s))
        run.code = await process.wait()
    run.took_s = time.monotonic() - began_s
    run.growth_bytes, run.peak_bytes = memory.growth_bytes, memory.peak_bytes
    run.errors = errors.result()
    return run


def _first(memory: MemoryWatch) -> Handler:
    """Let memory count from the first connection on: the program has loaded all it needs."""
    seen: list[Talk] = []

    async def connected(talk: Talk) -> None:
        if not seen:
            memory.begin()
        seen.append(talk)

    return connected


async def _whole(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.read()).decode("utf-8", "replace")


async def _take_lines(process: asyncio.subprocess.Process, run: Run, began_s: float) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        reported = json.loads(line)
        run.lines.append(reported)
        run.ended_s[reported["input"]] = time.monotonic() - began_s


# -- bodies -------------------------------------------------------------------------------------


async def try_bodies(folder: Path, *, quick: bool) -> list[str]:
    """Run every behaviour in both roles through one process; return what was wrong.

    :param quick: leave out what only the program's patience ends.
    """
    async with ScriptableService(tls.server_context()) as safe, HostileProvider() as provider:
        open_page = provider.url("/honest/honest-0.png")
        safe.on("/leads", redirect(open_page))
        known = behaviours(GONE_PORT, small=False)
        known = {name: each for name, each in known.items() if not (quick and each.slow)}
        known["redirect to https, from there to http"] = Behaviour(redirect(safe.url("/leads")))
        cases = provider.set_up(known)
        honest = [f"/honest/honest-{number}.png" for number in range(HONEST)]
        for path in honest:
            provider.on(path, Reply(200, PICTURE))
        inputs = [case.url for case in cases] + [provider.url(path) for path in honest]
        run = await run_program(provider, folder, inputs)
        return _judge_bodies(provider, cases, run, folder / "results", inputs)


def _judge_bodies(
    provider: HostileProvider, cases: list[Case], run: Run, results: Path, inputs: list[str]
) -> list[str]:
    reported = {line["input"]: line for line in run.lines}
    wrong = [f"no end of {url}" for url in inputs if url not in reported]
    wrong += [f"in the save folder: {name}" for name in foreign_files(results, cases)]
    for url in inputs[len(cases) :]:
        if reported.get(url, {}).get("state") != "saved":
            wrong.append(f"an honest picture was not saved: {reported.get(url)}")
    for case in cases:
        longest_s = max(provider.exchanges_s[case.stem], default=0.0)
        if longest_s > DEADLINE_S[case.role] + GRACE_S:
            wrong.append(f"{case.name} as {case.role}: {longest_s:.0f} s")
        if reported.get(case.url, {}).get("state") == "saved" and not case.may_save:
            wrong.append(f"{case.name} as {case.role}: saved")
    if run.growth_bytes > MAX_GROWTH_BYTES:
        wrong.append(f"memory grew by {run.growth_bytes / MIB:.0f} MiB")
    if "Traceback" in run.errors:
        wrong.append(run.errors)
    if not reported:
        return [run.errors]
    _print_bodies(provider, cases, run, reported)
    return wrong


def _print_bodies(
    provider: HostileProvider, cases: list[Case], run: Run, reported: Mapping[str, Any]
) -> None:
    print("| behaviour | as the input | as the result |\n|---|---|---|")
    for case, other in zip(cases[::2], cases[1::2], strict=True):
        cells = [_cell(provider, each, run, reported) for each in (case, other)]
        print(f"| {case.name} | {cells[0]} | {cells[1]} |")
    print("\n| role | behaviours | longest exchange | allowed | saved | refused or kept |")
    print("|---|---|---|---|---|---|")
    for role in Role:
        its = [case for case in cases if case.role is role]
        longest_s = max(max(provider.exchanges_s[case.stem], default=0.0) for case in its)
        saved = sum(reported.get(case.url, {}).get("state") == "saved" for case in its)
        print(
            f"| {role} | {len(its)} | {longest_s:.1f} s | {DEADLINE_S[role] + GRACE_S:.0f} s "
            f"| {saved} | {len(its) - saved} |"
        )
    print(
        f"\n{len(run.lines)} inputs in one process, {run.took_s:.0f} s, exit code {run.code}; "
        f"memory grew by {run.growth_bytes / MIB:.0f} MiB to {run.peak_bytes / MIB:.0f} MiB\n"
    )


def _cell(provider: HostileProvider, case: Case, run: Run, reported: Mapping[str, Any]) -> str:
    times = provider.exchanges_s[case.stem]
    line = reported.get(case.url, {"state": "no end", "error": None})
    why = line["error"]["kind"] if line["error"] else ""
    end = f"{line['state']} {why}".strip()
    longest_s, at_s = max(times, default=0.0), run.ended_s.get(case.url, 0.0)
    return f"{end}, {len(times)} × ≤ {longest_s:.1f} s, at {at_s:.0f} s"


# -- replies ------------------------------------------------------------------------------------


async def try_replies(folder: Path) -> list[str]:
    """Run each hostile reply of each call in a process of its own; return what was wrong."""
    places = asyncio.Semaphore(REPLIES_AT_ONCE)

    async def one(number: int, call: str, name: str, step: Step) -> tuple[str, list[str]]:
        async with places, Provider() as provider:
            provider.on(f"/{call}", step)
            inputs = provider.pictures("a")
            where = folder / f"reply{number}"
            limit = ("--timeout-s", str(REPLY_LIMIT_S))
            run = await run_program(provider, where, inputs, *limit)
            wrong = _judge_reply(provider, call, name, run)
            state = run.lines[0]["state"] if run.lines else "no end"
            creates = len(provider.seen("/createtask"))
            row = (
                f"| {name} | {call} | {state} (exit {run.code}) | {creates} | {run.took_s:.0f} s "
                f"| {run.growth_bytes / MIB:.0f} MiB |"
            )
            return row, wrong

    replies = {**fast_replies(), **slow_replies()}
    calls = [(call, name, replies[name]) for name in replies for call in ("createtask", "gettask")]
    done = await asyncio.gather(*(one(number, *each) for number, each in enumerate(calls)))
    print("| reply | of | end | creates | took | memory grew |\n|---|---|---|---|---|---|")
    print("\n".join(row for row, _wrong in done), "\n")
    return [each for _row, wrong in done for each in wrong]


def _judge_reply(provider: Provider, call: str, name: str, run: Run) -> list[str]:
    wrong = []
    if len(provider.seen("/createtask")) != 1:
        wrong.append("created more than once")
    if run.took_s > REPLY_LIMIT_S + GRACE_S + 2:  # and the start of the program
        wrong.append(f"took {run.took_s:.0f} s")
    if run.growth_bytes > MAX_GROWTH_BYTES:
        wrong.append(f"memory grew by {run.growth_bytes / MIB:.0f} MiB")
    if len(run.lines) != 1 or run.lines[0]["state"] == "saved":
        wrong.append(f"ended as {run.lines}")
    if "Traceback" in run.errors:
        wrong.append(run.errors)
    return [f"{call}, {name}: {each}" for each in wrong]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=("bodies", "replies"))
    parser.add_argument("--quick", action="store_true", help="without what only patience ends")
    arguments = parser.parse_args()
    only = arguments.only
    wrong: list[str] = []
    with TemporaryDirectory() as folder:
        if only != "replies":
            wrong += asyncio.run(try_bodies(Path(folder) / "bodies", quick=arguments.quick))
        if only != "bodies":
            wrong += asyncio.run(try_replies(Path(folder) / "replies"))
    for each in wrong:
        print(f"BROKEN: {each}")
    print("verdict:", "broken" if wrong else "every promise was kept")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
