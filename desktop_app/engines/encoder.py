"""The search model's process, seen from this side: loads, embeds questions and passages, survives crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, cast

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.encoder_folder import check_encoder_folder
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    ModelMissingError,
    WorkerStartError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.search import EncoderSpec, LoadedEncoder, QueryEmbedding
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.engines.supervision import CrashLedger, StatusBoard, model_key
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, STOP_GRACE_SECONDS
from desktop_app.protocol.encoder_messages import (
    EmbedQuery,
    EmbedTexts,
    EncoderFromWorker,
    EncoderLoaded,
    EncoderLoading,
    LoadEncoder,
    PausePassages,
    QueryEmbedded,
    TextsEmbedded,
)
from desktop_app.protocol.framing import Message

TITLE = "search model"
TEXTS_PER_REQUEST = 256
_BYTES_PER_VALUE = 4
_EncoderLife = WorkerLife[LoadedEncoder]


class EncoderProcess:
    """Implements services.ports.EncoderPort over a worker process. Thread-safe.

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
        self._launcher = launcher
        self._calibration_file = calibration_file
        self._worker = worker
        self._check_folder = check_folder
        self._ledger = ledger or CrashLedger()
        self._stop_grace = stop_grace
        self._heartbeat_timeout = heartbeat_timeout
        self._board = StatusBoard()
        self._load_lock = threading.RLock()
        self._state_lock = threading.RLock()
        self._life: _EncoderLife | None = None
        self._spec: EncoderSpec | None = None
        self._paused = False
        self._closed = False

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now."""
        return self._board.status

    @property
    def loaded(self) -> LoadedEncoder | None:
        """What is loaded, None while nothing is."""
        life = self._life
        return life.loaded if life is not None and life.process.alive else None

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        life = self._life
        return life.process.pid if life is not None and life.process.alive else None

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        """Call `listener` at each change of status, in the engine's thread."""
        return self._board.subscribe(listener)

    def load(self, spec: EncoderSpec, cancel: CancelToken | None = None) -> LoadedEncoder:
        """Load `spec`, or return at once when an equal spec is loaded. The folder is checked here first.

        Raises ModelError and its kin, WorkerError, CancelledError.
        """
        with self._load_lock:
            loaded = self.loaded
            if loaded is not None and spec == self._spec:
                return loaded
            if self._closed:
                raise WorkerStartError(f"The {TITLE} cannot be loaded: Inkwell is closing.")
            return self._load_afresh(spec, cancel)

    def unload(self) -> None:
        """End the process and give its memory back. Requests under way end with CancelledError."""
        self._end_life()
        self._board.publish(WorkerPhase.OFF)

    def close(self) -> None:
        """End the process for good, at once: nothing is asked of it any more. Whoever waits for it gets an error."""
        self._closed = True
        self._end_life(CLOSING_GRACE_SECONDS)
        self._board.publish(WorkerPhase.OFF)

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        if self._spec is not None:
            self._ledger.forgive(_key(self._spec))
            if self.status.phase is WorkerPhase.QUARANTINED:
                self._board.publish(WorkerPhase.OFF)

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        """Embed a question, ahead of all queued passages.

        After a crash the model last loaded is loaded again. Raises as `load`, and
        ModelMissingError when nothing ever was.
        """
        life = self._ready_life(cancel)
        with life.requests.new() as request:
            answer = self._ask(life, request, EmbedQuery(request.id, _sendable(text)), cancel)
        if not isinstance(answer, QueryEmbedded) or len(answer.vector) != _vector_bytes(life):
            raise life.out_of_turn(answer)
        self._ledger.forgive(life.key)
        return QueryEmbedding(answer.vector, frozenset(answer.known_words))

    def embed_passages(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """Unit vectors of passages, in order. Low priority; waits while paused. Raises as `embed_query`."""
        return self._embed_texts(texts, cancel, urgent=False)

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """As `embed_passages`, with a question's priority, and never paused."""
        return self._embed_texts(texts, cancel, urgent=True)

    def set_paused(self, paused: bool) -> None:
        """Pause passages (not questions). Holds for processes started later, too."""
        with self._state_lock:
            self._paused = paused
            life = self._life
        if life is not None and life.loaded is not None:
            life.process.send(PausePassages(paused))

    # Loading -------------------------------------------------------------------------------------

    def _load_afresh(self, spec: EncoderSpec, cancel: CancelToken | None) -> LoadedEncoder:
        key = _key(spec)
        restarting = spec == self._spec and self._ledger.count(key) > 0
        self.unload()
        self._spec = spec
        if self._ledger.quarantined(key):
            error = self._ledger.error(key, Path(spec.path).name)
            self._board.publish(WorkerPhase.QUARANTINED, error=error, crashes=self._ledger.count(key))
            raise error
        try:
            if cancel is not None:
                cancel.raise_if_cancelled()
            self._check_folder(Path(spec.path))
            phase = WorkerPhase.RESTARTING if restarting else WorkerPhase.STARTING
            self._board.publish(phase, crashes=self._ledger.count(key))
            life = self._new_life(key)
            life.process.start(cancel)
            loaded = self._load_in(life, spec, cancel)
        except InkwellError as error:
            self._load_failed(error)
            if cancel is not None and cancel.cancelled and isinstance(error, WorkerUnresponsiveError):
                raise CancelledError("Stopped.") from error
            raise
        with self._state_lock:
            life.loaded = loaded
            if self._paused:
                life.process.send(PausePassages(True))
        self._board.publish(WorkerPhase.READY, model=loaded.name, resident_bytes=loaded.resident_bytes)
        return loaded

    def _new_life(self, key: str) -> _EncoderLife:
        life = _EncoderLife(
            key,
            TITLE,
            self._launcher,
            self._worker,
            EncoderFromWorker,
            (EncoderLoaded, QueryEmbedded, TextsEmbedded),
            self._heartbeat_timeout,
            self._life_ended,
        )
        with self._state_lock:
            if self._closed:
                raise WorkerStartError(f"The {TITLE} cannot be loaded: Inkwell is closing.")
            self._life = life
        return life

    def _load_in(self, life: _EncoderLife, spec: EncoderSpec, cancel: CancelToken | None) -> LoadedEncoder:
        with life.requests.new() as request:
            message = LoadEncoder(
                request.id,
                str(Path(spec.path).absolute()),
                cast("Literal['auto', 'fp32', 'bf16']", spec.precision),
                spec.threads,
                spec.max_word_pieces,
                str(self._calibration_file.absolute()) if self._calibration_file is not None else "",
            )
            life.send(request, message)
            if cancel is not None:
                cancel.on_cancel(lambda: life.cancel(request, self._stop_grace))
            while isinstance(answer := request.next_message(), EncoderLoading):
                self._board.publish(WorkerPhase.LOADING, progress=answer.fraction, model=Path(spec.path).name)
        if not isinstance(answer, EncoderLoaded):
            raise life.out_of_turn(answer)
        return LoadedEncoder(
            fingerprint=answer.fingerprint,
            name=answer.name,
            dimensions=answer.dimensions,
            max_word_pieces=answer.max_word_pieces,
            precision=answer.precision,
            resident_bytes=answer.resident_bytes,
            load_seconds=answer.load_seconds,
            unrelated_similarity=answer.unrelated_similarity,
            unrelated_deviation=answer.unrelated_deviation,
        )

    def _load_failed(self, error: InkwellError) -> None:
        """A failed load leaves no process behind; a crash was already published by `_life_ended`."""
        phase = self.status.phase
        self._end_life()
        if error.code in ("cancelled", "worker_unresponsive"):
            self._board.publish(WorkerPhase.OFF)
        elif phase not in (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED):
            self._board.publish(WorkerPhase.CRASHED, error=error)

    def _end_life(self, grace: float = STOP_GRACE_SECONDS) -> None:
        with self._state_lock:
            life, self._life = self._life, None
        if life is not None:
            life.process.stop(grace)

    # Embedding -----------------------------------------------------------------------------------

    def _embed_texts(self, texts: Sequence[str], cancel: CancelToken | None, *, urgent: bool) -> list[bytes]:
        vectors: list[bytes] = []
        for start in range(0, len(texts), TEXTS_PER_REQUEST):
            part = tuple(_sendable(text) for text in texts[start : start + TEXTS_PER_REQUEST])
            life = self._ready_life(cancel)
            with life.requests.new() as request:
                answer = self._ask(life, request, EmbedTexts(request.id, part, urgent), cancel)
            size = _vector_bytes(life)
            if not isinstance(answer, TextsEmbedded) or len(answer.vectors) != size * len(part):
                raise life.out_of_turn(answer)
            self._ledger.forgive(life.key)
            vectors.extend(answer.vectors[place * size : (place + 1) * size] for place in range(len(part)))
        return vectors

    def _ready_life(self, cancel: CancelToken | None) -> _EncoderLife:
        if cancel is not None:
            cancel.raise_if_cancelled()
        if self.loaded is None:
            if self._spec is None:
                raise _nothing_loaded()
            self.load(self._spec, cancel)
        life = self._life
        if life is None or life.loaded is None:
            raise _nothing_loaded()
        return life

    def _ask(self, life: _EncoderLife, request: Request, message: Message, cancel: CancelToken | None) -> Message:
        life.send(request, message)
        if cancel is not None:
            cancel.on_cancel(lambda: life.cancel(request, self._stop_grace))
        return request.next_message()

    def _life_ended(self, life: _EncoderLife, error: InkwellError | None) -> None:
        """The process is gone (reading thread). Counts a crash; a worker deaf to a stop is slow, not faulty."""
        with self._state_lock:
            current = self._life is life
        if error is not None and current:
            if isinstance(error, WorkerUnresponsiveError):
                self._board.publish(WorkerPhase.CRASHED, error=error, crashes=self._ledger.count(life.key))
            else:
                name = Path(self._spec.path).name if self._spec is not None else TITLE
                error = self._ledger.crashed(life.key, name, error)
                quarantined = self._ledger.quarantined(life.key)
                phase = WorkerPhase.QUARANTINED if quarantined else WorkerPhase.CRASHED
                self._board.publish(phase, error=error, crashes=self._ledger.count(life.key))
        life.requests.fail_all(error or life.unloaded())


def _vector_bytes(life: _EncoderLife) -> int:
    """Length of one vector."""
    return life.loaded.dimensions * _BYTES_PER_VALUE if life.loaded is not None else 0


def _key(spec: EncoderSpec) -> str:
    return model_key(Path(spec.path) / "model.safetensors")


def _sendable(text: str) -> str:
    """Lone surrogates cannot travel as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _nothing_loaded() -> ModelMissingError:
    return ModelMissingError(f"No {TITLE} is loaded.", "", "Choose one on the Models screen.")
