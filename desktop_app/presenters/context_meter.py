"""How full the context window is: true counts from the decoder's tokenizer, asked for when typing pauses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ContextMeter, MeterMessage
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.tasks import TaskRunner

DEBOUNCE_MS = 250
_LEARNING = "chat.left_out"

_log = logging.getLogger(__name__)


class PartLine(msgspec.Struct, frozen=True):
    """One message of a part, in one line. `message_id` is that of a pinned one, which can be let go; else None."""

    text: str
    message_id: int | None = None


class MeterPart(msgspec.Struct, frozen=True):
    """One coloured part of the bar; `role` is the theme's colour role, `tokens` its width, `lines` what it holds."""

    role: str
    label: str
    tokens: int
    lines: tuple[PartLine, ...] = ()


class ContextMeterPresenter(QObject):
    """Measures the shown chat with its draft, and words the result."""

    changed = Signal()

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        parent: QObject | None = None,
        *,
        answering: Callable[[], bool] = lambda: False,
        slot: ChatSlot | None = None,
    ) -> None:
        """`answering` says whether an answer is under way; `slot` is the chat that is shown at first."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._answering = answering
        self._learned: tuple[int, int] | None = None
        self._slot = slot or ChatSlot()
        self._draft = ""
        self._measured_draft: str | None = None
        self._meter: ContextMeter | None = None
        self._problem: InkwellError | None = None
        self._closed = False
        self._rests = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.refresh)

    @property
    def meter(self) -> ContextMeter | None:
        """The last measurement; None while no decoder is loaded."""
        return self._meter

    @property
    def problem(self) -> InkwellError | None:
        """Why the last measurement failed."""
        return self._problem

    def show_chat(self, slot: ChatSlot, draft: str) -> None:
        """Measure another chat from now on."""
        self._rests = False
        self._slot = slot
        self._draft = draft
        self._measured_draft = None
        self.refresh()

    def rest(self) -> None:
        """No chat is shown: measure nothing until there is one."""
        self._rests = True
        self._tasks.drop_channel("chat.meter")
        self._set(None, None)

    def set_draft(self, draft: str) -> None:
        """Measure again once typing pauses."""
        if draft != self._draft:
            self._draft = draft
            self._timer.start()

    def close(self) -> None:
        """Measure no more (the task runner is about to close)."""
        self._timer.stop()
        self._closed = True

    def refresh(self) -> None:
        """Measure now."""
        if self._closed or self._rests:
            return
        self._timer.stop()
        slot, draft = self._slot, self._draft

        def work(_cancel: CancelToken) -> ContextMeter | None:
            return self._service.meter(slot.id, draft)

        def done(meter: ContextMeter | None) -> None:
            self._measured_draft = draft
            self._set(meter, None)
            self._learn_left_out(slot, meter)

        def failed(error: InkwellError) -> None:
            self._set(None, error)

        self._tasks.run(work, done=done, failed=failed, channel="chat.meter")

    def _learn_left_out(self, slot: ChatSlot, meter: ContextMeter | None) -> None:
        """Where messages left the window, have them known before the next question asks for them."""
        conversation_id = slot.id
        if meter is None or not meter.left_out or conversation_id is None or meter.when_full is WhenFull.SUMMARISE:
            return
        state = (conversation_id, meter.left_out)
        if state == self._learned or self._answering():
            return
        self._learned = state

        def work(cancel: CancelToken) -> None:
            self._service.window.learn_left_out(conversation_id, cancel)

        def failed(error: InkwellError) -> None:
            _log.warning("Earlier messages are looked for by their words alone: %s", error.code)

        self._tasks.run(work, done=lambda _done: None, failed=failed, channel=_LEARNING)

    def pause_learning(self) -> None:
        """An answer is under way, and needs the processor for itself."""
        self._tasks.drop_channel(_LEARNING)
        self._learned = None

    def refuses(self, draft: str) -> bool:
        """True when this very draft was measured and does not fit."""
        return self._meter is not None and not self._meter.fits and self._measured_draft == draft

    def parts(self) -> list[MeterPart]:
        """The coloured parts of the bar, in order; the rest of it is reserved or free. Empty extras are left out."""
        meter = self._meter
        if meter is None:
            return []
        always = ("meter_instructions", "meter_conversation", "meter_draft")
        parts = [
            MeterPart("meter_instructions", self.tr("Instructions"), meter.instructions),
            MeterPart("meter_pinned", self.tr("Pinned"), meter.pinned, self._lines(meter.pinned_messages)),
            MeterPart("meter_attachments", self.tr("Attachments"), meter.attachments, _names(meter.attachment_names)),
            MeterPart("meter_notes", self.tr("Notes"), meter.notes, _names(meter.note_names)),
            MeterPart("meter_awaited", self.tr("Passages to come, about"), meter.awaited),
            MeterPart("meter_conversation", self.tr("Conversation"), meter.conversation, self._conversation(meter)),
            MeterPart("meter_draft", self.tr("Your draft"), meter.draft),
        ]
        return [part for part in parts if part.tokens or part.role in always]

    def _conversation(self, meter: ContextMeter) -> tuple[PartLine, ...]:
        lines: list[PartLine] = []
        if meter.summary is not None and meter.summary.text.strip():
            lines.append(PartLine(self.tr("A summary of what came before")))
        recalled = [self.tr("Recalled: {0}").format(each.text) for each in self._lines(meter.recalled_messages)]
        lines += [PartLine(text) for text in recalled]
        return (*lines, *self._lines(meter.conversation_messages))

    def _lines(self, messages: Sequence[MeterMessage]) -> tuple[PartLine, ...]:
        you, answer = self.tr("You: {0}"), self.tr("Answer: {0}")
        return tuple(
            PartLine(
                (you if each.role is Role.USER else answer).format(each.beginning),
                each.message_id if each.pinned else None,
            )
            for each in messages
        )

    def reading(self) -> str:
        """What is read already, what is still to be read, and how long that takes, in sentences."""
        meter = self._meter
        if meter is None:
            return ""
        held = max(0, meter.prompt_tokens - meter.to_read_tokens)
        text = self.tr("{0} tokens in all. {1} are read already, {2} have to be read before the answer starts").format(
            f"{meter.context_length:,}", f"{held:,}", f"{meter.to_read_tokens:,}"
        )
        if meter.seconds_to_first_token is None:
            text += "."
        else:
            text = self.tr("{0}: about {1}").format(text, seconds_in_words(meter.seconds_to_first_token))
            text += self.tr(", once the summary is written.") if self._sums_up(meter) else "."
        if meter.awaited:
            text += " " + self.tr("What will be found in your notes is counted as an estimate.")
        if meter.left_out:
            left = (
                self.tr("1 earlier message is out of the model’s memory; the chat keeps it.")
                if meter.left_out == 1
                else self.tr("{0} earlier messages are out of the model’s memory; the chat keeps them.").format(
                    f"{meter.left_out:,}"
                )
            )
            text += " " + left
        if meter.will_drop:
            text += " " + self._step_words(meter.when_full)
        return text

    def _sums_up(self, meter: ContextMeter) -> bool:
        return meter.will_drop and meter.when_full is WhenFull.SUMMARISE

    def _step_words(self, when_full: WhenFull) -> str:
        if when_full is WhenFull.SUMMARISE:
            return self.tr("Sending first sums up the oldest messages; they then leave the model’s memory.")
        if when_full is WhenFull.ASK:
            return self.tr("The context is full: you will be asked what to do before anything is sent.")
        return self.tr("Sending lets the oldest messages leave the model’s memory; the chat keeps them.")

    def text(self) -> str:
        """One line: "54 % of context used · starts in about 0.2 s"."""
        meter = self._meter
        if meter is None:
            return self.tr("Context is counted when the model is ready")
        if not meter.fits:
            return self.tr("This message is too long for the context")
        words = self.tr("About {0} % of context used") if meter.awaited else self.tr("{0} % of context used")
        share = words.format(round(meter.used_fraction * 100))
        if meter.will_drop:
            what = {
                WhenFull.RECALL: self.tr("oldest messages leave the memory"),
                WhenFull.SUMMARISE: self.tr("oldest messages are summed up"),
                WhenFull.ASK: self.tr("full: you will be asked"),
            }
            return f"{share} · {what[meter.when_full]}"
        if meter.seconds_to_first_token is None:
            return share
        return self.tr("{0} · starts in about {1}").format(share, seconds_in_words(meter.seconds_to_first_token))

    def too_long_error(self) -> InkwellError | None:
        """What to say about a draft that does not fit, None when it does."""
        meter = self._meter
        if meter is None or meter.fits:
            return None
        room = max(0, meter.context_length - meter.instructions - meter.pinned - meter.reserved)
        what = (
            self.tr(
                "This message and the unanswered ones are too long together: {0} tokens, and there is room for {1}."
            )
            if meter.unanswered
            else self.tr("This message is too long: {0} tokens, and there is room for {1}.")
        )
        todo = self.tr("Shorten it, or raise the context length in Settings.")
        if meter.pinned:
            todo = self.tr("Unpin a message, shorten this one, or raise the context length in Settings.")
        if meter.draft_attachments:
            todo = self.tr("Remove an attachment, or raise the context length in Settings.")
        return InkwellError(
            what.format(f"{meter.draft + meter.draft_attachments + meter.unanswered:,}", f"{room:,}"),
            self.tr("{0} tokens are kept free for the answer.").format(f"{meter.reserved:,}"),
            todo,
        )

    def _set(self, meter: ContextMeter | None, problem: InkwellError | None) -> None:
        self._meter = meter
        self._problem = problem
        self.changed.emit()


def _names(names: Sequence[str]) -> tuple[PartLine, ...]:
    return tuple(PartLine(name) for name in names)


def seconds_in_words(seconds: float) -> str:
    """A short duration: "0.2 s", "4 s", "2 min"."""
    if seconds < 0.95:
        return f"{max(0.1, round(seconds, 1)):.1f} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min"
