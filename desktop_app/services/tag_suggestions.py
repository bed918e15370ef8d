"""Which tags of the person's own a note might bear, by the tags of the notes nearest in meaning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.tag_suggestions import NEIGHBOURS, Neighbour, suggested_tags
from desktop_app.services.note_vectors import NoteMeans, NoteVectors
from desktop_app.services.ports import NoteStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TagSuggestions:
    """Suggests; never sets a tag. Thread-safe."""

    def __init__(self, notes: NoteStore, vectors: NoteVectors) -> None:
        self._notes = notes
        self._vectors = vectors

    def for_note(self, note_id: int, cancel: CancelToken) -> tuple[str, ...]:
        """Tags for a note, best first; none where no note has tags, this one has no vectors, or nothing is near.

        What only the notes that came with the program bear is no tag of the person's own. Raises CancelledError,
        StoreError.
        """
        tags = _of_the_person(self._notes.tags_by_note(), self._notes.welcome_ids())
        if not tags.keys() - {note_id}:
            return ()
        means = self._vectors.means(cancel, may_be_older=True)
        if means is None:
            return ()
        title = next((note.title for note in self._notes.get_many([note_id])), "")
        return tags_from_neighbours(means, note_id, tags, title)


def _of_the_person(tags: Mapping[int, tuple[str, ...]], welcome: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Of each note the tags that some other note than those of `welcome` bears too."""
    came_with = frozenset(welcome)
    own = {tag for note_id, each in tags.items() if note_id not in came_with for tag in each}
    kept = {note_id: tuple(tag for tag in each if tag in own) for note_id, each in tags.items()}
    return {note_id: each for note_id, each in kept.items() if each}


def tags_from_neighbours(
    means: NoteMeans, note_id: int, tags: Mapping[int, tuple[str, ...]], title: str = ""
) -> tuple[str, ...]:
    """The vote over the notes in `means`. The note itself has none, so its own tags may be left out of `tags`."""
    import numpy as np

    place = means.place(note_id)
    if place is None or len(means.note_ids) < 2:
        return ()
    cosines: NDArray[np.float32] = means.rows @ means.rows[place]
    others = np.delete(cosines, place)
    mean, deviation = float(others.mean()), max(float(others.std()), 1e-6)
    found: list[Neighbour] = []
    for other in np.argsort(-cosines, kind="stable"):
        other_id = int(means.note_ids[other])
        if other_id == note_id or other_id not in tags:
            continue
        similarity = float(cosines[other])
        found.append(Neighbour(similarity, (similarity - mean) / deviation, tags[other_id]))
        if len(found) == NEIGHBOURS:
            break
    return suggested_tags(found, tags.get(note_id, ()), title)
