"""A note's properties: read to be edited, saved off the GUI thread, and taken back by the notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.editor_text import EditorText, decode, encode
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_properties import FaultyLine, fault_in, may_be_kept
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_properties import ChangedProperties


class EditingProperties(Protocol):
    """What this needs of the service."""

    def lines(self, note_id: int) -> str: ...
    def save(self, note_id: int, lines: str, seen: str | None) -> ChangedProperties: ...
    def take_back(self, change: ChangedProperties) -> None: ...


class PropertiesDraft:
    """The lines of one note while they are edited. Line ends that were not edited stay as they were."""

    def __init__(self, note_id: int, seen: str) -> None:
        self.note_id = note_id
        self.seen = seen
        self.encoded: EditorText = encode(seen)

    def lines(self, display: str) -> str:
        """What an editor's text stands for; each line ends, and nothing but blanks is no property."""
        if display == self.encoded.display:
            return self.seen
        lines = decode(display, self.encoded.line_end)
        if not lines.strip():
            return ""
        return lines if lines.endswith(("\n", "\r")) else lines + self.encoded.line_end

    def fault(self, display: str) -> FaultyLine | None:
        """The first fault in an editor's text."""
        return fault_in(self.lines(display))

    def may_be_kept(self, display: str) -> bool:
        """Whether an editor's text can be saved."""
        return may_be_kept(self.lines(display), self.seen)


class NotePropertiesPresenter(QObject):
    """Works off the GUI thread."""

    notice = Signal(str, object)  # text, undo
    failed = Signal(object)  # InkwellError: of opening, or of taking back

    def __init__(self, properties: EditingProperties, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._properties = properties
        self._tasks = tasks

    def open(self, note_id: int, done: Callable[[PropertiesDraft], None]) -> None:
        """Read the lines as they are now."""
        self._tasks.run(
            lambda token: PropertiesDraft(note_id, self._properties.lines(note_id)),
            done=done,
            failed=self.failed.emit,
            channel="note.properties",
        )

    def save(
        self,
        draft: PropertiesDraft,
        display: str,
        done: Callable[[], None],
        failed: Callable[[InkwellError], None],
        *,
        whatever_is_there: bool = False,
    ) -> None:
        """Save an editor's text; with `whatever_is_there` also over what was changed elsewhere meanwhile."""
        lines = draft.lines(display)
        seen = None if whatever_is_there else draft.seen

        def finish(change: ChangedProperties) -> None:
            done()
            if change.after != change.before:
                self.notice.emit(self.tr("Properties saved."), lambda: self._take_back(change))

        self._tasks.run(lambda token: self._properties.save(draft.note_id, lines, seen), done=finish, failed=failed)

    def _take_back(self, change: ChangedProperties) -> None:
        self._tasks.run(lambda token: self._properties.take_back(change), done=lambda _: None, failed=self.failed.emit)
