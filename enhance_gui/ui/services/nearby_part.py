"""Lists the servers that announce themselves on the local network, to choose one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.widgets.basics import button, column, frame, holder, label, row

if TYPE_CHECKING:
    from enhance_gui.ui.bridges.service_bridge import NearbyServer

_NONE: Final = N_("No server has announced itself in your network yet.")
_FOUND: Final = N_(
    "These servers announce themselves in your network, as anybody there could: make sure that the "
    "address is the right one before you give it a token."
)


class NearbyPart(QWidget):
    """The servers found, as long as this is shown; what is chosen is not connected yet."""

    chosen = Signal(object)
    """The :class:`NearbyServer` that the user wants."""

    def __init__(self, bridge: ServiceBridge) -> None:
        super().__init__()
        self.setAccessibleName(tr("Servers in your network"))
        self._bridge = bridge
        self._ended: asyncio.Event | None = None
        self._rows: dict[NearbyServer, QWidget] = {}
        self.state = label("", "quiet", wraps=True)
        self._list = column(spacing=10, margins=(12, 10, 12, 10))
        self._frame = frame("list", tr("Servers in your network"), self._list)
        self.setLayout(column(self.state, self._frame, spacing=8))
        bridge.nearby_changed.connect(self._show)
        bridge.nearby_failed.connect(self.state.setText)
        self._show(())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._ended is None:
            self._ended = asyncio.Event()
            self._bridge.look_nearby(self._ended)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._ended is not None and not event.spontaneous():
            self._ended.set()
            self._ended = None
            self._show(())

    def _show(self, servers: tuple[NearbyServer, ...]) -> None:
        """List servers; those that are listed stay where they are, below the mouse."""
        for gone in self._rows.keys() - set(servers):
            # Deleted later: it may be the one that was just pressed.
            self._rows[gone].hide()
            self._rows.pop(gone).deleteLater()
        for server in servers:
            if server not in self._rows:
                self._rows[server] = self._row(server)
                self._list.addWidget(self._rows[server])
        self.state.setText(tr(_FOUND) if servers else tr(_NONE))
        self._frame.setVisible(bool(servers))

    def _row(self, server: NearbyServer) -> QWidget:
        texts = column(label(server.name), label(server.base_url, "quiet"), spacing=2)
        choose = button(
            tr("Choose"),
            tip=tr("Fill in its name and address; nothing is sent to it yet"),
            name=titled(tr("Choose"), f"{server.name} · {server.base_url}"),
        )
        choose.clicked.connect(lambda: self.chosen.emit(server))
        return holder(row(texts, choose, grows=texts, spacing=16))
