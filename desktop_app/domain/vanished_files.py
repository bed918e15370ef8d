"""Files of a linked folder that are gone at once: so many that a disk or a share is likely away.

Nothing is concluded from them until they are back or the person says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import msgspec

LEAST_KNOWN = 20
"""Of fewer files in all, half can be deleted by hand: they are found in the trash again."""
LEAST_IN_FOLDER = 5
"""A folder with fewer files that goes as a whole is no sign of a disk that is away."""


class HeldFiles(msgspec.Struct, frozen=True):
    """Files whose notes wait, because they are gone at once.

    Attributes:
        note_ids: the notes of the files that are gone.
        known: how many files had notes before.
    """

    note_ids: tuple[int, ...]
    known: int

    @property
    def gone(self) -> int:
        """How many files are gone."""
        return len(self.note_ids)


def vanished_folders(known: Collection[str], gone: Collection[str]) -> dict[str, int]:
    """The folders of `known` files of which all are `gone`, those in them too, with the number of their files.

    Paths are relative to the linked folder, which is none of them.
    """
    lost = Counter(folder for path in gone for folder in _folders_above(path))
    had = Counter(folder for path in known for folder in _folders_above(path) if folder in lost)
    return {folder: count for folder, count in lost.items() if count == had[folder]}


def are_suspicious(known: Collection[str], gone: Collection[str]) -> bool:
    """Whether the `gone` of the `known` files are more than a person deletes: over half of many, or a whole folder."""
    if len(known) >= LEAST_KNOWN and 2 * len(gone) > len(known):
        return True
    return max(vanished_folders(known, gone).values(), default=0) >= LEAST_IN_FOLDER


def go_slowly(known: Collection[str], gone: Collection[str]) -> bool:
    """Whether `gone`, counted over some minutes, are more than a person deletes one after the other: over half of many,
    or a whole folder of as many.
    """
    if len(known) < LEAST_KNOWN or not gone:
        return False
    return 2 * len(gone) > len(known) or max(vanished_folders(known, gone).values(), default=0) >= LEAST_KNOWN


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
