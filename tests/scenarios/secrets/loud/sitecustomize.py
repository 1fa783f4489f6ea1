"""On the path of a Python, this has every logger and every handler take everything."""

import logging


def _take_everything(*_: object) -> bool:
    return True


logging.Logger.isEnabledFor = _take_everything  # type: ignore[method-assign, assignment]
logging.Handler.setLevel = _take_everything  # type: ignore[method-assign, assignment]
