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
        self._running = 0
        self._cancelled = False
        self._paused = False

    def put(self, job: EmbedTexts) -> None:
        """Add a job at the end."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def take(self) -> EmbedTexts:
        """Wait for the next job, which runs until the next is taken."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._jobs))
            job = self._jobs.popleft()
            self._running, self._cancelled = job.request_id, False
            return job

    def set_paused(self, paused: bool) -> None:
        """Hold work between two batches, or let it go on."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def cancel(self, request_id: int) -> bool:
        """Stop that job. True when it was still waiting and is off the queue: nobody else will answer for it."""
        with self._changed:
            for job in self._jobs:
                if job.request_id == request_id:
                    self._jobs.remove(job)
                    return True
            if request_id == self._running:
                self._cancelled = True
                self._changed.notify_all()
            return False

    def may_go_on(self) -> bool:
        """Wait while paused; false when the running job was cancelled."""
        with self._changed:
            self._changed.wait_for(lambda: not self._paused or self._cancelled)
            return not self._cancelled
