"""Notes, their folders and tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    RowMapping,
    Select,
    Text,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as text_clause

from desktop_app.domain.errors import NoteConflictError, NotFoundError
from desktop_app.domain.folders import counted_with_below
from desktop_app.domain.front_matter import other_properties, typed_front_matter
from desktop_app.domain.notes import CameFrom, ImportSource, Note, NoteFilter, NoteSort, NoteSummary, NoteVersion
from desktop_app.domain.snippets import snippet
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.storage import attachment_rows, link_rows, note_versions, opened_notes, vector_counter
from desktop_app.storage.database import Database, inserted_id
from desktop_app.storage.like import name_contains, plain
from desktop_app.storage.passages import drop_unused_vectors
from desktop_app.storage.tables import chunks, from_microseconds, note_tags, notes, to_microseconds

_SUMMARY = (
    notes.c.id,
    notes.c.title,
    notes.c.folder,
    notes.c.snippet,
    notes.c.edited_at,
    notes.c.trashed_at,
    notes.c.pinned,
    notes.c.tags,
)
_BUT_TEXT = select(*(column for column in notes.c if column.name != "text"))
_MANY = select(notes).where(notes.c.id.in_(text_clause("SELECT value FROM json_each(:listed)")))
_NEW = insert(notes)
_NEW_TAGS = insert(note_tags)
"""Made once: what a statement costs to be made is more than what it does to one row."""
_OPENED = opened_notes.places()
#: What the list is sorted by (the id breaks ties), and whether the greatest comes first.
_SORTS: dict[NoteSort, tuple[Any, bool]] = {
    NoteSort.EDITED: (notes.c.edited_at, True),
    NoteSort.CREATED: (notes.c.created_at, True),
    NoteSort.TITLE: (plain(notes.c.title), False),
    # Above every time there is.
    NoteSort.OPENED: (func.coalesce(2**62 - _OPENED.c.place, notes.c.edited_at, type_=Integer), True),
}


class Notes:
    """Implements NoteStore."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        title: str,
        text: str,
        *,
        folder: str = "",
        tags: Sequence[str] = (),
        source_path: str = "",
        created_at: datetime | None = None,
        edited_at: datetime | None = None,
        is_welcome: bool = False,
        source: ImportSource | None = None,
    ) -> Note:
        """A new note. `source`, where it was imported, says by which file it is found again; its path wins over
        `source_path`.
        """
        now = self._clock()
        values = {
            "title": title,
            "folder": folder,
            "snippet": snippet(title, text),
            "tags": "\n".join(tags),
            "created_at": created_at or edited_at or now,
            "edited_at": edited_at or created_at or now,
            "source_path": source.path if source else source_path,
            "source_file": source.file if source else "",
            "source_hash": source.hash if source else "",
            "revision": 1,
            "is_welcome": int(is_welcome),
            "front_matter": source.front_matter if source else "",
            "properties": other_properties(source.front_matter) if source else "",
            "text": text,
            "pinned": 0,
        }

        def work(connection: Connection) -> Note:
            note_id = inserted_id(connection, _NEW, values)
            _put_tags(connection, note_id, tags)
            note = _new_note(note_id, values)
            link_rows.put_new_names(connection, note_id, *_named_by(note))
            link_rows.put_links(connection, note_id, "", note.text)
            attachment_rows.adopt(connection, note_id, "", note.text)
            vector_counter.bump(connection)
            return note

        return self._database.write(work)

    def get(self, note_id: int) -> Note:
        """One note, in the trash or not. Raises NotFoundError."""
        return self._database.read(lambda connection: _note(connection, note_id))

    def get_many(self, note_ids: Sequence[int]) -> list[Note]:
        """The notes that exist, in the order asked for."""
        listed = {"listed": str(list(note_ids))}
        rows = self._database.read(lambda connection: connection.execute(_MANY, listed).mappings().all())
        found = {row["id"]: _as_note(row) for row in rows}
        return [found[note_id] for note_id in note_ids if note_id in found]

    def import_sources(self) -> dict[int, ImportSource]:
        """Where each imported note came from, in the trash or not."""
        statement = select(
            notes.c.id, notes.c.source_path, notes.c.source_file, notes.c.source_hash, notes.c.trashed_at
        ).where(notes.c.source_file != "")
        return self._database.read(
            lambda connection: {
                row[0]: ImportSource(path=row[1], file=row[2], hash=row[3], trashed=row[4] is not None)
                for row in connection.execute(statement)
            }
        )

    def came_from(self, source: str, part: str) -> list[CameFrom]:
        """The notes outside the trash with `source` in the path of the file they came from, in the order they were
        made, and whether `part` is in their text.
        """
        statement = (
            select(notes.c.id, notes.c.title, func.instr(notes.c.text, part) > 0)
            .where(func.instr(func.lower(notes.c.source_file), source) > 0, notes.c.trashed_at.is_(None))
            .order_by(notes.c.id)
        )
        return self._database.read(
            lambda connection: [CameFrom(row[0], row[1], bool(row[2])) for row in connection.execute(statement)]
        )

    def with_front_matter(self, part: str) -> dict[int, str]:
        """The front matter of the notes whose front matter has `part` in it, by id, in the trash or not."""
        statement = select(notes.c.id, notes.c.front_matter).where(func.instr(notes.c.front_matter, part) > 0)
        return self._database.read(lambda connection: {row[0]: row[1] for row in connection.execute(statement)})

    def list_notes(self, filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]:
        """Rows of the list, filtered and sorted; no text is read."""
        statement = filtered(select(*_SUMMARY), filter).order_by(*_order(filter.sort))
        if limit is not None or offset:
            statement = statement.limit(-1 if limit is None else limit).offset(offset)
        return self._database.read(lambda connection: [_as_summary(row) for row in connection.execute(statement)])

    def position(self, filter: NoteFilter, note_id: int) -> int | None:
        """How many rows `list_notes` gives before this note; None where the filter leaves it out."""
        key, descending = _SORTS[filter.sort]
        own = filtered(select(key, notes.c.pinned), filter).where(notes.c.id == note_id)

        def work(connection: Connection) -> int | None:
            place = connection.execute(own).first()
            if place is None:
                return None
            here = tuple_(literal(place[0], key.type), literal(note_id))
            there = tuple_(key, notes.c.id)
            before = filtered(select(func.count()).select_from(notes), filter)
            above = notes.c.pinned > place[1]
            beside = notes.c.pinned == place[1]
            before = before.where(or_(above, beside & (there > here if descending else there < here)))
            return int(connection.execute(before).scalar_one())

        return self._database.read(work)

    def count(self, filter: NoteFilter) -> int:
        """How many notes `list_notes` would give without a limit."""
        statement = filtered(select(func.count()).select_from(notes), filter)
        return self._database.read(lambda connection: int(connection.execute(statement).scalar_one()))

    def folders(self) -> list[tuple[str, int]]:
        """Each folder with the number of notes in it and below, sorted by name; trash not counted."""
        statement = (
            select(notes.c.folder, func.count())
            .where(notes.c.trashed_at.is_(None), notes.c.folder != "")
            .group_by(notes.c.folder)
        )
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return counted_with_below((row[0], row[1]) for row in rows)

    def tags(self) -> list[tuple[str, int]]:
        """Each tag with the number of notes that have it, sorted by name; trash not counted."""
        statement = (
            select(note_tags.c.tag, func.count())
            .join(notes, notes.c.id == note_tags.c.note_id)
            .where(notes.c.trashed_at.is_(None))
            .group_by(note_tags.c.tag)
            .order_by(plain(note_tags.c.tag), note_tags.c.tag)
        )
        return self._database.read(lambda connection: [(row[0], row[1]) for row in connection.execute(statement)])

    def tags_by_note(self) -> dict[int, tuple[str, ...]]:
        """The tags of each note that has any, sorted; trash not counted."""
        statement = (
            select(note_tags.c.note_id, note_tags.c.tag)
            .join(notes, notes.c.id == note_tags.c.note_id)
            .where(notes.c.trashed_at.is_(None))
            .order_by(note_tags.c.note_id, note_tags.c.tag)
        )
        found: dict[int, list[str]] = {}
        for note_id, tag in self._database.read(lambda connection: connection.execute(statement).all()):
            found.setdefault(note_id, []).append(tag)
        return {note_id: tuple(tags) for note_id, tags in found.items()}

    def save(
        self,
        note_id: int,
        *,
        title: str,
        text: str,
        expected_revision: int | None = None,
        keep_version: bool = False,
        edited_at: datetime | None = None,
        source: ImportSource | None = None,
        front_matter: str | None = None,
    ) -> Note:
        """Commit a new text. The old one becomes a version (at most one a minute while typing goes on, thinned with
        age).

        `keep_version` makes it one in any case (restoring, importing again). The same title and text again change
        nothing. `front_matter` are other lines of properties, which are saved as a text is. Raises NotFoundError, and
        NoteConflictError when `expected_revision` is not the note's.
        """
        now = self._clock()

        def work(connection: Connection) -> Note:
            old = _note(connection, note_id)
            if expected_revision is not None and expected_revision != old.revision:
                raise NoteConflictError(
                    "This note was changed elsewhere.",
                    "Another window or command saved it after you opened it.",
                    "Your text is still here: copy it, then reload the note.",
                )
            values: dict[str, Any] = {}
            if source is not None:
                values |= {"source_path": source.path, "source_file": source.file, "source_hash": source.hash}
                values |= {
                    "front_matter": source.front_matter,
                    "properties": other_properties(source.front_matter),
                }
            if front_matter is not None and front_matter != old.front_matter:
                values |= {"front_matter": front_matter, "properties": other_properties(front_matter)}
            if (title, text) != (old.title, old.text) or (source is None and values):
                note_versions.keep(connection, old, now, always=keep_version)
                values |= {
                    "title": title,
                    "text": text,
                    "snippet": snippet(title, text),
                    "edited_at": edited_at or now,
                    "revision": old.revision + 1,
                }
                vector_counter.bump(connection)
            elif keep_version and values.get("front_matter", old.front_matter) != old.front_matter:
                note_versions.keep(connection, old, now, always=True)  # a file says others now
            if not values:
                return old
            connection.execute(update(notes).where(notes.c.id == note_id).values(**values))
            note = _note_saying(connection, note_id, text)
            if _named_by(note) != _named_by(old):
                link_rows.put_names(connection, note_id, *_named_by(note))
            link_rows.put_links(connection, note_id, old.text, note.text)
            attachment_rows.adopt(connection, note_id, old.text, note.text)
            return note

        return self._database.write(work)

    def move(self, note_ids: Sequence[int], folder: str) -> None:
        """Put them into a folder; "" is the top. Unknown ids are passed over, as in all that take several."""
        self._change(note_ids, folder=folder)

    def set_tags(self, note_id: int, tags: Sequence[str]) -> Note:
        """Replace the note's tags. Raises NotFoundError."""

        def work(connection: Connection) -> None:
            statement = update(notes).where(notes.c.id == note_id).values(tags="\n".join(tags))
            if not connection.execute(statement).rowcount:
                raise _no_note(connection, note_id)
            connection.execute(delete(note_tags).where(note_tags.c.note_id == note_id))
            _put_tags(connection, note_id, tags)

        self._database.write(work)
        return self.get(note_id)  # read when nobody waits any more: a text may be long

    def set_front_matter(self, note_id: int, lines: str) -> Note:
        """Replace the lines of its front matter, without the marks. Raises NotFoundError."""

        def work(connection: Connection) -> Note:
            values = {"front_matter": lines, "properties": other_properties(lines)}
            connection.execute(update(notes).where(notes.c.id == note_id).values(**values))
            note = _note(connection, note_id)
            link_rows.put_names(connection, note_id, *_named_by(note))
            return note

        return self._database.write(work)

    def set_pinned(self, note_ids: Sequence[int], pinned: bool) -> None:
        """Keep them on top of the list, or not any more."""
        self._change(note_ids, pinned=int(pinned))

    def mark_opened(self, note_id: int) -> None:
        """It was opened just now; of the last 200 the order is kept."""
        self._database.write(lambda connection: opened_notes.mark(connection, note_id))

    def recently_opened(self, limit: int) -> list[NoteSummary]:
        """Those opened last, then the last edited ones; pinned ones have no place of their own."""
        key, _ = _SORTS[NoteSort.OPENED]
        statement = filtered(select(*_SUMMARY), NoteFilter(sort=NoteSort.OPENED))
        statement = statement.order_by(key.desc(), notes.c.id.desc()).limit(limit)
        return self._database.read(lambda connection: [_as_summary(row) for row in connection.execute(statement)])

    def trash(self, note_ids: Sequence[int]) -> None:
        """Move them to the trash."""
        self._change(note_ids, trashed_at=self._clock())

    def restore(self, note_ids: Sequence[int]) -> None:
        """Take them out of the trash."""
        self._change(note_ids, trashed_at=None)

    def delete_forever(self, note_ids: Sequence[int], *, only_trashed: bool = False) -> None:
        """Delete them, or those of them that are in the trash, with versions and passages, and the vectors that no
        other note's passage shares.
        """

        def work(connection: Connection) -> None:
            ids: Select[Any] = _listed(note_ids)
            if only_trashed:
                ids = select(notes.c.id).where(notes.c.id.in_(ids), notes.c.trashed_at.is_not(None))
            hashes = list(connection.execute(select(chunks.c.hash).where(chunks.c.note_id.in_(ids))).scalars())
            connection.execute(delete(notes).where(notes.c.id.in_(ids)))
            drop_unused_vectors(connection, hashes)
            vector_counter.bump(connection)

        self._database.write(work)

    def versions(self, note_id: int) -> list[NoteVersion]:
        """Newest first."""
        return self._database.read(lambda connection: note_versions.of_note(connection, note_id))

    def get_version(self, version_id: int) -> NoteVersion:
        """One earlier text. Raises NotFoundError."""
        return self._database.read(lambda connection: note_versions.get(connection, version_id))

    def all_ids(self, *, trashed: bool = False) -> list[int]:
        """Ids of all notes outside the trash, or of those in it, in the order they were made."""
        statement = select(notes.c.id).where(_in_trash(trashed)).order_by(notes.c.id)
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def welcome_ids(self) -> list[int]:
        """Ids of the notes that came with the program, in the trash or not."""
        statement = select(notes.c.id).where(notes.c.is_welcome == True).order_by(notes.c.id)  # noqa: E712
        return self._database.read(lambda connection: list(connection.execute(statement).scalars()))

    def _change(self, note_ids: Sequence[int], **values: object) -> None:
        def work(connection: Connection) -> None:
            connection.execute(update(notes).where(notes.c.id.in_(_listed(note_ids))).values(**values))
            vector_counter.bump(connection)

        self._database.write(work)

    def _first(self, statement: Select[Any]) -> Note | None:
        row = self._database.read(lambda connection: connection.execute(statement.limit(1)).mappings().first())
        return None if row is None else _as_note(row)


def _order(sort: NoteSort) -> tuple[Any, Any, Any]:
    key, descending = _SORTS[sort]
    pinned = notes.c.pinned.desc()
    return (pinned, key.desc(), notes.c.id.desc()) if descending else (pinned, key, notes.c.id)


def _listed(ids: Sequence[int]) -> Select[Any]:
    """Ids as one JSON parameter, so that lists of any length use one statement."""
    return select(func.json_each(literal(str(list(ids)), Text)).table_valued("value").c.value)


def _in_trash(trashed: bool) -> Any:
    return notes.c.trashed_at.is_not(None) if trashed else notes.c.trashed_at.is_(None)


def filtered(statement: Select[Any], filter: NoteFilter) -> Select[Any]:
    """The statement over notes, narrowed to those that the filter lets through."""
    if filter.sort is NoteSort.OPENED:
        statement = statement.outerjoin_from(notes, _OPENED, _OPENED.c.id == notes.c.id)
    statement = statement.where(_in_trash(filter.trashed))
    if filter.folder:
        below = filter.folder + "/"
        # The next string after all that begin with `below`, so that the index over folders serves both bounds.
        after = filter.folder + "0"
        inside = (notes.c.folder >= below) & (notes.c.folder < after)
        statement = statement.where(or_(notes.c.folder == filter.folder, inside))
    if filter.tag is not None:
        statement = statement.where(notes.c.id.in_(select(note_tags.c.note_id).where(note_tags.c.tag == filter.tag)))
    if filter.text:
        statement = statement.where(name_contains(notes.c.title, filter.text))
    return statement


def _put_tags(connection: Connection, note_id: int, tags: Sequence[str]) -> None:
    rows = [{"note_id": note_id, "tag": tag} for tag in dict.fromkeys(tags)]
    if rows:
        connection.execute(_NEW_TAGS, rows)


def _note(connection: Connection, note_id: int) -> Note:
    row = connection.execute(select(notes).where(notes.c.id == note_id)).mappings().first()
    if row is None:
        raise _no_note(connection, note_id)
    return _as_note(row)


def _note_saying(connection: Connection, note_id: int, text: str) -> Note:
    """The note just written with this text, which may be long and is not read back."""
    row = connection.execute(_BUT_TEXT.where(notes.c.id == note_id)).mappings().one()
    return _as_note({**row, "text": without_lone_surrogates(text)})


def _new_note(note_id: int, values: Mapping[str, Any]) -> Note:
    """The note just stored with these values, as reading its row would give it."""
    cleaned = {
        name: without_lone_surrogates(value) if isinstance(value, str) else value for name, value in values.items()
    }
    moments = {name: from_microseconds(to_microseconds(values[name])) for name in ("created_at", "edited_at")}
    return _as_note({**cleaned, **moments, "id": note_id, "trashed_at": None})


def _named_by(note: Note) -> tuple[str, str, str, str]:
    """What the note's names come from."""
    return note.title, note.source_path, note.front_matter, typed_front_matter(note.text)


def _as_note(row: RowMapping | Mapping[str, Any]) -> Note:
    return Note(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        folder=row["folder"],
        tags=tuple(row["tags"].split("\n")) if row["tags"] else (),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        trashed_at=row["trashed_at"],
        source_path=row["source_path"],
        revision=row["revision"],
        is_welcome=bool(row["is_welcome"]),
        front_matter=row["front_matter"],
        pinned=bool(row["pinned"]),
    )


def _as_summary(row: Any) -> NoteSummary:
    tags = tuple(row.tags.split("\n")) if row.tags else ()
    return NoteSummary(
        row.id, row.title, row.folder, row.snippet, row.edited_at, row.trashed_at, bool(row.pinned), tags
    )


def _no_note(connection: Connection, note_id: int) -> NotFoundError:
    # SQLite remembers the highest number it ever gave in this table.
    given = connection.execute(text_clause("SELECT seq FROM sqlite_sequence WHERE name = 'notes'")).scalar() or 0
    if note_id < 1 or note_id > given:
        return NotFoundError(f"There is no note with the number {note_id}.", "", "Choose another note.")
    return NotFoundError("This note is not there any more.", "It was deleted for good.", "Choose another note.")
