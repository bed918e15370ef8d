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
    DecoderFromHost,
    DecoderLoaded,
    DecoderLoading,
    Generate,
    LoadDecoder,
    Measure,
    Measured,
)
from desktop_app.workers.worker_runtime import WorkerRuntime, resident_bytes

if TYPE_CHECKING:
    from desktop_app.workers.decoder_worker.model import LoadedModel


class DecoderWorker:
    """Takes jobs in the main thread; cancels and counts tokens in the control thread.

    llama.cpp is imported only after the hello, so that the host hears from the process at once.
    """

    def __init__(self) -> None:
        self._state_lock = threading.Lock()
        self._running = 0
        self._cancelled: set[int] = set()
        self._runtime = WorkerRuntime("decoder", DecoderFromHost, self._on_control)
        self._runtime.start()
        from desktop_app.workers.decoder_worker import generation, model, native

        self._generation = generation
        self._abort = native.AbortFlag()
        self._log = native.NativeLog()
        self._loader = model.ModelLoader(self._log, self._abort)
        self._speed = generation.ReadingSpeed()
        self._model: LoadedModel | None = None

    def run(self) -> None:
        """Serve until the host hangs up."""
        self._runtime.set_progress("ready")
        for job in self._runtime.jobs():
            if isinstance(job, LoadDecoder | Generate):
                self._do(job)
            self._runtime.set_progress("ready")

    def _do(self, job: LoadDecoder | Generate) -> None:
        with self._state_lock:
            self._running = job.request_id
            self._abort.lower()
            if job.request_id in self._cancelled:
                self._abort.raise_it()
        try:
            if isinstance(job, LoadDecoder):
                self._load(job)
            else:
                self._generate(job)
        except InkwellError as error:
            self._runtime.send_failure(job.request_id, error)
        finally:
            with self._state_lock:
                self._running = 0
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
        return False

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
            )
        )

    def _generate(self, job: Generate) -> None:
        model = self._loaded()
        if model.template_error is not None and job.plain_text is None:
            raise model.template_error
        self._generation.Generation(job, model, self._runtime, self._abort).run(self._speed)

    def _measure(self, message: Measure) -> None:
        """In the control thread, while the main one may be decoding: uses the vocabulary and a copy of `held` alone."""
        from desktop_app.workers.decoder_worker.context import common_prefix

        try:
            model = self._loaded()
            if model.template_error is not None:
                raise model.template_error
            prompt = model.prompts.measure(message.turns, continue_last=message.continue_last)
            held = list(model.context.held)
        except InkwellError as error:
            self._runtime.send_failure(message.request_id, error)
            return
        self._runtime.send(
            Measured(
                message.request_id,
                prompt.turn_tokens,
                prompt.overhead_tokens,
                common_prefix(held, prompt.tokens),
                self._speed.tokens_per_s,
            )
        )

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise CancelledError("No model is loaded.")
        return self._model


def main() -> int:
    """Entry of `--worker decoder`."""
    DecoderWorker().run()
    return 0
