"""A note's properties, edited by a person: saved with a version, with tags and title in step, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from desktop_app.domain.errors import NoteConflictError, PropertiesError
from desktop_app.domain.note_properties import may_be_kept, property_lines, tags_after, title_after
from desktop_app.domain.notes import Note
from desktop_app.services.notes import NoteService


class ChangedProperties(msgspec.Struct, frozen=True):
    """The note before and after."""

    before: Note
    after: Note


def _now() -> datetime:
    return datetime.now(UTC)


class NoteProperties:
    """Reads and writes the lines of front matter that stand beside a note's text."""

    def __init__(self, notes: NoteService, clock: Callable[[], datetime] = _now) -> None:
        self._notes = notes
        self._clock = clock

    def lines(self, note_id: int) -> str:
        """The lines to be edited. Raises NotFoundError."""
        return property_lines(self._notes.get(note_id))

    def save(self, note_id: int, lines: str, seen: str | None) -> ChangedProperties:
        """Replace the lines; "" takes all properties away. What stood there becomes a version.

        Args:
            seen: the lines that were changed into these; None where what stands there now does not matter.

        Raises PropertiesError where they cannot be read as properties, NoteConflictError where the note says others
        than `seen` by now, NotFoundError.
        """
        with self._notes.together():
            before = self._notes.get(note_id)
            now = property_lines(before)
            if seen is not None and now != seen:
                raise NoteConflictError(
                    "The properties of this note were changed elsewhere.",
                    "Another window, another program or a command changed them after you opened them.",
                    "What you typed is still here: save it all the same, and the others become an earlier version.",
                )
            if not may_be_kept(lines, now):
                raise PropertiesError(
                    "These lines are no properties.",
                    "They would be read as a part of the note's text.",
                    "Write each as “name: value”.",
                )
            if lines == now:
                return ChangedProperties(before, before)
            after = self._write(before, lines, title_after(before, now, lines), tags_after(before, now, lines))
        self._notes.tell([note_id])
        return ChangedProperties(before, after)

    def take_back(self, change: ChangedProperties) -> None:
        """Make the properties what they were. Raises NoteConflictError where they were changed since, NotFoundError."""
        before, after = change.before, change.after
        with self._notes.together():
            now = self._notes.get(before.id)
            if now.front_matter != after.front_matter and now.front_matter != property_lines(after):
                raise NoteConflictError(
                    "The properties were changed since, and stay as they are now.",
                    "",
                    "What they were is among the note's earlier versions.",
                )
            title = before.title if now.title == after.title else now.title
            self._write(now, before.front_matter, title, before.tags if now.tags == after.tags else now.tags)
        self._notes.tell([before.id])

    def _write(self, note: Note, lines: str, title: str, tags: tuple[str, ...]) -> Note:
        written = self._notes.rewrite(note.id, title, note.text, edited_at=self._clock(), front_matter=lines)
        return written if tags == note.tags else self._notes.set_properties(note.id, tags, lines)
