"""The window of the services: their list and statuses, and everything about the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFileDialog, QWidget

from enhance_gui.core.errors import EnhanceError, ProfileInvalid
from enhance_gui.core.images.file_names import safe_stem
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.entry import ServiceEntry, free_name
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.explanations import with_next_step
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.service_picker import service_text
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.bridges.task_bridge import Bridge, SubmitOptions
from enhance_gui.ui.gallery.texts import service_name
from enhance_gui.ui.services.editor import ServiceEditor
from enhance_gui.ui.services.leaving import NOT_YET, Leaving
from enhance_gui.ui.services.pages import LocalPage, NewPage
from enhance_gui.ui.services.panel import ServicesPanel
from enhance_gui.ui.services.service_list import is_same
from enhance_gui.ui.settings.page import check
from enhance_gui.ui.widgets.cards import Choice, Question
from enhance_gui.ui.widgets.fitting import come_to_front, resize_to_fit, text_px
from enhance_gui.ui.widgets.show_file import ask_for_path

USUAL_SIZE: Final = QSize(1040, 780)
MIN_WIDTH_PX: Final = 880
"""The table of enhance types needs so much, or it would have to be scrolled sideways."""

_PROFILES: Final = N_("Service profiles (*.toml)")
_SAVED: Final = N_("Saved.")
_NOT_CONNECTED: Final = N_("What you typed about a new service is not saved.")


class ServicesWindow(ServicesPanel):
    """Lists, edits, tests and connects services; not modal."""

    def __init__(
        self, parent: QWidget, choices: Choices, bridge: Bridge, services: ServiceBridge
    ) -> None:
        self.editor = ServiceEditor(services)
        self.new_page = NewPage(services)
        self.local_page = LocalPage()
        super().__init__(parent, self.editor, self.new_page, self.local_page)
        self.setWindowTitle(tr("Services"))
        room = self.screen().availableGeometry().width()
        self.setMinimumWidth(min(text_px(MIN_WIDTH_PX), max(room, MIN_WIDTH_PX)))
        resize_to_fit(self, USUAL_SIZE)
        self._choices = choices
        self._bridge = bridge
        self._services = services
        self._first = True
        self._waits_for: ServiceEntry | None = None
        self._leaving = Leaving(self.question, self._save, self._discard)
        self._connect()
        services.look()

    # -- connections ------------------------------------------------------------------------------

    def _connect(self) -> None:
        services, editor, page = self._services, self.editor, self.new_page
        self.list.chosen.connect(lambda entry: self._leave(lambda: self._show(entry)))
        self.new.clicked.connect(lambda: self._leave(self.show_new))
        self.duplicate.clicked.connect(lambda: self._leave(self._duplicate))
        self.export.clicked.connect(self._export)
        self.delete.clicked.connect(self._ask_delete)
        self.discard.clicked.connect(self._discard)
        self.save.clicked.connect(self._save)
        self.close_button.clicked.connect(self.reject)
        editor.changed.connect(self._show_state)
        editor.task.wanted.connect(self._send_test_task)
        page.template.clicked.connect(
            lambda: self._leave(lambda: self._edit_new(services.template()))
        )
        page.empty.clicked.connect(lambda: self._leave(lambda: self._edit_new(services.empty())))
        page.file.clicked.connect(lambda: _ask_which(self, services.open_file))
        page.form.connected.connect(self._connected)
        page.form.refused.connect(self._leaving.stay)
        page.form.all_wanted.connect(self._edit_typed)
        services.entries_changed.connect(self._on_entries)
        services.saved.connect(self._on_saved)
        services.settled.connect(self._on_settled)
        services.refused.connect(self._on_refused)
        services.deleted.connect(self._on_deleted)
        services.opened.connect(lambda entry: self._leave(lambda: self._edit_new(entry)))
        services.message.connect(self.show_message)
        self._bridge.service_status_changed.connect(self._on_service_status)

    # -- which page -------------------------------------------------------------------------------

    def show_new(self) -> None:
        """Show the ways to connect a further service."""
        self.list.go_to(None)
        self.title.show_text(tr("Connect a service"))
        self._turn_to(self.new_page)
        self.new_page.form.address.setFocus()

    def _show(self, entry: ServiceEntry) -> None:
        """Show what there is about a service."""
        self.list.go_to(entry)
        if entry.is_local_service and entry.profile is not None:
            self.title.show_text(service_name(entry.name))
            text = service_text(entry.name, self._bridge.lines.get(entry.name))
            self.local_page.show_service(entry.profile, text)
            self._turn_to(self.local_page)
        else:
            self._edit(entry)

    def _edit(self, entry: ServiceEntry) -> None:
        others = [
            each.name for each in self.list.entries if entry.is_new or not is_same(each, entry)
        ]
        self.title.show_text(entry.name if not entry.is_new else tr("New service"))
        self.editor.load(entry, others)
        self._show_callback_problem()
        self._turn_to(self.editor)

    def _edit_new(self, entry: ServiceEntry) -> None:
        """Edit a service that has no file yet; where its name is taken, with another one."""
        self.list.go_to(None)
        self._edit(entry)
        taken = {each.name for each in self.list.entries}
        name = entry.data.get("name")
        if isinstance(name, str) and (free := free_name(name, taken)) != name:
            _offer_name(self.question, self.editor, name, free)

    def _turn_to(self, page: QWidget) -> None:
        self.question.dismiss()
        self.show_message("")
        self.pages.setCurrentWidget(page)
        self._show_state()

    def _show_state(self) -> None:
        """Show what can be done with what is on the page."""
        editing = self.pages.currentWidget() is self.editor
        editor, entry = self.editor, self.editor.entry
        stored = editing and not entry.is_new
        changed = editing and editor.is_changed
        for part in (self.duplicate, self.export, self.delete):
            part.setVisible(stored)
        self.duplicate.setEnabled(entry.profile is not None)
        self.export.setEnabled(entry.profile is not None and not changed)
        self.save.setVisible(editing)
        self.save.setEnabled(editing and editor.can_save and self._waits_for is None)
        self.discard.setVisible(editing and (changed or entry.is_new))
        unsaved = tr(NOT_YET) if editor.draft.profile is None else tr("Not saved yet.")
        self.unsaved.setText(unsaved if changed else "")

    # -- leaving what is not saved ----------------------------------------------------------------

    def may_end(self, end: Callable[[], object]) -> bool:
        """Return whether nothing would be lost if the program ended now.

        Else it is asked about here, in front of the user; ``end`` is called where the answer is
        to go on.
        """
        if not self._has_unsaved:
            return True
        come_to_front(self)
        self._leave(end, with_token=True)
        return False

    @property
    def _has_unsaved(self) -> bool:
        if self._connects:
            return self.new_page.form.is_changed
        return self.pages.currentWidget() is self.editor and self.editor.is_changed

    @property
    def _connects(self) -> bool:
        return self.pages.currentWidget() is self.new_page

    def _leave(self, then: Callable[[], object], *, with_token: bool = False) -> None:
        """Go on; where something would be lost, ask before.

        :param with_token: after saving, go on only when a token is kept too.
        """
        if not self._has_unsaved:
            then()
            return
        editor, form = self.editor, self.new_page.form
        self.list.go_to(None if self._connects or editor.entry.is_new else editor.entry)
        if form.is_connecting if self._connects else self._waits_for is not None:
            # It is being saved already.
            self._leaving.wait(then, with_token=with_token)
        elif self._connects:
            text, save, can_save = tr(_NOT_CONNECTED), tr("Connect"), form.can_connect
            self._leaving.ask(text, save, then, can_save=can_save, with_token=with_token)
        else:
            text = tr("The changes to “{name}” are not saved.")
            text = text.format(name=self.title.text())
            can_save = editor.can_save
            self._leaving.ask(text, tr("Save"), then, can_save=can_save, with_token=with_token)

    def _discard(self) -> None:
        if self._connects:
            self.new_page.form.clear()
        elif self.editor.entry.is_new:
            self.editor.load(self._services.empty(), [])
            self.show_new()
        else:
            self._edit(self.editor.entry)

    def reject(self) -> None:
        """Close, also for Escape and the window's own button; not with unsaved changes."""
        self._leave(super().reject)

    # -- commands ---------------------------------------------------------------------------------

    def _save(self) -> None:
        if self._connects:
            self.new_page.form.connect_service()
            return
        if not self.editor.can_save or self._waits_for is not None:
            return
        self.show_message("")
        self._waits_for = self.editor.entry
        self._show_state()
        self._services.save(self.editor.entry, self.editor.draft.data, self.editor.token.take())

    def _duplicate(self) -> None:
        entry = self.editor.entry
        if entry.profile is not None:
            name = free_name(entry.name, {each.name for each in self.list.entries})
            self._edit_new(ServiceEntry(text=entry.text, data={**entry.data, "name": name}))

    def _export(self) -> None:
        profile = self.editor.entry.profile
        if profile is not None:
            _ask_where_to(self, profile, lambda path: self._services.export(profile, path))

    def _ask_delete(self) -> None:
        entry = self.editor.entry
        has_token = entry.profile is not None and entry.profile.needs_token
        forget = check(tr("Forget its token too"), on=False)
        self.question.ask(
            tr("Delete “{name}” from the list?").format(name=entry.name),
            (
                Choice(
                    tr("Delete"),
                    does=lambda: self._services.delete(entry, forget_token=forget.isChecked()),
                ),
                Choice(tr("Keep it"), kind="primary"),
            ),
            detail=tr("Pictures that were enhanced with it stay. Its profile file is removed."),
            extra=forget if has_token else None,
        )

    def _send_test_task(self, address: str, kind: EnhanceType) -> None:
        profile = self.editor.entry.profile
        if profile is not None:
            saving = Saving(self._choices.save_folder)
            options = SubmitOptions(profile, kind, saving, at_once=True)
            self._bridge.add(Dropped((address,)), options)

    # -- events -----------------------------------------------------------------------------------

    def _on_entries(self, entries: list[ServiceEntry]) -> None:
        self.list.show_entries(entries, self._bridge.lines)
        if not self._first:
            return
        self._first = False
        own = [entry for entry in entries if not entry.is_local_service]
        if not own:
            self.show_new()
            return
        chosen = self._choices.profile.name
        self._show(next((each for each in own if each.name == chosen), own[0]))

    def _on_saved(self, before: ServiceEntry, after: ServiceEntry) -> None:
        if before is self._waits_for:
            self._waits_for = None
            self._show(after)
            self.show_message(tr(_SAVED))
            self._leaving.on_saved()

    def _on_settled(self, before: ServiceEntry, complete: bool) -> None:
        if self._waits_for is None:
            self._leaving.on_settled(complete)

    def _on_refused(self, entry: ServiceEntry, error: EnhanceError) -> None:
        if entry is not self.editor.entry:
            return
        self._waits_for = None
        self._leaving.stay()
        self._show_state()
        self.show_message(refusal_text(error), bad=True)
        if isinstance(error, ProfileInvalid):
            self.editor.show_refusal(error)

    def _on_deleted(self, entry: ServiceEntry) -> None:
        if entry is self.editor.entry and self.pages.currentWidget() is self.editor:
            self._first = True  # the list that arrives next decides what is shown
            self.editor.load(self._services.empty(), [])

    def _show_callback_problem(self) -> None:
        failure = self._bridge.callback_problems.get(self.editor.entry.name)
        text = with_next_step(failure) if failure is not None else ""
        self.editor.show_callback_problem(text)

    def _on_service_status(self) -> None:
        self.list.show_states(self._bridge.lines)
        self._show_callback_problem()
        entry = self.list.current
        if entry is not None and entry.is_local_service and entry.profile is not None:
            text = service_text(entry.name, self._bridge.lines.get(entry.name))
            self.local_page.show_service(entry.profile, text)

    def _connected(self, entry: ServiceEntry) -> None:
        self._choices.use_service(entry.name)
        text = tr("“{name}” is connected; new pictures go to it.")
        self._services.message.emit(text.format(name=entry.name))
        self._show(entry)
        if self._leaving.waits:
            self._leaving.on_saved()
        else:
            self.accept()

    def _edit_typed(self, data: dict[str, Any]) -> None:
        form = self.new_page.form
        token = form.token.text()
        form.clear()  # all of it is in the editor now
        self._edit_new(ServiceEntry(data=data))
        self.editor.token.line.setText(token)


def _offer_name(question: Question, editor: ServiceEditor, taken: str, free: str) -> None:
    """Ask for another name for a new service whose name is taken."""
    field = editor.fields["name"]
    question.ask(
        tr("There is a service “{name}” already.").format(name=taken),
        (
            Choice(
                tr("Call this one “{name}”").format(name=free),
                does=lambda: field.box.setProperty("text", free),
                kind="primary",
            ),
            Choice(tr("Choose a name myself"), does=lambda: editor.show_key("name")),
        ),
    )


def refusal_text(error: EnhanceError) -> str:
    """Return why a service was not saved or deleted."""
    if isinstance(error, ProfileInvalid):
        text = tr("Nothing was changed: “{name}” {reason}.")
        if error.key:
            return tr("Nothing was changed; see below.")
        return text.format(name=error.source, reason=shown(error.reason))
    return with_next_step(error)


def _ask_where_to(parent: QWidget, profile: ServiceProfile, then: Callable[[Path], object]) -> None:
    """Ask where a service is to be exported to."""
    name = f"{safe_stem(f'{profile.name}.toml', 'service')}.toml"
    dialog = QFileDialog(parent, tr("Export “{name}”").format(name=profile.name), name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("toml")
    # No file is ever replaced: where the name is taken, the new one gets a number.
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.setNameFilter(tr(_PROFILES))
    ask_for_path(dialog, then)


def _ask_which(parent: QWidget, then: Callable[[Path], object]) -> None:
    """Ask for a profile file."""
    dialog = QFileDialog(parent, tr("Open a profile file"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(tr(_PROFILES))
    ask_for_path(dialog, then)
