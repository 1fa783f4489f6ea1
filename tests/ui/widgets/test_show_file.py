"""The desktop is handed addresses of files, never a bare name that it might take for another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, MessageType, message_bus, new_method_return
from jeepney.io.blocking import open_dbus_connection
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from enhance_gui.ui.widgets.show_file import open_folder
from tests.support.keyrings.secret_service import session_bus

pytestmark = [
    pytest.mark.usefixtures("qapp"),
    pytest.mark.skipif(os.name == "nt", reason="its file names cannot be so odd"),
]

ODD = ["-rf", "--help", "http:evil.example", "a\nb", "%2e%2e", "a#b?c", "x.desktop", "$(id)"]
FILE_MANAGER = "org.freedesktop.FileManager1"


_SHOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from enhance_gui.ui.widgets.show_file import show_in_folder

application = QCoreApplication([])
show_in_folder([Path(each) for each in sys.argv[1:]])
"""


class Opened(QObject):
    """Takes what the desktop would be asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[QUrl] = []

    @Slot(QUrl)
    def take(self, address: QUrl) -> None:
        self.addresses.append(address)


@pytest.fixture
def opened(qapp: object) -> Iterator[Opened]:
    taking = Opened()
    QDesktopServices.setUrlHandler("file", taking, "take")  # type: ignore[arg-type]
    yield taking
    QDesktopServices.unsetUrlHandler("file")


@pytest.mark.parametrize("name", ODD)
def test_a_folder_of_any_name_is_opened_by_its_address(
    name: str, opened: Opened, tmp_path: Path
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    open_folder(folder)
    open_folder(folder / "not there" / "yet")
    assert [address.toLocalFile() for address in opened.addresses] == [str(folder)] * 2
    assert all(address.scheme() == "file" and not address.host() for address in opened.addresses)


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")
def test_a_file_manager_is_told_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    received: list[Any] = []
    with session_bus(monkeypatch, tmp_path / "session") as address:
        connection = open_dbus_connection(address)
        connection.send_and_get_reply(message_bus.RequestName(FILE_MANAGER))

        def listen() -> None:
            while not received:
                message = connection.receive(timeout=60)
                if message.header.message_type is MessageType.method_call:
                    received.append((message.header.fields[HeaderFields.member], message.body))
                    connection.send(new_method_return(message))

        listening = threading.Thread(target=listen)
        listening.start()
        # In a process of its own: Qt connects to a session bus once.
        subprocess.run(
            [sys.executable, "-c", _SHOW, *(str(tmp_path / name) for name in ODD)],
            check=True,
            timeout=60,
        )
        listening.join(60)
        connection.close()
    [(member, (addresses, _startup))] = received
    assert member == "ShowItems"
    for name, each in zip(ODD, addresses, strict=True):
        assert each.startswith("file:///")
        assert each.isprintable()
        assert QUrl(each).toLocalFile() == str(tmp_path / name)
