"""The note on the desk: opened in the background, saved while it is written, reloaded when changed elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.editor_text import EditorText, decode, display_position, encode, unit_count
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.line_changes import LineChange, line_changes
from desktop_app.domain.note_file import head_of
from desktop_app.domain.notes import Note, NoteVersion
from desktop_app.domain.snippets import own_title
from desktop_app.presenters.note_saver import NoteSaver, NoteSaving, Saved
from desktop_app.presenters.save_state import SaveKind, SaveState
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.typing_pause import TypingPause

_Result = TypeVar("_Result")

#: Taking the text out of the editor costs about 15 ms a million characters: large notes are saved less often.
_EXTRA_MS_PER_MILLION = 600


class NoteEditing(NoteSaving, Protocol):
    """What the editor needs of the note service."""

    def versions(self, note_id: int) -> list[NoteVersion]: ...
    def restore_version(self, version_id: int) -> Note: ...


AT_END = (2**31 - 1, 2**31 - 1)
"""A place behind all of a text, unsaved words included."""


class OpenedNote(msgspec.Struct, frozen=True):
    """A note ready to be shown.

    Attributes:
        encoded: its text as the editor widget takes it (unsaved text where there is some).
        selection: (start, end) in the widget's UTF-16 positions to be shown and marked; None for the top.
        reloaded: the same note as before, changed elsewhere: keep cursor and scroll position.
        heading: the characters of its text to be shown in whichever way it is shown, to write or to read; `selection`
            says the same for the widget.
    """

    note: Note
    encoded: EditorText
    selection: tuple[int, int] | None = None
    reloaded: bool = False
    heading: tuple[int, int] | None = None


class NoteEditorPresenter(QObject):
    """Opens one note at a time. The widget tells of every change by `edited()`; its text is taken only to be saved."""

    opening = Signal(int)  # note id
    opened = Signal(object)  # OpenedNote
    open_failed = Signal(object)  # InkwellError
    closed = Signal()
    save_state_changed = Signal(object)  # SaveState
    note_changed = Signal(object)  # Note, after a commit: title, folder or tags may differ
    conflict = Signal(object, object)  # the Note that now holds the text, id of the one changed elsewhere, None if gone

    def __init__(
        self,
        notes: NoteEditing,
        tasks: TaskRunner,
        autosave_ms: Callable[[], int] = lambda: 600,
        parent: QObject | None = None,
        *,
        beside: NoteEditorPresenter | None = None,
    ) -> None:
        """One that shows a note `beside` another one's saves through the same saver, so that a text that waits for its
        commit is known to both.
        """
        super().__init__(parent)
        self._notes = notes
        self._tasks = tasks
        self._autosave_ms = autosave_ms
        self._read: Callable[[], str] = str
        self._note: Note | None = None
        self._opening_id: int | None = None
        self._encoded = EditorText("")
        self._edits = 0
        self._edits_handed_over = 0
        self._typed_title: str | None = None
        self._state = SaveState(SaveKind.SAVED)
        self._refresh_put_off = False
        self._beside = beside
        self._channel = "note" if beside is None else "note_beside"
        self.saver: NoteSaver = NoteSaver(notes, tasks, self) if beside is None else beside.saver
        self.saver.add_writer(self._hand_over)
        self.saver.saved.connect(self._on_saved)
        self.saver.failed.connect(self._on_save_failed)
        self.saver.rested.connect(self._on_rested)
        self._timer = TypingPause(self)
        self._timer.timeout.connect(self.save_now)

    # What is shown ------------------------------------------------------------------------------

    @property
    def note(self) -> Note | None:
        """The open note as last read or saved, None while none is open."""
        return self._note

    @property
    def opening_id(self) -> int | None:
        """The note that is being read to be shown next; None where none is."""
        return self._opening_id

    @property
    def state(self) -> SaveState:
        """How the shown text relates to the one on disk."""
        return self._state

    @property
    def dirty(self) -> bool:
        """True while the widget holds text that was not handed over for saving."""
        return self._note is not None and self._edits != self._edits_handed_over

    @property
    def unsaved(self) -> bool:
        """True while any text, of this note or one left before, is not committed."""
        return self.dirty or bool(self.saver.unsaved)

    def set_source(self, read: Callable[[], str]) -> None:
        """`read()` returns the widget's text, line breaks as "\\n"."""
        self._read = read

    def text(self) -> str:
        """The open note's text as it stands in the widget now, decoded."""
        return decode(self._read(), self._encoded.line_end) if self._note else ""

    @property
    def own_title(self) -> str:
        """The title typed for the open note (or brought by its file); empty while the title follows the text."""
        note = self._note
        if self._typed_title is not None or note is None:
            return self._typed_title or ""
        pending = self.saver.pending(note.id)
        if pending is not None and pending.title is not None:
            return pending.title
        return own_title(note.title, note.text)

    # Opening ------------------------------------------------------------------------------------

    def open(
        self, note_id: int, place: tuple[int, int] | None = None, *, heading: tuple[int, int] | None = None
    ) -> None:
        """Show a note; `place` are character offsets in its text to be shown and marked where it is written, `heading`
        those to be shown however it is shown. The note before is saved.
        """
        self._hand_over()
        self._opening_id = note_id
        self.opening.emit(note_id)
        pending = self.saver.pending(note_id)

        def work(token: CancelToken) -> OpenedNote:
            note = self._notes.get(note_id)
            if pending is not None:  # places are of the saved text, but for the end
                end = unit_count(pending.display) if place == AT_END else None
                shown = EditorText(pending.display, pending.line_end)
                return OpenedNote(note, shown, (end, end) if end is not None else None)
            encoded = encode(note.text)
            return OpenedNote(note, encoded, _selection(note.text, encoded, place or heading), heading=heading)

        edits = self._edits

        def done(opened: OpenedNote) -> None:
            self._opening_id = None
            self._hand_over()
            if self._note is not None and self._note.id == note_id and self._edits != edits:
                self.open(note_id, place, heading=heading)  # what was typed while it was read is not in it
            else:
                self._show(opened)

        def failed(error: InkwellError) -> None:
            self._opening_id = None
            self.open_failed.emit(error)

        self._tasks.run(work, done=done, failed=failed, channel=f"{self._channel}.open")

    def close_note(self) -> None:
        """Leave the open note (it went to the trash, or none is chosen); unsaved text is saved."""
        self._tasks.drop_channel(f"{self._channel}.open")
        self._opening_id = None
        self._hand_over()
        self._leave()

    def discard_note(self) -> None:
        """Leave the open note without saving: it was deleted for good."""
        self._timer.stop()
        if self._note is not None:
            self.saver.forget(self._note.id)
        self._leave()

    def refresh(self) -> None:
        """The store changed: show the open note anew when it differs and nothing unsaved is on the screen."""
        note = self._note
        if note is None:
            return

        def work(token: CancelToken) -> OpenedNote | None:
            stored = self._notes.get(note.id)
            if stored == note:
                return None
            return OpenedNote(stored, encode(stored.text), reloaded=True)

        def done(opened: OpenedNote | None) -> None:
            if opened is None or self.unsaved or self._note is None or self._note.id != note.id:
                return
            if self.saver.is_saving(note.id):  # what it has to say, of a conflict for one, comes first
                self._refresh_put_off = True
                return
            if self._note is not note:  # saved meanwhile: what was read may be older than that
                self.refresh()
                return
            if opened.note.text == note.text:
                self._adopt(opened.note)
            else:
                self._show(opened)

        self._tasks.run(work, done=done, failed=self._on_refresh_failed, channel=f"{self._channel}.refresh")

    # Writing ------------------------------------------------------------------------------------

    def edited(self) -> None:
        """The widget's text was changed by the person."""
        if self._note is None:
            return
        self._edits += 1
        if self._state.kind is not SaveKind.FAILED:
            self._set_state(SaveState(SaveKind.EDITED))
        size = len(self._encoded.display)
        self._timer.typed(self._autosave_ms() + size * _EXTRA_MS_PER_MILLION // 1_000_000)

    def title_edited(self, title: str) -> None:
        """The person typed a title; an empty one lets the title follow the text again. Saved as the text is."""
        if self._note is not None:
            self._typed_title = title
            self.edited()

    def save_now(self) -> None:
        """Save what is on the screen without waiting for the pause in typing; also the answer to "Try again"."""
        self._hand_over()
        self.saver.retry()
        if self._note is not None and self.saver.pending(self._note.id) is not None:
            self._set_state(SaveState(SaveKind.SAVING))

    def flush(self) -> list[InkwellError]:
        """Commit everything in this thread, what is typed in the note beside included; errors of what was not saved."""
        return self.saver.flush()

    def close(self) -> None:
        """Start no more work by itself (before the task runner closes; `flush` first)."""
        self._timer.stop()
        self.saver.close()

    # Versions and tags --------------------------------------------------------------------------

    def load_versions(self, done: Callable[[list[NoteVersion]], None], failed: Callable[[InkwellError], None]) -> None:
        """The open note's earlier texts, newest first; what is on the screen is saved before."""
        note = self._note
        if note is None:
            return
        self._hand_over()

        def work(token: CancelToken) -> list[NoteVersion]:
            self.saver.settle(note.id)
            return self._notes.versions(note.id)

        self._tasks.run(
            work,
            done=self._after_telling(note.id, done),
            failed=self._after_telling(note.id, failed),
            channel=f"{self._channel}.versions",
        )

    def compare(self, version: NoteVersion, done: Callable[[list[LineChange]], None]) -> None:
        """What changed since a version, up to what is on the screen now."""
        text, lines = self.text(), version.front_matter
        note = self._note
        earlier = version.text
        if note is not None and lines is not None and lines != note.front_matter:
            text, earlier = head_of(note.front_matter) + text, head_of(lines) + earlier
        self._tasks.run(lambda token: line_changes(earlier, text), done=done, channel=f"{self._channel}.compare")

    def restore_version(self, version_id: int) -> None:
        """Put an earlier text in place of the present one (which becomes a version itself)."""
        shown = self._note
        if shown is None:
            return
        self._hand_over()
        edits = self._edits

        def work(token: CancelToken) -> OpenedNote:
            note = self.saver.change(shown.id, lambda: self._notes.restore_version(version_id))
            return OpenedNote(note, encode(note.text), reloaded=True)

        def done(opened: OpenedNote) -> None:
            note = self._note
            if note is None or note.id != opened.note.id or self._edits == edits:
                self._hand_over()
                self._show(opened)
                return
            if note.revision < opened.note.revision:
                self._adopt(opened.note)
            self._hand_over()  # typed meanwhile: that is newer, and saved on top

        self._tasks.run(
            work,
            done=self._after_telling(shown.id, done),
            failed=self._after_telling(shown.id, self.open_failed.emit),
            channel=f"{self._channel}.open",
        )

    def set_tags(self, tags: list[str]) -> None:
        """Give the open note these tags."""
        note = self._note
        if note is None:
            return
        self._tasks.run(
            lambda token: self._notes.set_tags(note.id, tags, note.tags), done=self._adopt, failed=self.open_failed.emit
        )

    # Inside -------------------------------------------------------------------------------------

    def _after_telling(self, note_id: int, then: Callable[[_Result], None]) -> Callable[[_Result], None]:
        """`then`, once everyone was told of what was committed on the way to its result."""

        def told(result: _Result) -> None:
            self.saver.tell(note_id)
            then(result)

        return told

    def _show(self, opened: OpenedNote) -> None:
        self._timer.stop()
        self._note = opened.note
        self._encoded = opened.encoded
        self._edits = self._edits_handed_over = 0
        self._typed_title = None
        self.saver.track(opened.note)
        self.opened.emit(opened)
        error = self.saver.error(opened.note.id)
        waiting = self.saver.pending(opened.note.id) is not None
        if error is not None and waiting:
            self._set_state(SaveState(SaveKind.FAILED, error))
        else:
            self._set_state(SaveState(SaveKind.SAVING if waiting else SaveKind.SAVED))

    def _leave(self) -> None:
        self._note = None
        self._encoded = EditorText("")
        self._edits = self._edits_handed_over = 0
        self._typed_title = None
        self.closed.emit()

    def _adopt(self, note: Note) -> None:
        """Same text, other folder, title, tags or revision."""
        if self._note is not None and self._note.id == note.id:
            self._note = note
            self.saver.track(note)
            self.note_changed.emit(note)

    def _hand_over(self) -> None:
        self._timer.stop()
        if self._note is None or not self.dirty:
            return
        self._edits_handed_over = self._edits
        self.saver.put(self._note.id, self._read(), self._encoded.line_end, self._typed_title)
        self._typed_title = None

    def _on_saved(self, saved: Saved) -> None:
        written_id = saved.note.id if saved.conflicting_note_id is None else saved.conflicting_note_id
        shown = self._note is not None and self._note.id == written_id
        if shown:
            self._note = saved.note
            if not self.dirty and self.saver.pending(saved.note.id) is None:
                self._set_state(SaveState(SaveKind.SAVED))
            elif self.dirty:
                self._set_state(SaveState(SaveKind.EDITED))
        self.note_changed.emit(saved.note)
        if saved.conflicting_note_id is not None and (shown or self._beside is None):
            self.conflict.emit(saved.note, None if saved.is_gone else saved.conflicting_note_id)

    def _on_rested(self, note_id: int) -> None:
        if self._refresh_put_off and self._note is not None and self._note.id == note_id:
            self._refresh_put_off = False
            self.refresh()

    def _on_save_failed(self, note_id: int, error: InkwellError) -> None:
        if self._note is not None and self._note.id == note_id:
            self._set_state(SaveState(SaveKind.FAILED, error))

    def _on_refresh_failed(self, error: InkwellError) -> None:
        if isinstance(error, NotFoundError):
            if not self.unsaved:  # what was typed is kept: saving it makes a note of its own
                self.discard_note()
        else:
            self.open_failed.emit(error)

    def _set_state(self, state: SaveState) -> None:
        if state != self._state:
            self._state = state
            self.save_state_changed.emit(state)


def _selection(text: str, encoded: EditorText, place: tuple[int, int] | None) -> tuple[int, int] | None:
    if place is None:
        return None
    start, end = (min(max(0, offset), len(text)) for offset in place)
    return display_position(text, encoded, start), display_position(text, encoded, end)
