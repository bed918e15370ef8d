"""How long it takes until the first token of an answer, learned from the answers of this machine."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Sequence

import msgspec

_REMEMBERED = 16
_LONG = 48
"""Readings of so many tokens tell the speed of reading; shorter ones are mostly what goes around it."""

_SHAPE_HALF_AFTER = 8
"""For how the time grows a reading counts half as much after so many newer ones."""

_PACE_HALF_AFTER = 4
"""For how fast the machine is just now, after so many: a busy one is slower within minutes."""

_HALF_AT_FACTOR = 3.0
"""And half as much for each such factor between its work and the work asked about."""

_AROUND = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
_PER_THOUSAND_HELD = (0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 1.6)
_USUAL = (2, 4)  # places in these, taken for likely while little is known
_PRIOR = 0.004
_THREADS_HELP = 0.9
"""Twice the threads read 2 to this power times as fast."""

_OUTLIER = 0.25  # a squared error in logarithms: more than that is another program's doing


class Reading(msgspec.Struct, frozen=True):
    """`tokens` were read behind `held` that were held already, and the first token came after so many seconds.

    `threads` computed; 0 where that is not known.
    """

    tokens: int
    held: int
    seconds: float
    threads: int = 0

    def seconds_with(self, threads: int) -> float:
        """How long it would have taken with so many threads; 0: as many as there were."""
        more = self.threads / threads if self.threads and threads else 1.0
        return self.seconds * math.pow(more, _THREADS_HELP)


class _Shape(msgspec.Struct, frozen=True):
    """How the time grows, in units of what one token costs that follows nothing.

    Attributes:
        around: what a request costs however little is read.
        per_thousand_held: what a token costs more for each thousand in front of it, which attention goes through.
    """

    around: float
    per_thousand_held: float

    def work(self, tokens: int, held: int) -> float:
        return self.around + tokens * (1 + self.per_thousand_held * (held + tokens / 2) / 1000)


class ReadingSpeed:
    """Finds the shape that explains the last readings best, and the pace from the newest and those most like the one
    asked about. Thread-safe. Knows one model at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model = ""
        self._readings: deque[Reading] = deque(maxlen=_REMEMBERED)

    def note(self, tokens: int, held: int, seconds: float, model: str = "", *, threads: int = 0) -> None:
        """With `tokens` tokens to read behind `held` ones the first token came after so many seconds; `model` is the
        fingerprint of what read them, with so many `threads` (0: unknown). What another model did is forgotten.
        """
        with self._lock:
            if model != self._model:
                self._model = model
                self._readings.clear()
            if tokens > 0 and seconds > 0:
                self._readings.append(Reading(tokens, held, seconds, threads))

    @property
    def tokens_per_s(self) -> float:
        """Over the last longer readings; 0.0 before the first."""
        with self._lock:
            long = [reading for reading in self._readings if reading.tokens >= _LONG]
        seconds = sum(reading.seconds for reading in long)
        return sum(reading.tokens for reading in long) / seconds if seconds > 0 else 0.0

    def seconds(
        self,
        tokens: int,
        held: int,
        measured_tokens_per_s: float = 0.0,
        model: str | None = None,
        *,
        threads: int = 0,
    ) -> float | None:
        """About how long it takes with `tokens` tokens to read behind `held`, and so many threads (0: as before); None
        before anything was measured.

        `measured_tokens_per_s` holds until a reading of `model` (None: whichever) was noted here.
        """
        if tokens <= 0:
            return 0.0
        with self._lock:
            readings = list(self._readings) if model in (None, self._model) else []
        if not readings:
            return tokens / measured_tokens_per_s if measured_tokens_per_s > 0 else None
        shape = _shape_of(readings, threads)
        asked = shape.work(tokens, held)
        total = pace = 0.0
        for age, each in enumerate(reversed(readings)):
            work = shape.work(each.tokens, each.held)
            factors = abs(math.log(work / asked, _HALF_AT_FACTOR))
            weight: float = 0.5 ** (age / _PACE_HALF_AFTER + min(factors, 40.0))
            total += weight
            pace += weight * math.log(each.seconds_with(threads) / work)
        return asked * math.exp(pace / total)


def _shape_of(readings: Sequence[Reading], threads: int) -> _Shape:
    """The shape by which the readings differ least in pace: the few there are to choose from are all tried."""
    weights = [0.5 ** (age / _SHAPE_HALF_AFTER) for age in range(len(readings) - 1, -1, -1)]
    best, least = _Shape(_AROUND[_USUAL[0]], _PER_THOUSAND_HELD[_USUAL[1]]), math.inf
    for around_place, around in enumerate(_AROUND):
        for held_place, per_thousand_held in enumerate(_PER_THOUSAND_HELD):
            shape = _Shape(around, per_thousand_held)
            paces = [math.log(each.seconds_with(threads) / shape.work(each.tokens, each.held)) for each in readings]
            middle = sum(weight * pace for weight, pace in zip(weights, paces, strict=True)) / sum(weights)
            errors = (min((pace - middle) ** 2, _OUTLIER) for pace in paces)
            error = sum(weight * each for weight, each in zip(weights, errors, strict=True))
            error += _PRIOR * ((around_place - _USUAL[0]) ** 2 + (held_place - _USUAL[1]) ** 2)
            if error < least:
                best, least = shape, error
    return best
