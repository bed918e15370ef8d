"""Finds the notes again that were exported as Markdown and come in once more."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.exported_notes import ExportedId, born_at, content_in, content_of, read_exported_id
from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import properties_without_folder
from desktop_app.domain.inline_tags import inline_tags
from desktop_app.domain.notes import ImportSource, Note
from desktop_app.services.notes import IncomingNote, NoteService


class ExportedNotes:
    """The notes of one import that files name by `inkwell_id`, written here or in another store.

    Each is given to one file: of a file and its copies, the first is the note, the others are notes of their own.
    """

    def __init__(self, notes: NoteService) -> None:
        self._notes = notes
        self._from_elsewhere: Mapping[tuple[int, int], Sequence[int]] | None = None
        self._taken: dict[int, str] = {}

    def find(self, incoming: IncomingNote) -> Note | None:
        """The note, in the trash or not; None where the file names none, or one that is not there any more.

        Where a note was exported and its file taken in as another one (linked, or read alone), the file is of the one
        that still says what it was written from.
        """
        exported = read_exported_id(incoming.source.front_matter)
        if exported is None:
            return None
        file = incoming.source.file
        free = [note for note in self._called(exported) if self._taken.get(note.id, file) == file]
        fitting = (note for note in free if content_of(note.title, note.tags, note.text) == exported.written)
        note = next(fitting, free[0] if free else None)
        if note is not None:
            self._taken[note.id] = file
        return note

    def is_unchanged(self, incoming: IncomingNote, note: Note) -> bool:
        """Whether the file says nothing that is new to the note: what was exported, or what the note says now."""
        new_tags = set(clean_tags(incoming.tags)) - {*note.tags, *clean_tags(inline_tags(incoming.text))}
        if (incoming.title, incoming.text) == (note.title, note.text) and not new_tags:
            return True
        exported = read_exported_id(incoming.source.front_matter)
        if exported is None:
            return False
        said = content_in(incoming.source.front_matter, incoming.text)
        came_with = read_exported_id(note.front_matter)
        if came_with is None:
            return said == exported.content
        # A newer export of the other store says so by another hash.
        return said == exported.written and exported.content == came_with.content

    def as_update(self, incoming: IncomingNote, note: Note, source: ImportSource | None) -> IncomingNote:
        """What the file changes. A note that has a file of its own, `source`, which is still there, stays that file's;
        one that was written here keeps its properties, unless the file has others.
        """
        taken = incoming.source
        if read_exported_id(note.front_matter) is None:
            lines = properties_without_folder(taken.front_matter)
            same = lines == properties_without_folder(note.front_matter)
            taken = replace(taken, front_matter=note.front_matter if same else "".join(f"{line}\n" for line in lines))
        if source is not None and os.path.lexists(Path(source.file)):
            taken = replace(source, front_matter=taken.front_matter)
        return replace(incoming, source=taken)

    def _called(self, exported: ExportedId) -> list[Note]:
        """The note that was written here under that number, then those that came out of exports of it."""
        if self._from_elsewhere is None:
            self._from_elsewhere = self._notes.exported_elsewhere()
        found = [self._get(note_id) for note_id in self._from_elsewhere.get(exported.key, ())]
        own = self._get(exported.number)
        if own is not None and born_at(own.created_at) == exported.born and read_exported_id(own.front_matter) is None:
            found.insert(0, own)
        return [note for note in found if note is not None]

    def _get(self, note_id: int) -> Note | None:
        try:
            return self._notes.get(note_id)
        except NotFoundError:
            return None
