"""Finds what people call a picture on the web: by its address, or by what its server says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import unquote, unquote_plus, unquote_to_bytes, urlsplit

from enhance_gui.core.images.formats import PICTURE_ENDINGS

_MAX_NAME_CHARS: Final = 255
_MAX_HEADER_CHARS: Final = 8192
_MAX_VALUES: Final = 50

_ENDINGS: Final = frozenset({"jxl", *(ending.removeprefix(".") for ending in PICTURE_ENDINGS)})
"""What names of pictures end with, whether they can be read here or not."""

_SAYS_NOTHING: Final = re.compile(
    r"attachment|blob|content|data|default|download|fetch|file|full|get|image|images|img|index"
    r"|large|media|noname|original|photo|pic|picture|proxy|raw|render|resize|show|th|thumb"
    r"|thumbnail|unknown|unnamed|untitled|view",
    re.IGNORECASE,
)
"""Names of programs and places, and what servers say for want of a name."""

_PARAMETER: Final = re.compile(
    r"""(?:^|;) \s* (filename\*?) \s* = \s* (?: "((?:[^"\\]|\\.)*)"? | ([^;"]*) )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_QUOTED_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_CHARSETS: Final = frozenset({"utf-8", "iso-8859-1", "us-ascii", "windows-1252"})


def name_of_address(url: str) -> str:
    """Return the name of a picture by its address, with its ending where it has one.

    That is the last part of the path; but where that names a program (``image.php``, ``th``), and a
    value of the query is the name of a picture, it is that.
    """
    parts = urlsplit(url)
    in_path = unquote(parts.path.rstrip("/").rpartition("/")[2])
    if not _is_picture_name(in_path):
        in_path = next(filter(_is_picture_name, _names_in(parts.query)), in_path)
    return in_path or parts.hostname or "picture"


def name_by_server(disposition: str, given: str, final: str) -> str:
    """Return a better name than the given address has; empty: there is none.

    :param disposition: the header ``Content-Disposition``; empty where there is none.
    :param given: the address that the user gave.
    :param final: where that led.
    """
    named = name_of_disposition(disposition)
    if named and not _says_nothing(named):
        return named
    if _is_picture_name(name_of_address(given)):
        return ""
    name = _one_line(name_of_address(final))
    return name if _is_picture_name(name) else ""


def name_of_disposition(header: str) -> str:
    """Return the file name in a ``Content-Disposition``; empty: there is none.

    As RFC 6266 has it, and as servers write it: unescaped, or escaped like an address.
    """
    with suppress(UnicodeError):  # read as Latin-1 because another header is no UTF-8
        header = header.encode("iso-8859-1").decode()
    # Parameters of other names may hold anything in their quotes.
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(_without_foreign_quotes(header)):
        text = re.sub(r'\\(["\\])', r"\1", quoted) or plain.strip()
        found.setdefault(name.lower(), text)
    extended = _extended(found.get("filename*", ""))
    return _one_line(extended or _unescaped(found.get("filename", "")))


def _without_foreign_quotes(header: str) -> str:
    kept, end = [], 0
    header = header[:_MAX_HEADER_CHARS]
    for quoted in _QUOTED_STRING.finditer(header):
        before = header[end : quoted.start()]
        is_name = re.search(r"(?:^|;)\s*filename\*?\s*=\s*$", before, re.IGNORECASE)
        kept += [before, quoted[0] if is_name else ""]
        end = quoted.end()
    return "".join(kept) + header[end:]


def _extended(text: str) -> str:
    """Read ``UTF-8''caf%C3%A9.jpg`` (RFC 8187); empty where it is none such."""
    charset, _, rest = text.partition("'")
    _language, mark, value = rest.partition("'")
    if not mark or charset.strip().lower() not in _CHARSETS:
        return ""
    try:
        return unquote_to_bytes(value.strip()).decode(charset.strip())
    except UnicodeDecodeError:
        return ""


def _unescaped(text: str) -> str:
    if not re.search("%[0-9A-Fa-f]{2}", text):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _one_line(name: str) -> str:
    """Return the last part of a name, without what nobody sees."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[:_MAX_NAME_CHARS]


def _names_in(query: str) -> Iterator[str]:
    """Yield what may be names among the values of a query."""
    for pair in query.split("&")[:_MAX_VALUES]:
        value = unquote_plus(pair.partition("=")[2])
        if "/" in value:  # an address or a path, which is escaped once more
            value = unquote(re.split("[?#]", value)[0].rpartition("/")[2])
        yield value


def _is_picture_name(name: str) -> bool:
    """Return whether a name is one that somebody has given to a picture."""
    ending = name.rpartition(".")[2].lower()
    return ending in _ENDINGS and "." in name and not _says_nothing(name)


def _says_nothing(name: str) -> bool:
    stem = (name.rpartition(".")[0] if "." in name else name).strip(" ._-")
    return not stem or _SAYS_NOTHING.fullmatch(stem) is not None
