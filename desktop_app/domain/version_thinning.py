"""Which earlier texts of a note are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

ALWAYS_KEPT = 10
MOST_CHARACTERS = 20_000_000
SAME_EDIT = timedelta(minutes=1)


class VersionStamp(msgspec.Struct, frozen=True):
    """A version without its text; `size` in characters."""

    id: int
    kept_at: datetime
    size: int


def is_due(last_kept: datetime | None, now: datetime) -> bool:
    """Whether the text about to be replaced becomes a version: at most one a minute. A clock set back counts as due."""
    return last_kept is None or not timedelta(0) <= now - last_kept < SAME_EDIT


def versions_to_drop(versions: Sequence[VersionStamp], now: datetime) -> list[int]:
    """Ids to delete. Kept: the last ten whatever their age, all of a day, one an hour of 30 days, one a day before
    that.

    Beyond the last ten, at most 20 million characters a note are kept, newest first.
    """
    dropped: list[int] = []
    seen: set[tuple[str, int]] = set()
    characters = 0
    for place, version in enumerate(sorted(versions, key=lambda one: one.id, reverse=True)):
        characters += version.size
        if place < ALWAYS_KEPT:
            continue
        slot = _slot(version.kept_at, now)
        if characters > MOST_CHARACTERS or (slot is not None and slot in seen):
            dropped.append(version.id)
        elif slot is not None:
            seen.add(slot)
    return dropped


def _slot(kept_at: datetime, now: datetime) -> tuple[str, int] | None:
    age = now - kept_at
    if age < timedelta(days=1):
        return None
    seconds = int(kept_at.timestamp())
    return ("hour", seconds // 3600) if age < timedelta(days=30) else ("day", seconds // 86400)
