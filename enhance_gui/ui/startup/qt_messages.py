"""Sends Qt's own messages to the log, where they are redacted and kept."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_qt_messages() -> None:
    """Send to the log what Qt would print on standard error."""
    qInstallMessageHandler(_log_message)


def _log_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    category = category_of(context)
    level = _LEVELS.get(kind, logging.WARNING)
    if is_about_a_picture(category):
        level = min(level, logging.INFO)
    # A logger of its own for each of Qt's categories: qt.qpa.xcb, qt.gui.imageio.
    name = category if category.startswith("qt") else f"qt.{category}"
    logging.getLogger(name).log(level, "%s", message)


def category_of(context: QMessageLogContext) -> str:
    """Return the category that Qt has put a message in."""
    return str(getattr(context, "category", None) or "default")


def is_about_a_picture(category: str) -> bool:
    """Return whether messages of a category are about pictures, which may be damaged.

    Qt's readers warn of each of them; for the program they are about a file and no fault.
    """
    return category.startswith("qt.gui.imageio")
