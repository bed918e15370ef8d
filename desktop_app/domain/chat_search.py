"""What a search through chats finds."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desktop_app.domain.conversation import Role
from desktop_app.domain.query import Query
from desktop_app.domain.search import SimilarityMeasure, Span


class FoundMessage(msgspec.Struct, frozen=True):
    """A message in which the words stand, as the store gives it.

    Attributes:
        text: as it was written or generated.
        score: BM25, higher is better; 0 where no words were asked for.
        archived: its chat is in the archive.
        folder: of its chat.
        begins_inside: its text begins inside what the model thought, with no mark in front (domain.reasoning).
    """

    conversation_id: int
    message_id: int
    title: str
    role: Role
    text: str
    score: float
    archived: bool
    said_at: datetime
    folder: str = ""
    begins_inside: bool = False


class MessagesByWords(msgspec.Struct, frozen=True):
    """What words find of a question, before any of it is cut to what is shown.

    Attributes:
        found: at least as many as are shown, where there are so many; best first, or newest first.
        ranked: false where filters alone were asked.
    """

    query: Query
    found: tuple[FoundMessage, ...] = ()
    ranked: bool = True


class MessageHit(msgspec.Struct, frozen=True):
    """A found message as a list shows it.

    Attributes:
        title: of its chat; may be empty.
        snippet: one line around the first words found, without Markdown marks.
        marks: where the words stand in `snippet`.
    """

    conversation_id: int
    message_id: int
    title: str
    role: Role
    snippet: str
    marks: tuple[Span, ...]
    archived: bool


class MessagePassage(msgspec.Struct, frozen=True):
    """A found message as the search screen shows it.

    Attributes:
        title, folder: of its chat.
        passage: the part of the message around the words, or the nearest one in meaning; `start`/`end` are its offsets
            in the message's text.
        word_spans: where the words stand in `passage`; `matched_words` are those of the message.
        score: fused, 0 to 1; by words alone BM25 as a share of the best message's; 0 where no words were asked for.
        words_rank, meaning_rank: 1-based rank among messages in each leg; None where the leg does not have it.
        nearest_span, similarity, measure: as in SearchHit.
    """

    conversation_id: int
    message_id: int
    title: str
    folder: str
    role: Role
    archived: bool
    said_at: datetime
    passage: str
    start: int
    end: int
    score: float = 0.0
    words_rank: int | None = None
    matched_words: tuple[str, ...] = ()
    word_spans: tuple[Span, ...] = ()
    meaning_rank: int | None = None
    nearest_span: Span | None = None
    similarity: float | None = None
    measure: SimilarityMeasure = SimilarityMeasure.COSINE


class FoundPassages(msgspec.Struct, frozen=True):
    """The messages that a question finds, and those that fell short."""

    hits: tuple[MessagePassage, ...] = ()
    weaker: tuple[MessagePassage, ...] = ()


class FoundInMessage(msgspec.Struct, frozen=True):
    """A message of the shown path in which a text stands `count` times."""

    message_id: int
    count: int
