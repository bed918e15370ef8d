"""Pairs of notes that are nearly the same: found by their vectors, judged by their texts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.near_duplicates import (
    LEAST_ALIKE,
    DuplicatePair,
    FoundPairs,
    Side,
    differences,
    likeness,
    preview_of,
)
from desktop_app.domain.notes import Note
from desktop_app.services.near_passages import near_notes
from desktop_app.services.note_vectors import to_unit_length
from desktop_app.services.ports import NoteStore, PassageStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST_SHARE = 0.5
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
    """Finds pairs, and remembers which the person wants to keep. Thread-safe."""

    def __init__(
        self, notes: NoteStore, passages: PassageStore, fingerprint: Callable[[], str | None], kept: KeptPairs
    ) -> None:
        self._notes = notes
        self._passages = passages
        self._fingerprint = fingerprint
        self._kept = kept
        self._lock = threading.Lock()

    def find(self, cancel: CancelToken, progress: Progress) -> FoundPairs | None:
        """The pairs that are not kept, the most alike first; None where no note is indexed, so that nothing can be
        compared. `progress` gets the share done.

        Raises CancelledError, StoreError.
        """
        fingerprint = self._fingerprint()
        if fingerprint is None:
            return None
        kept = self._kept_keys()
        candidates = self._candidates(fingerprint, cancel, lambda share: progress(share * 0.8))
        open_pairs = [pair for pair in candidates if pair not in kept]
        due = open_pairs[:_MOST_COMPARED]
        found: list[tuple[float, tuple[int, int]]] = []
        for number, pair in enumerate(due):
            cancel.raise_if_cancelled()
            alike = self._likeness(pair)
            if alike >= LEAST_ALIKE:
                found.append((alike, pair))
            progress(0.8 + 0.2 * (number + 1) / len(due))
        listed = sorted(found, key=lambda each: (-each[0], each[1]))[:_MOST_LISTED]
        pairs = (self._pair(pair, alike) for alike, pair in listed)
        return FoundPairs(
            tuple(pair for pair in pairs if pair is not None), len(found) > _MOST_LISTED or len(open_pairs) > len(due)
        )

    def keep(self, key: tuple[int, int]) -> None:
        """Not to be listed any more."""
        with self._lock:
            self._kept.set(_KEPT, [list(each) for each in sorted({*self._kept_keys(), key})])

    def forget(self, key: tuple[int, int]) -> None:
        """To be listed again."""
        with self._lock:
            self._kept.set(_KEPT, [list(each) for each in sorted(self._kept_keys() - {key})])

    def _kept_keys(self) -> set[tuple[int, int]]:
        stored = self._kept.get(_KEPT, [])
        pairs = stored if isinstance(stored, list) else []
        return {(each[0], each[1]) for each in pairs if isinstance(each, list) and len(each) == 2}

    def _candidates(self, fingerprint: str, cancel: CancelToken, progress: Progress) -> list[tuple[int, int]]:
        """Pairs of notes of which the smaller has at least half of its passages nearly so in the other."""
        note_ids, rows = _unit_rows(self._passages.vectors(fingerprint), cancel)
        return [each.notes for each in near_notes(note_ids, rows, cancel, progress) if each.share >= _LEAST_SHARE]

    def _likeness(self, pair: tuple[int, int]) -> float:
        notes = self._both(pair)
        return likeness(notes[0].text, notes[1].text) if notes is not None else 0.0

    def _pair(self, pair: tuple[int, int], alike: float) -> DuplicatePair | None:
        """None where one of them went meanwhile."""
        notes = self._both(pair)
        if notes is None:
            return None
        first, second = notes
        return DuplicatePair(_side(first), _side(second), alike, differences(first.text, second.text))

    def _both(self, pair: tuple[int, int]) -> tuple[Note, Note] | None:
        notes = [note for note in self._notes.get_many(list(pair)) if note.trashed_at is None]
        return (notes[0], notes[1]) if len(notes) == 2 else None


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
    return np.asarray(note_ids, np.int64), to_unit_length(rows)
