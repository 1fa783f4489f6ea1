"""Writes the log as JSON, one object a line, for programs that collect it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

from enhance_gui.core.redaction import redacted

FIELDS: Final = ("task", "type", "outcome", "call", "code", "took_s")
"""What a record may carry beside its message. No other attribute of it is written."""


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info or record.exc_text:
            trace = record.exc_text or self.formatException(record.exc_info or (None, None, None))
            line["trace"] = redacted(trace)
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """Have the terminal's log written so from now on, from level INFO on."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in root.handlers:
        handler.setFormatter(JsonLines())
        handler.setLevel(logging.INFO)
