"""The experiments: each sets a scene, runs it and returns what to judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from tests.jobs.polling.optimum import bayes_optimum
from tests.jobs.polling.provider import Job, Provider, Record, Weather, fair, outages, refusal_once
from tests.jobs.polling.shapes import Shape, one_hump
from tests.jobs.polling.world import Diary, World, max_over_budget, percentile

MakePoller = Callable[[PollerSettings, DurationModel, Random], Poller]

BATCH_SHAPE = one_hump("batch, median 6 s", 6, 0.5)
LATENCY_S = 0.2


class HeldModel(DurationModel):
    """A model that stops learning on demand, so that one state of it can be judged."""

    held = False

    def add(self, sample: DurationSample) -> None:
        if not self.held:
            super().add(sample)


@dataclass(frozen=True, slots=True)
class SingleRow:
    """One shape, one price, one amount of experience; one task at a time."""

    polls: float
    mean_late_s: float
    p95_late_s: float
    cost_s: float
    ratio: float
    """Cost against that of the Bayes optimum."""


def single_row(shape: Shape, price_s: float, polls: list[int], late_s: list[float]) -> SingleRow:
    """Sum up."""
    size = len(late_s)
    mean_polls, mean_late_s = sum(polls) / size, sum(late_s) / size
    cost_s = price_s * mean_polls + mean_late_s
    p95_late_s = percentile(sorted(late_s), 0.95)
    return SingleRow(
        mean_polls, mean_late_s, p95_late_s, cost_s, cost_s / bayes_optimum(shape, price_s)
    )


def fixed_gap(shape: Shape, price_s: float, gap_s: float, size: int = 4000) -> SingleRow:
    """Look each ``gap_s``."""
    durations_s = shape.even_sample_s(size)
    polls = [int(duration_s / gap_s) + 1 for duration_s in durations_s]
    late_s = [
        count * gap_s - duration_s for count, duration_s in zip(polls, durations_s, strict=True)
    ]
    return single_row(shape, price_s, polls, late_s)


def learned_gap(
    shape: Shape,
    price_s: float,
    learned: int,
    *,
    pollers: int,
    tasks: int,
    make: MakePoller = Poller,
) -> SingleRow:
    """Let ``pollers`` pollers learn from ``learned`` tasks each, then judge each on ``tasks``.

    What they learn, they learn by their own looks; while judged they learn nothing more.
    """
    sample_s = shape.even_sample_s(pollers * tasks)
    Random(1).shuffle(sample_s)
    polls: list[int] = []
    late_s: list[float] = []
    for number in range(pollers):
        random = Random(1000 + number)
        model = HeldModel()
        settings = PollerSettings(request_value_s=price_s, max_in_flight=1)
        lessons_s = [shape.draw_s(random) for _ in range(learned)]
        if lessons_s:
            World(make(settings, model, random), Provider(1), lessons_s).run()
        model.held = True
        mine_s = sample_s[number * tasks : (number + 1) * tasks]
        diary = World(make(settings, model, random), Provider(1), mine_s).run()
        polls += [outcome.polls for outcome in diary.outcomes.values()]
        late_s += diary.lateness_s
    return single_row(shape, price_s, polls, late_s)


def after_a_change(before: Shape, after: Shape, price_s: float) -> list[SingleRow]:
    """Learn 200 tasks of one shape; judge the next 20, 80 and 100 of another, learning on."""
    random = Random(7)
    model = DurationModel()
    settings = PollerSettings(request_value_s=price_s, max_in_flight=1)

    def run(shape: Shape, size: int) -> SingleRow:
        tasks_s = [shape.draw_s(random) for _ in range(size)]
        diary = World(Poller(settings, model, random), Provider(1), tasks_s).run()
        polls = [outcome.polls for outcome in diary.outcomes.values()]
        return single_row(shape, price_s, polls, diary.lateness_s)

    run(before, 200)
    return [run(after, size) for size in (20, 80, 100)]


@dataclass(frozen=True, slots=True)
class Scene:
    """A batch on a service, with the figures that gates speak of."""

    tasks: int
    workers: int = 4
    requests_per_s: float = 2.0
    shape: Shape = BATCH_SHAPE
    weather: Weather = fair
    seed: int = 1
    latency_s: float = LATENCY_S
    prior_median_s: float = 15.0
    reports_progress: bool = False
    make: MakePoller = Poller

    def world(
        self,
        *,
        seen_as: Callable[[Job, Record, float], Record | None] | None = None,
        callback: Callable[[int, Job], float | None] | None = None,
    ) -> World:
        """Return the scene before the curtain rises."""
        random = Random(self.seed)
        durations_s = [self.shape.draw_s(random) for _ in range(self.tasks)]
        settings = PollerSettings(requests_per_s=self.requests_per_s)
        model = DurationModel(prior_median_s=self.prior_median_s)
        return World(
            self.make(settings, model, random),
            Provider(self.workers, reports_progress=self.reports_progress),
            durations_s,
            latency_s=self.latency_s,
            weather=self.weather,
            seen_as=seen_as,
            callback=callback,
        )


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What a batch came to."""

    tasks: int
    polls: float
    mean_late_s: float
    p95_late_s: float
    longest_late_s: float
    span_s: float
    """From the first request to the last finish noticed."""
    slower: float
    """How much longer that is than the work itself needs, as a share."""
    idle_s: float
    """The same in seconds."""
    over_budget: float
    """Requests beyond the steady rate in the worst stretch of time; the burst is what may be."""
    refused: int
    max_in_flight: int
    during: int = 0
    """During trouble: requests sent."""
    first_after_s: float = 0.0
    """After trouble: seconds until the first request."""
    all_after_s: float = 0.0
    """After trouble: seconds until all that finished during it was noticed."""
    over_after: float = 0.0
    """After trouble: requests beyond the steady rate in the 4 s after it."""


def batch_row(scene: Scene, diary: Diary, trouble_s: tuple[float, float] | None = None) -> BatchRow:
    """Sum up; ``trouble_s`` is when trouble began and ended."""
    outcomes = diary.outcomes.values()
    late_s = diary.lateness_s
    start_s = diary.sent_s[0]
    span_s = max(outcome.noticed_s for outcome in outcomes) - start_s
    work_s = sum(outcome.job.ends_s - outcome.job.begins_s for outcome in outcomes) / scene.workers
    from_s, to_s = trouble_s or (0.0, 0.0)
    after_s = [moment_s for moment_s in diary.sent_s if moment_s >= to_s]
    caught_s = [
        outcome.noticed_s
        for outcome in outcomes
        if outcome.job.created_s < from_s
        and from_s <= outcome.job.ends_s < to_s <= outcome.noticed_s
    ]
    soon_s = [moment_s for moment_s in after_s if moment_s < to_s + 4]
    return BatchRow(
        tasks=len(late_s),
        polls=diary.polls_a_task,
        mean_late_s=sum(late_s) / len(late_s),
        p95_late_s=percentile(late_s, 0.95),
        longest_late_s=late_s[-1],
        span_s=span_s,
        slower=span_s / work_s - 1,
        idle_s=span_s - work_s,
        over_budget=max_over_budget(diary.sent_s, scene.requests_per_s),
        refused=diary.refused,
        max_in_flight=diary.max_in_flight,
        during=sum(from_s <= moment_s < to_s for moment_s in diary.sent_s),
        first_after_s=after_s[0] - to_s if trouble_s else 0.0,
        all_after_s=max(caught_s, default=to_s) - to_s if trouble_s else 0.0,
        over_after=max_over_budget(soon_s, scene.requests_per_s) if trouble_s else 0.0,
    )


def batch(scene: Scene) -> BatchRow:
    """Run a batch."""
    return batch_row(scene, scene.world().run())


def outage(seed: int, make: MakePoller = Poller) -> BatchRow:
    """Five minutes without any answer, from a random moment on."""
    from_s = 1000 + Random(seed).uniform(60, 200)
    span_s = (from_s, from_s + 300)
    scene = Scene(300, seed=seed, weather=outages([span_s]), make=make)
    return batch_row(scene, scene.world().run(), span_s)


def sleep(seed: int, make: MakePoller = Poller) -> BatchRow:
    """The computer sleeps for eight hours."""
    from_s = 1000 + Random(seed).uniform(60, 200)
    span_s = (from_s, from_s + 8 * 3600)
    scene = Scene(300, seed=seed, make=make)
    world = scene.world()
    world.sleep_at(from_s, 8 * 3600)
    return batch_row(scene, world.run(), span_s)


def retry_after(seed: int, make: MakePoller = Poller) -> BatchRow:
    """One 429 with ``Retry-After: 120``; nothing arrives until that time is over.

    The first of the figures after trouble is how long after the time asked for the next request
    left, as counted from when the answer came; it is below 0 where it was not waited for.
    """
    from_s = 1000 + Random(seed).uniform(60, 200)
    scene = Scene(300, seed=seed, weather=refusal_once(from_s, 120), make=make)
    diary = scene.world().run()
    refused_s = next(moment_s for moment_s in diary.sent_s if moment_s >= from_s)
    reported_s = refused_s + scene.latency_s
    next_s = next(moment_s for moment_s in diary.sent_s if moment_s > reported_s)
    row = batch_row(scene, diary, (refused_s, next_s))
    return replace(row, first_after_s=next_s - reported_s - 120)


def moody(job: Job, record: Record, now_s: float) -> Record:
    """Send a third of the tasks that are worked on back into the queue, again and again."""
    mood = (job.number * 7919 + int(now_s)) % 10
    back = record.phase is Phase.PROCESSING and mood < 3
    return Record(Phase.QUEUED, 1 + 2 * mood) if back else record


def lagging(job: Job, record: Record, now_s: float) -> Record | None:
    """Know nothing of a task in its first 8 seconds."""
    return None if now_s < job.created_s + 8 else record


def without_places(_job: Job, record: Record, _now_s: float) -> Record:
    """Call every unfinished task "being worked on", as where the status is not understood."""
    return record if record.phase is Phase.FINISHED else Record(Phase.PROCESSING, 0)


def odd_service(seen_as: Callable[[Job, Record, float], Record | None]) -> BatchRow:
    """A batch on a service whose answers are odd."""
    scene = Scene(300)
    return batch_row(scene, scene.world(seen_as=seen_as).run())


def with_callbacks(until_key: int = 1000) -> BatchRow:
    """A batch whose first tasks are called back about 0.1 s after their finish."""
    scene = Scene(300)

    def callback(key: int, job: Job) -> float | None:
        return job.ends_s + 0.1 if key < until_key else None

    return batch_row(scene, scene.world(callback=callback).run())


def crowded() -> BatchRow:
    """A batch on a service where others queue too: 40 before us, then three in ten seconds."""
    scene = Scene(300)
    world = scene.world()
    random = Random(9)

    def another_comes() -> None:
        world.provider.create(world.now_s, BATCH_SHAPE.draw_s(random))
        if world.has_backlog:
            world.at(world.now_s + random.expovariate(0.3), another_comes)

    for _ in range(40):
        world.provider.create(world.now_s, BATCH_SHAPE.draw_s(random))
    world.at(world.now_s, another_comes)
    return batch_row(scene, world.run())


def resumed(tasks: int) -> BatchRow:
    """The program starts with ``tasks`` tasks of its last run, all finished since."""
    scene = Scene(0, requests_per_s=8.0)
    world = scene.world()
    for key in range(tasks):
        world.resume_polling(key, Job(key, world.now_s - 600, world.now_s - 400, world.now_s - 300))
    return batch_row(scene, world.run())
