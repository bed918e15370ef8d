"""Another title for a note, with the links that say the old one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop_app.domain.notes import Note
from desktop_app.domain.outline import headings
from desktop_app.domain.shared_ends import common_start
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.domain.wiki_links import (
    Backlink,
    can_be_linked,
    find_links,
    full_name,
    replaced,
    tail_key,
    target_key,
)
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.notes import NoteService


class Rewritten(msgspec.Struct, frozen=True):
    """A note as it was before, and the revision that was written over it."""

    before: Note
    revision: int


class Renamed(msgspec.Struct, frozen=True):
    """What was done, to be taken back as a whole. `links` were changed in `notes` notes."""

    note_id: int
    old_title: str
    title: str
    links: int
    notes: int
    rewritten: tuple[Rewritten, ...]


class NoteRenaming:
    """All that one renaming changes is one commit. Methods raise NotFoundError, and StoreError and its kin."""

    def __init__(self, notes: NoteService, links: NoteLinkStore) -> None:
        self._notes = notes
        self._links = links

    def links_by_title(self, note_id: int) -> list[Backlink]:
        """The links that call the note by its title, as a renaming would change them; not those by another name."""
        key = target_key(self._notes.get(note_id).title)
        return [link for link in self._links.links_to(note_id) if _says(link.target, key)]

    def links_left_behind(self, old_title: str) -> list[Backlink]:
        """Links that say a title which no note has any more."""
        return self._links.links_to_nothing(old_title)

    def rename(self, note_id: int, title: str) -> Renamed:
        """Give the note this title and change the links that say the old one. A title that is the note's heading is
        changed there. A title that no link can name leaves the links as they are.
        """
        title = " ".join(title.split())
        links = self.links_by_title(note_id) if can_be_linked(title) else []
        with self._notes.together():
            note = self._notes.get(note_id)
            text = _with_heading(note, title)
            written = self._notes.rewrite(note_id, title or title_of(text), text)
            first = Rewritten(note, written.revision)
            # What stands behind the heading has moved with its length.
            places = [(link.note_id, link.start) for link in links if link.note_id != note_id]
            heading = common_start(note.text, text)
            moved = len(text) - len(note.text)
            own_links = [link.start for link in links if link.note_id == note_id]
            places += [(note_id, start + moved if start >= heading else start) for start in own_links]
            changed = self._change(places, target_key(note.title), written)
        return self._done(note.title, written, links, _merged(first, changed))

    def change_links(self, note_id: int, old_title: str) -> Renamed:
        """Let the links that say a title the note had say the one it has now."""
        note = self._notes.get(note_id)
        links = self.links_left_behind(old_title) if can_be_linked(note.title) else []
        with self._notes.together():
            changed = self._change([(link.note_id, link.start) for link in links], target_key(old_title), note)
        return self._done(old_title, note, links, changed)

    def take_back(self, renamed: Renamed) -> None:
        """Put back every text and title as it was. In a note that was changed since, only its links are put back."""
        key = target_key(renamed.title)
        with self._notes.together():
            for one in renamed.rewritten:
                now = self._notes.get(one.before.id)
                if now.revision == one.revision:
                    self._notes.rewrite(now.id, one.before.title, one.before.text)
                else:
                    self._point(now, key, renamed.old_title)
        self._notes.tell([one.before.id for one in renamed.rewritten])

    def _change(self, places: Sequence[tuple[int, int]], old_key: str, note: Note) -> list[Rewritten]:
        """Point the links at these (note, character) that say the old title to the note's new one."""
        changed: list[Rewritten] = []
        for source_id in dict.fromkeys(linking for linking, _ in places):
            source = self._notes.get(source_id)
            meant = self._links.resolve([note.title], source.folder).get(note.title)
            starts = {start for linking, start in places if linking == source_id}
            name = note.title if meant == note.id else full_name(note.folder, note.title)
            after = self._point(source, old_key, name, starts)
            if after.revision != source.revision:
                changed.append(Rewritten(source, after.revision))
        return changed

    def _point(self, source: Note, key: str, target: str, places: set[int] | None = None) -> Note:
        """Let links of a note that say `key` say `target`; only those at `places` where given."""
        changes = []
        for link in find_links(source.text):
            if _says(link.target, key) and (places is None or link.start in places):
                above = link.target.rpartition("/")[0] if tail_key(link.target) != target_key(link.target) else ""
                changes.append((link, f"{above}/{target}" if above and "/" not in target else target))
        if not changes:
            return source
        text = replaced(source.text, changes)
        title = own_title(source.title, source.text) or title_of(text)
        return self._notes.rewrite(source.id, title, text)

    def _done(self, old_title: str, note: Note, links: Sequence[Backlink], rewritten: Sequence[Rewritten]) -> Renamed:
        self._notes.tell([one.before.id for one in rewritten])
        notes = len({link.note_id for link in links})
        return Renamed(note.id, old_title, note.title, len(links), notes, tuple(rewritten))


def _says(target: str, key: str) -> bool:
    return key in (target_key(target), tail_key(target))


def _with_heading(note: Note, title: str) -> str:
    """The text with the title in the place of the heading that the note's title is."""
    if own_title(note.title, note.text):
        return note.text
    heading = next(iter(headings(note.text)), None)
    if heading is None or title_of(note.text[heading.start : heading.end]) != note.title:
        return note.text
    line = note.text[heading.start : heading.end]
    marks = line[: len(line) - len(line.lstrip(" #\t"))]
    if "#" not in marks:
        return note.text  # a heading with a line of signs below it
    ending = "\r" if line.endswith("\r") else ""
    return f"{note.text[: heading.start]}{marks}{title}{ending}{note.text[heading.end :]}"


def _merged(first: Rewritten, others: Sequence[Rewritten]) -> list[Rewritten]:
    """The renamed note may link to itself: it is put back to what it was at first."""
    own = [one.revision for one in others if one.before.id == first.before.id]
    rest = [one for one in others if one.before.id != first.before.id]
    return [Rewritten(first.before, max([first.revision, *own])), *rest]
