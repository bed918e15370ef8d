"""Finding a text in the open chat: every place on its whole path, and which one is shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import is_temporary
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSearching
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter

if TYPE_CHECKING:
    from desktop_app.domain.chat_search import FoundInMessage

_CHANNEL = "chat.find"
_TYPING_MS = 80
_CHANGED_MS = 400  # a message was added or changed


class Place(msgspec.Struct, frozen=True):
    """The `number`-th time (from 0) that the text stands in a message."""

    message_id: int
    number: int


class FindInChat(QObject):
    """`changed` follows each new count or place, `wanted` each place to be brought into view."""

    changed = Signal()
    wanted = Signal(object)  # Place
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        transcript: TranscriptPresenter,
        search: ChatSearching | None,
        tasks: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        """Without `search`, and in a temporary chat, the loaded messages are looked through."""
        super().__init__(parent)
        self._transcript = transcript
        self._search = search
        self._tasks = tasks
        self._text = ""
        self._found: list[FoundInMessage] = []
        self._found_for = ""
        self._before: list[int] = []
        self._place: Place | None = None
        self._start = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._search_now)
        transcript.reset.connect(self._chat_changed)
        for signal in (transcript.appended, transcript.replaced, transcript.truncated):
            signal.connect(self._message_changed)

    # What is found ------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is looked for; empty while nothing is."""
        return self._text

    @property
    def is_current(self) -> bool:
        """True once the places are those of `text`."""
        return self._found_for == self._text

    @property
    def total(self) -> int:
        """How many places there are."""
        return self._before[-1] if self._before else 0

    @property
    def place(self) -> Place | None:
        """The place that is shown."""
        return self._place

    @property
    def number(self) -> int:
        """Which of all places is shown, counted from 1; 0 while none is."""
        place = self._place
        if place is None:
            return 0
        at = self._index_of(place.message_id)
        return (self._before[at - 1] if at else 0) + place.number + 1

    # Asking -------------------------------------------------------------------------------------

    def look_for(self, text: str, start: int = 0) -> None:
        """Look for `text`; the first place shown is in the message `start` or behind it, else the last one before."""
        if text == self._text:
            return
        self._text = text
        self._start = self._place.message_id if self._place is not None else start
        self._tasks.drop_channel(_CHANNEL)
        if not text:
            self._soon.stop()
            self._take([], "")
            return
        self._soon.start(_TYPING_MS)

    def step(self, by: int) -> None:
        """Go to the next place (1) or to the one before (-1), round the ends."""
        if self.total and self.is_current:
            self._go_to((self.number - 1 + by) % self.total if self._place is not None else 0)

    def close(self) -> None:
        """Look for nothing."""
        self._place = None
        self.look_for("")

    # Inside -------------------------------------------------------------------------------------

    def _chat_changed(self) -> None:
        self._place = None
        self._start = 0
        if self._text:
            self._take([], "")
            self._soon.start(0)

    def _message_changed(self, _index: int) -> None:
        if self._text:
            self._soon.start(_CHANGED_MS)

    def _search_now(self) -> None:
        text, conversation_id, search = self._text, self._transcript.conversation_id, self._search
        if not text or self._tasks.closed:
            return
        loaded = [(message.id, message.role, message.text) for message in self._transcript.messages]

        def work(cancel: CancelToken) -> list[FoundInMessage]:
            if search is not None and conversation_id is not None and not is_temporary(conversation_id):
                return search.in_chat(conversation_id, text, cancel)
            from desktop_app.domain.chat_search import FoundInMessage
            from desktop_app.domain.text_places import count_in_message

            counts = [(message_id, count_in_message(role, said, text)) for message_id, role, said in loaded]
            return [FoundInMessage(message_id, count) for message_id, count in counts if count]

        def done(found: list[FoundInMessage]) -> None:
            self._take(found, text)

        self._tasks.run(work, done=done, failed=self._fail, channel=_CHANNEL)

    def _fail(self, error: InkwellError) -> None:
        self._take([], self._text)
        self.failed.emit(error)

    def _take(self, found: Sequence[FoundInMessage], text: str) -> None:
        is_new = text != self._found_for
        self._found, self._found_for = list(found), text
        self._before = []
        for each in found:
            self._before.append((self._before[-1] if self._before else 0) + each.count)
        if not found:
            self._place = None
        elif is_new or self._place is None or not self._is_there(self._place):
            at = min(self._index_of(self._start), len(found) - 1)
            self._place = Place(found[at].message_id, 0)
            if is_new:
                self.wanted.emit(self._place)
        self.changed.emit()

    def _is_there(self, place: Place) -> bool:
        return any(each.message_id == place.message_id and each.count > place.number for each in self._found)

    def _index_of(self, message_id: int) -> int:
        """Which of the messages found is this one, or the next behind it."""
        return bisect_left(self._found, message_id, key=lambda each: each.message_id)

    def _go_to(self, index: int) -> None:
        at = bisect_left(self._before, index + 1)
        earlier = self._before[at - 1] if at else 0
        self._place = Place(self._found[at].message_id, index - earlier)
        self.changed.emit()
        self.wanted.emit(self._place)
