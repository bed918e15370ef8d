"""Free writing without store and model: pages in memory, continuations that come when the test lets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Queue

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import AnswerFinished, ChatEvent, MessageAdded, Reading, TextAdded
from desktop_app.domain.conversation import WRITING, Message, Role, title_from_message
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.free_writing import ACCEPTED, changed_pieces, pending_of, whole_text
from desktop_app.domain.generation import StopReason
from tests.fakes.fake_chat_service import FIGURES, FakeChatService

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FakeMeter:
    tokens: int = 400
    context_length: int = 1000
    reads_from: int = 0
    used_fraction: float = 0.4
    seconds_to_first_token: float | None = 0.2


class FakeWriting:
    """Implements the chat presenters' WritingUseCases. Pieces come from `feed(...)`, as with FakeChatService."""

    def __init__(self, chats: FakeChatService) -> None:
        self._chats = chats
        self._feed: Queue[str | ChatEvent | InkwellError | StopReason] = Queue()
        self._lock = threading.RLock()
        self._next_id = 5000
        self.pages: dict[int, list[Message]] = {}
        self.asked: list[str] = []
        self.saves: list[str] = []
        self.save_error: InkwellError | None = None
        self.before: InkwellError | None = None
        self.meter_result: FakeMeter | None = FakeMeter()
        self.may_end = threading.Event()
        self.may_end.set()
        self.last_word = ""  # comes with the end, and is told to nobody

    # The test's side ----------------------------------------------------------------------------

    def feed(self, *pieces: str | ChatEvent | InkwellError | StopReason) -> None:
        for piece in pieces:
            self._feed.put(piece)

    def add_page(self, *texts: str, title: str = "", **of_last: object) -> int:
        """A page whose pieces are the person's and the model's in turn."""
        page = self._chats.create(kind=WRITING).id
        self._chats.rename(page, title)
        for number, text in enumerate(texts):
            self._add(page, Role.ASSISTANT if number % 2 else Role.USER, text)
        if of_last:
            self.pages[page][-1] = replace(self.pages[page][-1], **of_last)  # type: ignore[arg-type]
        return page

    def text(self, page: int) -> str:
        return whole_text(self.pages.get(page, []))

    # WritingUseCases ----------------------------------------------------------------------------

    def pieces(self, conversation_id: int) -> list[Message]:
        with self._lock:
            return list(self.pages.get(conversation_id, []))

    def save(self, conversation_id: int, text: str, taken_over: int | None = None) -> str:
        if self.save_error is not None:
            raise self.save_error
        with self._lock:
            pieces = self.pages.setdefault(conversation_id, [])
            before = whole_text(pieces)
            changes = changed_pieces(pieces, text)
            if changes:
                self.saves.append(text)
            if changes.dropped_id is not None:
                at = next(number for number, piece in enumerate(pieces) if piece.id == changes.dropped_id)
                del pieces[at:]
            pieces[:] = [replace(piece, text=changes.texts.get(piece.id, piece.text)) for piece in pieces]
            if changes.added:
                self._add(conversation_id, Role.USER, changes.added)
            pending = pending_of(pieces)
            if pending is not None and taken_over is not None and taken_over > pending.start:
                accepted = taken_over - len(whole_text(pieces[:-1]))
                pieces[-1] = replace(pieces[-1], settings_used={**pieces[-1].settings_used, ACCEPTED: accepted})
            title = self._chats.get(conversation_id).title
            if title in ("", title_from_message(before)):
                title = title_from_message(text)
                self._chats.rename(conversation_id, title)
            return title

    def go_on(self, conversation_id: int, text: str, cancel: CancelToken) -> Iterator[ChatEvent]:
        self.save(conversation_id, text, len(text))
        if self.before is not None:
            raise self.before
        self.asked.append(text)
        piece = self._add(conversation_id, Role.ASSISTANT, "", stop_reason=None)
        yield MessageAdded(piece)
        with cancel.telling(lambda: self.feed(StopReason.STOPPED)):
            yield from self._take_fed(piece)

    def _take_fed(self, piece: Message) -> Iterator[ChatEvent]:
        written = ""
        while True:
            fed = self._feed.get(timeout=30)
            if isinstance(fed, StopReason):
                assert self.may_end.wait(20)
                written += self.last_word
                yield AnswerFinished(self._change(piece, text=written, stop_reason=fed, figures=FIGURES))
                return
            if isinstance(fed, InkwellError):
                self._change(piece, stop_reason=StopReason.INTERRUPTED, error=fed.what)
                raise fed
            if isinstance(fed, str):
                written += fed
                self._change(piece, text=written)
                yield TextAdded(piece.id, fed)
            else:
                yield fed

    def meter(self, conversation_id: int | None, text: str) -> FakeMeter | None:
        return self.meter_result

    def _add(self, page: int, role: Role, text: str, stop_reason: StopReason | None = StopReason.END) -> Message:
        with self._lock:
            self._next_id += 1
            of_model = role is Role.ASSISTANT
            piece = Message(
                self._next_id, page, None, 0, role, text, NOON, stop_reason=stop_reason if of_model else None
            )
            self.pages.setdefault(page, []).append(piece)
            return piece

    def _change(self, piece: Message, **values: object) -> Message:
        with self._lock:
            pieces = self.pages[piece.conversation_id]
            at = next(number for number, each in enumerate(pieces) if each.id == piece.id)
            pieces[at] = replace(pieces[at], **values)  # type: ignore[arg-type]
            return pieces[at]


READING = Reading(128, 512, 0, 2.0)
