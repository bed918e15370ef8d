"""Two notes become one: texts, tags and properties come together, and the links lead to what is left."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from desktop_app.domain.dropped_files import NOTE_ENDINGS
from desktop_app.domain.errors import NoteConflictError
from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import aliases, united_properties
from desktop_app.domain.line_changes import LineChange, line_changes
from desktop_app.domain.note_attachments import Reference, StoredFile, find_references, reference_key, with_targets
from desktop_app.domain.note_merging import MergeWay, merged_text, without_title
from desktop_app.domain.notes import Note
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.domain.wiki_links import Backlink, can_be_linked, find_links, full_name, replaced
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.note_attachment_ports import AttachmentFileStore, FilesElsewhere, NoteAttachmentStore
from desktop_app.services.notes import NoteService


class MergePreview(msgspec.Struct, frozen=True):
    """What `merge` would make.

    Attributes:
        kept, other: as they are now; `other` would go to the trash.
        changes: what comes to the kept note's text.
        front_matter: the kept note's lines of properties then; `new_names` are the aliases that come with them.
        links: those that mean the other note now and would mean the kept one.
    """

    kept: Note
    other: Note
    text: str
    changes: tuple[LineChange, ...]
    tags: tuple[str, ...]
    front_matter: str
    new_names: tuple[str, ...]
    links: tuple[Backlink, ...]


class Merged(msgspec.Struct, frozen=True):
    """What was done, to be taken back as a whole: the notes as they were before, and as they were left."""

    other: Note
    before: tuple[Note, ...]
    after: tuple[Note, ...]
    links: int

    @property
    def kept(self) -> Note:
        """The note that is left."""
        return self.after[0]


class _Moved(msgspec.Struct, frozen=True):
    """The text of a note that is to stand in another one.

    Attributes:
        files: what names of it mean there.
        copies: those of the files that lie beside the note, out of the other's reach.
    """

    text: str
    files: dict[str, StoredFile]
    copies: dict[str, StoredFile]


class NoteMerging:
    """All that one merge changes is one commit. Methods raise NotFoundError, and StoreError and its kin."""

    def __init__(
        self,
        notes: NoteService,
        links: NoteLinkStore,
        attachments: NoteAttachmentStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        files: AttachmentFileStore | None = None,
        elsewhere: FilesElsewhere | None = None,
    ) -> None:
        """`elsewhere` knows the files that lie beside linked notes; what the kept note cannot reach there is copied
        into `files`.
        """
        self._notes = notes
        self._links = links
        self._attachments = attachments
        self._clock = clock
        self._files = files
        self._elsewhere = elsewhere

    def preview(self, kept_id: int, other_id: int, way: MergeWay) -> MergePreview:
        """What it would make; nothing is changed."""
        kept, other = self._notes.get(kept_id), self._notes.get(other_id)
        more = self._in_other_words(kept, other).text
        if way is MergeWay.DIFFERENT and kept.text.strip() and not own_title(other.title, other.text):
            more = without_title(more)
        text = merged_text(kept.text, more, way)
        # A title that no link can name becomes another name, so that the links that say the old one lead somewhere.
        names = [] if can_be_linked(kept.title) or not other.title else [other.title]
        front_matter = united_properties(kept.front_matter, other.front_matter, names)
        return MergePreview(
            kept,
            other,
            text,
            tuple(line_changes(kept.text, text)),
            clean_tags((*kept.tags, *other.tags)),
            front_matter,
            tuple(name for name in aliases(front_matter) if name not in aliases(kept.front_matter)),
            tuple(link for link in self._links.links_to(other_id) if link.note_id != other_id),
        )

    def merge(self, preview: MergePreview) -> Merged:
        """Do what was shown. Raises NoteConflictError where one of the two is not any more what was shown."""
        kept, other = preview.kept, preview.other
        with self._notes.together():
            if self._notes.get(kept.id) != kept or self._notes.get(other.id) != other:
                raise NoteConflictError(
                    "One of the notes was changed meanwhile.",
                    "What was shown is not any more what merging them would make.",
                    "Look at the result again, then merge them.",
                )
            title = kept.title or title_of(preview.text)
            self._notes.rewrite(kept.id, title, preview.text, edited_at=self._clock())
            written = self._notes.set_properties(kept.id, preview.tags, preview.front_matter)
            links = [link for link in self._links.links_to(other.id) if link.note_id != other.id]
            self._take_files(kept, other)
            self._notes.take_away(other.id)
            before, after = [kept], [written]
            for note_id in dict.fromkeys(link.note_id for link in links):
                source = self._notes.get(note_id)
                pointed = self._point(source, written, [link for link in links if link.note_id == note_id])
                if note_id == kept.id:
                    after[0] = pointed
                elif pointed.revision != source.revision:
                    before.append(source)
                    after.append(pointed)
        merged = Merged(other, tuple(before), tuple(after), len(links))
        self._notes.tell([other.id, *(note.id for note in before)])
        return merged

    def take_back(self, merged: Merged) -> list[Note]:
        """Make two notes of it again, in one commit. A text that was changed since stays as it is now; those notes are
        what is returned.
        """
        changed: list[Note] = []
        with self._notes.together():
            self._notes.bring_back(merged.other.id)
            for before, after in zip(merged.before, merged.after, strict=True):
                now = self._notes.get(before.id)
                if (before.title, before.text) == (after.title, after.text):
                    continue
                if now.revision == after.revision:
                    self._notes.rewrite(before.id, before.title, before.text, edited_at=before.edited_at)
                else:
                    changed.append(now)
            kept, now = merged.before[0], self._notes.get(merged.kept.id)
            tags = kept.tags if now.tags == merged.kept.tags else now.tags
            lines = kept.front_matter if now.front_matter == merged.kept.front_matter else now.front_matter
            self._notes.set_properties(kept.id, tags, lines)
        self._notes.tell([merged.other.id, *(note.id for note in merged.before)])
        return changed

    def _in_other_words(self, kept: Note, other: Note) -> _Moved:
        """The other text as it has to be in the kept note's place."""
        moved = self._with_files_of(kept, other)
        return _Moved(self._with_links_of(kept, other, moved.text), moved.files, moved.copies)

    def _with_files_of(self, kept: Note, other: Note) -> _Moved:
        """Names of files mean the same as before: they get another path where that leads to the very file, and another
        name where theirs means another file in the kept note.
        """
        references = find_references(other.text)
        targets = [one.target for one in references]
        paths = {one.target: _path_from(kept.folder, other.folder, one) for one in references}
        theirs = self._attachments.resolve(other.id, targets)
        beside = self._elsewhere.find(other.id, targets) if self._elsewhere is not None else {}
        own = {each.target: each.file for each in self._attachments.of_note(kept.id)}
        if self._elsewhere is not None and beside:
            own |= self._elsewhere.find(kept.id, [*targets, *filter(None, paths.values())])
        files: dict[str, StoredFile] = {}
        copies: dict[str, StoredFile] = {}
        changes = []
        for reference in references:
            target, path = reference.target, paths[reference.target]
            file = beside.get(target) or theirs.get(target)
            mine = own.get(target) or own.get(reference_key(target))
            if file is None or (mine is not None and mine.hash == file.hash):
                continue
            if path is not None and path in own and own[path].hash == file.hash:
                changes.append((reference, path))
            elif mine is not None:
                name = self._free_name(kept.id, target, file, files)
                files[name] = file
                changes.append((reference, name))
            elif target in beside and posixpath.splitext(target)[1].lower() not in NOTE_ENDINGS:
                files[reference_key(target)] = copies[target] = file
        return _Moved(with_targets(other.text, changes), files, copies)

    def _with_links_of(self, kept: Note, other: Note, text: str) -> str:
        """Links lead where they led: of several notes with one title, one in another folder is nearest here."""
        links = find_links(text)
        names = list(dict.fromkeys(link.target for link in links if link.target))
        there, here = self._links.resolve(names, other.folder), self._links.resolve(names, kept.folder)
        changes = []
        for link in links:
            goal = there.get(link.target)
            if goal is None or goal == here.get(link.target):
                continue
            name = self._name_from(kept.folder, kept if goal == other.id else self._notes.get(goal))
            if name is not None:
                changes.append((link, name))
        return replaced(text, changes)

    def _name_from(self, folder: str, note: Note) -> str | None:
        """What a link in a note of `folder` has to say to mean this one; None where no link can say it."""
        if not can_be_linked(note.title):
            return None
        alone = self._links.resolve([note.title], folder).get(note.title) == note.id
        return note.title if alone else full_name(note.folder, note.title)

    def _free_name(self, kept_id: int, target: str, file: StoredFile, taken: Mapping[str, StoredFile]) -> str:
        stem, suffix = posixpath.splitext(target)
        count = 2
        while True:
            name = f"{stem} ({count}){suffix}"
            meant = taken.get(name) or self._attachments.resolve(kept_id, [name]).get(name)
            if meant is None or meant.hash == file.hash:
                return name
            count += 1

    def _take_files(self, kept: Note, other: Note) -> None:
        """What the other text shows has to be there when that note is gone for good. Taking back leaves it: a name that
        a text does not say shows nothing.
        """
        own = {each.target for each in self._attachments.of_note(kept.id)}
        more = {each.target: each.file for each in self._attachments.of_note(other.id) if each.target not in own}
        moved = self._in_other_words(kept, other)
        for file in moved.copies.values():
            data = self._elsewhere.read(file.hash) if self._elsewhere is not None else None
            if data is not None and self._files is not None:
                self._files.put_bytes(data, file.name)
        self._attachments.attach_all(kept.id, more | moved.files)

    def _point(self, source: Note, kept: Note, links: Sequence[Backlink]) -> Note:
        """Let these links of a note lead to the kept one, unless they do already."""
        meant = self._links.resolve([link.target for link in links], source.folder)
        target = self._name_from(source.folder, kept)
        starts = {link.start for link in links if meant.get(link.target) != kept.id}
        if target is None or not starts:
            return source
        changes = [(link, target) for link in find_links(source.text) if link.start in starts]
        text = replaced(source.text, changes)
        title = source.title if source.id == kept.id else own_title(source.title, source.text) or title_of(text)
        # Of the kept note the text before is a version already.
        return self._notes.rewrite(source.id, title, text, keep_version=source.id != kept.id)


def _path_from(folder: str, from_folder: str, reference: Reference) -> str | None:
    """A relative path in a note of `from_folder` as a note of `folder` has to write it; None where it stays."""
    if folder == from_folder or reference.is_wiki or reference.target.startswith(("/", "\\")):
        return None
    return posixpath.relpath(posixpath.join("/", from_folder, reference.target), posixpath.join("/", folder))
