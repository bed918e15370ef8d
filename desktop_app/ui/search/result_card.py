"""One note that was found."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy

from desktop_app.domain.search import SearchHit
from desktop_app.presenters.search_words import excerpt, place_of, ranks_of, reasons_of
from desktop_app.ui.dates import day_in_words
from desktop_app.ui.note_drag import drag_notes
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, ElidedLabel, PlainLabel, TextButton


class ResultCard(Card):
    """Title, place, passage with highlights, ranks, and "Why?". `chosen` selects it, `opened` goes to the note.

    It can be dragged: onto a chat, its note is attached there.
    """

    chosen = Signal()
    opened = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(interactive=True)
        self.hit: SearchHit | None = None
        self._pressed_at: QPoint | None = None
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        head = QHBoxLayout()
        head.setSpacing(14)
        self.title = ElidedLabel("", "strong")
        theme.changed.connect(self._make_fonts)
        self._make_fonts()
        self.place = PlainLabel("", "small")
        head.addWidget(self.title, 1)
        head.addWidget(self.place)
        self.layout_.addLayout(head)
        self.passage = PassageText(theme, name=self.tr("Passage"))
        self.layout_.addWidget(self.passage)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.ranks = PlainLabel("", "small")
        self.why_button = TextButton(self.tr("Why?"), "link")
        self.why_button.setCheckable(True)
        self.why_button.toggled.connect(self._show_why)
        foot.addWidget(self.ranks)
        foot.addWidget(self.why_button)
        foot.addStretch()
        self.layout_.addLayout(foot)
        self.why = PlainLabel("", "muted", wrap=True, selectable=True)
        self.why.hide()
        self.layout_.addWidget(self.why)
        self.clicked.connect(self.opened)

    def show_hit(self, hit: SearchHit, question: str, now: datetime) -> None:
        """Show what `question` found; "Why?" closes when it is another note than before."""
        if self.hit is None or self.hit.note_id != hit.note_id:
            self.why_button.setChecked(False)
        self.hit = hit
        title = hit.title or self.tr("Untitled")
        self.title.setText(title)
        edited = self.tr("edited {day}").replace("{day}", day_in_words(hit.edited_at, now))
        place = place_of(hit)
        shown = place if len(place) <= 60 else "…" + place[-59:]
        self.place.setText(f"{shown} · {edited}" if shown else edited)
        part = excerpt(hit)
        self.passage.show_text(part.text, part.marks, part.strong)
        self.ranks.setText(ranks_of(hit))
        self.ranks.setVisible(bool(self.ranks.text()))
        self.why.setText("\n".join(reasons_of(hit, question)))
        self.why_button.setAccessibleName(self.tr("Why was {title} found?").replace("{title}", title))
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{self.place.text()}. {part.text}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed_at = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        event.accept()  # else the moves that follow would go to what lies below

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough from where the button went down, the note is dragged."""
        start = self._pressed_at
        if start is None or self.hit is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            drag_notes(self, self._theme, [self.hit.note_id], self.title.text())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects; what a card does on Enter is to open."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.chosen.emit()

    def _make_fonts(self) -> None:
        # With the weight: after a change of font or theme this outdoes the style sheet's.
        self.title.setFont(self._theme.interface_font(14.5, QFont.Weight.DemiBold))

    def _show_why(self, shown: bool) -> None:
        self.why.setVisible(shown)
        self.why_button.setText(self.tr("Less") if shown else self.tr("Why?"))
