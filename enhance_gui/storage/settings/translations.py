"""Reads the catalogues of the languages that ship with the program, without compiling them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from enhance_gui.core.resources import resource
from enhance_gui.core.text.i18n import ENGLISH
from enhance_gui.core.text.pseudo import ACCENTED, MIRRORED, PseudoLanguage

_OWN_NAME: Final = re.compile(r'^"X-Own-Name: (.+)\\n"$', re.MULTILINE)
_HEAD_CHARS: Final = 8192
"""The head of a catalogue, which names its language, ends within these."""

_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
"""Where Chinese is not written with the simplified characters of our catalogue."""


def languages() -> dict[str, str]:
    """Return the code of each language with its own name for itself, English first."""
    catalogues = sorted(resource("translations").glob("*.po"))
    return {ENGLISH: "English", **{path.stem: _own_name(path) for path in catalogues}}


def spoken_language(wanted: str, system: Sequence[str] = ()) -> str:
    """Return the code of the language to use.

    :param wanted: the user's choice; empty: the system's language; one that there is not: English.
    :param system: the languages of the system, as it names them ("de-AT", "en_GB.UTF-8"), the
        preferred one first.
    """
    known = languages()
    if wanted:
        return wanted if wanted in (*known, ACCENTED, MIRRORED) else ENGLISH
    by_language = {code.split("_")[0]: code for code in known}
    unread = set()
    for name in system:
        language, *rest = re.split(r"[-_.@]", name.lower())
        if language == "zh" and "hans" not in rest and _TRADITIONAL.intersection(rest):
            unread.add(language)
        # Behind "zh-TW" a system names a bare "zh", which says no more than that.
        elif language in by_language and (rest or language not in unread):
            return by_language[language]
    return ENGLISH


def translation(code: str, system: Sequence[str] = ()) -> NullTranslations:
    """Return the texts of a language; parameters as of :func:`spoken_language`."""
    code = spoken_language(code, system)
    if code == ENGLISH:
        return NullTranslations()
    if code in (ACCENTED, MIRRORED):
        return PseudoLanguage(code)
    # Loaded here: English needs none of it.
    import polib

    catalogue = polib.pofile(str(resource(f"translations/{code}.po")), encoding="utf-8")
    return GNUTranslations(BytesIO(catalogue.to_binary()))


def _own_name(path: Path) -> str:
    # Read without polib: the settings want the names, not the texts.
    with path.open(encoding="utf-8") as file:
        found = _OWN_NAME.search(file.read(_HEAD_CHARS))
    return found[1] if found else path.stem
