"""``enhance-gui services``: which services there are, in the list or on the local network."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from enhance_gui.command_line.console.output import complain, print_out
from enhance_gui.core.service_errors import SearchFailed
from enhance_gui.core.services.profile import profile_to_mapping
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import list_profiles

if TYPE_CHECKING:
    from enhance_gui.jobs.services.nearby import NearbyServer

_NEARBY_S: Final = 3.0
_NOT_SEARCHED: Final = 2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("services", help="list the services, one a line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--nearby",
        action="store_true",
        help="list the servers instead that announce themselves on the local network, found within "
        f"{_NEARBY_S:g} seconds: name and address of each, as anybody there could announce them",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.nearby:
        return _list_nearby(as_json=arguments.json)
    profiles, mistakes = list_profiles(user_folders().profiles)
    for profile in profiles:
        if arguments.json:
            print_out(json.dumps(profile_to_mapping(profile), ensure_ascii=False))
        else:
            types = ", ".join(type_.name for type_ in profile.enhance_types) or "no enhance types"
            print_out(f"{profile.name}: {types}")
    for mistake in mistakes:
        complain(mistake)
    return 0


def _list_nearby(*, as_json: bool) -> int:
    try:
        found = asyncio.run(_nearby())
    except SearchFailed as error:
        complain(error)
        return _NOT_SEARCHED
    for server in found:
        line = f"{server.name}: {server.base_url}"
        print_out(json.dumps(asdict(server), ensure_ascii=False) if as_json else line)
    return 0


async def _nearby() -> tuple[NearbyServer, ...]:
    from enhance_gui.jobs.services.nearby import NearbySearch

    found: list[tuple[NearbyServer, ...]] = [()]
    search = NearbySearch(found.append)
    try:
        await search.open()
        await asyncio.sleep(_NEARBY_S)
    finally:
        await search.close()
    return found[-1]
