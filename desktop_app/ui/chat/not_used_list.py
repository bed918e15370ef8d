"""Below the passages of an answer: notes near to its question of which it read nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.note_sources import NoteNotUsed
from desktop_app.presenters.notes_not_used import NotesNotUsedPresenter
from desktop_app.ui.widgets import Card, ChipButton, ElidedLabel, PlainLabel

_ABOVE = 14
_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NotUsedCard(Card):
    """One note. Enter or a click opens it at its passage, with Ctrl beside; Add sends it with the next message."""

    open_wanted = Signal(bool)  # beside
    add_wanted = Signal()

    def __init__(self, note: NoteNotUsed, *, added: bool, parent: QWidget) -> None:
        super().__init__(interactive=True, parent=parent)
        self.note = note
        self._beside = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.layout_.setContentsMargins(12, 10, 12, 10)
        head = QHBoxLayout()
        head.setSpacing(8)
        title = note.title or self.tr("Untitled")
        head.addWidget(ElidedLabel(title, "strong"), 1)
        self.add = ChipButton(self.tr("+ Add"))
        self.add.setAccessibleName(self.tr("Add {0} to the message").replace("{0}", title))
        self.add.setToolTip(self.tr("The whole note goes with your next message."))
        self.add.clicked.connect(self._add)
        head.addWidget(self.add)
        self.layout_.addLayout(head)
        if note.folder:
            self.layout_.addWidget(ElidedLabel(note.folder, "small"))
        if note.snippet:
            self.layout_.addWidget(PlainLabel(note.snippet, "muted", wrap=True))
        self.setAccessibleName(self.tr("Related note, {0}").replace("{0}", title))
        self.setAccessibleDescription(note.snippet)
        self.clicked.connect(lambda: self.open_wanted.emit(self._beside))
        if added:
            self._show_added()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """With Ctrl beside the note that is open."""
        self._beside = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().mouseReleaseEvent(event)
        self._beside = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPEN_KEYS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.open_wanted.emit(True)
        else:
            super().keyPressEvent(event)

    def _add(self) -> None:
        self._show_added()
        self.add_wanted.emit()

    def _show_added(self) -> None:
        self.add.setText(self.tr("Added"))
        self.add.setEnabled(False)


class NotUsedList(QWidget):
    """Draws a NotesNotUsedPresenter; takes no room where there is nothing to show."""

    def __init__(self, presenter: NotesNotUsedPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, _ABOVE, 0, 0)
        self._rows.setSpacing(8)
        self.cards: list[NotUsedCard] = []
        presenter.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        notes, error = self._presenter.notes, self._presenter.error
        self.cards = [self._card(note) for note in notes]
        if notes or error is not None:
            self._rows.addWidget(PlainLabel(self.tr("RELATED, NOT USED"), "section_strong"))
        if error is not None:
            self._rows.addWidget(PlainLabel(error.what, "warning", wrap=True))
        for card in self.cards:
            self._rows.addWidget(card)
        self.setVisible(bool(notes) or error is not None)

    def _card(self, note: NoteNotUsed) -> NotUsedCard:
        card = NotUsedCard(note, added=self._presenter.is_added(note), parent=self)
        card.add_wanted.connect(lambda: self._presenter.add(note))
        card.open_wanted.connect(
            lambda beside: self._presenter.open_wanted.emit(note.note_id, note.start, note.end, beside)
        )
        return card
