"""Checks a JPEG's frame, tables and scan headers as decoders do (ITU-T T.81, annexes B.2 and C.2).

Only what no decoder takes is refused. Films of JPEGs leave out their usual tables of codes, and
decoders know those by heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from enhance_gui.imaging.structure.pieces import broken

_HUFFMAN, _SCAN, _QUANTA, _RESTART_INTERVAL = 0xC4, 0xDA, 0xDB, 0xDD
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_HUFFMAN, 0xC8, 0xCC}
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1, 0xC9})
_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})

_HUFFMAN_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_FINE: Final = 0x10
_USUAL_CODES: Final = frozenset({0, 1, _FINE, _FINE + 1})

_BITS_A_SAMPLE: Final = (8, 12)

_TABLES: Final = 4
"""Of each sort."""
_MAX_CODES: Final = 256
_MAX_BITS_OF_DC: Final = 15
_MAX_BLOCKS_A_UNIT: Final = 10
_LAST_COEFFICIENT: Final = 63
_MAX_SHIFT: Final = 13


@dataclass(slots=True)
class JpegPicture:
    """What the segments of a JPEG have said so far."""

    frame: int = 0
    """Marker of the frame header; 0 before it."""
    width_px: int = 0
    height_px: int = 0
    sampling: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Across and down, of each component."""
    units_a_restart: int = 0
    scans: int = 0
    is_one_scan: bool = False
    """Whether the first scan holds all of the picture."""
    _quanta: set[int] = field(default_factory=set)
    _wanted_quanta: dict[int, int] = field(default_factory=dict)
    _codes: set[int] = field(default_factory=set)
    """Tables of codes: from 16 on those of the finer detail."""

    @property
    def restarts(self) -> int:
        """How many marks of a restart a picture of one scan has."""
        if not self.units_a_restart:
            return 0
        across = down = 8
        if len(self.sampling) > 1:
            across *= max(h for h, _ in self.sampling.values())
            down *= max(v for _, v in self.sampling.values())
        units = -(-self.width_px // across) * -(-self.height_px // down)
        return -(-units // self.units_a_restart) - 1

    def take(self, marker: int, data: bytes) -> None:
        """Take in a segment.

        :param data: what follows its length.
        :raises PictureDamaged: no decoder could go on with it.
        """
        if marker in FRAMES:
            self._take_frame(marker, data)
        elif marker == _SCAN:
            self._take_scan(data)
        elif marker == _HUFFMAN:
            self._codes |= set(_tables_of_codes(data))
        elif marker == _QUANTA:
            self._take_quanta(data)
        elif marker == _RESTART_INTERVAL:
            _require(len(data) == 2)
            self.units_a_restart = int.from_bytes(data)

    def _take_frame(self, marker: int, data: bytes) -> None:
        _require(not self.frame and len(data) >= 6 and len(data) == 6 + 3 * data[5])
        _require(data[0] in _BITS_A_SAMPLE)
        self.frame = marker
        self.height_px, self.width_px = int.from_bytes(data[1:3]), int.from_bytes(data[3:5])
        for place in range(6, len(data), 3):
            name, sampling, quanta = data[place : place + 3]
            across, down = sampling >> 4, sampling & 15
            _require(1 <= across <= 4 and 1 <= down <= 4)
            self.sampling[name] = across, down
            self._wanted_quanta[name] = quanta
        _require(bool(self.sampling))

    def _take_quanta(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            wide, number = data[place] >> 4, data[place] & 15
            _require(number < _TABLES)
            self._quanta.add(number)
            place += 1 + (128 if wide else 64)
        _require(place == len(data))

    def _take_scan(self, data: bytes) -> None:
        _require(bool(self.frame) and len(data) >= 4 and len(data) == 4 + 2 * data[0])
        names = data[1:-3:2]
        _require(0 < len(names) <= 4 and set(names) <= set(self.sampling))
        _require(all(self._wanted_quanta[name] in self._quanta for name in names))
        if len(names) > 1:
            blocks = sum(across * down for across, down in map(self.sampling.__getitem__, names))
            _require(blocks <= _MAX_BLOCKS_A_UNIT)
        if self.frame in _PROGRESSIVE:
            first, last, shifts = data[-3:]
            _require(first <= last <= _LAST_COEFFICIENT and shifts & 15 <= _MAX_SHIFT)
            _require(last == 0 if first == 0 else len(names) == 1)
        if self.frame in _HUFFMAN_FRAMES:
            wanted = _wanted_codes(data, progressive=self.frame in _PROGRESSIVE)
            usual = set() if self.frame in _PROGRESSIVE else _USUAL_CODES
            _require(wanted <= self._codes | usual)
        self.scans += 1
        if self.scans == 1:
            self.is_one_scan = self.frame in _SEQUENTIAL and len(names) == len(self.sampling)


def _wanted_codes(scan: bytes, *, progressive: bool) -> set[int]:
    """Return which tables of codes a scan needs."""
    numbers = scan[2:-3:2]
    first, _last, shifts = scan[-3:]
    coarse = {number >> 4 for number in numbers}
    fine = {_FINE + (number & 15) for number in numbers}
    if not progressive:
        return coarse | fine
    if first:
        return fine
    return set() if shifts >> 4 else coarse  # a refinement has plain bits


def _tables_of_codes(data: bytes) -> Iterator[int]:
    """Yield the numbers of the tables: so many codes of each length from one to sixteen bits, then
    their values.
    """
    place = 0
    while place < len(data):
        _require(place + 17 <= len(data))
        sort, counts = data[place], data[place + 1 : place + 17]
        values = data[place + 17 : place + 17 + sum(counts)]
        _require(sort & ~_FINE < _TABLES and len(values) == sum(counts) <= _MAX_CODES)
        code = 0
        for bits, count in enumerate(counts, 1):
            code += count
            _require(not count or code < 1 << bits)  # a code of ones alone is none
            code <<= 1
        if not sort & _FINE and values:
            _require(max(values) <= _MAX_BITS_OF_DC)
        yield sort
        place += 17 + len(values)


def _require(holds: bool) -> None:
    if not holds:
        raise broken("JPEG")
