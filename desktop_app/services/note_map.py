"""The map of all notes: made of their vectors, and kept until these change."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.note_map import LEAST_NOTES, NoteMap, region_names, words_for_names
from desktop_app.domain.notes import Note, NoteFilter
from desktop_app.services import map_layout
from desktop_app.services.note_vectors import NoteMeans, NoteVectors
from desktop_app.services.ports import NoteStore
from desktop_app.services.private_file import replace_private_file

_FORM = 4
_LONGEST_TITLE = 28
_PAGE = 200
_READ_CHARACTERS = 3_000

Progress = Callable[[float], None]


class NoteMaps:
    """Makes the map, or reads it from the cache. Thread-safe.

    Args:
        file: in the cache folder; None keeps nothing. It can be deleted at any time.
    """

    def __init__(self, notes: NoteStore, vectors: NoteVectors, file: Path | None = None) -> None:
        self._notes = notes
        self._vectors = vectors
        self._file = file

    def make(self, cancel: CancelToken, progress: Progress) -> NoteMap | None:
        """The map of all notes that have vectors; None where they are too few. `progress` gets the share done.

        Raises CancelledError, StoreError.
        """
        means = self._vectors.means(cancel)
        if means is None or len(means.note_ids) < LEAST_NOTES:
            return None
        titles = {note.id: note.title for note in self._notes.list_notes(NoteFilter())}
        key = _key(means)
        kept = self._read(key, len(means.note_ids))
        if kept is None:
            kept = self._make(means, cancel, progress)
            self._write({"key": key, **kept})
        ids = means.note_ids.tolist()
        shown = [place for place, note_id in enumerate(ids) if note_id in titles]

        def of_shown(values: list[Any]) -> tuple[Any, ...]:
            return tuple(values[place] for place in shown)

        return NoteMap(
            of_shown(ids),
            tuple(titles[ids[place]] for place in shown),
            of_shown(kept["x"]),
            of_shown(kept["y"]),
            of_shown(kept["regions"]),
            tuple(kept["names"]),
        )

    def _make(self, means: NoteMeans, cancel: CancelToken, progress: Progress) -> dict[str, Any]:
        places = map_layout.layout(means.rows, cancel, lambda share: progress(share * 0.9))
        regions = map_layout.regions(places).tolist()
        ids = means.note_ids.tolist()
        words: dict[int, dict[str, int]] = {}
        titles: dict[int, str] = {}
        for number, note in enumerate(self._read_notes(ids, cancel)):
            words[note.id] = words_for_names(note.title, note.text[:_READ_CHARACTERS])
            titles[note.id] = note.title
            if number % _PAGE == 0:
                progress(0.9 + 0.1 * number / len(ids))
        named = region_names([words.get(note_id, {}) for note_id in ids], regions, max(regions) + 1)
        middle = map_layout.middles(places, regions)
        names = [name or _short(titles.get(ids[middle[region]], "")) for region, name in enumerate(named)]
        x, y = (places[:, axis].round(4).tolist() for axis in range(2))
        return {"x": x, "y": y, "regions": regions, "names": names}

    def _read_notes(self, ids: list[int], cancel: CancelToken) -> Iterator[Note]:
        for start in range(0, len(ids), _PAGE):
            cancel.raise_if_cancelled()
            yield from self._notes.get_many(ids[start : start + _PAGE])

    # The cache ----------------------------------------------------------------------------------

    def _read(self, key: str, count: int) -> dict[str, Any] | None:
        if self._file is None:
            return None
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return kept if isinstance(kept, dict) and kept.get("key") == key and _is_whole(kept, count) else None

    def _write(self, kept: dict[str, Any]) -> None:
        if self._file is None:
            return
        # Only a saving of time: where it cannot be written, the map is made again next time.
        with contextlib.suppress(OSError):
            replace_private_file(self._file, json.dumps(kept))


def _key(means: NoteMeans) -> str:
    """What the map was made of: the vectors themselves, since counters of two databases may agree by chance."""
    digest = hashlib.sha256(f"{_FORM} {means.fingerprint}".encode())
    digest.update(means.note_ids.tobytes())
    digest.update(means.rows.tobytes())
    return digest.hexdigest()


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


def _is_whole(kept: dict[str, Any], count: int) -> bool:
    x, y, regions, names = (kept.get(name) for name in ("x", "y", "regions", "names"))
    if not all(isinstance(each, list) for each in (x, y, regions, names)):
        return False
    numbers = all(isinstance(value, int | float) for value in (*x, *y))  # type: ignore[misc]
    in_range = all(isinstance(value, int) and 0 <= value < len(names) for value in regions)  # type: ignore[arg-type,union-attr]
    texts = all(isinstance(value, str) for value in names)  # type: ignore[union-attr]
    return numbers and in_range and texts and len(x) == len(y) == len(regions) == count  # type: ignore[arg-type]
