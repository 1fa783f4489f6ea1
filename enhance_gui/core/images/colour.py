"""Decides in which colours a picture's numbers are meant, for all who show or work on pictures.

The answer is a colour profile (ICC.1:2022), since every decoder understands those: the one that
the file carries, or one that is made of what else it says. Which of several counts is PNG's rule
(third edition, 4.3): cICP before iCCP before sRGB before gAMA and cHRM.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

from enhance_gui.core.images.exif import read_exif
from enhance_gui.core.images.metadata import Metadata, Primaries

_D65: Final = (0.3127, 0.3290)
_SRGB: Final[Primaries] = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADOBE_RGB: Final[Primaries] = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_BY_CODE: Final[dict[int, Primaries]] = {
    1: _SRGB,
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""By the numbers of ITU-T H.273, table 2: BT.709, BT.2020 and Display P3."""

_ADOBE_GAMMA: Final = 563 / 256
_SAME: Final = 0.05
"""So far from sRGB's, an exponent or a coordinate still means sRGB: 1/2.2 is written for it."""
_SRGB_GAMMA: Final = 1 / 2.2

_MIN_GAMMA: Final = 0.1
_MAX_GAMMA: Final = 5.0
"""Beyond them a number is damage, not a way of encoding."""

_PQ_WHITE_NITS: Final = 203.0
"""Brightness of white in HDR pictures (ITU-R BT.2408); what is brighter is shown as white."""
_TABLE_ENTRIES: Final = 1024
_MAX_PROFILE_BYTES: Final = 2**22
"""Real ones have 500 bytes to 2 MB; a JPEG has no room for more than 16 MB."""

_D50: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
"""K. M. Lam's matrix, to which ICC.1:2022, annex E.3 refers."""

_Matrix = Sequence[Sequence[float]]


RGB: Final = b"RGB "
GREY: Final = b"GRAY"
CMYK: Final = b"CMYK"
"""The colours of a picture's channels, by the words of profiles (ICC.1:2022, 7.2.6)."""


def profile_of(metadata: Metadata, space: bytes = RGB) -> bytes | None:
    """Return the profile that says what a picture's numbers mean; ``None``: those of sRGB.

    :param space: the colours of the decoded picture, transparency left aside.
    """
    if metadata.cicp is not None and space != CMYK:
        made = _of_code(metadata.cicp, space)
        if made is not None:
            return made or None
    if is_sound(metadata.icc_profile, space):
        return metadata.icc_profile
    if space == CMYK or metadata.says_srgb:
        return None
    if metadata.gamma is not None or metadata.chromaticities is not None:
        return _of_gamma(metadata, space)
    if space == RGB and not metadata.icc_profile and read_exif(metadata.exif).is_adobe_rgb:
        return build_profile("Adobe RGB (1998) compatible", _ADOBE_RGB, _exponent(_ADOBE_GAMMA))
    return None


def is_sound(profile: bytes, space: bytes) -> bool:
    """Return whether a profile can be used for a picture.

    :param space: its colours.
    """
    return (
        128 < len(profile) <= _MAX_PROFILE_BYTES
        and profile[36:40] == b"acsp"
        and profile[16:20] == space
    )


def _of_code(cicp: tuple[int, int, int, int], space: bytes) -> bytes | None:
    """Make a profile of what a PNG's cICP chunk says: empty for sRGB, ``None``: not understood.

    RGB has the matrix 0; numbers over the full range have the last number 1.
    """
    primaries, transfer, matrix, full_range = cicp
    known, curve = _BY_CODE.get(primaries), _CURVES.get(transfer)
    if known is None or curve is None or matrix != 0 or full_range != 1:
        return None
    if transfer in _AS_SRGB and (known is _SRGB or space == GREY):
        return b""
    name = f"H.273 {primaries}/{transfer}"
    return build_grey_profile(curve()) if space == GREY else build_profile(name, known, curve())


def _of_gamma(metadata: Metadata, space: bytes) -> bytes | None:
    gamma = _SRGB_GAMMA if metadata.gamma is None else metadata.gamma
    primaries = metadata.chromaticities or _SRGB
    has_usual_gamma = abs(gamma - _SRGB_GAMMA) < _SAME * _SRGB_GAMMA
    has_usual_primaries = all(
        abs(ours - theirs) < _SAME / 10 for ours, theirs in zip(primaries, _SRGB, strict=True)
    )
    if has_usual_gamma and (has_usual_primaries or space == GREY):
        return None
    if not _MIN_GAMMA <= gamma <= _MAX_GAMMA or not all(primaries[1::2]):
        return None
    curve = _table(_light_of_srgb) if has_usual_gamma else _exponent(1 / gamma)
    if space == GREY:
        return build_grey_profile(curve)
    return build_profile("PNG gAMA and cHRM", primaries, curve)


def build_profile(name: str, primaries: Primaries, curve: bytes) -> bytes | None:
    """Build a profile of three primaries and one curve; ``None`` where they span no space.

    :param curve: the content of a ``curv`` tag.
    """
    matrix = _to_d50(primaries)
    if matrix is None:
        return None
    columns = zip(*matrix, strict=True)
    tags = [
        (tag, _xyz(column))
        for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    ]
    tags += [(tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(name, RGB, tags)


def build_grey_profile(curve: bytes) -> bytes:
    """Build a profile of a picture without colours.

    :param curve: the content of a ``curv`` tag.
    """
    return _profile("Grey", GREY, [(b"kTRC", curve)])


def _profile(name: str, space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    """Put a display profile of version 2 together (ICC.1:2001-04, clauses 6.1 and 6.2)."""
    text = name.encode("ascii") + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    all_tags = [(b"desc", described), (b"cprt", b"text" + bytes(4) + b"None\0")]
    all_tags += [(b"wtpt", _xyz(_D50)), *tags]
    place = 128 + 4 + 12 * len(all_tags)
    table, contents = struct.pack(">I", len(all_tags)), b""
    placed: dict[bytes, int] = {}
    for tag, content in all_tags:
        if content not in placed:
            placed[content] = place + len(contents)
            contents += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", tag, placed[content], len(content))
    head = struct.pack(
        ">I4sI4s4s4s", place + len(contents), bytes(4), 0x02400000, b"mntr", space, b"XYZ "
    )
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">3i", *(round(n * 65536) for n in _D50))
    return head + bytes(128 - len(head)) + table + contents


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(n * 65536) for n in values))


def _exponent(gamma: float) -> bytes:
    """Return a curve that raises to a power."""
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(min(gamma, 255.0) * 256))


def _table(light_of: Callable[[float], float]) -> bytes:
    """Return a curve as a table.

    :param light_of: the light that a number from 0 to 1 stands for, white at 1.
    """
    last = _TABLE_ENTRIES - 1
    light = [round(65535 * min(1.0, max(0.0, light_of(n / last)))) for n in range(_TABLE_ENTRIES)]
    return b"curv" + bytes(4) + struct.pack(f">I{_TABLE_ENTRIES}H", _TABLE_ENTRIES, *light)


def _light_of_srgb(number: float) -> float:
    return number / 12.92 if number <= 0.04045 else float(((number + 0.055) / 1.055) ** 2.4)


def _light_of_pq(number: float) -> float:
    """Return the light of SMPTE ST 2084's curve, white at 1."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = number ** (1 / m2)
    nits = 10_000 * float((max(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1))
    return nits / _PQ_WHITE_NITS


def _light_of_hlg(number: float) -> float:
    """Return the light of ARIB STD-B67's curve on a screen of 1,000 nits, white at 1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = number**2 / 3 if number <= 0.5 else (2.718281828459045 ** ((number - c) / a) + b) / 12
    return 1000 * float(scene**1.2) / _PQ_WHITE_NITS


_AS_SRGB: Final = (1, 6, 13, 14, 15)
"""Pictures of BT.709's curve and its kin's are shown as sRGB by every browser."""

_CURVES: Final[dict[int, Callable[[], bytes]]] = {
    **dict.fromkeys(_AS_SRGB, lambda: _table(_light_of_srgb)),
    4: lambda: _exponent(2.2),
    5: lambda: _exponent(2.8),
    8: lambda: _exponent(1.0),
    16: lambda: _table(_light_of_pq),
    18: lambda: _table(_light_of_hlg),
}
"""By the numbers of ITU-T H.273, table 3."""


def _to_d50(primaries: Primaries) -> _Matrix | None:
    """Return the matrix from the primaries to XYZ, adapted to the white of profiles."""
    white, *corners = (_from_xy(*primaries[n : n + 2]) for n in (0, 2, 4, 6))
    columns = _transposed(corners)
    inverse = _inverse(columns)
    if inverse is None:
        return None
    shares = _applied(inverse, white)
    to_xyz = [[n * share for n, share in zip(row, shares, strict=True)] for row in columns]
    back = _inverse(_BRADFORD)
    assert back is not None  # noqa: S101  a constant
    ratios = [
        to / of
        for to, of in zip(_applied(_BRADFORD, _D50), _applied(_BRADFORD, white), strict=True)
    ]
    adapted = [[n * ratio for n in row] for row, ratio in zip(_BRADFORD, ratios, strict=True)]
    return _product(_product(back, adapted), to_xyz)


def _from_xy(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _transposed(matrix: _Matrix) -> _Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _applied(matrix: _Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _product(left: _Matrix, right: _Matrix) -> _Matrix:
    return _transposed([_applied(left, column) for column in _transposed(right)])


def _inverse(matrix: _Matrix) -> _Matrix | None:
    """Return the inverse of a matrix of three rows by its cofactors; ``None``: it has none."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    if abs(determinant) < 1e-9:
        return None
    return [[n / determinant for n in row] for row in cofactors]
