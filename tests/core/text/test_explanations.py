"""Every error has words for people: a title, what it means, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from enhance_gui.core import errors, picture_errors, service_errors, storage_errors
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import PICTURE_MISSING, InputError
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.text.explanations import (
    CLASSES,
    EXPLANATIONS,
    explain,
    sentence,
    sentence_in_english,
)

MODULES = (errors, picture_errors, service_errors, storage_errors)


def _tree(root: type[EnhanceError]) -> Iterator[type[EnhanceError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ in [module.__name__ for module in MODULES]:
            yield from _tree(child)


ALL = list(_tree(EnhanceError))


def test_the_tree_is_all_there_is() -> None:
    public = {
        var
        for module in MODULES
        for var in vars(module).values()
        if isinstance(var, type) and issubclass(var, Exception)
    }
    assert public == set(ALL)
    assert set(CLASSES.values()) == public


def test_a_kind_is_one_of_a_single_class() -> None:
    kinds = [each.kind for each in ALL]
    for each in ALL:
        (base,) = each.__bases__
        kinds += [] if each.cases == getattr(base, "cases", {}) else each.cases
    assert len(kinds) == len(set(kinds))
    assert set(CLASSES) == set(kinds)
    assert {name: CLASSES[name].__name__ for name in ("picture_missing", "kind_refused")} == {
        "picture_missing": "InputError",
        "kind_refused": "RequestRefused",
    }
    assert CLASSES["address_not_usable"].__name__ == "AddressNotUsable"


def test_an_error_of_a_case_has_its_kind_and_its_words() -> None:
    missing = InputError("it is a folder", kind=PICTURE_MISSING)
    assert missing.kind == "picture_missing"
    assert sentence(missing) == "The file cannot be read: it is a folder"
    assert InputError.kind == InputError("").kind == "input"


@pytest.mark.parametrize("kind", EXPLANATIONS)
def test_every_kind_has_a_title_a_meaning_and_a_next_step(kind: str) -> None:
    words = EXPLANATIONS[kind]
    assert words.title
    assert not words.title.endswith(".")
    for text in (words.meaning, words.next_step):
        assert text.endswith(".")
        assert text[0].isupper()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_stands_in_the_tree_of_the_modules_docstring(kind: type[EnhanceError]) -> None:
    assert errors.__doc__ is not None
    lines = [line.split() for line in errors.__doc__.splitlines()]
    assert any(kind.__name__ in words for words in lines)


def test_an_unknown_kind_is_explained_too() -> None:
    class Unknown(EnhanceError):
        kind = "from_a_newer_program"

    assert explain(Unknown()).next_step


def test_a_sentence_is_title_and_detail() -> None:
    assert sentence(RequestRefused("no", code=7)) == "The service refused the request: no"
    assert sentence(EnhanceError()) == "Something went wrong"


def test_a_detail_that_repeats_its_title_is_not_said_twice() -> None:
    refused = service_errors.TokenRefused("the service does not accept the token (HTTP 401)")
    assert sentence(refused) == "The service does not accept the token (HTTP 401)"
    assert sentence_in_english(refused) == "The service does not accept the token (HTTP 401)"


@pytest.mark.parametrize("kind", ["kind_not_supported", "kind_refused"])
def test_no_file_type_is_named_that_the_service_may_not_take(kind: str) -> None:
    assert not re.search("JPEG|PNG", EXPLANATIONS[kind].next_step)
