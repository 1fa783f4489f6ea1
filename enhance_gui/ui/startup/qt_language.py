"""Sets what of Qt goes by the window's language: its own texts, formats, direction, fonts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from enhance_gui.core.text.i18n import N_, tr

_FONTS: Final = {
    "zh_CN": (
        *("PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei"),
        *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
        *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    ),
    "ja": (
        *("Hiragino Sans", "Yu Gothic UI", "Meiryo UI"),
        *("Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP"),
        *("IPAexGothic", "IPAPGothic", "TakaoPGothic", "VL PGothic"),
    ),
}
"""Fonts of macOS, Windows and Linux with a language's own shapes of shared characters."""


_RETURN: Final = N_("Return")


class _KeyNames(QTranslator):
    """Names a key as it is called on keyboards where Qt's own translation leaves it English."""

    def isEmpty(self) -> bool:
        return False

    def translate(  # nothing, unlike an empty text, has Qt ask the next
        self, context: str, source: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str | None:
        return tr(_RETURN) if (context, source) == ("QShortcut", _RETURN) else None


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
    same = (system.language(), system.script()) == (own.language(), own.script())
    QLocale.setDefault(system if same else own)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{code}", folder):
        application.installTranslator(translator)
    application.installTranslator(_KeyNames(translator))
    # After the translation, which would set its own.
    application.setLayoutDirection(own.textDirection())
    _use_fonts_of(application, code)
    return translator


def _use_fonts_of(application: QApplication, code: str) -> None:
    """Have characters that Chinese and Japanese share drawn in the language's own shapes.

    By itself Qt takes the font that it finds first, or that of the system's language.
    """
    found = next((name for name in _FONTS.get(code, ()) if QFontDatabase.hasFamily(name)), None)
    if found is not None:
        font = application.font()
        font.setFamilies([*font.families(), found])
        application.setFont(font)
