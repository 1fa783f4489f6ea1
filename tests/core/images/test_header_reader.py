"""A picture's header is read as soon as enough of it has come, and not looked for too often."""

from __future__ import annotations

import pytest

from enhance_gui.core.images.picture import HeaderReader, PictureHeader
from enhance_gui.core.picture_errors import PictureDamaged

HEADER = PictureHeader("jpg", 7, 8)


class Reading:
    """Knows the header from a number of bytes on."""

    def __init__(self, needed_bytes: int) -> None:
        self.needed_bytes = needed_bytes
        self.looks = 0

    def __call__(self, data: bytes, *, whole: bool = False) -> PictureHeader | None:
        self.looks += 1
        if len(data) >= self.needed_bytes:
            return HEADER
        if whole:
            raise PictureDamaged("it ends before its size can be read")
        return None


def test_many_small_chunks_are_looked_at_a_few_times() -> None:
    reading = Reading(100_000)
    reader = HeaderReader(reading)
    fed = 0
    while reader.feed(b"x") is None:
        fed += 1
    assert 100_000 <= fed < 126_000
    assert reading.looks < 50


def test_a_header_that_is_too_far_from_the_start_is_given_up() -> None:
    reader = HeaderReader(Reading(5000), 1000)
    assert reader.feed(bytes(900)) is None
    with pytest.raises(PictureDamaged, match="was not found in the first"):
        reader.feed(bytes(900))


def test_a_tiff_may_have_its_header_behind_its_pixels() -> None:
    reader = HeaderReader(Reading(5000), 1000)
    assert reader.feed(b"II*\0" + bytes(900)) is None
    assert reader.feed(bytes(900)) is None
    assert reader.feed(bytes(4000)) == HEADER


def test_no_more_than_the_bound_is_waited_for() -> None:
    reader = HeaderReader(Reading(10**6), 100_000)
    for _ in range(100):
        assert reader.feed(bytes(1000)) is None
    with pytest.raises(PictureDamaged, match="was not found in the first"):
        reader.feed(b"x")


def test_a_small_picture_is_read_at_its_end() -> None:
    reader = HeaderReader(Reading(10))
    assert reader.feed(bytes(20)) is None
    assert reader.finish() == HEADER


@pytest.mark.parametrize(("size_bytes", "reason"), [(0, "it is empty"), (9, "ends before")])
def test_a_picture_without_its_header_is_damaged(size_bytes: int, reason: str) -> None:
    reader = HeaderReader(Reading(10))
    assert reader.feed(bytes(size_bytes)) is None
    with pytest.raises(PictureDamaged, match=reason):
        reader.finish()
