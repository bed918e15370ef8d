"""Brings the tails of very long notes into the word index, piece by piece, so that no save waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.long_notes import LongNote, TailChange, change_of_tail
from desktop_app.services.bounded_commits import commit_in_batches
from desktop_app.services.long_note_ports import LongNoteStore


class LongNoteWords:
    """Fills what is due. Killed anywhere it goes on where it was: which pieces are missing is seen from those there."""

    def __init__(self, store: LongNoteStore) -> None:
        self._store = store

    def fill(self, cancel: CancelToken, wait: Callable[[], object] = lambda: None) -> None:
        """Until nothing is due; `wait` is called between two commits. Raises CancelledError, StoreError."""
        while due := self._store.due():
            for note_id in due:
                self._fill_one(note_id, cancel, wait)

    def _fill_one(self, note_id: int, cancel: CancelToken, wait: Callable[[], object]) -> None:
        """One note; where it is changed meanwhile it stays due."""
        note = self._store.read(note_id)
        change = change_of_tail([piece for _, piece in note.pieces], note.text)
        for done in commit_in_batches(self._store.at_once, list(self._steps(note, change)), self._store.others_wait):
            if not all(done):
                return
            wait()
            cancel.raise_if_cancelled()

    def _steps(self, note: LongNote, change: TailChange) -> Iterator[Callable[[], bool]]:
        yield partial(self._store.make_room, note, change.front, change.back, len(change.pieces))
        for piece_id, _ in note.pieces[change.front : len(note.pieces) - change.back]:
            yield partial(self._store.drop, note, piece_id)
        for number, piece in enumerate(change.pieces, start=change.front):
            yield partial(self._store.add, note, number, piece)
        has_tail = bool(change.pieces) or change.front + change.back > 0
        yield partial(self._store.finish, note, has_tail=has_tail)
