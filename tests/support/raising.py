"""Expects an error of one kind, where several kinds are of one class."""

from __future__ import annotations

import pytest

from enhance_gui.core.errors import EnhanceError


def raises_kind(
    kind: str, family: type[EnhanceError] = EnhanceError, *, match: str | None = None
) -> pytest.RaisesExc[EnhanceError]:
    """Return what ``pytest.raises`` does, for errors of this kind.

    :param family: the class by which the callers catch it.
    """
    return pytest.raises(family, match=match, check=lambda error: error.kind == kind)
