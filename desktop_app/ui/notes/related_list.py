"""Beside a note: the notes near to it in meaning, kept up to date while it is written."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.related_notes import RelatedNote
from desktop_app.presenters.related_notes import RelatedNotesPresenter, RelatedPhase
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, FlatList

_WIDTH = 220


class RelatedList(QStackedWidget):
    """One of: the list, or why there is none. Has the presenter look for notes only while it is seen."""

    note_chosen = Signal(object)  # RelatedNote

    def __init__(self, presenter: RelatedNotesPresenter, theme: Theme) -> None:
        super().__init__()
        self.setStyleSheet("QStackedWidget { background: transparent; }")
        self._presenter = presenter
        self._theme = theme
        self._model = RowListModel(self)
        self.list = FlatList(theme, self._model, name=self.tr("Notes similar to this one"))
        self.list.chosen.connect(lambda row: self.note_chosen.emit(presenter.notes[row]))
        self._blank = QWidget()
        self._message: QWidget | None = None
        for page in (self.list, self._blank):
            self.addWidget(page)
        self.setFocusProxy(self.list)
        presenter.changed.connect(self._show)
        self._show()

    @property
    def chosen_note(self) -> RelatedNote | None:
        """The one that the keyboard is on."""
        row = self.list.current_id
        return self._presenter.notes[row] if isinstance(row, int) and row < len(self._presenter.notes) else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.set_watched(False)

    def _show(self) -> None:
        phase = self._presenter.phase
        if self._message is not None:
            self.removeWidget(self._message)
            self._message.deleteLater()
            self._message = None
        if phase is RelatedPhase.LISTED:
            rows = [
                Row(place, note.title or self.tr("Untitled"), note.words, needs_enter=True)
                for place, note in enumerate(self._presenter.notes)
            ]
            self._model.set_rows(rows)
            self.setCurrentWidget(self.list)
        elif phase is RelatedPhase.LOOKING:  # a moment: words that come and go would only flicker
            self._model.set_rows([])
            self.setCurrentWidget(self._blank)
        else:
            self._model.set_rows([])
            self._message = self._words_for(phase)
            self.addWidget(self._message)
            self.setCurrentWidget(self._message)

    def _words_for(self, phase: RelatedPhase) -> QWidget:
        if phase is RelatedPhase.FAILED and self._presenter.error is not None:
            holder = QWidget()
            column = QVBoxLayout(holder)
            again = ((self.tr("Try again"), self._presenter.look),)
            column.addWidget(ErrorBox(self._presenter.error, again, icon=self._theme.icon("warning", "warning")))
            column.addStretch()
            return holder
        problem = self._presenter.indexing_problem
        if phase is RelatedPhase.WAITING and problem is not None:
            return EmptyState(None, self.tr("Not indexed"), f"{problem.what} {problem.todo}".strip(), width=_WIDTH)
        words = {
            RelatedPhase.NOTHING: (
                self.tr("No similar notes"),
                self.tr("No other note is near to this one in meaning."),
            ),
            RelatedPhase.EMPTY: (
                self.tr("Nothing to compare yet"),
                self.tr("Write a few lines: notes like them are listed here."),
            ),
        }.get(
            phase,
            (
                self.tr("Not indexed yet"),
                self.tr("Similar notes stand here as soon as this one is indexed."),
            ),
        )
        return EmptyState(None, *words, width=_WIDTH)
