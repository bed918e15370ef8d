"""Answers from a person's notes: which passages a question is answered from, and where a chat looks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace

from desktop_app.domain.attachments import (
    Attachment,
    AttachmentKind,
    SourcePlace,
    attachment_name,
    source_media_type,
)
from desktop_app.domain.context_budget import MOST_PASSAGES
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import NothingInNotesError, SettingError
from desktop_app.domain.follow_up import refers_back, sought_for
from desktop_app.domain.note_sources import sources_among
from desktop_app.domain.reasoning import answer_of
from desktop_app.domain.search import SearchMode
from desktop_app.domain.search_question import FilterKind, Question, notes_among, parse_question

if TYPE_CHECKING:
    from datetime import date

    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.notes import Note
    from desktop_app.domain.search import SearchHit, SearchResult
    from desktop_app.services.ports import ConversationStore, NoteStore

NOTES_SCOPE = "notes_scope"
"""A chat's own setting: the filters (`folder:Thesis tag:read`) of the notes it answers from, "" for all of them; absent
where it does not answer from notes."""

_NOTES_LOOKED_AT = 8
_NEAR_THE_BEST = 0.5
"""Of the best note's score that another must reach."""

_MOST_OF_A_QUESTION = 1_000
_PAGE = 64
_NO_NOTE_FILTERS = (FilterKind.IN, FilterKind.SIMILAR)
_LONGEST_PASSAGE = 2_400
_MOST_CUT = 60_000
"""Characters of a note that passages are cut from to fill up what was found in it."""


class NoteSearching(Protocol):
    """Finds notes (services/search.py)."""

    def search_once(
        self,
        question: str | Question,
        mode: SearchMode = ...,
        limit: int = ...,
        cancel: CancelToken | None = ...,
    ) -> SearchResult: ...

    def survey(
        self, question: str | Question, result: SearchResult, cancel: CancelToken | None = ..., *, typing: bool = ...
    ) -> SearchResult: ...


class FoundPassage(msgspec.Struct, frozen=True):
    """A passage of a note that a question may be answered from: its characters [start, end) and what to call it.

    Attributes:
        words_rank, meaning_rank: of its note, as in SearchHit.
    """

    note_id: int
    name: str
    text: str
    start: int
    end: int
    words_rank: int | None = None
    meaning_rank: int | None = None


class NoteGrounding:
    """Keeps where chats look, finds passages, and attaches them to questions. Thread-safe; all methods block."""

    def __init__(
        self,
        conversations: ConversationStore,
        notes: NoteStore,
        search: NoteSearching,
        today: Callable[[], date],
    ) -> None:
        self._conversations = conversations
        self._notes = notes
        self._search = search
        self._today = today
        self._lock = threading.Lock()
        self._choosing = threading.Lock()
        self._not_this_time: set[int] = set()

    # Where a chat looks --------------------------------------------------------------------------

    def scope(self, conversation_id: int) -> str | None:
        """The filters of the notes that the chat answers from, "" for all notes; None where it does not.

        Raises NotFoundError.
        """
        with self._choosing:  # a question that was sent right behind a choice goes by it
            kept = self._conversations.settings_of(conversation_id).get(NOTES_SCOPE)
        return kept if isinstance(kept, str) else None

    def set_scope(self, conversation_id: int, scope: str | None) -> None:
        """Have the chat answer from the notes that meet these filters; None: from no notes.

        Raises NotFoundError, SettingError where something in `scope` is no filter of notes.
        """
        if scope is not None:
            self._refuse_what_filters_nothing(scope)
        with self._lock:
            self._not_this_time.discard(conversation_id)
        with self._choosing:
            values = dict(self._conversations.settings_of(conversation_id))
            values.pop(NOTES_SCOPE, None)
            if scope is not None:
                values[NOTES_SCOPE] = scope.strip()
            self._conversations.set_settings_of(conversation_id, values)

    def leave_out_once(self, conversation_id: int) -> None:
        """The answer to NothingInNotesError: the chat's next question is sent without notes."""
        with self._lock:
            self._not_this_time.add(conversation_id)

    def folders(self) -> list[str]:
        """Folders that notes are in, sorted."""
        return [name for name, _count in self._notes.folders() if name]

    def tags(self) -> list[str]:
        """Tags that notes have, those of most notes first."""
        return [name for name, _count in sorted(self._notes.tags(), key=lambda pair: (-pair[1], pair[0]))]

    def names(self, scope: str) -> list[str]:
        """The titles of the notes that a scope names one by one, without those that are gone; [] where none are."""
        ids = notes_among(parse_question(scope, today=self._today()))
        return [note.title for note in self._named(ids)]

    def _named(self, ids: Sequence[int]) -> list[Note]:
        found = {note.id: note for note in self._notes.get_many(ids)} if ids else {}
        return [found[each] for each in ids if each in found and found[each].trashed_at is None]

    # Finding -------------------------------------------------------------------------------------

    def looks(self, conversation_id: int) -> bool:
        """Whether the chat's next question is answered from notes."""
        with self._lock:
            if conversation_id in self._not_this_time:
                return False
        return self.scope(conversation_id) is not None

    def find(
        self, conversation_id: int, path: Sequence[Message], question: str, cancel: CancelToken
    ) -> list[FoundPassage]:
        """Passages for `question`, asked after `path`, best first; those that the path carries already among them.

        A chat about one note gets what was found in it, and the note's own passages from its beginning on behind that:
        "sum it up" is about a note whose words it does not say.

        Empty where the question refers back to what the path carries, and nothing else is found.

        Raises NothingInNotesError, CancelledError, StoreError.
        """
        scope = self.scope(conversation_id) or ""
        result = self._found(scope, asked(path, question), cancel)
        found = _passages(result.hits)
        named = self._named(notes_among(parse_question(scope, today=self._today())))
        if len(named) == 1:
            found = _filled_up(found, named[0])
        if not found and not (refers_back(question) and any(sources_among(each.attachments) for each in path)):
            raise _nothing(scope, result)
        return found

    def near(
        self, conversation_id: int, path: Sequence[Message], question: str, cancel: CancelToken
    ) -> tuple[SearchHit, ...]:
        """All that is found for `question`, asked after `path`, where the chat looks, best first; also what is too far
        from the best to be answered from. Nothing where the chat does not answer from notes.

        Raises NotFoundError, CancelledError, StoreError.
        """
        scope = self.scope(conversation_id)
        if scope is None:
            return ()
        looked_for = self._looked_for(scope, asked(path, question))
        return self._search.search_once(looked_for, SearchMode.BOTH, _NOTES_LOOKED_AT, cancel).hits

    def new_among(self, found: Sequence[FoundPassage], seen: Iterable[Message]) -> list[FoundPassage]:
        """Those that no message of `seen`, which the decoder will read anyway, carries."""
        carried = {(each.note_id, each.text) for message in seen for each in sources_among(message.attachments)}
        return [each for each in found if (each.note_id, each.text) not in carried]

    def numbered(
        self, conversation_id: int, path: Sequence[Message], found: Sequence[FoundPassage]
    ) -> list[Attachment]:
        """Passages as attachments that are not stored yet, numbered on from those of the path that `path` ends."""
        first = self._last_number(conversation_id, path) + 1 if found else 1
        return [_as_attachment(each, number) for number, each in enumerate(found, first)]

    def _last_number(self, conversation_id: int, path: Sequence[Message]) -> int:
        """The highest number so far: numbers go on, so it is among the newest passages."""
        while path:
            numbers = [each.source.number for message in path for each in message.attachments if each.source]
            if numbers:
                return max(numbers)
            if path[0].parent_id is None:
                break
            path = self._conversations.path(conversation_id, before_id=path[0].id, limit=_PAGE)
        return 0

    def sent(self, conversation_id: int) -> None:
        """A question was sent: the next one is looked for again."""
        with self._lock:
            self._not_this_time.discard(conversation_id)

    def _refuse_what_filters_nothing(self, scope: str) -> None:
        parsed = parse_question(scope, today=self._today())
        bad = [scope[each.start : each.end] for each in parsed.filters if each.kind in _NO_NOTE_FILTERS]
        bad += [each.text for each in parsed.problems]
        words = " ".join(parsed.words.split()) if parsed.filters or parsed.words.strip() else ""
        if bad or words:
            raise SettingError(
                f"“{bad[0] if bad else words}” is no filter of notes.",
                "A chat can be limited by filters such as folder:Work, tag:read, title:plan or after:2025.",
                "Write it as a filter, or choose All notes.",
            )

    def _looked_for(self, scope: str, asked: str) -> Question:
        """The words of `asked`, narrowed by the filters of `scope`."""
        filters = parse_question(scope, today=self._today())
        words = _as_words(asked)
        return replace(
            filters,
            text=f"{scope} {words}".strip(),
            words=words,
            filters=tuple(each for each in filters.filters if each.kind not in _NO_NOTE_FILTERS),
            open_ended=False,
        )

    def _found(self, scope: str, asked: str, cancel: CancelToken) -> SearchResult:
        question = self._looked_for(scope, asked)
        result = self._search.search_once(question, SearchMode.BOTH, _NOTES_LOOKED_AT, cancel)
        if not result.hits:
            return result
        best = max(hit.score for hit in result.hits)
        near = tuple(hit for hit in result.hits if hit.score >= best * _NEAR_THE_BEST)
        return self._search.survey(question, replace(result, hits=near), cancel, typing=False)


def asked(path: Sequence[Message], question: str) -> str:
    """What is looked for where `question` follows `path`: itself, and what it refers back to."""
    questions = [message.text for message in path if message.role is Role.USER]
    answers = [message for message in path if message.role is Role.ASSISTANT]
    answer = answer_of(answers[-1].text, answers[-1].settings_used) if answers else ""
    return sought_for(question, questions, answer)[:_MOST_OF_A_QUESTION]


def _as_words(question: str) -> str:
    """The question without what the search box would take for an operator."""
    return " ".join(
        word.lstrip("-").replace(":", " ") for word in question.translate(_NO_QUOTES).split() if word.strip("-")
    )


_NO_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))


def _passages(hits: Sequence[SearchHit]) -> list[FoundPassage]:
    """The passage of each note, then their other places, the nearest first."""
    best = [_passage(hit, hit.passage, hit.start, hit.end, hit.heading_path, hit.page) for hit in hits]
    others = [
        (place.similarity or 0.0, _passage(hit, place.passage, place.start, place.end, place.heading_path, place.page))
        for hit in hits
        for place in hit.more_places
    ]
    others.sort(key=lambda pair: -pair[0])
    found: dict[tuple[int, int], FoundPassage] = {}
    for each in (*best, *(passage for _near, passage in others)):
        if each.text.strip():
            found.setdefault((each.note_id, each.start), each)
    return list(found.values())[:MOST_PASSAGES]


def _filled_up(found: list[FoundPassage], note: Note) -> list[FoundPassage]:
    """Behind what was found those of the note's passages that it does not overlap, in their order; MOST_PASSAGES in
    all.
    """
    from desktop_app.domain.chunking import Chunker  # where one note is meant only
    from desktop_app.domain.page_marks import page_at

    filled = list(found)
    # A passage has some hundred characters at least: no more of a long note is cut than is needed.
    for chunk in Chunker().chunks(note.title, note.text[:_MOST_CUT]):
        text = note.text[chunk.start : chunk.end]
        apart = all(chunk.end <= each.start or each.end <= chunk.start for each in found)
        if len(filled) < MOST_PASSAGES and apart and text.strip():
            name = _name(note.title, chunk.heading_path, page_at(note.text, chunk.start))
            text = text[:_LONGEST_PASSAGE]
            filled.append(FoundPassage(note.id, name, text, chunk.start, chunk.start + len(text)))
    return filled


def _passage(hit: SearchHit, text: str, start: int, end: int, headings: Sequence[str], page: int) -> FoundPassage:
    text, end = text[:_LONGEST_PASSAGE], start + len(text[:_LONGEST_PASSAGE])
    name = _name(hit.title, headings, page)
    return FoundPassage(hit.note_id, name, text, start, end, hit.words_rank, hit.meaning_rank)


def _name(title: str, headings: Sequence[str], page: int) -> str:
    """What a passage is called: its note, the heading above it, and its page."""
    names = [title or "Untitled", *(name for name in headings[-1:] if name != title)]
    return " › ".join(names) + (f", page {page}" if page else "")


def _as_attachment(found: FoundPassage, number: int) -> Attachment:
    return Attachment(
        id=0,
        conversation_id=0,
        message_id=None,
        ordinal=number,
        kind=AttachmentKind.NOTE,
        name=attachment_name(found.name),
        media_type=source_media_type(SourcePlace(number, found.start, found.end, found.words_rank, found.meaning_rank)),
        size=len(found.text.encode("utf-8", "surrogatepass")),
        note_id=found.note_id,
        created_at=datetime.fromtimestamp(0, UTC),
        text=found.text,
    )


def _nothing(scope: str, result: SearchResult) -> NothingInNotesError:
    named = f"{FilterKind.AMONG}:" in scope
    where = "Only the notes that this chat is about" if named else f"Only notes that meet “{scope}”"
    reasons = [f"{where} were searched."] if scope else []
    if result.meaning_problem or not result.meaning_ready:
        reasons.append("They were searched by their exact words alone, because the search model is not there.")
    elif result.notes_unindexed:
        count = f"{result.notes_unindexed:,} notes are" if result.notes_unindexed > 1 else "One note is"
        reasons.append(f"{count} not indexed by meaning yet.")
    return NothingInNotesError(
        "Nothing about this question was found in your notes.",
        " ".join([*reasons, "Nothing was sent."]),
        "Ask it in other words, or ask without your notes.",
    )
