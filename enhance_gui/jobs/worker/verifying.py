"""Decodes results where it can do no harm: large ones in a process of their own.

A file of some bytes can have a quarter of a billion pixels, which take gigabytes and half a
minute. In a process of its own that costs the program nothing, has a limit in time and in memory,
and ends at once when the program does not want to wait any longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from enhance_gui.core.images.formats import RESULT_FORMATS
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.imaging.verify import (
    decode_picture,
    decoding_bytes,
    examine_picture,
)
from enhance_gui.jobs.own_program import run_child
from enhance_gui.wire.records import PictureInfo

MAX_BYTES_HERE: Final = 32 * 2**20
"""What decoding may take in this process. Two megapixels as WebP, four as anything else."""

DECODING_LIMIT_S: Final = 120.0
"""The largest pictures take ten seconds on a computer that has nothing else to do."""


class Verifier:
    """Verifies results: one in this process and one in a child process at a time."""

    def __init__(self) -> None:
        # One thread and always the same: each keeps for itself what its largest picture took.
        self._here = ThreadPoolExecutor(1, thread_name_prefix="verify")
        self._elsewhere = asyncio.Lock()

    async def verify(
        self,
        path: Path,
        promised: PictureInfo,
        mark: AbstractContextManager[None],
        descriptors: Sequence[int] = (),
        kinds: Collection[str] = RESULT_FORMATS,
    ) -> PictureFacts:
        """Verify that a file is the picture that was promised.

        :param mark: stands while a decoder of this process has it.
        :param descriptors: open files that a child needs to read the path.
        :param kinds: names of the formats that it may have.
        :raises ResultNotAsPromised: not a picture, cut, broken, or another one.
        :raises OSError: the file cannot be read, or no process started.
        """
        loop = asyncio.get_running_loop()
        examined = await loop.run_in_executor(self._here, _verify_here, path, promised, mark, kinds)
        if decoding_bytes(examined) > MAX_BYTES_HERE:
            async with self._elsewhere:
                await _decode_elsewhere(path, examined, descriptors)
        return examined


def _verify_here(
    path: Path,
    promised: PictureInfo,
    mark: AbstractContextManager[None],
    kinds: Collection[str],
) -> PictureFacts:
    """Examine a file, and decode it where that takes little."""
    with mark:
        examined = examine_picture(
            path,
            expected_width_px=promised.width_px,
            expected_height_px=promised.height_px,
            expected_size=promised.size,
            kinds=kinds,
        )
        if decoding_bytes(examined) <= MAX_BYTES_HERE:
            decode_picture(path, examined.header)
        return examined


async def _decode_elsewhere(path: Path, examined: PictureFacts, descriptors: Sequence[int]) -> None:
    header = examined.header
    size = str(header.width_px), str(header.height_px)
    try:
        code, _ = await run_child(
            "decode",
            "verify",
            path,
            header.format,
            *size,
            limit_s=DECODING_LIMIT_S,
            descriptors=descriptors,
            # An interrupt meant for the program must not look like a broken picture.
            own_session=True,
        )
    except TimeoutError as error:
        raise ResultNotAsPromised(
            "decoding it takes longer than {count:g} s", count=DECODING_LIMIT_S
        ) from error
    if code:
        raise ResultNotAsPromised("it cannot be decoded: it is cut or broken")
