"""How many words a note has, at its foot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer

from desktop_app.domain.note_statistics import word_goal
from desktop_app.domain.notes import Note
from desktop_app.domain.outline import word_count
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.widgets import PlainLabel

#: The words of a selection are counted so long after it changed, in milliseconds.
_COUNT_MS = 120


class WordCount(PlainLabel):
    """Of what is selected where something is, else of the note, beside the goal that it sets."""

    def __init__(self, editor: MarkdownEditor, note: Callable[[], Note | None], is_written: Callable[[], bool]) -> None:
        """`note()` is the open one; what is selected in `editor` counts while `is_written()`."""
        super().__init__("", "small")
        self._editor = editor
        self._note = note
        self._is_written = is_written
        self._words: int | None = None
        self._soon = QTimer(self)  # a selection grows with each move of the mouse
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COUNT_MS)
        self._soon.timeout.connect(self.refresh)
        editor.selectionChanged.connect(self._soon.start)

    @property
    def is_known(self) -> bool:
        """Whether the words were counted."""
        return self._words is not None

    def show_count(self, count: int | None) -> None:
        """How many words the note has; None while that is not known."""
        self._words = count
        self.refresh()

    def refresh(self) -> None:
        """Say it anew: the goal is another one, or what is selected."""
        count = self._words
        if count is None:
            return
        note = self._note()
        goal = word_goal(note.front_matter) if note is not None else None
        words = self.tr("1 word") if count == 1 else self.tr("{n} words").replace("{n}", f"{count:,}")
        if goal is not None:
            words = self.tr("{n} of {goal} words").replace("{n}", f"{count:,}").replace("{goal}", f"{goal:,}")
        cursor = self._editor.textCursor()
        if cursor.hasSelection() and self._is_written():
            chosen = word_count(cursor.selectedText().replace("\u2029", "\n"))
            words = self.tr("{n} of {words}").replace("{n}", f"{chosen:,}").replace("{words}", words)
        self.setText(words)
