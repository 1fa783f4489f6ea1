"""Qt's event loop as that of asyncio."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

# After PySide6: it would look for other bindings first.
from qasync import QEventLoop


class WindowLoop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """Ends asynchronous generators that were left half-way, as asyncio's own loops do.

    qasync leaves them to the garbage collector, which cannot await what they still have to do:
    httpx's, when a body is not read to its end.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)

    def run_forever(self) -> object:
        before = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(
            firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook
        )
        try:
            return super().run_forever()
        finally:
            sys.set_asyncgen_hooks(*before)
