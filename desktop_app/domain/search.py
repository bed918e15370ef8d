"""Passages, vectors and hits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search_question import Scope

if TYPE_CHECKING:
    from desktop_app.domain.chat_search import MessagePassage


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """A passage of a note.

    Attributes:
        start, end: character offsets into the note's text.
        heading_path: headings above the passage, outermost first.
        embedded_text: what the encoder reads: title and heading path in front of the passage.
        hash: sha256 hex of `embedded_text`; unchanged hash, unchanged vector.
    """

    start: int
    end: int
    heading_path: tuple[str, ...]
    embedded_text: str
    hash: str


class StoredChunk(msgspec.Struct, frozen=True):
    """A chunk as the store keeps it."""

    id: int
    note_id: int
    start: int
    end: int
    hash: str
    embedded_text: str
    heading_path: tuple[str, ...] = ()


class EncoderSpec(msgspec.Struct, frozen=True):
    """Which encoder to load and how.

    `precision` is "auto" (calibrated once per machine), "fp32" or "bf16". `threads` 0 lets the worker choose.
    `dimensions` 0 keeps all of a vector; another number is taken where the model allows it (Matryoshka).
    """

    path: str
    precision: str = "auto"
    threads: int = 0
    max_word_pieces: int = 256
    dimensions: int = 0


class SimilarityMeasure(StrEnum):
    """How an encoder's vectors are compared; more is nearer. EUCLIDEAN is the distance with a minus in front."""

    COSINE = "cosine"
    DOT = "dot"
    EUCLIDEAN = "euclidean"


class LoadedEncoder(msgspec.Struct, frozen=True):
    """What the worker found when it loaded an encoder.

    Attributes:
        measure: how its vectors are to be compared, by the model's own configuration.
        fingerprint: identifies weights, tokenizer, pooling and the length at which texts are cut; vectors of equal
            fingerprints may be compared, whichever precision made them.
        unrelated_similarity, unrelated_deviation: mean and standard deviation of the similarities (by `measure`) it
            gives to texts that have nothing to do with each other; the floors of a search come from them.
    """

    fingerprint: str
    name: str
    dimensions: int
    max_word_pieces: int
    precision: str
    resident_bytes: int
    load_seconds: float
    unrelated_similarity: float = 0.03
    unrelated_deviation: float = 0.08
    measure: SimilarityMeasure = SimilarityMeasure.COSINE


class ServedIndex(msgspec.Struct, frozen=True):
    """The encoder whose vectors answer questions, and how to load it again.

    Attributes:
        fingerprint, name: as in LoadedEncoder.
        path, precision, dimensions: as in EncoderSpec.
    """

    fingerprint: str
    name: str
    path: str
    precision: str = "auto"
    dimensions: int = 0


class NonsenseNearness(msgspec.Struct, frozen=True):
    """How near nonsense comes to a person's own passages, by one encoder.

    Attributes:
        mean, deviation: of the cosines between questions that mean nothing and the passages.
        highest: the greatest of them.
        passages: how many there were.
    """

    mean: float
    deviation: float
    highest: float
    passages: int


FLUENT_LETTERS_PER_PIECE = 4.0
"""What an encoder needs to be at home in a language: English comes to 4 to 6 letters, a foreign one to 1 to 3."""


class QueryEmbedding(msgspec.Struct, frozen=True):
    """A query's vector (float32 little-endian bytes) and what the encoder's vocabulary makes of its words.

    Attributes:
        known_words: those that are whole in it.
        letters_per_piece: how many letters of them one of its pieces holds on average.
    """

    vector: bytes
    known_words: frozenset[str] = frozenset()
    letters_per_piece: float = FLUENT_LETTERS_PER_PIECE


class SearchMode(StrEnum):
    """Which legs answer."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


class Span(msgspec.Struct, frozen=True, gc=False):
    """Characters [start, end) of the passage that a highlight covers."""

    start: int
    end: int


class SearchOrder(StrEnum):
    """What comes first: what fits best, or what was changed last."""

    RELEVANCE = "relevance"
    DATE = "date"


class WordLikeness(msgspec.Struct, frozen=True):
    """A word [start, end) of a sentence beside a question.

    Attributes:
        likeness: cosine of the encoder's own embeddings of this word, in its sentence, and of the word of the question
            that comes nearest to it.
        nearest: that word of the question.
    """

    start: int
    end: int
    likeness: float
    nearest: str


class HitPlace(msgspec.Struct, frozen=True):
    """Another passage of a note that was found, by the same question.

    Attributes: as in SearchHit.
    """

    start: int
    end: int
    heading_path: tuple[str, ...]
    passage: str
    word_spans: tuple[Span, ...] = ()
    similarity: float | None = None
    page: int = 0


class SearchHit(msgspec.Struct, frozen=True):
    """A note found, by its best passage.

    Attributes:
        path: the imported file's path, else "folder/title".
        passage: text of the passage as it stands in the note; `start`/`end` are its offsets there.
        score: fused score, 0 to 1.
        words_rank, meaning_rank: 1-based rank of the note in each leg; None where the leg does not have it.
        matched_words: words of the note that matched, as they stand there.
        word_spans: where they are in `passage`.
        nearest_span: the sentence of `passage` nearest in meaning; None until computed, or without meaning.
        similarity: of the best passage with the query, by `measure`; None without the meaning leg.
        page: of the file that the note was imported from, on which the passage begins; 0 where there are no pages.
        more_places: other passages that the question finds in this note, in the order of its text; empty until the
            result was surveyed.
    """

    note_id: int
    title: str
    path: str
    folder: str
    heading_path: tuple[str, ...]
    passage: str
    start: int
    end: int
    score: float
    words_rank: int | None
    meaning_rank: int | None
    edited_at: datetime
    matched_words: tuple[str, ...] = ()
    word_spans: tuple[Span, ...] = ()
    nearest_span: Span | None = None
    similarity: float | None = None
    measure: SimilarityMeasure = SimilarityMeasure.COSINE
    page: int = 0
    more_places: tuple[HitPlace, ...] = ()


class ResultSurvey(msgspec.Struct, frozen=True):
    """All notes that a question finds, also those that are not shown.

    Attributes:
        notes: how many.
        complete: False where there may be more.
        folders, tags: where they lie and which they have, with the number of notes there and below, most first.
    """

    notes: int
    complete: bool
    folders: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


class WordCorrection(msgspec.Struct, frozen=True):
    """A word of a question that stands in no note, and the one that was probably meant."""

    word: str
    meant: str


class SearchResult(msgspec.Struct, frozen=True):
    """The answer to one query.

    Attributes:
        meaning_ready: false when the encoder is not there (yet): words alone answer.
        meaning_problem: why meaning is missing, in a person's words; empty while it only loads.
        notes_unindexed: notes whose passages are not embedded yet.
        language_unread: the encoder only spells the letters of the question: words lead.
        final: false for the first, words-only answer of a search whose meaning leg still runs.
        seconds: how long the search took, without `loading_seconds`.
        loading_seconds: how long it stood still until the encoder was loaded.
        words: what was looked for, without the filters.
        order: how `hits` are sorted; by date, too, where there was nothing to be relevant to.
        scope: where was looked.
        messages, weaker_messages: the same of chats.
        corrections: what was probably meant by words that stand in no note; looked for only when asked.
        survey: of all that the question finds; None until it was made.
    """

    query: str
    mode: SearchMode
    hits: tuple[SearchHit, ...]
    seconds: float
    meaning_ready: bool = True
    meaning_problem: str = ""
    notes_unindexed: int = 0
    final: bool = True
    weaker: tuple[SearchHit, ...] = msgspec.field(default=())
    loading_seconds: float = 0.0
    words: str = ""
    order: SearchOrder = SearchOrder.RELEVANCE
    scope: Scope = Scope.NOTES
    messages: tuple[MessagePassage, ...] = ()
    weaker_messages: tuple[MessagePassage, ...] = ()
    corrections: tuple[WordCorrection, ...] = ()
    survey: ResultSurvey | None = None
    language_unread: bool = False


class IndexingProgress(msgspec.Struct, frozen=True):
    """State of the index: notes and chunks that are due, what was embedded in this run, and its speed.

    Attributes:
        problem: why the last run ended early, until the next one begins. All counts are 0 where the store would not
            tell them.
        waiting: another process indexes, and this run waits for it.
        paused: it stands still while an answer is written.
        held: the person paused it.
        seconds_left: until all is embedded at this speed; None while that is not known.
        replaces: name of the encoder that answers until the one that is embedding has all; empty without a change.
        chunks_total: all there are, also those that earlier runs embedded; 0 while nothing is due.
        messages_due: messages of chats without vectors, whose turn comes after the notes, of `messages_total`.
    """

    notes_total: int
    notes_due: int
    chunks_due: int
    chunks_embedded: int
    chunks_per_s: float
    paused: bool = False
    running: bool = False
    problem: InkwellError | None = None
    waiting: bool = False
    held: bool = False
    seconds_left: float | None = None
    replaces: str = ""
    chunks_total: int = 0
    messages_due: int = 0
    messages_total: int = 0

    @property
    def chunks_done(self) -> int:
        """Those with a vector, of all there are."""
        return max(0, self.chunks_total - self.chunks_due) if self.chunks_total else self.chunks_embedded


class IndexingReport(msgspec.Struct, frozen=True):
    """What one indexing run did.

    Attributes:
        notes, chunks: all notes, and their passages.
        embedded: passages that were embedded in this run, those of messages, too.
        messages, message_chunks: messages of chats that were read, now or before, and their passages.
    """

    notes: int
    chunks: int
    embedded: int
    seconds: float
    messages: int = 0
    message_chunks: int = 0
