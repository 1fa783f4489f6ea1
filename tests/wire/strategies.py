"""What a foreign program may send: JSON of every shape, the API's fields among it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

FIELDS = [
    "taskid",
    "chtaskid",
    "status",
    "queuenum",
    "errorcode",
    "errormsg",
    "inputurl",
    "outputurl",
    "inpathwidth",
    "inpathheight",
    "inpathsize",
    "inpathext",
    "outpathwidth",
    "outpathheight",
    "outpathsize",
    "outpathext",
    "facenum",
    "facelist",
    "x_progress",
    "success",
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["0", " 7 ", "3.0", "-1", "٣", "1_000", "nan", "1e999", "x" * 5000, "\u202e"]),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text(max_size=5)), inner, max_size=4),
    ),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from(FIELDS), values, max_size=12)
