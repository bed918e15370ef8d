"""Which backups are kept, after Anki's scheme: two days all, twelve days one a day, ten weeks one a week, nine months
one a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

ALL_KEPT = timedelta(days=2)
DAILY_KEPT = timedelta(days=12)
WEEKLY_KEPT = timedelta(weeks=10)
MONTHS_KEPT = 9

BEFORE_RESTORE = "before-restore"
"""Reason of the backup that every restore makes first. It holds what the person wanted to go back from."""


def backups_to_delete(made_at: Sequence[datetime], now: datetime) -> set[datetime]:
    """The times of the backups that are not needed any more; the newest one of each day, week and month stays.

    The newest backup of all is never deleted, nor is one that claims to come from the future.
    """
    deleted: set[datetime] = set()
    taken: set[tuple[str, int, int]] = set()
    for place, moment in enumerate(sorted(set(made_at), reverse=True)):
        age = now - moment
        if place == 0 or age < ALL_KEPT:
            continue
        slot = _slot(moment, age, now)
        if slot is None or slot in taken:
            deleted.add(moment)
        else:
            taken.add(slot)
    return deleted


def _slot(moment: datetime, age: timedelta, now: datetime) -> tuple[str, int, int] | None:
    if age < DAILY_KEPT:
        return ("day", moment.year, moment.timetuple().tm_yday)
    if age < WEEKLY_KEPT:
        year, week, _ = moment.isocalendar()
        return ("week", year, week)
    if (now.year - moment.year) * 12 + now.month - moment.month <= MONTHS_KEPT:
        return ("month", moment.year, moment.month)
    return None
