"""Keeps tokens out of logs, tracebacks and core dumps.

Log records are redacted when they are made, not by a filter on some handlers: so every handler
gets them redacted, those of libraries and of tests included, whenever it was added.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from enhance_gui.core.redaction import redacted

_log = logging.getLogger(__name__)

MAX_RECORD_CHARS: Final = 16 * 1024
"""Longest message, and longest traceback, of a log record."""

_PR_SET_DUMPABLE: Final = 4


def redact_every_log() -> None:
    """Redact every log record made from now on, its traceback too."""
    logging.setLogRecordFactory(_redacted_record)


def log_uncaught_errors() -> None:
    """Log uncaught exceptions, redacted, instead of printing them to the terminal.

    asyncio's loops need nothing of their own: they report such errors to the log.
    """
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def forbid_core_dumps() -> None:
    """Keep the process's memory, and so the token, out of core dumps.

    Windows and macOS have crash reports of their own, which a program cannot turn off.
    """
    if sys.platform == "win32":
        return
    import resource

    # A limit that somebody has made stricter already may refuse to be set again.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # That limit does not bind a program which the kernel hands the dump to (man 5 core); this
    # leaves such a dump without any memory.
    with suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0")


def hide_memory() -> None:
    """Keep other programs of the same user from reading this one's memory (Linux).

    Not for the window: a process hidden so is refused by the desktop's portals, which show file
    dialogs and tell dark from light (https://github.com/flatpak/xdg-desktop-portal/issues/785).
    """
    if sys.platform == "linux":
        # Loaded here, not above: the window does without it, and is to be seen first.
        import ctypes

        # A C library without it is no reason not to start.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _redacted_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    try:
        message = record.getMessage()
    # Any object may be an argument, with a ``__str__`` that raises; a log entry is worth no crash.
    except Exception:  # noqa: BLE001
        message = f"{record.msg} (its arguments do not fit)"
    record.msg, record.args = _short(redacted(message)), ()
    if record.exc_info and record.exc_info[0] is not None:
        # Handlers take this text where it is there already.
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        record.exc_text = _short(redacted(trace))
    return record


def _short(text: str) -> str:
    """Cut the middle out of an overlong text.

    Only of one that is redacted already: half of a token or of an address would not be known as
    one.
    """
    left_out = len(text) - MAX_RECORD_CHARS
    if left_out <= 0:
        return text
    half = MAX_RECORD_CHARS // 2
    return f"{text[:half]} … ({left_out} characters left out) … {text[-half:]}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("the program failed", exc_info=(kind, error, trace))


def _uncaught_in_thread(words: threading.ExceptHookArgs) -> None:
    if words.exc_value is not None and not issubclass(words.exc_type, SystemExit):
        _log.critical("a thread failed", exc_info=words.exc_value)


def _unraisable(words: sys.UnraisableHookArgs) -> None:
    if words.exc_value is not None:
        _log.error(
            "%s in %r",
            words.err_msg or "an error that could not be raised",
            words.object,
            exc_info=words.exc_value,
        )
