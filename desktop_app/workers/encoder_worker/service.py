"""The encoder's side of the conversation: loads, answers questions at once, and embeds passages behind them.

Three threads beside the heartbeat: the control thread reads frames and switches passages off and on; the main thread
loads, and embeds questions and what is urgent; the passage thread embeds in the background at the lowest priority. Both
may run the model at once, so that a question never waits for a batch of passages to end.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.encoder_folder import check_encoder_folder
from desktop_app.domain.errors import CancelledError, InkwellError, ModelMissingError, OutOfMemoryError
from desktop_app.protocol.encoder_messages import (
    ComparedWord,
    CompareWords,
    EmbedQuery,
    EmbedTexts,
    EncoderFromHost,
    EncoderLoaded,
    EncoderLoading,
    LoadEncoder,
    PausePassages,
    QueryEmbedded,
    TextsEmbedded,
    WordsCompared,
)
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import Cancel
from desktop_app.workers.encoder_worker.passage_queue import PassageQueue
from desktop_app.workers.priority import sink_own_thread
from desktop_app.workers.worker_runtime import EXIT_FAULT, WorkerRuntime, resident_bytes

if TYPE_CHECKING:
    from desktop_app.workers.encoder_worker.model import EncoderModel


class EncoderService:
    """Serves one host until it hangs up."""

    def __init__(self) -> None:
        self._passages = PassageQueue()
        self._jobs_lock = threading.Lock()
        self._waiting: set[int] = set()
        self._running = 0
        self._cancelled = False
        self._model: EncoderModel | None = None
        self._runtime = WorkerRuntime("encoder", EncoderFromHost, self._on_control)

    def run(self) -> None:
        """Main thread: load, questions, urgent texts."""
        self._runtime.start()
        self._runtime.set_progress("ready")
        threading.Thread(target=self._embed_passages, name="passages", daemon=True).start()
        for job in self._runtime.jobs():
            if isinstance(job, (LoadEncoder, EmbedQuery, EmbedTexts, CompareWords)) and self._begin(job.request_id):
                self._answer(job.request_id, partial(_in_a_thread_that_ends, partial(self._do, job)))

    def _do(self, job: LoadEncoder | EmbedQuery | EmbedTexts | CompareWords) -> None:
        match job:
            case LoadEncoder():
                self._load(job)
            case EmbedQuery():
                self._embed_query(job)
            case EmbedTexts():
                self._embed_urgent(job)
            case CompareWords():
                self._compare_words(job)

    def _on_control(self, message: Message) -> bool:
        if isinstance(message, Cancel):
            self._cancel(message.request_id)
            return True
        if isinstance(message, PausePassages):
            self._passages.set_paused(message.paused)
            return True
        if isinstance(message, EmbedTexts) and not message.urgent:
            self._passages.put(message)
            return True
        if isinstance(message, (LoadEncoder, EmbedQuery, EmbedTexts, CompareWords)):
            with self._jobs_lock:
                self._waiting.add(message.request_id)
        return False

    def _cancel(self, request_id: int) -> None:
        """A job that still waits behind another is answered here and now: its turn may come in many seconds."""
        with self._jobs_lock:
            withdrawn = request_id in self._waiting
            self._waiting.discard(request_id)
            if request_id == self._running:
                self._cancelled = True
        if withdrawn or self._passages.cancel(request_id):
            self._runtime.send_failure(request_id, CancelledError("Stopped."))

    def _begin(self, request_id: int) -> bool:
        """It is that job's turn in the main thread; false when it was cancelled, and answered, meanwhile."""
        with self._jobs_lock:
            if request_id not in self._waiting:
                return False
            self._waiting.remove(request_id)
            self._running, self._cancelled = request_id, False
            return True

    def _answer(self, request_id: int, work: Callable[[], None]) -> None:
        """Run `work`, which sends the answer, and tell the host of the failures it can have."""
        try:
            work()
        except InkwellError as error:
            self._runtime.send_failure(request_id, error)
        except (MemoryError, RuntimeError) as error:
            if not isinstance(error, MemoryError) and "allocate" not in str(error):
                raise
            print(f"out of memory: {error}", file=sys.stderr, flush=True)
            self._runtime.send_failure(
                request_id,
                OutOfMemoryError(
                    "The search model ran out of memory.",
                    "It needs more memory than this computer has free.",
                    "Close other programs, or choose a smaller search model.",
                ),
            )

    def _load(self, job: LoadEncoder) -> None:
        started = time.monotonic()
        self._step(job, 0.0)
        folder = Path(job.path)
        check_encoder_folder(folder)
        self._step(job, 0.05)
        from desktop_app.workers.encoder_worker.calibration import CalibrationFile
        from desktop_app.workers.encoder_worker.model import EncoderModel

        self._step(job, 0.6)
        model = EncoderModel(folder, job.max_word_pieces, job.threads, job.dimensions)
        self._step(job, 0.8)
        model.settle_precision(
            job.precision, CalibrationFile(Path(job.calibration_file) if job.calibration_file else None)
        )
        self._step(job, 1.0)
        self._model = model
        self._runtime.set_progress("ready")
        self._runtime.send(
            EncoderLoaded(
                job.request_id,
                fingerprint=model.fingerprint,
                name=folder.name if folder.name != "model" else folder.parent.name,
                dimensions=model.dimensions,
                max_word_pieces=model.max_word_pieces,
                precision="bf16" if model.precision == "bf16" else "fp32",
                resident_bytes=resident_bytes(),
                load_seconds=time.monotonic() - started,
                unrelated_similarity=model.calibration.unrelated_similarity,
                unrelated_deviation=model.calibration.unrelated_deviation,
                measure=model.measure.value,
            )
        )

    def _step(self, job: LoadEncoder, fraction: float) -> None:
        self._stop_if_cancelled()
        self._runtime.set_progress("loading", int(fraction * 100), 100)
        self._runtime.send(EncoderLoading(job.request_id, fraction))

    def _embed_query(self, job: EmbedQuery) -> None:
        model = self._loaded_model()
        self._stop_if_cancelled()
        vectors = model.embed([job.text], is_query=True)
        assert vectors is not None
        known = model.known_words(job.text)
        self._runtime.send(
            QueryEmbedded(job.request_id, vectors.astype("<f4").tobytes(), known.whole, known.letters_per_piece)
        )

    def _compare_words(self, job: CompareWords) -> None:
        model = self._loaded_model()
        self._stop_if_cancelled()
        words = model.compare_words(job.question, job.sentence)
        self._runtime.send(
            WordsCompared(
                job.request_id,
                tuple(ComparedWord(word.start, word.end, word.likeness, word.nearest) for word in words),
            )
        )

    def _embed_urgent(self, job: EmbedTexts) -> None:
        vectors = self._loaded_model().embed(job.texts, lambda done: not self._cancelled)
        if vectors is None:
            raise CancelledError("Stopped.")
        self._runtime.send(TextsEmbedded(job.request_id, vectors.astype("<f4").tobytes()))

    def _embed_passages(self) -> None:
        """The passage thread, to the process's end."""
        try:
            sink_own_thread()  # before torch starts this thread's own helpers
            while True:
                job = self._passages.take()
                self._answer(job.request_id, partial(self._embed_queued, job))
                self._runtime.set_progress("ready")
        except Exception:  # noqa: BLE001 - without this thread passages would wait for ever
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(EXIT_FAULT)

    def _embed_queued(self, job: EmbedTexts) -> None:
        def go_on(done: int) -> bool:
            self._runtime.set_progress("embedding", done, len(job.texts))
            return self._passages.may_go_on()

        vectors = self._loaded_model().embed(job.texts, go_on, at_start=sink_own_thread)
        if vectors is None:
            raise CancelledError("Stopped.")
        self._runtime.send(TextsEmbedded(job.request_id, vectors.astype("<f4").tobytes()))

    def _loaded_model(self) -> EncoderModel:
        if self._model is None:
            raise ModelMissingError("No search model is loaded.", "", "Choose one on the Models screen.")
        return self._model

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise CancelledError("Stopped.")


def _in_a_thread_that_ends(work: Callable[[], None]) -> None:
    """Run `work` to its end, and raise what it raises.

    Each thread that ever ran a forward pass keeps OpenMP helpers until it ends. While there are more of them than
    cores, those that wait sleep and must be woken many times a passage: passages behind a load in the main thread
    took a seventh longer (libgomp, `gomp_throttled_spin_count_var`).
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="once") as pool:
        pool.submit(work).result()
