"""What links between notes need from the outside; as `ports`, for these alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desktop_app.domain.wiki_links import Backlink, NoteName


class NoteLinkStore(Protocol):
    """Links between notes (storage/note_links.py). Notes in the trash neither link nor are linked to."""

    def resolve(self, targets: Sequence[str], folder: str) -> dict[str, int]:
        """The note that each target means in a note of `folder`; those that mean none are left out."""
        ...

    def targets_of(self, note_id: int) -> list[str]:
        """What the note's links are to, each once."""
        ...

    def links_to(self, note_id: int) -> list[Backlink]:
        """Links of other notes, and of the note itself, that mean this one; by note, the last edited first."""
        ...

    def links_to_nothing(self, name: str) -> list[Backlink]:
        """Links that say this name and mean no note."""
        ...

    def names(self, text: str, limit: int) -> list[NoteName]:
        """Names that contain the words of `text`: those that begin with it first, then the last edited."""
        ...
