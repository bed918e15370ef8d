"""Passages that wait to be embedded, and the switches that hold or drop them."""

from __future__ import annotations

import threading
from collections import deque

from desktop_app.protocol.encoder_messages import EmbedTexts


class PassageQueue:
    """Jobs of the passage thread. Paused and cancelled from the control thread. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: deque[EmbedTexts] = deque()
        self._cancelled: set[int] = set()
        self._paused = False

    def put(self, job: EmbedTexts) -> None:
        """Add a job at the end."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def take(self) -> EmbedTexts:
        """Wait for the next job."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._jobs))
            return self._jobs.popleft()

    def set_paused(self, paused: bool) -> None:
        """Hold work between two batches, or let it go on."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def cancel(self, request_id: int) -> None:
        """Drop that job, queued or begun."""
        with self._changed:
            self._cancelled.add(request_id)
            self._changed.notify_all()

    def may_go_on(self, request_id: int) -> bool:
        """Wait while paused; false when the job was cancelled."""
        with self._changed:
            self._changed.wait_for(lambda: not self._paused or request_id in self._cancelled)
            return request_id not in self._cancelled

    def forget(self, request_id: int) -> None:
        """The job is over: a cancel that came too late need not be remembered."""
        with self._changed:
            self._cancelled.discard(request_id)
