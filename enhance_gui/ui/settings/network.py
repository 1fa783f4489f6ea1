"""The page of the network: proxy, certificates, time limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import (
    LONGEST_S,
    SHORTEST_S,
    NetworkSettings,
    ProxyMode,
    proxy_problem,
)
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.page import Page, check, choice, note, number, show_message
from enhance_gui.ui.widgets.basics import (
    ElidedLabel,
    button,
    column,
    holder,
    label,
    line_edit,
    row,
    short_path,
)
from enhance_gui.ui.widgets.show_file import ask_for_path

_MODES: Final = {
    ProxyMode.SYSTEM: N_("Same as system"),
    ProxyMode.NONE: N_("None: connect directly"),
    ProxyMode.OWN: N_("A proxy of my own"),
}

_SCOPE: Final = N_(
    "Changes apply immediately; requests already under way are not affected. “This "
    "computer” fetches pictures from the web through the same proxy, with the same "
    "certificates; for your own files it needs no network."
)
_OWN_HINT: Final = "http://proxy.example.org:8080"


class NetworkPage(Page):
    """Sets the network for services and picture hosts: proxy, certificates, timeouts."""

    def __init__(self, choices: Choices, account: AccountBridge) -> None:
        super().__init__(tr("Network"), choices)
        self._account = account
        self._add_login()
        self._add_proxy()
        self._add_certificates()
        self._add_limits()
        self.add_intro(tr(_SCOPE))
        account.ca_file_checked.connect(self._ca_file_checked)
        account.login_reported.connect(self._show_login_text)
        self._show_proxy()
        self._show_ca_file()
        if self.network.ca_file is not None:
            account.check_ca_file(self.network.ca_file)
        if self._login_is_wanted:
            account.look_for_login(self.network)

    @property
    def network(self) -> NetworkSettings:
        """The present choices of this page."""
        return self.now.network

    def _choose(self, **fields: Any) -> None:
        self.change(network=replace(self.network, **fields))

    # -- proxy ------------------------------------------------------------------------------------

    def _add_proxy(self) -> None:
        modes = {mode: tr(name) for mode, name in _MODES.items()}
        self.proxy = choice(tr("Proxy"), modes, self.network.proxy)
        self.proxy.activated.connect(self._choose_mode)
        self.address = line_edit(tr("Address of the proxy"), _OWN_HINT, literal=True)
        self.address.setText(self.network.proxy_url)
        self.address.textChanged.connect(self._show_proxy)
        self.address.editingFinished.connect(self._choose_address)
        self.problem = note()
        parts = (self.proxy, self.address, self.problem, self._login)
        self.add_row(tr("Proxy"), column(*parts, spacing=8))

    def _choose_mode(self, number: int) -> None:
        self._choose(proxy=list(_MODES)[number])
        self._show_proxy()

    def _choose_address(self) -> None:
        typed = self.address.text().strip()
        # What is not usable is not kept: it may hold a password.
        url = "" if proxy_problem(typed) else typed
        if url != self.network.proxy_url:
            self._choose(proxy_url=url)
            if self._login_is_wanted:
                self._account.look_for_login(self.network)

    def _show_proxy(self) -> None:
        own = self.network.proxy is ProxyMode.OWN
        problem = proxy_problem(self.address.text().strip())
        self.address.setVisible(own)
        self._login.setVisible(own)
        self._show_login()
        if not own:
            show_message(self.problem, "")
        elif not self.address.text().strip():
            show_message(
                self.problem, tr("Type its address; nothing can be sent before."), problem=True
            )
        elif problem:
            text = tr("Nothing can be sent before this is right: {problem}.")
            show_message(self.problem, text.format(problem=tr(problem)), problem=True)
        else:
            show_message(
                self.problem, tr("Connections to this computer itself never go through it.")
            )

    # -- the proxy's login ------------------------------------------------------------------------

    def _add_login(self) -> None:
        self.wants_login = check(tr("The proxy wants a login"), on=self.network.proxy_wants_login)
        self.wants_login.toggled.connect(self._choose_login)
        self.user = line_edit(tr("User name at the proxy"), tr("User name"))
        self.password = line_edit(tr("Password at the proxy"), tr("Password"), hidden=True)
        self.keep = button(
            tr("Keep login"), tip=tr("Keep it in the password manager, never in a file")
        )
        self.forget = button(tr("Forget"), "plain", name=tr("Forget the proxy's login"))
        for field in (self.user, self.password):
            field.textChanged.connect(self._show_login)
            field.returnPressed.connect(self._keep_login)
        self.keep.clicked.connect(self._keep_login)
        self.forget.clicked.connect(lambda: self._account.forget_login(self.network))
        self.login_state = note()
        self.login_state.hide()
        names, buttons = row(self.user, self.password), row(self.keep, self.forget, None)
        self._login_fields = holder(column(names, buttons, self.login_state, spacing=6))
        self._login = holder(column(self.wants_login, self._login_fields))

    @property
    def _login_is_wanted(self) -> bool:
        usable = not proxy_problem(self.network.proxy_url)
        return self.network.proxy is ProxyMode.OWN and self.network.proxy_wants_login and usable

    def _choose_login(self, wanted: bool) -> None:
        self._choose(proxy_wants_login=wanted)
        self._show_login()
        if self._login_is_wanted:
            self._account.look_for_login(self.network)

    def _show_login(self) -> None:
        self._login_fields.setVisible(self.wants_login.isChecked())
        usable = not proxy_problem(self.address.text().strip())
        self.keep.setEnabled(usable and bool(self.user.text()))
        self.forget.setEnabled(usable)

    def _keep_login(self) -> None:
        user = self.user.text()
        if not self.keep.isEnabled():
            return
        if ":" in user:
            show_message(self.login_state, tr("A user name has no colon in it."), problem=True)
            return
        self._choose_address()
        login = Secret(f"{user}:{self.password.text()}")
        self.password.clear()
        self.user.clear()
        self._account.keep_login(self.network, login)

    def _show_login_text(self, text: str) -> None:
        show_message(self.login_state, text)

    # -- certificates -----------------------------------------------------------------------------

    def _add_certificates(self) -> None:
        self.ca_file = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.ca_file.setAccessibleName(tr("File of further certificates"))
        choose = button(tr("Choose…"), name=tr("Choose a file of certificates"))
        choose.clicked.connect(self._choose_ca_file)
        self.no_ca_file = button(tr("None"), "plain", name=tr("Use no file of certificates"))
        self.no_ca_file.clicked.connect(self._remove_ca_file)
        line = row(self.ca_file, choose, self.no_ca_file, spacing=10, grows=self.ca_file)
        self.ca_state = note()
        self.add_row(tr("Additional certificates"), column(line, self.ca_state, spacing=6))

    def _choose_ca_file(self) -> None:
        dialog = QFileDialog(self, tr("File of certificates"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Certificates (*.pem *.crt *.cer)"), tr("All files (*)")])
        ask_for_path(dialog, self._account.check_ca_file)

    def _ca_file_checked(self, path: str, problem: str) -> None:
        """Take a file that is usable; one that is not is reported, and changes nothing."""
        if not problem:
            self._choose(ca_file=Path(path))
            self._show_ca_file()
            return
        in_use = self.network.ca_file is not None and str(self.network.ca_file) == path
        text = (
            tr("“{name}” cannot be used: {problem}. Choose another file, or none.")
            if in_use
            else tr("“{name}” is not used: {problem}.")
        )
        show_message(
            self.ca_state, text.format(name=Path(path).name, problem=problem), problem=True
        )

    def _remove_ca_file(self) -> None:
        self._choose(ca_file=None)
        self._show_ca_file()

    def _show_ca_file(self) -> None:
        chosen = self.network.ca_file
        self.ca_file.show_text(tr("None") if chosen is None else short_path(chosen))
        self.no_ca_file.setVisible(chosen is not None)
        show_message(self.ca_state, tr("The system's certificates are trusted in any case."))

    # -- time limits ------------------------------------------------------------------------------

    def _add_limits(self) -> None:
        self.connect_s = self._add_limit(
            tr("Time to connect"),
            tr("Seconds to connect"),
            self.network.connect_s,
            tr("For finding a service or a picture's server, and for encryption."),
        )
        self.answer_s = self._add_limit(
            tr("Time to answer"),
            tr("Seconds for an answer"),
            self.network.answer_s,
            tr(
                "How long a service may take to answer; for a new task always more than twice as "
                "long."
            ),
        )

    def _add_limit(self, text: str, name: str, limit_s: float, message: str) -> QDoubleSpinBox:
        box = number(name, SHORTEST_S, LONGEST_S, decimals=0)
        box.setValue(limit_s)
        box.editingFinished.connect(self._choose_limits)
        line = row(box, label(tr("seconds"), "quiet"), None, spacing=10)
        self.add_row(text, column(line, note(message), spacing=4))
        return box

    def _choose_limits(self) -> None:
        self._choose(connect_s=self.connect_s.value(), answer_s=self.answer_s.value())
