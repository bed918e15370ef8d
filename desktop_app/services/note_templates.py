"""Notes that begin from others: templates, and one note for each day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from desktop_app.domain.date_formats import DATE, formatted
from desktop_app.domain.folders import clean_folder
from desktop_app.domain.note_templates import filled, without_cursor
from desktop_app.domain.notes import Note, NoteFilter, NoteSort, NoteSummary
from desktop_app.domain.snippets import title_of
from desktop_app.services.notes import NoteService

TEMPLATES = "Templates"
"""The folder whose notes are templates."""

DAILY = "Daily"
"""The title of the template that the daily notes begin with, and their folder where none is chosen."""


_DAYS_LOOKED_AT = 20 * 366


def is_template(note: NoteSummary) -> bool:
    """Whether it lies in the folder of templates, or below it."""
    return f"{note.folder}/".startswith(f"{TEMPLATES}/")


def _local_now() -> datetime:
    return datetime.now().astimezone()


class NoteTemplates:
    """Methods raise NotFoundError for a template that is gone, and StoreError and its kin."""

    def __init__(
        self,
        notes: NoteService,
        now: Callable[[], datetime] = _local_now,
        *,
        folder: Callable[[], str] = lambda: DAILY,
        title_format: Callable[[], str] = lambda: DATE,
    ) -> None:
        """`now` says the time in the person's own zone; `folder` and `title_format` are those of daily notes; a
        format with slashes makes folders.
        """
        self._notes = notes
        self._now = now
        self._folder = folder
        self._title_format = title_format
        self._lock = threading.Lock()

    def templates(self, text: str = "", limit: int | None = None) -> list[NoteSummary]:
        """Notes of the templates' folder whose title contains `text`, by title."""
        return self._notes.list_notes(NoteFilter(folder=TEMPLATES, text=text, sort=NoteSort.TITLE), limit=limit)

    def create(self, text: str) -> Note:
        """A new template of that text, as it is: nothing in it is filled in."""
        return self._notes.create(TEMPLATES, text)

    def text_of(self, template_id: int, title: str) -> str:
        """A template's text, filled in for a note of that title."""
        return filled(self._notes.get(template_id).text, title, self._now())

    def daily(self) -> Note:
        """Today's note, made at the first call of the day: from the template of that name, else empty.

        Its title is the day, which finds it again: a heading would not do, since what is written can change it.
        """
        now = self._now()
        path = formatted(now, self._title_format().strip() or DATE).strip("/ ")
        below, _, day = path.rpartition("/")
        folder = clean_folder("/".join(part for part in (self._folder(), below) if part))
        with self._lock:  # two presses of the key make one note
            there = self._titled(folder, day)
            if there is not None:
                return self._notes.get(there.id)
            template = self._titled(TEMPLATES, DAILY)
            text = filled(self._notes.get(template.id).text, day, now) if template else ""
            note = self._notes.create(folder, without_cursor(text)[0])
            return note if title_of(note.text) == day else self._notes.save(note.id, note.text, day)

    def daily_beside(self, note_id: int | None, *, later: bool) -> NoteSummary | None:
        """The daily note of the next day before or after that has one, seen from the day of `note_id`, or from today
        where that is no daily note. None where there is none within `_DAYS_LOOKED_AT`.

        Days are written in the person's format, and not read from it: a format may say a day in any way.
        """
        pattern, now = self._title_format().strip() or DATE, self._now()
        rows = self._notes.list_notes(NoteFilter(folder=clean_folder(self._folder()) or None, sort=NoteSort.CREATED))
        top = clean_folder(self._folder())
        by_path = {_path(row.folder.removeprefix(top), row.title): row for row in rows}
        days = (now + timedelta(days=away) for away in range(-_DAYS_LOOKED_AT, _DAYS_LOOKED_AT + 1))
        known = [(day, row) for day in days if (row := by_path.get(_path("", formatted(day, pattern)))) is not None]
        here = next((day for day, row in known if row.id == note_id), now)
        if later:
            return next((row for day, row in known if day > here), None)
        return next((row for day, row in reversed(known) if day < here), None)

    def _titled(self, folder: str, title: str) -> NoteSummary | None:
        rows = self._notes.list_notes(NoteFilter(folder=folder, text=title, sort=NoteSort.CREATED))
        fitting = [row for row in rows if row.title.casefold() == title.casefold()]
        return fitting[-1] if fitting else None


def _path(folder: str, title: str) -> str:
    return f"{folder}/{title}".strip("/ ").casefold()
