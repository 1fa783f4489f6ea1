"""Sets Qt's own texts and formats to the window's language: dialogs, dates, numbers."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication


def system_languages() -> list[str]:
    """Return the languages of the system, the preferred first."""
    return list(QLocale.system().uiLanguages())


def speak_qt(application: QApplication, code: str) -> QTranslator:
    """Set Qt's language; its formats are set even where a translation is missing.

    :param code: of the language, as in "de".
    :returns: Qt's translation, which belongs to the application.
    """
    system = QLocale.system()
    own = QLocale(code)
    # The system's own formats where the language is the same: a comma or a point, the week's start.
    QLocale.setDefault(system if system.language() is own.language() else own)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{code}", folder):
        application.installTranslator(translator)
    return translator
