"""Moments in words: "today 14:05", "3 days ago", "12 March"."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale

_WEEK = 7


def day_in_words(moment: datetime, now: datetime) -> str:
    """The day of `moment` seen from `now`, short: "today", "yesterday", "3 days ago", "12 March", "12 March 2023"."""
    moment, now = _local(moment), _local(now)
    days = (now.date() - moment.date()).days
    if days <= 0:
        return _tr("today")
    if days == 1:
        return _tr("yesterday")
    if days < _WEEK:
        return _tr("{n} days ago").replace("{n}", str(days))
    date = QDate(moment.year, moment.month, moment.day)
    return QLocale().toString(date, "d MMMM" if moment.year == now.year else "d MMMM yyyy")


def when_in_words(moment: datetime, now: datetime) -> str:
    """Day and time of `moment`: "Today 14:05", "12 March 09:30"."""
    words = f"{day_in_words(moment, now)} {_local(moment):%H:%M}"
    return words[0].upper() + words[1:]


def _local(moment: datetime) -> datetime:
    return moment.astimezone() if moment.tzinfo is not None else moment


def _tr(text: str) -> str:
    return QCoreApplication.translate("Dates", text)
