"""Makes safe file names from foreign texts: none leaves its folder, none is hidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from enhance_gui.core.text.i18n import tr

MAX_STEM_BYTES: Final = 120
"""Longest stem in UTF-8; leaves room for suffixes below the usual limit of 255."""

STEM_TEMPLATE: Final = "{name}-{type}"
"""How results are named unless the user says otherwise."""

TEMPLATE_TEXTS: Final = ("name", "type", "service", "date")
"""Placeholders of a template; one of the first two distinguishes pictures."""

_MAX_TEMPLATE_CHARS: Final = 100

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
"""Names that Windows gives to devices, whatever their ending."""

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_stem(name: str, fallback: str) -> str:
    """Return a file name without its ending that is safe on every platform.

    Separators, control and bidirectional characters, device names of Windows, leading dots and
    dashes, trailing dots and spaces are gone; at most :data:`MAX_STEM_BYTES` in UTF-8.

    :param name: a foreign name; may hold anything.
    :param fallback: what to use where nothing is left; must be safe itself.
    """
    last = re.split(r"[/\\]", name)[-1]
    stem = last.rpartition(".")[0] or last
    stem = unicodedata.normalize("NFC", stem)
    stem = "".join(char for char in stem if unicodedata.category(char) not in _HIDDEN_CATEGORIES)
    stem = _FORBIDDEN.sub("_", stem)
    stem = stem.strip(" .").encode()[:MAX_STEM_BYTES].decode(errors="ignore")
    stem = stem.strip(" .").lstrip("-")
    if not stem.strip("_ "):
        return fallback
    return f"_{stem}" if stem.partition(".")[0].rstrip().casefold() in _RESERVED else stem


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

    :param values: a text for each of :data:`TEMPLATE_TEXTS`; foreign, may hold anything.
    :param fallback: what to call a picture whose name leaves nothing; must be safe itself.
    """
    plain = {
        "name": safe_stem(values["name"], fallback),
        "type": slug(values["type"]),
        "service": slug(values["service"]),
        "date": values["date"],
    }
    filled = re.sub(r"\{([^{}]*)\}", lambda found: plain.get(found[1], ""), template)
    # The ending that safe_stem takes off is not part of a template.
    return safe_stem(f"{filled}.png", fallback)


def _braced(words: Iterable[str]) -> str:
    return ", ".join(f"{{{word}}}" for word in words)


def numbered(stem: str, number: int) -> str:
    """Return the stem for the n-th picture of one name: "a", "a (2)", "a (3)"."""
    return stem if number == 1 else f"{stem} ({number})"
