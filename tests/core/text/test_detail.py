"""A detail is English for whoever keeps it, and in the user's language where it is shown."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from collections.abc import Iterator
from dataclasses import asdict
from gettext import NullTranslations
from pathlib import Path
from string import Formatter

import pytest

from enhance_gui.core import errors
from enhance_gui.core.errors import EnhanceError, ProfileInvalid
from enhance_gui.core.images.picture import PictureHeader, check_header, check_size_bytes
from enhance_gui.core.picture_errors import InputError, PictureTooLarge
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import Detail, read_detail, shown, write_detail
from enhance_gui.core.text.explanations import (
    CLASSES,
    explain_in_english,
    sentence,
    sentence_in_english,
)
from enhance_gui.core.text.i18n import set_language
from enhance_gui.transport.http_statuses import status_text

PACKAGE = Path(errors.__file__).resolve().parents[1]
CLAUSE = "{folder} is not a folder"


_TEMPLATES = {"{words} (HTTP {status})"}


class Marking(NullTranslations):
    """A language in which each clause of the catalogue stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"[{message}]" if message[:1].islower() or message in _TEMPLATES else message

    def info(self) -> dict[str, str]:
        return {"language": "xx", "x-decimal-sign": ","}


@pytest.fixture
def marking() -> Iterator[None]:
    set_language(Marking())
    yield
    set_language(None)


def test_a_detail_is_its_english_words() -> None:
    detail = Detail(CLAUSE, folder=Path("/results"))
    assert detail == "/results is not a folder"
    assert f"{detail}." == "/results is not a folder."
    assert (detail.template, detail.fields) == (CLAUSE, {"folder": "/results"})


def test_a_number_is_written_in_the_language_and_other_fields_are_not(marking: None) -> None:
    costs = Detail("it costs {cost}, not {limit:.1f}: {name}", cost=2.5, limit=3.0, name="1.5 MB")
    assert costs == "it costs 2.5, not 3.0: 1.5 MB"
    assert shown(costs) == "[it costs 2,5, not 3,0: 1.5 MB]"
    assert shown(Detail("there are {count}", count=41000)) == "[there are 41000]"


def test_what_is_wrong_with_a_picture_is_said_with_its_own_numbers(marking: None) -> None:
    limits = PictureLimits(max_image_bytes=20 * 2**20, max_side_px=9000, min_side_px=64)
    with pytest.raises(InputError) as raised:
        check_size_bytes(43_306_189, limits)
    assert shown(raised.value.detail) == "[it has 41,3 MB; the service takes at most 20,0 MB]"
    with pytest.raises(InputError) as raised:
        check_header(PictureHeader("png", 9216, 32), limits)
    assert shown(raised.value.detail) == (
        "[it has 9216 × 32 pixels; the service takes at most 9000 a side]"
    )


@pytest.mark.parametrize("size_bytes", [20_971_521, 20_990_000])
def test_a_size_that_rounds_to_the_limit_is_said_in_bytes(marking: None, size_bytes: int) -> None:
    with pytest.raises(PictureTooLarge) as caught:
        check_size_bytes(size_bytes, PictureLimits())
    said = f"it has {size_bytes} bytes; the service takes at most 20971520 bytes"
    assert caught.value.detail == said
    assert shown(caught.value.detail) == f"[{said}]"


def test_a_detail_may_stand_in_another_one(marking: None) -> None:
    inner = Detail("the address names no host")
    assert shown(Detail("the result's address: {problem}", problem=inner)) == (
        "[the result's address: [the address names no host]]"
    )
    assert shown(status_text(404)) == "[[there is nothing at its address] (HTTP 404)]"


def test_a_mistake_in_a_profile_names_its_place_and_its_reason(marking: None) -> None:
    reason = Detail("must lie between {minimum:g} and {maximum:g}", minimum=0, maximum=0.5)
    mistake = ProfileInvalid("a.toml", "limits.wait", reason)
    assert mistake.detail == "a.toml: limits.wait: must lie between 0 and 0.5"
    assert shown(mistake.reason) == "[must lie between 0 and 0,5]"
    assert ProfileInvalid("a.toml", "", "is empty").detail == "a.toml: is empty"


def test_words_from_outside_are_shown_as_they_are(marking: None) -> None:
    assert shown("The moon is full") == "The moon is full"
    assert shown("") == ""
    assert sentence(EnhanceError("Full {moon}")).endswith(": Full {moon}")


def test_what_leaves_the_window_is_english_in_any_language(marking: None) -> None:
    failure = Failure("picture_missing", Detail("it is a folder"))
    assert sentence(failure).endswith(": [it is a folder]")
    assert sentence_in_english(failure) == "The file cannot be read: it is a folder"
    assert explain_in_english(failure).title == "The file cannot be read"


def test_other_programs_get_the_english_words_alone(marking: None) -> None:
    detail = Detail(CLAUSE, folder="/results")
    assert json.dumps({"detail": detail}) == '{"detail": "/results is not a folder"}'
    assert json.loads(json.dumps(asdict(Failure("folder_not_usable", detail))))["detail"] == detail


def test_a_foreign_text_in_a_field_is_never_taken_for_a_template(marking: None) -> None:
    said = Detail("it reports: {message}", message="{code.__class__} {0}")
    assert shown(said) == "[it reports: {code.__class__} {0}]"
    assert shown(read_detail(write_detail(said))) == shown(said)


def test_a_token_in_a_field_is_hidden_everywhere() -> None:
    token = Secret("c4n4ry-token")
    error = EnhanceError("it reports: {message}", message=f"no {token.reveal()} here")
    assert error.detail == "it reports: no <hidden> here"
    assert "c4n4ry" not in write_detail(error.detail)
    assert "c4n4ry" not in str(error)


def test_a_detail_goes_to_another_process_whole() -> None:
    detail = Detail("{what}; it may have been charged", what=Detail(CLAUSE, folder="{x}"))
    for again in (pickle.loads(pickle.dumps(detail)), copy.deepcopy(detail)):  # noqa: S301  our own
        assert again == detail
        what = again.fields["what"]
        assert isinstance(what, Detail)
        assert what.fields == {"folder": "{x}"}


# -- every place that raises ----------------------------------------------------------------------


def _with_fields() -> Iterator[tuple[str, str, set[str]]]:
    """Yield each template in the code with the names of the fields that it is given."""
    names = {class_.__name__ for class_ in CLASSES.values()}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not node.args
                or not isinstance(node.func, ast.Name)
            ):
                continue
            is_error = node.func.id in names
            template = node.args[0]
            if (is_error or node.func.id == "Detail") and isinstance(template, ast.Constant):
                given = {keyword.arg or "**" for keyword in node.keywords} - OWN_KEYWORDS
                yield f"{path.stem}:{node.lineno}", str(template.value), given


OWN_KEYWORDS = {"code", "retry_after_s", "may_pass", "of_batch", "kind"}
"""Of the errors themselves."""


def test_every_template_is_given_its_fields_and_no_others() -> None:
    found = list(_with_fields())
    assert sum(bool(given) for _, _, given in found) > 60
    for place, template, given in found:
        if not given or "**" in given:
            continue
        named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        assert named - OWN_KEYWORDS == given, place
