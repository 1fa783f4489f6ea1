"""``enhance-gui decode``: what the program starts to have large pictures decoded; for no user."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from enhance_gui.command_line.console.output import print_out
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import ResultNotAsPromised

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
    convert.set_defaults(run=_convert)


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
    """Write the picture; return 0 where it is there."""
    _limit_memory()
    from enhance_gui.imaging.convert import convert

    try:
        convert(arguments.picture, arguments.kind, arguments.target)
    # Pillow's codecs raise whatever the bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return 1
    return 0


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))
