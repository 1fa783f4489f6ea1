"""Shows the faces or variants of a result, and the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QWidget

from enhance_gui.core.images.areas import Place
from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.tasks.records import NONE, PART, Variants
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.view import CompareView, MostDetailed
from enhance_gui.ui.faces import texts
from enhance_gui.ui.faces.face import WHOLE, FacePictures
from enhance_gui.ui.faces.locate import CropFinder, Locate
from enhance_gui.ui.faces.strip import FaceStrip
from enhance_gui.ui.widgets.background import Background
from enhance_gui.ui.widgets.basics import column

_KINDS: Final = {"face": Outputs.FACES, "variant": Outputs.VARIANTS}


@dataclass(frozen=True, slots=True)
class CropLocator:
    """The functions that find places in pictures; the first two may take seconds."""

    locate: Locate
    """Finds a crop in a picture."""
    before_of: Callable[[Path, Path, Path, Place | None], Path | None]
    """Takes the picture before, after, a crop of the latter and its place, if known;
    gives that part as it was."""
    most_detailed: MostDetailed
    """Finds the place in an enlarged result where there is most to see."""


class OutputsPanel(QWidget):
    """Holds the strip of outputs, and decides what the comparison shows."""

    copies_wanted = Signal(list)
    """Files that the user wants copies of."""

    def __init__(self, view: CompareView, crops: CropLocator) -> None:
        super().__init__()
        self.setAccessibleName(tr("Faces or versions"))
        self._view = view
        self._crops = crops
        self._before: PictureFile | None = None
        self._after: PictureFile | None = None
        self._faces: list[FacePictures] = []
        self._places: Mapping[int, Place] = {}
        self._kind = Outputs.NONE
        self.strip = FaceStrip()
        self._finder = CropFinder(crops.locate, self)
        self._background = Background(self)
        self._finder.found.connect(self._zoom_to)
        self._finder.missed.connect(self._show_crop)
        self.strip.chosen.connect(self._show)
        self.strip.save_one.connect(self._save_one)
        self.strip.save_all.connect(self._save_all)
        layout = column(self.strip)
        layout.setContentsMargins(0, 4, 0, 8)
        self.setLayout(layout)

    def show_result(
        self,
        before: Path | None,
        after: Path | None,
        parts: Sequence[Path],
        variants: Variants = NONE,
        names: tuple[str, str] | None = None,
        original_px: int = 0,
        *,
        is_previewed: bool = False,
    ) -> None:
        """Show a pair, and the files that belong to it.

        :param names: of both, where it is two results and not a picture before and after.
        :param original_px: how many pixels their original has; 0: not known.
        :param is_previewed: whether the picture before is a small one of it.
        """
        self._finder.stop()
        original = tr("Preview") if is_previewed else tr("Before")
        left, right = names or (original, tr("After"))
        are_results = names is not None
        self._before = None if before is None else PictureFile(before, left, are_results)
        self._after = None if after is None else PictureFile(after, right, are_results)
        self._places = variants.places
        self._kind, self._faces = _faces(parts, self._before, variants.names)
        whole = None if self._after is None else FacePictures(WHOLE, self._before, self._after)
        if whole is not None and self._is_variant(variants.main):
            named = texts.variant_name(variants.main, variants.names.get(variants.main, ""))
            self._after = replace(whole.after, label=named)
            self._faces.append(FacePictures(variants.main, self._before, self._after))
            self._faces.sort(key=lambda face: face.number)
            whole = None
        self.strip.set_faces(self._faces, self._kind, whole)
        if whole is None:
            self.strip.choose(variants.main)
        self.setVisible(bool(self._faces))
        # Where there are parts, the strip leads to what is worth seeing.
        self._view.show_pair(
            self._before, self._after, at_detail=not self._faces, original_px=original_px
        )
        if self._kind is Outputs.FACES and not are_results:
            self._look_for_befores()

    def _is_variant(self, main: int) -> bool:
        """Return whether the main result is a variant that has no file beside it."""
        numbers = {face.number for face in self._faces}
        return self._kind is Outputs.VARIANTS and main > 0 and main not in numbers

    def _look_for_befores(self) -> None:
        if self._before is None or self._after is None:
            return
        before, after = self._before.path, self._after.path
        for face in self._faces:
            look = partial(self._before_of, face, before, after)
            self._background.run(look, partial(self._take_before, face))

    def _before_of(self, face: FacePictures, before: Path, after: Path) -> Path | None:
        """Find the part before of a face, in a thread, if its result is still shown."""
        if face not in self._faces:
            return None
        place = self._places.get(face.number)
        return self._crops.before_of(before, after, face.after.path, place)

    def _take_before(self, face: FacePictures, before: Path | None) -> None:
        if before is None or face not in self._faces:
            return
        place = self._faces.index(face)
        label = tr("{face}, before").format(face=face.after.label)
        self._faces[place] = replace(face, before=PictureFile(before, label))
        chosen = self.strip.chosen_number
        whole = None if self._after is None else FacePictures(WHOLE, self._before, self._after)
        self.strip.set_faces(self._faces, self._kind, whole)
        self.strip.choose(chosen)

    def _show(self, number: int) -> None:
        face = self._face(number)
        if face is None or self._after is None:
            self._view.show_pair(self._before, self._after)
            self._view.viewport.fit()
        elif self._kind is Outputs.VARIANTS:
            self._view.show_pair(self._before, face.after)
        elif (place := self._places.get(number)) is not None:
            self._finder.stop()
            self._zoom_to(number, QRectF(place.left, place.top, place.width, place.height))
        else:
            self._finder.find(number, self._after.path, face.after.path)

    def _zoom_to(self, number: int, place: QRectF) -> None:
        self._view.show_pair(self._before, self._after)
        self._view.zoom_to(place)

    def _show_crop(self, number: int) -> None:
        face = self._face(number)
        if face is not None:
            self._view.show_pair(face.before, face.after)

    def _face(self, number: int) -> FacePictures | None:
        return next((face for face in self._faces if face.number == number), None)

    def _save_one(self, number: int) -> None:
        face = self._face(number)
        if face is not None:
            self.copies_wanted.emit([face.after.path])

    def _save_all(self) -> None:
        self.copies_wanted.emit([face.after.path for face in self._faces])


def _faces(
    parts: Sequence[Path], before: PictureFile | None, names: Mapping[int, str]
) -> tuple[Outputs, list[FacePictures]]:
    kind, faces = Outputs.NONE, []
    for part in parts:
        named = PART.search(part.stem)
        if named is None or not part.is_file():
            continue
        kind, number = _KINDS[named[1]], int(named[2])
        if kind is Outputs.VARIANTS:
            label, own = texts.variant_name(number, names.get(number, "")), before
        else:
            label, own = texts.entry_name(number, kind), None
        faces.append(FacePictures(number, own, PictureFile(part, label)))
    return kind, faces
