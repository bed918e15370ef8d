"""The model of one kind, decoder or encoder: its process started, watched, ended and started again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from desktop_app.domain.cancellation import CancelToken, held
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    ModelMissingError,
    WorkerStartError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import WorkerPhase
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.engines.supervision import CrashLedger, StatusBoard, model_key
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import CLOSING_GRACE_SECONDS, STOP_GRACE_SECONDS
from desktop_app.protocol.encoder_messages import EncoderLoading
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import DecoderLoading

Spec = TypeVar("Spec")
Loaded = TypeVar("Loaded")


class ModelKind(msgspec.Struct, Generic[Spec, Loaded], frozen=True):
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
        self._unloads = 0
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

        Cancelling ends the process at once, or the wait behind another's load.

        Raises ModelError and its kin, WorkerError, CancelledError.
        """
        with held(self._load_lock, cancel):
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
        """End the process and give its memory back. Requests and loads under way end with CancelledError."""
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

    def current_life(self) -> WorkerLife[Loaded]:
        """The process with the loaded model. Raises CancelledError where it was unloaded just now."""
        life = self._life
        if life is None or life.loaded is None:
            raise self._closing() if self._closed else CancelledError(f"The {self._kind.title} was unloaded.")
        return life

    def _load_afresh(self, spec: Spec, cancel: CancelToken | None) -> Loaded:
        key = model_key(self._kind.file(spec))
        restarting = spec == self._spec and self.ledger.count(key) > 0
        self.unload()
        unloads = self._unloads
        self._spec = spec
        if self.ledger.quarantined(key):
            quarantine = self.ledger.error(key, self._kind.place(spec).name)
            self.board.publish(WorkerPhase.QUARANTINED, error=quarantine, crashes=self.ledger.count(key))
            raise quarantine
        life = self._new_life(key, spec)
        try:
            if cancel is not None:
                cancel.raise_if_cancelled()
            self._kind.check(spec)
            phase = WorkerPhase.RESTARTING if restarting else WorkerPhase.STARTING
            self.board.publish(phase, crashes=self.ledger.count(key))
            self._begin_life(life, unloads)
            life.process.start(cancel)
            loaded = self._load_in(life, spec, cancel)
            self._keep(life, loaded, cancel)
        except InkwellError as error:
            told = self._load_failed(life, error, cancel)
            if told is error:
                raise
            raise told from (told.__cause__ or error)
        except BaseException:
            self.unload()
            raise
        self._kind.on_ready(life)
        return loaded

    def _new_life(self, key: str, spec: Spec) -> WorkerLife[Loaded]:
        return WorkerLife(
            key,
            self._kind.place(spec).name,
            self._kind.title,
            self._launcher,
            self._kind.worker,
            self._kind.incoming,
            self._kind.last_messages,
            self._heartbeat_timeout,
            self._life_ended,
        )

    def _begin_life(self, life: WorkerLife[Loaded], unloads: int) -> None:
        """From here on an `unload` ends this process. Raises CancelledError where one came since `unloads` of them."""
        with self._state_lock:
            if self._closed:
                raise self._closing()
            if self._unloads != unloads:
                raise life.unloaded()
            self._life = life

    def _load_in(self, life: WorkerLife[Loaded], spec: Spec, cancel: CancelToken | None) -> Loaded:
        with life.requests.new() as request:
            life.process.send(self._kind.load_message(request.id, spec))
            with cancel.telling(lambda: life.cancel_load(request)) if cancel is not None else nullcontext():
                answer = self._last_of_loading(life, request)
            loaded = self._kind.read_loaded(answer)
            if loaded is None:
                life.out_of_turn(request, answer)
            return loaded

    def _last_of_loading(self, life: WorkerLife[Loaded], request: Request) -> Message:
        """What follows the news of how far it is, which are published."""
        while isinstance(answer := request.next_message(), (DecoderLoading, EncoderLoading)):
            self.board.publish(
                WorkerPhase.LOADING,
                progress=answer.fraction,
                model=life.model,
                while_true=lambda: life.process.alive,
            )
        return answer

    def _keep(self, life: WorkerLife[Loaded], loaded: Loaded, cancel: CancelToken | None) -> None:
        """Raises CancelledError where the load was cancelled, or the model unloaded, while its last message came."""
        if cancel is not None:
            cancel.raise_if_cancelled()
        with self._state_lock:
            if self._life is not life:
                raise life.unloaded()
            life.loaded = loaded

    def _load_failed(self, life: WorkerLife[Loaded], error: InkwellError, cancel: CancelToken | None) -> InkwellError:
        """Leave no process behind and publish the failure; what to raise."""
        life.process.kill()
        life.process.stop()  # returns when a crash has been counted and published
        self._end_life()
        error = life.fault or error
        if cancel is not None and cancel.cancelled and isinstance(error, (CancelledError, WorkerUnresponsiveError)):
            error = CancelledError("Stopped.")
        if isinstance(error, CancelledError):
            self.board.publish(WorkerPhase.OFF)
        elif error is not life.fault:
            self.board.publish(WorkerPhase.CRASHED, error=error)
        return error

    def _end_life(self, grace: float = STOP_GRACE_SECONDS) -> None:
        with self._state_lock:
            life, self._life = self._life, None
            self._unloads += 1
        if life is None:
            return
        if life.loaded is None:  # it has nothing to lose, and while it loads it may be deaf
            life.process.kill()
        life.process.stop(grace)

    def _life_ended(self, life: WorkerLife[Loaded], error: InkwellError | None) -> None:
        """The process is gone (reading thread): account for a crash, then tell everyone who waits for it."""
        try:
            if error is not None:
                self._count(life, error)
        finally:
            life.requests.fail_all(life.fault or life.unloaded())

    def _count(self, life: WorkerLife[Loaded], error: InkwellError) -> None:
        """Count the crash and publish it. A worker deaf to a stop is slow, and one that could not be started never
        saw the model: neither is the model's fault.
        """
        counts = not isinstance(error, (WorkerUnresponsiveError, WorkerStartError))
        life.fault = self.ledger.crashed(life.key, life.model, error) if counts else error
        quarantined = counts and self.ledger.quarantined(life.key)
        self.board.publish(
            WorkerPhase.QUARANTINED if quarantined else WorkerPhase.CRASHED,
            error=life.fault,
            crashes=self.ledger.count(life.key),
            while_true=lambda: self._life is life,
        )

    def _closing(self) -> CancelledError:
        """The end of a load that `close` overtook: nothing failed."""
        return CancelledError(f"The {self._kind.title} is not loaded any more: Inkwell is closing.")
