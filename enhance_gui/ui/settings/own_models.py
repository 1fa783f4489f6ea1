"""The page of own models, each an enhance type of the local service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from enhance_gui.core.services.own_models import OwnModel, Use
from enhance_gui.core.text.i18n import N_, in_sentence, number, tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.page import Page, beside_field, note, show_message
from enhance_gui.ui.widgets.basics import button, column, row, short_path
from enhance_gui.ui.widgets.show_file import open_folder

_INTRO: Final = N_(
    "Put a model into the folder and it becomes an enhance type of this computer: an ONNX file "
    "(.onnx), or the two files that Upscayl and other programs with ncnn use (.param and .bin). "
    "Only use models from people you trust."
)
_SETTINGS: Final = N_(
    "What cannot be found out goes into a text file of the same name (.toml) beside "
    "it: side_px = 256 where it takes pictures of one size only, full_range = true "
    "where it takes 0 to 255."
)


class OwnModelsPage(Page):
    """Names the folder, opens it, and lists what is in it."""

    def __init__(self, choices: Choices, account: AccountBridge) -> None:
        super().__init__(tr("Own models"), choices)
        self._account = account
        self.add_intro(tr(_INTRO))
        self.open = button(tr("Open folder"), tip=tr("Show it in the file manager"))
        self.open.clicked.connect(self._open)
        self.refresh = button(tr("Refresh"), tip=tr("Try what was put into the folder"))
        self.refresh.clicked.connect(self.try_again)
        folder = beside_field(short_path(account.models_folder), wraps=True)
        buttons = row(self.open, self.refresh, None)
        self.add_row(tr("Folder"), column(folder, buttons, note(tr(_SETTINGS)), spacing=6))
        self.found = beside_field("", "quiet", wraps=True)
        self.refused = note()
        self.add_row(tr("Models"), column(self.found, self.refused, spacing=8))
        account.models_reported.connect(self._show)
        self.try_again()

    def try_again(self) -> None:
        """Read the folder anew."""
        self.refresh.setEnabled(False)
        show_message(self.found, tr("Looking…"))
        show_message(self.refused, "")
        self._account.look_for_models()

    def _open(self) -> None:
        self._account.make_models_folder()
        open_folder(self._account.models_folder)

    def _show(self, models: Sequence[OwnModel]) -> None:
        self.refresh.setEnabled(True)
        usable = [_model_text(model) for model in models if not model.problem]
        refused = [
            tr("{name} cannot be used: {reason}.").format(name=model.name, reason=model.problem)
            for model in models
            if model.problem
        ]
        none = "" if refused else tr("None yet.")
        show_message(self.found, "\n".join(usable) or none)
        show_message(self.refused, "\n".join(refused), problem=True)


def _model_text(model: OwnModel) -> str:
    if model.use is not Use.ENLARGE:
        what = tr("Colours black and white photographs")
    elif model.factor == 1:
        what = tr("Same size")
    else:
        what = tr("{factor} times the width and height").format(factor=number(model.factor))
    return titled(model.name, in_sentence(what))
