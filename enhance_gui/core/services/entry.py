"""Describes a service as its profile file has it, mistakes included, for editing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.own_models import FIRST_TYPE_ID
from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.text.i18n import tr


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One service of the user's list, or one that is about to join it."""

    file: str = ""
    """Name of its file in the user's folder; empty where it has none yet."""
    text: str = ""
    """What stands in that file; of a new service what its file begins with."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same, decoded; empty where it is not TOML."""
    profile: ServiceProfile | None = None
    """The service; ``None`` where the file has mistakes."""
    mistakes: tuple[ProfileInvalid, ...] = ()
    is_local_service: bool = False
    """Whether it is the local service, which has no file of the user's."""

    @property
    def name(self) -> str:
        """The name that people see."""
        name = self.data.get("name")
        return name if isinstance(name, str) and name else self.file

    @property
    def is_new(self) -> bool:
        """Whether it has no file yet."""
        return not self.file and not self.is_local_service


def server_values(local_service: ServiceProfile) -> dict[str, Any]:
    """Return the profile values common to all servers run with this program, as a file has them.

    It may be in a private network, and its results with it. It bears as many requests as the local
    service: the usual pace, that of an account, would hold up many pictures. Its types have names
    in the user's language, who may change them.

    :param local_service: the local service, which is such a server.
    """
    types = profile_to_mapping(local_service)["enhance_types"]
    return {
        "upload_path": local_service.upload_path,
        "private_id_is_idempotent": local_service.private_id_is_idempotent,
        "allow_private_addresses": True,
        "requests_per_s": local_service.requests_per_s,
        "enhance_types": [
            {**type_, "name": tr(type_["name"]), "description": tr(type_["description"])}
            for type_ in types
            if type_["id"] < FIRST_TYPE_ID  # own models are those of this computer
        ],
    }


def folded(name: str) -> str:
    """Return a name for comparing: without case and differences in Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def free_name(wanted: str, taken: set[str]) -> str:
    """Return a name that no other service has: with a number where ``wanted`` is taken."""
    others = {folded(each) for each in taken}
    name, number = wanted, 1
    while folded(name) in others:
        number += 1
        name = f"{wanted} {number}"
    return name
