"""Two notes become one: texts, tags and properties come together, and the links lead to what is left."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from desktop_app.domain.errors import NoteConflictError
from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import aliases, united_properties
from desktop_app.domain.line_changes import LineChange, line_changes
from desktop_app.domain.note_attachments import StoredFile, find_references, reference_key, with_targets
from desktop_app.domain.note_merging import MergeWay, merged_text
from desktop_app.domain.notes import Note
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.domain.wiki_links import Backlink, can_be_linked, find_links, replaced
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.note_attachment_ports import NoteAttachmentStore
from desktop_app.services.notes import NoteService


@dataclass(frozen=True, slots=True)
class MergePreview:
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


@dataclass(frozen=True, slots=True)
class Merged:
    """What was done, to be taken back as a whole: the notes as they were before, and as they were left."""

    other: Note
    before: tuple[Note, ...]
    after: tuple[Note, ...]
    links: int

    @property
    def kept(self) -> Note:
        """The note that is left."""
        return self.after[0]


class NoteMerging:
    """All that one merge changes is one commit. Methods raise NotFoundError, and StoreError and its kin."""

    def __init__(
        self,
        notes: NoteService,
        links: NoteLinkStore,
        attachments: NoteAttachmentStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notes = notes
        self._links = links
        self._attachments = attachments
        self._clock = clock

    def preview(self, kept_id: int, other_id: int, way: MergeWay) -> MergePreview:
        """What it would make; nothing is changed."""
        kept, other = self._notes.get(kept_id), self._notes.get(other_id)
        text = merged_text(kept.text, self._in_other_words(kept.id, other)[0], way)
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
            self._take_files(kept.id, other)
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

    def _in_other_words(self, kept_id: int, other: Note) -> tuple[str, dict[str, StoredFile]]:
        """The other text, with names of its own for pictures whose names mean others in the kept note; and what those
        names mean.
        """
        own = {each.target: each.file for each in self._attachments.of_note(kept_id)}
        references = find_references(other.text)
        theirs = self._attachments.resolve(other.id, [one.target for one in references])
        named: dict[str, StoredFile] = {}
        changes = []
        for reference in references:
            file, mine = theirs.get(reference.target), own.get(reference_key(reference.target))
            if file is None or mine is None or mine.hash == file.hash:
                continue
            name = self._free_name(kept_id, reference.target, file, named)
            named[name] = file
            changes.append((reference, name))
        return with_targets(other.text, changes), named

    def _free_name(self, kept_id: int, target: str, file: StoredFile, taken: Mapping[str, StoredFile]) -> str:
        stem, suffix = posixpath.splitext(target)
        count = 2
        while True:
            name = f"{stem} ({count}){suffix}"
            meant = taken.get(name) or self._attachments.resolve(kept_id, [name]).get(name)
            if meant is None or meant.hash == file.hash:
                return name
            count += 1

    def _take_files(self, kept_id: int, other: Note) -> None:
        """What the other text shows has to be there when that note is gone for good. Taking back leaves it: a name that
        a text does not say shows nothing.
        """
        own = {each.target for each in self._attachments.of_note(kept_id)}
        more = {each.target: each.file for each in self._attachments.of_note(other.id) if each.target not in own}
        more |= self._in_other_words(kept_id, other)[1]
        self._attachments.attach_all(kept_id, more)

    def _point(self, source: Note, kept: Note, links: Sequence[Backlink]) -> Note:
        """Let these links of a note lead to the kept one, unless they do already."""
        if not can_be_linked(kept.title):
            return source
        meant = self._links.resolve([kept.title, *(link.target for link in links)], source.folder)
        alone = meant.get(kept.title) == kept.id or not kept.folder
        target = kept.title if alone else f"{kept.folder}/{kept.title}"
        starts = {link.start for link in links if meant.get(link.target) != kept.id}
        changes = [(link, target) for link in find_links(source.text) if link.start in starts]
        if not changes:
            return source
        text = replaced(source.text, changes)
        title = source.title if source.id == kept.id else own_title(source.title, source.text) or title_of(text)
        # Of the kept note the text before is a version already.
        return self._notes.rewrite(source.id, title, text, keep_version=source.id != kept.id)
