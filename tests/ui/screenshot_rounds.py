"""In which looks the pictures of the window are taken: theme, scale, size of text, language."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Self

from enhance_gui.core.settings.preferences import Theme
from enhance_gui.core.text.i18n import ENGLISH
from enhance_gui.core.text.pseudo import ACCENTED, MIRRORED
from enhance_gui.storage.settings.translations import languages

_SCREEN: Final = {
    "screens": [
        {
            "name": "large",
            **dict.fromkeys(("x", "y"), 0),
            "width": 3840,
            "height": 2400,
            "dpr": 1,
            **dict.fromkeys(("logicalDpi", "logicalBaseDpi"), 96),
        }
    ]
}
"""Qt's offscreen one is so small that windows would shrink on it."""

_KEPT: Final = (
    *("empty", "review", "working", "needs-you", "failed", "compare", "faces", "variants"),
    *("grid", "settings", "network", "ledger", "services"),
)
"""States of which pictures are kept with the program: for the README, and for software centres."""
_SHARP: Final = ("compare", "grid", "settings")
"""Those that are kept sharp, too."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look, and what is shown in it."""

    theme: Theme
    scale: int = 1
    text_percent: int = 100
    language: str = ENGLISH
    states: tuple[str, ...] = ()
    """Empty: all."""

    def file_name(self, state: str) -> str:
        looks = [state, self.theme]
        looks += [f"{self.scale}x"] if self.scale != 1 else []
        looks += [f"text-{self.text_percent}"] if self.text_percent != 100 else []
        looks += [self.language] if self.language != ENGLISH else []
        return f"{'-'.join(looks)}.jpg"

    def to_arguments(self) -> list[str]:
        states = ",".join(self.states)
        return [self.theme, str(self.scale), str(self.text_percent), self.language, states]

    @classmethod
    def from_arguments(cls, arguments: Sequence[str]) -> Self:
        theme, scale, text_percent, language, states = arguments
        names = tuple(name for name in states.split(",") if name)
        return cls(Theme(theme), int(scale), int(text_percent), language, names)


PREPARE: Final = Round(Theme.LIGHT, states=("prepare",))
"""Enhances the pictures that all others show."""

README: Final = (
    Round(Theme.LIGHT, states=_KEPT),
    Round(Theme.DARK, states=_KEPT),
    Round(Theme.LIGHT, 2, states=_SHARP),
    Round(Theme.DARK, 2, states=_SHARP),
)


def add_options(parser: argparse.ArgumentParser, states: Sequence[str]) -> None:
    """Add the options that choose among the rounds."""
    spoken = (*languages(), ACCENTED, MIRRORED)
    parser.add_argument("--all", action="store_true", help="every state in every look")
    themes = [Theme.LIGHT, Theme.DARK]
    parser.add_argument("--themes", type=Theme, nargs="+", choices=themes, default=themes)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 2], help="1 is 100 percent")
    parser.add_argument(
        "--texts", type=int, nargs="+", default=[100, 200], help="percent of the usual size"
    )
    parser.add_argument("--languages", nargs="+", choices=spoken, default=list(spoken))
    parser.add_argument("--states", nargs="+", choices=states, default=[])


def chosen_rounds(arguments: argparse.Namespace) -> list[Round]:
    """Return the rounds to take: those of the README unless others are asked for."""
    if not arguments.all:
        return list(README)
    looks = product(arguments.languages, arguments.themes, arguments.scales, arguments.texts)
    return [
        Round(theme, scale, text, language, tuple(arguments.states))
        for language, theme, scale, text in looks
        # Large text on a screen with many pixels looks as on another.
        if text == 100 or scale == 1
    ]


def take_all(home: Path, folder: Path, rounds: Sequence[Round]) -> None:
    """Take the pictures of rounds, each by a program of its own with a copy of what was prepared.

    :param home: where the pictures to enhance are; what is prepared is kept there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _call(home, folder, PREPARE)
    for each in rounds:
        own = home.with_name(f"{home.name}-{each.file_name('home')}")
        shutil.copytree(home, own)
        try:
            _call(own, folder, each)
        finally:
            shutil.rmtree(own)


def _call(home: Path, folder: Path, look: Round) -> None:
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    own = {name: str(home / name.lower()) for name in names}
    screens = home / "screens.json"
    screens.write_text(json.dumps(_SCREEN), "utf-8")
    own |= {"QT_QPA_PLATFORM": f"offscreen:configfile={screens}"}
    own |= {"QT_SCALE_FACTOR": str(look.scale)}
    command = [str(folder), "--take", str(home), *look.to_arguments()]
    subprocess.run(
        [sys.executable, "-m", "tests.ui.screenshots", *command],
        env={**os.environ, **own},
        check=True,
    )
