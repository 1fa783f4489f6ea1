"""Every error has words for people: a title, what it means, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from enhance_gui.core import errors
from enhance_gui.core.errors import EnhanceError, RequestRefused
from enhance_gui.core.text.explanations import (
    EXPLANATIONS,
    explain,
    sentence,
    sentence_in_english,
)


def _tree(root: type[EnhanceError]) -> Iterator[type[EnhanceError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


ALL = list(_tree(EnhanceError))


def test_the_tree_is_all_there_is() -> None:
    public = {
        var for var in vars(errors).values() if isinstance(var, type) and issubclass(var, Exception)
    }
    assert public == set(ALL)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_has_a_kind_of_its_own_a_title_a_meaning_and_a_next_step(
    kind: type[EnhanceError],
) -> None:
    assert [each.__name__ for each in ALL if each.kind == kind.kind] == [kind.__name__]
    words = EXPLANATIONS[kind.kind]
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
    refused = errors.TokenRefused("the service does not accept the token (HTTP 401)")
    assert sentence(refused) == "The service does not accept the token (HTTP 401)"
    assert sentence_in_english(refused) == "The service does not accept the token (HTTP 401)"


@pytest.mark.parametrize("kind", ["kind_not_supported", "kind_refused"])
def test_no_file_type_is_named_that_the_service_may_not_take(kind: str) -> None:
    assert not re.search("JPEG|PNG", EXPLANATIONS[kind].next_step)
