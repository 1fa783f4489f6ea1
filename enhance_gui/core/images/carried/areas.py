"""Moves areas, such as named faces, with a picture that was turned or is of another size.

Layouts: Metadata Working Group's guidelines, 5.9 (middle and sides as fractions), and Microsoft's
"People Tagging" (corner and sides as fractions).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from enhance_gui.core.images.carried.xmp import Name, Node, Packet

_GROUP: Final = "http://www.metadataworkinggroup.com/schemas/regions/"
_MICROSOFT: Final = "http://ns.microsoft.com/photo/1.2/"
_AREA: Final = "http://ns.adobe.com/xmp/sType/Area#"
_DIMENSIONS: Final = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
_RECTANGLE: Final = ("http://ns.microsoft.com/photo/1.2/t/Region#", "Rectangle")

Turn = Callable[[float, float, float, float], tuple[float, float]]

TURNED: Final[dict[int, Turn]] = {
    1: lambda x, y, w, h: (x, y),
    2: lambda x, y, w, h: (w - x, y),
    3: lambda x, y, w, h: (w - x, h - y),
    4: lambda x, y, w, h: (x, h - y),
    5: lambda x, y, w, h: (y, x),
    6: lambda x, y, w, h: (h - y, x),
    7: lambda x, y, w, h: (h - y, w - x),
    8: lambda x, y, w, h: (y, w - x),
}
"""Orientation to where a place of the stored picture, of this width and height, is in the upright
one."""

FIRST_TURNED: Final = 5
"""From this orientation on the sides are exchanged."""


def remove_areas(packet: Packet) -> bool:
    """Remove all areas; return whether there were any."""
    return packet.remove(lambda name: name in ((_GROUP, "Regions"), (_MICROSOFT, "RegionInfo")))


def fit_areas(packet: Packet, orientation: int, sides_px: tuple[int, int]) -> bool:
    """Move areas to where they are in a result; return whether they made no sense and are gone.

    :param orientation: from which the picture was turned upright; 1: it was not turned.
    :param sides_px: of the result.
    """
    try:
        for node in packet.nodes():
            _fit_area(node, orientation)
            _fit_rectangle(node, orientation)
            if node.name == (_GROUP, "AppliedToDimensions"):
                for each in (node, *node.elements):
                    each.replace((_DIMENSIONS, "w"), str(sides_px[0]))
                    each.replace((_DIMENSIONS, "h"), str(sides_px[1]))
    except ValueError:
        return remove_areas(packet)
    return False


def _fit_area(node: Node, orientation: int) -> None:
    """:raises ValueError: it is no area."""
    names: list[Name] = [(_AREA, each) for each in "xywh"]
    texts = [node.value(name) for name in names]
    if (texts[2] is None) != (texts[3] is None):
        raise ValueError("an area has one side")
    if orientation != 1 and texts[0] is not None and texts[1] is not None:
        x, y, *sides = (_fraction(text) for text in texts if text is not None)
        _put(node, names, _turned(x, y, sides, orientation))


def _fit_rectangle(node: Node, orientation: int) -> None:
    """:raises ValueError: it is no rectangle."""
    text = node.value(_RECTANGLE)
    if orientation == 1 or text is None:
        return
    left, top, width, height = map(_fraction, text.split(","))
    middle = left + width / 2, top + height / 2
    x, y, width, height = _turned(*middle, [width, height], orientation)
    corner = x - width / 2, y - height / 2, width, height
    node.replace(_RECTANGLE, ", ".join(f"{each:.6f}" for each in corner))


def _turned(x: float, y: float, sides: list[float], orientation: int) -> list[float]:
    place = TURNED[orientation](x, y, 1.0, 1.0)
    return [*place, *(reversed(sides) if orientation >= FIRST_TURNED else sides)]


def _put(node: Node, names: list[Name], numbers: list[float]) -> None:
    for name, number in zip(names, numbers, strict=False):
        node.replace(name, f"{number:.6f}")


def _fraction(text: str) -> float:
    """:raises ValueError: it is no number."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
