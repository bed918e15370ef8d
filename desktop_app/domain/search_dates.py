"""Dates as a person types them into a search: 2026-11-03, 2026-11, 2026, and words such as "last week"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class Period(Enum):
    """A stretch of days around today. A week begins on Monday (ISO 8601)."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this week"
    LAST_WEEK = "last week"
    THIS_MONTH = "this month"
    LAST_MONTH = "last month"
    THIS_YEAR = "this year"
    LAST_YEAR = "last year"


ENGLISH_DAYS: Mapping[str, Period] = {
    spelled: period for period in Period for spelled in (period.value, period.value.replace(" ", "-"))
}
"""The words of the periods. Other languages' stand beside these, never in their place."""


def first_day(typed: str, today: date, words: Mapping[str, Period] = ENGLISH_DAYS) -> date | None:
    """The first day of the day, month, year or period that was typed; None for what is no date."""
    period = words.get(" ".join(typed.lower().split()))
    if period is not None:
        return _begin(period, today)
    iso = _ISO.fullmatch(typed)
    if iso is None:
        return None
    try:
        return date(int(iso[1]), int(iso[2] or 1), int(iso[3] or 1))
    except ValueError:
        return None


def start_of(day: date) -> datetime:
    """The moment the day begins here, on this computer's clock."""
    midnight = datetime.combine(day, time.min)
    try:
        return midnight.astimezone()
    except (OverflowError, OSError, ValueError):  # years that the system's clock does not know
        return midnight.replace(tzinfo=UTC)


def _begin(period: Period, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    match period:
        case Period.TODAY:
            return today
        case Period.YESTERDAY:
            return today - timedelta(days=1)
        case Period.THIS_WEEK:
            return monday
        case Period.LAST_WEEK:
            return monday - timedelta(days=7)
        case Period.THIS_MONTH:
            return month
        case Period.LAST_MONTH:
            return (month - timedelta(days=1)).replace(day=1)
        case Period.THIS_YEAR:
            return today.replace(month=1, day=1)
        case Period.LAST_YEAR:
            return today.replace(year=today.year - 1, month=1, day=1)
