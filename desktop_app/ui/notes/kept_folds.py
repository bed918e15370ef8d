"""Which lines of which notes are folded, for coming back to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: The notes that were left last are remembered.
_MOST_NOTES = 100


class KeptFolds:
    """Numbers of lines by note. A note that was changed elsewhere meanwhile may have others folded."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[int, ...]] = {}

    def remember(self, note_id: int, lines: Sequence[int]) -> None:
        """These lines of a note are folded; it is left now, or its state is saved."""
        self._lines.pop(note_id, None)
        if lines:
            self._lines[note_id] = tuple(lines)
        for old in list(self._lines)[:-_MOST_NOTES]:
            del self._lines[old]

    def lines_of(self, note_id: int) -> tuple[int, ...]:
        """What was folded when the note was left."""
        return self._lines.get(note_id, ())

    def save_state(self) -> list[Any]:
        """For the next start: pairs of a note's id and its lines."""
        return [[note_id, list(lines)] for note_id, lines in self._lines.items()]

    def restore_state(self, state: object) -> None:
        """Take up where `save_state` left; what is no such pair is passed over."""
        for pair in state if isinstance(state, list) else []:
            match pair:
                case [int(note_id), [*lines]] if all(isinstance(line, int) for line in lines):
                    self.remember(note_id, lines)
