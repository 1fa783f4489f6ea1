"""Makes small pictures in every form that a file can have, with what they look like.

What they look like is worked out here from the standards' own formulas and by LittleCMS, and not
by the program: it is what the program is held against.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from enhance_gui.core.images.colour import profile_of
from enhance_gui.core.images.metadata import Metadata

Floats = NDArray[np.float64]

_SRGB: Final = ImageCms.createProfile("sRGB")
_P3_TO_SRGB: Final = np.array(
    [[1.22494, -0.22494, 0], [-0.0420570, 1.0420570, 0], [-0.0196376, -0.0786360, 1.0982736]]
)
"""Of light; CSS Color 4, section 10.2, as the next."""
_ADOBE_TO_SRGB: Final = np.array(
    [[1.3983557, -0.3983557, 0], [0, 1, 0], [0, -0.0429290, 1.0429290]]
)
_P3: Final = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_ADOBE_TAGS: Final = (
    b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0)
) + struct.pack("<HHHIHHI", 1, 0xA001, 3, 1, 2, 0, 0)
_RIM: Final = 64
_TURNS: Final = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}


@dataclass(frozen=True)
class Described:
    """A picture file."""

    what: str
    """In words, for a failure's report."""
    data: bytes
    kind: str
    """Its extension."""
    look: Floats
    """Shape (height, width, 4): red, green, blue in sRGB and alpha, 0 to 255, upright."""


@dataclass(frozen=True)
class _Colours:
    """One way to say what numbers mean."""

    name: str
    meaning: Callable[[Floats], Floats]
    """Numbers of RGB, 0 to 255, to sRGB's."""
    chunks: tuple[bytes, ...] = ()
    """Of a PNG."""
    profile: bytes | None = None
    exif: bytes | None = None


def _light(values: Floats) -> Floats:
    number = values / 255
    return np.where(number <= 0.04045, number / 12.92, ((number + 0.055) / 1.055) ** 2.4)


def _encoded(light: Floats) -> Floats:
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _as_stored(values: Floats) -> Floats:
    return values


def _by_profile(profile: bytes) -> Callable[[Floats], Floats]:
    return lambda values: in_srgb(Image.fromarray(np.rint(values).astype(np.uint8)), profile)


def in_srgb(image: Image.Image, profile: bytes | None) -> Floats:
    """Return RGB in sRGB, by LittleCMS where a picture has a profile."""
    if profile is None:
        return np.asarray(image.convert("RGB"), np.float64)
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    made = ImageCms.profileToProfile(image, read, _SRGB, outputMode="RGB")
    assert made is not None
    return np.asarray(made, np.float64)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _gamma(exponent: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(exponent * 100_000)))


def _iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"a\0\0" + zlib.compress(profile))


def _profiles() -> dict[str, bytes]:
    made = {
        "Display P3": profile_of(Metadata(cicp=(12, 13, 0, 1))),
        "light itself": profile_of(Metadata(gamma=1.0)),
    }
    adobe = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    made["Adobe RGB"] = profile_of(Metadata(gamma=256 / 563, chromaticities=adobe))
    found = {name: profile for name, profile in made.items() if profile is not None}
    assert len(found) == len(made)
    return {"sRGB": ImageCms.ImageCmsProfile(_SRGB).tobytes(), **found}


_PROFILES: Final = _profiles()
_PLAIN: Final = _Colours("nothing", _as_stored)
_WITH_PROFILE: Final = [
    _Colours(name, _by_profile(profile), (_iccp(profile),), profile)
    for name, profile in _PROFILES.items()
]
_ADOBE_TAG: Final = _Colours(
    "a camera's mark of Adobe RGB",
    lambda values: _encoded((values / 255) ** (563 / 256) @ _ADOBE_TO_SRGB.T),
    exif=_ADOBE_TAGS,
)
_P3_BY_NUMBERS: Final = _Colours(
    "cICP before iCCP",
    lambda values: _encoded(_light(values) @ _P3_TO_SRGB.T),
    (chunk(b"cICP", bytes([12, 13, 0, 1])), _iccp(_PROFILES["sRGB"])),
)
_OF_PNG: Final = [
    _PLAIN,
    *_WITH_PROFILE,
    _P3_BY_NUMBERS,
    _Colours("gAMA of sRGB", _as_stored, (_gamma(0.45455),)),
    _Colours("gAMA", lambda values: _encoded(values / 255), (_gamma(1.0),)),
    _Colours("gAMA of 1.8", lambda values: _encoded((values / 255) ** 1.8), (_gamma(1 / 1.8),)),
    _Colours(
        "gAMA and cHRM",
        lambda values: _encoded(_light(values) @ _P3_TO_SRGB.T),
        (_gamma(0.45455), chunk(b"cHRM", struct.pack(">8I", *(round(n * 1e5) for n in _P3)))),
    ),
    _Colours("sRGB before gAMA", _as_stored, (chunk(b"sRGB", b"\0"), _gamma(1.0))),
]


@st.composite
def _levels(draw: st.DrawFn, channels: int) -> Floats:
    """Draw a smooth picture of 0 to 1 with an edge in it."""
    width, height = draw(st.integers(20, 44)), draw(st.integers(16, 36))
    down, across = np.mgrid[0:height, 0:width]
    shares = st.lists(st.floats(0.1, 0.9), min_size=channels, max_size=channels)
    begin, right, bottom = (np.array(draw(shares)) for _ in range(3))
    x, y = (across / width / 2)[..., None], (down / height / 2)[..., None]
    levels = begin * (1 - x - y) + right * x + bottom * y
    top, left = draw(st.integers(2, height // 2)), draw(st.integers(2, width // 2))
    levels[top : top + height // 3, left : left + width // 3] = np.array(draw(shares))
    return np.asarray(levels, np.float64)


def _look(rgb: Floats, alpha: Floats | None, turns: int = 1) -> Floats:
    opaque = np.full(rgb.shape[:2], 255.0)
    planes = [*np.moveaxis(rgb, 2, 0), opaque if alpha is None else alpha]
    upright = []
    for plane in planes:
        image = Image.fromarray(plane.astype(np.float32))
        for turn in _TURNS.get(turns, []):
            image = image.transpose(turn)
        upright.append(np.asarray(image, np.float64))
    return np.dstack(upright)


def _tags(turns: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turns
    return exif.tobytes()


def _packed(stored: NDArray[Any], depth: int) -> bytes:
    """Return the rows of a PNG, unfiltered (W3C PNG, third edition, 7.2)."""
    if depth >= 8:
        rows = [row.astype(f">u{depth // 8}").tobytes() for row in stored]
    else:
        bits = np.unpackbits(stored.astype(np.uint8).reshape(*stored.shape[:2], 1), axis=2)
        flat = bits[..., 8 - depth :].reshape(stored.shape[0], -1)
        rows = [np.packbits(row).tobytes() for row in flat]
    return b"".join(b"\0" + row for row in rows)


@st.composite
def pngs(draw: st.DrawFn) -> Described:
    """Draw a PNG of any kind of colour, depth, transparency, description and orientation."""
    forms = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    colour = draw(st.sampled_from(sorted(forms)))
    depth = draw(st.sampled_from(forms[colour]))
    levels = draw(_levels({0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]))
    most = 2**depth - 1
    stored = np.rint(levels * most).astype(np.uint16)
    described = draw(st.sampled_from(_OF_PNG))
    is_grey = colour in (0, 4)
    if is_grey and described.profile is not None:  # a profile of RGB does not fit grey
        described = _PLAIN
    has_key = colour in (0, 2, 3) and draw(st.booleans())
    chunks, alpha = list(described.chunks), None
    if colour == 3:
        generator = np.random.default_rng(draw(st.integers(0, 99)))
        # Neighbours in the palette are alike, as in that of a photograph.
        ends = generator.integers(30, 225, (2, 3))
        palette = np.rint(np.linspace(ends[0], ends[1], most + 1)).astype(np.uint8)
        values = palette[stored[..., 0]].astype(np.float64)
        chunks.append(chunk(b"PLTE", palette.tobytes()))
        if has_key:
            clear = np.full(most + 1, 255, np.uint8)
            clear[stored[0, 0, 0]] = 0
            chunks.append(chunk(b"tRNS", clear.tobytes()))
            alpha = clear[stored[..., 0]].astype(np.float64)
    else:
        values = stored * 255.0 / most
        key = stored[0, 0]
        if colour in (4, 6):
            values, alpha = values[..., :-1], values[..., -1]
        elif has_key:
            chunks.append(chunk(b"tRNS", key.astype(">u2").tobytes()))
            alpha = np.where((stored == key).all(axis=2), 0.0, 255.0)
    turns = draw(st.integers(1, 8))
    if turns > 1:
        chunks.insert(0, chunk(b"eXIf", _tags(turns).removeprefix(b"Exif\0\0")))
    height, width = stored.shape[:2]
    head = struct.pack(">II5B", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(_packed(stored, depth)))
    data = b"".join([chunk(b"IHDR", head), *chunks, body, chunk(b"IEND", b"")])
    rgb = described.meaning(np.repeat(values, 3, axis=2) if is_grey else values)
    what = f"colour {colour}, {depth} bits, key {has_key}, {described.name}, turned {turns}"
    return Described(what, b"\x89PNG\r\n\x1a\n" + data, "png", _look(rgb, alpha, turns))


_LOSSY: Final = ("jpg", "webp", "avif", "jp2")
_BY_PILLOW: Final[dict[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "jpg": (
        ("L", {"quality": 97}),
        ("RGB", {"quality": 97, "subsampling": 0}),
        ("RGB", {"quality": 97, "subsampling": 2}),
        ("RGB", {"quality": 97, "keep_rgb": True}),
        ("RGB", {"quality": 97, "progressive": True}),
        ("CMYK", {"quality": 97}),
    ),
    "webp": (
        ("RGB", {"quality": 95}),
        ("RGB", {"lossless": True}),
        ("RGBA", {"quality": 95}),
        ("RGBA", {"lossless": True}),
    ),
    "bmp": tuple((mode, {}) for mode in ("1", "L", "P", "RGB")),
    "gif": (("L", {}), ("P", {})),
    "tiff": tuple(
        (mode, {"compression": compression})
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate")
    ),
    "avif": (("RGB", {"quality": 95}), ("RGBA", {"quality": 95})),
    "jp2": (("L", {}), ("RGB", {}), ("RGBA", {})),
}
_WITH_ICC: Final = ("jpg", "webp", "tiff", "avif")
_WITH_TURNS: Final = ("jpg", "webp", "tiff", "avif")
_DECODERS: Final = {"jpg": "JPEG", "jp2": "JPEG2000"}


@st.composite
def others(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(_BY_PILLOW)) -> Described:
    """Draw a picture of another kind, as Pillow writes it."""
    kind = draw(st.sampled_from(kinds))
    mode, how = draw(st.sampled_from(_BY_PILLOW[kind]))
    levels = 255 * draw(_levels({"L": 1, "1": 1, "I;16": 1, "LA": 2, "RGBA": 4}.get(mode, 3)))
    values = np.rint(levels).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(np.rint(levels[..., 0] * 257).astype(np.uint16))
    else:
        image = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
        image = image.convert(mode, dither=Image.Dither.NONE) if image.mode != mode else image
    described, turns, options = _PLAIN, 1, dict(how)
    if kind in _WITH_ICC and mode in ("RGB", "RGBA"):
        described = draw(st.sampled_from([_PLAIN, *_WITH_PROFILE]))
        options["icc_profile"] = described.profile
    if kind == "jpg" and mode == "RGB" and described is _PLAIN and draw(st.booleans()):
        described = _ADOBE_TAG
        options["exif"] = _ADOBE_TAG.exif
    elif kind in _WITH_TURNS:
        turns = draw(st.integers(1, 8))
        options |= {"tiffinfo": {274: turns}} if kind == "tiff" else {"exif": _tags(turns)}
    if described.profile is None:
        options.pop("icc_profile", None)
    file = io.BytesIO()
    image.save(file, _DECODERS.get(kind, kind.upper()), **options)
    if kind in _LOSSY:  # what was lost is nobody's fault here
        with Image.open(io.BytesIO(file.getvalue())) as lossy:
            lossy.load()
            image = lossy
    rgb, alpha = _values(image)
    what = f"{kind} of {mode} {how}, {described.name}, turned {turns}"
    return Described(what, file.getvalue(), kind, _look(described.meaning(rgb), alpha, turns))


def _values(image: Image.Image) -> tuple[Floats, Floats | None]:
    if image.mode.startswith("I;16"):
        grey = np.asarray(image, np.float64) / 257
        return np.dstack([grey] * 3), None
    alpha = None
    if image.mode in ("LA", "RGBA"):
        alpha = np.asarray(image.getchannel("A"), np.float64)
    return np.asarray(image.convert("RGB"), np.float64), alpha


def off(seen: Floats, look: Floats) -> float:
    """Return by how much two pictures differ on average, of 255, where they are visible.

    The rims of what is transparent are left out: between all and nothing there is nothing to keep.
    """
    alpha = look[..., 3].astype(np.float32)
    around = np.ones((5, 5), np.uint8)
    rim = cv2.dilate(alpha, around) - cv2.erode(alpha, around) > _RIM
    counted = ~rim if (~rim).any() else np.ones_like(rim)
    difference = np.abs(_shown(seen) - _shown(look))
    return float(difference[counted].mean())


def _shown(picture: Floats) -> Floats:
    return np.dstack([picture[..., :3] * picture[..., 3:] / 255, picture[..., 3]])
