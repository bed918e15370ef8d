"""Chunks of notes and their vectors."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Select,
    Text,
    TextClause,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_or

from desktop_app.domain.search import Chunk, StoredChunk
from desktop_app.storage import vector_counter
from desktop_app.storage.database import Database
from desktop_app.storage.tables import UNCHUNKED, chunks, notes, vectors

_CHUNK = (
    chunks.c.id,
    chunks.c.note_id,
    chunks.c.start,
    chunks.c.end,
    chunks.c.hash,
    chunks.c.embedded_text,
    chunks.c.heading_path,
)
_LISTED = text("SELECT value FROM json_each(:listed)")
_OF_NOTES = select(*_CHUNK).where(chunks.c.note_id.in_(_LISTED)).order_by(chunks.c.note_id, chunks.c.ordinal)
_BY_ID = select(*_CHUNK).where(chunks.c.id.in_(_LISTED))
_OF_NOTE = select(
    chunks.c.id, chunks.c.hash, chunks.c.ordinal, chunks.c.start, chunks.c.end, chunks.c.heading_path
).order_by(chunks.c.ordinal.desc())
_COUNT_OF_NOTE = text("SELECT count(*) FROM chunks WHERE note_id = :note_id")
_PLACED = ("new_ordinal", "new_start", "new_end", "new_heading_path")
_PLACE = (
    update(chunks)
    .where(chunks.c.id == bindparam("place"))
    .values(
        ordinal=bindparam("new_ordinal"),
        start=bindparam("new_start"),
        end=bindparam("new_end"),
        heading_path=bindparam("new_heading_path"),
    )
)
_AT_ONCE = 300
"""Chunks that one commit may change: some ten milliseconds' work."""

_PAGE = 4000
_FEW = 2000
# CROSS JOIN keeps SQLite's planner to the order written (https://sqlite.org/optoverview.html#manual_control): the
# pages are then read in the order of the chunks' or the notes' own index, with no sorting of everything for each page.
_VECTORS = text(
    "SELECT c.id, c.note_id, v.vector, c.ordinal FROM chunks AS c CROSS JOIN notes AS n CROSS JOIN vectors AS v "
    "WHERE (c.note_id, c.ordinal) > (:note_id, :ordinal) AND n.id = c.note_id AND n.trashed_at IS NULL "
    "AND v.fingerprint = :fingerprint AND v.chunk_hash = c.hash ORDER BY c.note_id, c.ordinal LIMIT :limit"
)
_DUE_COLUMNS = 'SELECT c.id, c.note_id, c.start, c."end", c.hash, c.embedded_text, c.heading_path'
_DUE_ORDER = "ORDER BY n.edited_at DESC, n.id DESC, c.ordinal LIMIT :limit"
_TO_CHUNK = text(
    f"SELECT id FROM notes INDEXED BY notes_unchunked WHERE {UNCHUNKED} ORDER BY edited_at DESC, id DESC LIMIT :limit"
)


def _counting(due: str) -> TextClause:
    """(notes not trashed, notes with something to do, chunks due), `due` being the condition on a chunk."""
    live_due = f"FROM chunks AS c CROSS JOIN notes AS n WHERE {due} AND n.id = c.note_id AND n.trashed_at IS NULL"
    return text(
        "SELECT (SELECT count(*) FROM notes INDEXED BY notes_by_folder WHERE trashed_at IS NULL), "
        f"(SELECT count(*) FROM (SELECT id FROM notes INDEXED BY notes_unchunked WHERE {UNCHUNKED} "
        "UNION SELECT l.note_id FROM long_notes AS l CROSS JOIN notes AS n "
        "WHERE l.is_filled = 0 AND n.id = l.note_id AND n.trashed_at IS NULL "
        f"UNION SELECT c.note_id {live_due})), (SELECT count(*) {live_due})"
    )


_COUNTS = _counting("(c.embedded_by IS NULL OR c.embedded_by < :fingerprint OR c.embedded_by > :fingerprint)")
_COUNTS_ANY = _counting("true")
_UNINDEXED = text(
    f"SELECT count(*) FROM (SELECT id FROM notes INDEXED BY notes_unchunked WHERE {UNCHUNKED} UNION "
    "SELECT c.note_id FROM chunks AS c CROSS JOIN notes AS n "
    "WHERE (c.embedded_by IS NULL OR c.embedded_by < :fingerprint OR c.embedded_by > :fingerprint) "
    "AND n.id = c.note_id AND n.trashed_at IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM vectors AS v WHERE v.fingerprint = :fingerprint AND v.chunk_hash = c.hash))"
)
_FEW_DUE = text(
    f"{_DUE_COLUMNS} FROM chunks AS c CROSS JOIN notes AS n WHERE n.id = c.note_id AND n.trashed_at IS NULL "
    f"AND (c.embedded_by IS NULL OR c.embedded_by < :fingerprint OR c.embedded_by > :fingerprint) {_DUE_ORDER}"
)
_MANY_DUE = text(
    f"{_DUE_COLUMNS} FROM notes AS n CROSS JOIN chunks AS c WHERE c.note_id = n.id AND n.trashed_at IS NULL "
    f"AND c.embedded_by IS NOT :fingerprint {_DUE_ORDER}"
)


class Passages:
    """Implements PassageStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._adopted = ""

    def notes_to_chunk(self, limit: int = 100) -> list[int]:
        """Notes (not trashed) whose text changed since they were chunked, newest edit first."""
        return self._database.read(lambda connection: list(connection.execute(_TO_CHUNK, {"limit": limit}).scalars()))

    def replace_chunks(self, note_id: int, revision: int, chunks: Sequence[Chunk]) -> None:
        """Store the chunks of that revision. Chunks whose hash did not change keep their row and vector.

        A note deleted in the meantime needs no chunks: nothing happens. Very many are stored in several commits, so
        that no save waits long; the revision is marked in the last one.
        """

        def all_at_once(connection: Connection) -> None:
            if _apply(connection, note_id, _changes(connection, note_id, chunks)):
                _mark_chunked(connection, note_id, revision)

        def count(connection: Connection) -> int:
            return int(connection.execute(_COUNT_OF_NOTE, {"note_id": note_id}).scalar_one())

        if max(len(chunks), self._database.read(count)) <= _AT_ONCE:
            self._database.write(all_at_once)
            return
        changes = self._database.read(lambda connection: _changes(connection, note_id, chunks))
        for part in changes.slices(_AT_ONCE):
            if not self._database.write(lambda connection: _apply(connection, note_id, part)):  # noqa: B023
                return
        self._database.write(lambda connection: _mark_chunked(connection, note_id, revision))

    def chunks_to_embed(self, fingerprint: str, limit: int = 64) -> list[StoredChunk]:
        """Chunks without a vector of this encoder, newest edited note first; each distinct hash once."""
        self._adopt(fingerprint)
        while True:
            rows = self._database.read(lambda connection: _candidates(connection, fingerprint, 2 * limit))
            distinct: dict[str, StoredChunk] = {}
            for row in rows:
                distinct.setdefault(row.hash, _as_chunk(row))
            there = self._database.read(lambda connection: _embedded(connection, fingerprint, list(distinct)))  # noqa: B023
            if not there or self._database.read_only:
                return [chunk for chunk in distinct.values() if chunk.hash not in there][:limit]
            self._database.write(lambda connection: _mark(connection, fingerprint, there))  # noqa: B023

    def _adopt(self, fingerprint: str) -> None:
        """When another encoder's turn comes: mark the chunks whose vectors are there from an earlier time with it."""
        if fingerprint == self._adopted or self._database.read_only:
            return
        there = (
            select(vectors.c.id)
            .where(vectors.c.fingerprint == fingerprint, vectors.c.chunk_hash == chunks.c.hash)
            .exists()
        )
        found = select(chunks.c.id).where(_due(fingerprint), there)
        if self._database.read(lambda connection: connection.execute(found.limit(1)).first()) is not None:
            statement = update(chunks).where(_due(fingerprint), there).values(embedded_by=fingerprint)
            self._database.write(lambda connection: connection.execute(statement))
        self._adopted = fingerprint

    def add_vectors(self, fingerprint: str, dimensions: int, vectors: Sequence[tuple[str, bytes]]) -> None:
        """Commit (chunk hash, float32 vector) pairs. Raises ValueError for a vector of another length."""
        wrong = [chunk_hash for chunk_hash, vector in vectors if len(vector) != 4 * dimensions]
        if wrong:
            raise ValueError(f"vectors of {len(wrong)} chunks do not have {dimensions} float32 values")
        rows = [
            {"fingerprint": fingerprint, "chunk_hash": chunk_hash, "dimensions": dimensions, "vector": vector}
            for chunk_hash, vector in vectors
        ]
        if rows:
            self._database.write(lambda connection: _add_vectors(connection, rows))

    def counts(self, fingerprint: str | None) -> tuple[int, int, int]:
        """(notes not trashed, notes not fully chunked and embedded, chunks without vector)."""

        if fingerprint is not None:
            self._adopt(fingerprint)
        statement = _COUNTS_ANY if fingerprint is None else _COUNTS
        values = {} if fingerprint is None else {"fingerprint": fingerprint}
        row = self._database.read(lambda connection: connection.execute(statement, values).one())
        return int(row[0]), int(row[1]), int(row[2])

    def notes_unindexed(self, fingerprint: str) -> int:
        """Notes (not trashed) of which something has no vector of that encoder yet. Looks at the vectors themselves
        where the chunks are marked with another encoder, so that it is true for two encoders at a time.
        """
        values = {"fingerprint": fingerprint}
        return int(self._database.read(lambda connection: connection.execute(_UNINDEXED, values).scalar_one()))

    def has_vectors(self, fingerprint: str) -> bool:
        """Whether any vector of that encoder is kept."""
        statement = select(vectors.c.id).where(vectors.c.fingerprint == fingerprint).limit(1)
        return self._database.read(lambda connection: connection.execute(statement).first()) is not None

    def drop_vectors_except(self, fingerprint: str, limit: int) -> int:
        """Delete up to `limit` vectors of all other encoders, and the marks that say they are there; how many went."""
        return self._database.write(lambda connection: _drop_except(connection, fingerprint, limit))

    def chunk_count(self) -> int:
        """Chunks of all notes not trashed."""
        return self.counts(None)[2]

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        """(chunk id, note id, vector) of all notes not trashed, by note and there in the order of its text; read in
        pages, so that no writer's log grows meanwhile.
        """
        note_id, ordinal = 0, -1
        while True:
            values = {"fingerprint": fingerprint, "note_id": note_id, "ordinal": ordinal, "limit": _PAGE}
            page = self._database.read(lambda connection: connection.execute(_VECTORS, values).all())  # noqa: B023
            for row in page:
                yield row[0], row[1], row[2]
            if len(page) < _PAGE:
                return
            note_id, ordinal = page[-1][1], page[-1][3]

    def vectors_of(self, fingerprint: str, note_ids: Sequence[int]) -> list[tuple[int, int, bytes]]:
        """The same of these notes, trashed ones too, those of one note in the order of its text."""
        of_chunk = (vectors.c.chunk_hash == chunks.c.hash) & (vectors.c.fingerprint == fingerprint)
        statement = (
            select(chunks.c.id, chunks.c.note_id, vectors.c.vector)
            .join(vectors, of_chunk)
            .where(chunks.c.note_id.in_(_values(list(note_ids))))
            .order_by(chunks.c.note_id, chunks.c.ordinal)
        )
        return self._database.read(lambda connection: [(a, b, c) for a, b, c in connection.execute(statement)])

    def newest_fingerprint(self) -> str | None:
        """The encoder of the vector that was added last; None while there is none."""
        statement = select(vectors.c.fingerprint).order_by(vectors.c.id.desc()).limit(1)
        return self._database.read(lambda connection: connection.execute(statement).scalar())

    def vectors_version(self) -> int:
        """Changes whenever chunks, vectors or trash change, by any process: the matrix built at it is then stale."""
        return self._database.read(vector_counter.value)

    def chunks_of(self, note_ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks of these notes, those of one note in the order of its text."""
        listed = {"listed": json.dumps(list(note_ids))}
        return self._database.read(lambda connection: [_as_chunk(row) for row in connection.execute(_OF_NOTES, listed)])

    def chunks_by_id(self, chunk_ids: Sequence[int]) -> list[StoredChunk]:
        """The chunks that exist, in the order asked for."""
        listed = {"listed": json.dumps(list(chunk_ids))}
        rows = self._database.read(lambda connection: connection.execute(_BY_ID, listed).all())
        found = {row.id: _as_chunk(row) for row in rows}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]


def drop_unused_vectors(connection: Connection, hashes: Sequence[str]) -> None:
    """Delete the vectors of those `hashes` that no chunk has any more."""
    if hashes:
        listed = _values(sorted(set(hashes)))
        used = select(chunks.c.id).where(chunks.c.hash == vectors.c.chunk_hash).exists()
        fingerprints = connection.execute(select(vectors.c.fingerprint).distinct()).scalars().all()
        for fingerprint in fingerprints:
            connection.execute(
                delete(vectors).where(vectors.c.fingerprint == fingerprint, vectors.c.chunk_hash.in_(listed), ~used)
            )


class _Changes(msgspec.Struct):
    """What turns the chunks of a note into others: rows to change, to add, and to delete, the last by id and hash."""

    changed: list[dict[str, Any]] = msgspec.field(default_factory=list)
    fresh: list[dict[str, Any]] = msgspec.field(default_factory=list)
    gone: list[tuple[int, str]] = msgspec.field(default_factory=list)

    def slices(self, size: int) -> Iterator[_Changes]:
        """The same in parts of at most `size` rows of each kind."""
        for at in range(0, max(len(self.changed), len(self.fresh), len(self.gone)), size):
            end = at + size
            yield _Changes(self.changed[at:end], self.fresh[at:end], self.gone[at:end])


def _changes(connection: Connection, note_id: int, new: Sequence[Chunk]) -> _Changes:
    """Chunks whose hash did not change keep their row."""
    old: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_OF_NOTE.where(chunks.c.note_id == note_id)):
        old[row.hash].append(row)
    changes = _Changes()
    for ordinal, chunk in enumerate(new):
        values = (ordinal, chunk.start, chunk.end, list(chunk.heading_path))
        if old[chunk.hash]:
            row = old[chunk.hash].pop()
            if (row.ordinal, row.start, row.end, row.heading_path) != values:
                changes.changed.append({"place": row.id, **dict(zip(_PLACED, values, strict=True))})
        else:
            placed = dict(zip(("ordinal", "start", "end", "heading_path"), values, strict=True))
            changes.fresh.append(
                {"note_id": note_id, "hash": chunk.hash, "embedded_text": chunk.embedded_text, **placed}
            )
    changes.gone = [(row.id, row.hash) for rows in old.values() for row in rows]
    return changes


def _apply(connection: Connection, note_id: int, changes: _Changes) -> bool:
    """False where the note was deleted meanwhile."""
    if connection.execute(select(notes.c.id).where(notes.c.id == note_id)).first() is None:
        return False
    if changes.changed:
        connection.execute(_PLACE, changes.changed)
    if changes.fresh:
        connection.execute(insert(chunks), changes.fresh)
    if changes.gone:
        connection.execute(delete(chunks).where(chunks.c.id.in_(_values([chunk_id for chunk_id, _ in changes.gone]))))
        drop_unused_vectors(connection, [chunk_hash for _, chunk_hash in changes.gone])
    return True


def _mark_chunked(connection: Connection, note_id: int, revision: int) -> None:
    connection.execute(update(notes).where(notes.c.id == note_id).values(chunked_revision=revision))
    vector_counter.bump(connection)


def _add_vectors(connection: Connection, rows: list[dict[str, Any]]) -> None:
    statement = insert_or(vectors)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[vectors.c.fingerprint, vectors.c.chunk_hash],
            set_={"vector": statement.excluded.vector, "dimensions": statement.excluded.dimensions},
        ),
        rows,
    )
    _mark(connection, rows[0]["fingerprint"], [row["chunk_hash"] for row in rows])
    vector_counter.bump(connection)


def _drop_except(connection: Connection, fingerprint: str, limit: int) -> int:
    others = select(vectors.c.id, vectors.c.chunk_hash).where(
        or_(vectors.c.fingerprint < fingerprint, vectors.c.fingerprint > fingerprint)
    )
    rows = connection.execute(others.limit(limit)).all()
    if rows:
        # A mark without its vector would say for ever that there is nothing to do.
        hashes = _values(sorted({row.chunk_hash for row in rows}))
        marked = update(chunks).where(chunks.c.hash.in_(hashes), chunks.c.embedded_by != fingerprint)
        connection.execute(marked.values(embedded_by=None))
        connection.execute(delete(vectors).where(vectors.c.id.in_(_values([row.id for row in rows]))))
    return len(rows)


def _due(fingerprint: str) -> Any:
    """Chunks not known to have a vector of this encoder; written so that the index over `embedded_by` serves it."""
    column = chunks.c.embedded_by
    return or_(column.is_(None), column < fingerprint, column > fingerprint)


def _candidates(connection: Connection, fingerprint: str, limit: int) -> Sequence[Any]:
    """The next due chunks, newest edited note first."""
    few = select(chunks.c.id).where(_due(fingerprint)).limit(_FEW + 1)
    count = int(connection.execute(select(func.count()).select_from(few.subquery())).scalar_one())
    # Few: sort them. Many: walk over the notes in their order, since sorting them all for each page costs more.
    walk = _FEW_DUE if count <= _FEW else _MANY_DUE
    return connection.execute(walk, {"fingerprint": fingerprint, "limit": limit}).all()


def _embedded(connection: Connection, fingerprint: str, hashes: list[str]) -> set[str]:
    """Those of `hashes` that have a vector."""
    statement = select(vectors.c.chunk_hash).where(
        vectors.c.fingerprint == fingerprint, vectors.c.chunk_hash.in_(_values(hashes))
    )
    return set(connection.execute(statement).scalars())


def _mark(connection: Connection, fingerprint: str, hashes: Iterable[str]) -> None:
    """Say that all chunks with these hashes have a vector of this encoder."""
    statement = update(chunks).where(chunks.c.hash.in_(_values(list(hashes)))).values(embedded_by=fingerprint)
    connection.execute(statement)


def _values(values: list[Any]) -> Select[Any]:
    """Values as one JSON parameter, so that lists of any length use one statement."""
    return select(func.json_each(literal(json.dumps(values), Text)).table_valued("value").c.value)


def _as_chunk(row: Any) -> StoredChunk:
    return StoredChunk(
        row.id, row.note_id, row.start, row.end, row.hash, row.embedded_text, _heading_path(row.heading_path)
    )


def _heading_path(stored: Any) -> tuple[str, ...]:
    """Read as JSON text where the statement is plain SQL."""
    return tuple(json.loads(stored) if isinstance(stored, str) else stored or ())
