"""Unpacks bodies that a server has compressed unasked, in pieces and within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol

import httpx

from enhance_gui.core.errors import EnhanceError
from enhance_gui.transport.error_mapping import BodyCompressed, BodyNotUnpackable

PIECE_BYTES: Final = 2**16
"""What one step unpacks; Brotli's own blocks make it up to twice as much."""

_MAX_LAYERS: Final = 2
"""Encodings upon each other; nobody honest has more."""

_ANY_RATIO_BYTES: Final = 2**20
_MAX_RATIO: Final = 1100
"""Deflate makes at most 1,032 bytes of one; what makes more was built to."""

_OLD_NAMES: Final = {"x-gzip": "gzip"}
_OTHERS: Final = frozenset({"zstd", "compress", "x-compress", "dcb", "dcz", "exi"})
"""Encodings that are not unpacked here. All other words (aws-chunked, UTF-8, binary, none) are no
encodings at all, whatever the header says of them: the body is what it would be without."""

_ZLIB: Final = 15
_RAW_DEFLATE: Final = -15
_GZIP: Final = 31
_GZIP_START: Final = b"\x1f\x8b"


def encodings_of(response: httpx.Response) -> list[str]:
    """Return the encodings of a body in the order in which they were put on; usually none."""
    words = response.headers.get("Content-Encoding", "").lower().split(",")
    plain = [_OLD_NAMES.get(word.strip(), word.strip()) for word in words]
    return [word for word in plain if word in _LAYERS or word in _OTHERS]


class Unpacker:
    """Takes the encodings off a body while that comes in."""

    def __init__(self, encodings: list[str], max_bytes: int, too_long: EnhanceError) -> None:
        """
        :param too_long: what to raise where there is more than ``max_bytes`` in it.
        :raises BodyCompressed: there is an encoding that is not unpacked here, or too many.
        """
        if len(encodings) > _MAX_LAYERS or not _OTHERS.isdisjoint(encodings):
            raise BodyCompressed(", ".join(encodings))
        self._layers = [_LAYERS[encoding]() for encoding in reversed(encodings)]
        self._made_bytes = [0] * len(encodings)
        self._packed_bytes = 0
        self._max_bytes = max_bytes
        self._too_long = too_long

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        """Yield about :data:`PIECE_BYTES` at most for each step of the work, perhaps nothing.

        :raises BodyNotUnpackable: it is not of its encoding, or of next to nothing makes too much.
        """
        self._packed_bytes += len(chunk)
        pieces: Iterator[bytes] = iter((chunk,))
        for number, layer in enumerate(self._layers):
            pieces = self._counted(number, layer.unpacked(pieces))
        return pieces

    @property
    def is_complete(self) -> bool:
        """Whether the body may end here."""
        return all(layer.is_complete for layer in self._layers)

    def _counted(self, number: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        # Each layer by itself: what is endless between two of them would never show.
        for piece in pieces:
            self._made_bytes[number] += len(piece)
            if self._made_bytes[number] > self._max_bytes:
                raise self._too_long
            if self._made_bytes[number] > _ANY_RATIO_BYTES + self._packed_bytes * _MAX_RATIO:
                raise BodyNotUnpackable("it grows beyond all measure")
            yield piece


class _Layer(Protocol):
    """Takes one encoding off."""

    @property
    def is_complete(self) -> bool: ...

    def unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]: ...


class _Inflater:
    """Unpacks gzip, or deflate with the frame of zlib or without any."""

    def __init__(self, *, is_gzip: bool = False) -> None:
        self._is_gzip = is_gzip
        self._start = b""
        """Bytes too few to tell what follows."""
        self._member: zlib._Decompress | None = None
        self._had_member = False
        self._rest_is_plain = False
        self._rest_is_nothing = False

    @property
    def is_complete(self) -> bool:
        return self._member is None and not (self._start and not self._had_member)

    def unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self._rest_is_plain:
                yield piece
            else:
                yield from self._inflated(piece)

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        while not self._rest_is_nothing:
            if self._member is None:
                data, self._start = self._start + data, b""
                if len(data) < len(_GZIP_START):
                    self._start = data
                    break
                self._begin(data)
                if self._member is None:
                    if self._rest_is_plain:
                        yield data
                    return
            try:
                piece = self._member.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise BodyNotUnpackable("not of its encoding") from error
            data = self._member.unconsumed_tail
            if self._member.eof:
                data, self._member = self._member.unused_data, None
                self._rest_is_nothing = not self._is_gzip
            yield piece
            # A full piece may have left more inside.
            if not data and (self._member is None or len(piece) < PIECE_BYTES):
                return
        yield b""

    def _begin(self, data: bytes) -> None:
        """Decide by its first bytes how the body goes on."""
        is_gzip = data.startswith(_GZIP_START)
        if not self._is_gzip:
            # Both forms are called deflate; the frame of zlib has its own check digit.
            is_framed = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._member = zlib.decompressobj(_ZLIB if is_framed else _RAW_DEFLATE)
        elif is_gzip:
            self._member = zlib.decompressobj(_GZIP)
        elif self._had_member:
            self._rest_is_nothing = True  # padding, which every unpacker passes over
        else:
            # Somebody on the way has unpacked it and left the header as it was.
            self._rest_is_plain = True
        self._had_member = True


class _Brotli:
    """Unpacks Brotli (RFC 7932)."""

    def __init__(self) -> None:
        # Loaded here, not above: hardly a server sends it unasked.
        import brotli

        self._decoder = brotli.Decompressor()
        self._broken: type[Exception] = brotli.error
        self._has_begun = False

    @property
    def is_complete(self) -> bool:
        return not self._has_begun or bool(self._decoder.is_finished())

    def unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._has_begun = self._has_begun or bool(piece)
            yield from self._pieces(piece)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while not self._decoder.is_finished():
            try:
                made: bytes = self._decoder.process(data, output_buffer_limit=PIECE_BYTES)
            except self._broken as error:
                raise BodyNotUnpackable("not of its encoding") from error
            yield made
            if not made:
                return
            data = b""
        yield b""


_LAYERS: Final[dict[str, Callable[[], _Layer]]] = {
    "gzip": partial(_Inflater, is_gzip=True),
    "deflate": _Inflater,
    "br": _Brotli,
}
