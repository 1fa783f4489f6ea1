"""Part of the state machine: what the services tell of attempts by themselves, true or not."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from enhance_gui.core.tasks.states import Outcome, TaskState
from tests.scenarios.promises.program import ADDRESSES
from tests.scenarios.promises.provider import task_name
from tests.scenarios.promises.work import SERVICES, Work, nth

_FOLLOWED: Final = frozenset(
    {TaskState.ACCEPTED, TaskState.FINISHED, TaskState.FETCHING, TaskState.CANCELLING}
)


class Callbacks(Work):
    """Proofs and lies about attempts, at any moment."""

    @rule(
        number=nth,
        service=st.sampled_from(SERVICES),
        what=st.sampled_from(("truth", "truth", "lie", "question")),
    )
    def a_callback_comes(self, number: int, service: str, what: str) -> None:
        """Somebody tells of an attempt at any moment; or what was told is asked about."""
        if self.disk_full:
            return
        charged, sent = self._charged(), list(self.judge.sent)
        if what == "question":
            self._hints_are_asked_about(service)
        elif what == "truth" and charged:
            self._proven(charged[number % len(charged)])
        elif what == "lie" and sent:
            self.store.hints.note(service, "task-of-nobody", sent[number % len(sent)])
            assert self.store.hints.confirm_accepted("nobody's", "task-of-nobody") is None

    def _charged(self) -> list[str]:
        """Return the private ids that were charged; where some are in doubt, those alone."""
        doubts = {
            attempt.private_id
            for task in self.program.tasks()
            for attempt in task.attempts
            if attempt.outcome is Outcome.IN_DOUBT
        }
        charged = list(self.judge.charged)
        return [each for each in charged if each in doubts] or charged

    def _proven(self, private_id: str) -> None:
        before = self.store.hints.task_of(private_id)
        task = self.store.hints.confirm_accepted(private_id, task_name(private_id))
        if before is None:
            assert task is None
            return
        number = next(
            attempt.number for attempt in before.attempts if attempt.private_id == private_id
        )
        if task is None:
            return
        is_followed = task.state in _FOLLOWED and task.private_id == private_id
        later = [attempt for attempt in task.attempts if attempt.number > number]
        if any(each.outcome is Outcome.ACCEPTED for each in later):
            assert task.accepted_twice, "paid twice, and nobody is told"
        elif before.state is TaskState.SAVED and not self.judge.is_complete:
            pass  # a damaged list has lost which attempt it was whose result is saved
        else:
            assert is_followed or task.accepted_twice, "paid, and neither followed nor told"
            assert is_followed or before.state not in (TaskState.FAILED, TaskState.CANCELLED)
            self.judge.taken_back(task.id)

    def _hints_are_asked_about(self, service: str) -> None:
        """What callbacks, or a damaged list, tell of attempts is held against the service."""
        provider = self.program.providers[ADDRESSES[service]]
        if provider.forgets:
            return
        for hint in self.store.hints.of(service):
            found = provider.tasks.get(hint.service_task_id)
            if found is not None and found.private_id == hint.private_id:
                self._proven(hint.private_id)
            else:
                self.store.hints.forget(hint.private_id, hint.service_task_id)
