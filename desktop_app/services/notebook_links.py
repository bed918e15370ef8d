"""Links between notes that came in from different files: Evernote writes one for each notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.page_links import linked_by_words
from desktop_app.services.known_notes import KnownNotes
from desktop_app.services.notes import IncomingNote, NoteService

_SUFFIX = ".enex/"
"""In the source of each note that came out of an export of Evernote."""


class NotebookLinks:
    """Evernote names notes by ids that its exports do not hold, so a link leads to the note whose title its words are.
    One that leads into a file that is read later can only be written when that one is in, with this import or another.
    """

    def __init__(self) -> None:
        self._files: set[str] = set()

    def see(self, notes: Iterable[IncomingNote]) -> None:
        """These come in."""
        self._files |= {note.source.file for note in notes if _SUFFIX in note.source.file.lower()}

    def write(self, notes: NoteService, known: KnownNotes) -> Iterator[int]:
        """Write the links of those that are in, and of those that came earlier, now that all are; gives the changed
        notes. Raises StoreError.
        """
        if not self._files:
            return
        came = {found[0] for file in self._files if (found := known.of_file(file)) is not None}
        there = notes.came_from(_SUFFIX, "evernote")
        titles = {one.title for one in there}
        for one in there:
            if not one.has_part:
                continue
            try:
                # In one transaction: what is saved meanwhile must not be written over.
                with notes.together():
                    note = notes.get(one.id)
                    text = linked_by_words(note.text, titles)
                    if text != note.text:
                        notes.rewrite(note.id, note.title, text, keep_version=one.id not in came)
            except NotFoundError:
                continue  # deleted for good meanwhile
            if text != note.text:
                yield note.id
