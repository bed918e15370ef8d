"""Links between notes: where they lead, who links here, and what a half-typed one may become."""

from __future__ import annotations

import msgspec

from desktop_app.domain.errors import NoteTitleError, NotFoundError
from desktop_app.domain.front_matter import split_front_matter
from desktop_app.domain.named_places import block_names, is_block_name, place_named, section_named
from desktop_app.domain.notes import Note
from desktop_app.domain.outline import Heading, headings, word_count
from desktop_app.domain.snippets import title_of
from desktop_app.domain.wiki_links import (
    Backlink,
    NoteName,
    can_be_linked,
    full_name,
    name_key,
    says_the_same,
    split_written,
    target_key,
)
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.note_attachment_ports import NoteAttachmentStore
from desktop_app.services.notes import NoteService

MOST_COMPLETIONS = 30
MOST_EMBEDDED = 12_000
"""Characters of a note that another one shows."""


class AboutNote(msgspec.Struct, frozen=True):
    """What stands beside a note.

    Attributes:
        outline: its headings.
        backlinks: links to it.
        missing: keys of the targets that it links to and that no note answers to.
        words: how many words it has; None before it was read.
    """

    outline: tuple[Heading, ...] = ()
    backlinks: tuple[Backlink, ...] = ()
    missing: frozenset[str] = frozenset()
    words: int | None = None


class Completion(msgspec.Struct, frozen=True):
    """What may stand in a link: `written` between the brackets, and two lines to choose it by."""

    written: str
    words: str
    beside: str = ""


class Destination(msgspec.Struct, frozen=True):
    """Where a link leads: a note, and the characters of its heading. `made` where the note was made for it."""

    note_id: int
    title: str
    place: tuple[int, int] | None = None
    made: bool = False


class EmbeddedNote(msgspec.Struct, frozen=True):
    """What a note shows of another one: that one's title, and its text or a part of it. `is_cut`: there is more."""

    note_id: int
    title: str
    text: str
    is_cut: bool = False


class NoteLinkService:
    """Methods raise NotFoundError for a note that is gone, and StoreError and its kin."""

    def __init__(self, notes: NoteService, links: NoteLinkStore, attachments: NoteAttachmentStore) -> None:
        self._notes = notes
        self._links = links
        self._attachments = attachments

    def about(self, note_id: int) -> AboutNote:
        """The note's outline, the links to it, and which of its own lead nowhere."""
        note = self._notes.get(note_id)
        targets = self._links.targets_of(note_id)
        meant = self._links.resolve(targets, note.folder)
        files = self._attachments.resolve(note_id, [target for target in targets if target not in meant])
        return AboutNote(
            tuple(headings(note.text)),
            tuple(self._links.links_to(note_id)),
            frozenset(target_key(target) for target in targets if target not in meant and target not in files),
            word_count(note.text),
        )

    def complete(self, note_id: int, typed: str) -> list[Completion]:
        """What a link in that note may be of which this much is typed: names, or behind "#" headings."""
        note = self._notes.get(note_id)
        if "#" not in typed:
            return self._names(note, typed.strip())
        target, begun = split_written(typed)
        linked = self._meant(note, target)
        if linked is None:
            return []
        if is_block_name(begun):
            names = [name for name in block_names(linked.text) if begun[1:].lower() in name.lower()]
            return [Completion(f"{target}#^{name}", f"^{name}") for name in names[:MOST_COMPLETIONS]]
        fitting = [one for one in headings(linked.text) if name_key(begun) in name_key(one.title)]
        return [
            Completion(f"{target}#{one.title}", one.title)
            for one in fitting[:MOST_COMPLETIONS]
            if can_be_linked(one.title)
        ]

    def named(self, text: str, limit: int) -> list[NoteName]:
        """Titles and other names of notes that contain the words of `text`."""
        return self._links.names(text, limit)

    def follow(self, note_id: int, written: str) -> Destination:
        """Where a link of that note leads; the note it names is made where there is none."""
        note = self._notes.get(note_id)
        target, heading = split_written(written)
        linked = self._meant(note, target)
        if linked is None and self._attachments.resolve(note_id, [target]):
            raise NotFoundError(
                f"“{target}” is no note.", "It is a picture or file.", "Choose Read, and press it there."
            )
        if linked is None:
            folder, _, name = target.strip("/").rpartition("/")
            made = self._notes.create(folder or note.folder, f"# {name.removesuffix('.md')}\n\n")
            return Destination(made.id, made.title, None, made=True)
        return Destination(linked.id, linked.title, place_named(linked.text, heading) if heading else None)

    def extract(self, note_id: int, title: str, text: str) -> Destination:
        """Make a note of a part of that one, in its folder. Raises NoteTitleError where a link would not lead to it."""
        note = self._notes.get(note_id)
        if not can_be_linked(title):
            raise NoteTitleError("A link cannot say this title.", "It is empty, or has one of [ ] | # in it.", "")
        if self._meant(note, title) is not None:
            todo = "Choose another title."
            raise NoteTitleError(f"There is a note “{title}” already.", "A link would lead to that one.", todo)
        says_title = name_key(title_of(text)) == name_key(title)
        made = self._notes.create(note.folder, text if says_title else f"# {title}\n\n{text}")
        return Destination(made.id, made.title, None, made=True)

    def embedded(self, note_id: int, written: str) -> EmbeddedNote | None:
        """What that note shows where it embeds this (`![[note#part]]`); None where no other text answers to it."""
        target, part = split_written(written)
        note = self._notes.get(note_id)
        linked = self._meant(note, target)
        if linked is None or (linked.id == note_id and not part):
            return None
        text = section_named(linked.text, part) if part else _without_title(linked)
        if text is None:
            return None
        end = text.rfind("\n\n", 0, MOST_EMBEDDED) if len(text) > MOST_EMBEDDED else len(text)
        return EmbeddedNote(linked.id, linked.title, text[: end if end > 0 else MOST_EMBEDDED], end < len(text))

    def _meant(self, note: Note, target: str) -> Note | None:
        if not target:
            return note
        found = self._links.resolve([target], note.folder).get(target)
        return self._notes.get(found) if found is not None else None

    def _names(self, note: Note, typed: str) -> list[Completion]:
        found = self._links.names(typed, 3 * MOST_COMPLETIONS)
        names = [
            one
            for one in found
            if can_be_linked(one.name) and (one.is_title or (typed and not says_the_same(one.name, one.title)))
        ][:MOST_COMPLETIONS]
        meant = self._links.resolve([one.name for one in names], note.folder)
        return [
            Completion(_written(one, alone=meant.get(one.name) == one.note_id), one.name, _beside(one))
            for one in names
            if one.note_id != note.id
        ]


def _without_title(note: Note) -> str:
    """A note's text without its properties, and without a heading at its beginning that is its title."""
    text = split_front_matter(note.text)[1].strip()
    first = next(iter(headings(text)), None)
    begins = first is not None and first.start == 0 and name_key(first.title) == name_key(note.title)
    return text[first.end :].lstrip() if first is not None and begins else text


def _written(name: NoteName, *, alone: bool) -> str:
    """A name that means another note from here is written with its folder, and shown without."""
    return name.name if alone else f"{full_name(name.folder, name.name)}|{name.name}"


def _beside(name: NoteName) -> str:
    other = "" if name.is_title else name.title
    return " · ".join(part for part in (other, name.folder.replace("/", " / ")) if part)
