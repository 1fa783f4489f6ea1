"""One face, or one variant, of a result."""

from __future__ import annotations

from dataclasses import dataclass

from enhance_gui.ui.compare.pictures.picture import PictureFile

WHOLE: int = 0
"""The number that stands for the whole picture."""


@dataclass(frozen=True, slots=True)
class FacePictures:
    """A crop before and after, or a variant with the picture it was made of."""

    number: int
    """1 for the first; :data:`WHOLE` for the picture itself."""
    before: PictureFile | None
    after: PictureFile
