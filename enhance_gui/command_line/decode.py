"""``enhance-gui decode``: what the program starts to have large pictures decoded; for no user."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from enhance_gui.command_line.console.output import print_out
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import InputError, ResultNotAsPromised
from enhance_gui.core.text.detail import write_detail

_MAX_BYTES: Final = 4 * 2**30
"""Above what any picture within the limit takes, but for the largest WebP."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command; without a help it stays out of the list of commands."""
    works = commands.add_parser("decode").add_subparsers(required=True)

    verify = works.add_parser("verify", help="see whether a picture is whole")
    verify.add_argument("path", type=Path)
    verify.add_argument("format")
    verify.add_argument("width_px", type=int)
    verify.add_argument("height_px", type=int)
    verify.set_defaults(run=_verify)

    locate = works.add_parser("locate", help="find a crop in a picture")
    locate.add_argument("picture", type=Path)
    locate.add_argument("crop", type=Path)
    locate.set_defaults(run=_locate)

    cut = works.add_parser("cut", help="write a part of a picture")
    cut.add_argument("picture", type=Path)
    cut.add_argument(
        "place", type=float, nargs=5, help="left, top, width, height as fractions; angle"
    )
    cut.add_argument("target", type=Path)
    cut.set_defaults(run=_cut)

    convert = works.add_parser("convert", help="write a picture as another kind of file")
    convert.add_argument("picture", type=Path)
    convert.add_argument("kind")
    convert.add_argument("target", type=Path)
    convert.add_argument("quality", type=int)
    convert.add_argument("orientation", type=int)
    convert.add_argument("--on-white", action="store_true", help="in place of transparency")
    convert.add_argument("--deep", action="store_true", help="with 16 bits a channel")
    convert.set_defaults(run=_convert)

    for_service = works.add_parser("for-service", help="write a file as a service takes it")
    for_service.add_argument("source", type=Path)
    for_service.add_argument("format")
    for_service.add_argument("target", type=Path)
    for_service.add_argument("wanted")
    for_service.add_argument("max_bytes", type=int)
    for_service.set_defaults(run=_convert_for_service)

    preview = works.add_parser("preview", help="write a small picture of one")
    preview.add_argument("picture", type=Path)
    preview.add_argument("target", type=Path)
    preview.add_argument("side_px", type=int)
    preview.set_defaults(run=_preview)

    show = works.add_parser("show", help="print a part of a picture as pixels")
    show.add_argument("picture", type=Path)
    show.add_argument("part", type=int, nargs=4, help="left, top, width, height")
    show.add_argument("size_px", type=int, nargs=2, help="width, height")
    show.set_defaults(run=_show)


def _verify(arguments: argparse.Namespace) -> int:
    """Decode the picture; return 0 where it is whole."""
    _limit_memory()
    # Loaded here, not above: the other commands do without.
    from enhance_gui.imaging.verify import decode_picture

    header = PictureHeader(arguments.format, arguments.width_px, arguments.height_px)
    try:
        decode_picture(arguments.path, header)
    except (ResultNotAsPromised, OSError):
        return 1
    return 0


def _locate(arguments: argparse.Namespace) -> int:
    """Print where the crop is in the picture; return 0 where it was found."""
    _limit_memory()
    from enhance_gui.imaging.locate import locate_crop

    place = locate_crop(arguments.picture, arguments.crop)
    if place is None:
        return 1
    print_out(json.dumps(place))
    return 0


def _cut(arguments: argparse.Namespace) -> int:
    """Write the part; return 0 where it is there."""
    _limit_memory()
    from enhance_gui.core.images.areas import Place
    from enhance_gui.imaging.cut import cut

    return 0 if cut(arguments.picture, Place(*arguments.place), arguments.target) else 1


def _convert(arguments: argparse.Namespace) -> int:
    """Write the picture; return 0 where it is there, or why not."""
    _limit_memory()
    from enhance_gui.imaging.convert import IS_TRANSPARENT, Transparent, convert

    picture, kind, target = arguments.picture, arguments.kind, arguments.target
    orientation = arguments.orientation
    try:
        if arguments.deep:
            from enhance_gui.service.engine.pixels.rewrite import rewrite

            rewrite(picture, kind, target, orientation)
        else:
            on_white, quality = arguments.on_white, arguments.quality
            convert(picture, kind, target, quality, orientation=orientation, on_white=on_white)
    except Transparent:
        return IS_TRANSPARENT
    # Pillow's codecs raise whatever the bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return 1
    return 0


def _convert_for_service(arguments: argparse.Namespace) -> int:
    """Print the format that was written, or why none was; return 0 where it is there."""
    _limit_memory()
    from enhance_gui.imaging.for_service import convert_for_service

    source, target, max_bytes = arguments.source, arguments.target, arguments.max_bytes
    try:
        written = convert_for_service(source, arguments.format, target, arguments.wanted, max_bytes)
    except InputError as error:
        print_out(json.dumps({"kind": error.kind, "detail": write_detail(error.detail)}))
        return 1
    except OSError as error:
        if error.errno is None:  # of an encoder, and no word of the system's
            return 1
        print_out(json.dumps({"errno": error.errno}))
        return 1
    print_out(json.dumps({"format": written}))
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    """Write the small picture; return 0 where it is there."""
    _limit_memory()
    if sys.platform != "win32":
        os.nice(10)  # nobody waits for it as for what the user looks at
    from enhance_gui.imaging.preview import write_preview

    return 0 if write_preview(arguments.picture, arguments.target, arguments.side_px) else 1


def _show(arguments: argparse.Namespace) -> int:
    """Print the pixels, then 1 for an opaque picture, else 0; return 0 where all are there."""
    _limit_memory()
    from enhance_gui.core.errors import EnhanceError
    from enhance_gui.service.engine.pixels.show import read_shown

    try:
        shown, is_opaque = read_shown(arguments.picture, arguments.part, arguments.size_px)
    except (EnhanceError, MemoryError):
        return 1
    sys.stdout.buffer.write(shown.data)
    sys.stdout.buffer.write(b"1" if is_opaque else b"0")
    sys.stdout.buffer.flush()
    return 0


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))
