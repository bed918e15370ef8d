"""Why indexing stands still: an answer is being written, or the person wants it so."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop_app.domain.cancellation import CancelToken

_LOOK_SECONDS = 0.5


class IndexingPauses:
    """Two switches that hold the work. Thread-safe.

    While an answer is written the run keeps its place, and stands still even within a batch. A person's pause may last
    for hours: the run ends after its batch, so that other processes may index.

    Args:
        pause_encoder: holds the passages that the encoder reads just now.
    """

    def __init__(self, pause_encoder: Callable[[bool], None]) -> None:
        self._pause_encoder = pause_encoder
        self._changed = threading.Condition()
        self._answering = False
        self._held = False
        self._answers = 0
        self._listener: Callable[[], None] = lambda: None

    @property
    def answering(self) -> bool:
        """Work waits for an answer."""
        return self._answering

    @property
    def held(self) -> bool:
        """The person paused it."""
        return self._held

    @property
    def answers(self) -> int:
        """How often work had to wait for an answer: where it grew, a time that was taken is of no use."""
        return self._answers

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change, in the thread that made it."""
        self._listener = listener

    def set_answering(self, answering: bool) -> None:
        """An answer begins, or is over."""
        with self._changed:
            changed = self._answering != answering
            self._answering = answering
            self._answers += answering
            self._changed.notify_all()
        self._pause_encoder(answering)
        if changed:
            self._listener()

    def set_held(self, held: bool) -> None:
        """The person pauses, or goes on."""
        with self._changed:
            changed = self._held != held
            self._held = held
            self._changed.notify_all()
        if changed:
            self._listener()

    def wait_for_answer(self, cancel: CancelToken) -> None:
        """Wait while an answer is written. Raises CancelledError."""
        self._wait(lambda: not self._answering, cancel)

    def wait_while_held(self, cancel: CancelToken) -> None:
        """Wait until the person lets it go on. Raises CancelledError."""
        self._wait(lambda: not self._held, cancel)

    def _wait(self, may_go_on: Callable[[], bool], cancel: CancelToken) -> None:
        with self._changed:
            while not self._changed.wait_for(lambda: may_go_on() or cancel.cancelled, _LOOK_SECONDS):
                pass
        cancel.raise_if_cancelled()
