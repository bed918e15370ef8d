"""The chat model's process, seen from this side: loads, writes answers, counts tokens, survives crashes."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    DecoderBusyError,
    InkwellError,
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
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.engines import decoder_translation as translation
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.engines.supervised_model import ModelKind, SupervisedModel
from desktop_app.engines.supervision import CrashLedger
from desktop_app.engines.worker_life import WorkerLife
from desktop_app.engines.worker_process import STOP_GRACE_SECONDS
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import (
    CheckedTokens,
    CheckTokens,
    DecoderFromWorker,
    DecoderLoaded,
    Ended,
    ForgetStates,
    Measure,
    Measured,
    PromptReading,
    ReadAhead,
    ReadAheadEnded,
    SpelledTokens,
    SpellTokens,
    Tokens,
)

TITLE = "chat model"
MEASURE_TIMEOUT_SECONDS = 15.0


_DecoderLife = WorkerLife[LoadedDecoder]


class DecoderProcess:
    """Implements services.model_ports.DecoderPort over a worker process.

    Thread-safe.

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
        self._stop_grace = stop_grace
        self._busy_lock = threading.Lock()
        kind = ModelKind(
            title=TITLE,
            worker=worker,
            incoming=DecoderFromWorker,
            last_messages=(DecoderLoaded, Ended, Measured, ReadAheadEnded),
            place=lambda spec: spec.path,
            file=lambda spec: spec.path,
            check=lambda spec: check_file(spec.path),
            load_message=translation.load_for_worker,
            read_loaded=_read_loaded,
            on_ready=self._publish_ready,
            alone=self._alone,
        )
        self._model: SupervisedModel[DecoderSpec, LoadedDecoder] = SupervisedModel(
            kind, launcher, ledger or CrashLedger(), stop_grace=stop_grace, heartbeat_timeout=heartbeat_timeout
        )

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now."""
        return self._model.board.status

    @property
    def loaded(self) -> LoadedDecoder | None:
        """What is loaded, None while nothing is."""
        return self._model.loaded

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        return self._model.pid

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        """Call `listener` at each change of status, in the engine's thread."""
        return self._model.board.subscribe(listener)

    def load(self, spec: DecoderSpec, cancel: CancelToken | None = None) -> LoadedDecoder:
        """Load `spec`, or return at once when an equal spec is loaded.

        The header of the file is checked here, in this process, before llama.cpp sees it.

        Raises ModelError and its kin, WorkerError, DecoderBusyError, CancelledError.
        """
        return self._model.load(spec, cancel)

    def unload(self) -> None:
        """End the process and give its memory back. A load under way ends with CancelledError or WorkerError."""
        self._model.unload()

    def close(self) -> None:
        """End the process for good, at once. Whoever waits for it, or still asks for a load, gets CancelledError."""
        self._model.close()

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        self._model.forgive()

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        """Write one answer; the last event is GenerationEnded, with STOPPED when cancelled.

        After a crash the model last loaded is loaded again first. Text yielded before an error stays valid.

        Raises WorkerCrashedError, WorkerUnresponsiveError, WorkerProtocolError, TemplateError, MessageTooLongError,
        ModelQuarantinedError (also in place of the crash that was one too many), DecoderBusyError, ModelMissingError
        when nothing was ever loaded.
        """
        self._model.load_again(cancel)
        with self._alone():
            yield from self._generate(request, cancel)

    def measure(
        self, turns: Sequence[ChatTurn], *, continue_last: bool = False, keep_state: bool = False
    ) -> PromptMeasure:
        """Count tokens as `generate` would; answers while a generation runs, too.

        `keep_state`: count what would be restored from disk as needing no reading.

        Does not start or restart the process: raises ModelMissingError while nothing is loaded.
        Raises TemplateError, WorkerCrashedError, WorkerUnresponsiveError.
        """
        asked = translation.turns_for_worker(turns)
        return self._measured(lambda number: Measure(number, asked, continue_last, keep_state), len(turns))

    def measure_text(self, text: str) -> PromptMeasure:
        """Count the tokens of a text that is gone on from; answers while a generation runs, too.

        Raises what `measure` raises, but for TemplateError.
        """
        asked = without_lone_surrogates(text)
        return self._measured(lambda number: Measure(number, (), continue_last=False, plain_text=asked), 1)

    def _measured(self, question: Callable[[int], Message], parts: int) -> PromptMeasure:
        with self._asked(question) as (life, request, answer):
            if not isinstance(answer, Measured) or len(answer.turn_tokens) != parts:
                life.out_of_turn(request, answer)
        return translation.measure_from_worker(answer)

    def spell(self, token_ids: Sequence[int]) -> tuple[bytes, ...]:
        """The bytes of each token, none for a control token; answers while a generation runs, too.

        Raises what `measure` raises, but for TemplateError.
        """
        with self._asked(lambda number: SpellTokens(number, tuple(token_ids))) as (life, request, answer):
            if not isinstance(answer, SpelledTokens) or len(answer.pieces) != len(token_ids):
                life.out_of_turn(request, answer)
        return answer.pieces

    def allows(self, grammar: str, token_ids: Sequence[int]) -> bool:
        """Whether an answer under the grammar may begin with these tokens; answers while a generation runs, too.

        Raises ConstraintError for a grammar that llama.cpp does not take, and what `spell` raises.
        """
        question = partial(CheckTokens, grammar=grammar, token_ids=tuple(token_ids))
        with self._asked(question) as (life, request, answer):
            if not isinstance(answer, CheckedTokens):
                life.out_of_turn(request, answer)
        return answer.allowed

    @contextmanager
    def _asked(self, question: Callable[[int], Message]) -> Iterator[tuple[_DecoderLife, Request, Message]]:
        """Ask what the worker answers at once, whatever else it does."""
        life = self._model.life
        if life is None or life.loaded is None or not life.process.alive:
            raise self._model.nothing_loaded()
        with life.requests.new() as request:
            life.process.send(question(request.id))
            try:
                answer = request.next_message(MEASURE_TIMEOUT_SECONDS)
            except queue.Empty:
                raise WorkerUnresponsiveError(
                    f"The {TITLE} did not count the tokens in time.", "The computer may be overloaded.", "Try again."
                ) from None
            yield life, request, answer

    def read_ahead(self, turns: Sequence[ChatTurn], cancel: CancelToken, *, keep_state: bool = False) -> bool:
        """Read what is certain of a prompt whose last turn, the person's, is still being written.

        Its text ends with a whole word and is followed by a blank, or is empty. Any other request goes first: this one
        then ends. True when all that is certain is in the KV cache; false also while an answer is written or a model
        loaded, and where no model is loaded. Raises TemplateError, WorkerError.
        """
        life = self._model.life
        if self._busy_lock.locked() or life is None or life.loaded is None or not life.process.alive:
            return False
        with life.requests.new() as request:
            life.process.send(ReadAhead(request.id, translation.turns_for_worker(turns), keep_state))
            with cancel.telling(lambda: life.cancel(request, self._stop_grace)):
                answer = request.next_message()
            if not isinstance(answer, ReadAheadEnded):
                life.out_of_turn(request, answer)
            return answer.whole

    def forget_states(self) -> None:
        """What the model holds now is not to be kept on disk any more."""
        life = self._model.life
        if life is not None and life.loaded is not None:
            life.process.send(ForgetStates())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One answer or one load at a time. Raises DecoderBusyError."""
        if not self._busy_lock.acquire(blocking=False):
            raise DecoderBusyError(
                f"The {TITLE} is already writing an answer.",
                "It writes one at a time.",
                "Wait for it, or stop it first.",
            )
        try:
            yield
        finally:
            self._busy_lock.release()

    # Writing -------------------------------------------------------------------------------------

    def _generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        life = self._model.current_life()
        seed = request.sampling.seed if request.sampling.seed is not None else secrets.randbits(32)
        with life.requests.new() as ticket:
            self._publish(WorkerPhase.BUSY, life)
            finished = False
            try:
                life.process.send(translation.generate_for_worker(ticket.id, request, seed))
                with cancel.telling(lambda: life.cancel(ticket, self._stop_grace)):
                    while not finished:
                        event = self._event(life, ticket, ticket.next_message())
                        finished = isinstance(event, GenerationEnded)
                        yield event
                self._model.ledger.forgive(life.key)
            except InkwellError:
                finished = True
                raise
            finally:
                if not finished:  # whoever asked went away in the middle
                    self._abandon(life, ticket)
                self._publish_ready(life)

    def _event(self, life: _DecoderLife, ticket: Request, message: Message) -> DecoderEvent:
        if isinstance(message, Tokens):
            return TokensWritten(message.text, message.token_ids, message.alternatives)
        if isinstance(message, PromptReading):
            return ReadingProgress(message.done, message.total, message.cached)
        if not isinstance(message, Ended):
            life.out_of_turn(ticket, message)
        return translation.ended_from_worker(message)

    def _abandon(self, life: _DecoderLife, ticket: Request) -> None:
        life.cancel(ticket, self._stop_grace)
        try:
            while not isinstance(ticket.next_message(self._stop_grace * 2), Ended):
                pass
        except (InkwellError, queue.Empty):
            return

    def _publish_ready(self, life: _DecoderLife) -> None:
        self._publish(WorkerPhase.READY, life)

    def _publish(self, phase: WorkerPhase, life: _DecoderLife) -> None:
        """What the process does, unless it ended meanwhile."""
        self._model.board.publish(
            phase, model=_name(life), resident_bytes=life.resident_bytes, while_true=lambda: life.process.alive
        )


def _name(life: _DecoderLife) -> str:
    """The loaded model's name, empty before."""
    return life.loaded.name if life.loaded is not None else ""


def _read_loaded(message: Message) -> LoadedDecoder | None:
    return translation.loaded_from_worker(message) if isinstance(message, DecoderLoaded) else None
