"""The strip of faces or variants."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QListView, QPushButton

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.faces.face import FacePictures
from enhance_gui.ui.faces.strip import FaceStrip
from tests.ui.compare.parts import (
    BLUE,
    RED,
    colour_at,
    near,
    plain,
    press_key,
    seen,
    turn_wheel,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def strip() -> Iterator[FaceStrip]:
    made = FaceStrip()
    made.resize(600, 140)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def faces(tmp_path: Path) -> list[FacePictures]:
    before = PictureFile(plain(tmp_path / "before.png", RED, (50, 50)), "Before")
    after = PictureFile(plain(tmp_path / "after.png", BLUE, (100, 100)), "After")
    return [FacePictures(number, before, after) for number in (1, 2, 3)]


def entries(strip: FaceStrip) -> QListView:
    found = strip.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def names(strip: FaceStrip) -> list[str]:
    model = entries(strip).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def spoken(strip: FaceStrip, row: int) -> str:
    return str(entries(strip).model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def save_buttons(strip: FaceStrip) -> list[str]:
    return [child.text() for child in strip.findChildren(QPushButton) if child.isVisibleTo(strip)]


def test_faces_come_after_the_whole_picture(strip: FaceStrip, faces: list[FacePictures]) -> None:
    strip.set_faces(faces, Outputs.FACES)
    assert names(strip) == ["Whole picture", "Face 1", "Face 2", "Face 3"]
    assert strip.chosen_number == 0
    assert spoken(strip, 0) == "Whole picture, shown now"
    assert strip.accessibleName() == entries(strip).accessibleName() == "Faces"


def test_variants_have_no_whole_picture_unless_there_is_a_main_result(
    strip: FaceStrip, faces: list[FacePictures]
) -> None:
    strip.set_faces(faces, Outputs.VARIANTS)
    assert names(strip) == [face.after.label for face in faces]
    assert strip.chosen_number == 1
    strip.set_faces(faces, Outputs.VARIANTS, FacePictures(0, None, faces[0].after))
    assert names(strip)[0] == "Main result"
    strip.set_faces([], Outputs.NONE)
    assert names(strip) == []


def test_a_face_shows_before_on_its_left_and_after_on_its_right(
    strip: FaceStrip, faces: list[FacePictures]
) -> None:
    strip.set_faces(faces, Outputs.FACES)
    seen(strip)
    wait_until(lambda: not strip.busy)
    view = entries(strip)
    box = view.visualRect(view.model().index(1, 0))
    image = seen(view.viewport())
    middle = box.left() + box.width() // 2
    assert near(colour_at(image, middle - 20, box.top() + 45), RED)
    assert near(colour_at(image, middle + 20, box.top() + 45), BLUE)
    strip.set_faces(faces, Outputs.VARIANTS)
    box = view.visualRect(view.model().index(1, 0))
    assert near(colour_at(seen(view.viewport()), box.center().x() - 20, box.top() + 45), BLUE), (
        "of a variant only the after picture matters"
    )


def test_arrows_go_there_and_enter_chooses(strip: FaceStrip, faces: list[FacePictures]) -> None:
    strip.set_faces(faces, Outputs.FACES)
    received: list[int] = []
    strip.chosen.connect(received.append)
    view = entries(strip)
    press_key(view, Qt.Key.Key_Right)
    press_key(view, Qt.Key.Key_Right)
    assert received == []
    assert strip.chosen_number == 0
    press_key(view, Qt.Key.Key_Return)
    assert received == [2]
    assert strip.chosen_number == 2
    assert spoken(strip, 2) == "Face 2, shown now"
    press_key(view, Qt.Key.Key_Home)
    press_key(view, Qt.Key.Key_Space)
    assert received == [2, 0]


def test_a_click_chooses(strip: FaceStrip, faces: list[FacePictures]) -> None:
    strip.set_faces(faces, Outputs.FACES)
    received: list[int] = []
    strip.chosen.connect(received.append)
    view = entries(strip)
    view.clicked.emit(view.model().index(3, 0))
    assert received == [3]
    strip.choose(1)
    assert strip.chosen_number == 1
    assert received == [3], "what the window chooses is no wish of the user"


def test_saving_is_offered_where_it_makes_sense(
    strip: FaceStrip, faces: list[FacePictures]
) -> None:
    strip.set_faces(faces, Outputs.FACES)
    one, everything = strip.findChildren(QPushButton)
    assert save_buttons(strip) == ["Save this face…", "Save all faces…"]
    assert not one.isEnabled(), "the whole picture is no face"
    received: list[object] = []
    strip.save_one.connect(received.append)
    strip.save_all.connect(lambda: received.append("all"))
    strip.choose(2)
    one.click()
    everything.click()
    assert received == [2, "all"]
    strip.set_faces(faces[:1], Outputs.VARIANTS)
    assert save_buttons(strip) == ["Save this version…"]


def test_a_wheel_moves_the_strip_sideways(strip: FaceStrip, faces: list[FacePictures]) -> None:
    many = [FacePictures(number, None, faces[0].after) for number in range(1, 30)]
    strip.set_faces(many, Outputs.FACES)
    bar = entries(strip).horizontalScrollBar()
    assert bar.value() == 0
    turn_wheel(entries(strip).viewport(), QPointF(10, 10), QPoint(0, -120))
    assert bar.value() == 120


def test_only_what_is_seen_is_read(strip: FaceStrip, tmp_path: Path) -> None:
    many = [
        FacePictures(n, None, PictureFile(plain(tmp_path / f"{n}.png", BLUE), "After"))
        for n in range(1, 40)
    ]
    strip.set_faces(many, Outputs.FACES)
    seen(strip)
    wait_until(lambda: not strip.busy)
    assert 3 <= len(strip._thumbnails._kept) <= 8


def test_a_missing_crop_leaves_an_empty_place(strip: FaceStrip, tmp_path: Path) -> None:
    gone = PictureFile(tmp_path / "gone.png", "After")
    strip.set_faces([FacePictures(1, gone, gone)], Outputs.FACES)
    seen(strip)
    wait_until(lambda: not strip.busy)
    assert names(strip) == ["Whole picture", "Face 1"]


def test_each_name_has_the_room_it_needs(strip: FaceStrip, faces: list[FacePictures]) -> None:
    long = replace(faces[1], after=replace(faces[1].after, label="Coloreado a mano"))
    strip.set_faces([faces[0], long, faces[2]], Outputs.VARIANTS)
    shown = entries(strip)
    widths = [shown.visualRect(shown.model().index(row, 0)).width() for row in range(3)]
    names_px = [shown.fontMetrics().horizontalAdvance(each) for each in names(strip)]
    assert all(map(operator.ge, widths, names_px))
    assert widths[0] < widths[1]
