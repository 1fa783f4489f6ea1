"""Who is next, and the position that each is told, against a plain model."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from enhance_gui.service.store.fair_queue import FairQueue

USERS = ["", "Ana", "Ben", "Cai", "Dom"]
ADD, START, DISCARD, RESTART = range(4)

STEPS = st.lists(
    st.tuples(st.sampled_from([ADD, ADD, ADD, START, START, DISCARD, RESTART]), st.integers(0, 99)),
    max_size=60,
)


class Model:
    """The same order, found by looking at everything each time."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, int]] = []
        self.started: list[tuple[str, int]] = []

    def first(self) -> tuple[str, int]:
        """The oldest of whoever has not started for longest."""
        users = [user for user, _ in self.started]
        return min(
            self.waiting,
            key=lambda each: (
                len(users) - users[::-1].index(each[0]) if each[0] in users else 0,
                each[1],
            ),
        )

    def order(self) -> list[tuple[str, int]]:
        """What would start, one after another, were nothing to change."""
        copy = Model()
        copy.waiting, copy.started = list(self.waiting), list(self.started)
        while copy.waiting:
            copy.start(copy.first())
        return copy.started[len(self.started) :]

    def start(self, task: tuple[str, int]) -> None:
        self.waiting.remove(task)
        self.started.append(task)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_each_position_is_the_number_of_starts_until_the_task_starts(
    steps: list[tuple[int, int]],
) -> None:
    queue, model, seq = FairQueue([], {}), Model(), 0
    for step, number in steps:
        if step == ADD:
            seq += 1
            task = (USERS[number % len(USERS)], seq)
            queue.add(*task)
            model.waiting.append(task)
        elif step == RESTART and model.started:
            # What is worked on comes back, as after a kill; what is known is what was stored.
            starts = {user: at for at, (user, _) in enumerate(model.started, 1)}
            back = model.started[-1]
            if back not in model.waiting:
                model.waiting.append(back)
            queue = FairQueue(model.waiting, starts)
        elif model.waiting and step == START:
            task = model.first()
            assert queue.first() == task
            queue.start(*task, queue.next_start)
            model.start(task)
        elif model.waiting and step == DISCARD:
            task = model.waiting.pop(number % len(model.waiting))
            queue.discard(*task)
            assert queue.position(*task) == 0
        order = model.order()
        assert [queue.position(*task) for task in order] == list(range(1, len(order) + 1))
        assert len(queue) == len(order)
        assert [queue.count(user) for user in USERS] == [
            sum(each == user for each, _ in order) for user in USERS
        ]
    assert (queue.first() is None) == (not model.waiting)


def test_a_user_with_two_waits_for_two_starts_of_one_with_a_thousand() -> None:
    queue = FairQueue([("Ana", seq) for seq in range(1000)], {})
    for seq in range(3):
        queue.start("Ana", seq, queue.next_start)
    queue.add("Ben", 1000)
    queue.add("Ben", 1001)
    assert [queue.position("Ben", 1000), queue.position("Ben", 1001)] == [1, 3]
    assert [queue.position("Ana", seq) for seq in (3, 4, 999)] == [2, 4, 999]


def test_what_is_not_in_the_queue_changes_nothing() -> None:
    queue = FairQueue([("Ana", 1)], {})
    queue.discard("Ana", 2)
    queue.discard("Ben", 1)
    assert queue.position("Ana", 2) == queue.position("Ben", 1) == 0
    assert queue.first() == ("Ana", 1)
