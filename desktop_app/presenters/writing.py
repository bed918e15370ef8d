"""The shown page of free writing: what stands on it, the model's continuation, and saving it while it is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent
from desktop_app.domain.conversation import Conversation, Message, Role
from desktop_app.domain.editor_text import EditorText, decode, display_position, encode, encode_addition, unit_count
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.free_writing import pending_of, whole_text
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat_answer import AnswerPresenter, RunningAnswer
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases, WritingUseCases
from desktop_app.presenters.save_state import SaveKind, SaveState, while_typing
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.typing_pause import TypingPause
from desktop_app.presenters.writing_keeper import WritingKeeper
from desktop_app.presenters.writing_meter import WritingMeterPresenter

AUTOSAVE_MS = 500
_EXTRA_MS_PER_MILLION = 600
_STOP_SECONDS = 2.5  # a model that is still busy after two seconds is ended


class PageText(Protocol):
    """The editor, as far as its text goes."""

    def display_text(self) -> str:
        """The encoded text as it stands now."""
        ...

    def pending_text(self) -> str:
        """Its end that the model wrote and nobody has taken over."""
        ...

    @property
    def is_blank(self) -> bool:
        """True while nothing is written; cheap."""
        ...


class ReadPage(msgspec.Struct, frozen=True):
    """A page as the store has it, made ready for the editor. `encoded` is what its pieces say together."""

    pieces: tuple[Message, ...]
    text: str
    encoded: EditorText


class ShownPage(msgspec.Struct, frozen=True):
    """A page ready to be shown; places are UTF-16 units in the editor.

    Attributes:
        pending_at: where what nobody has taken over begins; None where there is none.
    """

    encoded: EditorText
    pending_at: int | None = None


class WritingPresenter(QObject):
    """One page at a time. The editor tells of every change by `edited()`; its text is taken only to be saved.

    What the model writes comes behind the text and is pending until it is taken over: by going on, by words, all at
    once, or by writing anything. Writing also stops the model: the text is then the person's.
    """

    shown = Signal(object)  # ShownPage
    continuation_began = Signal()  # what comes now is pending, and nothing before it any more
    text_added = Signal(str)  # encoded text for the editor's end
    changed = Signal()  # what is said below the page, or can be done with it
    titled = Signal(object, str)  # ChatSlot, title: the title follows the text
    saved = Signal(object)  # ChatSlot

    def __init__(
        self,
        service: WritingUseCases,
        chats: ChatUseCases,
        tasks: TaskRunner,
        answers: AnswerPresenter,
        figures: Callable[[Message], str],
        parent: QObject | None = None,
    ) -> None:
        """`figures(message)` words counts and timings of what the model wrote."""
        super().__init__(parent)
        self._service = service
        self._chats = chats
        self._answers = answers
        self._figures = figures
        self._source: PageText | None = None
        self._slot: ChatSlot | None = None
        self._title = ""
        self._line_end = "\n"
        self._size = 0
        self._read = ReadPage((), "", EditorText(""))
        self._edits = self._handed_over = 0
        self._state = SaveState(SaveKind.SAVED)
        self._piece: Message | None = None
        self._is_cut = False  # the person writes: what the model still says is not wanted
        self._again = False
        self._run_ended = threading.Event()
        self.running_id: int | None = None
        self.keeper = WritingKeeper(service, chats, tasks, self)
        self.meter = WritingMeterPresenter(service, tasks, self._display, self)
        self._timer = TypingPause(self)
        self._timer.timeout.connect(self.save_now)
        self.keeper.saved.connect(self._on_saved)
        self.keeper.failed.connect(self._on_save_failed)
        answers.ended.connect(self._answer_ended)
        answers.activity_changed.connect(self.changed)
        answers.problem_changed.connect(self.changed)

    def set_source(self, source: PageText) -> None:
        """`source` is the editor."""
        self._source = source

    def close(self) -> None:
        """Start no more work by itself (before the task runner closes; `flush` first)."""
        self._timer.stop()
        self.keeper.close()
        self.meter.close()

    # What is shown ------------------------------------------------------------------------------

    @property
    def is_shown(self) -> bool:
        """True while a page is shown, and no chat."""
        return self._slot is not None

    @property
    def has_text(self) -> bool:
        """True while a page is shown on which something is written."""
        return self._slot is not None and self._source is not None and not self._source.is_blank

    @property
    def is_running(self) -> bool:
        """True while the model writes on this page."""
        return self._slot is not None and self._answers.is_here

    @property
    def is_busy_elsewhere(self) -> bool:
        """True while the model writes in another chat or on another page."""
        return self._answers.running is not None and not self._answers.is_here

    @property
    def can_go_on(self) -> bool:
        """True where there is a text, and the model is free."""
        blank = self._source is None or self._source.is_blank
        return self._slot is not None and not blank and self._answers.running is None

    @property
    def state(self) -> SaveState:
        """How the text on the screen relates to the one on disk."""
        return self._state

    @property
    def note(self) -> str:
        """How the last continuation ended, where that is worth a word."""
        piece = self._piece
        if piece is None or self.is_running:
            return ""
        if piece.stop_reason is not None and not piece.text:
            return self.tr("The model had nothing to add")
        return {
            StopReason.STOPPED: self.tr("Stopped"),
            StopReason.INTERRUPTED: self.tr("Interrupted. Continue goes on from here."),
            StopReason.REPETITION: self.tr("It began repeating itself"),
            StopReason.CONTEXT_FULL: self.tr("Context full"),
        }.get(piece.stop_reason or StopReason.END, "")

    @property
    def figures(self) -> str:
        """Counts and timings of the last continuation; empty without one."""
        return self._figures(self._piece) if self._piece is not None and not self.is_running else ""

    def place_of(self, piece_id: int) -> tuple[int, int] | None:
        """Where a piece stood in the editor when the page was shown; None where it did not."""
        read, start = self._read, 0
        for piece in read.pieces:
            end = start + len(piece.text)
            if piece.id == piece_id:
                return tuple(display_position(read.text, read.encoded, place) for place in (start, end))  # type: ignore[return-value]
            start = end
        return None

    def read(self, conversation_id: int, slot: ChatSlot | None) -> ReadPage:
        """In any thread: the page as it is; what waits to be saved of `slot` is committed before. Raises StoreError."""
        running = self._answers.running
        if slot is not None and (running is None or running.slot is not slot):
            self.keeper.settle(slot)
        return _read_page(self._service.pieces(conversation_id))

    def known_slot(self, conversation_id: int) -> ChatSlot | None:
        """The slot of a page that still has something to be saved."""
        return self.keeper.known_slot(conversation_id)

    def show(self, slot: ChatSlot, title: str, read: ReadPage | None = None) -> None:
        """Show a page. What of it was not saved yet stands in place of what the store has."""
        self.leave()
        self._slot, self._title = slot, title
        self._is_cut = self._again = False
        self._edits = self._handed_over = 0
        running = self._answers.running if self._answers.is_here else None
        if running is not None and running.message is not None:
            self._is_cut = self.keeper.pending(slot) is not None
            read = _read_page(_with_running(read.pieces if read is not None else (), running))
        self._read = read or _read_page(())
        pieces = self._read.pieces
        self._piece = pieces[-1] if pieces and pieces[-1].role is Role.ASSISTANT else None
        page = self._page_of(slot)
        self._line_end, self._size = page.encoded.line_end, len(page.encoded.display)
        error = self.keeper.error(slot)
        waits = self.keeper.pending(slot) is not None
        kind = SaveKind.SAVED if not waits else SaveKind.FAILED if error is not None else SaveKind.SAVING
        self._state = SaveState(kind, while_typing(error) if error is not None and kind is SaveKind.FAILED else None)
        self.shown.emit(page)
        if running is not None and page.pending_at is None and not self._is_cut:
            self.continuation_began.emit()
        self.meter.show(slot, self._line_end)
        self.changed.emit()

    def _page_of(self, slot: ChatSlot) -> ShownPage:
        unsaved = self.keeper.pending(slot)
        if unsaved is not None:
            at = unit_count(unsaved.display) - unit_count(unsaved.pending) if unsaved.pending else None
            return ShownPage(EditorText(unsaved.display, unsaved.line_end), at)
        read = self._read
        pending = pending_of(read.pieces)
        at = None if pending is None else display_position(read.text, read.encoded, pending.start)
        return ShownPage(read.encoded, at)

    def leave(self) -> None:
        """Another chat is shown; what is written is saved, and the model may go on."""
        if self._slot is not None:
            self._hand_over()
            self._slot = None
            self._piece = None
            self.meter.show(None)

    # Writing ------------------------------------------------------------------------------------

    def edited(self) -> None:
        """The person changed the text, and has taken over what the model wrote."""
        if self._slot is None:
            return
        if self.is_running and not self._is_cut:
            self._is_cut = True
            self._answers.stop()
        self._piece = None if not self.is_running else self._piece
        self.taken_over()

    def taken_over(self) -> None:
        """The person took over some of what the model wrote, or all, without changing it."""
        self._edits += 1
        if self._state.kind is not SaveKind.FAILED:
            self._set_state(SaveState(SaveKind.EDITED))
        self._timer.typed(AUTOSAVE_MS + self._size * _EXTRA_MS_PER_MILLION // 1_000_000)
        self.meter.text_changed()
        self.changed.emit()

    def save_now(self) -> None:
        """Save without waiting for the pause in writing; also the answer to "Try again"."""
        self._hand_over()
        self.keeper.retry()
        if self._slot is not None and self.keeper.pending(self._slot) is not None and not self.is_running:
            self._set_state(SaveState(SaveKind.SAVING))

    def flush(self) -> list[InkwellError]:
        """Before the program ends: commit everything, in this thread; errors of what could not be saved.

        A model that was stopped by what the person wrote has its last word in the store first, and is then corrected.
        """
        if self.is_running and self._is_cut:
            self._run_ended.wait(_STOP_SECONDS)
        self._hand_over()
        return self.keeper.flush()

    def move(self, slot: ChatSlot, keep: Callable[[int], Conversation]) -> Conversation:
        """In any thread: commit what waits of a page and have `keep` move it; `slot` then names it at its new place."""

        def act() -> Conversation:
            chat = keep(slot.ensure(self._chats))
            slot.id, slot.temporary = chat.id, False
            return chat

        return self.keeper.settle_and(slot, act)

    def rename(self, title: str) -> None:
        """The page has another title."""
        self._title = title

    # The model ----------------------------------------------------------------------------------

    def go_on(self) -> bool:
        """Let the model go on from the end of the text; false where it cannot now."""
        slot, source = self._slot, self._source
        if slot is None or source is None or not self.can_go_on:
            return False
        self._timer.stop()
        self._handed_over = self._edits
        display = source.display_text()
        text = decode(display, self._line_end)
        if not text.strip():
            return False
        self.keeper.hold(slot)
        self.keeper.put(slot, display, self._line_end, "")
        self._is_cut = False
        self._piece = None

        ended = self._run_ended = threading.Event()

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            try:
                self.keeper.settle(slot)
                yield from self._service.go_on(slot.ensure(self._chats), text, cancel)
            finally:
                ended.set()

        self._answers.begin(work, self._title, slot=slot, place=self)
        self.changed.emit()
        return True

    def try_again(self) -> None:
        """Go on anew, once the editor took the last continuation out; a model that still writes is stopped first."""
        if self.is_running:
            self._again = True
            self._is_cut = True
            self._answers.stop()
        else:
            self.go_on()

    # The place where the continuation grows -----------------------------------------------------

    def adopt(self, conversation_id: int) -> None:
        """The page has its row in the store."""

    def add(self, message: Message) -> None:
        """The model begins its piece: all before it is on the disk."""
        self._piece = message
        if self._slot is not None:
            self._report_saved(self._slot, self.keeper.title(self._slot))
        if not self._is_cut:
            self.continuation_began.emit()

    def add_text(self, message_id: int, text: str) -> None:
        """The continuation grew."""
        if not self._is_cut:
            self.text_added.emit(encode_addition(text, self._line_end))

    def update(self, message: Message) -> None:
        """The store's state of the piece, its end included."""
        if not self._is_cut:
            self._piece = message
            self.changed.emit()

    def set_memory_start(self, message_id: int | None, summary: Message | None = None) -> None:
        """Nothing here: of a page that is too long, the end is read."""

    # Inside -------------------------------------------------------------------------------------

    def _display(self) -> str:
        return self._source.display_text() if self._source is not None else ""

    def hand_over(self) -> None:
        """Save what was written, without waiting for a pause."""
        self._hand_over()

    def _hand_over(self) -> None:
        self._timer.stop()
        if self._slot is None or self._source is None or self._edits == self._handed_over:
            return
        self._handed_over = self._edits
        display = self._source.display_text()
        self._size = len(display)
        self.keeper.put(self._slot, display, self._line_end, self._source.pending_text())

    def _answer_ended(self, answer: RunningAnswer) -> None:
        if answer.place is not self:
            return
        if answer.slot is not self._slot:
            self.keeper.release(answer.slot)
            return
        piece = self._piece
        if piece is not None and piece.stop_reason is None:  # it failed: the store says so, too
            self._piece = replace(piece, text=answer.text_so_far(), stop_reason=StopReason.INTERRUPTED)
        if self._is_cut:
            self._piece = None
            self._edits += 1  # the store may hold more of the continuation than is wanted
        self._hand_over()
        self.keeper.release(answer.slot)
        if self._edits == 0 or self.keeper.pending(answer.slot) is None:
            self._set_state(SaveState(SaveKind.SAVED))
        self.meter.refresh()
        self.changed.emit()
        if self._again:
            self._again = False
            self.go_on()

    def _on_saved(self, slot: ChatSlot, title: str) -> None:
        if slot is self._slot:
            waits = self._edits != self._handed_over or self.keeper.pending(slot) is not None
            self._set_state(SaveState(SaveKind.EDITED if waits else SaveKind.SAVED))
        self._report_saved(slot, title)

    def _report_saved(self, slot: ChatSlot, title: str) -> None:
        self.titled.emit(slot, title)
        self.saved.emit(slot)

    def _on_save_failed(self, slot: ChatSlot, error: InkwellError) -> None:
        if slot is self._slot:
            self._set_state(SaveState(SaveKind.FAILED, while_typing(error)))

    def _set_state(self, state: SaveState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()


def _read_page(pieces: Sequence[Message]) -> ReadPage:
    text = whole_text(pieces)
    return ReadPage(tuple(pieces), text, encode(text))


def _with_running(pieces: Sequence[Message], running: RunningAnswer) -> list[Message]:
    """The store is up to a second behind the piece under way; its text here is newer."""
    if running.message is None:
        return list(pieces)
    live = replace(running.message, text=running.text_so_far())
    running.unshown.clear()
    return [piece for piece in pieces if piece.id != live.id] + [live]
