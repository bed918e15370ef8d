"""Texts of free writing on their way to the store: one save at a time, let go of only after the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.editor_text import decode
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases, WritingUseCases
from desktop_app.presenters.tasks import TaskRunner

T = TypeVar("T")

RETRY_MS = 10_000
"""A save that failed (disk full, database locked) is tried again by itself after this many milliseconds."""


class WrittenText(msgspec.Struct, frozen=True):
    """A text not yet committed, as the editor shows it; `pending` is its end that nobody has taken over."""

    ticket: int
    display: str
    line_end: str
    pending: str


class _Page(msgspec.Struct):
    """One page with texts under way. It is held while the model writes into it: the store is behind the screen then."""

    slot: ChatSlot
    newest: WrittenText | None = None
    committed: int = 0
    running: bool = False
    held: bool = False
    title: str = ""
    error: InkwellError | None = None

    @property
    def due(self) -> WrittenText | None:
        return self.newest if self.newest is not None and self.newest.ticket > self.committed else None


class WritingKeeper(QObject):
    """The one way of what a person writes into the store. A full disk costs nothing: the text stays here."""

    saved = Signal(object, str)  # ChatSlot, the page's title
    failed = Signal(object, object)  # ChatSlot, InkwellError

    def __init__(
        self, service: WritingUseCases, chats: ChatUseCases, tasks: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._chats = chats
        self._tasks = tasks
        self._pages: dict[ChatSlot, _Page] = {}
        self._lock = threading.RLock()
        self._tickets = 0
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.retry)

    # Asking (GUI thread) ------------------------------------------------------------------------

    def put(self, slot: ChatSlot, display: str, line_end: str, pending: str) -> None:
        """Save this text; a newer one replaces one that still waits."""
        page = self._page(slot)
        self._tickets += 1
        page.newest = WrittenText(self._tickets, display, line_end, pending)
        self._start(page)

    def hold(self, slot: ChatSlot) -> None:
        """Save nothing of this page by itself until `release`: the model writes into it."""
        self._page(slot).held = True

    def release(self, slot: ChatSlot) -> None:
        """The model has ended; what was written meanwhile is saved now."""
        page = self._page(slot)
        page.held = False
        self._start(page)

    def pending(self, slot: ChatSlot) -> WrittenText | None:
        """The text of a page that is not committed yet."""
        page = self._pages.get(slot)
        return page.due if page is not None else None

    def error(self, slot: ChatSlot) -> InkwellError | None:
        """Why the last save of a page failed; None where it did not."""
        page = self._pages.get(slot)
        return page.error if page is not None else None

    def title(self, slot: ChatSlot) -> str:
        """The title that the page had when it was saved last; empty where it was not saved."""
        page = self._pages.get(slot)
        return page.title if page is not None else ""

    def known_slot(self, conversation_id: int) -> ChatSlot | None:
        """The slot of a page with text that is not committed yet."""
        return next((slot for slot, page in self._pages.items() if slot.id == conversation_id and page.due), None)

    def forget(self, conversation_id: int) -> None:
        """The page is gone for good: drop its text."""
        for slot in [slot for slot in self._pages if slot.id == conversation_id]:
            del self._pages[slot]

    def retry(self) -> None:
        """Try again what failed."""
        self._retry.stop()
        for page in list(self._pages.values()):
            self._start(page)

    def flush(self) -> list[InkwellError]:
        """Commit everything before returning (program exit); what could not be saved is returned as errors."""
        errors = []
        for page in list(self._pages.values()):
            try:
                self._commit(page)
            except InkwellError as error:
                page.error = error
                errors.append(error)
        return errors

    def close(self) -> None:
        """Try nothing again by itself."""
        self._retry.stop()

    # In any thread ------------------------------------------------------------------------------

    def settle(self, slot: ChatSlot) -> None:
        """Commit what is pending of a page before going on. Raises StoreError."""
        page = self._pages.get(slot)
        if page is not None:
            self._commit(page)

    def settle_and(self, slot: ChatSlot, act: Callable[[], T]) -> T:
        """Commit what is pending of a page, then `act` before anything more of it is committed. Raises StoreError."""
        with self._lock:
            self.settle(slot)
            return act()

    def drop(self, slot: ChatSlot) -> None:
        """The page is over: commit nothing more of it."""
        with self._lock:
            page = self._pages.pop(slot, None)
            if page is not None:
                page.newest = None

    # Inside -------------------------------------------------------------------------------------

    def _page(self, slot: ChatSlot) -> _Page:
        return self._pages.setdefault(slot, _Page(slot))

    def _start(self, page: _Page) -> None:
        if page.running or page.held or page.due is None or self._tasks.closed:
            return
        page.running = True

        def work(_cancel: CancelToken) -> str | None:
            return None if page.held else self._commit(page)

        def done(title: str | None) -> None:
            page.running = False
            if title is not None:
                page.error = None
                self.saved.emit(page.slot, title)
            self._start(page)

        def failed(error: InkwellError) -> None:
            page.running = False
            page.error = error
            self._retry.start()
            self.failed.emit(page.slot, error)

        self._tasks.run(work, done=done, failed=failed)

    def _commit(self, page: _Page) -> str | None:
        """Commit the newest text of a page; its title, None where there was nothing to do."""
        with self._lock:
            due = page.due
            if due is None:
                return None
            text = decode(due.display, due.line_end)
            if page.slot.id is None and not text.strip():
                page.committed = due.ticket
                return None
            taken_over = len(text) - len(decode(due.pending, due.line_end))
            page.title = self._service.save(page.slot.ensure(self._chats), text, taken_over)
            page.committed = due.ticket
            return page.title
