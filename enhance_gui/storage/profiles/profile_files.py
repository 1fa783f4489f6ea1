"""Reads and writes service profiles: the one that is shipped, and the user's own files."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.core.atomic import replacing
from enhance_gui.core.errors import PROFILE_UNKNOWN, ProfileInvalid, UsageError
from enhance_gui.core.images.file_names import safe_stem
from enhance_gui.core.resources import resource
from enhance_gui.core.services.entry import ServiceEntry, folded
from enhance_gui.core.services.model_files import is_offered
from enhance_gui.core.services.own_models import usable_models
from enhance_gui.core.services.profile import (
    LOCAL_SERVICE_NAME,
    MAX_PROFILE_BYTES,
    TOO_LARGE,
    ServiceProfile,
    decode_profile,
    parse_profile,
    profile_to_mapping,
    read_mapping,
)
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.storage.folders import make_private, user_folders

_log = logging.getLogger(__name__)

_ODD: Final = N_("cannot be read: the log says why")

_NEW: Final = "the new service"
"""Name of a service without a file in error messages."""


def local_profile() -> ServiceProfile:
    """Return the profile of the local service; its port is known once it listens.

    Of its enhance types it has those that can be done here, and then the user's own models.
    """
    shipped = read_profile(resource("profiles/this-computer.toml"))
    types = tuple(type_ for type_ in shipped.enhance_types if is_offered(type_.id))
    own = tuple(model.enhance_type for model in usable_models(user_folders().service_data))
    return replace(shipped, enhance_types=types + own)


def read_profile(path: Path) -> ServiceProfile:
    """Read a profile file.

    :raises ProfileInvalid: it cannot be read, or has a mistake.
    """
    return parse_profile(_read_text(path), path.name)


def list_profiles(folder: Path) -> tuple[list[ServiceProfile], list[ProfileInvalid]]:
    """Return the shipped profile and the user's, and what is wrong with the others.

    :param folder: of the user's profiles; may not exist.
    """
    entries = list_entries(folder)
    return (
        [entry.profile for entry in entries if entry.profile is not None],
        [entry.mistakes[0] for entry in entries if entry.mistakes],
    )


def _read_text(path: Path) -> str:
    """:raises ProfileInvalid: it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # others may have no end, or never begin
            raise ProfileInvalid(path.name, "", Detail("cannot be read: it is not a file"))
        with path.open("rb") as file:
            content = file.read(MAX_PROFILE_BYTES + 1)
        if len(content) > MAX_PROFILE_BYTES:
            raise ProfileInvalid(path.name, "", TOO_LARGE)
        # Not read_text: that one would turn the line ends of other systems into those of this one.
        # Some editors put a mark before a text in UTF-8, which is no part of it.
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ProfileInvalid(
            path.name, "", Detail("cannot be read: {reason}", reason=reason)
        ) from error


def empty_entry() -> ServiceEntry:
    """Return an empty entry for a new service."""
    return _entry("")


def template_entry() -> ServiceEntry:
    """Return a template for the provider's cloud: what is documented, the rest marked as blank."""
    return _entry(resource("profiles/provider-cloud.toml").read_text("utf-8"))


def read_entry(path: Path) -> ServiceEntry:
    """Read a file that is to become a service of the user's, mistakes included.

    :raises ProfileInvalid: it cannot be read at all, or is not TOML.
    """
    entry = _read_entry(path)
    if not entry.data and entry.mistakes:
        raise entry.mistakes[0]
    return replace(entry, file="")


def list_entries(folder: Path) -> list[ServiceEntry]:
    """Return the local service and the user's files, those with mistakes included.

    :param folder: of the user's profiles; may not exist.
    """
    local_service = local_profile()
    entries = [
        ServiceEntry(
            data=profile_to_mapping(local_service), profile=local_service, is_local_service=True
        )
    ]
    for path in sorted(folder.glob("*.toml")):
        entry = _read_entry(path)
        name = entry.profile and entry.profile.name
        if any(other.profile is not None and other.profile.name == name for other in entries):
            taken = ProfileInvalid(
                path.name, "name", Detail("“{name}” is the name of another profile", name=name)
            )
            entry = replace(entry, profile=None, mistakes=(taken,))
        entries.append(entry)
    return entries


def save_entry(entry: ServiceEntry, profile: ServiceProfile, folder: Path) -> ServiceEntry:
    """Write a service into its file, or into a new one; comments in it stay.

    :raises ProfileInvalid: the file was changed by somebody else since it was read.
    :raises OSError: it cannot be written.
    """
    text = _text_for(entry, profile)
    if entry.is_new:
        from enhance_gui.storage.files.results import write_new

        make_private(folder)
        stem = safe_stem(f"{profile.name}.toml", "service")
        path = write_new(text.encode("utf-8", "replace"), folder / f"{stem}.toml")
        return _entry(text, path.name)
    path = folder / entry.file
    if not path.exists() or _read_text(path) != entry.text:
        raise ProfileInvalid(entry.file, "", Detail("was changed by another program meanwhile"))
    with replacing(path) as file:
        file.write(text.encode())
    return _entry(text, entry.file)


def delete_entry(entry: ServiceEntry, folder: Path) -> None:
    """Remove a service's file.

    :raises OSError: it cannot be removed.
    """
    (folder / entry.file).unlink(missing_ok=True)


def export_profile(profile: ServiceProfile, target: Path) -> Path:
    """Write a file for somebody else: no token, every key explained; never over another file.

    :returns: the file, whose name has a number where the one wanted was taken.
    :raises OSError: it cannot be written.
    """
    # Loaded here, as below: only those who change services need it.
    from enhance_gui.storage.files.results import write_new
    from enhance_gui.storage.profiles.profile_toml import explained

    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
    return write_new(explained(profile).encode("utf-8", "replace"), target)


def _text_for(entry: ServiceEntry, profile: ServiceProfile) -> str:
    """Return the file's text with these values in it."""
    from enhance_gui.storage.profiles.profile_toml import updated

    try:
        text = updated(entry.text, profile)
    except ValueError:  # what is there is not TOML: nothing of it can be kept
        return updated("", profile)
    # What a person writes may be stranger than the writer of TOML knows; the values must be right.
    return text if parse_profile(text, entry.file or _NEW) == profile else updated("", profile)


def _read_entry(path: Path) -> ServiceEntry:
    """Read a file of the user's, whatever stands in it."""
    try:
        return _entry(_read_text(path), path.name)
    except ProfileInvalid as mistake:
        return ServiceEntry(path.name, mistakes=(mistake,))
    # A barrier: all other services can be used, whatever error one file causes.
    except Exception:  # noqa: BLE001
        _log.exception("a profile file led to a fault: %r", path.name)
        return ServiceEntry(path.name, mistakes=(ProfileInvalid(path.name, "", _ODD),))


def _entry(text: str, file: str = "") -> ServiceEntry:
    source = file or _NEW
    try:
        data = decode_profile(text, source)
    except ProfileInvalid as mistake:
        return ServiceEntry(file, text, mistakes=(mistake,))
    profile, mistakes = read_mapping(data, source)
    return ServiceEntry(file, text, data, profile, mistakes)


def find_profile(wanted: str, folder: Path) -> ServiceProfile:
    """Find a profile by its name, or read the file of this path.

    A file in the current folder that merely has the name of a service is not taken for it: the
    token of the run would go wherever that file says.

    :param wanted: a path where it has a separator, or ends like a profile's file.
    :raises UsageError: neither, or several names differ from what is wanted only in their
        case or in the form of their letters.
    :raises ProfileInvalid: the file has a mistake, or takes the local service's name.
    """
    profiles, mistakes = list_profiles(folder)
    if (named := _named(wanted, profiles)) is not None:
        return named
    path = Path(wanted)
    with suppress(RuntimeError):  # no such user
        path = path.expanduser()
    is_file = _is_file(path)
    if is_file and _names_file(wanted):
        profile = read_profile(path)
        if profile.name == LOCAL_SERVICE_NAME:
            raise ProfileInvalid(path.name, "name", Detail("is the name of the bundled service"))
        return profile
    names = ", ".join(profile.name for profile in profiles)
    hint = f"; the file of this name is meant by “{os.curdir}{os.sep}{wanted}”" if is_file else ""
    # It may be meant; what its name is can be hidden by the mistake.
    unread = "".join(f"; one more cannot be used: {mistake.detail}" for mistake in mistakes)
    raise UsageError(
        f"“{wanted}” is neither a service (there are: {names}) nor a file{hint}{unread}",
        kind=PROFILE_UNKNOWN,
    )


def _names_file(wanted: str) -> bool:
    separators = (os.sep, os.altsep or os.sep)
    return any(separator in wanted for separator in separators) or wanted.lower().endswith(".toml")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no file can have such a name
        return False


def _named(wanted: str, profiles: Sequence[ServiceProfile]) -> ServiceProfile | None:
    """Return the profile of exactly this name, else the only one of nearly this name.

    Each has a token of its own, so that none is taken in the place of another.

    :raises UsageError: there are several of nearly this name.
    """
    for profile in profiles:
        if profile.name == wanted:
            return profile
    near = [each for each in profiles if folded(each.name) == folded(wanted)]
    if len(near) > 1:
        names = ", ".join(each.name for each in near)
        reported = f"“{wanted}” may be any of several services ({names})"
        raise UsageError(reported, kind=PROFILE_UNKNOWN)
    return near[0] if near else None
