"""The details of errors are recognised by their form, so that they can be shown in any language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import pytest

from enhance_gui.core import errors
from enhance_gui.core.errors import EnhanceError, InputError, PictureTooLarge
from enhance_gui.core.images.picture import PictureHeader, check_header, check_size_bytes
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.details import DETAILS, shown_detail
from enhance_gui.core.text.explanations import explain_in_english, sentence, sentence_in_english
from enhance_gui.core.text.i18n import set_language
from enhance_gui.transport import error_mapping, http_statuses

PACKAGE = Path(errors.__file__).resolve().parents[1]

LAYERS = ("client", "core", "imaging", "jobs", "storage", "transport", "wire")
"""Where the window's errors are made; those of the command line and the service stay English."""

NOT_SHOWN = {
    "ProfileInvalid": "its reasons are marked where they stand",
    "ProfileUnknown": "the window offers names, it takes none",
    "EnhanceTypeUnknown": "the window offers types, it takes none",
}


class Marking(NullTranslations):
    """A language in which every text of the catalogue stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"[{message}]" if message in DETAILS else message

    def info(self) -> dict[str, str]:
        return {"language": "xx", "x-decimal-sign": ","}


@pytest.fixture
def marking() -> Iterator[None]:
    set_language(Marking())
    yield
    set_language(None)


def _details_in_the_code() -> Iterator[tuple[str, str]]:
    kinds = {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, EnhanceError) and name not in NOT_SHOWN
    }
    for layer in LAYERS:
        for path in sorted((PACKAGE / layer).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and _name(node) in kinds:
                    yield from _samples(node.args[0], f"{path.stem}:{node.lineno}")


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _samples(argument: ast.expr, place: str) -> Iterator[tuple[str, str]]:
    """Return a text as an error could carry it, with each changing part filled in."""
    if isinstance(argument, ast.IfExp):
        yield from _samples(argument.body, place)
        yield from _samples(argument.orelse, place)
    elif isinstance(argument, ast.Constant) and argument.value:
        yield place, str(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        parts = argument.values
        fixed = [part.value for part in parts if isinstance(part, ast.Constant)]
        # Put together of nothing but variables: what they hold is made elsewhere.
        if any(str(text).strip("; (),") for text in fixed):
            yield place, _filled(parts)


def _filled(parts: list[ast.expr]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif not text[-1:].isalnum():  # else an ending that may be missing
            text += "it has 7 × 7 pixels"
    return text


def test_the_search_finds_details() -> None:
    found = [detail for _, detail in _details_in_the_code()]
    assert len(found) > 80
    assert "it is a folder" in found


@pytest.mark.parametrize(("place", "detail"), list(_details_in_the_code()))
def test_every_detail_that_the_code_makes_is_known(marking: None, place: str, detail: str) -> None:
    assert shown_detail(detail).startswith("["), f"{place} is not among core.details.DETAILS"


@pytest.mark.parametrize(
    "words",
    [words for _, words in error_mapping._WORDS] + list(http_statuses._WORDS.values()),
)
def test_every_word_for_a_foreign_error_is_known(marking: None, words: str) -> None:
    assert shown_detail(words).startswith("[")


@pytest.mark.parametrize("status", [401, 404, 418, 503])
def test_the_words_for_a_status_are_known_inside_their_sentence(marking: None, status: int) -> None:
    assert shown_detail(http_statuses.status_text(status)).startswith("[[")


def test_what_is_wrong_with_a_picture_is_said_with_its_own_numbers(marking: None) -> None:
    limits = PictureLimits(max_image_bytes=20 * 2**20, max_side_px=9000, min_side_px=64)
    with pytest.raises(InputError) as raised:
        check_size_bytes(43_306_189, limits)
    assert shown_detail(raised.value.detail) == (
        "[it has 41,3 MB; the service takes at most 20,0 MB]"
    )
    with pytest.raises(InputError) as raised:
        check_header(PictureHeader("png", 9216, 32), limits)
    assert shown_detail(raised.value.detail) == (
        "[it has 9216 × 32 pixels; the service takes at most 9000 a side]"
    )


@pytest.mark.parametrize("size_bytes", [20_971_521, 20_990_000])
def test_a_size_that_rounds_to_the_limit_is_said_in_bytes(marking: None, size_bytes: int) -> None:
    with pytest.raises(PictureTooLarge) as caught:
        check_size_bytes(size_bytes, PictureLimits())
    said = f"it has {size_bytes} bytes; the service takes at most 20971520 bytes"
    assert caught.value.detail == said
    assert shown_detail(said) == f"[{said}]"


def test_a_detail_may_stand_in_another_one(marking: None) -> None:
    assert shown_detail("the result's address: the address names no host") == (
        "[the result's address: [the address names no host]]"
    )


def test_a_detail_of_unknown_form_is_shown_as_it_is(marking: None) -> None:
    assert shown_detail("the moon is full") == "the moon is full"
    assert shown_detail("") == ""
    assert sentence(EnhanceError("the moon is full")).endswith(": the moon is full")


def test_what_leaves_the_window_is_english_in_any_language(marking: None) -> None:
    failure = Failure("picture_missing", "it is a folder")
    assert sentence(failure).endswith(": [it is a folder]")
    assert sentence_in_english(failure) == "The file cannot be read: it is a folder"
    assert explain_in_english(failure).title == "The file cannot be read"


def test_in_english_a_detail_is_never_touched() -> None:
    for detail in ("it has 41.3 MB; the service takes at most 20.0 MB", "{name} (HTTP 7)"):
        assert shown_detail(detail) == detail


def test_a_foreign_text_cannot_make_the_form_of_a_detail_its_own(marking: None) -> None:
    said = shown_detail("the service answered with code 7: {code.__class__} {0}")
    assert said == "[the service answered with code 7: {code.__class__} {0}]"
