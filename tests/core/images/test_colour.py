"""Which colours a picture's numbers mean is decided in one place, by the standards' own figures."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.core.images.colour import CMYK, GREY, RGB, is_sound, profile_of
from enhance_gui.core.images.metadata import Metadata

SRGB = ImageCms.createProfile("sRGB")
SRGB_PRIMARIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
ADOBE_TAGS = (
    b"II*\0"
    + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0)
    + (struct.pack("<HHHIHHI", 1, 0xA001, 3, 1, 2, 0, 0))
)


def shown(profile: bytes | None, *colours: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """Return what a colour management of others makes of colours on a screen."""
    assert profile is not None
    image = Image.fromarray(np.array([colours], np.uint8))
    made = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, outputMode="RGB"
    )
    assert made is not None
    return [tuple(colour) for colour in np.asarray(made)[0].tolist()]


def test_a_picture_that_says_nothing_is_srgb() -> None:
    assert profile_of(Metadata()) is None
    assert profile_of(Metadata(), GREY) is None


def test_a_sound_profile_is_taken_as_it_is() -> None:
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    assert profile_of(Metadata(icc_profile=profile)) == profile


def test_a_profile_of_other_channels_is_not_taken() -> None:
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    assert is_sound(profile, RGB)
    assert profile_of(Metadata(icc_profile=profile), GREY) is None
    assert profile_of(Metadata(icc_profile=profile), CMYK) is None


@pytest.mark.parametrize("profile", [b"", b"RGB ", bytes(200), bytes(2**23)])
def test_a_broken_profile_is_not_taken(profile: bytes) -> None:
    assert profile_of(Metadata(icc_profile=profile)) is None


def test_numbers_that_are_light_itself_are_shown_brighter() -> None:
    grey = shown(profile_of(Metadata(gamma=1.0)), (0, 0, 0), (55, 55, 55), (255, 255, 255))
    # sRGB encodes a light of 55 / 255 as 128.
    assert np.abs(np.subtract(grey, [(0, 0, 0), (128, 128, 128), (255, 255, 255)])).max() <= 1


@pytest.mark.parametrize("gamma", [0.45455, 0.45, 0.4545])
def test_the_exponent_that_is_written_for_srgb_means_srgb(gamma: float) -> None:
    assert profile_of(Metadata(gamma=gamma)) is None
    assert profile_of(Metadata(gamma=gamma, chromaticities=SRGB_PRIMARIES)) is None


@pytest.mark.parametrize("gamma", [0.0001, 1000.0])
def test_an_exponent_beyond_all_sense_means_nothing(gamma: float) -> None:
    assert profile_of(Metadata(gamma=gamma)) is None


def test_primaries_that_span_no_space_mean_nothing() -> None:
    flat = (0.3127, 0.329, 0.64, 0.33, 0.64, 0.33, 0.64, 0.33)
    assert profile_of(Metadata(gamma=1.0, chromaticities=flat)) is None
    none = (0.3127, 0.329, 0.64, 0.0, 0.3, 0.6, 0.15, 0.06)
    assert profile_of(Metadata(gamma=1.0, chromaticities=none)) is None


def test_the_srgb_chunk_comes_before_gamma_and_a_profile_before_both() -> None:
    assert profile_of(Metadata(gamma=1.0, says_srgb=True)) is None
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    assert profile_of(Metadata(gamma=1.0, says_srgb=True, icc_profile=profile)) == profile


def test_the_primaries_of_display_p3_are_those_of_apples_profile() -> None:
    red, green = shown(profile_of(Metadata(cicp=(12, 13, 0, 1))), (200, 50, 50), (50, 200, 50))
    # Worked out with the matrices of CSS Color 4 (10.2): display-p3 to sRGB.
    assert np.abs(np.subtract(red, (218, 24, 40))).max() <= 1
    assert np.abs(np.subtract(green, (0, 204, 0))).max() <= 1


def test_a_number_code_comes_before_a_profile_and_srgb_needs_none() -> None:
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    assert profile_of(Metadata(cicp=(12, 13, 0, 1), icc_profile=profile)) != profile
    assert profile_of(Metadata(cicp=(1, 13, 0, 1), gamma=1.0)) is None


@pytest.mark.parametrize("cicp", [(2, 13, 0, 1), (1, 99, 0, 1), (9, 16, 9, 1), (9, 16, 0, 0)])
def test_a_number_code_that_is_not_understood_leaves_the_profile(
    cicp: tuple[int, int, int, int],
) -> None:
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    assert profile_of(Metadata(cicp=cicp, icc_profile=profile)) == profile


def test_white_of_a_bright_picture_is_white_on_the_screen() -> None:
    # SMPTE ST 2084 writes 203 nits as 0.5807: 148 of 255 (ITU-R BT.2408, table 1: 58 %).
    white, brighter = shown(profile_of(Metadata(cicp=(9, 16, 0, 1))), (149,) * 3, (220,) * 3)
    assert min(white) >= 253
    assert min(brighter) >= 254


def test_the_other_curve_of_bright_pictures_has_its_white_at_three_quarters() -> None:
    # ARIB STD-B67 writes white as 0.75 (ITU-R BT.2408, table 1).
    (white,) = shown(profile_of(Metadata(cicp=(9, 18, 0, 1))), (191,) * 3)
    assert min(white) >= 252


def test_the_mark_of_cameras_means_adobe_rgb() -> None:
    (green,) = shown(profile_of(Metadata(exif=ADOBE_TAGS)), (100, 200, 100))
    # Worked out with the matrices of Adobe RGB (1998), 4.3.5, and IEC 61966-2-1.
    assert np.abs(np.subtract(green, (0, 201, 92))).max() <= 1
    assert profile_of(Metadata(exif=ADOBE_TAGS), GREY) is None


def test_a_grey_picture_gets_a_grey_profile() -> None:
    profile = profile_of(Metadata(gamma=1.0), GREY)
    assert profile is not None
    assert is_sound(profile, GREY)
    image = Image.new("L", (1, 1), 55)
    made = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, outputMode="RGB"
    )
    assert made is not None
    assert abs(np.asarray(made)[0, 0, 0].item() - 128) <= 1


def test_qt_and_littlecms_agree_about_every_profile_that_is_made() -> None:
    pytest.importorskip("PySide6")
    from PySide6.QtGui import QColorSpace

    for metadata in (
        Metadata(gamma=1.0),
        Metadata(exif=ADOBE_TAGS),
        Metadata(cicp=(9, 16, 0, 1)),
        Metadata(cicp=(12, 13, 0, 1)),
        Metadata(cicp=(9, 18, 0, 1)),
    ):
        profile = profile_of(metadata)
        assert profile is not None
        assert QColorSpace.fromIccProfile(profile).isValid()
