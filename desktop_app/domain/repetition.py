"""Notices when a decoder goes round in circles."""

from __future__ import annotations

RUN_LENGTH = 20
RUN_TIMES = 3


class RepetitionWatch:
    """True once the last `run_length * times` tokens are the same `run_length` tokens, `times` times running.

    That holds exactly when each of the last `run_length * (times - 1)` tokens equals the one `run_length` before it, so
    one comparison and one counter per token are enough.
    """

    def __init__(self, run_length: int = RUN_LENGTH, times: int = RUN_TIMES) -> None:
        self._ring: list[int | None] = [None] * run_length
        self._length = run_length
        self._needed = run_length * (times - 1)
        self._position = 0
        self._equal = 0

    def add(self, token: int) -> bool:
        """Take the next token; true when the text began repeating itself."""
        position = self._position
        ring = self._ring
        if ring[position] == token:
            self._equal += 1
        else:
            self._equal = 0
            ring[position] = token
        self._position = position + 1 if position + 1 < self._length else 0
        return self._equal >= self._needed
