"""The decoder's process from hello to hang-up."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import (
    Cancel,
    CheckedTokens,
    CheckTokens,
    DecoderFromHost,
    DecoderLoaded,
    DecoderLoading,
    ForgetStates,
    Generate,
    LoadDecoder,
    Measure,
    Measured,
    ReadAhead,
    SpelledTokens,
    SpellTokens,
)
from desktop_app.workers.decoder_worker.cores import whole_machine
from desktop_app.workers.decoder_worker.thread_choice import ThreadChoice
from desktop_app.workers.worker_runtime import WorkerRuntime, resident_bytes

if TYPE_CHECKING:
    from desktop_app.workers.decoder_worker.model import LoadedModel


CLOSING_SECONDS = 1.5
"""What keeping the last state may add to the end of the process. A host that closes, too, waits a fifth of that."""

_Job = LoadDecoder | Generate | ReadAhead


class DecoderWorker:
    """Takes jobs in the main thread; cancels and counts tokens in the control thread.

    llama.cpp is imported only after the hello, so that the host hears from the process at once.
    """

    def __init__(self) -> None:
        self._state_lock = threading.Lock()
        self._running = 0
        self._running_ahead = False
        self._wanted_ahead = 0
        self._cancelled: set[int] = set()
        self._closing = False
        self._saved = threading.Event()
        self._model: LoadedModel | None = None
        self._runtime = WorkerRuntime("decoder", DecoderFromHost, self._on_control, self._on_hang_up)
        self._runtime.start()
        # Before the imports: what others compute meanwhile tells how many threads the first computation should have.
        self._threads = ThreadChoice(cores=whole_machine())
        from desktop_app.workers.decoder_worker import generation, model, native, reading_ahead

        self._generation = generation
        self._reading_ahead = reading_ahead
        self._abort = native.AbortFlag()
        self._log = native.NativeLog()
        self._loader = model.ModelLoader(self._log, self._abort, self._threads)
        self._speed = generation.ReadingSpeed()

    def run(self) -> None:
        """Serve until the host hangs up."""
        self._runtime.set_progress("ready")
        for job in self._runtime.jobs(self._patience):
            if isinstance(job, _Job):
                self._do(job)
            elif job is None:
                self._keep_state()
            self._runtime.set_progress("ready")

    def _do(self, job: _Job) -> None:
        with self._state_lock:
            if self._closing:
                return
            self._running = job.request_id
            self._running_ahead = isinstance(job, ReadAhead)
            self._abort.lower()
            overtaken = self._running_ahead and job.request_id != self._wanted_ahead
            if job.request_id in self._cancelled or overtaken:
                self._abort.raise_it()
        try:
            if isinstance(job, LoadDecoder):
                self._load(job)
            elif isinstance(job, Generate):
                self._generate(job)
            else:
                self._read_ahead(job)
        except InkwellError as error:
            self._runtime.send_failure(job.request_id, error)
        finally:
            with self._state_lock:
                self._running = 0
                self._running_ahead = False
                # Later ones stay: the stop of the next job may have come before this one was tidied up.
                self._cancelled = {request_id for request_id in self._cancelled if request_id > job.request_id}

    def _on_control(self, message: Message) -> bool:
        if isinstance(message, Cancel):
            with self._state_lock:
                self._cancelled.add(message.request_id)
                if message.request_id == self._running:
                    self._abort.raise_it()
            return True
        if isinstance(message, Measure):
            self._measure(message)
            return True
        if isinstance(message, SpellTokens):
            self._spell(message)
            return True
        if isinstance(message, CheckTokens):
            self._check(message)
            return True
        if isinstance(message, ForgetStates):
            if self._model is not None:
                self._model.keeper.forget()
            return True
        if isinstance(message, _Job):
            with self._state_lock:  # whatever comes ends what was to be read ahead before it
                self._wanted_ahead = message.request_id if isinstance(message, ReadAhead) else 0
                if self._running_ahead:
                    self._abort.raise_it()
        return False

    def _on_hang_up(self) -> None:
        """Let the main thread keep the last state, if it can at once; whatever it does is stopped for that."""
        with self._state_lock:
            model = self._model
            if model is None or not model.keeper.has_more(writing=bool(self._running)):
                return
            self._closing = True
            self._abort.raise_it()
        self._runtime.wake()
        self._saved.wait(CLOSING_SECONDS)

    def _patience(self) -> float | None:
        return self._model.keeper.patience() if self._model is not None else None

    def _keep_state(self) -> None:
        """Nothing was asked for, for a while or ever again."""
        if self._model is not None:
            if self._closing:
                self._model.keeper.save_within(CLOSING_SECONDS)
                self._saved.set()
            else:
                self._model.keeper.save()

    def _load(self, job: LoadDecoder) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None
        began = time.monotonic()
        self._runtime.set_progress("loading", 0, 100)

        def progress(fraction: float) -> None:
            self._runtime.set_progress("loading", int(fraction * 100), 100)
            self._runtime.send(DecoderLoading(job.request_id, fraction))

        model = self._loader.load(job, progress, lambda: self._abort.raised)
        self._model = model
        gc.freeze()
        self._runtime.send(
            DecoderLoaded(
                job.request_id,
                fingerprint=model.fingerprint,
                name=model.name,
                context_length=model.context.length,
                trained_context=model.trained_context,
                vocabulary_size=model.vocabulary.size,
                has_chat_template=model.has_chat_template,
                can_roll_back=model.can_roll_back,
                resident_bytes=resident_bytes(),
                load_seconds=time.monotonic() - began,
                opens_reasoning=model.opens_reasoning,
            )
        )

    def _generate(self, job: Generate) -> None:
        model = self._loaded()
        if model.template_error is not None and job.plain_text is None:
            raise model.template_error
        try:
            self._generation.Generation(job, model, self._runtime, self._abort).run(self._speed)
        finally:
            model.keeper.finished()

    def _read_ahead(self, job: ReadAhead) -> None:
        """Read while nothing else is asked for; the flag is raised as soon as something is."""
        model = self._loaded()
        if model.template_error is not None:
            raise model.template_error
        self._runtime.set_progress("reading ahead")
        self._runtime.send(self._reading_ahead.read_ahead(job, model, self._speed, self._abort))

    def _measure(self, message: Measure) -> None:
        """In the control thread, while the main one may be decoding: uses the vocabulary and a copy of `held` alone."""
        try:
            model = self._loaded()
            if message.plain_text is not None:
                prompt = model.prompts.plain(message.plain_text, room=None)
            elif model.template_error is not None:
                raise model.template_error
            else:
                prompt = model.prompts.measure(message.turns, continue_last=message.continue_last)
            held = list(model.context.held)
            restorable, restore_s = 0, 0.0
            if message.keep_state:
                restorable, restore_s = model.keeper.restorable(prompt.tokens, held)
        except InkwellError as error:
            self._runtime.send_failure(message.request_id, error)
            return
        self._runtime.send(
            Measured(
                message.request_id,
                prompt.turn_tokens,
                prompt.overhead_tokens,
                max(model.keeper.usable(held, prompt.tokens), restorable),
                self._speed.tokens_per_s,
                restorable,
                restore_s,
                model.threads.expected(),
            )
        )

    def _spell(self, message: SpellTokens) -> None:
        try:
            piece = self._loaded().vocabulary.piece
        except InkwellError as error:
            self._runtime.send_failure(message.request_id, error)
            return
        self._runtime.send(SpelledTokens(message.request_id, tuple(map(piece, message.token_ids))))

    def _check(self, message: CheckTokens) -> None:
        """In the control thread, as `_measure`: uses the vocabulary and a grammar of its own."""
        try:
            allowed = self._generation.allows(self._loaded(), message.grammar, message.token_ids)
        except InkwellError as error:
            self._runtime.send_failure(message.request_id, error)
            return
        self._runtime.send(CheckedTokens(message.request_id, allowed))

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise CancelledError("No model is loaded.")
        return self._model


def main() -> int:
    """Entry of `--worker decoder`."""
    DecoderWorker().run()
    return 0
