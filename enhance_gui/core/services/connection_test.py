"""The results of a connection test, and warnings of what a profile opens up before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.core.images.addresses import is_loopback
from enhance_gui.core.services.other_names import IN_QUERY
from enhance_gui.core.services.profile import Phase, ServiceProfile
from enhance_gui.core.text.i18n import N_, tr

_READABLE: Final = N_(
    "The address begins with http://, so that anybody on the way can read the token. Use https:// "
    "where the service has it."
)
_PRIVATE: Final = N_(
    "Private addresses are allowed: the service may have this program ask servers on this computer "
    "and in its network. Leave that off for a service on the internet."
)
_LISTENS: Final = N_(
    "Callbacks are received on {place}, where other computers can reach this one. 127.0.0.1 in its "
    "place lets in only programs of this computer."
)


_IN_ADDRESS: Final = N_(
    "The token travels in the address of each call, which servers and proxies on the way often "
    "write into their logs. Have it in a header where the service takes it there."
)


class Step(StrEnum):
    """A step of the connection test, in the order of testing."""

    ADDRESS = "address"
    """The address is one that can be called."""
    NAME = "name"
    """The host's name leads to a network address."""
    CONNECTED = "connected"
    TLS = "tls"
    """The connection is encrypted, with a certificate to be trusted."""
    ANSWER = "answer"
    """A server answers in HTTP there."""
    TOKEN = "token"  # noqa: S105  the name of a step
    ENVELOPE = "envelope"
    """The answer is that of the documented API."""
    TYPES = "types"
    """The profile lists enhance types."""
    ACCESS = "access"
    """What others can reach on this computer through the service."""


class Verdict(StrEnum):
    """The result of a step."""

    OK = "ok"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """Tried, and nothing is proven by what came of it."""
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step with its result."""

    step: Step
    verdict: Verdict
    text: str
    """A sentence for people."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer as text, without the token."""

    sent: str
    received: str
    """Empty where nothing came back."""


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """What a connection test found."""

    steps: tuple[CheckedStep, ...]
    """All steps, in their order."""
    exchanges: tuple[Exchange, ...] = ()
    """What was sent and what came back: with the token, and then without it."""


def passed(connection_test: ConnectionTest) -> bool:
    """Return whether nothing speaks against using the service."""
    return all(each.verdict is not Verdict.FAILED for each in connection_test.steps)


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """A service's record of one task, and how the program reads it."""

    task_id: str
    status: int | None
    """The service's number; ``None`` where it sent none."""
    phase: Phase
    is_in_table: bool
    """Whether the status table of the profile names the number; else the phase follows from what
    the record carries: an error code, a result, a place in the queue, or none of them.
    """
    queue_position: int
    error_code: int
    error_message: str
    result_count: int
    """How many addresses of results the record names."""


def warnings_of(profile: ServiceProfile) -> tuple[str, ...]:
    """Return the warnings to show before the profile is used, a sentence or two each."""
    readable = transport_warning(profile)
    in_address = (tr(_IN_ADDRESS),) if profile.token_in == IN_QUERY else ()
    return (*((readable,) if readable else ()), *in_address, *access_warnings(profile))


def transport_warning(profile: ServiceProfile) -> str:
    """Return a warning of a token that others can read; empty: they cannot."""
    parts = urlsplit(profile.base_url)
    return "" if parts.scheme == "https" or is_loopback(parts.hostname or "") else tr(_READABLE)


def access_warnings(profile: ServiceProfile) -> tuple[str, ...]:
    """Return a warning of what others can reach through this program."""
    warnings = [tr(_PRIVATE)] if profile.allow_private_addresses else []
    place = profile.callback.listen
    if place and not is_loopback(place.rpartition(":")[0].strip("[]")):
        warnings.append(tr(_LISTENS).format(place=place))
    return tuple(warnings)
