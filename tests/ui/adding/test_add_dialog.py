"""Many addresses at once: every mistake is told, with its line."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from enhance_gui.ui.adding.add_dialog import AddDialog


def test_every_mistake_is_told_with_its_line(qapp: QApplication) -> None:
    dialog = AddDialog()
    dialog.show()
    assert not dialog.problems.isVisible()
    lines = ("https://example.org/a.jpg", "ftp://example.org/b.jpg", "", "mailto:me@example.org")
    dialog.field.setPlainText("\n".join(lines))
    dialog.count()
    told = dialog.problems.toPlainText().split("\n")
    assert [each.split(":")[0] for each in told] == ["Line 2", "Line 4"]
    assert "ftp://example.org/b.jpg" in told[0]
    assert dialog.problems.isVisible()
    dialog.field.setPlainText(lines[0])
    dialog.count()
    assert not dialog.problems.isVisible()
    dialog.deleteLater()


def test_an_address_without_a_scheme_is_one(qapp: QApplication) -> None:
    dialog = AddDialog()
    dialog.field.setPlainText("www.example.org/rocket.jpg")
    dialog.count()
    assert dialog.add_button.isEnabled()
    assert dialog.problems.toPlainText() == ""
    dialog.deleteLater()
