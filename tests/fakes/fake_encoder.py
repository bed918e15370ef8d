"""An encoder without a model: texts that share words are near each other."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.search import (
    FLUENT_LETTERS_PER_PIECE,
    EncoderSpec,
    LoadedEncoder,
    QueryEmbedding,
    SimilarityMeasure,
    WordLikeness,
)
from desktop_app.domain.stemming import stem
from desktop_app.services.encoder_change import EncoderChange
from desktop_app.services.floor_calibration import FloorCalibration
from desktop_app.services.indexing import FormerEncoder, IndexingService
from desktop_app.services.indexing_lease import IndexingLease
from desktop_app.services.long_notes import LongNoteWords
from desktop_app.services.message_indexing import MessageIndexer
from desktop_app.services.note_cutting import NoteCutter
from desktop_app.services.search import SearchedStores, SearchService
from desktop_app.services.serving_encoder import ServingEncoder
from desktop_app.storage.store import Store

DIMENSIONS = 64
#: Mean and deviation of the similarity of unrelated texts; the vectors have length 1, so two such are √2 apart.
_UNRELATED = {
    SimilarityMeasure.COSINE: (0.0, 0.1),
    SimilarityMeasure.DOT: (0.0, 0.1),
    SimilarityMeasure.EUCLIDEAN: (-1.414, 0.07),
}
SYNONYMS = {"automobile": "car", "vehicle": "car", "feline": "cat", "kitten": "cat"}


class FakeEncoder:
    """Implements EncoderPort. Each stem is a fixed random direction; a text is the sum of its stems' directions.

    Attributes:
        embedded: every passage that was embedded, in order.
        gate: questions and loading wait for it; set by default.
        failure: raised by loading and by questions, where it is not None.
        measure: how the vectors are compared, for encoders that are loaded from then on.
        before_passages: called before each batch of passages.
        letters_per_piece: how well it is said to know the letters of every question.
    """

    def __init__(self, fingerprint: str = "fake", known: Sequence[str] = ()) -> None:
        self.fingerprint = fingerprint
        self.known = frozenset(known)
        self.embedded: list[str] = []
        self.sentences: list[str] = []
        self.questions: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failure: InkwellError | None = None
        self.paused: list[bool] = []
        self.before_passages: Callable[[Sequence[str]], None] = lambda texts: None
        self.measure = SimilarityMeasure.COSINE
        self.letters_per_piece = FLUENT_LETTERS_PER_PIECE
        self._loaded: LoadedEncoder | None = None

    @property
    def status(self) -> WorkerStatus:
        return WorkerStatus(WorkerPhase.READY if self._loaded else WorkerPhase.OFF)

    @property
    def loaded(self) -> LoadedEncoder | None:
        return self._loaded

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        return lambda: None

    def load(self, spec: EncoderSpec, cancel: CancelToken | None = None) -> LoadedEncoder:
        return self.ensure(cancel)

    def ensure(self, cancel: CancelToken | None = None) -> LoadedEncoder:
        """As ModelSession.ensure_encoder."""
        self.gate.wait(10)
        if cancel is not None:
            cancel.raise_if_cancelled()
        if self.failure is not None:
            raise self.failure
        if self._loaded is None or self._loaded.fingerprint != self.fingerprint:
            unrelated, deviation = _UNRELATED[self.measure]
            self._loaded = LoadedEncoder(
                self.fingerprint, "Fake", DIMENSIONS, 256, "fp32", 1, 0.0, unrelated, deviation, self.measure
            )
        return self._loaded

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        self.questions.append(text)
        known = frozenset(word for word in re.findall(r"\w+", text.lower()) if word in self.known)
        return QueryEmbedding(_vector(text), known, self.letters_per_piece)

    def embed_passages(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        self.before_passages(texts)
        if cancel is not None:
            cancel.raise_if_cancelled()
        self.embedded.extend(texts)
        return [_vector(text) for text in texts]

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        self.sentences.extend(texts)
        return [_vector(text) for text in texts]

    def spec(self) -> EncoderSpec:
        """As ModelSession.encoder_spec: a folder named after the fingerprint."""
        if self.failure is not None:
            raise self.failure
        return EncoderSpec(f"/models/{self.fingerprint}")

    def compare_words(
        self, question: str, sentence: str, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """1 for a word of the same stem, 0 for any other."""
        if self.failure is not None:
            raise self.failure
        asked = {stem(word): word for word in re.findall(r"\w+", question.lower())}
        return tuple(
            WordLikeness(match.start(), match.end(), float(stem(match[0].lower()) in asked), next(iter(asked.values())))
            for match in re.finditer(r"\w+", sentence)
        )

    def forgive(self) -> None:
        """It is never set aside."""

    def set_paused(self, paused: bool) -> None:
        self.paused.append(paused)

    def close(self) -> None:
        self._loaded = None


def fake_search(store: Store, encoder: FakeEncoder | ServingEncoder, **options: Any) -> SearchService:
    """Search in a store that waits for this encoder; `options` are further arguments of the service."""
    chosen: dict[str, Any] = {"ensure_encoder": encoder.ensure, "words_first_seconds": 5.0, **options}
    stores = SearchedStores(store.notes, store.passages, store.words, store.filtered_notes)
    return SearchService(stores, encoder, **chosen)


def fake_indexing(
    store: Store,
    encoder: FakeEncoder,
    owner: str = "me",
    *,
    calibrated: bool = False,
    embed_for_former: FormerEncoder | None = None,
) -> IndexingService:
    """The indexer of a store over this encoder."""
    calibration = FloorCalibration(encoder, store.passages, store.served_index) if calibrated else None
    change = EncoderChange(store.served_index, store.passages, encoder.spec)
    return IndexingService(
        store.passages,
        NoteCutter(store.notes, store.passages, long_notes=LongNoteWords(store.long_notes)),
        IndexingLease(store.leases, owner),
        encoder,
        encoder.ensure,
        change=change,
        calibration=calibration,
        embed_for_former=embed_for_former,
        messages=MessageIndexer(store.message_passages),
    )


def _vector(text: str) -> bytes:
    total = np.zeros(DIMENSIONS)
    for word in re.findall(r"[^\W_]+", text.lower()):
        root = SYNONYMS.get(stem(word), SYNONYMS.get(word, stem(word)))
        total += np.random.default_rng(zlib.crc32(root.encode())).standard_normal(DIMENSIONS)
    length = float(np.linalg.norm(total)) or 1.0
    return (total / length).astype("<f4").tobytes()
