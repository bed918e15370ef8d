"""Unsent text on its way to the store: debounced, in order, flushed at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.save_state import while_typing
from desktop_app.presenters.tasks import TaskRunner

DEBOUNCE_MS = 500


class DraftKeeper(QObject):
    """Saves the composer's text half a second after the last key."""

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        failed: Callable[[InkwellError], None],
        created: Callable[[ChatSlot], None],
        parent: QObject | None = None,
    ) -> None:
        """`created(slot)` is called when keeping a draft gave a new chat its row."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._failed = failed
        self._created = created
        self._pending: tuple[ChatSlot, str] | None = None
        self._saved: dict[ChatSlot, str] = {}
        self._unsaved: dict[ChatSlot, str] = {}  # of chats that were left, and could not be saved
        self._order = threading.Lock()
        self._asked = 0
        self._newest: dict[ChatSlot, int] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.flush)

    def keep(self, slot: ChatSlot, text: str) -> None:
        """Remember `text` as the draft of `slot`, to be saved soon. Blanks alone are no draft."""
        text = text if text.strip() else ""
        if self._pending is not None and not _is_same(self._pending[0], slot):
            self.flush()
        self._drop_unsaved(slot)
        if text == self._saved.get(slot, ""):
            self._pending = None
            self._timer.stop()
            return
        self._pending = (slot, text)
        self._timer.start()

    def loaded(self, slot: ChatSlot, text: str) -> None:
        """`text` is what the store has."""
        self._saved = {slot: text}

    def sent(self, slot: ChatSlot) -> None:
        """The draft became a message, and the store has emptied it."""
        self._drop_unsaved(slot)
        if self._pending is not None and self._pending[0] is slot:
            self._pending = None
            self._timer.stop()
        if self._saved.get(slot, ""):
            self._pending = (slot, "")
            self.flush()

    def take_unsaved(self, conversation_id: int) -> str:
        """The draft of a chat that was left and could not be saved, to be shown and kept again; "" where there is
        none.
        """
        if self._pending is not None and self._pending[0].id == conversation_id and self._pending[1]:
            (_slot, text), self._pending = self._pending, None
            self._timer.stop()
            return text
        slot = next((slot for slot in self._unsaved if slot.id == conversation_id), None)
        return self._unsaved.pop(slot) if slot is not None else ""

    def _drop_unsaved(self, slot: ChatSlot) -> None:
        """There is a newer one."""
        self._unsaved = {each: text for each, text in self._unsaved.items() if not _is_same(each, slot)}

    def flush(self) -> None:
        """Save now what waits to be saved."""
        self._timer.stop()
        if self._pending is None:
            return
        slot, text = self._pending
        self._pending = None
        before = self._saved.get(slot, "")
        self._saved[slot] = text
        if slot.id is not None or text.strip():
            self._save(slot, text, before)

    def _save(self, slot: ChatSlot, text: str, before: str) -> None:
        is_new = slot.id is None
        save = self._saver(slot, text)
        number = self._newest[slot]

        def work(_cancel: CancelToken) -> None:
            save()

        def done(_result: None) -> None:
            if self._newest.get(slot) == number:
                del self._newest[slot]
            if is_new:
                self._created(slot)
            if self._unsaved:  # there is room again
                left = next(iter(self._unsaved))
                self._save(left, self._unsaved.pop(left), "")

        def failed(error: InkwellError) -> None:
            if self._pending is None and self._saved.get(slot) == text:
                # Nothing newer is on its way: it waits for the next key, or for the window to close.
                self._saved[slot] = before
                self._pending = (slot, text)
            elif self._newest.get(slot) == number and not (self._pending and _is_same(self._pending[0], slot)):
                self._unsaved[slot] = text
            self._failed(while_typing(error))

        self._tasks.run(work, done=done, failed=failed)

    def save_now(self) -> None:
        """Save what waits before this returns (the window closes). Raises StoreError."""
        self._timer.stop()
        if self._pending is not None:
            slot, text = self._pending
            if slot.id is not None or text.strip():
                self._saver(slot, text)()
            self._pending = None
            self._saved[slot] = text
        for left, unsaved in list(self._unsaved.items()):
            self._saver(left, unsaved)()
            del self._unsaved[left]

    def _saver(self, slot: ChatSlot, text: str) -> Callable[[], None]:
        """Saves `text` unless a newer draft of that chat is on its way: threads may overtake each other."""
        self._asked += 1
        number = self._newest[slot] = self._asked

        def save() -> None:
            with self._order:
                if self._newest.get(slot) == number:
                    self._service.save_draft(slot.ensure(self._service), text)

        return save


def _is_same(one: ChatSlot, other: ChatSlot) -> bool:
    """Whether both stand for the same chat, which may have been opened twice."""
    return one is other or (one.id is not None and one.id == other.id)
