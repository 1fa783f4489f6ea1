"""Which kinds are decoded, and what is said where an installation lacks a decoder."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.picture_errors import KindNotSupported
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, PictureLimits, ServiceProfile
from enhance_gui.imaging import decoders
from enhance_gui.jobs.worker import checking
from tests.support.pictures import picture_bytes


@pytest.fixture
def without_heif(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation of a system that does not package pillow-heif."""
    decoders.can_decode.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    yield
    decoders.can_decode.cache_clear()


def test_a_whole_installation_decodes_every_kind() -> None:
    for kind in FORMATS:
        data = picture_bytes(kind, 70, 65)
        with Image.open(io.BytesIO(data), formats=[decoders.decoder_of(kind)]) as image:
            image.load()
            assert image.size == (70, 65)
    assert set(decoders.decoders()) == {each.decoder for each in FORMATS.values()}


@pytest.mark.usefixtures("without_heif")
def test_a_kind_without_its_decoder_is_refused_with_what_to_do() -> None:
    assert "HEIF" not in decoders.decoders()
    with pytest.raises(KindNotSupported, match=r"HEIC.*install the Python package pillow-heif"):
        decoders.decoder_of("heic")


@pytest.mark.parametrize(("service", "is_refused"), [(LOCAL_SERVICE_NAME, True), ("Studio", False)])
def test_only_the_service_of_this_computer_needs_a_decoder_here(
    tmp_path: Path, request: pytest.FixtureRequest, service: str, is_refused: bool
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(picture_bytes("heic", 70, 65))
    request.getfixturevalue("without_heif")
    profile = ServiceProfile(
        service, "http://127.0.0.1:1", limits=PictureLimits(formats=("jpg", "heic"))
    )
    refused = pytest.raises(KindNotSupported, match="pillow-heif") if is_refused else nullcontext()
    with refused:
        checking._prepare_file(path, profile, nullcontext())
