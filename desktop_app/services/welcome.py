"""A dozen notes about Inkwell itself, to try searching on."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import split_front_matter
from desktop_app.domain.resources import resource_path
from desktop_app.domain.snippets import title_of
from desktop_app.services.notes import NoteService
from desktop_app.services.ports import StorePort

FOLDER = "Welcome to Inkwell"
_INSTALLED = "welcome.installed"


class WelcomeNotes:
    """Puts the notes of `resources/welcome_notes` in once, and takes them out in one step."""

    def __init__(self, store: StorePort, notes: NoteService, source: Path | None = None) -> None:
        self._store = store
        self._notes = notes
        self._source = source or resource_path("welcome_notes")

    def install(self) -> list[int]:
        """Add the notes, the first time only; ids of those added. A store that holds notes already gets none."""
        if self._store.read_only or self._store.ui_state.get(_INSTALLED, False):
            return []
        added: list[int] = []
        with self._store.transaction():
            if not self._store.notes.all_ids():
                # The last file first, so that the list, newest first, shows them in the order of their names.
                for path in sorted(self._source.glob("*.md"), reverse=True):
                    matter, text = split_front_matter(path.read_text(encoding="utf-8"))
                    note = self._store.notes.create(
                        matter.title or title_of(text),
                        text,
                        folder=FOLDER,
                        tags=clean_tags(matter.tags),
                        is_welcome=True,
                    )
                    added.append(note.id)
            self._store.ui_state.set(_INSTALLED, True)
        if added:
            self._notes.tell(added)
        return added

    def present(self) -> bool:
        """Whether any of them is in the lists."""
        return bool(self._shown())

    def remove(self) -> list[int]:
        """Move them to the trash; their ids, so that it can be undone with `restore`."""
        shown = self._shown()
        if shown:
            self._notes.trash(shown)
        return shown

    def _shown(self) -> list[int]:
        notes = self._store.notes.get_many(self._store.notes.welcome_ids())
        return [note.id for note in notes if note.trashed_at is None]
