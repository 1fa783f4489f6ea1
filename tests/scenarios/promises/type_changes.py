"""Part of the state machine: the enhance type of what waits is changed, as in the window."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.storage_errors import StorageError
from enhance_gui.core.tasks.states import NOT_SENT, TaskState
from enhance_gui.core.tasks.task import Task
from tests.scenarios.promises.callbacks import Callbacks
from tests.scenarios.promises.program import PRICES
from tests.scenarios.promises.provider import ANSWERS
from tests.scenarios.promises.work import nth


class TypeChanges(Callbacks):
    """Another type, at the price that the window shows: what is right, out of date, or unknown."""

    @rule(
        number=nth,
        kind=st.sampled_from((1, 2)),
        prices=st.sampled_from(("right", "right", *sorted(PRICES))),
        several=st.booleans(),
        answer=st.sampled_from((None, None, *ANSWERS)),
    )
    def the_type_is_changed(
        self, number: int, kind: int, prices: str, several: bool, answer: str | None
    ) -> None:
        """Another type is chosen for a picture, or for all that wait at its service; perhaps at
        the very moment at which that picture is sent.
        """
        if (task := self._in(number, *NOT_SENT)) is None:
            return
        waiting = self.program.tasks(*NOT_SENT) if several else [task]
        chosen = {each.id: each for each in waiting if each.service == task.service}
        is_leaving = answer is not None and task.checked is not None and self.program.sends(task)
        price = PRICES[prices].get(kind, 0)
        try:
            changed = self.store.changes.set_type(chosen, EnhanceType(kind, "Enhance", cost=price))
        except StorageError:
            assert self.disk_full
            return
        note(f"{[each.id for each in changed]} of {list(chosen)}: type {kind} at {price}")
        self._see_who_is_changed(chosen.values(), {each.id for each in changed}, kind)
        for each in changed:
            is_draft = each.state is TaskState.DRAFT
            self.judge.type_changed(each.id, kind, price, is_draft=is_draft)
        if answer is not None and is_leaving:
            self._send(task, answer)

    def _see_who_is_changed(
        self, chosen: Collection[Task], changed: Collection[int], kind: int
    ) -> None:
        for task in chosen:
            if task.id in changed:
                was_charged = any(each.private_id in self.judge.charged for each in task.attempts)
                assert not was_charged, "what was charged has another type"
            elif self.judge.is_complete:
                assert task.type_id == kind or task.attempts, "it was not sent, and keeps its type"
