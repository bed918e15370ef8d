"""What the word index of long notes needs of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from desktop_app.domain.long_notes import LongNote

T = TypeVar("T")


class LongNoteStore(Protocol):
    """The tails of long notes (storage/long_notes.py). A change of a note that is another one by now does nothing and
    gives false.
    """

    def due(self) -> list[int]:
        """Notes whose pieces are not those of their text, the newest edit first."""
        ...

    def read(self, note_id: int) -> LongNote:
        """The note as it is, and its pieces in order."""
        ...

    def make_room(self, note: LongNote, front: int, back: int, room: int) -> bool:
        """Number the pieces so that `room` new ones fit in front of the last `back`."""
        ...

    def drop(self, note: LongNote, piece_id: int) -> bool:
        """Take one piece out of the index."""
        ...

    def add(self, note: LongNote, ordinal: int, words: str) -> bool:
        """Bring one piece into the index."""
        ...

    def finish(self, note: LongNote, *, has_tail: bool) -> bool:
        """Its pieces are those of its text."""
        ...

    def at_once(self, work: Callable[[], T]) -> T:
        """Run `work`, whose changes are one commit."""
        ...

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for the end of that commit."""
        ...
