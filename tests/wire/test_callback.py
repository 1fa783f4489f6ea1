"""Callbacks: the recipe of their signature is data, and a wrong one is told."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import NotTheApi
from enhance_gui.core.services.profile_checks import RecipeError, parts_of
from enhance_gui.wire.callback import (
    LOCAL_RECIPE,
    acknowledgement,
    callback_md5,
    fields_as_written,
    md5_matches,
)
from enhance_gui.wire.envelope import read_envelope
from enhance_gui.wire.records import TaskRecord, write_task_record
from tests.wire.strategies import records

TOKEN = Secret("canary")


bodies = st.builds(
    lambda fields, bom: bom + json.dumps({"code": 0, "data": fields}).encode(),
    records,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
) | st.binary(max_size=40).map(lambda odd: b'{"code": 0, "data": {"errormsg": "' + odd + b'"}}')


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_the_recipe_is_filled_in_and_hashed() -> None:
    data = {"taskid": "t", "status": 2, "outputurl": None}
    assert callback_md5("{taskid}{status}{token}", data, TOKEN) == md5("t2canary")
    assert callback_md5("a{{b}}{outputurl}-{token}", data, TOKEN) == md5("a{b}-canary")
    assert md5_matches(LOCAL_RECIPE, data, TOKEN, f" {md5('t2canary').upper()} ")
    assert not md5_matches(LOCAL_RECIPE, data, TOKEN, md5("t2other"))
    assert not md5_matches(LOCAL_RECIPE, data, TOKEN, "ü")


@pytest.mark.parametrize(
    "recipe", ["{", "}", "{taskid", "{secret}", "{}", "{0}", "{token.reveal}", "{token[0]}"]
)
def test_a_recipe_that_names_no_field_is_refused(recipe: str) -> None:
    with pytest.raises(RecipeError):
        list(parts_of(recipe))


@pytest.mark.parametrize("recipe", ["", "fixed", LOCAL_RECIPE, "{token}", "{{}}"])
def test_a_usable_recipe_passes(recipe: str) -> None:
    list(parts_of(recipe))


def test_every_field_of_the_record_but_the_list_may_be_signed() -> None:
    fields = {name for name in write_task_record(TaskRecord("t")) if name != "facelist"}
    assert {name for _, name in parts_of("".join(f"{{{name}}}" for name in fields))} == fields
    with pytest.raises(RecipeError):
        list(parts_of("{facelist}"))


@given(bodies)
def test_what_is_an_envelope_can_be_read_as_it_was_written(body: bytes) -> None:
    try:
        data = read_envelope(body).data
    except NotTheApi:
        return
    assert fields_as_written(body, {}).keys() == data.keys()


@given(st.text(max_size=30), records, st.text(max_size=40))
def test_no_recipe_breaks_the_check(recipe: str, data: dict[str, Any], given_md5: str) -> None:
    try:
        assert md5_matches(recipe, data, TOKEN, given_md5) in (True, False)
    except RecipeError as error:
        assert "canary" not in str(error)  # noqa: PT017  either outcome is right


def test_the_acknowledgement_is_the_documented_one() -> None:
    assert acknowledgement() == b'{"code":0,"msg":"","data":{"success":true}}'
    assert read_envelope(acknowledgement()).data == {"success": True}
