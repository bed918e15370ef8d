"""What a change of the encoder needs of the store and of the engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import (
    IndexingProgress,
    LoadedEncoder,
    NonsenseNearness,
    QueryEmbedding,
    ServedIndex,
    WordLikeness,
)

SubscribeIndexing = Callable[[Callable[[IndexingProgress], None]], Callable[[], None]]
"""Has somebody told of every step of indexing, in any thread, until what it gives back is called."""


class ServedIndexStore(Protocol):
    """Which encoder's vectors answer questions (storage/served_index.py)."""

    def served(self) -> ServedIndex | None:
        """The encoder that serves; None before the first index."""
        ...

    def serve(self, index: ServedIndex) -> None:
        """From this commit on, that encoder's vectors answer; what was measured with others goes."""
        ...

    def nonsense_nearness(self, fingerprint: str) -> NonsenseNearness | None:
        """What was measured with that encoder's vectors; None where nothing was."""
        ...

    def keep_nonsense_nearness(self, fingerprint: str, nearness: NonsenseNearness) -> None:
        """Keep what was measured."""
        ...


class QuestionEncoder(Protocol):
    """The half of an encoder that questions need (services/serving_encoder.py, and any EncoderPort)."""

    @property
    def loaded(self) -> LoadedEncoder | None:
        """What answers, None while nothing does."""
        ...

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        """Embed a question."""
        ...

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """Unit vectors of texts, with a question's priority."""
        ...

    def compare_words(
        self, question: str, sentence: str, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """How like the question each word of a sentence is."""
        ...
