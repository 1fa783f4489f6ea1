"""Keeps Python's lazy imports away from Qt's binding, which breaks them."""

from __future__ import annotations

import sys


def import_eagerly() -> None:
    """Turn lazy imports off: each import is carried out where it stands, as before Python 3.15.

    Once Shiboken 6.12 is loaded, what a module imports lazily stays a placeholder for all who ask
    the module for it: the next ``asyncio.to_thread`` fails, since its executor is such a name.
    """
    if sys.version_info >= (3, 15):
        sys.set_lazy_imports_filter(lambda *_: False)
