"""Where service profiles come from: the one that is shipped, and the user's own files."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from enhance_gui.core.errors import ProfileInvalid, ProfileUnknown
from enhance_gui.core.file_names import numbered, safe_stem
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile, parse_profile
from enhance_gui.core.resources import resource
from enhance_gui.storage.folders import make_private

_MOST_BYTES = 2**20


def bundled_profile() -> ServiceProfile:
    """Return the profile of the service of this computer; its port is known once it listens."""
    return read_profile(resource("profiles/this-computer.toml"))


def read_profile(path: Path) -> ServiceProfile:
    """Read a profile file.

    :raises ProfileInvalid: it cannot be read, or has a mistake.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ProfileInvalid(path.name, "", "is far too large for a profile")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileInvalid(path.name, "", f"cannot be read: {error}") from error
    return parse_profile(text, path.name)


def list_profiles(folder: Path) -> tuple[list[ServiceProfile], list[ProfileInvalid]]:
    """Return the bundled profile and the user's, and what is wrong with the others.

    :param folder: of the user's profiles; may not exist.
    """
    profiles, mistakes = [bundled_profile()], []
    for path in sorted(folder.glob("*.toml")):
        try:
            profile = read_profile(path)
        except ProfileInvalid as error:
            mistakes.append(error)
            continue
        if any(profile.name == other.name for other in profiles):
            reason = f"“{profile.name}” is the name of another profile"
            mistakes.append(ProfileInvalid(path.name, "name", reason))
        else:
            profiles.append(profile)
    return profiles, mistakes


def write_profile(profile: ServiceProfile, folder: Path) -> Path:
    """Keep a profile as a new file of the user's; what is there already stays as it is.

    :raises OSError: it cannot be written.
    """
    make_private(folder)
    stem = safe_stem(f"{profile.name}.toml", "service")
    path, number = folder / f"{stem}.toml", 1
    while path.exists():
        number += 1
        path = folder / f"{numbered(stem, number)}.toml"
    with path.open("x", encoding="utf-8") as file:
        file.write(_toml(profile))
    return path


def _toml(profile: ServiceProfile) -> str:
    """Write what differs from one service to the next; the rest holds by default."""
    lines = [f"name = {_quoted(profile.name)}", f"base_url = {_quoted(profile.base_url)}"]
    for kind in profile.enhance_types:
        lines += [
            "",
            "[[enhance_types]]",
            f"id = {kind.id}",
            f"name = {_quoted(kind.name)}",
            f"outputs = {_quoted(kind.outputs.value)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A text of JSON is one of TOML too; control characters are refused before.
    return json.dumps(text, ensure_ascii=False)


def find_profile(wanted: str, folder: Path) -> ServiceProfile:
    """Find a profile by its name, or read the file of this path.

    :raises ProfileUnknown: neither.
    :raises ProfileInvalid: the file has a mistake, or takes the bundled service's name.
    """
    profiles, mistakes = list_profiles(folder)
    for profile in profiles:
        if profile.name.casefold() == wanted.casefold():
            return profile
    path = Path(wanted)
    with suppress(RuntimeError):  # no such user
        path = path.expanduser()
    if path.is_file():
        profile = read_profile(path)
        if profile.name == BUNDLED_SERVICE_NAME:
            raise ProfileInvalid(path.name, "name", "is the name of the bundled service")
        return profile
    for mistake in mistakes:
        raise mistake
    names = ", ".join(profile.name for profile in profiles)
    raise ProfileUnknown(f"“{wanted}” is neither a service (there are: {names}) nor a file")
