"""Keeping the passages and vectors of all notes and messages up to date, one run at a time over all processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import IndexingProgress, IndexingReport, LoadedEncoder, StoredChunk
from desktop_app.services.encoder_change import EncoderChange
from desktop_app.services.floor_calibration import FloorCalibration
from desktop_app.services.indexing_lease import IndexingLease
from desktop_app.services.indexing_pauses import IndexingPauses
from desktop_app.services.later import Later
from desktop_app.services.lease_keeper import LeaseKeeper
from desktop_app.services.message_indexing import MessageIndexer
from desktop_app.services.model_ports import EncoderPort
from desktop_app.services.note_cutting import NoteCutter
from desktop_app.services.ports import PassageStore

CHUNKS_PER_BATCH = 64
"""What a kill loses at most; about a second's work."""

FIRST_BATCH = 16
"""Less at the beginning, so that even a run that is killed early has done something for good."""

CUTTING_SECONDS = 0.5
"""Once the encoder is loaded, notes are cut for so long between two batches: it must not stand idle for all of them."""

_SPEED_SMOOTHING = 0.3
_BYTES_PER_VALUE = 4  # of a vector

ProgressListener = Callable[[IndexingProgress], None]


class EnsureEncoder(Protocol):
    """Loads the encoder the settings ask for (ModelSession.ensure_encoder)."""

    def __call__(self, cancel: CancelToken | None = None) -> LoadedEncoder: ...


class FormerEncoder(Protocol):
    """Embeds for the encoder that still answers (ServingEncoder.embed_for_former)."""

    def __call__(self, fingerprint: str, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """The vectors; nothing where that encoder is not at hand."""
        ...


class IndexingService:
    """Has changed notes cut into passages and embeds those without a vector, newest edit first; then messages.

    All that is done is committed batch by batch, so that a run that was killed goes on where it was. Nothing unchanged
    is embedded again: vectors belong to the hash of the text the encoder read.

    Args:
        lease: keeps other processes from doing the same work.
        change: keeps the former encoder's vectors until all new ones are there.
        calibration: measures the floors of search after a run; None to leave them to the encoder.
        embed_for_former: for what is written during a change, so that it is found by meaning before the swap.
        messages: has the messages of chats read once all notes are; None leaves them out.
    """

    def __init__(
        self,
        passages: PassageStore,
        cutter: NoteCutter,
        lease: IndexingLease,
        encoder: EncoderPort,
        ensure_encoder: EnsureEncoder,
        *,
        change: EncoderChange,
        calibration: FloorCalibration | None = None,
        embed_for_former: FormerEncoder | None = None,
        messages: MessageIndexer | None = None,
    ) -> None:
        self._passages = passages
        self._cutter = cutter
        self._lease = lease
        self._encoder = encoder
        self._ensure_encoder = ensure_encoder
        self._change = change
        self._calibration = calibration
        self._embed_for_former = embed_for_former
        self._messages = messages
        self.pauses = IndexingPauses(encoder.set_paused)
        self._one_run = threading.Lock()
        self._running = False
        self._reads_messages = False
        self._figures = _Figures()
        self._fingerprint: str | None = None

    def progress(self) -> IndexingProgress:
        """Where the index of the encoder in the settings stands. Where that one was never loaded, every passage counts
        as due.
        """
        fingerprint = (self._fingerprint if self._running else None) or self._change.expected()
        replaced = self._change.replaced(fingerprint)
        figures = self._figures
        total, notes_due, chunks_due = self._passages.counts(fingerprint)
        messages_due, messages_total = self._message_counts(fingerprint)
        return IndexingProgress(
            notes_total=total,
            notes_due=notes_due,
            chunks_due=chunks_due,
            chunks_embedded=figures.embedded,
            chunks_per_s=figures.chunks_per_s,
            paused=self.pauses.answering,
            running=self._running,
            held=self.pauses.held,
            seconds_left=figures.seconds_left(chunks_due) if self._running and not self._reads_messages else None,
            replaces=replaced.name if replaced is not None else "",
            chunks_total=max(self._chunk_count(), chunks_due) if chunks_due else 0,
            messages_due=messages_due,
            messages_total=messages_total,
        )

    def _message_counts(self, fingerprint: str | None) -> tuple[int, int]:
        """(messages due, all of them)."""
        if self._messages is None:
            return 0, 0
        return self._messages.counts(fingerprint, running=self._running)

    def _chunk_count(self) -> int:
        """Passages of all notes. Counting looks at every one: not after each batch of a run in which none come."""
        figures = self._figures
        known = self._running and figures.all_cut and figures.notes_cut == self._cutter.notes_cut
        if not (known and figures.chunks):
            figures.notes_cut = self._cutter.notes_cut
            figures.chunks = self._passages.chunk_count()
        return figures.chunks

    def run(
        self, cancel: CancelToken | None = None, progress: ProgressListener = lambda progress: None
    ) -> IndexingReport:
        """One run, until nothing is due. While another process indexes, it waits, and does what is left then.

        Raises CancelledError, ModelError and WorkerError of the encoder, StoreError.
        """
        token = cancel or CancelToken()
        started = time.monotonic()
        with self._one_run:
            self._figures = _Figures()
            self._running = True
            try:
                while not self._work_under_lease(token, progress):
                    pass  # paused, or the lease was lost while the computer slept: what is left is done afterwards
            finally:
                self._running = False
        progress(self.progress())
        messages, message_chunks = (0, 0)
        if self._messages is not None:
            messages, message_chunks = self._messages.figures(self._fingerprint or self._change.expected())
        return IndexingReport(
            notes=self._passages.counts(self._fingerprint)[0],
            chunks=self._passages.chunk_count(),
            embedded=self._figures.embedded,
            seconds=time.monotonic() - started,
            messages=messages,
            message_chunks=message_chunks,
        )

    def _work_under_lease(self, cancel: CancelToken, progress: ProgressListener) -> bool:
        """False when it was paused, or another process took the lease, in the middle."""
        if self.pauses.held:
            progress(self.progress())
            self.pauses.wait_while_held(cancel)
        with self._lease.held(cancel, lambda: progress(replace(self.progress(), waiting=True))) as lease:
            return self._work(cancel, progress, lease)

    def _work(self, cancel: CancelToken, progress: ProgressListener, lease: LeaseKeeper) -> bool:
        """False when the lease was lost or the person paused."""
        self._fill_long_notes(cancel)
        without_notes = not self._passages.chunk_count() and not self._passages.notes_to_chunk(1)
        if without_notes and not (self._messages is not None and self._messages.has_due(self._change.expected())):
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
                if self._embed_messages(encoder, cancel, progress, lease):
                    return True
            encoder = self._ensure_encoder(cancel)
        return False

    def _fill_long_notes(self, cancel: CancelToken) -> None:
        self._cutter.fill_long_notes(cancel, lambda: self.pauses.wait_for_answer(cancel))

    def _cut_due_notes(self, cancel: CancelToken, lease: LeaseKeeper, enough: Callable[[], bool]) -> bool:
        return self._cutter.cut(lambda: self.pauses.wait_for_answer(cancel), enough, lambda: lease.lost)

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
            self._figures.all_cut = all_cut
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
            if not self._embed(batch, encoder, cancel):
                return False
            progress(self.progress())
        return False

    def _embed_messages(
        self, encoder: LoadedEncoder, cancel: CancelToken, progress: ProgressListener, lease: LeaseKeeper
    ) -> bool:
        """True once no message is due; false where notes are due again, or as `_embed_all`."""
        if self._messages is None:
            return True

        def may_go_on() -> bool:
            self.pauses.wait_for_answer(cancel)
            if lease.lost or self.pauses.held or self._passages.notes_to_chunk(1):
                return False
            return self._ensure_encoder(cancel).fingerprint == encoder.fingerprint

        self._reads_messages = True
        try:
            return self._messages.run(
                encoder.fingerprint,
                may_go_on,
                lambda texts: self._embedded(texts, encoder, cancel, lambda _vectors: None),
                lambda: progress(self.progress()),
            )
        finally:
            self._reads_messages = False

    def _embed(self, batch: Sequence[StoredChunk], encoder: LoadedEncoder, cancel: CancelToken) -> bool:
        """Embed a batch and commit its vectors; false where they are nobody's."""

        def keep(vectors: Sequence[bytes]) -> None:
            self._add(encoder.fingerprint, encoder.dimensions, batch, vectors)

        return self._embedded([chunk.embedded_text for chunk in batch], encoder, cancel, keep) is not None

    def _embedded(
        self,
        texts: Sequence[str],
        encoder: LoadedEncoder,
        cancel: CancelToken,
        keep: Callable[[Sequence[bytes]], object],
    ) -> Sequence[bytes] | None:
        """Embed a batch, and have it kept; None where nobody knows which encoder its vectors are of, because the
        settings changed meanwhile.
        """
        started, answers = time.monotonic(), self.pauses.answers
        vectors = self._encoder.embed_passages(texts, cancel)
        loaded = self._encoder.loaded
        if loaded is None or loaded.fingerprint != encoder.fingerprint:
            return None
        keep(vectors)
        self._figures.embedded += len(texts)
        if answers == self.pauses.answers:
            self._figures.measure(len(texts) / max(time.monotonic() - started, 1e-6))
        return vectors

    def _keep_former_fresh(self, encoder: LoadedEncoder, cancel: CancelToken) -> None:
        """Let the former encoder read what was written last, a few passages between two batches of the new one."""
        replaced = self._change.replaced(encoder.fingerprint)
        if replaced is None or self._embed_for_former is None:
            return
        batch = self._passages.chunks_to_embed(replaced.fingerprint, FIRST_BATCH)
        if batch:
            vectors = self._embed_for_former(replaced.fingerprint, [chunk.embedded_text for chunk in batch], cancel)
            if vectors:
                self._add(replaced.fingerprint, len(vectors[0]) // _BYTES_PER_VALUE, batch, vectors)

    def _add(self, fingerprint: str, dimensions: int, batch: Sequence[StoredChunk], vectors: Sequence[bytes]) -> None:
        pairs = [(chunk.hash, vector) for chunk, vector in zip(batch, vectors, strict=True)]
        self._passages.add_vectors(fingerprint, dimensions, pairs)


class _Figures:
    """What a run knows of itself."""

    def __init__(self) -> None:
        self.embedded = 0
        self.chunks_per_s = 0.0
        self.all_cut = False
        self.chunks = 0
        self.notes_cut = 0
        """How many were cut when `chunks` were counted."""

    def measure(self, chunks_per_s: float) -> None:
        """Take the speed of one more batch into the mean, in which the last ones count most."""
        old = self.chunks_per_s
        self.chunks_per_s = chunks_per_s if not old else old + _SPEED_SMOOTHING * (chunks_per_s - old)

    def seconds_left(self, chunks_due: int) -> float | None:
        """Not known before all notes are cut: only then all passages are counted."""
        return chunks_due / self.chunks_per_s if self.all_cut and self.chunks_per_s > 0 else None
