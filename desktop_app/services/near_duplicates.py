"""Pairs of notes that are nearly the same: found by their vectors, judged by their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.near_duplicates import (
    LEAST_ALIKE,
    DuplicatePair,
    Side,
    differences,
    likeness,
    preview_of,
)
from desktop_app.domain.notes import Note
from desktop_app.services.ports import NoteStore, PassageStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_COSINE = 0.9
"""Of passages that may be nearly the same; their texts decide."""

_BLOCK = 2_000
_MOST_COMPARED = 2_000
_MOST_LISTED = 100
_KEPT = "search.kept_duplicates"

Progress = Callable[[float], None]


class KeptPairs(Protocol):
    """Small values that outlive the program (storage/ui_state.py)."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value, `default` where none was set."""
        ...

    def set(self, key: str, value: Any) -> None:
        """Remember a JSON value."""
        ...


class NearDuplicates:
    """Finds pairs, and remembers which the person wants to keep. Thread-safe but for two keepings at once."""

    def __init__(
        self, notes: NoteStore, passages: PassageStore, fingerprint: Callable[[], str | None], kept: KeptPairs
    ) -> None:
        self._notes = notes
        self._passages = passages
        self._fingerprint = fingerprint
        self._kept = kept

    def find(self, cancel: CancelToken, progress: Progress) -> list[DuplicatePair]:
        """The pairs that are not kept, the most alike first. `progress` gets the share done.

        Raises CancelledError, StoreError.
        """
        fingerprint = self._fingerprint()
        if fingerprint is None:
            return []
        kept = self._kept_keys()
        candidates = self._candidates(fingerprint, cancel, lambda share: progress(share * 0.8))
        due = [pair for pair in candidates if pair not in kept][:_MOST_COMPARED]
        found: list[DuplicatePair] = []
        for number, (one, other) in enumerate(due):
            cancel.raise_if_cancelled()
            pair = self._compared(one, other)
            if pair is not None:
                found.append(pair)
            progress(0.8 + 0.2 * (number + 1) / len(due))
        return sorted(found, key=lambda pair: (-pair.alike, pair.key))[:_MOST_LISTED]

    def keep(self, key: tuple[int, int]) -> None:
        """Not to be listed any more."""
        self._kept.set(_KEPT, [list(each) for each in sorted({*self._kept_keys(), key})])

    def forget(self, key: tuple[int, int]) -> None:
        """To be listed again."""
        self._kept.set(_KEPT, [list(each) for each in sorted(self._kept_keys() - {key})])

    def _kept_keys(self) -> set[tuple[int, int]]:
        stored = self._kept.get(_KEPT, [])
        pairs = stored if isinstance(stored, list) else []
        return {(each[0], each[1]) for each in pairs if isinstance(each, list) and len(each) == 2}

    def _candidates(self, fingerprint: str, cancel: CancelToken, progress: Progress) -> list[tuple[int, int]]:
        """Pairs of notes of which the smaller has at least half of its passages nearly so in the other."""
        note_ids, rows = _unit_rows(self._passages.vectors(fingerprint), cancel)
        near = _near_passages(note_ids, rows, cancel, progress)
        sizes = Counter(note_ids.tolist())
        return [
            pair
            for pair, matched in sorted(near.items(), key=lambda item: (-item[1], item[0]))
            if 2 * matched >= min(sizes[pair[0]], sizes[pair[1]])
        ]

    def _compared(self, one: int, other: int) -> DuplicatePair | None:
        notes = [note for note in self._notes.get_many([one, other]) if note.trashed_at is None]
        if len(notes) < 2:
            return None
        first, second = notes
        alike = likeness(first.text, second.text)
        if alike < LEAST_ALIKE:
            return None
        return DuplicatePair(_side(first), _side(second), alike, differences(first.text, second.text))


def _side(note: Note) -> Side:
    return Side(note.id, note.title, note.folder, note.edited_at, preview_of(note.text))


def _unit_rows(
    vectors: Iterable[tuple[int, int, bytes]], cancel: CancelToken
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(note of each row, rows of unit length)."""
    import numpy as np

    note_ids: list[int] = []
    data = bytearray()
    size = 0
    for number, (_chunk, note_id, vector) in enumerate(vectors):
        if number % 1_000 == 0:
            cancel.raise_if_cancelled()
        size = size or len(vector)
        if len(vector) == size:
            note_ids.append(note_id)
            data += vector
    rows = np.frombuffer(data, "<f4").reshape(len(note_ids), -1) if note_ids else np.zeros((0, 1), np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(note_ids, np.int64), (rows / np.maximum(lengths, 1e-9)).astype(np.float32)


def _near_passages(
    note_ids: NDArray[np.int64], rows: NDArray[np.float32], cancel: CancelToken, progress: Progress
) -> Counter[tuple[int, int]]:
    """How many passages of the one note have a near one in the other, by pair of notes, smaller id first.

    Products of blocks, the upper half only: memory does not grow with the square of the passages.
    """
    import numpy as np

    matched: dict[tuple[int, int], set[int]] = {}
    starts = range(0, len(rows), _BLOCK)
    done, total = 0, max(1, len(starts) * (len(starts) + 1) // 2)
    for first in starts:
        for second in range(first, len(rows), _BLOCK):
            cancel.raise_if_cancelled()
            cosines = rows[first : first + _BLOCK] @ rows[second : second + _BLOCK].T
            for left, right in np.argwhere(cosines >= LEAST_COSINE).tolist():
                one, other = int(note_ids[first + left]), int(note_ids[second + right])
                if one < other:
                    matched.setdefault((one, other), set()).add(first + left)
                elif other < one:
                    matched.setdefault((other, one), set()).add(second + right)
            done += 1
            progress(done / total)
    return Counter({pair: len(passages) for pair, passages in matched.items()})
