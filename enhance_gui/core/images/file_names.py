"""Makes safe file names from foreign texts: none leaves its folder, none is hidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from enhance_gui.core.text.i18n import tr

MAX_STEM_BYTES: Final = 180
"""Longest stem in UTF-8; leaves room for suffixes below the usual limit of 255."""

_MAX_NUMBERED_BYTES: Final = 220
"""Longest stem, chosen by the user, that a number and an ending still go with."""
_MIN_NAME_BYTES: Final = 60
"""What a template leaves of a name, however long its own words are."""
_MAX_FOLDER_BYTES: Final = 60
_LEFT_OUT: Final = "…"
"""Stands for the middle of a name that is too long."""

STEM_TEMPLATE: Final = "{name}-{type}"
"""How results are named unless the user says otherwise."""

TEMPLATE_TEXTS: Final = ("name", "type", "service", "date", "folder")
"""Placeholders of a template; one of the first two distinguishes pictures."""

_MAX_TEMPLATE_CHARS: Final = 100

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
"""Names that Windows gives to devices, whatever their ending."""

_ENDING: Final = re.compile(r"\.(?=[0-9]*[a-z])[0-9a-z]{1,8}$", re.IGNORECASE)
"""What says the kind of a file; the last number of "scan 1.2" is part of its name."""
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_stem(name: str, fallback: str, max_bytes: int = MAX_STEM_BYTES) -> str:
    """Return a file name without its ending that is safe on every platform.

    Separators, control and bidirectional characters, device names of Windows, leading dots and
    dashes, trailing dots and spaces are gone; at most ``max_bytes`` in UTF-8, and one more.

    :param name: a foreign name; may hold anything.
    :param fallback: what to use where nothing is left; must be safe itself.
    """
    last = re.split(r"[/\\]", name)[-1]
    stem = _ENDING.sub("", last) or last
    stem = unicodedata.normalize("NFC", stem)
    stem = "".join(char for char in stem if unicodedata.category(char) not in _HIDDEN_CATEGORIES)
    stem = _FORBIDDEN.sub("_", stem)
    stem = shortened(stem.strip(" ."), max_bytes)
    stem = stem.strip(" .").lstrip("-")
    if not stem.strip("_ "):
        return fallback
    return f"_{stem}" if stem.partition(".")[0].rstrip().casefold() in _RESERVED else stem


def shortened(text: str, max_bytes: int) -> str:
    """Return a text of at most ``max_bytes`` in UTF-8, without its middle where it was longer.

    Names of one series often differ at their end alone.
    """
    whole = text.encode()
    if len(whole) <= max_bytes:
        return text
    room = max_bytes - len(_LEFT_OUT.encode())
    tail = whole[-(room // 2) :].decode(errors="ignore")
    while tail and unicodedata.category(tail[0]).startswith("M"):
        tail = tail[1:]  # an accent of a letter that is left out
    start = whole[: room - len(tail.encode())].decode(errors="ignore")
    return f"{start.rstrip(' .')}{_LEFT_OUT}{tail.lstrip(' .')}"


def slug(text: str) -> str:
    """Return a short lower-case word for a file name: "Upscale ×2" becomes "upscale-x2"."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("×", "x"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "enhanced"


def template_problem(template: str) -> str:
    """Return what is wrong with a template for the names of results; empty: nothing."""
    words = set(re.findall(r"\{([^{}]*)\}", template))
    if unknown := sorted(words - set(TEMPLATE_TEXTS)):
        text = tr("{word} is not known; there are {words}")
        return text.format(word=_braced(unknown[:1]), words=_braced(TEMPLATE_TEXTS))
    rest = re.sub(r"\{[^{}]*\}", "", template)
    if "{" in rest or "}" in rest:
        return tr("a brace is missing")
    if "/" in rest or "\\" in rest:
        return tr("it names a file, not a folder")
    if "name" not in words:
        return tr("{word} is missing: the results could not be told apart").format(word="{name}")
    return tr("it is too long") if len(template) > _MAX_TEMPLATE_CHARS else ""


def result_stem(template: str, values: dict[str, str], fallback: str) -> str:
    """Fill a template in and make the name safe.

    :param values: a text for each of :data:`TEMPLATE_TEXTS`; foreign, may hold anything. Without a
        folder there is none.
    :param fallback: what to call a picture whose name leaves nothing; must be safe itself.
    """
    plain = {
        "name": "",
        "type": slug(values["type"]),
        "service": slug(values["service"]),
        "date": values["date"],
        "folder": _folder_word(values.get("folder", "")),
    }
    # Only the name may be long, so it alone is shortened: whatever tells results of one picture
    # apart stays.
    room = MAX_STEM_BYTES - len(_filled(template, plain).encode())
    name_bytes = max(_MIN_NAME_BYTES, room // max(1, template.count("{name}")))
    plain["name"] = safe_stem(values["name"], fallback, name_bytes)
    # The ending that safe_stem takes off is not part of a template.
    return safe_stem(f"{_filled(template, plain)}.png", fallback)


def folder_name(input_: str) -> str:
    """Return the name of the folder that a file lies in; empty for an address."""
    path = Path(input_)
    return path.parent.name if path.is_absolute() else ""


def _folder_word(folder: str) -> str:
    """Return the name of a folder as a safe part of a file name; empty for none.

    What looks like an ending is part of it: "2024.jpgs".
    """
    return safe_stem(f"{folder}.png", "", _MAX_FOLDER_BYTES) if folder else ""


def _filled(template: str, plain: dict[str, str]) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda found: plain.get(found[1], ""), template)


def _braced(words: Iterable[str]) -> str:
    return ", ".join(f"{{{word}}}" for word in words)


def numbered(stem: str, number: int) -> str:
    """Return the stem for the n-th picture of one name: "a", "a (2)", "a (3)"."""
    return stem if number == 1 else f"{shortened(stem, _MAX_NUMBERED_BYTES)} ({number})"
