"""How long it takes until the first token of an answer, learned from the answers of this machine."""

from __future__ import annotations

import math
import threading
from collections import deque

_REMEMBERED = 16
_LONG = 48
"""Readings of so many tokens tell the speed of reading; shorter ones are mostly what goes around it."""

_HALF_AFTER = 4
"""A reading counts half as much after so many newer ones: a busy machine is slower within minutes."""

_HALF_AT_FACTOR = 1.5
"""And half as much for each such factor between its length and the length asked for."""


class ReadingSpeed:
    """Estimates from the readings most like the one asked for. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)

    def note(self, tokens: int, seconds: float) -> None:
        """With `tokens` tokens to read the first token came after so many seconds."""
        if tokens > 0 and seconds > 0:
            with self._lock:
                self._readings.append((tokens, seconds))

    @property
    def tokens_per_s(self) -> float:
        """Over the last longer readings; 0.0 before the first."""
        with self._lock:
            long = [reading for reading in self._readings if reading[0] >= _LONG]
        seconds = sum(seconds for _tokens, seconds in long)
        return sum(tokens for tokens, _seconds in long) / seconds if seconds > 0 else 0.0

    def seconds(self, tokens: int, measured_tokens_per_s: float = 0.0) -> float | None:
        """About how long it takes with `tokens` tokens to read; None before anything was measured.

        `measured_tokens_per_s` holds until a reading was noted here.
        """
        if tokens <= 0:
            return 0.0
        with self._lock:
            readings = list(self._readings)
        if not readings:
            return tokens / measured_tokens_per_s if measured_tokens_per_s > 0 else None
        total = per_token = 0.0
        for age, (known, seconds) in enumerate(reversed(readings)):
            factors = abs(math.log(known / tokens, _HALF_AT_FACTOR))
            weight = 0.5 ** (age / _HALF_AFTER + min(factors, 40.0))
            total += weight
            per_token += weight * seconds / known
        return tokens * per_token / total
