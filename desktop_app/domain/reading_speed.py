"""How long the decoder takes to read a prompt, learned from the answers of this machine."""

from __future__ import annotations

import threading
from collections import deque

_REMEMBERED = 12
_SHORT = 48
"""Readings of fewer tokens tell what a reading costs apart from its tokens, longer ones what a token costs."""


class ReadingSpeed:
    """A fixed part and a part for each token, both from the last readings. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: deque[tuple[int, int, float]] = deque(maxlen=_REMEMBERED)

    def note(self, tokens: int, depth: int, seconds: float) -> None:
        """A reading of `tokens` tokens that ended at `depth` took so long."""
        if tokens > 0 and seconds > 0:
            with self._lock:
                self._readings.append((tokens, depth, seconds))

    @property
    def tokens_per_s(self) -> float:
        """Over the last longer readings; 0.0 before the first."""
        with self._lock:
            long = [reading for reading in self._readings if reading[0] >= _SHORT]
        seconds = sum(reading[2] for reading in long)
        return sum(reading[0] for reading in long) / seconds if seconds > 0 else 0.0

    def seconds(self, tokens: int, depth: int, measured_tokens_per_s: float = 0.0) -> float | None:
        """About how long reading `tokens` tokens up to `depth` takes; None before anything was measured.

        `measured_tokens_per_s` holds until a reading was noted here.
        """
        speed = self.tokens_per_s or measured_tokens_per_s
        return tokens / speed if speed > 0 else None
