"""The menus of enhance types: for pictures that wait, and for those that are enhanced again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.gallery.texts import credits_text, service_name, shown_type


def fill_type_menu(
    menu: QMenu,
    profiles: Iterable[ServiceProfile],
    tasks: Sequence[Task],
    choose: Callable[[Sequence[int], EnhanceType], None],
) -> None:
    """Fill a menu with the enhance types that tasks which wait can have, each with its price.

    Those of several services are in menus of their own. The type that all of them have is checked.

    :param choose: called with the ids of the tasks and the type that is picked for them.
    """
    names = {task.service for task in tasks}
    for profile in profiles:
        if profile.name not in names or not profile.enhance_types:
            continue
        own = [task for task in tasks if task.service == profile.name]
        ids, present = [task.id for task in own], {task.type_id for task in own}
        holder = menu if len(names) == 1 else menu.addMenu(service_name(profile.name))
        for kind in profile.enhance_types:
            entry = holder.addAction(_entry_text(kind, profile.name))
            entry.setCheckable(True)
            entry.setChecked(present == {kind.id})
            entry.triggered.connect(lambda _checked=False, ids=ids, kind=kind: choose(ids, kind))
    if menu.isEmpty():
        menu.addAction(tr("The service lists no enhance types")).setEnabled(False)


def again_menu(parent: QWidget, choices: Choices, service: str) -> QMenu:
    """Return a menu of the enhance types; an entry's data are the service's profile and the type.

    :param service: whose types come first; those of the others are in menus of their own.
    """
    menu = QMenu(tr("Enhance again with"), parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for profile in sorted(choices.profiles, key=lambda each: each.name != service):
        types = profile.enhance_types
        if not types:
            continue
        is_first = profile.name == service
        holder = menu if is_first else menu.addMenu(service_name(profile.name))
        for kind in types:
            holder.addAction(_entry_text(kind, profile.name)).setData((profile, kind))
    return menu


def _entry_text(kind: EnhanceType, service: str) -> str:
    """Return the name of a type with its price, as an entry of a menu has it."""
    text = shown_type(kind.name, service)
    text = f"{text} · {credits_text(kind.cost)}" if kind.cost else text
    return text.replace("&", "&&")
