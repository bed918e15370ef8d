"""Notes by the rules of the house: titles from texts, cleaned folders and tags, versions, and who is told of a
change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from random import randrange
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from desktop_app.domain.exported_notes import read_exported_id
from desktop_app.domain.folders import clean_folder, clean_tags
from desktop_app.domain.front_matter import EXPORTED_ID, split_front_matter
from desktop_app.domain.inline_tags import inline_tags, tags_following_text
from desktop_app.domain.listeners import Listeners
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.note_properties import tags_after
from desktop_app.domain.notes import CameFrom, ImportSource, Note, NoteFilter, NoteSummary, NoteVersion
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.services.linked_folders.conflict_rows import ConflictRows
from desktop_app.services.model_ports import Unsubscribe
from desktop_app.services.ports import StorePort

T = TypeVar("T")
NotesListener = Callable[[Sequence[int]], None]

CHAT_FOLDER = "Chats"
"""Where notes out of chats go."""


class IncomingNote(msgspec.Struct, frozen=True):
    """A note read from a file.

    Attributes:
        edited_at: the file's time.
        attachments: what names in the text mean.
        original: the file's bytes as they are kept, where text and front matter cannot give them back.
        in_archive: it is one of several of its file.
    """

    title: str
    text: str
    folder: str
    tags: tuple[str, ...]
    source: ImportSource
    created_at: datetime
    edited_at: datetime
    attachments: Mapping[str, StoredFile] = msgspec.field(default_factory=dict)
    original: StoredFile | None = None
    in_archive: bool = False


class NoteService:
    """What screens, the command line and the import do with notes.

    Methods raise NotFoundError for notes that are not there, and StoreError and its kin where nothing could be saved.
    """

    def __init__(self, store: StorePort) -> None:
        self._store = store
        self._notes = store.notes
        self._conflicts = ConflictRows(store.source_folders)
        self._listeners = Listeners[Sequence[int]]()

    def subscribe(self, callback: NotesListener) -> Unsubscribe:
        """Call `callback` with the ids of changed notes after each commit, in the thread that made the change."""
        return self._listeners.add(callback)

    # Reading

    def get(self, note_id: int) -> Note:
        """The whole note."""
        return self._notes.get(note_id)

    def list_notes(self, filter: NoteFilter, *, limit: int | None = None, offset: int = 0) -> list[NoteSummary]:
        """Rows of the list, sorted."""
        return self._notes.list_notes(filter, limit=limit, offset=offset)

    def position(self, filter: NoteFilter, note_id: int) -> int | None:
        """How many rows `list_notes` gives before this note; None where the filter leaves it out."""
        return self._notes.position(filter, note_id)

    def count(self, filter: NoteFilter) -> int:
        """How many notes the filter lets through."""
        return self._notes.count(filter)

    def folders(self) -> list[tuple[str, int]]:
        """Each folder with the number of notes in it and below."""
        return self._notes.folders()

    def tags(self) -> list[tuple[str, int]]:
        """Each tag with the number of its notes."""
        return self._notes.tags()

    def versions(self, note_id: int) -> list[NoteVersion]:
        """Earlier texts, newest first."""
        return self._notes.versions(note_id)

    def any_note(self, filter: NoteFilter, choose: Callable[[int], int] = randrange) -> NoteSummary | None:
        """One of those that the filter lets through, by chance; None where there is none."""
        count = self._notes.count(filter)
        found = self._notes.list_notes(filter, limit=1, offset=choose(count)) if count else []
        return found[0] if found else None

    # Writing

    def create(self, folder: str = "", text: str = "") -> Note:
        """A new note; its title is the text's first heading, else its first line."""
        tags = clean_tags(inline_tags(text))
        note = self._notes.create(title_of(text), text, folder=clean_folder(folder), tags=tags)
        self.tell([note.id])
        return note

    def quick_note(self, text: str) -> Note:
        """A note written from anywhere, at the top of the folders."""
        return self.create("", text)

    def chat_note(self, text: str) -> Note:
        """A part of a chat as a note, in the folder for these."""
        return self.create(CHAT_FOLDER, text)

    def save(self, note_id: int, text: str, title: str | None = None, expected_revision: int | None = None) -> Note:
        """Commit a text; the note as it now stands on the disk.

        Without a `title` it follows the text, unless the note has a title that its text does not say (from front
        matter, a file's name, or typed); then that one stays. An empty `title` makes it follow again. What the text
        says as #tag becomes the note's, and leaves it with the words. Raises NoteConflictError when
        `expected_revision` is not the note's any more.
        """
        old = self._notes.get(note_id)
        if title is None:
            title = own_title(old.title, old.text)
        title = " ".join(title.split()) or title_of(text)
        if _tags_after_text(old, text) == old.tags:
            note = self._notes.save(note_id, title=title, text=text, expected_revision=expected_revision)
        else:
            with self.together():
                saved = self._notes.save(note_id, title=title, text=text, expected_revision=expected_revision)
                note = self._notes.set_tags(note_id, _tags_after_text(replace(saved, text=old.text), text))
        if note.revision != old.revision:
            self.tell([note_id])
        return note

    def keep_apart(self, of: Note, text: str, title: str) -> Note:
        """A text that cannot go into the note `of`, since that was changed or deleted elsewhere, as a note of its own.

        It gets the folder, tags and front matter of that note, whose text is not asked for; the title follows the text
        where none is given. Where that note is a linked file, it is listed among the conflicts of the folder.
        """
        with self.together():
            note = self._notes.create(
                " ".join(title.split()) or title_of(text),
                text,
                folder=of.folder,
                tags=clean_tags((*of.tags, *inline_tags(text))),
                source=ImportSource(path="", file="", hash="", front_matter=of.front_matter),
            )
            self._conflicts.put(note, of.id)
        self.tell([note.id])
        return note

    def duplicate(self, note_id: int, title: str) -> Note:
        """Another note with the text, folder, tags and properties of one, under that title."""
        with self.together():
            old = self._notes.get(note_id)
            lines = "\n".join(line for line in old.front_matter.splitlines() if not line.startswith(f"{EXPORTED_ID}:"))
            source = ImportSource(path="", file="", hash="", front_matter=lines)
            note = self._notes.create(title, old.text, folder=old.folder, tags=old.tags, source=source)
        self.tell([note.id])
        return note

    def rewrite(
        self,
        note_id: int,
        title: str,
        text: str,
        *,
        edited_at: datetime | None = None,
        keep_version: bool = True,
        front_matter: str | None = None,
    ) -> Note:
        """A change that the program makes at a person's word: what stood there becomes a version, and the note keeps
        the time of its last edit unless another one is given. Nobody is told.
        """
        moment = edited_at or self._notes.get(note_id).edited_at
        return self._notes.save(
            note_id, title=title, text=text, keep_version=keep_version, edited_at=moment, front_matter=front_matter
        )

    def set_properties(self, note_id: int, tags: Sequence[str], front_matter: str) -> Note:
        """Replace tags and the lines of front matter. Nobody is told."""
        self._notes.set_front_matter(note_id, front_matter)
        return self._notes.set_tags(note_id, clean_tags(tags))

    def move(self, note_ids: Sequence[int], folder: str) -> None:
        """Put notes into a folder; a new name makes the folder."""
        self._notes.move(note_ids, clean_folder(folder))
        self.tell(note_ids)

    def set_tags(self, note_id: int, tags: Sequence[str], seen: Sequence[str] | None = None) -> Note:
        """Replace the note's tags; they are stored in lower case, each once.

        Args:
            seen: the tags that were changed into `tags`: only what differs between the two is put on or taken off, so
                that what another window did meanwhile stays.
        """
        with self.together():
            note = self._notes.set_tags(note_id, self._tags_after(note_id, tags, seen))
        self.tell([note_id])
        return note

    def change_tags(self, tags: Mapping[int, Sequence[str]], seen: Mapping[int, Sequence[str]] | None = None) -> None:
        """Replace the tags of several notes, by id, in one commit; `seen` as for one."""
        with self.together():
            for note_id, own in tags.items():
                self._notes.set_tags(note_id, self._tags_after(note_id, own, (seen or {}).get(note_id)))
        self.tell(list(tags))

    def _tags_after(self, note_id: int, tags: Sequence[str], seen: Sequence[str] | None) -> tuple[str, ...]:
        wanted = clean_tags(tags)
        if seen is None:
            return wanted
        taken_off = set(seen) - set(wanted)
        kept = [tag for tag in self._notes.get(note_id).tags if tag not in taken_off]
        return clean_tags((*kept, *(tag for tag in wanted if tag not in seen)))

    def set_pinned(self, note_ids: Sequence[int], pinned: bool) -> None:
        """Keep notes on top of the list, or not any more."""
        self._notes.set_pinned(note_ids, pinned)
        self.tell(note_ids)

    def mark_opened(self, note_id: int) -> None:
        """A person has opened it; nobody is told, since the note is the same."""
        self._notes.mark_opened(note_id)

    def recently_opened(self, limit: int) -> list[NoteSummary]:
        """The notes that were opened last, then the last edited ones; pinned or not."""
        return self._notes.recently_opened(limit)

    def trash(self, note_ids: Sequence[int]) -> None:
        """Take notes out of lists and search; `restore` undoes it."""
        self._notes.trash(note_ids)
        self.tell(note_ids)

    def take_away(self, note_id: int) -> None:
        """Into the trash; nobody is told."""
        self._notes.trash([note_id])

    def restore(self, note_ids: Sequence[int]) -> None:
        """Bring notes back from the trash, into their folders."""
        self._notes.restore(note_ids)
        self.tell(note_ids)

    def delete_forever(self, note_ids: Sequence[int]) -> None:
        """Delete notes of the trash with their versions; one that was put back meanwhile, as by a linked folder whose
        file changed, stays. Nothing brings them back but a backup.
        """
        self._notes.delete_forever(note_ids, only_trashed=True)
        self.tell(note_ids)

    def restore_version(self, version_id: int) -> Note:
        """Make an earlier text the note's again, with its properties then and the tags that these said; the present one
        becomes a version, so that this can be undone, too.
        """
        version = self._notes.get_version(version_id)
        lines = version.front_matter
        with self.together():
            old = self._notes.get(version.note_id)
            note = self._notes.save(
                old.id, title=version.title, text=version.text, keep_version=True, front_matter=lines
            )
            tags = _tags_after_text(replace(old, front_matter=note.front_matter), version.text)
            if lines is not None:
                tags = tags_after(replace(note, tags=tags), old.front_matter, lines)
            if tags != note.tags:
                note = self._notes.set_tags(note.id, tags)
        self.tell([note.id])
        return note

    # For the import, which tells of its changes itself, once a group

    def together(self) -> AbstractContextManager[None]:
        """Group this thread's changes into one commit."""
        return self._store.transaction()

    def at_once(self, work: Callable[[], T]) -> T:
        """The same for what `work` does, and much quicker where it changes many notes; it must wait for no thread that
        writes.
        """
        return self._store.at_once(work)

    def others_wait(self) -> bool:
        """Whether changes of other threads wait for the end of that commit."""
        return self._store.others_wait()

    def import_sources(self) -> dict[int, ImportSource]:
        """Where each imported note came from, by note id."""
        return self._notes.import_sources()

    def exported_elsewhere(self) -> dict[tuple[int, int], list[int]]:
        """Ids of the notes that came out of exports, by what they are called in the store that wrote them first."""
        ids: dict[tuple[int, int], list[int]] = {}
        for note_id, lines in self._notes.with_front_matter(EXPORTED_ID).items():
            if (exported := read_exported_id(lines)) is not None:
                ids.setdefault(exported.key, []).append(note_id)
        return ids

    def came_from(self, source: str, part: str) -> list[CameFrom]:
        """The notes with `source` in the path of the file they came from, and whether `part` is in their text."""
        return self._notes.came_from(source, part)

    def add_imported(self, incoming: IncomingNote) -> Note:
        """A new note from a file; nobody is told."""
        return self._notes.create(
            incoming.title,
            incoming.text,
            folder=clean_folder(incoming.folder),
            tags=clean_tags(incoming.tags),
            created_at=incoming.created_at,
            edited_at=incoming.edited_at,
            source=incoming.source,
        )

    def update_imported(self, note_id: int, incoming: IncomingNote) -> Note:
        """The file's new text for the note it became; the present text becomes a version. Nobody is told.

        Folder and place are the person's: they stay. Tags that the file brings are added to those the note has.
        """
        note = self._notes.save(
            note_id,
            title=incoming.title,
            text=incoming.text,
            keep_version=True,
            edited_at=incoming.edited_at,
            source=incoming.source,
        )
        tags = clean_tags((*note.tags, *incoming.tags))
        return self._notes.set_tags(note_id, tags) if tags != note.tags else note

    def take_from_file(self, note_id: int, incoming: IncomingNote, expected_revision: int, earlier: Note) -> Note:
        """The linked file's new text for its note, with its tags; those of `earlier` that no file said stay. The
        present text becomes a version. Nobody is told. Raises NoteConflictError where the note was changed meanwhile.
        """
        note = self._notes.save(
            note_id,
            title=incoming.title,
            text=incoming.text,
            expected_revision=expected_revision,
            keep_version=True,
            edited_at=incoming.edited_at,
            source=incoming.source,
        )
        tags = clean_tags((*(tag for tag in earlier.tags if tag not in _said_tags(earlier)), *incoming.tags))
        return self._notes.set_tags(note_id, tags) if tags != note.tags else note

    def retitle(self, note: Note, title: str) -> Note:
        """Another title for the same text; nobody is told. Raises NoteConflictError where the note was changed."""
        return self._notes.save(note.id, title=title, text=note.text, expected_revision=note.revision)

    def relocate(self, note_id: int, source: ImportSource) -> None:
        """The note's file lies elsewhere now; nobody is told."""
        note = self._notes.get(note_id)
        source = replace(source, front_matter=note.front_matter)
        self._notes.save(note_id, title=note.title, text=note.text, source=source)

    def bring_back(self, note_id: int) -> None:
        """Out of the trash; nobody is told."""
        self._notes.restore([note_id])

    def remember_source(self, note: Note, source: ImportSource) -> None:
        """The note's file says what the note says; nobody is told. Raises NoteConflictError where it was changed."""
        self._notes.save(note.id, title=note.title, text=note.text, expected_revision=note.revision, source=source)

    def tell(self, note_ids: Sequence[int]) -> None:
        """Call all listeners."""
        self._listeners.tell(note_ids)


def _said_tags(note: Note) -> frozenset[str]:
    """The tags that the note's file said."""
    return frozenset(clean_tags((*_tags_of_lines(note), *inline_tags(note.text))))


def _tags_of_lines(note: Note) -> tuple[str, ...]:
    return split_front_matter(f"---\n{note.front_matter}---\n")[0].tags


def _tags_after_text(note: Note, text: str) -> tuple[str, ...]:
    """The note's tags once its text is `text`."""
    return tags_following_text(note.tags, note.text, text, kept=_tags_of_lines(note))
