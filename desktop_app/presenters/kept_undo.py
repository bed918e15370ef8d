"""The last change of whole notes that can still be taken back, long after its notice has gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.notes import Note


class NoteReading(Protocol):
    """Reads one note; NotFoundError where it is gone for good."""

    def get(self, note_id: int) -> Note: ...


class KeptUndo(msgspec.Struct, frozen=True):
    """A change and what takes it back.

    Attributes:
        words: what was changed ("move of 12 notes").
        undo: takes it back.
        stands: whether one of the notes is still as the change left it.
    """

    words: str
    note_ids: frozenset[int]
    undo: Callable[[], None]
    stands: Callable[[Note], bool]

    def is_right(self, notes: NoteReading, changed: Sequence[int]) -> bool:
        """Whether it would still take back no more than its own change, after these notes were changed."""
        for note_id in self.note_ids.intersection(changed):
            try:
                if not self.stands(notes.get(note_id)):
                    return False
            except NotFoundError:
                return False
        return True
