"""The report of a batch, as a page with small pictures and as a table for spreadsheet programs.

Names, addresses and reasons are foreign text: escaped in the page, and no formula in the table.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QDateTime, QIODevice, QLocale, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from enhance_gui.core.images.addresses import safe_for_log
from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.spending import harmless_cell
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import N_, number, plain_number, plural, tr
from enhance_gui.core.text.joining import listed, sentences
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.state_texts import duration, state_text
from enhance_gui.ui.gallery.texts import credits_text, reason, service_name, type_name
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile

MAX_ROWS: Final = 10_000
MAX_WITH_PICTURES: Final = 300
"""Pictures that are shown small; each takes some 15 kB, and a moment to be read."""

_SHOT_PX: Final = (176, 132)
_QUALITY: Final = 82

_COLUMNS: Final = (
    N_("Picture"),
    N_("Input"),
    N_("Enhance type"),
    N_("Service"),
    N_("State"),
    N_("Credits that may have been charged"),
    N_("Seconds"),
    N_("Saved as"),
    N_("Reason"),
)

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; }
ul { list-style: none; margin: 1.5rem 0; padding: 0; }
li { border-top: 1px solid #8886; display: flex; flex-wrap: wrap; gap: 1rem; padding: .9rem 0; }
img { border-radius: 6px; height: 132px; width: 176px; }
figure { margin: 0; }
figcaption, .quiet { font-size: .85rem; opacity: .75; }
div { flex: 1 1 20rem; min-width: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0; }
p { margin: .15rem 0; }
"""

_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Of the page: it loads nothing and runs nothing, whoever opens it."""


@dataclass(frozen=True, slots=True)
class Shots:
    """The small pictures of one result, as JPEG; empty: there is none."""

    before: bytes = b""
    after: bytes = b""


def shots_of(item: Item) -> Shots:
    """Read the small pictures of a task. For a thread."""
    return Shots(_shot(item.before_file), _shot(item.after_file))


def _shot(file: Path | None) -> bytes:
    tile = None if file is None else read_tile(TileSpec(file, *_SHOT_PX, radius_px=0))
    if tile is None:
        return b""
    opaque = QImage(tile.size(), QImage.Format.Format_RGB32)
    opaque.fill(Qt.GlobalColor.white)
    painter = QPainter(opaque)
    painter.drawImage(0, 0, tile)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(_QUALITY)
    writer.write(opaque)
    return bytes(buffer.data().data())


# -- the page ----------------------------------------------------------------------------------


def report_page(
    items: Sequence[Item], shots: Mapping[int, Shots], summary: str, now: datetime
) -> str:
    """Return the report as a page that needs nothing beside it.

    :param shots: by task.
    :param summary: how the batch ended, as a sentence.
    """
    title = tr("Report of a batch")
    locale = QLocale()
    direction = "rtl" if locale.textDirection() is Qt.LayoutDirection.RightToLeft else "ltr"
    moment = locale.toString(
        QDateTime.fromSecsSinceEpoch(int(now.timestamp())), QLocale.FormatType.ShortFormat
    )
    shown = items[:MAX_ROWS]
    entries = "\n".join(_entry(each, shots.get(each.task.id, Shots())) for each in shown)
    notes = [f'<p class="quiet">{escape(note)}</p>' for note in _notes(items)]
    return "\n".join(
        (
            f'<!doctype html>\n<html lang="{locale.bcp47Name()}" dir="{direction}">\n<head>',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{escape(title)}</h1>",
            f"<p>{escape(summary)}</p>",
            f'<p class="quiet">Enhance GUI · {escape(moment)}</p>',
            f"<ul>\n{entries}\n</ul>",
            *notes,
            "</body>\n</html>\n",
        )
    )


def _notes(items: Sequence[Item]) -> list[str]:
    notes = []
    if (left := len(items) - MAX_ROWS) > 0:
        text = plural("{count} more is left out.", "{count} more are left out.", left)
        notes.append(text.format(count=number(left)))
    if len(items) > MAX_WITH_PICTURES:
        text = tr("The first {count} are shown as small pictures.")
        notes.append(text.format(count=number(MAX_WITH_PICTURES)))
    return notes


def _entry(item: Item, shots: Shots) -> str:
    task = item.task
    facts = [type_name(task), service_name(task.service), _cost_text(item)]
    if (took_s := _took_s(item)) is not None:
        facts.append(duration(took_s))
    parts = [
        f'<h2 dir="auto">{escape(item.name)}</h2>',
        f"<p><strong>{escape(state_text(item, 0.0))}</strong></p>",
        f'<p class="quiet">{escape(" · ".join(filter(None, facts)))}</p>',
    ]
    if files := listed(file.name for file in task.files):
        parts.append(f'<p class="quiet" dir="auto">{escape(files)}</p>')
    if why := sentences(*reason(item)):
        parts.append(f"<p>{escape(why)}</p>")
    figures = _figure(shots.before, tr("Before")) + _figure(shots.after, tr("After"))
    return f"<li>{figures}<div>{''.join(parts)}</div></li>"


def _figure(shot: bytes, caption: str) -> str:
    if not shot:
        return ""
    data = base64.b64encode(shot).decode()
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _cost_text(item: Item) -> str:
    if item.task.service == LOCAL_SERVICE_NAME:
        return ""
    if not item.task.charges_possible:
        return tr("not charged")
    if not item.task.cost:
        return tr("cost not known")
    cost = credits_text(item.task.cost * item.task.charges_possible)
    return tr("{credits} may have been charged").format(credits=cost)


def _took_s(item: Item) -> float | None:
    """Return how long it took from its acceptance by the service until it was saved."""
    task = item.task
    if task.state is not TaskState.SAVED or task.accepted_at is None or task.saved_at is None:
        return None
    return max(0.0, (task.saved_at - task.accepted_at).total_seconds())


# -- the table ---------------------------------------------------------------------------------


def report_table(items: Sequence[Item]) -> str:
    """Return the report as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([tr(column) for column in _COLUMNS])
    for item in items[:MAX_ROWS]:
        table.writerow([harmless_cell(cell) for cell in _cells(item)])
    return f"\ufeff{text.getvalue()}"


def _cells(item: Item) -> tuple[str, ...]:
    task = item.task
    cost = task.cost * task.charges_possible
    took_s = _took_s(item)
    return (
        item.name,
        safe_for_log(task.input) if is_web(task.input) else task.input,
        type_name(task),
        service_name(task.service),
        state_text(item, 0.0),
        plain_number(cost) if cost or not task.charges_possible else "",
        "" if took_s is None else f"{took_s:.0f}",
        "; ".join(map(str, task.files)),
        sentences(*reason(item)),
    )
