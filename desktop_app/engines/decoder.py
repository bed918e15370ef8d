"""The chat model's process, seen from this side: loads, writes answers, counts tokens, survives crashes."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    DecoderBusyError,
    InkwellError,
    ModelMissingError,
    WorkerStartError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderEvent,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    LoadedDecoder,
    PromptMeasure,
    ReadingProgress,
    TokensWritten,
    WorkerPhase,
    WorkerStatus,
)
from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.engines import decoder_translation as translation
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.engines.supervision import CrashLedger, StatusBoard, model_key
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, STOP_GRACE_SECONDS
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import (
    DecoderFromWorker,
    DecoderLoaded,
    DecoderLoading,
    Ended,
    LoadDecoder,
    Measure,
    Measured,
    PromptReading,
    Tokens,
)

TITLE = "chat model"
MEASURE_TIMEOUT_SECONDS = 15.0


_DecoderLife = WorkerLife[LoadedDecoder]


class DecoderProcess:
    """Implements services.ports.DecoderPort over a worker process.

    Every load of another spec gets a fresh process, so that the old one gives all its memory back. Thread-safe.

    Args:
        launcher: starts the process.
        worker: name of the worker ("scripted" in tests).
        check_file: called with the model's path before the worker sees it; raises ModelError.
        stop_grace: seconds a worker may go on after a cancel before it is killed.
        heartbeat_timeout: seconds without a sign before it is killed.
    """

    def __init__(
        self,
        launcher: WorkerLauncher,
        *,
        worker: str = "decoder",
        check_file: Callable[[Path], object] = read_gguf_header,
        ledger: CrashLedger | None = None,
        stop_grace: float = STOP_GRACE_SECONDS,
        heartbeat_timeout: float = 10.0,
    ) -> None:
        self._launcher = launcher
        self._worker = worker
        self._check_file = check_file
        self._ledger = ledger or CrashLedger()
        self._stop_grace = stop_grace
        self._heartbeat_timeout = heartbeat_timeout
        self._board = StatusBoard()
        self._load_lock = threading.RLock()
        self._busy_lock = threading.Lock()
        self._state_lock = threading.RLock()
        self._life: _DecoderLife | None = None
        self._spec: DecoderSpec | None = None
        self._closed = False

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now."""
        return self._board.status

    @property
    def loaded(self) -> LoadedDecoder | None:
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

    def load(self, spec: DecoderSpec, cancel: CancelToken | None = None) -> LoadedDecoder:
        """Load `spec`, or return at once when an equal spec is loaded.

        The header of the file is checked here, in this process, before llama.cpp sees it.

        Raises ModelError and its kin, WorkerError, DecoderBusyError, CancelledError.
        """
        with self._load_lock:
            loaded = self.loaded
            if loaded is not None and spec == self._spec:
                return loaded
            if self._closed:
                raise WorkerStartError(f"The {TITLE} cannot be loaded: Inkwell is closing.")
            if not self._busy_lock.acquire(blocking=False):
                raise _busy()
            try:
                return self._load_afresh(spec, cancel)
            finally:
                self._busy_lock.release()

    def unload(self) -> None:
        """End the process and give its memory back. A load under way ends with CancelledError or WorkerError."""
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
            self._ledger.forgive(model_key(self._spec.path))
            if self.status.phase is WorkerPhase.QUARANTINED:
                self._board.publish(WorkerPhase.OFF)

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        """Write one answer; the last event is GenerationEnded, with STOPPED when cancelled.

        After a crash the model last loaded is loaded again first. Text yielded before an error stays valid.

        Raises WorkerCrashedError, WorkerUnresponsiveError, WorkerProtocolError, TemplateError, MessageTooLongError,
        ModelQuarantinedError (also in place of the crash that was one too many), DecoderBusyError, ModelMissingError
        when nothing was ever loaded.
        """
        if self.loaded is None:
            self.load(self._last_spec(), cancel)
        if not self._busy_lock.acquire(blocking=False):
            raise _busy()
        try:
            yield from self._generate(request, cancel)
        finally:
            self._busy_lock.release()

    def measure(self, turns: Sequence[ChatTurn], *, continue_last: bool = False) -> PromptMeasure:
        """Count tokens as `generate` would; answers while a generation runs, too.

        Does not start or restart the process: raises ModelMissingError while nothing is loaded.
        Raises TemplateError, WorkerCrashedError, WorkerUnresponsiveError.
        """
        life = self._life
        if life is None or life.loaded is None or not life.process.alive:
            raise _nothing_loaded()
        with life.requests.new() as request:
            life.send(request, Measure(request.id, translation.turns_for_worker(turns), continue_last))
            try:
                answer = request.next_message(MEASURE_TIMEOUT_SECONDS)
            except queue.Empty:
                raise WorkerUnresponsiveError(
                    f"The {TITLE} did not count the tokens in time.", "The computer may be overloaded.", "Try again."
                ) from None
        if not isinstance(answer, Measured) or len(answer.turn_tokens) != len(turns):
            raise life.out_of_turn(answer)
        return PromptMeasure(answer.turn_tokens, answer.overhead_tokens, answer.cached_tokens, answer.read_tokens_per_s)

    def _end_life(self, grace: float = STOP_GRACE_SECONDS) -> None:
        with self._state_lock:
            life, self._life = self._life, None
        if life is not None:
            life.process.stop(grace)

    # Loading -------------------------------------------------------------------------------------

    def _last_spec(self) -> DecoderSpec:
        if self._spec is None:
            raise _nothing_loaded()
        return self._spec

    def _load_afresh(self, spec: DecoderSpec, cancel: CancelToken | None) -> LoadedDecoder:
        key = model_key(spec.path)
        restarting = spec == self._spec and self._ledger.count(key) > 0
        self.unload()
        self._spec = spec
        if self._ledger.quarantined(key):
            error = self._ledger.error(key, spec.path.name)
            self._board.publish(WorkerPhase.QUARANTINED, error=error, crashes=self._ledger.count(key))
            raise error
        try:
            if cancel is not None:
                cancel.raise_if_cancelled()
            self._check_file(spec.path)
            self._board.publish(
                WorkerPhase.RESTARTING if restarting else WorkerPhase.STARTING, crashes=self._ledger.count(key)
            )
            life = self._new_life(key)
            life.process.start(cancel)
            loaded = self._load_in(life, spec, cancel)
        except InkwellError as error:
            self._load_failed(error)
            if cancel is not None and cancel.cancelled and isinstance(error, WorkerUnresponsiveError):
                raise CancelledError("Stopped.") from error
            raise
        except BaseException:
            self.unload()
            raise
        life.loaded = loaded
        self._publish_ready(life)
        return loaded

    def _new_life(self, key: str) -> _DecoderLife:
        life = _DecoderLife(
            key,
            TITLE,
            self._launcher,
            self._worker,
            DecoderFromWorker,
            (DecoderLoaded, Ended, Measured),
            self._heartbeat_timeout,
            self._life_ended,
        )
        with self._state_lock:
            if self._closed:
                raise WorkerStartError(f"The {TITLE} cannot be loaded: Inkwell is closing.")
            self._life = life
        return life

    def _load_in(self, life: _DecoderLife, spec: DecoderSpec, cancel: CancelToken | None) -> LoadedDecoder:
        with life.requests.new() as request:
            message = LoadDecoder(
                request.id,
                str(spec.path.absolute()),
                spec.context_length,
                spec.threads,
                spec.batch_size,
                spec.gpu_layers,
            )
            life.send(request, message)
            if cancel is not None:
                cancel.on_cancel(lambda: life.cancel(request, self._stop_grace))
            while True:
                answer = request.next_message()
                if isinstance(answer, DecoderLoading):
                    self._board.publish(WorkerPhase.LOADING, progress=answer.fraction, model=spec.path.name)
                elif isinstance(answer, DecoderLoaded):
                    return translation.loaded_from_worker(answer)
                else:
                    raise life.out_of_turn(answer)

    def _load_failed(self, error: InkwellError) -> None:
        """A failed load leaves no process behind; a crash was already published by `_life_ended`."""
        phase = self.status.phase
        self._end_life()
        if error.code in ("cancelled", "worker_unresponsive"):
            self._board.publish(WorkerPhase.OFF)
        elif phase not in (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED):
            self._board.publish(WorkerPhase.CRASHED, error=error)

    # Writing -------------------------------------------------------------------------------------

    def _generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        life = self._life
        if life is None:
            raise _nothing_loaded()
        seed = request.sampling.seed if request.sampling.seed is not None else secrets.randbits(32)
        with life.requests.new() as ticket:
            self._board.publish(WorkerPhase.BUSY, model=_name(life), resident_bytes=life.resident_bytes)
            finished = False
            try:
                life.send(ticket, translation.generate_for_worker(ticket.id, request, seed))
                cancel.on_cancel(lambda: life.cancel(ticket, self._stop_grace))
                while not finished:
                    event = self._event(life, ticket.next_message())
                    finished = isinstance(event, GenerationEnded)
                    yield event
                self._ledger.forgive(life.key)
            except InkwellError:
                finished = True
                raise
            finally:
                if not finished:  # whoever asked went away in the middle
                    self._abandon(life, ticket)
                if life.process.alive:
                    self._publish_ready(life)

    def _event(self, life: _DecoderLife, message: Message) -> DecoderEvent:
        if isinstance(message, Tokens):
            return TokensWritten(message.text, message.token_ids)
        if isinstance(message, PromptReading):
            return ReadingProgress(message.done, message.total, message.cached)
        if isinstance(message, Ended):
            return translation.ended_from_worker(message)
        raise life.out_of_turn(message)

    def _abandon(self, life: _DecoderLife, ticket: Request) -> None:
        life.cancel(ticket, self._stop_grace)
        try:
            while not isinstance(ticket.next_message(self._stop_grace * 2), Ended):
                pass
        except (InkwellError, queue.Empty):
            return

    # What the process tells ----------------------------------------------------------------------

    def _life_ended(self, life: _DecoderLife, error: InkwellError | None) -> None:
        """The process is gone (reading thread). Counts a crash; a worker deaf to a stop is slow, not faulty."""
        with self._state_lock:
            current = self._life is life
        if error is not None and current:
            if isinstance(error, WorkerUnresponsiveError):
                self._board.publish(WorkerPhase.CRASHED, error=error, crashes=self._ledger.count(life.key))
            else:
                name = self._spec.path.name if self._spec is not None else TITLE
                error = self._ledger.crashed(life.key, name, error)
                quarantined = self._ledger.quarantined(life.key)
                phase = WorkerPhase.QUARANTINED if quarantined else WorkerPhase.CRASHED
                self._board.publish(phase, error=error, crashes=self._ledger.count(life.key))
        life.requests.fail_all(error or life.unloaded())

    def _publish_ready(self, life: _DecoderLife) -> None:
        self._board.publish(WorkerPhase.READY, model=_name(life), resident_bytes=life.resident_bytes)


def _name(life: _DecoderLife) -> str:
    """The loaded model's name, empty before."""
    return life.loaded.name if life.loaded is not None else ""


def _busy() -> DecoderBusyError:
    return DecoderBusyError(
        f"The {TITLE} is already writing an answer.", "It writes one at a time.", "Wait for it, or stop it first."
    )


def _nothing_loaded() -> ModelMissingError:
    return ModelMissingError(f"No {TITLE} is loaded.", "", "Choose one on the Models screen.")
