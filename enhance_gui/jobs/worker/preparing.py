"""Checks, before anything is spent, that a picture is one that the service takes."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.client.preflight import check_address, check_file
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.images.source import ImageSource, LocalFile
from enhance_gui.core.picture_errors import LOCAL_FILE_NOT_POSSIBLE, InputError
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.imaging.header import read_header
from enhance_gui.storage.files.results import sha256_of
from enhance_gui.transport.clients import HttpClient


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture that passed preflight."""

    picture: CheckedPicture
    sha256: str | None
    """Of a local file; a picture on the web is not read to its end here."""


async def prepare(
    source: ImageSource,
    profile: ServiceProfile,
    pictures: HttpClient,
    mark: AbstractContextManager[None],
) -> Prepared:
    """Check one input against what a service takes.

    :param pictures: a client without credentials whose address policy is the profile's.
    :param mark: stands while a file of this computer is mapped into memory and examined.
    :raises InputError: it cannot be used; nothing was spent.
    """
    if isinstance(source, LocalFile):
        if not profile.upload_path:
            raise InputError(
                "“{service}” does not accept files",
                service=profile.name,
                kind=LOCAL_FILE_NOT_POSSIBLE,
            )
        return await asyncio.to_thread(_prepare_file, source.path, profile, mark)
    picture = await check_address(
        source.url, limits=profile.limits, read_header=read_header, client=pictures
    )
    return Prepared(picture, None)


def _prepare_file(
    path: Path, profile: ServiceProfile, mark: AbstractContextManager[None]
) -> Prepared:
    with mark:
        picture = check_file(path, limits=profile.limits, read_header=read_header)
    return Prepared(picture, sha256_of(path))
