"""What a model read of a person's notes for an answer, beside what has become of the notes since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.markdown_sections import markdown_sections
from desktop_app.domain.note_sources import SourcePassage, SourceState, place_in
from desktop_app.domain.plain_markdown import plain_markdown, without
from desktop_app.domain.query import parse_query
from desktop_app.domain.search import Span
from desktop_app.domain.word_matching import WordMatcher
from desktop_app.services.note_grounding import asked

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.domain.notes import Note
    from desktop_app.services.attachment_ports import AttachmentStore
    from desktop_app.services.ports import ConversationStore, NoteStore

_PAGE = 64
_PAGE_IN_NAME = re.compile(r", page (\d{1,6})\Z")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_BETWEEN = " › "


class SourcePassages:
    """Reads them for the screen. All methods block."""

    def __init__(self, conversations: ConversationStore, attachments: AttachmentStore, notes: NoteStore) -> None:
        self._conversations = conversations
        self._attachments = attachments
        self._notes = notes

    def read(self, question_id: int, attachment_ids: Sequence[int]) -> list[SourcePassage]:
        """The passages in that order, with the words of the message `question_id`, and of what it refers back to,
        marked. Raises NotFoundError.
        """
        question = self._conversations.get_message(question_id)
        before = self._conversations.path(question.conversation_id, before_id=question_id, limit=_PAGE)
        matcher = WordMatcher(parse_query(asked(before, question.text)))
        attachments = [self._attachments.get(each) for each in attachment_ids]
        notes: dict[int, Note] = {}
        for note_id in {each.note_id for each in attachments if each.note_id is not None}:
            try:
                notes[note_id] = self._notes.get(note_id)
            except NotFoundError:
                continue  # deleted since: what the model read is shown all the same
        return [_read(each, notes.get(each.note_id or 0), matcher) for each in attachments]


def _read(attachment: Attachment, note: Note | None, matcher: WordMatcher) -> SourcePassage:
    source = attachment.source
    if source is None:
        raise NotFoundError("This is no passage of a note.")
    place = place_in(note.text, attachment.text, source) if note is not None else None
    if note is None:
        state = SourceState.DELETED
    elif note.trashed_at is not None:
        state = SourceState.TRASHED
    else:
        state = SourceState.CHANGED if place is None else SourceState.THERE
    page = _PAGE_IN_NAME.search(attachment.name)
    title = note.title if note is not None else _PAGE_IN_NAME.sub("", attachment.name).split(_BETWEEN)[0]
    headings = _headings(note.text, place[0]) if note is not None and place is not None else ()
    text, code = _shown(attachment.text)
    return SourcePassage(
        attachment.id,
        attachment.note_id or 0,
        source.number,
        title,
        tuple(each for each in headings if each != title),
        int(page[1]) if page is not None else 0,
        text,
        tuple(Span(match.start, match.end) for match in matcher.matches(text)),
        state,
        place,
        source.words_rank,
        source.meaning_rank,
        code,
    )


def _shown(text: str) -> tuple[str, tuple[Span, ...]]:
    """A passage without Markdown's marks and blank lines, and what of that is code."""
    plain = plain_markdown(text)
    whole = plain.text.strip()
    front = len(plain.text) - len(plain.text.lstrip())
    short = without(whole, [(match.start() + 1, match.end()) for match in _BLANK_LINES.finditer(whole)])

    def place(offset: int) -> int:
        return short.position(max(0, min(len(whole), plain.position(offset) - front)))

    spans = (Span(place(start), place(end)) for start, end in plain.code)
    return short.text, tuple(span for span in spans if span.start < span.end)


def _headings(text: str, start: int) -> tuple[str, ...]:
    """Those above the passage that begins at `start`; the last one where it begins with several."""
    found: tuple[str, ...] = ()
    for section in markdown_sections(text):
        begins = [block.start for block in (section.heading, *section.blocks) if block is not None]
        if begins and begins[0] <= start:
            found = section.heading_path
    return found
