"""A secret hides itself wherever it may be shown by mistake."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from enhance_gui.core.secret import Secret

CANARY = "c4n4ry/of+the secret"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{:>40}".format,
        "%s %r".__mod__,
        lambda secret: f"{secret} {secret!r} {secret!s} {secret!a}",
        lambda secret: repr([secret, {"token": secret}]),
        lambda secret: str(Exception(secret)),
        lambda secret: str(dir(secret)) + str(getattr(secret, "__dict__", "")),
    ],
)
def test_no_way_of_showing_it_shows_it(show: Callable[[object], str]) -> None:
    secret = Secret(CANARY)
    shown = show((secret, secret)) if show == "%s %r".__mod__ else show(secret)
    assert CANARY not in shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY), protocol)


def test_it_is_never_written_as_json_or_copied() -> None:
    with pytest.raises(TypeError):
        json.dumps({"token": Secret(CANARY)})
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(CANARY))


def test_no_log_and_no_traceback_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(CANARY)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("a").info("the token is %s, %r", secret, secret)
        error = ValueError(secret)
        logging.getLogger("a").error("failed", exc_info=error)
        assert CANARY not in "".join(traceback.format_exception(error))
    assert CANARY not in caplog.text


def test_it_is_compared_by_its_text_and_hashed_without() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("4n0ther")
    assert Secret(CANARY) != CANARY
    assert Secret(CANARY).matches(CANARY)
    assert hash(Secret(CANARY)) == hash(Secret("4n0ther"))
    assert not Secret("")
    assert Secret(CANARY).reveal() == CANARY
