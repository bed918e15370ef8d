"""The tails of long notes in the word index: pieces that come and go in short transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, text, update

from desktop_app.domain.long_notes import LongNote, TailStamp
from desktop_app.storage.database import Database
from desktop_app.storage.tables import long_notes, note_tails, notes

_DUE = text(
    "SELECT l.note_id FROM long_notes AS l LEFT JOIN notes AS n ON n.id = l.note_id WHERE l.is_filled = 0 "
    "ORDER BY n.edited_at DESC, l.note_id"
)

T = TypeVar("T")


class LongNotes:
    """Implements LongNoteStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self) -> list[int]:
        """Notes whose pieces are not those of their text, the newest edit first."""
        return self._database.read(lambda connection: list(connection.execute(_DUE).scalars()))

    def read(self, note_id: int) -> LongNote:
        """The note as it is, and its pieces in order."""

        def work(connection: Connection) -> LongNote:
            own = select(note_tails.c.id, note_tails.c.text).where(note_tails.c.note_id == note_id)
            pieces = connection.execute(own.order_by(note_tails.c.ordinal, note_tails.c.id)).all()
            stamp = _stamp(connection, note_id)
            live = stamp.is_live and connection.execute(select(notes.c.text).where(notes.c.id == note_id)).scalar_one()
            return LongNote(note_id, stamp, live or "", tuple((row.id, row.text) for row in pieces))

        return self._database.read(work)

    def make_room(self, note: LongNote, front: int, back: int, room: int) -> bool:
        """Number the pieces so that `room` new ones fit in front of the last `back`; false where the note changed."""

        def work(connection: Connection) -> bool:
            if _stamp(connection, note.id) != note.stamp:
                return False
            stale = len(note.pieces) - front - back
            numbers = [*range(front), *[front] * stale, *range(front + room, front + room + back)]
            rows = [{"place": piece[0], "number": number} for piece, number in zip(note.pieces, numbers, strict=True)]
            if rows:
                connection.execute(text("UPDATE note_tails SET ordinal = :number WHERE id = :place"), rows)
            return True

        return self._database.write(work)

    def drop(self, note: LongNote, piece_id: int) -> bool:
        """Take one piece out of the index; false where the note changed."""
        return self._change(note, delete(note_tails).where(note_tails.c.id == piece_id))

    def add(self, note: LongNote, ordinal: int, words: str) -> bool:
        """Bring one piece into the index; false where the note changed."""
        return self._change(note, insert(note_tails).values(note_id=note.id, ordinal=ordinal, text=words))

    def finish(self, note: LongNote, *, has_tail: bool) -> bool:
        """Its pieces are those of its text; false where the note changed. Without a tail it counts as long no more."""
        own = long_notes.c.note_id == note.id
        keeps = has_tail or (note.stamp.revision is not None and not note.stamp.is_live)
        return self._change(
            note, update(long_notes).where(own).values(is_filled=1) if keeps else delete(long_notes).where(own)
        )

    def at_once(self, work: Callable[[], T]) -> T:
        """Run `work`, whose changes are one commit."""
        return self._database.at_once(work)

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for the end of that commit."""
        return self._database.others_wait()

    def _change(self, note: LongNote, statement: Any) -> bool:
        def work(connection: Connection) -> bool:
            if _stamp(connection, note.id) != note.stamp:
                return False
            connection.execute(statement)
            return True

        return self._database.write(work)


def _stamp(connection: Connection, note_id: int) -> TailStamp:
    columns = select(notes.c.revision, notes.c.trashed_at.is_(None)).where(notes.c.id == note_id)
    row = connection.execute(columns).first()
    return TailStamp(None, is_live=False) if row is None else TailStamp(row[0], is_live=bool(row[1]))
