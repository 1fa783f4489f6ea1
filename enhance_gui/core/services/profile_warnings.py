"""Warns of what a profile opens up on this computer or its network, before it is used."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from enhance_gui.core.images.addresses import is_loopback
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import mark, tr

_READABLE: Final = mark(
    "The address begins with http://, so that anybody on the way can read the token. Use https:// "
    "where the service has it."
)
_PRIVATE: Final = mark(
    "Private addresses are allowed: the service may have this program ask servers on this computer "
    "and in its network. Leave that off for a service on the internet."
)
_LISTENS: Final = mark(
    "Callbacks are received on {place}, where other computers can reach this one. 127.0.0.1 in its "
    "place lets in only programs of this computer."
)


def warnings_of(profile: ServiceProfile) -> tuple[str, ...]:
    """Return the warnings to show before the profile is used, a sentence or two each."""
    readable = transport_warning(profile)
    return (*((readable,) if readable else ()), *access_warnings(profile))


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
