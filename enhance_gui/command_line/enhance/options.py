"""What the arguments of ``enhance`` ask for, checked before anything is done."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.errors import LIST_UNREADABLE, UsageError
from enhance_gui.core.images.inputs.input_files import GUESSED, NO_LIST, is_file, open_folders
from enhance_gui.core.images.inputs.list_text import MAX_LIST_BYTES, NoText, read_list_text
from enhance_gui.core.images.inputs.source import is_text, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType, find_enhance_type
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.saving import Place, ResultFormat, Saving
from enhance_gui.core.storage_errors import DiskFull, StorageError
from enhance_gui.jobs.local_service.net_inventory import look_for_models
from enhance_gui.jobs.single_instance.requests import (
    EnhanceRequest,
    ResumeRequest,
    token_fingerprint,
)
from enhance_gui.storage.files.results import check_writable
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.profiles.profile_files import find_profile, local_profile

_ANY_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No option groups results by the day or the batch."""


@dataclass(frozen=True, slots=True)
class EnhanceOptions:
    """One call of the command."""

    request: EnhanceRequest | None
    """New inputs; ``None`` where there are none."""
    service: ServiceProfile | None
    """The service that was named."""
    service_argument: str | None
    """How it was named."""
    saving: Saving
    """How results are saved, as far as that was named; those of stored tasks, too."""
    token: Secret | None
    """The token of this run."""
    json: bool
    timeout_s: float | None
    max_cost: float | None
    """Credits that the run may possibly be charged; ``None``: no limit."""
    resume: bool
    settle: dict[str, str]
    """Choices on stored tasks by private id, or for "all"."""
    notes: tuple[str, ...] = ()
    """What is to be told of how folders and lists were read."""

    def to_running_program(self, token: Secret | None) -> dict[str, Any]:
        """Return what is asked of the program that has the list of tasks.

        :param token: that of the service of new inputs.
        """
        asked = token_fingerprint(token or (self.token if self.resume else None))
        if self.request is not None:
            asked |= self.request.to_mapping()
        if self.resume:
            asked |= ResumeRequest(self.service, self.saving).to_mapping()
        return asked


def read_options(
    arguments: argparse.Namespace, token: Secret | None, folders: Folders
) -> EnhanceOptions:
    """Check the arguments.

    :raises UsageError: they are wrong; nothing was sent.
    """
    if arguments.settle and not arguments.resume:
        raise UsageError("--settle goes with --resume")
    if arguments.service in (None, LOCAL_SERVICE_NAME):
        # Lists the models that were put into their folder since the last start.
        asyncio.run(look_for_models(folders.service_data))
    named = None
    if arguments.service is not None:
        named = find_profile(arguments.service, folders.profiles)
    inputs, notes = _all_inputs(arguments.inputs, arguments.list)
    if not inputs and not arguments.resume:
        raise UsageError("there is no input: name an address or a file, or use --list")
    saving = _saving(arguments, folders)
    request = None
    if inputs:
        profile = named or local_profile()
        kind = _type_of(profile, arguments.type)
        for_new = saving
        if saving.folder is None:
            default = _save_folder(folders.results)
            for_new = replace(saving, folder=default, is_default_folder=True)
        check_costs_known(profile, {kind.id: kind.name}, arguments.max_cost)
        limit = arguments.max_cost
        request = EnhanceRequest(inputs, profile, kind, for_new, Path.cwd(), limit)
        _check_folders(request)
    elif saving.folder is not None:
        _check_writable(saving.folder)
    return EnhanceOptions(
        request=request,
        service=named,
        service_argument=arguments.service,
        saving=saving,
        token=token,
        json=arguments.json,
        timeout_s=arguments.timeout_s,
        max_cost=arguments.max_cost,
        resume=arguments.resume,
        settle=dict(arguments.settle),
        notes=notes,
    )


def _saving(arguments: argparse.Namespace, folders: Folders) -> Saving:
    """Return how results are saved, as far as the arguments say.

    :raises UsageError: they contradict each other, or the folder cannot be one.
    """
    wanted = None if arguments.format is None else ResultFormat(arguments.format)
    if arguments.quality is not None and (wanted is None or not wanted.has_quality):
        raise UsageError("--quality goes with --format same, jpg, webp or avif")
    return Saving(
        None if arguments.save is None else _save_folder(arguments.save),
        Place.BESIDE if arguments.beside else Place.FOLDER,
        result_format=wanted,
        quality=arguments.quality,
        not_beside=folders.own,
    )


def _all_inputs(
    entered: Sequence[str], list_file: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments, with folders opened up, and what the list adds; and what is to be told.

    A folder that only a list names stays closed: one line that nobody has read would bring in all
    pictures of a person.

    :param list_file: a path, ``-`` for standard input, or ``None``.
    :raises UsageError: the list cannot be read.
    """
    # A name that is no valid text can be neither stored nor printed; as it is shown here, no file
    # has it, and its own sentence says so.
    opened = open_folders(map(_shown, entered), Path.cwd())
    if list_file is None:
        return opened.inputs, opened.unusable
    name = "standard input" if list_file == "-" else _shown(list_file)
    try:
        data = _read(list_file)
        listed = read_list_text(data)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}", kind=LIST_UNREADABLE) from error
    except NoText as error:
        raise UsageError(NO_LIST.format(file=name).rstrip("."), kind=LIST_UNREADABLE) from error
    except (RuntimeError, ValueError) as error:  # of a user that does not exist; with a NUL
        raise UsageError(f"{name}: no file can have such a path", kind=LIST_UNREADABLE) from error
    if len(data) > MAX_LIST_BYTES:
        raise UsageError(f"{name} is far too large for a list of inputs", kind=LIST_UNREADABLE)
    guessed = (GUESSED.format(file=name),) if listed.is_guess else ()
    return (*opened.inputs, *listed.lines), (*opened.unusable, *guessed)


def _read(list_file: str) -> bytes:
    if list_file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed", kind=LIST_UNREADABLE)
        return sys.stdin.buffer.read(MAX_LIST_BYTES + 1)
    with Path(list_file).expanduser().open("rb") as file:
        return file.read(MAX_LIST_BYTES + 1)


def _save_folder(path: Path) -> Path:
    """Return the whole path.

    :raises UsageError: it begins with a user that does not exist, or its name cannot be stored.
    """
    try:
        folder = path.expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"--save: {path}: {error}") from error
    if not is_text(str(folder)):
        raise UsageError(f"--save: the name of {_shown(str(folder))} is no valid text")
    return folder


def _check_folders(request: EnhanceRequest) -> None:
    """See that results can be saved, before anything is paid for.

    :raises UsageError: they cannot.
    """
    saving = request.saving
    assert saving.folder is not None  # noqa: S101  of new inputs it is always named
    places: dict[Path, str] = {}
    for input_ in request.inputs:
        try:
            source = parse_source(input_, request.folder)
        except AddressNotUsable:
            continue  # it is told with the others, when their work ends
        folder = saving.folder_of(source.key, saving.folder, _ANY_DAY)
        if folder == saving.folder:
            places[folder] = _WITH_SAVE
        elif is_file(Path(source.key)):
            places[folder] = _WITHOUT_BESIDE
    for folder, remedy in (places or {saving.folder: _WITH_SAVE}).items():
        _check_writable(folder, remedy)


_WITH_SAVE: Final = "name another one with --save"
_WITHOUT_BESIDE: Final = "leave --beside out"


def _check_writable(folder: Path, remedy: str = _WITH_SAVE) -> None:
    """:raises UsageError: nothing can be saved there."""
    try:
        check_writable(folder)
    except DiskFull:
        return  # room may be made while the work goes on; it waits for that
    except RecursionError as error:
        raise UsageError(f"--save: {folder} lies too deep") from error
    except StorageError as error:
        cause = error.__cause__
        if isinstance(cause, FileExistsError):
            raise UsageError(f"--save: {folder} is not a folder") from error
        reason = (isinstance(cause, OSError) and cause.strerror) or error.detail
        raise UsageError(
            f"nothing can be saved in the folder {folder} ({reason}): make it writable, or {remedy}"
        ) from error


def _shown(name: str) -> str:
    """Return a name that can be stored and printed."""
    return name.encode("utf-8", "backslashreplace").decode()


def check_costs_known(
    profile: ServiceProfile, types: Mapping[int, str], max_cost: float | None
) -> None:
    """:raises UsageError: a limit cannot be kept, since the profile does not state a cost."""
    if max_cost is None or profile.name == LOCAL_SERVICE_NAME:
        return
    for number, name in types.items():
        if not profile.cost_of(number):
            raise UsageError(
                f"--max-cost: the profile of “{profile.name}” does not tell what “{name}” costs"
            )


def _type_of(profile: ServiceProfile, wanted: str | None) -> EnhanceType:
    if wanted is not None:
        return find_enhance_type(profile.enhance_types, wanted)
    if not profile.enhance_types:
        raise UsageError(f"the profile of “{profile.name}” lists no enhance types: use --type")
    return profile.enhance_types[0]
