"""Bring the catalogues of translations up to date with the code: ``python packaging/translate.py``.

Reads every text for people out of the program's source, adds the new ones to each catalogue in
``resources/translations``, sets aside those that are gone, and says what is left to translate.
With ``--add CODE`` it makes a catalogue for a further language first: ``--add pt_BR``. Wants polib,
which the program itself needs too.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from environment import CHECKOUT

CATALOGUES = CHECKOUT / "resources" / "translations"

_LINE_CHARS = 98
_WITH_TWO_FORMS = ("plural", "NP_")
_FUNCTIONS = ("tr", "N_", "Detail", *_WITH_TWO_FORMS)
"""What holds texts for people; so do the errors that the window may show."""

_ENGLISH_ERRORS = {"UsageError"}
_ENGLISH_FOLDERS = ("enhance_gui/command_line/", "enhance_gui/service/")
"""What speaks to a terminal or to other programs, and English alone."""

_ENDS = "….:?"
_FULL_WIDTH_ENDS = {"。": ".", "：": ":", "？": "?"}
"""What a sentence may end in instead where its language has full-width marks."""

_ORDINALS = ("}st", "}nd", "}rd", "}th")
"""An ordinal number may end in a point, which ends no sentence."""

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_PLURALS = re.compile(r"nplurals\s*=\s*(\d+)")
_SIGNS = {
    "X-Decimal-Sign": ".",
    "X-Thousands-Sign": ",",
    "X-Full-Stop": ".",
    "X-Comma": ",",
    "X-Semicolon": ";",
    "X-Colon": ":",
    "X-Quotation-Marks": "“”",
    "X-Begins-Small": "yes",
}
"""Lines of a catalogue's head that say how its language writes, with what English has.

Inside a sentence a text begins small, unless its first word may be a noun as in German.
"""


@dataclass(slots=True)
class Text:
    """One text for people."""

    english: str
    many: str = ""
    """The form for many; empty where there is one form only."""
    files: set[str] = field(default_factory=set)
    """Where it stands, as paths inside the checkout."""

    @property
    def key(self) -> tuple[str, str]:
        return self.english, self.many


class NotCollectable(Exception):
    """A text that cannot be read out of the code, such as an f-string."""


def main(words: list[str] | None = None) -> int:
    """Update every catalogue; return 1 where one lacks something or has a mistake."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--add", metavar="CODE", help="begin a catalogue: fr, pt_BR")
    added = parser.parse_args(words).add
    if added is not None:
        try:
            begin_catalogue(added, CATALOGUES)
        except ValueError as error:
            parser.error(str(error))
        print(f"{added}.po: fill in its head, which now says what English has, and the glossary")
    texts = collect(CHECKOUT)
    failed = False
    for path in sorted(CATALOGUES.glob("*.po")):
        catalogue = read_catalogue(path)
        update(catalogue, texts)
        write_catalogue(catalogue, path)
        found = problems(catalogue, texts)
        failed = failed or bool(found)
        untranslated = sum(not is_translated(entry) for entry in current(catalogue))
        print(f"{path.name}: {len(texts)} texts, {untranslated} to translate")
        for line in found:
            print(f"  {line}")
    return int(failed)


# -- reading the code -----------------------------------------------------------------------------


def collect(checkout: Path) -> list[Text]:
    """Return every text for people, each once, sorted by where it stands.

    :raises NotCollectable: one is put together while the program runs.
    """
    found: dict[str, Text] = {}
    for name, text in _all_texts(checkout):
        known = found.setdefault(text.english, text)
        known.files.add(name)
        # One entry serves a text by itself and as the first of two forms, as gettext has it. In a
        # language with one form that one may hold a number, which the text by itself has not.
        if text.many != known.many:
            many = known.many or text.many
            words = f"{text.english!r} has {many!r} for many in one place only"
            raise NotCollectable(f"{name}: {words}")
    return sorted(found.values(), key=lambda text: (min(text.files), *text.key))


def _all_texts(checkout: Path) -> Iterator[tuple[str, Text]]:
    errors = error_classes(checkout)
    for path in sorted((checkout / "enhance_gui").rglob("*.py")):
        name = path.relative_to(checkout).as_posix()
        shown = frozenset() if name.startswith(_ENGLISH_FOLDERS) else errors
        for text in texts_of(path.read_text(encoding="utf-8"), name, shown):
            yield name, text
    name = "resources/profiles/this-computer.toml"
    for english in texts_of_profile((checkout / name).read_text(encoding="utf-8")):
        yield name, Text(english)


def error_classes(checkout: Path) -> frozenset[str]:
    """Return the names of the errors whose first argument the window may show."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for path in (checkout / "enhance_gui/core").rglob("*errors.py")
    )
    classes = (node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    return frozenset(each.name for each in classes) - _ENGLISH_ERRORS


def texts_of(source: str, name: str, errors: Collection[str] = ()) -> Iterator[Text]:
    """Return the texts of one file of code.

    :param errors: classes whose first argument is a text, or words from outside.
    """
    for node in ast.walk(ast.parse(source, name)):
        function = _called(node) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and (
            function in _FUNCTIONS or (function in errors and node.args)
        ):
            place = f"{name}:{node.lineno}"
            if function in _WITH_TWO_FORMS and isinstance(node.args[0], ast.Starred):
                continue  # marked elsewhere
            if function in _WITH_TWO_FORMS:
                one, many = (_constant(each, place) for each in node.args[:2])
                yield Text(one, many)
            else:
                yield from (Text(each) for each in _choices(node.args[0], place, function))
        if isinstance(node, ast.Call) and function == "Key":  # of a profile: label, explanation
            yield from (Text(_constant(each, f"{name}:{node.lineno}")) for each in node.args[1:3])


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _constant(argument: ast.expr, place: str) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
        return argument.value
    raise NotCollectable(f"{place}: a text that stands in the code is needed")


def _choices(argument: ast.expr, place: str, function: str) -> list[str]:
    """Return the texts that an argument may be."""
    if isinstance(argument, ast.IfExp):
        branches = (argument.body, argument.orelse)
        return [text for each in branches for text in _choices(each, place, function)]
    if function != "N_" and _is_shown_later(argument):
        return []
    return [_constant(argument, place)]


def _is_shown_later(argument: ast.expr) -> bool:
    """Return whether an argument is marked elsewhere, not a text that was filled in too early."""
    if isinstance(argument, ast.Call):
        text = argument.func.value if isinstance(argument.func, ast.Attribute) else None
        return not isinstance(text, ast.Constant)
    is_empty = isinstance(argument, ast.Constant) and argument.value == ""
    return is_empty or isinstance(argument, ast.Name | ast.Attribute | ast.Subscript | ast.BoolOp)


def texts_of_profile(toml: str) -> list[str]:
    """Return what the profile of this computer's service says to people."""
    profile = tomllib.loads(toml)
    types = profile["enhance_types"]
    return [profile["name"], *(kind[key] for kind in types for key in ("name", "description"))]


# -- the catalogues -------------------------------------------------------------------------------


def read_catalogue(path: Path) -> polib.POFile:
    return polib.pofile(str(path), encoding="utf-8", wrapwidth=_LINE_CHARS)


def write_catalogue(catalogue: polib.POFile, path: Path) -> None:
    """Write it in the same form on every system."""
    catalogue.save(str(path), newline="\n")


def begin_catalogue(code: str, folder: Path) -> None:
    """Write a catalogue without texts for a language.

    Its head has the lines of every catalogue, with what English has, and the glossary's terms.

    :raises ValueError: there is one already, or the code is none.
    """
    path = folder / f"{code}.po"
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no code of a language such as fr or pt_BR")
    if path.exists():
        raise ValueError(f"there is {path.name} already")
    catalogue = polib.POFile(encoding="utf-8", wrapwidth=_LINE_CHARS)
    terms = "".join(f"\n  {term:<16} " for term in glossary_terms(folder))
    catalogue.header = (
        f"{code}. Updated by packaging/translate.py, which keeps what stands here.\n\n"
        f"Glossary:{terms}\n"
    )
    catalogue.metadata = {
        "Project-Id-Version": "Enhance GUI",
        "Language": code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
        "X-Own-Name": code,
        **_SIGNS,
    }
    write_catalogue(catalogue, path)


def glossary_terms(folder: Path) -> list[str]:
    """Return the terms that the catalogues of a folder have in their glossaries."""
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*.po")):
        lines = read_catalogue(path).header.partition("Glossary:")[2].splitlines()
        found |= {line.strip().split("  ")[0]: None for line in lines if "  " in line.strip()}
    return list(found)


def form_count(catalogue: polib.POFile) -> int:
    """Return how many forms a text with a number has in a catalogue's language."""
    found = _PLURALS.match(catalogue.metadata.get("Plural-Forms", "").strip())
    return int(found[1]) if found else 2


def update(catalogue: polib.POFile, texts: Iterable[Text]) -> None:
    """Give a catalogue every text and no other; translations of gone ones are kept aside."""
    known = {_key(entry): entry for entry in reversed(catalogue)}
    wanted = {text.key: text for text in texts}
    forms = range(form_count(catalogue))
    for key, text in wanted.items():
        entry = known.get(key) or polib.POEntry(msgid=text.english, msgid_plural=text.many)
        if text.many:
            entry.msgstr_plural = {form: entry.msgstr_plural.get(form, "") for form in forms}
        entry.obsolete = False
        entry.occurrences = [(file, "") for file in sorted(text.files)]
        known[key] = entry
    gone = [entry for key, entry in known.items() if key not in wanted and is_translated(entry)]
    for entry in gone:
        entry.obsolete = True
        entry.occurrences = []
    catalogue[:] = [known[key] for key in wanted]
    catalogue.extend(sorted(gone, key=_key))


def current(catalogue: polib.POFile) -> list[polib.POEntry]:
    """Return the entries that the code still has."""
    return [entry for entry in catalogue if not entry.obsolete]


def is_translated(entry: polib.POEntry) -> bool:
    """Return whether every form has a translation that a person stands by."""
    return not entry.fuzzy and all(_translations(entry))


def problems(catalogue: polib.POFile, texts: Iterable[Text]) -> list[str]:
    """Return what is wrong with a catalogue, a line each."""
    known = {_key(entry): entry for entry in current(catalogue)}
    found = [f"no {line} in its head" for line in _SIGNS if line not in catalogue.metadata]
    for text in texts:
        entry = known.pop(text.key, None)
        if entry is None:
            found.append(f"missing: {text.english!r}")
        elif not is_translated(entry):
            found.append(f"not translated: {text.english!r}")
        else:
            found += _mistakes(text, entry, catalogue)
    return found + [f"no longer in the code: {english!r}" for english, _ in known]


def _mistakes(text: Text, entry: polib.POEntry, catalogue: polib.POFile) -> Iterator[str]:
    forms = _translations(entry)
    if text.many and len(forms) != form_count(catalogue):
        yield f"{len(forms)} forms, not {form_count(catalogue)}: {text.english!r}"
    fields = _fields(text.many or text.english)
    full_width = catalogue.metadata.get("X-Full-Stop") == "。"
    for form, translated in enumerate(forms):
        # Where there are several, the form for one may go without the number.
        may_lack = {"count"} if form == 0 and len(forms) > 1 else set()
        if _fields(translated) - fields or fields - _fields(translated) - may_lack:
            yield f"other fields than in {text.english!r}: {translated!r}"
        if ("&" in text.english) != ("&" in translated):
            yield f"a mnemonic too many or too few: {translated!r}"
        if translated != _edge(text.english, translated):
            yield f"other spaces at its ends than {text.english!r}: {translated!r}"
        ends = _end(text.english), _end(translated, full_width=full_width)
        if ends[0] != ends[1] and not text.english.endswith(_ORDINALS):
            yield f"another end than that of {text.english!r}: {translated!r}"


def _end(text: str, *, full_width: bool = False) -> str:
    end = _FULL_WIDTH_ENDS.get(text[-1], text[-1]) if full_width else text[-1]
    return end if end in _ENDS else ""


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)(?:[^\w{}][^{}]*)?\}", text.replace("{{", "").replace("}}", "")))


def _edge(english: str, translated: str) -> str:
    """Return a translation with the spaces of the English text around it."""
    left = english[: len(english) - len(english.lstrip())]
    right = english[len(english.rstrip()) :]
    return left + translated.strip() + right


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgid_plural


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


if __name__ == "__main__":
    sys.exit(main())
