"""Reports on what the program depends on: what works, what does not, and what to do.

For ``enhance-gui doctor`` and for the window. It holds no token, and no secret part of a URL.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.redaction import redacted
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.build_info import version_line
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode, proxy_problem
from enhance_gui.core.storage_errors import KeyringProblem, StorageError
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.text.explanations import explain_in_english, sentence_in_english
from enhance_gui.jobs.local_service.net_inventory import look_for_nets
from enhance_gui.jobs.local_service.process import LocalService, service_command
from enhance_gui.jobs.services.connection_test import check_service
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.services.network import ProxyLogin, ca_file_problem
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.profiles.profile_files import list_profiles, local_profile
from enhance_gui.storage.system.keyrings import SystemKeyring
from enhance_gui.storage.system.log_file import last_lines
from enhance_gui.storage.task_db.database import look_at_database

NEWEST_TRIED_PYTHON = (3, 13)
"""The newest that every test has been run with."""

LOG_LINES: Final = 20

KEYRING_LIMIT_S: Final = 10.0
SERVICE_LIMIT_S: Final = 15.0
"""How long a part gets to answer."""

_PACKAGES: Final = (
    "PySide6-Essentials",
    "qasync",
    "httpx",
    "httpcore",
    "msgspec",
    "keyring",
    "pillow",
    "numpy",
    "opencv-python-headless",
    "mnn",
    "ncnn",
    "onnxruntime",
    "starlette",
    "uvicorn",
)
_MIB: Final = 2**20
_MIN_FREE_BYTES: Final = 200 * _MIB


class Verdict(StrEnum):
    """Whether a part works."""

    GOOD = "ok"
    LIMITED = "note"
    """Something is missing; the rest works without it."""
    BROKEN = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part."""

    part: str
    verdict: Verdict
    text: str
    """One clause or more, without a full stop at the end."""
    next_step: str = ""
    """What to do; a sentence."""


def finding_of(part: str, error: EnhanceError, verdict: Verdict = Verdict.BROKEN) -> Finding:
    """Return what an error says of a part."""
    return Finding(part, verdict, sentence_in_english(error), explain_in_english(error).next_step)


async def diagnose(
    folders: Folders,
    display: str,
    token_of_run: Secret | None = None,
    network: NetworkSettings = DIRECT,
    *,
    has_display: bool = True,
    on_waiting: Callable[[bool], None] = lambda _: None,
    held: Callable[[ServiceProfile], Secret | None] = lambda _: None,
) -> tuple[str, bool]:
    """Check every part; return the report as text, and whether nothing is broken.

    What hangs is given up after its limit. What may take long is awaited or done in threads, so
    that a window stays alive meanwhile.

    :param display: what was found of Qt and the display: for a layer above this one to see.
    :param has_display: whether a window can be shown; where not, ``display`` says why.
    :param token_of_run: where the environment gives one; only its presence is reported.
    :param on_waiting: told when the password manager is waited for, and when no more.
    :param network: how services are reached.
    :param held: tokens that were given in this run, which need no password manager.
    """
    profiles, mistakes = await asyncio.to_thread(list_profiles, folders.profiles)
    remote = [profile for profile in profiles if profile.name != LOCAL_SERVICE_NAME]
    credentials = CredentialStore(
        SystemKeyring(folders.token_places), on_waiting, limit_s=KEYRING_LIMIT_S
    )
    network = await ProxyLogin(credentials).complete_if_readable(network)
    is_set = "set" if token_of_run else "not set"
    findings = [
        await asyncio.to_thread(_python),
        Finding("Packages", Verdict.GOOD, await asyncio.to_thread(_versions)),
        Finding("Qt and display", Verdict.GOOD if has_display else Verdict.LIMITED, display),
        await _keyring(credentials, remote),
        Finding("Token of this run", Verdict.GOOD, f"ENHANCE_GUI_TOKEN is {is_set}"),
        await asyncio.to_thread(_database, folders.database),
        *await asyncio.to_thread(_folders, folders),
        await _local_service_finding(),
        await _nets(folders.service_data),
        *[finding_of("Profile", mistake) for mistake in mistakes],
        *[await _service(each, credentials, token_of_run, network, held(each)) for each in remote],
        *await asyncio.to_thread(_network, network, remote),
    ]
    shown = [replace(each, text=redacted(each.text).rstrip(".")) for each in findings]
    is_sound = all(each.verdict is not Verdict.BROKEN for each in findings)
    return await asyncio.to_thread(_report, shown, folders.log), is_sound


def _report(findings: Sequence[Finding], log: Path) -> str:
    """Return the whole report: head, findings, end of the log."""
    lines = [version_line(), ""]
    for finding in findings:
        lines.append(f"{finding.verdict.value:<8}{finding.part}: {finding.text}")
        if finding.next_step:
            lines.append(f"{'':<8}→ {finding.next_step}")
    lines += ["", f"Log ({log}):", *_log_lines(log), "", _sum(findings)]
    return "\n".join(lines)


# -- the parts ------------------------------------------------------------------------------------


def _python() -> Finding:
    text = f"{platform.python_version()} on {platform.platform()}"
    if getattr(sys, "frozen", False):
        text += ", inside the program's own build"
    if sys.version_info[:2] > NEWEST_TRIED_PYTHON:
        newest = f"{NEWEST_TRIED_PYTHON[0]}.{NEWEST_TRIED_PYTHON[1]}"
        next_step = f"Not everything was tried on it; if something fails, use Python {newest}."
        return Finding("Python", Verdict.LIMITED, text, next_step)
    return Finding("Python", Verdict.GOOD, text)


def _versions() -> str:
    found = []
    for package in _PACKAGES:
        # A frozen build carries the packages without what would give their versions.
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{package} {metadata.version(package)}")
    return ", ".join(found) or "inside the program's own build"


async def _keyring(credentials: CredentialStore, remote: Sequence[ServiceProfile]) -> Finding:
    part = "Password manager"
    try:
        manager = await credentials.manager()
        # A locked or hanging one shows it only when it is asked for something.
        nobody = ServiceProfile("diagnosis", "https://diagnosis.invalid")
        await credentials.get(next((each for each in remote if each.needs_token), nobody))
    except KeyringProblem as problem:
        return finding_of(part, problem, Verdict.LIMITED)
    return Finding(part, Verdict.GOOD, f"{manager} answers")


def _database(path: Path) -> Finding:
    part = "List of tasks"
    try:
        facts = look_at_database(path)
    except StorageError as error:
        return finding_of(part, error)
    if facts is None:
        return Finding(part, Verdict.GOOD, f"{path} is not there yet; the first task makes it")
    size = f"{facts.size_bytes / _MIB:.1f} MiB"
    text = f"{path}: sound, {facts.tasks} tasks, {size}, version {facts.version}"
    return Finding(part, Verdict.GOOD, text)


def _folders(folders: Folders) -> list[Finding]:
    paths = {
        "Data": folders.data,
        "Configuration": folders.config,
        "Cache": folders.cache,
        "State": folders.state,
        "Results": folders.results,
    }
    return [_folder(part, path) for part, path in paths.items()]


def _folder(part: str, path: Path) -> Finding:
    """See whether a folder, or the nearest one above it that is there, can be written to."""
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(
            part, Verdict.BROKEN, f"{path} cannot be written to", "Make it writable for you."
        )
    free_bytes = shutil.disk_usage(there).free
    text = f"{path}, {free_bytes / _MIB:,.0f} MiB free"
    if free_bytes < _MIN_FREE_BYTES:
        return Finding(part, Verdict.LIMITED, text, "Free some room: results may not fit.")
    return Finding(part, Verdict.GOOD, text)


async def _local_service_finding() -> Finding:
    """Start the local service, apart from one that may be at work, and ask it."""
    crashes: list[BaseException] = []
    owner = TaskSupervisor(crashes.append)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            service = await LocalService.start(service_command(Path(folder)), owner)
            try:
                profile = replace(local_profile(), base_url=service.base_url)
                async with asyncio.timeout(SERVICE_LIMIT_S):
                    await check_service(profile, service.token)
            finally:
                await service.stop()
        except EnhanceError as error:
            return finding_of(LOCAL_SERVICE_NAME, error)
        except TimeoutError:
            return Finding(
                LOCAL_SERVICE_NAME,
                Verdict.BROKEN,
                f"the service has not answered for {SERVICE_LIMIT_S:.0f} s",
                "Run “enhance-gui serve” to see its messages.",
            )
        finally:
            await owner.close()
    return Finding(LOCAL_SERVICE_NAME, Verdict.GOOD, "the service starts, listens and answers")


async def _nets(service_data: Path) -> Finding:
    found = await look_for_nets(SERVICE_LIMIT_S, service_data)
    verdict = Verdict.LIMITED if found.next_step else Verdict.GOOD
    return Finding("Trained nets", verdict, found.text, found.next_step)


async def _service(
    profile: ServiceProfile,
    credentials: CredentialStore,
    token_of_run: Secret | None,
    network: NetworkSettings,
    token: Secret | None,
) -> Finding:
    """Ask a service for a task that cannot exist, which costs nothing.

    The token of the run is not used: it belongs to one service, and nobody said to which.

    :param token: what the service was given in this run; without it the password manager is asked.
    """
    part = f"Service “{profile.name}”"
    with suppress(KeyringProblem):
        token = token or await credentials.get(profile)
    if token is None and profile.needs_token:
        text = f"{profile.origin}: not asked, since its token is not in the password manager"
        step = f"Set it under Services, or: enhance-gui token set --service “{profile.name}”."
        return Finding(part, Verdict.GOOD if token_of_run else Verdict.LIMITED, text, step)
    try:
        async with asyncio.timeout(SERVICE_LIMIT_S):
            await check_service(profile, token, network)
    except EnhanceError as error:
        return replace(
            finding_of(part, error), text=f"{profile.origin}: {sentence_in_english(error)}"
        )
    except TimeoutError:
        text = f"{profile.origin}: it has not answered for {SERVICE_LIMIT_S:.0f} s"
        return Finding(part, Verdict.BROKEN, text, "Check the network and the service's address.")
    return Finding(part, Verdict.GOOD, f"{profile.origin}: it answers and takes the token")


def _network(network: NetworkSettings, remote: Sequence[ServiceProfile]) -> list[Finding]:
    """Report the network settings in use; the proxies' addresses may be secret and are left out."""
    findings = [_proxy(network)]
    if network.ca_file is not None:
        problem = ca_file_problem(network.ca_file)
        text = f"{network.ca_file}: {problem or 'usable'}"
        step = "Choose another file in the settings, or none." if problem else ""
        verdict = Verdict.BROKEN if problem else Verdict.GOOD
        findings.append(Finding("Additional certificates", verdict, text, step))
    if not remote:
        alone = "the service of this computer is the only one that is set up"
        findings[0] = replace(findings[0], text=f"{findings[0].text}; {alone}")
    return findings


def _proxy(network: NetworkSettings) -> Finding:
    part = "Network"
    if network.proxy is ProxyMode.NONE:
        return Finding(part, Verdict.GOOD, "direct, without a proxy, as you chose")
    if network.proxy is ProxyMode.OWN:
        problem = proxy_problem(network.proxy_url)
        if problem:
            return Finding(
                part,
                Verdict.BROKEN,
                f"the address of your own proxy is not usable: {problem}",
                "Correct it in the settings, under Network.",
            )
        login = ", with a login" if network.proxy_login is not None else ""
        return Finding(part, Verdict.GOOD, f"through your own proxy{login}")
    return _system_proxy(part)


def _system_proxy(part: str) -> Finding:
    proxies = urllib.request.getproxies()
    used = {each: proxies.get(each) or proxies.get("all") or "" for each in ("http", "https")}
    found = [scheme for scheme, url in used.items() if url]
    if not found:
        return Finding(part, Verdict.GOOD, "direct, without a proxy")
    text = f"the system's proxy for {' and '.join(found)}"
    # One without a scheme is taken for an http one.
    if all(url.partition("://")[0] == "http" for url in used.values() if "://" in url):
        return Finding(part, Verdict.GOOD, text)
    return Finding(
        part,
        Verdict.BROKEN,
        f"{text} is of a kind that is not supported",
        "Choose a proxy whose address begins with http://, or none, in the settings.",
    )


# -- the text -------------------------------------------------------------------------------------


def _log_lines(log: Path) -> list[str]:
    try:
        return last_lines(log, LOG_LINES) or ["(empty)"]
    except OSError as error:
        return [f"(cannot be read: {error.strerror})"]


def _sum(findings: Sequence[Finding]) -> str:
    broken = [finding.part for finding in findings if finding.verdict is Verdict.BROKEN]
    if broken:
        return f"Not working: {', '.join(broken)}. What to do stands with each."
    limited = [finding.part for finding in findings if finding.verdict is Verdict.LIMITED]
    return f"Everything needed works. Notes: {', '.join(limited) or 'none'}."
