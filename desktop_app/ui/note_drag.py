"""Notes on their way from a list to a chat: what is dragged says which notes, and holds nothing of their text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from desktop_app.ui.theme.theme import Theme

NOTES_FORMAT = "application/x-inkwell-notes"
"""Ids of notes, separated by commas."""
_LONGEST = 10_000
_MARGIN, _WIDEST = 10, 260


def notes_data(note_ids: Sequence[int]) -> QMimeData:
    """What is dragged for notes of these ids."""
    data = QMimeData()
    data.setData(NOTES_FORMAT, ",".join(map(str, note_ids)).encode("ascii"))
    return data


def dragged_notes(data: QMimeData) -> list[int]:
    """The ids of the notes that are dragged, each once; empty for anything else."""
    raw = data.data(NOTES_FORMAT).data()[:_LONGEST] if data.hasFormat(NOTES_FORMAT) else b""
    words = bytes(raw).split(b",")
    return list(dict.fromkeys(int(word) for word in words if word.isdigit() and len(word) < 19))


def drag_notes(source: QWidget, theme: Theme, note_ids: Sequence[int], words: str) -> None:
    """Let the person drag these notes; returns when they are dropped or let go. `words` stand beside the pointer."""
    drag = QDrag(source)
    drag.setMimeData(notes_data(note_ids))
    picture = _picture(theme, words, source.devicePixelRatioF())
    drag.setPixmap(picture)
    drag.setHotSpot(QPoint(-_MARGIN, picture.deviceIndependentSize().toSize().height() // 2))
    drag.exec(Qt.DropAction.CopyAction)


def _picture(theme: Theme, words: str, ratio: float) -> QPixmap:
    font = theme.interface_font(13.5)
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(" ".join(words.split()), Qt.TextElideMode.ElideRight, theme.px(_WIDEST))
    icon = theme.px(16)
    size = QSize(3 * _MARGIN + icon + metrics.horizontalAdvance(shown), metrics.height() + 2 * (_MARGIN - 2))
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.color("line_strong"))
    painter.setBrush(theme.color("surface"))
    painter.drawRoundedRect(QRect(QPoint(0, 0), size).adjusted(1, 1, -1, -1), 8, 8)
    theme.icon("note", "accent").paint(painter, QRect(_MARGIN, (size.height() - icon) // 2, icon, icon))
    painter.setFont(font)
    painter.setPen(theme.color("text"))
    place = QRect(2 * _MARGIN + icon, 0, size.width(), size.height())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    return picture
