"""Put the trained nets of others that the environment has into a wheel; run by hatchling.

Real-ESRGAN is left out: 34 MB that the pip extra ``ai`` brings.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

# hatchling runs this file without its folder in the path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import model_list
from environment import MODELS
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_INSIDE: Final = "enhance_gui/resources/models"
_NOTICES: Final = ("waifu2x.txt", "ffdnet.txt", "blazeface.txt", "Apache-2.0.txt")
"""In ``packaging/licences``; they lie beside the nets."""


class NetsHook(BuildHookInterface):  # type: ignore[type-arg, unused-ignore]
    """Adds the nets, or says that the wheel comes without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to add, before the wheel is built.

        :param version: ``"editable"`` where only a path to the checkout is installed.
        """
        if version == "editable":
            return
        nets = Path(sys.prefix) / MODELS
        if model_list.missing(nets, model_list.SMALL):
            self.app.display_warning(
                "This wheel holds no trained nets of others: they are not in this environment. "
                "python3 packaging/models.py fetches them into .venv; build with its Python."
            )
            return
        added = build_data["force_include"]
        for source in model_list.SMALL:
            for model in source.models:
                added[str(nets / model.name)] = f"{_INSIDE}/{model.name}"
        licences = Path(self.root) / "packaging" / "licences"
        for name in _NOTICES:
            added[str(licences / name)] = f"{_INSIDE}/{name}"
