"""Links between notes that came in from different files of one import: Evernote writes a file for each notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desktop_app.domain.page_links import leads_to_evernote, linked_by_words
from desktop_app.services.known_notes import KnownNotes
from desktop_app.services.notes import IncomingNote, NoteService


class NotebookLinks:
    """Evernote names notes by ids that its exports do not hold, so a link leads to the note whose title its words are.
    One that leads into a file that is read later can only be written when that one is in.
    """

    def __init__(self) -> None:
        self._titles: set[str] = set()
        self._open: set[str] = set()

    def see(self, notes: Iterable[IncomingNote]) -> None:
        """These come in."""
        for note in notes:
            self._titles.add(note.title)
            if leads_to_evernote(note.text):
                self._open.add(note.source.file)

    def write(self, notes: NoteService, known: KnownNotes) -> Iterator[int]:
        """Write the links of those that are in, now that all are; gives the changed notes. Raises StoreError."""
        for file in sorted(self._open):
            found = known.of_file(file)
            if found is None or found[1].trashed:
                continue
            note = notes.get(found[0])
            text = linked_by_words(note.text, self._titles)
            if text != note.text:
                notes.rewrite(note.id, note.title, text, keep_version=False)
                yield note.id
