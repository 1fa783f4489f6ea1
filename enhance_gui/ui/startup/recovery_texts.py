"""The text on a list of tasks that was damaged, lost or replaced."""

from __future__ import annotations

from enhance_gui.core.text.i18n import number, plural, tr


def recovery_text(missing_requests: int, read_out: int | None, *, is_older: bool) -> str:
    """Return what became of a list of tasks that cannot be relied on.

    :param missing_requests: so many were sent of which a new list knows nothing.
    :param read_out: so many tasks were read out of a damaged list; ``None``: it was not damaged.
    :param is_older: whether an older list was put in its place.
    """
    if is_older:
        return tr(
            "This list of tasks is older than the last run, as if a copy had been put back. What "
            "waits in it was not sent: it may have been sent and charged since. Look through it."
        )
    if read_out is not None:
        text = plural(
            "The list of tasks was damaged. It was set aside, {count} task was read out of "
            "it, and what waited to be sent is a draft now.",
            "The list of tasks was damaged. It was set aside, {count} tasks were read out of "
            "it, and what waited to be sent is a draft now.",
            read_out,
        )
        return text.format(count=number(read_out))
    text = plural(
        "The list of tasks is gone. Earlier runs have sent {count} request of which this new "
        "list knows nothing: what is enhanced again may be charged again.",
        "The list of tasks is gone. Earlier runs have sent {count} requests of which this new "
        "list knows nothing: what is enhanced again may be charged again.",
        missing_requests,
    )
    return text.format(count=number(missing_requests))
