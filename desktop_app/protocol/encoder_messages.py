"""The encoder's own messages; what every worker speaks stands in `messages`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import CommonFromHost, CommonFromWorker, Count, RequestId, Seconds

Dimensions = Annotated[int, Meta(ge=1, le=65_536)]
MOST_TEXTS = 4096
"""Texts in one EmbedTexts."""


class LoadEncoder(Message, frozen=True):
    """Load a sentence-transformers folder; see domain.search.EncoderSpec.

    `calibration_file` is where measurements of this machine are remembered; empty to remember nothing.
    """

    request_id: RequestId
    path: str
    precision: Literal["auto", "fp32", "bf16"]
    threads: Count
    max_word_pieces: Annotated[int, Meta(ge=8)]
    calibration_file: str
    dimensions: Count = 0


class EncoderLoading(Message, frozen=True):
    """Share of the work of loading that is done (imports, weights, calibration)."""

    request_id: RequestId
    fraction: Annotated[float, Meta(ge=0.0, le=1.0)]


class EncoderLoaded(Message, frozen=True):
    """Answer to LoadEncoder; see domain.search.LoadedEncoder."""

    request_id: RequestId
    fingerprint: Annotated[str, Meta(max_length=128)]
    name: Annotated[str, Meta(max_length=500)]
    dimensions: Dimensions
    max_word_pieces: Count
    precision: Literal["fp32", "bf16"]
    resident_bytes: Count
    load_seconds: Seconds
    unrelated_similarity: float
    unrelated_deviation: Annotated[float, Meta(ge=0.0)]
    measure: Literal["cosine", "dot", "euclidean"]


class EmbedQuery(Message, frozen=True):
    """Embed a question, beside and ahead of passages."""

    request_id: RequestId
    text: str


class QueryEmbedded(Message, frozen=True):
    """Answer to EmbedQuery: a vector (float32, little-endian), the words that are whole in the vocabulary, and how many
    letters of the question's words a piece of the vocabulary holds on average.
    """

    request_id: RequestId
    vector: bytes
    known_words: tuple[str, ...]
    letters_per_piece: float


class EmbedTexts(Message, frozen=True):
    """Embed texts: passages in the background, or (`urgent`) sentences of what is on the screen."""

    request_id: RequestId
    texts: Annotated[tuple[str, ...], Meta(max_length=MOST_TEXTS)]
    urgent: bool


class TextsEmbedded(Message, frozen=True):
    """Answer to EmbedTexts: the vectors one behind the other, in the order of the texts."""

    request_id: RequestId
    vectors: bytes


class CompareWords(Message, frozen=True):
    """Say which words of a sentence are like which of a question; as urgent as a question."""

    request_id: RequestId
    question: str
    sentence: str


class ComparedWord(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """Characters [start, end) of the sentence; see domain.search.WordLikeness."""

    start: Count
    end: Count
    likeness: Annotated[float, Meta(ge=-1.01, le=1.01)]
    nearest: Annotated[str, Meta(max_length=200)]


class WordsCompared(Message, frozen=True):
    """Answer to CompareWords: the sentence's words in their order; none where the tokenizer tells no places."""

    request_id: RequestId
    words: Annotated[tuple[ComparedWord, ...], Meta(max_length=MOST_TEXTS)]


class PausePassages(Message, frozen=True):
    """Hold (or let go on) passages between two batches; questions are answered all the same."""

    paused: bool


EncoderFromHost = CommonFromHost | LoadEncoder | EmbedQuery | EmbedTexts | CompareWords | PausePassages
EncoderFromWorker = CommonFromWorker | EncoderLoading | EncoderLoaded | QueryEmbedded | TextsEmbedded | WordsCompared
