"""Where other notes say the name of one without a link, and making links of these places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.front_matter import aliases, typed_front_matter
from desktop_app.domain.mentions import Mention, can_be_mentioned, mention_pattern, mentions_in, words_around
from desktop_app.domain.notes import Note
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.domain.wiki_links import can_be_linked, full_name
from desktop_app.services.link_ports import NoteLinkStore
from desktop_app.services.notes import NoteService

MOST_MENTIONS = 100
MOST_IN_ONE_NOTE = 5
_MOST_NOTES = 500
"""Notes whose texts are looked at, the last edited ones."""


class NoteMentionStore(Protocol):
    """Notes by what they say (storage/note_mentions.py)."""

    def notes_saying(self, names: Sequence[str], limit: int) -> list[int]:
        """Notes outside the trash whose text may say one of the names, the last edited first."""
        ...

    def texts_of(self, note_ids: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """(id, title, folder, text) of these notes, in this order, those that are gone left out; of a long text as much
        as is looked at.
        """
        ...


class LinkedMention(msgspec.Struct, frozen=True):
    """A place that is a link now: the note as it was before, the revision with the link, and the link itself."""

    before: Note
    revision: int
    start: int
    link: str
    words: str


class NoteMentions:
    """Methods raise NotFoundError for a note that is gone, and StoreError and its kin."""

    def __init__(self, notes: NoteService, links: NoteLinkStore, store: NoteMentionStore) -> None:
        self._notes = notes
        self._links = links
        self._store = store

    def mentions_of(self, note_id: int, cancel: CancelToken) -> list[Mention]:
        """Where notes say its title or one of its other names in words alone; at most MOST_MENTIONS, by note, the last
        edited first. Raises CancelledError where that is wanted.
        """
        note = self._notes.get(note_id)
        names = _names_of(note)
        if not names:
            return []
        pattern = mention_pattern(names)
        found: list[Mention] = []
        saying = [one for one in self._store.notes_saying(names, _MOST_NOTES) if one != note_id]
        for other_id, title, folder, text in self._store.texts_of(saying):
            cancel.raise_if_cancelled()
            for start, end in islice(mentions_in(text, pattern), MOST_IN_ONE_NOTE):
                around, mark = words_around(text, start, end)
                found.append(Mention(other_id, title, folder, start, end, text[start:end], around, mark))
            if len(found) >= MOST_MENTIONS:
                break
        return found[:MOST_MENTIONS]

    def link(self, note_id: int, mention: Mention) -> LinkedMention:
        """Make a link to the note of a place that names it. The words stay what a reader sees. Raises NotFoundError
        where they are not there any more.
        """
        with self._notes.together():
            note, source = self._notes.get(note_id), self._notes.get(mention.note_id)
            start = _place_now(source.text, mention, mention_pattern([mention.words]))
            if start is None or source.trashed_at is not None:
                raise NotFoundError("The words are not there any more.", "The note was changed meanwhile.", "")
            link = self._written(note, source, mention.words)
            text = source.text[:start] + link + source.text[start + len(mention.words) :]
            title = own_title(source.title, source.text) or title_of(text)
            written = self._notes.rewrite(source.id, title, text)
        self._notes.tell([source.id])
        return LinkedMention(source, written.revision, start, link, mention.words)

    def take_back(self, linked: LinkedMention) -> None:
        """Words again; in a note that was changed since, only where the link still stands."""
        with self._notes.together():
            now = self._notes.get(linked.before.id)
            if now.revision == linked.revision:
                self._notes.rewrite(now.id, linked.before.title, linked.before.text)
            elif now.text[linked.start :].startswith(linked.link):
                text = now.text[: linked.start] + linked.words + now.text[linked.start + len(linked.link) :]
                self._notes.rewrite(now.id, own_title(now.title, now.text) or title_of(text), text)
        self._notes.tell([linked.before.id])

    def _written(self, note: Note, source: Note, words: str) -> str:
        """The words themselves where they lead to the note from there, else its title in front of them."""
        if can_be_linked(words) and self._meant(words, source) == note.id:
            return f"[[{words}]]"
        alone = self._meant(note.title, source) == note.id
        return f"[[{note.title if alone else full_name(note.folder, note.title)}|{words}]]"

    def _meant(self, name: str, source: Note) -> int | None:
        return self._links.resolve([name], source.folder).get(name)


def _names_of(note: Note) -> list[str]:
    """Title and aliases, as far as a link can say the title."""
    if not can_be_linked(note.title):
        return []
    named = [note.title, *aliases(note.front_matter), *aliases(typed_front_matter(note.text))]
    return [name for name in dict.fromkeys(" ".join(one.split()) for one in named) if can_be_mentioned(name)]


def _place_now(text: str, mention: Mention, pattern: re.Pattern[str]) -> int | None:
    """Where the words stand now: the place nearest to where they stood."""
    places = [start for start, end in mentions_in(text, pattern) if text[start:end] == mention.words]
    return min(places, key=lambda start: abs(start - mention.start), default=None)
