"""Knows who may ask: whoever has the service's own token, and the users in a file.

The file is TOML, one table a user::

    [[user]]
    name = "Ana"
    token_sha256 = "…"
    tasks_a_day = 50        # may be left out: any number

It holds a plain SHA-256 of each token. A slow or salted hash would protect nothing more, since the
program makes the tokens itself, of 256 random bits: nobody finds them by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import UsageError
from enhance_gui.core.secret import Secret

_LOG = logging.getLogger(__name__)

MAX_USERS: Final = 1000
_MAX_FILE_BYTES: Final = 2**20
_MAX_NAME_CHARS: Final = 64
_SETTLED_S: Final = 1.0
"""A file is read anew once it has stood unchanged for so long, and has no users any more once it is
gone for so long: an editor may be writing it, or putting a new one in its place."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KEYS: Final = ("name", "token_sha256", "tasks_a_day")
_HEAD: Final = """\
# Who may use the enhancement service, one [[user]] each. “enhance-gui serve --users FILE --add-user
# NAME” adds one. A running service reads changes within seconds: to take a token back, delete its
# user here. With a line such as “tasks_a_day = 50” a user has so many pictures a day.
"""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who has a token."""

    name: str
    """Empty: whoever has the service's own token."""
    tasks_a_day: int | None = None
    """Limit of tasks a day; ``None``: any number."""
    token_sha256: bytes = field(default=b"", repr=False)


_OF_OWN_TOKEN: Final = User("")


class Users:
    """Finds users by their tokens; follows the changes of their file."""

    def __init__(self, token: Secret, file: Path | None, clock: Clock) -> None:
        """
        :param token: the service's own.
        :raises UsageError: the file cannot be read, or has a mistake.
        """
        self._token = token
        self._file = file
        self._clock = clock
        self._users: tuple[User, ...] = ()
        self._version: tuple[int, ...] = ()
        self._gone_since_s: float | None = None
        """Since when the file is not there; ``None``: it is."""
        if file is not None:
            self._version = _version_of(file)
            self._users = read_users(file)

    def find(self, token: str) -> User | None:
        """Return who has a token; ``None``: nobody."""
        if self._file is not None:
            self._follow(self._file)
        if self._token.matches(token):
            return _OF_OWN_TOKEN
        given = hashlib.sha256(token.encode()).digest()
        found = None
        # Each is compared, whichever fits: how long it takes tells nothing.
        for user in self._users:
            if hmac.compare_digest(user.token_sha256, given):
                found = user
        return found

    def _follow(self, file: Path) -> None:
        """Read the file anew where it has changed; with a mistake in it the users stay.

        Whoever deletes it wants nobody to be let in any more.
        """
        version = _version_of(file)
        now_s = self._clock.wall().timestamp()
        if version:
            self._gone_since_s = None
        elif self._gone_since_s is None:
            self._gone_since_s = _changed_s(file.parent, now_s)
        if version == self._version:
            return
        changed_s = self._gone_since_s if self._gone_since_s is not None else version[0] / 1e9
        if 0 <= now_s - changed_s < _SETTLED_S:
            return
        self._version = version
        if not version:
            self._users = ()
            _LOG.warning("%s is gone: none of its users is let in until it is back", file)
            return
        try:
            self._users = read_users(file)
        except UsageError as error:
            _LOG.error("the users stay as they were: %s", error.detail)


def read_users(file: Path) -> tuple[User, ...]:
    """Return the users in a file.

    :raises UsageError: it cannot be read, or a line in it is wrong.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the users in {file} cannot be read: {error.strerror}") from error
    if len(content) > _MAX_FILE_BYTES:
        raise UsageError(f"{file} is larger than a file of users may be")
    try:
        return _parse(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # of UTF-8, of TOML, or ours
        raise UsageError(f"{file} is no file of users: {error}") from error


def add_user(file: Path, name: str) -> Secret:
    """Add a user to a file, which is made where there is none; return the user's token.

    :raises UsageError: the name is taken or unfit, or the file has a mistake or cannot be written.
    """
    users = read_users(file) if file.exists() else ()
    if wrong := _wrong_name(name):
        raise UsageError(wrong)
    if name in {user.name for user in users}:
        raise UsageError(f"there is a user “{name}” in {file} already")
    if len(users) >= MAX_USERS:
        raise UsageError(f"{file} has {MAX_USERS} users: more are not possible")
    token = Secret(secrets.token_urlsafe(32))
    digest = hashlib.sha256(token.reveal().encode()).hexdigest()
    # JSON's texts are TOML's.
    quoted = json.dumps(name, ensure_ascii=False)
    added = f'\n[[user]]\nname = {quoted}\ntoken_sha256 = "{digest}"\n'
    try:
        # Added at its end, not replaced: the file keeps its owner, who runs the service.
        with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab") as opened:
            is_new = os.fstat(opened.fileno()).st_size == 0
            opened.write((_HEAD + added if is_new else added).encode())
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    return token


def _version_of(file: Path) -> tuple[int, ...]:
    """Return what changes when a file does, its time first; empty: there is none."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return ()
    except OSError as error:
        return 0, error.errno or 0  # what is wrong with it, reading it tells
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _changed_s(folder: Path, now_s: float) -> float:
    """Return when something in a folder was last made or deleted; of none that is there, now."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return now_s


def _parse(text: str) -> tuple[User, ...]:
    """:raises ValueError: a line is wrong; its text names it."""
    document = tomllib.loads(text)
    tables = document.pop("user", [])
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines, 1) if _is_head(line)]
    for key in document:
        line = next((number for number, each in enumerate(lines, 1) if _names(each, key)), 1)
        raise ValueError(f"line {line}: there is no “{key}” beside [[user]]")
    if not isinstance(tables, list) or len(tables) != len(heads):
        raise ValueError("each user is written as [[user]], with a key in each line below")
    if len(tables) > MAX_USERS:
        raise ValueError(f"line {heads[MAX_USERS]}: more than {MAX_USERS} users are not possible")
    users: list[User] = []
    for table, head in zip(tables, heads, strict=True):
        try:
            users.append(_user_of(table, users))
        except _WrongKeyError as error:
            line = _line_of(error.key, lines, head)
            raise ValueError(f"line {line}: {error}") from error
    return tuple(users)


class _WrongKeyError(ValueError):
    """The value of a key is wrong, or the key itself."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


def _user_of(table: Mapping[str, Any], earlier: list[User]) -> User:
    """Return one user; without the value in any message, which might be a token by mistake."""
    for key in table:
        if key not in _KEYS:
            raise _WrongKeyError(key, f"a user has no “{key}”")
    name, digest = table.get("name"), table.get("token_sha256")
    tasks_a_day = table.get("tasks_a_day")
    if not isinstance(name, str):
        raise _WrongKeyError("name", "a user needs a name, in quotation marks")
    if wrong := _wrong_name(name):
        raise _WrongKeyError("name", wrong)
    if any(name == user.name for user in earlier):
        raise _WrongKeyError("name", f"there is a user “{name}” above already")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest.lower()):
        raise _WrongKeyError(
            "token_sha256", "token_sha256 has to be the SHA-256 of the token, in 64 digits"
        )
    token_sha256 = bytes.fromhex(digest)
    if any(token_sha256 == user.token_sha256 for user in earlier):
        raise _WrongKeyError("token_sha256", "a user above has the same token")
    # To Python, true is a whole number.
    if tasks_a_day is not None and (type(tasks_a_day) is not int or tasks_a_day < 0):
        raise _WrongKeyError("tasks_a_day", "tasks_a_day has to be a whole number")
    return User(name, tasks_a_day, token_sha256)


def _wrong_name(name: str) -> str:
    """Return why this can be no user's name; empty where it can."""
    if not name or name != name.strip() or not name.isprintable():
        return "a user's name must not be empty, nor begin or end with a space"
    if len(name) > _MAX_NAME_CHARS:
        return f"a user's name has at most {_MAX_NAME_CHARS} characters"
    return ""


def _line_of(key: str, lines: list[str], head: int) -> int:
    """Return the number of the line with a key below a head; that of the head where it has none."""
    for number, line in enumerate(lines[head:], head + 1):
        if _is_head(line):
            break
        if _names(line, key):
            return number
    return head


def _is_head(line: str) -> bool:
    return "".join(line.partition("#")[0].split()) == "[[user]]"


def _names(line: str, key: str) -> bool:
    """Return whether a line gives a key its value, or begins its table."""
    return line.partition("#")[0].partition("=")[0].strip(" \t[]\"'") == key
