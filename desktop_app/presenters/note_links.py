"""Links between notes for the screen: what stands beside the open note, completion, and where a link leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_links import AboutNote, Completion, Destination, EmbeddedNote

#: Saves within this time cost one look at the links, in milliseconds.
_COALESCE_MS = 150


class NoteLinking(Protocol):
    """What the screen needs of the service for links."""

    def about(self, note_id: int) -> AboutNote: ...
    def complete(self, note_id: int, typed: str) -> list[Completion]: ...
    def follow(self, note_id: int, written: str) -> Destination: ...
    def embedded(self, note_id: int, written: str) -> EmbeddedNote | None: ...
    def extract(self, note_id: int, title: str, text: str) -> Destination: ...


class NoteLinksPresenter(QObject):
    """Works off the GUI thread. `show` says which note is open; `refresh` that something was saved."""

    about_changed = Signal(object)  # AboutNote
    completed = Signal(str, object)  # what was typed, list of Completion
    led_to = Signal(object)  # Destination
    failed = Signal(object)  # InkwellError

    def __init__(
        self, links: NoteLinking, tasks: TaskRunner, parent: QObject | None = None, *, channel: str = "note"
    ) -> None:
        """`channel` tells the work of one open note from that of another."""
        super().__init__(parent)
        self._channel = channel
        self._links = links
        self._tasks = tasks
        self._note_id: int | None = None
        self._about = AboutNote()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COALESCE_MS)
        self._soon.timeout.connect(self._load)

    @property
    def about(self) -> AboutNote:
        """Outline, backlinks and links to nothing, as last read."""
        return self._about

    def show(self, note_id: int | None) -> None:
        """This note is open now, None where none is."""
        if note_id != self._note_id:
            self._note_id = note_id
            self._take(AboutNote())
            self._soon.stop()
            self._load()

    def refresh(self) -> None:
        """A note was saved, this one or another."""
        if self._note_id is not None and not self._soon.isActive():
            self._soon.start()

    def complete(self, typed: str) -> None:
        """Find what a half-typed link may become; `completed` follows."""
        note_id = self._note_id
        if note_id is None:
            return
        self._tasks.run(
            lambda token: self._links.complete(note_id, typed),
            done=lambda found: self.completed.emit(typed, found),
            failed=self.failed.emit,
            channel=f"{self._channel}.complete",
        )

    def follow(self, written: str) -> None:
        """Go where a link of the open note leads; `led_to` follows. The note is made where there is none."""
        note_id = self._note_id
        if note_id is None:
            return
        self._tasks.run(
            lambda token: self._links.follow(note_id, written),
            done=self.led_to.emit,
            failed=self.failed.emit,
            channel=f"{self._channel}.follow",
        )

    def embedded(self, note_id: int, written: str, done: Callable[[EmbeddedNote | None], None]) -> None:
        """Read what a note shows of another one; `done` gets None where there is nothing to show."""

        def work(token: CancelToken) -> EmbeddedNote | None:
            try:
                return self._links.embedded(note_id, written)
            except NotFoundError:  # deleted meanwhile
                return None

        self._tasks.run(work, done=done, failed=lambda _error: done(None))

    def extract(self, note_id: int, title: str, text: str, done: Callable[[Destination], None]) -> None:
        """Make a note of a part of one; `done` gets it, `failed` tells why it could not be made."""
        self._tasks.run(lambda token: self._links.extract(note_id, title, text), done=done, failed=self.failed.emit)

    def close(self) -> None:
        """Start no more work by itself."""
        self._soon.stop()
        self._note_id = None

    def _load(self) -> None:
        note_id = self._note_id
        if note_id is None:
            self._tasks.drop_channel(f"{self._channel}.about")
            return

        def work(token: CancelToken) -> AboutNote:
            try:
                return self._links.about(note_id)
            except NotFoundError:  # deleted meanwhile; whoever shows the note says so
                return AboutNote()

        self._tasks.run(work, done=self._take, failed=self.failed.emit, channel=f"{self._channel}.about")

    def _take(self, about: AboutNote) -> None:
        if about != self._about:
            self._about = about
            self.about_changed.emit(about)
