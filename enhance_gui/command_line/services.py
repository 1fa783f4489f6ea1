"""``enhance-gui services``: which services there are."""

from __future__ import annotations

import argparse
import json

from enhance_gui.command_line.console.output import complain, print_out
from enhance_gui.core.services.profile import profile_to_mapping
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import list_profiles


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("services", help="list the services, one a line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
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
