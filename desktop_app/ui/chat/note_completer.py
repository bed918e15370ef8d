"""`@` and a few letters in the composer: a list of notes to attach, above what is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from desktop_app.domain.notes import NoteSummary
from desktop_app.ui.widgets.completion_popup import Choice, TextCompletionPopup

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_TYPED = re.compile(r"(?:^|(?<=\s))@([^@\n]{0,60})$")


class NoteCompleter(TextCompletionPopup):
    """Watches the composer's editor."""

    note_chosen = Signal(int, str)  # note id, title

    def __init__(self, edit: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(
            edit,
            theme,
            _TYPED,
            name=self.tr("Notes to attach"),
            icon="note",
            width=360,
            above=True,
            only_typed=False,
        )

    def show_titles(self, text: str, notes: Sequence[NoteSummary]) -> None:
        """The notes whose titles contain `text`; an answer that comes too late is passed over."""
        self._show(text, [Choice(note.title or self.tr("Untitled"), note) for note in notes])

    def _use(self, value: object, typed: str) -> None:
        assert isinstance(value, NoteSummary)
        self._replace(typed, "", before=1)
        self.note_chosen.emit(value.id, value.title)
