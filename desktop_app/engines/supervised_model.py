"""The model of one kind, decoder or encoder: its process started, watched, ended and started again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    ModelMissingError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import WorkerPhase
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.supervision import CrashLedger, StatusBoard, model_key
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, STOP_GRACE_SECONDS
from desktop_app.protocol.encoder_messages import EncoderLoading
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import DecoderLoading

Spec = TypeVar("Spec")
Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class ModelKind(Generic[Spec, Loaded]):
    """What one kind of model does differently from the other.

    Attributes:
        title: what a person calls it, such as "chat model".
        worker: name of the worker.
        incoming: union of the message classes its worker may send.
        last_messages: message classes that end a request.
        place: the model's file or folder, after which it is called.
        file: the file by which its crashes are counted.
        check: called before the worker sees the model; raises ModelError.
        load_message: the message, with a request's id, that asks for it.
        read_loaded: what the worker loaded, None where the message does not say that.
        on_ready: called in the loading thread when it is loaded; publishes the status.
        alone: entered while a model is loaded; raises where that may not be now.
    """

    title: str
    worker: str
    incoming: Any
    last_messages: tuple[type[Message], ...]
    place: Callable[[Spec], Path]
    file: Callable[[Spec], Path]
    check: Callable[[Spec], object]
    load_message: Callable[[int, Spec], Message]
    read_loaded: Callable[[Message], Loaded | None]
    on_ready: Callable[[WorkerLife[Loaded]], None]
    alone: Callable[[], AbstractContextManager[object]] = nullcontext


class SupervisedModel(Generic[Spec, Loaded]):
    """Loads a model into a process of its own, ends it, and keeps account of its crashes. Thread-safe.

    Every load of another spec gets a fresh process, so that the old one gives all its memory back.

    Args:
        stop_grace: seconds a worker may go on after a cancel before it is killed.
        heartbeat_timeout: seconds without a sign before it is killed.
    """

    def __init__(
        self,
        kind: ModelKind[Spec, Loaded],
        launcher: WorkerLauncher,
        ledger: CrashLedger,
        *,
        stop_grace: float,
        heartbeat_timeout: float,
    ) -> None:
        self._kind = kind
        self._launcher = launcher
        self._stop_grace = stop_grace
        self._heartbeat_timeout = heartbeat_timeout
        self._load_lock = threading.RLock()
        self._state_lock = threading.RLock()
        self._life: WorkerLife[Loaded] | None = None
        self._spec: Spec | None = None
        self._closed = False
        self.board = StatusBoard()
        self.ledger = ledger

    @property
    def life(self) -> WorkerLife[Loaded] | None:
        """The process with its requests, loaded or not; None while there is none."""
        return self._life

    @property
    def loaded(self) -> Loaded | None:
        """What is loaded, None while nothing is."""
        life = self._life
        return life.loaded if life is not None and life.process.alive else None

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        life = self._life
        return life.process.pid if life is not None and life.process.alive else None

    def load(self, spec: Spec, cancel: CancelToken | None = None) -> Loaded:
        """Load `spec`, or return at once when an equal spec is loaded. The model is checked here first.

        Raises ModelError and its kin, WorkerError, CancelledError.
        """
        with self._load_lock:
            loaded = self.loaded
            if loaded is not None and spec == self._spec:
                return loaded
            if self._closed:
                raise self._closing()
            with self._kind.alone():
                return self._load_afresh(spec, cancel)

    def load_again(self, cancel: CancelToken | None = None) -> Loaded:
        """Have the model last loaded loaded. Raises as `load`, and ModelMissingError when nothing ever was."""
        loaded = self.loaded
        if loaded is not None:
            return loaded
        if self._spec is None:
            raise self.nothing_loaded()
        return self.load(self._spec, cancel)

    def unload(self) -> None:
        """End the process and give its memory back. Requests and loads under way end with an error."""
        self._end_life()
        self.board.publish(WorkerPhase.OFF)

    def close(self) -> None:
        """End the process for good, at once. Whoever waits for it, or still asks for a load, gets CancelledError."""
        self._closed = True
        self._end_life(CLOSING_GRACE_SECONDS)
        self.board.publish(WorkerPhase.OFF)

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        if self._spec is not None:
            self.ledger.forgive(model_key(self._kind.file(self._spec)))
            if self.board.status.phase is WorkerPhase.QUARANTINED:
                self.board.publish(WorkerPhase.OFF)

    def nothing_loaded(self) -> ModelMissingError:
        """The error for a question without a model."""
        return ModelMissingError(f"No {self._kind.title} is loaded.", "", "Choose one on the Models screen.")

    def _load_afresh(self, spec: Spec, cancel: CancelToken | None) -> Loaded:
        key = model_key(self._kind.file(spec))
        restarting = spec == self._spec and self.ledger.count(key) > 0
        self.unload()
        self._spec = spec
        if self.ledger.quarantined(key):
            quarantine = self.ledger.error(key, self._kind.place(spec).name)
            self.board.publish(WorkerPhase.QUARANTINED, error=quarantine, crashes=self.ledger.count(key))
            raise quarantine
        try:
            if cancel is not None:
                cancel.raise_if_cancelled()
            self._kind.check(spec)
            phase = WorkerPhase.RESTARTING if restarting else WorkerPhase.STARTING
            self.board.publish(phase, crashes=self.ledger.count(key))
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
        self._kind.on_ready(life)
        return loaded

    def _new_life(self, key: str) -> WorkerLife[Loaded]:
        life: WorkerLife[Loaded] = WorkerLife(
            key,
            self._kind.title,
            self._launcher,
            self._kind.worker,
            self._kind.incoming,
            self._kind.last_messages,
            self._heartbeat_timeout,
            self._life_ended,
        )
        with self._state_lock:
            if self._closed:
                raise self._closing()
            self._life = life
        return life

    def _load_in(self, life: WorkerLife[Loaded], spec: Spec, cancel: CancelToken | None) -> Loaded:
        with life.requests.new() as request:
            life.send(request, self._kind.load_message(request.id, spec))
            if cancel is not None:
                cancel.on_cancel(lambda: life.cancel(request, self._stop_grace))
            while isinstance(answer := request.next_message(), (DecoderLoading, EncoderLoading)):
                model = self._kind.place(spec).name
                self.board.publish(WorkerPhase.LOADING, progress=answer.fraction, model=model)
            loaded = self._kind.read_loaded(answer)
            if loaded is None:
                raise life.out_of_turn(answer)
            return loaded

    def _load_failed(self, error: InkwellError) -> None:
        """A failed load leaves no process behind; a crash was already published by `_life_ended`."""
        phase = self.board.status.phase
        self._end_life()
        if error.code in ("cancelled", "worker_unresponsive"):
            self.board.publish(WorkerPhase.OFF)
        elif phase not in (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED):
            self.board.publish(WorkerPhase.CRASHED, error=error)

    def _end_life(self, grace: float = STOP_GRACE_SECONDS) -> None:
        with self._state_lock:
            life, self._life = self._life, None
        if life is not None:
            life.process.stop(grace)

    def _life_ended(self, life: WorkerLife[Loaded], error: InkwellError | None) -> None:
        """The process is gone (reading thread). Counts a crash; a worker deaf to a stop is slow, not faulty."""
        with self._state_lock:
            current = self._life is life
        if error is not None and current:
            if isinstance(error, WorkerUnresponsiveError):
                self.board.publish(WorkerPhase.CRASHED, error=error, crashes=self.ledger.count(life.key))
            else:
                name = self._kind.place(self._spec).name if self._spec is not None else self._kind.title
                error = self.ledger.crashed(life.key, name, error)
                quarantined = self.ledger.quarantined(life.key)
                phase = WorkerPhase.QUARANTINED if quarantined else WorkerPhase.CRASHED
                self.board.publish(phase, error=error, crashes=self.ledger.count(life.key))
        life.requests.fail_all(error or life.unloaded())

    def _closing(self) -> CancelledError:
        """The end of a load that `close` overtook: nothing failed."""
        return CancelledError(f"The {self._kind.title} is not loaded any more: Inkwell is closing.")
