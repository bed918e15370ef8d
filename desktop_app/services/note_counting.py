"""Counts over the notes that a list shows."""

from __future__ import annotations

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.note_statistics import NoteStatistics, statistics_of
from desktop_app.domain.notes import NoteFilter
from desktop_app.services.ports import NoteStore

_AT_ONCE = 50


class NoteCounting:
    """Raises StoreError and its kin, and CancelledError where that is wanted."""

    def __init__(self, notes: NoteStore) -> None:
        self._notes = notes

    def of_all(self, filter: NoteFilter, cancel: CancelToken) -> tuple[int, NoteStatistics]:
        """How many notes the filter lets through, and what they have together."""
        ids = [row.id for row in self._notes.list_notes(filter)]
        together = NoteStatistics()
        for first in range(0, len(ids), _AT_ONCE):
            for note in self._notes.get_many(ids[first : first + _AT_ONCE]):
                cancel.raise_if_cancelled()
                together += statistics_of(note.text)
        return len(ids), together
