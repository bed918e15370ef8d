"""Cutting notes whose text changed into passages, for which no encoder is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.search import Chunk
from desktop_app.services.long_notes import LongNoteWords
from desktop_app.services.ports import NoteStore, PassageStore

NOTES_PER_SLICE = 50


class NoteChunker(Protocol):
    """Cuts a note into passages (domain.chunking.Chunker)."""

    def chunks(self, title: str, text: str) -> Sequence[Chunk]:
        """The passages of a note in the order of its text."""
        ...


class NoteCutter:
    """Brings what is made of the texts alone in step with them: passages, and the tails of very long notes.

    Args:
        long_notes: brings the tails of very long notes into the word index; None leaves them out.
    """

    def __init__(
        self,
        notes: NoteStore,
        passages: PassageStore,
        chunker: NoteChunker | None = None,
        long_notes: LongNoteWords | None = None,
    ) -> None:
        self._notes = notes
        self._passages = passages
        self._chunker: NoteChunker = chunker or Chunker()
        self._long_notes = long_notes
        self.notes_cut = 0
        """All that were ever cut here: where it grew, passages that were counted have to be counted again."""

    def fill_long_notes(self, cancel: CancelToken, wait: Callable[[], object]) -> None:
        """Until nothing is due; `wait` is called between two commits. Raises CancelledError, StoreError."""
        if self._long_notes is not None:
            self._long_notes.fill(cancel, wait)

    def cut(self, wait: Callable[[], object], enough: Callable[[], bool], stopped: Callable[[], bool]) -> bool:
        """Cut notes whose text changed, a commit for each; true when all are.

        Args:
            wait: called in front of each note, and may raise CancelledError.
            enough: asked after each note.
            stopped: asked in front of each slice of notes.

        Raises StoreError and what `wait` raises.
        """
        while not stopped() and (due := self._passages.notes_to_chunk(NOTES_PER_SLICE)):
            cut_before = self.notes_cut
            for note_id in due:
                wait()
                if self._cut_one(note_id) and enough():
                    return False
            if self.notes_cut == cut_before:
                return True
        return True

    def _cut_one(self, note_id: int) -> bool:
        """False where the note was deleted since."""
        try:
            note = self._notes.get(note_id)
        except NotFoundError:
            return False
        self._passages.replace_chunks(note_id, note.revision, self._chunker.chunks(note.title, note.text))
        self.notes_cut += 1
        return True
