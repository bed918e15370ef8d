"""The encoder that questions are put to: the one whose vectors serve, which is not always the one in the settings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from desktop_app.domain.cancellation import CancelToken, held
from desktop_app.domain.errors import ModelError, WorkerError
from desktop_app.domain.search import EncoderSpec, LoadedEncoder, QueryEmbedding, ServedIndex, WordLikeness
from desktop_app.services.encoder_change import is_served
from desktop_app.services.index_ports import ServedIndexStore
from desktop_app.services.indexing import EnsureEncoder
from desktop_app.services.model_ports import EncoderPort

_log = logging.getLogger(__name__)


class ServingEncoder:
    """Implements QuestionEncoder. While the index is made anew with another encoder, the former one is loaded beside it
    in a process of its own, and answers until the swap. Where it cannot be had any more (its folder is gone, or holds
    another model now), the new one answers with what is indexed so far.

    Args:
        encoder, ensure_encoder: the process of the encoder that the settings ask for.
        spec: which one that is; raises ModelMissingError and its kin.
        make_former: a process for the former one, made when needed and closed when not.
    """

    def __init__(
        self,
        encoder: EncoderPort,
        ensure_encoder: EnsureEncoder,
        spec: Callable[[], EncoderSpec],
        index: ServedIndexStore,
        make_former: Callable[[], EncoderPort],
    ) -> None:
        self._encoder = encoder
        self._ensure_encoder = ensure_encoder
        self._spec = spec
        self._index = index
        self._make_former = make_former
        self._lock = threading.Lock()
        self._former: EncoderPort | None = None
        self._serving = encoder
        self._not_to_be_had = ""
        self._closed = False

    @property
    def loaded(self) -> LoadedEncoder | None:
        """What answers, None while nothing does."""
        return self._serving.loaded

    def ensure(self, cancel: CancelToken | None = None) -> LoadedEncoder:
        """Have the encoder loaded that answers; at once when it is.

        Raises ModelError, WorkerError, CancelledError.
        """
        with held(self._lock, cancel):
            served = self._index.served()
            if served is None or served.fingerprint == self._not_to_be_had:
                return self._by_settings(cancel)
            if self._is_wanted(served):
                loaded = self._by_settings(cancel)
                if loaded.fingerprint == served.fingerprint:
                    return loaded
            former = self._by_former(served, cancel)
            return former if former is not None else self._by_settings(cancel)

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        """Embed a question. Raises as EncoderPort.embed_query."""
        return self._serving.embed_query(text, cancel)

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """Unit vectors of texts, with a question's priority. Raises as EncoderPort.embed_sentences."""
        return self._serving.embed_sentences(texts, cancel)

    def compare_words(
        self, question: str, sentence: str, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """How like the question each word of a sentence is. Raises as EncoderPort.compare_words."""
        return self._serving.compare_words(question, sentence, cancel)

    def embed_for_former(
        self, fingerprint: str, texts: Sequence[str], cancel: CancelToken | None = None
    ) -> list[bytes]:
        """Vectors of passages by the former encoder, while it answers from a process of its own; nothing where it does
        not, or cannot. Raises CancelledError.
        """
        former = self._former
        if former is None or former is not self._serving:
            return []
        loaded = former.loaded
        if loaded is None or loaded.fingerprint != fingerprint:
            return []
        try:
            vectors = former.embed_passages(texts, cancel)
        except WorkerError as error:
            _log.warning("the former search model was given nothing new: %s", error.code)
            return []
        still = former.loaded
        return vectors if still is not None and still.fingerprint == fingerprint else []

    def close(self) -> None:
        """End the former encoder's process for good, at once; whoever waits for it gets CancelledError."""
        self._closed = True
        former = self._former
        if former is not None:
            former.close()

    def _is_wanted(self, served: ServedIndex) -> bool:
        try:
            return is_served(self._spec(), served)
        except ModelError:
            return False

    def _by_settings(self, cancel: CancelToken | None) -> LoadedEncoder:
        former, self._former, self._serving = self._former, None, self._encoder
        if former is not None:
            former.close()
        return self._ensure_encoder(cancel)

    def _by_former(self, served: ServedIndex, cancel: CancelToken | None) -> LoadedEncoder | None:
        """None where it cannot be had."""
        loaded = self._encoder.loaded
        if loaded is not None and loaded.fingerprint == served.fingerprint:
            self._serving = self._encoder  # the settings changed, and nobody has loaded what they say
            return loaded
        if self._former is None:
            self._former = self._make_former()
        if self._closed:
            self._former.close()
        try:
            found = self._former.load(EncoderSpec(served.path, served.precision, dimensions=served.dimensions), cancel)
        except ModelError as error:
            _log.warning("the former search model cannot be loaded any more: %s", error.code)
        else:
            if found.fingerprint == served.fingerprint:
                self._serving = self._former
                return found
            _log.warning("the former search model's folder holds another model now")
        self._not_to_be_had = served.fingerprint
        return None
