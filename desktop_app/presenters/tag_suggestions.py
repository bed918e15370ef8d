"""Suggested tags of the open note: looked for in the background, accepted one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import Note
from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.index_ports import SubscribeIndexing

_log = logging.getLogger(__name__)


class Suggesting(Protocol):
    """The service."""

    def for_note(self, note_id: int, cancel: CancelToken) -> tuple[str, ...]: ...


#: Who passes from note to note asks for nothing; and the first note of a start is painted before numbers are loaded.
DELAY_MS = 300


class TagSuggestionsPresenter(QObject):
    """Follows the open note. What was suggested for an earlier one is never shown for another.

    Args:
        wanted: the setting, asked at each note.
        channel: another one for each presenter: a later question takes the place of an earlier one in the same channel.
    """

    changed = Signal()
    _progress = Signal(object)

    def __init__(
        self,
        service: Suggesting,
        editor: NoteEditorPresenter,
        tasks: TaskRunner,
        subscribe_indexing: SubscribeIndexing | None = None,
        wanted: Callable[[], bool] = lambda: True,
        parent: QObject | None = None,
        *,
        delay_ms: int = DELAY_MS,
        channel: str = "note.tag_suggestions",
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._editor = editor
        self._tasks = tasks
        self._wanted = wanted
        self._channel = channel
        self._asked: tuple[int, int, tuple[str, ...]] | None = None
        self._timer = single_shot(self, delay_ms, self._ask)
        self._indexing = False
        self._closed = False
        self.tags: tuple[str, ...] = ()
        editor.opened.connect(lambda _opened: self.look())
        editor.note_changed.connect(lambda _note: self.look())
        editor.closed.connect(self.look)
        self._progress.connect(self._on_progress)
        self._unsubscribe = subscribe_indexing(self._progress.emit) if subscribe_indexing is not None else lambda: None

    def look(self, *, again: bool = False) -> None:
        """Look for tags of the open note, unless that was done for this state of it."""
        if self._closed or self._tasks.closed:  # a last save may be told while the window closes
            return
        note = self._editor.note
        if note is None or note.trashed_at is not None or not self._wanted():
            self._asked = None
            self._timer.stop()
            self._tasks.drop_channel(self._channel)
            self._show(())
            return
        state = (note.id, note.revision, note.tags)
        if state == self._asked and not again:
            return
        if self._asked is None or self._asked[0] != note.id:
            self._show(())
        self._asked = state
        self._timer.start()

    def accept(self, tag: str | None = None) -> None:
        """Give the open note a suggested tag, the first one where none is named."""
        note = self._editor.note
        chosen = tag if tag is not None else next(iter(self.tags), None)
        if note is None or chosen not in self.tags:
            return
        self._show(tuple(each for each in self.tags if each != chosen))
        self._editor.set_tags([*note.tags, chosen])

    def close(self) -> None:
        """Stop listening to the indexer."""
        self._closed = True
        self._unsubscribe()

    def _ask(self) -> None:
        note = self._editor.note
        if note is None or self._closed or self._tasks.closed:
            return
        self._tasks.run(
            lambda cancel: self._service.for_note(note.id, cancel),
            done=lambda tags: self._take(note, tags),
            # The note is none the worse for it, and what is wrong with the store its own screens say.
            failed=lambda error: _log.warning("No tags were suggested: %s", error.code),
            channel=self._channel,
        )

    def _take(self, note: Note, tags: tuple[str, ...]) -> None:
        shown = self._editor.note
        if shown is not None and shown.id == note.id:
            self._show(tuple(tag for tag in tags if tag not in shown.tags))

    def _on_progress(self, progress: IndexingProgress) -> None:
        """What was just written is known by its meaning once it is indexed."""
        if self._closed:
            return
        finished = self._indexing and progress.notes_due == 0
        self._indexing = progress.notes_due > 0
        if finished:
            self.look(again=True)

    def _show(self, tags: tuple[str, ...]) -> None:
        if tags != self.tags:
            self.tags = tags
            self.changed.emit()
