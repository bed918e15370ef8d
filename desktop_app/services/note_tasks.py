"""Open tasks over all notes, and ticking them where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.notes import Note, NoteFilter
from desktop_app.domain.open_tasks import OpenTask, open_tasks_in, task_now
from desktop_app.domain.snippets import own_title, title_of
from desktop_app.domain.task_lists import TaskItem
from desktop_app.services.note_templates import TEMPLATES
from desktop_app.services.notes import NoteService

MOST_TASKS = 5_000


class TaskNotesStore(Protocol):
    """Notes by what they have to do (storage/note_tasks.py)."""

    def texts_with_boxes(self, filter: NoteFilter) -> Iterator[tuple[int, str, str, str]]:
        """(id, title, folder, text) of the notes that the filter lets through and that may have an open task, the
        newest first.
        """
        ...


class NoteTasks:
    """Methods raise NotFoundError for what is not there any more, and StoreError and its kin."""

    def __init__(self, notes: NoteService, store: TaskNotesStore) -> None:
        self._notes = notes
        self._store = store

    def open_tasks(self, filter: NoteFilter, cancel: CancelToken) -> list[OpenTask]:
        """Those of the notes that the filter lets through, by note, the newest first; at most MOST_TASKS.
        Templates have none: what stands there is to be done in the notes made of them. Raises CancelledError where that
        is wanted.
        """
        found: list[OpenTask] = []
        for note_id, title, folder, text in self._store.texts_with_boxes(filter):
            cancel.raise_if_cancelled()
            if not f"{folder}/".startswith(f"{TEMPLATES}/"):
                found += open_tasks_in(note_id, title, folder, text, MOST_TASKS - len(found))
            if len(found) >= MOST_TASKS:
                break
        return found

    def tick(self, task: OpenTask) -> None:
        """Write that a task is done. Raises NotFoundError where its words do not stand in the note any more."""
        with self._notes.together():
            note = self._notes.get(task.note_id)
            item = task_now(note.text, task)
            if item is None or note.trashed_at is not None:
                raise NotFoundError("The task is not there any more.", "The note was changed meanwhile.", "")
            self._write(note, item, "x")
        self._notes.tell([task.note_id])

    def open_again(self, task: OpenTask) -> None:
        """Take a tick back; nothing where the task is not there any more."""
        with self._notes.together():
            note = self._notes.get(task.note_id)
            item = task_now(note.text, task, done=True)
            if item is not None:
                self._write(note, item, " ")
        self._notes.tell([task.note_id])

    def _write(self, note: Note, item: TaskItem, sign: str) -> None:
        text = f"{note.text[: item.sign]}{sign}{note.text[item.sign + 1 :]}"
        title = own_title(note.title, note.text) or title_of(text)
        self._notes.rewrite(note.id, title, text, edited_at=datetime.now(UTC), keep_version=False)
