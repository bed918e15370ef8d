"""Which note a file that comes in is, and whether it says anything new."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.notes import ImportSource, Note
from desktop_app.services.exported_notes import ExportedNotes
from desktop_app.services.known_notes import Known, KnownNotes
from desktop_app.services.notes import IncomingNote, NoteService


class Match(msgspec.Struct, frozen=True):
    """What an import makes of a note that was read.

    Attributes:
        earlier: the note it is; None for a new one.
        incoming: the note as it is to be taken.
        is_unchanged: nothing is to be taken.
    """

    earlier: Known | None
    incoming: IncomingNote
    is_unchanged: bool = False


class ImportMatching:
    """Knows a note again by its file (`KnownNotes`), else by what its export wrote into it, else by its path and text:
    an export of a folder that was imported holds the notes that were edited since as they are now.
    """

    def __init__(self, notes: NoteService, known: KnownNotes) -> None:
        self._notes = notes
        self._known = known
        self._exported = ExportedNotes(notes)

    def match(self, incoming: IncomingNote) -> Match:
        """The note, and what it takes. Raises StoreError and its kin."""
        source = incoming.source
        found = self._known.find(source.file, source.path, in_archive=incoming.in_archive, content=source.hash)
        return self.match_found(incoming, found)

    def match_found(self, incoming: IncomingNote, found: Known | None) -> Match:
        """The same where it was looked up already."""
        source = incoming.source
        if found is not None:
            return Match(found, incoming, is_unchanged=found[1].hash == source.hash)
        if (note := self._exported.find(incoming)) is not None:
            earlier = self._as_known(note)
            if self._exported.is_unchanged(incoming, note):
                return Match(earlier, incoming, is_unchanged=True)
            return Match(earlier, self._exported.as_update(incoming, note, self._known.source_of(note.id)))
        for beside in self._known.beside(source.file, source.path):
            if self._says_the_same(beside, incoming):
                return Match(self._known.take(beside, source.file), incoming, is_unchanged=True)
        return Match(None, incoming)

    def _as_known(self, note: Note) -> Known:
        source = self._known.source_of(note.id) or ImportSource(path="", file="", hash="")
        return note.id, replace(source, trashed=note.trashed_at is not None)

    def _says_the_same(self, known: Known, incoming: IncomingNote) -> bool:
        try:
            note = self._notes.get(known[0])
        except NotFoundError:
            return False  # deleted for good since the import began
        return (note.title, note.text) == (incoming.title, incoming.text)
