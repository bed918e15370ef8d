"""Says in an open note that its linked file was changed meanwhile, and where what was written here is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.folder_sync import Conflict, FolderStatus
from desktop_app.domain.notes import Note
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.widgets import Banner


class ConflictLines(QObject):
    """A line above each note whose text gave way to its file's, until it is closed or the conflict is settled."""

    def __init__(
        self, parts: ScreenParts, open_note: Callable[[int], object], open_beside: Callable[[int], object]
    ) -> None:
        """`open_note` shows a note in the first place, `open_beside` beside the one there."""
        super().__init__(parts.over)
        self._parts = parts
        self._open_note = open_note
        self._open_beside = open_beside
        self._conflicts: dict[int, Conflict] = {}  # by the note that has the file's text
        self._lines: dict[NoteSide, QWidget] = {}
        for side in parts.desk.sides:
            self._listen_to(side)
        parts.desk.beside_made.connect(self._listen_to)

    def add(self, conflicts: Sequence[Conflict]) -> None:
        """These were found."""
        self._conflicts |= {one.of: one for one in conflicts if one.of is not None}
        self._show_all()

    def keep_only(self, statuses: Sequence[FolderStatus]) -> None:
        """Say nothing more of those that are settled, or whose note with our text is gone."""
        left = {one.note_id for status in statuses for one in status.conflicts}
        kept = {of: one for of, one in self._conflicts.items() if one.note_id in left}
        if kept != self._conflicts:
            self._conflicts = kept
            self._show_all()

    def line_of(self, side: NoteSide) -> QWidget | None:
        """What is said in this note; None where nothing is."""
        return self._lines.get(side)

    def _listen_to(self, side: NoteSide) -> None:
        side.editor.opened.connect(lambda _opened: self._show(side))
        side.editor.closed.connect(lambda: self._show(side))
        side.editor.note_changed.connect(lambda _note: self._show(side))
        self._show(side)

    def _show_all(self) -> None:
        for side in self._parts.desk.sides:
            self._show(side)

    def _show(self, side: NoteSide) -> None:
        note: Note | None = side.editor.note
        conflict = self._conflicts.get(note.id) if note is not None else None
        shown = self._lines.get(side)
        if shown is not None:
            if conflict is not None and shown.property("kept_in") == conflict.note_id:
                return
            del self._lines[side]
            shown.hide()
            shown.deleteLater()
        if conflict is not None:
            line = self._lines[side] = self._line(side, conflict)
            side.view.add_under_head(line)

    def _line(self, side: NoteSide, conflict: Conflict) -> QWidget:
        words = self.tr(
            "The file of this note was changed by another program while you wrote. Its text stands here now; yours is "
            "kept in “{title}”."
        ).replace("{title}", conflict.title)
        actions = (
            (self.tr("Open yours beside"), partial(self._open, side, conflict.note_id)),
            (self.tr("OK"), partial(self._dismiss, conflict)),
        )
        line = QWidget()
        line.setProperty("kept_in", conflict.note_id)
        column = QVBoxLayout(line)
        column.setContentsMargins(20, 12, 20, 0)
        column.addWidget(Banner(words, actions, icon=self._parts.theme.icon("warning", "warning")))
        return line

    def _open(self, side: NoteSide, note_id: int) -> None:
        if side is self._parts.desk.main:
            self._open_beside(note_id)
        else:
            self._open_note(note_id)

    def _dismiss(self, conflict: Conflict) -> None:
        self._conflicts = {of: one for of, one in self._conflicts.items() if one is not conflict}
        self._show_all()
