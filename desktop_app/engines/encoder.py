"""The search model's process, seen from this side: loads, embeds questions and passages, survives crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, cast

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.encoder_folder import check_encoder_folder
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.search import EncoderSpec, LoadedEncoder, QueryEmbedding, SimilarityMeasure, WordLikeness
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.engines.supervised_model import ModelKind, SupervisedModel
from desktop_app.engines.supervision import CrashLedger
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import STOP_GRACE_SECONDS
from desktop_app.protocol.encoder_messages import (
    CompareWords,
    EmbedQuery,
    EmbedTexts,
    EncoderFromWorker,
    EncoderLoaded,
    LoadEncoder,
    PausePassages,
    QueryEmbedded,
    TextsEmbedded,
    WordsCompared,
)
from desktop_app.protocol.framing import Message

TITLE = "search model"
TEXTS_PER_REQUEST = 256
_BYTES_PER_VALUE = 4
_EncoderLife = WorkerLife[LoadedEncoder]


class EncoderProcess:
    """Implements services.model_ports.EncoderPort over a worker process. Thread-safe.

    Args:
        launcher: starts the process.
        calibration_file: where the worker remembers what it measured of this machine; None to measure each time.
        worker: name of the worker.
        check_folder: called with the model's folder before the worker sees it; raises ModelError.
        stop_grace: seconds a worker may go on after a cancel before it is killed.
        heartbeat_timeout: seconds without a sign before it is killed.
    """

    def __init__(
        self,
        launcher: WorkerLauncher,
        calibration_file: Path | None = None,
        *,
        worker: str = "encoder",
        check_folder: Callable[[Path], object] = check_encoder_folder,
        ledger: CrashLedger | None = None,
        stop_grace: float = STOP_GRACE_SECONDS,
        heartbeat_timeout: float = 30.0,
    ) -> None:
        self._calibration_file = calibration_file
        self._stop_grace = stop_grace
        self._pause_lock = threading.Lock()
        self._paused = False
        kind = ModelKind(
            title=TITLE,
            worker=worker,
            incoming=EncoderFromWorker,
            last_messages=(EncoderLoaded, QueryEmbedded, TextsEmbedded, WordsCompared),
            place=lambda spec: Path(spec.path),
            file=lambda spec: Path(spec.path) / "model.safetensors",
            check=lambda spec: check_folder(Path(spec.path)),
            load_message=self._load_message,
            read_loaded=_read_loaded,
            on_ready=self._ready,
        )
        self._model: SupervisedModel[EncoderSpec, LoadedEncoder] = SupervisedModel(
            kind, launcher, ledger or CrashLedger(), stop_grace=stop_grace, heartbeat_timeout=heartbeat_timeout
        )

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now."""
        return self._model.board.status

    @property
    def loaded(self) -> LoadedEncoder | None:
        """What is loaded, None while nothing is."""
        return self._model.loaded

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        return self._model.pid

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        """Call `listener` at each change of status, in the engine's thread."""
        return self._model.board.subscribe(listener)

    def load(self, spec: EncoderSpec, cancel: CancelToken | None = None) -> LoadedEncoder:
        """Load `spec`, or return at once when an equal spec is loaded. The folder is checked here first.

        Raises ModelError and its kin, WorkerError, CancelledError.
        """
        return self._model.load(spec, cancel)

    def unload(self) -> None:
        """End the process and give its memory back. Requests under way end with CancelledError."""
        self._model.unload()

    def close(self) -> None:
        """End the process for good, at once. Whoever waits for it, or still asks for a load, gets CancelledError."""
        self._model.close()

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        self._model.forgive()

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        """Embed a question, ahead of all queued passages.

        After a crash the model last loaded is loaded again. Raises as `load`, and
        ModelMissingError when nothing ever was.
        """
        life = self._ready_life(cancel)
        with life.requests.new() as request:
            answer = self._ask(life, request, EmbedQuery(request.id, without_lone_surrogates(text)), cancel)
            if not isinstance(answer, QueryEmbedded) or len(answer.vector) != _vector_bytes(life):
                life.out_of_turn(request, answer)
        self._model.ledger.forgive(life.key)
        return QueryEmbedding(answer.vector, frozenset(answer.known_words), answer.letters_per_piece)

    def embed_passages(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """Vectors of passages, in order. Low priority; waits while paused. Raises as `embed_query`."""
        return self._embed_texts(texts, cancel, urgent=False)

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """As `embed_passages`, with a question's priority, and never paused."""
        return self._embed_texts(texts, cancel, urgent=True)

    def compare_words(
        self, question: str, sentence: str, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """Which words of a sentence are like which of a question, in the sentence's order. Raises as `embed_query`."""
        life = self._ready_life(cancel)
        with life.requests.new() as request:
            message = CompareWords(request.id, without_lone_surrogates(question), without_lone_surrogates(sentence))
            answer = self._ask(life, request, message, cancel)
            if not isinstance(answer, WordsCompared) or any(
                not word.start < word.end <= len(sentence) for word in answer.words
            ):
                life.out_of_turn(request, answer)
        self._model.ledger.forgive(life.key)
        return tuple(WordLikeness(word.start, word.end, word.likeness, word.nearest) for word in answer.words)

    def set_paused(self, paused: bool) -> None:
        """Pause passages (not questions). Holds for processes started later, too."""
        with self._pause_lock:
            self._paused = paused
            life = self._model.life
        if life is not None and life.loaded is not None:
            life.process.send(PausePassages(paused))

    # Loading -------------------------------------------------------------------------------------

    def _load_message(self, request_id: int, spec: EncoderSpec) -> LoadEncoder:
        return LoadEncoder(
            request_id,
            str(Path(spec.path).absolute()),
            cast("Literal['auto', 'fp32', 'bf16']", spec.precision),
            spec.threads,
            spec.max_word_pieces,
            str(self._calibration_file.absolute()) if self._calibration_file is not None else "",
            spec.dimensions,
        )

    def _ready(self, life: _EncoderLife) -> None:
        with self._pause_lock:
            if self._paused:
                life.process.send(PausePassages(True))
        if life.loaded is not None:
            loaded = life.loaded
            self._model.board.publish(
                WorkerPhase.READY,
                model=loaded.name,
                resident_bytes=loaded.resident_bytes,
                while_true=lambda: life.process.alive,
            )

    # Embedding -----------------------------------------------------------------------------------

    def _embed_texts(self, texts: Sequence[str], cancel: CancelToken | None, *, urgent: bool) -> list[bytes]:
        vectors: list[bytes] = []
        for start in range(0, len(texts), TEXTS_PER_REQUEST):
            part = tuple(without_lone_surrogates(text) for text in texts[start : start + TEXTS_PER_REQUEST])
            life = self._ready_life(cancel)
            with life.requests.new() as request:
                answer = self._ask(life, request, EmbedTexts(request.id, part, urgent), cancel)
                size = _vector_bytes(life)
                if not isinstance(answer, TextsEmbedded) or len(answer.vectors) != size * len(part):
                    life.out_of_turn(request, answer)
            self._model.ledger.forgive(life.key)
            vectors.extend(answer.vectors[place * size : (place + 1) * size] for place in range(len(part)))
        return vectors

    def _ready_life(self, cancel: CancelToken | None) -> _EncoderLife:
        if cancel is not None:
            cancel.raise_if_cancelled()
        self._model.load_again(cancel)
        return self._model.current_life()

    def _ask(self, life: _EncoderLife, request: Request, message: Message, cancel: CancelToken | None) -> Message:
        life.process.send(message)
        if cancel is None:
            return request.next_message()
        with cancel.telling(lambda: life.cancel(request, self._stop_grace)):
            return request.next_message()


def _vector_bytes(life: _EncoderLife) -> int:
    """Length of one vector."""
    return life.loaded.dimensions * _BYTES_PER_VALUE if life.loaded is not None else 0


def _read_loaded(message: Message) -> LoadedEncoder | None:
    if not isinstance(message, EncoderLoaded):
        return None
    return LoadedEncoder(
        fingerprint=message.fingerprint,
        name=message.name,
        dimensions=message.dimensions,
        max_word_pieces=message.max_word_pieces,
        precision=message.precision,
        resident_bytes=message.resident_bytes,
        load_seconds=message.load_seconds,
        unrelated_similarity=message.unrelated_similarity,
        unrelated_deviation=message.unrelated_deviation,
        measure=SimilarityMeasure(message.measure),
    )
