"""Tasks that somebody may want of a service: small pictures of many kinds, and bad ones."""

from __future__ import annotations

import io
import socket
import struct
import zlib
from dataclasses import dataclass
from random import Random

from PIL import Image

from enhance_gui.service.engine.catalogue import COLORIZE, PORTRAIT, QUICK_UPSCALE_2, RESTORE
from enhance_gui.wire.codes import Code
from tests.service.engine.photographs import photograph
from tests.support.pictures import PILLOW_NAMES, picture_bytes, undecodable_picture
from tests.support.scriptable_service import Reply, ScriptableService

_TYPES = (QUICK_UPSCALE_2, PORTRAIT, RESTORE, COLORIZE)
_KINDS = ("png", "jpg", "webp", "tiff", "gif", "bmp")


@dataclass(frozen=True, slots=True)
class Wish:
    """A task that somebody wants."""

    name: str
    """What it is, for the table."""
    type_id: int
    picture: bytes = b""
    address: str = ""
    """Where the picture is fetched from; empty: it is uploaded."""
    code: int = 0
    """With which it is refused, or fails."""


def _bad_wishes(host: ScriptableService) -> list[Wish]:
    """Return one of each kind of what must be refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/picture.png"
    huge = bytearray(picture_bytes("png"))
    huge[16:24] = struct.pack(">II", 30_000, 30_000)
    huge[29:33] = struct.pack(">I", zlib.crc32(bytes(huge[12:29])))
    files = {
        "cut off": (picture_bytes("jpg")[:1500], Code.KIND_REFUSED),
        "text called .jpg": (b"This is no picture.\n" * 50, Code.KIND_REFUSED),
        "too small": (picture_bytes("png", 40, 40), Code.CREATE_FAILED),
        "too large": (bytes(huge), Code.TOO_LARGE),
        "fails in work": (undecodable_picture(), Code.KIND_REFUSED),
    }
    wishes = [Wish(name, _TYPES[0], data, "", code) for name, (data, code) in files.items()]
    for number, (name, (data, code)) in enumerate(files.items()):
        host.on(f"/bad{number}.jpg", Reply(body=data))
        wishes.append(Wish(name, _TYPES[0], b"", host.url(f"/bad{number}.jpg"), code))
    for name, address in {
        "unreachable": nobody,
        "404": host.url("/none.jpg"),
        "no web address": "ftp://127.0.0.1/picture.jpg",
    }.items():
        wishes.append(Wish(name, _TYPES[0], b"", address, Code.ADDRESS_REFUSED))
    wishes.append(Wish("unknown type", 99, picture_bytes(), "", Code.CREATE_FAILED))
    return wishes


def _face(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photograph("hopper")).reduce(4).save(file, PILLOW_NAMES[kind])
    return file.getvalue()


def some_wishes(host: ScriptableService, tasks: int, bad: int, random: Random) -> list[Wish]:
    """Return good tasks of all kinds with bad ones among them; every third picture is fetched."""
    found = []
    for number in range(tasks):
        kind = _KINDS[number % len(_KINDS)]
        type_id = _TYPES[number // len(_KINDS) % len(_TYPES)]
        if type_id == PORTRAIT:
            picture = _face(kind)
        else:
            picture = picture_bytes(kind, random.randint(64, 110), random.randint(64, 110))
        if number % 3:
            found.append(Wish(f"type {type_id}", type_id, picture))
        else:
            host.on(f"/good{number}.{kind}", Reply(body=picture))
            address = host.url(f"/good{number}.{kind}")
            found.append(Wish(f"type {type_id}", type_id, b"", address))
    each = _bad_wishes(host)
    found += [each[number % len(each)] for number in range(bad)]
    random.shuffle(found)
    return found
