"""Parses the inputs that the user gives: web addresses and local files."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote
from urllib.request import url2pathname

from enhance_gui.core.images.addresses import MAX_ADDRESS_CHARS, stripped, usable_web_address
from enhance_gui.core.images.formats import PICTURE_ENDINGS
from enhance_gui.core.images.picture_names import name_of_address
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.text.detail import Detail

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

_LETTERS: Final = r"[^\W_][\w\u0300-\u036f-]*"
_HOST: Final = re.compile(
    rf"(?P<host>(?:{_LETTERS}\.)+(?P<top>xn--[a-z0-9-]+|[^\W\d_]{{2,}}))(?::\d{{1,5}})?(?:[/?#]|$)",
    re.IGNORECASE,
)
"""A host of at least two parts, whose last one is no number, and what may stand behind it."""

_PICTURE_NAME: Final = re.compile(
    rf"(?:{'|'.join(map(re.escape, sorted(PICTURE_ENDINGS)))}|\.jxl|\.svg)", re.IGNORECASE
)

_MAX_HOST_TEXT: Final = 300
"""A host has 253 characters at most, and a port five."""

_STRAY_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A picture on the web."""

    url: str

    @property
    def key(self) -> str:
        """The normalised form under which the task is stored."""
        return self.url

    @property
    def name(self) -> str:
        """What people call the picture."""
        return name_of_address(self.url)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A picture on this computer."""

    path: Path
    """Absolute."""

    @property
    def key(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        return self.path.name


ImageSource = WebAddress | LocalFile


def parse_source(text: str, folder: Path | None = None) -> ImageSource:
    """Read one input.

    :param folder: absolute; the one that relative paths start from; by default the process's own.
    :raises AddressNotUsable: an address, but not one that a service could fetch.
    """
    text = stripped(text)
    if not text:
        raise AddressNotUsable("it is empty")
    if re.match(r"https?:", text, re.IGNORECASE):
        return WebAddress(usable_web_address(text))
    if (address := address_without_scheme(text)) and not _begins_here(text, folder):
        return WebAddress(usable_web_address(address))
    try:
        file = _local_file(text, folder)
    except (OSError, ValueError, RuntimeError) as error:  # too long, with a NUL in it, in a circle
        raise AddressNotUsable("no file can have such a path") from error
    if not is_text(str(file.path)):
        raise AddressNotUsable("the name of the file is no valid text: rename it first")
    return file


def address_without_scheme(text: str) -> str:
    """Return the address that is meant by one without "https:"; empty: none plainly is.

    It is one as pages write it (``//cdn.example.org/a.jpg``), or begins with a host that has a dot
    in it: ``www.example.org``, ``example.org/a.jpg``. Nothing is asked of the system.
    """
    is_relative = text.startswith("//")
    bare = text[2:] if is_relative else text
    match = _HOST.match(bare[:_MAX_HOST_TEXT]) if len(text) <= MAX_ADDRESS_CHARS else None
    if match is None or names_picture(match["host"]):
        return ""
    if not is_relative:
        has_place = "/" in bare or match["host"].lower().startswith("www.")
        is_sentence = any(map(str.isspace, bare)) and not names_picture(bare)
        if not has_place or is_sentence:
            return ""
    return f"https://{bare}"


def names_picture(text: str) -> bool:
    """Return whether a text ends as the name of a picture does, of whatever kind."""
    return bool(_PICTURE_NAME.fullmatch(text[text.rfind(".") :])) if "." in text else False


def _begins_here(text: str, folder: Path | None) -> bool:
    """Return whether a relative path begins with something that is there."""
    if os.sep == "/" and text.startswith("//"):
        return os.path.lexists(text)
    begin = re.split("[/?#]", text, maxsplit=1)[0]
    return bool(begin) and os.path.lexists(os.path.join(folder or "", begin))  # noqa: PTH118


@lru_cache(maxsize=1000)
def stored_source(key: str) -> ImageSource:
    """Return the source whose :attr:`key` this is, as it was read first.

    :raises AddressNotUsable: it is the key of none: what is no input is stored as it was given.
    """
    return parse_source(key)


def is_web(key: str) -> bool:
    """Return whether the :attr:`key` of a source is a web address."""
    return key.startswith(("http://", "https://"))


def _local_file(text: str, folder: Path | None) -> LocalFile:
    if text.lower().startswith("file:"):
        return _from_file_address(text)
    # "C:\picture.png" has a scheme of one letter; "data:…" and "ftp://…" have longer ones.
    # A Path raises where os.path says no: too long, with a NUL in it, of no such user.
    if (problem := scheme_problem(text)) and not os.path.exists(text):  # noqa: PTH110
        raise AddressNotUsable(problem)
    path = Path(os.path.expanduser(Path(_with_one_slash(text))))  # noqa: PTH111
    if not path.is_absolute():
        path = (folder or Path.cwd()) / path
    return LocalFile(_without_parent_parts(path))


def scheme_problem(text: str) -> str:
    """Return why an address of another scheme than http cannot be used; empty: it has none."""
    if not _SCHEME.match(text):
        return ""
    scheme = text.partition(":")[0]
    return Detail(
        "“{scheme}:” addresses cannot be fetched by a service, only http and https", scheme=scheme
    )


def is_text(text: str) -> bool:
    """Return whether a file name is valid text: on Linux it need not be."""
    return text.isprintable() or not any(0xD800 <= ord(char) < 0xE000 for char in text)


def _without_parent_parts(path: Path) -> Path:
    """Return a path without "..", so that a file has one spelling however it was come to."""
    return path.parent.resolve() / path.name if ".." in path.parent.parts else path


def _from_file_address(text: str) -> LocalFile:
    """Read an address of a file, also one whose name has #, ? and % in it, not escaped."""
    rest = text.partition(":")[2]
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", rest)
    # "file://server/share" would make Windows log in to a foreign computer.
    if host.casefold() not in ("", "localhost") and not _is_own_name(host):
        raise AddressNotUsable("it names a file on another computer")
    if _STRAY_PERCENT.search(path):
        # Whoever escapes anything escapes this: the name stands there as it is. Escaped here, it
        # comes out of the reading as it went in.
        path = path.replace("%", "%25")
    path = slash + path
    # Bytes that are no UTF-8 stay what they are, so that it is seen that the name is no text.
    name = unquote(path, errors="surrogateescape") if os.sep == "/" else url2pathname(path)
    if sys.platform == "win32" and path.startswith("//"):
        raise AddressNotUsable("it names a file on another computer")
    return LocalFile(Path(_with_one_slash(name)).absolute())


def _with_one_slash(path: str) -> str:
    """Return a path that is not read as an address without a scheme the next time."""
    return "/" + path.lstrip("/") if os.sep == "/" and path.startswith("//") else path


def _is_own_name(host: str) -> bool:
    """Return whether a host is this computer; some programs name it (XDG's drag and drop)."""
    return sys.platform != "win32" and host.casefold() == os.uname().nodename.casefold()
