"""Saves notes in the background, one save at a time for each note, and lets go of a text only after its commit."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.editor_text import decode
from desktop_app.domain.errors import InkwellError, NoteConflictError, NotFoundError
from desktop_app.domain.folder_sync import conflict_title
from desktop_app.domain.notes import Note
from desktop_app.presenters.tasks import TaskRunner

#: A save that failed (disk full, database locked) is tried again by itself after this many milliseconds.
RETRY_MS = 10_000


class NoteSaving(Protocol):
    """What saving needs of the note service."""

    def get(self, note_id: int) -> Note: ...
    def save(self, note_id: int, text: str, title: str | None = None, expected_revision: int | None = None) -> Note: ...
    def set_tags(self, note_id: int, tags: Sequence[str], seen: Sequence[str] | None = None) -> Note: ...
    def keep_apart(self, of: Note, text: str, title: str) -> Note: ...


class PendingText(msgspec.Struct, frozen=True):
    """A text not yet committed, as the editor shows it; `ticket` numbers the texts of all notes.

    `title` is what was typed for it, None where nobody touched it.
    """

    ticket: int
    display: str
    line_end: str
    title: str | None = None


class Saved(msgspec.Struct, frozen=True):
    """A commit. `conflicting_note_id` is the note the text was meant for when it was kept as a note of its own; with
    `is_gone` that note was deleted for good.
    """

    note: Note
    ticket: int
    conflicting_note_id: int | None = None
    is_gone: bool = False


class _Slot(msgspec.Struct):
    """One note with texts under way; `note` is as it was last read, without its text.

    `revision` and `digest` belong to whoever holds the lock; `untold` are commits of which nobody was told yet.
    """

    note_id: int
    note: Note
    revision: int
    digest: bytes
    newest: PendingText | None = None
    committed: int = 0
    running: bool = False
    error: InkwellError | None = None
    untold: deque[Saved] = msgspec.field(default_factory=deque)

    @property
    def due(self) -> PendingText | None:
        """The text still to be committed."""
        return self.newest if self.newest is not None and self.newest.ticket > self.committed else None


class NoteSaver(QObject):
    """The one way of note texts into the store.

    A text stays here until its commit, also while another note is shown and after a failure: a full disk costs nothing.
    A note that was changed elsewhere meanwhile is not overwritten: the text becomes a note of its own, as it does where
    the note is gone (deleted by another program, or a backup was restored).
    """

    saved = Signal(object)  # Saved
    failed = Signal(int, object)  # note id, InkwellError
    rested = Signal(int)  # id of a note of which a save is not under way any more

    def __init__(self, notes: NoteSaving, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notes = notes
        self._tasks = tasks
        self._slots: dict[int, _Slot] = {}
        self._lock = threading.Lock()
        self._tickets = 0
        self._writers: list[Callable[[], None]] = []
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.retry)

    # Asking (GUI thread) ------------------------------------------------------------------------

    def add_writer(self, hand_over: Callable[[], None]) -> None:
        """`hand_over()` puts what is being typed in one open note; asked before `flush`."""
        self._writers.append(hand_over)

    def track(self, note: Note) -> None:
        """`note` was read from the store: its next text builds on this revision. Pending text is kept as it is."""
        slot = self._slots.get(note.id)
        if slot is None or (slot.due is None and not slot.running):
            self._slots[note.id] = _Slot(note.id, replace(note, text=""), note.revision, _digest(note.text))

    def put(self, note_id: int, display: str, line_end: str, title: str | None = None) -> int:
        """Save this text of a tracked note; returns its ticket. A newer text replaces one that still waits.

        A typed `title` is saved with it; without one, a title that still waits stays.
        """
        slot = self._slots[note_id]
        self._tickets += 1
        waiting = slot.due
        if title is None and waiting is not None:
            title = waiting.title
        slot.newest = PendingText(self._tickets, display, line_end, title)
        self._start(slot)
        return self._tickets

    def pending(self, note_id: int) -> PendingText | None:
        """The text of a note that is not committed yet."""
        slot = self._slots.get(note_id)
        return slot.due if slot else None

    def is_saving(self, note_id: int) -> bool:
        """A save of the note is under way, or done and not told yet."""
        slot = self._slots.get(note_id)
        return slot is not None and slot.running

    def error(self, note_id: int) -> InkwellError | None:
        """Why the last save of a note failed, None when it did not."""
        slot = self._slots.get(note_id)
        return slot.error if slot else None

    @property
    def unsaved(self) -> list[int]:
        """Notes with text that is not committed yet."""
        return [slot.note_id for slot in self._slots.values() if slot.due is not None]

    def retry(self) -> None:
        """Try again what failed."""
        self._retry.stop()
        for slot in list(self._slots.values()):
            self._tell(slot)
            if slot.due is not None:
                self._start(slot)

    def settle(self, note_id: int) -> None:
        """In any thread: commit what is pending of a note before going on; then have it told by `tell`."""
        slot = self._slots.get(note_id)
        if slot is not None:
            self._commit(slot)

    def change(self, note_id: int, work: Callable[[], Note]) -> Note:
        """In any thread: commit what is pending of a note, then let `work` give it another text in the store; returns
        the note as `work` left it. Then have the commit told by `tell`, also where `work` raised.

        What is typed meanwhile waits, and is saved on top of that.
        """
        slot = self._slots.get(note_id)
        with self._lock:
            if slot is not None:
                self._commit_due(slot)
            note = work()
            if slot is not None and slot.note_id == note.id:
                slot.note = replace(note, text="")
                slot.revision, slot.digest = note.revision, _digest(note.text)
        return note

    def tell(self, note_id: int) -> None:
        """Tell of the commits that `settle` and `change` made (GUI thread)."""
        slot = self._slots.get(note_id)
        if slot is not None:
            self._tell(slot)

    def forget(self, note_id: int) -> None:
        """The note is gone for good: drop its pending text."""
        self._slots.pop(note_id, None)

    def flush(self) -> list[InkwellError]:
        """Commit everything before returning, what is being typed in any open note included; what could not be saved is
        returned as errors.
        """
        for hand_over in self._writers:
            hand_over()
        errors = []
        for slot in list(self._slots.values()):
            try:
                self._commit(slot)
            except InkwellError as error:
                slot.error = error
                errors.append(error)
            self._tell(slot)
        return errors

    def close(self) -> None:
        """Try nothing again by itself."""
        self._retry.stop()

    # Inside -------------------------------------------------------------------------------------

    def _start(self, slot: _Slot) -> None:
        if slot.running or slot.due is None:
            return
        slot.running = True

        def done(_: None) -> None:
            slot.running = False
            self._tell(slot)
            self._start(slot)
            if not slot.running:
                self.rested.emit(slot.note_id)

        def failed(error: InkwellError) -> None:
            slot.running = False
            slot.error = error
            self._retry.start()
            self.failed.emit(slot.note_id, error)

        self._tasks.run(lambda token: self._commit(slot), done=done, failed=failed)

    def _tell(self, slot: _Slot) -> None:
        while slot.untold:
            self._finish(slot, slot.untold.popleft())

    def _finish(self, slot: _Slot, result: Saved) -> None:
        slot.error = None
        if slot.note_id != result.note.id:
            self._slots.pop(slot.note_id, None)
            slot.note_id = result.note.id
            self._slots[slot.note_id] = slot
        self.saved.emit(result)

    def _commit(self, slot: _Slot) -> None:
        """In any thread: commit the newest text of `slot`, where it is not yet."""
        with self._lock:
            self._commit_due(slot)

    def _commit_due(self, slot: _Slot) -> None:
        """The same, by whoever holds the lock."""
        pending = slot.due
        if pending is None:
            return
        text = decode(pending.display, pending.line_end)
        conflicting: int | None = None
        is_gone = False
        try:
            note = self._notes.save(slot.note_id, text, pending.title, slot.revision)
        except NoteConflictError:
            note = self._resolve(slot, text, pending.title)
            conflicting = slot.note_id if note.id != slot.note_id else None
        except NotFoundError:
            if self._slots.get(slot.note_id) is not slot:
                slot.committed = pending.ticket
                return  # the person deleted it for good while this save waited for its turn
            note = self._notes.keep_apart(slot.note, text, pending.title or "")
            conflicting, is_gone = slot.note_id, True
        slot.revision = note.revision
        slot.digest = _digest(text)
        if conflicting is not None:
            slot.note = replace(note, text="")
        slot.committed = pending.ticket
        slot.untold.append(Saved(note, pending.ticket, conflicting, is_gone))

    def _resolve(self, slot: _Slot, text: str, title: str | None) -> Note:
        """The revision moved on. Where only folder or tags changed, save on top; else keep both texts."""
        stored = self._notes.get(slot.note_id)
        if _digest(stored.text) in (slot.digest, _digest(text)):
            return self._notes.save(slot.note_id, text, title, stored.revision)
        named = conflict_title(stored.title, date.today()) if stored.title else ""
        return self._notes.keep_apart(stored, text, title or named)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
