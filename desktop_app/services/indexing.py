"""Keeping the passages and vectors of all notes up to date, one run at a time over all processes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chunking import Chunker
from desktop_app.domain.errors import (
    CancelledError,
    DiskFullError,
    InkwellError,
    NotFoundError,
    StoreError,
    WorkerError,
)
from desktop_app.domain.search import Chunk, IndexingProgress, IndexingReport, LoadedEncoder
from desktop_app.services.encoder_change import EncoderChange
from desktop_app.services.floor_calibration import FloorCalibration
from desktop_app.services.indexing_pauses import IndexingPauses
from desktop_app.services.later import Later
from desktop_app.services.lease_keeper import LeaseKeeper
from desktop_app.services.long_notes import LongNoteWords
from desktop_app.services.model_ports import EncoderPort
from desktop_app.services.ports import LeaseStore, NoteStore, PassageStore

_log = logging.getLogger(__name__)

LEASE = "indexing"
LEASE_SECONDS = 60.0
"""A holder of which nobody can tell that it was killed (on another machine) blocks the others for so long."""

NOTES_PER_SLICE = 50
CHUNKS_PER_BATCH = 64
"""What a kill loses at most; about a second's work."""

FIRST_BATCH = 16
"""Less at the beginning, so that even a run that is killed early has done something for good."""

CUTTING_SECONDS = 0.5
"""Once the encoder is loaded, notes are cut for so long between two batches: it must not stand idle for all of them."""

_LEASE_POLL_SECONDS = 0.5
_SPEED_SMOOTHING = 0.3
_LONGEST_SETTLING = 8
"""Someone who types without a pause is indexed after so many settling times all the same."""

ProgressListener = Callable[[IndexingProgress], None]


class EnsureEncoder(Protocol):
    """Loads the encoder the settings ask for (ModelSession.ensure_encoder)."""

    def __call__(self, cancel: CancelToken | None = None) -> LoadedEncoder: ...


class FormerEncoder(Protocol):
    """Embeds for the encoder that still answers (ServingEncoder.embed_for_former)."""

    def __call__(self, fingerprint: str, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """The vectors; nothing where that encoder is not at hand."""
        ...


class NoteChunker(Protocol):
    """Cuts a note into passages (domain.chunking.Chunker)."""

    def chunks(self, title: str, text: str) -> Sequence[Chunk]:
        """The passages of a note in the order of its text."""
        ...


class IndexingService:
    """Cuts changed notes into passages and embeds those without a vector, newest edit first.

    All that is done is committed batch by batch, so that a run that was killed goes on where it was. Nothing unchanged
    is embedded again: vectors belong to the hash of the text the encoder read.

    Args:
        owner: names this process in the lease.
        calibration: measures the floors of search after a run; None to leave them to the encoder.
        change: keeps the former encoder's vectors until all new ones are there.
        embed_for_former: for what is written during a change, so that it is found by meaning before the swap.
        long_notes: brings the tails of very long notes into the word index, for which no encoder is needed.
    """

    def __init__(
        self,
        notes: NoteStore,
        passages: PassageStore,
        leases: LeaseStore,
        encoder: EncoderPort,
        ensure_encoder: EnsureEncoder,
        *,
        owner: str,
        change: EncoderChange,
        calibration: FloorCalibration | None = None,
        chunker: NoteChunker | None = None,
        embed_for_former: FormerEncoder | None = None,
        long_notes: LongNoteWords | None = None,
    ) -> None:
        self._notes = notes
        self._passages = passages
        self._leases = leases
        self._encoder = encoder
        self._ensure_encoder = ensure_encoder
        self._owner = owner
        self._change = change
        self._calibration = calibration
        self._embed_for_former = embed_for_former
        self._long_notes = long_notes
        self._chunker: NoteChunker = chunker or Chunker()
        self.pauses = IndexingPauses(encoder.set_paused)
        self._one_run = threading.Lock()
        self._fingerprint: str | None = None
        self._embedded = 0
        self._chunks_per_s = 0.0
        self._all_cut = False
        self._counted = 0
        self._running = False

    def progress(self) -> IndexingProgress:
        """Where the index of the encoder in the settings stands. Where that one was never loaded, every passage counts
        as due.
        """
        fingerprint = (self._fingerprint if self._running else None) or self._change.expected()
        replaced = self._change.replaced(fingerprint)
        total, notes_due, chunks_due = self._passages.counts(fingerprint)
        return IndexingProgress(
            notes_total=total,
            notes_due=notes_due,
            chunks_due=chunks_due,
            chunks_embedded=self._embedded,
            chunks_per_s=self._chunks_per_s,
            paused=self.pauses.answering,
            running=self._running,
            held=self.pauses.held,
            seconds_left=self._seconds_left(chunks_due),
            replaces=replaced.name if replaced is not None else "",
            chunks_total=self._total(chunks_due),
        )

    def _total(self, chunks_due: int) -> int:
        """Passages of all notes. Counting looks at every one: not after each batch of a run in which none come."""
        if not chunks_due:
            return 0
        if not (self._running and self._all_cut and self._counted):
            self._counted = self._passages.chunk_count()
        return max(self._counted, chunks_due)

    def _seconds_left(self, chunks_due: int) -> float | None:
        """Not known before all notes are cut: only then all passages are counted."""
        if not self._running or not self._all_cut or self._chunks_per_s <= 0:
            return None
        return chunks_due / self._chunks_per_s

    def run(
        self, cancel: CancelToken | None = None, progress: ProgressListener = lambda progress: None
    ) -> IndexingReport:
        """One run, until nothing is due. While another process indexes, it waits, and does what is left then.

        Raises CancelledError, ModelError and WorkerError of the encoder, StoreError.
        """
        token = cancel or CancelToken()
        started = time.monotonic()
        with self._one_run:
            self._running, self._embedded, self._chunks_per_s, self._all_cut = True, 0, 0.0, False
            try:
                while not self._work_under_lease(token, progress):
                    pass  # paused, or the lease was lost while the computer slept: what is left is done afterwards
            finally:
                self._running = False
        progress(self.progress())
        return IndexingReport(
            notes=self._passages.counts(self._fingerprint)[0],
            chunks=self._passages.chunk_count(),
            embedded=self._embedded,
            seconds=time.monotonic() - started,
        )

    def _work_under_lease(self, cancel: CancelToken, progress: ProgressListener) -> bool:
        """False when it was paused, or another process took the lease, in the middle."""
        if self.pauses.held:
            progress(self.progress())
            self.pauses.wait_while_held(cancel)
        self._take_lease(cancel, progress)
        keeper = LeaseKeeper(self._leases, LEASE, self._owner, LEASE_SECONDS)
        try:
            return self._work(cancel, progress, keeper)
        finally:
            keeper.close()
            self._leases.release(LEASE, self._owner)

    def _take_lease(self, cancel: CancelToken, progress: ProgressListener) -> None:
        while not self._leases.acquire(LEASE, self._owner, LEASE_SECONDS):
            progress(replace(self.progress(), waiting=True))
            cancel.wait(_LEASE_POLL_SECONDS)
            cancel.raise_if_cancelled()

    def _work(self, cancel: CancelToken, progress: ProgressListener, lease: LeaseKeeper) -> bool:
        """False when the lease was lost or the person paused."""
        self._fill_long_notes(cancel)
        if not self._passages.chunk_count() and not self._passages.notes_to_chunk(1):
            return True  # nothing to embed needs no encoder
        self.pauses.wait_for_answer(cancel)
        # The encoder's process loads while notes are cut here.
        loading = Later(lambda: self._ensure_encoder(cancel), "indexing model")
        self._cut_due_notes(cancel, lease, enough=lambda: loading.done or self.pauses.held)
        loading.wait_or_cancel(cancel)
        cancel.raise_if_cancelled()
        encoder = loading.result()
        while not lease.lost and not self.pauses.held:
            self._fingerprint = encoder.fingerprint
            self._change.begin(encoder)
            progress(self.progress())
            if self._embed_all(encoder, cancel, progress, lease):
                self._change.finish(encoder, cancel)
                if self._calibration is not None:
                    self._calibration.measure_if_due(encoder, cancel)
                return True
            encoder = self._ensure_encoder(cancel)
        return False

    def _fill_long_notes(self, cancel: CancelToken) -> None:
        if self._long_notes is not None:
            self._long_notes.fill(cancel, lambda: self.pauses.wait_for_answer(cancel))

    def _cut_due_notes(self, cancel: CancelToken, lease: LeaseKeeper, enough: Callable[[], bool]) -> bool:
        """Cut notes whose text changed into passages, a commit for each, until all are or it is `enough`; true when
        all are.
        """
        while not lease.lost and (due := self._passages.notes_to_chunk(NOTES_PER_SLICE)):
            cut = 0
            for note_id in due:
                self.pauses.wait_for_answer(cancel)
                try:
                    note = self._notes.get(note_id)
                except NotFoundError:
                    continue  # deleted since
                self._counted = 0
                self._passages.replace_chunks(note_id, note.revision, self._chunker.chunks(note.title, note.text))
                cut += 1
                if enough():
                    return False
            if not cut:
                return True
        return True

    def _embed_all(
        self, encoder: LoadedEncoder, cancel: CancelToken, progress: ProgressListener, lease: LeaseKeeper
    ) -> bool:
        """Embed until nothing is due; false when another encoder was loaded meanwhile, the lease was lost, or it was
        paused.
        """
        size = min(FIRST_BATCH, CHUNKS_PER_BATCH)
        while not lease.lost and not self.pauses.held:
            end = time.monotonic() + CUTTING_SECONDS
            self._fill_long_notes(cancel)
            all_cut = self._cut_due_notes(cancel, lease, enough=lambda: time.monotonic() >= end)  # noqa: B023
            self._all_cut = all_cut
            self.pauses.wait_for_answer(cancel)
            self._keep_former_fresh(encoder, cancel)
            batch = self._passages.chunks_to_embed(encoder.fingerprint, size)
            size = CHUNKS_PER_BATCH
            if self._ensure_encoder(cancel).fingerprint != encoder.fingerprint:
                return False  # the settings ask for another one now, or for the former one again
            if not batch and all_cut:
                return True
            if not batch:
                continue
            started, answers = time.monotonic(), self.pauses.answers
            vectors = self._encoder.embed_passages([chunk.embedded_text for chunk in batch], cancel)
            loaded = self._encoder.loaded
            if loaded is None or loaded.fingerprint != encoder.fingerprint:
                return False  # the settings changed in mid-batch: nobody knows which encoder these vectors are of
            pairs = [(chunk.hash, vector) for chunk, vector in zip(batch, vectors, strict=True)]
            self._passages.add_vectors(encoder.fingerprint, encoder.dimensions, pairs)
            self._embedded += len(batch)
            if answers == self.pauses.answers:
                self._measure(len(batch) / max(time.monotonic() - started, 1e-6))
            progress(self.progress())
        return False

    def _keep_former_fresh(self, encoder: LoadedEncoder, cancel: CancelToken) -> None:
        """Let the former encoder read what was written last, a few passages between two batches of the new one."""
        replaced = self._change.replaced(encoder.fingerprint)
        if replaced is None or self._embed_for_former is None:
            return
        batch = self._passages.chunks_to_embed(replaced.fingerprint, FIRST_BATCH)
        if batch:
            vectors = self._embed_for_former(replaced.fingerprint, [chunk.embedded_text for chunk in batch], cancel)
            if vectors:
                pairs = [(chunk.hash, vector) for chunk, vector in zip(batch, vectors, strict=True)]
                self._passages.add_vectors(replaced.fingerprint, len(vectors[0]) // 4, pairs)

    def _measure(self, speed: float) -> None:
        old = self._chunks_per_s
        self._chunks_per_s = speed if not old else old + _SPEED_SMOOTHING * (speed - old)


class BackgroundIndexer:
    """Runs the service in a thread of its own whenever it is woken; saving a note never waits for it.

    Args:
        settle_seconds: how long it waits for more changes after a wake, so that not every pause in typing is embedded.
        retry_seconds: after a failure it tries again by itself so much later.
    """

    def __init__(self, service: IndexingService, *, settle_seconds: float = 1.5, retry_seconds: float = 60.0) -> None:
        self._service = service
        self._settle_seconds = settle_seconds
        self._retry_seconds = retry_seconds
        self._woken = threading.Event()
        self._cancel = CancelToken()
        self._lock = threading.Lock()
        self._listeners: list[ProgressListener] = []
        self._last: IndexingProgress | None = None
        self._problem: InkwellError | None = None
        self._thread: threading.Thread | None = None
        service.pauses.listen(self._pause_changed)

    @property
    def problem(self) -> InkwellError | None:
        """Why the last run ended early; None when it did not."""
        return self._problem

    def wake(self) -> None:
        """Notes changed (or may have). Starts the thread at the first call; cheap, from any thread."""
        with self._lock:
            if self._thread is None and not self._cancel.cancelled:
                self._thread = threading.Thread(target=self._live, name="indexing", daemon=True)
                self._thread.start()
        self._woken.set()

    @property
    def held(self) -> bool:
        """The person paused it."""
        return self._service.pauses.held

    def set_held(self, held: bool) -> None:
        """Pause for the person, after the batch under way, or go on; until the program ends. Cheap, from any thread."""
        self._service.pauses.set_held(held)

    def subscribe(self, listener: ProgressListener) -> Callable[[], None]:
        """Call `listener` with each change, in the indexing thread; call the result to take it off again."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def stop(self) -> None:
        """Ask it to stop, for good, and return at once. What was embedded is kept."""
        self._cancel.cancel()
        self._woken.set()

    def close(self) -> None:
        """Stop, and wait until the thread is gone."""
        self.stop()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _live(self) -> None:
        retry = False
        while True:
            self._woken.wait(self._retry_seconds if retry else None)
            latest = time.monotonic() + _LONGEST_SETTLING * self._settle_seconds
            while self._woken.is_set() and not self._cancel.cancelled and time.monotonic() <= latest:
                self._woken.clear()
                self._woken.wait(self._settle_seconds)
            self._woken.clear()
            if self._cancel.cancelled:
                return
            retry = not self._run()

    def _run(self) -> bool:
        """One run; false when it failed. The failure stands in `problem` and the progress says that nothing runs."""
        try:
            self._service.run(self._cancel, self._tell)
        except CancelledError:
            return True
        except InkwellError as error:
            if self._cancel.cancelled and isinstance(error, WorkerError):
                return True  # the encoder was ended while it worked for a run that had been told to stop
            _log.warning("indexing stopped: %s", error.code)
            return self._failed(_no_room(error) if isinstance(error, DiskFullError) else error)
        except Exception as error:  # noqa: BLE001 - the border of the thread, which must live on to try again
            _log.exception("indexing stopped")
            return self._failed(
                InkwellError(
                    "Indexing stopped unexpectedly.",
                    f"A part of Inkwell failed ({type(error).__name__}).",
                    "It is tried again by itself; words find everything meanwhile.",
                )
            )
        self._problem = None
        return True

    def _failed(self, problem: InkwellError) -> bool:
        self._problem = problem
        try:
            progress = self._service.progress()
        except StoreError:  # what failed may be the store itself, and is told all the same
            progress = IndexingProgress(0, 0, 0, 0, 0.0)
        self._tell(replace(progress, problem=problem))
        return False

    def _pause_changed(self) -> None:
        """Said at once, with the counts last told: the run itself says something only after its batch."""
        last, pauses = self._last, self._service.pauses
        if last is not None:
            self._tell(replace(last, paused=pauses.answering, held=pauses.held))

    def _tell(self, progress: IndexingProgress) -> None:
        with self._lock:
            self._last = progress
            listeners = list(self._listeners)
        for listener in listeners:
            listener(progress)


def _no_room(error: DiskFullError) -> DiskFullError:
    """A full disk as it is told of background work, for which nobody typed anything."""
    told = DiskFullError(
        "Indexing stopped: the disk is full.",
        "Notes are saved apart from it: those that are shown as saved are, and what was indexed stays.",
        "Free some space: indexing then goes on by itself within a minute.",
    )
    told.__cause__ = error
    return told
