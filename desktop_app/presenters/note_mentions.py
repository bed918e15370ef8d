"""Where other notes name the open one without a link: looked for in the background while the list is seen."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.mentions import Mention
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.single_shot import single_shot
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_mentions import LinkedMention

#: Who passes from note to note asks for nothing.
DELAY_MS = 300
#: While somebody writes, the list of a note changes no more often than this.
REST_MS = 3_000


class Mentioning(Protocol):
    """The service."""

    def mentions_of(self, note_id: int, cancel: CancelToken) -> list[Mention]: ...
    def link(self, note_id: int, mention: Mention) -> LinkedMention: ...
    def take_back(self, linked: LinkedMention) -> None: ...


class NoteMentionsPresenter(QObject):
    """Follows the open note while `set_watched`. What was found for one note is never shown for another.

    Args:
        channel: another one for each open note: a later question takes the place of an earlier one in it.
    """

    changed = Signal()
    notice = Signal(str, object)  # text, undo
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: Mentioning,
        editor: NoteEditorPresenter,
        tasks: TaskRunner,
        parent: QObject | None = None,
        *,
        delay_ms: int = DELAY_MS,
        rest_ms: int = REST_MS,
        channel: str = "note.mentions",
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._editor = editor
        self._tasks = tasks
        self._channel = channel
        self._watched = False
        self._found_for: int | None = None
        self._delays = (delay_ms, rest_ms)
        self._soon = single_shot(self, delay_ms, self._ask)
        self.mentions: tuple[Mention, ...] = ()
        editor.opened.connect(lambda _opened: self.look())
        editor.closed.connect(self.look)

    def set_watched(self, watched: bool) -> None:
        """Whether anybody sees the list; nothing is looked for while nobody does."""
        if watched != self._watched:
            self._watched = watched
            self.look()
            if self._soon.isActive():  # what was written meanwhile was not looked for
                self._soon.start(self._delays[0])

    def look(self) -> None:
        """Look for mentions of the open note: another one is open, or a note was saved."""
        note = self._editor.note
        if note is None or note.id != self._found_for:
            self._tasks.drop_channel(self._channel)
            self._take(None, [])
        if note is None or not self._watched or self._tasks.closed:
            self._soon.stop()
        elif not self._soon.isActive() or self._found_for != note.id:
            self._soon.start(self._delays[self._found_for == note.id])

    def link(self, mention: Mention) -> None:
        """Make a link of a mention; the notice takes it back."""
        note = self._editor.note
        if note is None or not self._all_saved():
            return

        def done(linked: LinkedMention) -> None:
            text = self.tr("“{words}” in “{note}” is a link now.").replace("{words}", linked.words)
            self.notice.emit(text.replace("{note}", linked.before.title), lambda: self._take_back(linked))

        def failed(error: InkwellError) -> None:
            self.failed.emit(error)
            self._soon.start(self._delays[0])  # it may be a mention still

        self._tasks.run(lambda token: self._service.link(note.id, mention), done=done, failed=failed)
        self._take(note.id, [one for one in self.mentions if one is not mention])

    def close(self) -> None:
        """Start no more work by itself."""
        self._watched = False
        self._soon.stop()

    def _all_saved(self) -> bool:
        """The note that gets the link may be open beside, with words that are not saved yet: those come first."""
        errors = self._editor.flush()
        if errors:
            self.failed.emit(errors[0])
        return not errors

    def _take_back(self, linked: LinkedMention) -> None:
        if not self._all_saved():
            return
        self._tasks.run(lambda token: self._service.take_back(linked), done=lambda _: None, failed=self.failed.emit)

    def _ask(self) -> None:
        note = self._editor.note
        if note is None or not self._watched or self._tasks.closed:
            return

        def work(token: CancelToken) -> list[Mention]:
            try:
                return self._service.mentions_of(note.id, token)
            except NotFoundError:  # deleted meanwhile; whoever shows the note says so
                return []

        def done(found: list[Mention]) -> None:
            if self._editor.note is not None and self._editor.note.id == note.id:
                self._take(note.id, found)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel=self._channel)

    def _take(self, note_id: int | None, found: list[Mention]) -> None:
        self._found_for = note_id
        if tuple(found) != self.mentions:
            self.mentions = tuple(found)
            self.changed.emit()
