"""An order for builds that are never carried out."""

from __future__ import annotations

from pathlib import Path

from building import checkout
from building.order import Order

ROOT = Path(__file__).resolve().parents[2]
VERSION = checkout.version(ROOT)


def order(folder: Path) -> Order:
    """Return an order whose results and work would lie in ``folder``."""
    return Order(
        root=ROOT,
        output=folder / "dist",
        work=folder / "work",
        version=VERSION,
        commit="a" * 40,
        time_s=1_800_000_000,
    )
