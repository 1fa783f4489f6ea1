"""Short texts for the state of a task.

All of them are plain text: whatever shows them must not read them as HTML.
"""

from __future__ import annotations

from typing import Final

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, Phase
from enhance_gui.core.tasks.records import missing_parts
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.explanations import explain, explain_task
from enhance_gui.core.text.i18n import N_, in_sentence, number, plural, short_number, tr
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.gallery.item import Item

_STATE_TEXTS: Final = {
    TaskState.SENDING: N_("Sending"),
    TaskState.FETCHING: N_("Fetching the result"),
    TaskState.CANCELLING: N_("Cancelling"),
    TaskState.CANCELLED: N_("Cancelled"),
    TaskState.WRITTEN_OFF: N_("Given up"),
}

_PAUSED: Final = N_("Waiting; work on this computer is paused"), N_("Waiting; {service} is paused")
_ACCEPTED: Final = N_("Accepted by this computer"), N_("Accepted by {service}")
_QUEUED: Final = N_("In the queue of this computer"), N_("In the queue of {service}")
"""For the service of this computer, and for any other."""


def state_text(item: Item, now_s: float, *, brief: bool = False) -> str:
    """Return the state of a task in a few words; a running one counts down.

    :param brief: whether there is little room.
    """
    state, failure = item.task.state, item.task.failure
    if failure is not None and state is TaskState.FAILED and not item.task.attempts:
        return refusal_text(failure, brief=brief)
    if (item.attention or state is TaskState.FAILED) and (text := explain_task(item.task)):
        return text.title
    if state is TaskState.ACCEPTED:
        return _on_the_service(item, now_s, brief=brief)
    if state in (TaskState.DRAFT, TaskState.QUEUED):
        return _not_sent_yet(item, now_s, brief=brief)
    if state is TaskState.FINISHED:
        if failure is None:
            return tr("Finished; will be fetched")
        return tr("Finished; fetching again soon")
    if state is TaskState.IN_DOUBT:
        return tr("It may have been charged")
    if state is TaskState.SAVED:
        return _saved(item, brief=brief)
    message = tr(_STATE_TEXTS.get(state, N_("Failed")))
    if state in _GIVEN_UP and item.task.may_have_cost:
        return tr("{state}; it may have been charged").format(state=message)
    return message


def _saved(item: Item, *, brief: bool) -> str:
    if item.is_unsaved:
        return tr("Not saved yet") if brief else tr("Finished, not saved yet")
    if missing := len(missing_parts(item.task)):
        message = plural("Saved; {count} is missing", "Saved; {count} are missing", missing)
        return message.format(count=number(missing))
    return tr("Saved")


_GIVEN_UP: Final = frozenset({TaskState.CANCELLED, TaskState.WRITTEN_OFF})
"""States chosen by the user, whose texts do not mention what was sent before."""


def refusal_text(failure: Failure, *, brief: bool = False) -> str:
    """Return in a few words why a picture was refused: "Refused: larger than 20 MB".

    :param brief: whether there is little room: "Larger than 20 MB".
    """
    fields = failure.detail.fields if isinstance(failure.detail, Detail) else {}
    if isinstance(max_mb := fields.get("max_mb"), float):
        text = tr("Larger than {limit}") if brief else tr("Refused: larger than {limit}")
        return text.format(limit=f"{short_number(max_mb)} MB")
    if "max_px" in fields:
        more = tr("Refused: larger than {count} pixels a side")
        text = tr("Over {count} pixels") if brief else more
        return text.format(count=fields["max_px"])
    if "min_px" in fields:
        less = tr("Refused: smaller than {count} pixels a side")
        text = tr("Under {count} pixels") if brief else less
        return text.format(count=fields["min_px"])
    return explain(failure).title


def waiting_text(item: Item, now_s: float) -> str:
    """Return that a picture's host is down, and when it is tried next."""
    left_s = round(item.next_try_s - now_s)
    if left_s <= 0:
        return tr("Waiting for {host}: trying again").format(host=item.waits_for)
    text = tr("Waiting for {host}: next try in {count} s")
    return text.format(host=item.waits_for, count=left_s)


def _not_sent_yet(item: Item, now_s: float, *, brief: bool) -> str:
    if item.waits_for:
        return waiting_text(item, now_s)
    if item.task.state is TaskState.DRAFT:
        if item.task.failure is not None:
            return explain(item.task.failure).title
        return tr("Checking") if item.task.checked is None else tr("Ready to start")
    if item.suspended and not is_held(item.task):
        return tr("Paused") if brief else _by_service(item, _PAUSED)
    if item.task.failure is not None:
        title = explain(item.task.failure).title
        return tr("Waiting: {reason}").format(reason=in_sentence(title))
    return tr("Waiting to be sent")


def _on_the_service(item: Item, now_s: float, *, brief: bool) -> str:
    left_s = item.left_s(now_s)
    queued = item.phase is Phase.QUEUED
    left = "" if left_s is None or (queued and brief) else time_left(left_s)
    if queued:
        return _in_the_queue(item, left)
    if item.phase is Phase.PROCESSING:
        known = _how_far(item.percent, left)
        if brief and left and item.percent is not None:
            return known
        return tr("Enhancing, {left}").format(left=known) if known else tr("Enhancing")
    return _by_service(item, _ACCEPTED)


def _by_service(item: Item, texts: tuple[str, str]) -> str:
    """Return the text for the service of this computer, or else that which names the service."""
    here, there = texts
    is_here = item.task.service == LOCAL_SERVICE_NAME
    return tr(here) if is_here else tr(there).format(service=item.task.service)


def _how_far(percent: int | None, left: str) -> str:
    if percent is None:
        return left
    text = tr("{percent} %, {left}") if left else tr("{percent} %")
    return text.format(percent=percent, left=left)


def _in_the_queue(item: Item, left: str) -> str:
    position = item.queue_position
    if position > 0:
        text = tr("{place} in the queue, {left}") if left else tr("{place} in the queue")
        return text.format(place=ordinal(position), left=left)
    queue = _by_service(item, _QUEUED)
    return listed((queue, left))


def time_left(left_s: float) -> str:
    """Return a remaining time as a text, rounded as roughly as it is known."""
    if left_s < 1:
        return tr("nearly done")
    if left_s <= 20:
        return tr("about {count} s left").format(count=f"{left_s:.0f}")
    if left_s < 90:
        return tr("about {count} s left").format(count=round(left_s / 5) * 5)
    if left_s < 90 * 60:
        return tr("about {count} min left").format(count=round(left_s / 60))
    return tr("about {count} h left").format(count=round(left_s / 3600))


def duration(time_s: float) -> str:
    """Return how long something took, as a text."""
    if time_s < 90:
        return tr("{count} s").format(count=f"{time_s:.0f}")
    if time_s < 90 * 60:
        return tr("{count} min").format(count=round(time_s / 60))
    return tr("{count} h").format(count=round(time_s / 3600))


_ORDINALS: Final = {1: N_("{count}st"), 2: N_("{count}nd"), 3: N_("{count}rd")}


def ordinal(count: int) -> str:
    """Return "1st", "2nd", "11th", …"""
    last = 0 if count % 100 in (11, 12, 13) else count % 10
    return tr(_ORDINALS.get(last, N_("{count}th"))).format(count=count)
