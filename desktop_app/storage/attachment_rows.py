"""Rows that say which file a name in a note means, as they are written and looked up inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.domain.note_attachments import StoredFile, reference_key, tail_key, targets_in
from desktop_app.storage.tables import note_attachments, note_files

NAMED, ORIGINAL = "named", "original"
_AT_ONCE = 500
_FILE = (note_files.c.hash, note_files.c.name, note_files.c.media_type, note_files.c.size)


def put(connection: Connection, note_id: int, kind: str, key: str, file: StoredFile, now: datetime) -> None:
    """From now on `key` means `file` in the note."""
    values = {"hash": file.hash, "name": file.name, "media_type": file.media_type, "size": file.size, "added_at": now}
    connection.execute(insert(note_files).values(values).on_conflict_do_nothing())
    row = {"note_id": note_id, "kind": kind, "key": key, "tail": tail_key(key), "hash": file.hash}
    statement = insert(note_attachments).values(row)
    connection.execute(statement.on_conflict_do_update(["note_id", "kind", "key"], set_={"hash": file.hash}))


def adopt(connection: Connection, note_id: int, old: str, new: str) -> None:
    """The note's text was `old` and is `new`: files that it names now and other notes have become its own, so that
    they stay when those notes go.
    """
    named = targets_in(new)
    known = set(targets_in(old)) if named else set()
    added = [key for key in named if key not in known]
    if not added:
        return
    own = select(note_attachments.c.key).where(note_attachments.c.note_id == note_id, note_attachments.c.kind == NAMED)
    have = set(connection.execute(own).scalars())
    foreign = by_names(connection, None, [key for key in added if key not in have])
    rows = [
        {"note_id": note_id, "kind": NAMED, "key": key, "tail": tail_key(key), "hash": file.hash}
        for key, file in foreign.items()
    ]
    if rows:
        connection.execute(insert(note_attachments), rows)


def by_names(connection: Connection, note_id: int | None, targets: Sequence[str]) -> dict[str, StoredFile]:
    """What names mean; those that mean no file are left out."""
    by_tail: dict[str, list[Any]] = {}
    tails = sorted({tail_key(target) for target in targets} - {""})
    for first in range(0, len(tails), _AT_ONCE):
        selection = with_file(note_attachments.c.note_id, note_attachments.c.key, note_attachments.c.tail)
        several = note_attachments.c.tail.in_(tails[first : first + _AT_ONCE])
        for row in connection.execute(selection.where(note_attachments.c.kind == NAMED, several)):
            by_tail.setdefault(row.tail, []).append(row)
    meant = {target: _meant(note_id, reference_key(target), by_tail.get(tail_key(target), [])) for target in targets}
    return {target: as_file(row) for target, row in meant.items() if row is not None}


def _meant(note_id: int | None, key: str, candidates: Sequence[Any]) -> Any | None:
    """The file that a note means by `key`, of those with that file name. The same name comes first, then a longer path
    that ends in it; another folder's file is meant only where there is no other of that name.
    """
    best = max(
        candidates,
        key=lambda row: (row.key == key, row.key.endswith(f"/{key}"), row.note_id == note_id, row.note_id),
        default=None,
    )
    if best is None or best.key == key or best.key.endswith(f"/{key}") or "/" not in key:
        return best
    return best if len({row.hash for row in candidates}) == 1 else None


def with_file(*columns: Any) -> Select[Any]:
    """A selection of references with the files that they mean."""
    return (
        select(*columns, *_FILE)
        .select_from(note_attachments)
        .join(note_files, note_files.c.hash == note_attachments.c.hash)
    )


def as_file(row: Any) -> StoredFile:
    """The file of a row that `with_file` selected."""
    return StoredFile(row.hash, row.name, row.media_type, row.size)
