"""How full the context window is: true counts from the decoder's tokenizer, asked for when typing pauses."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ContextMeter
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.tasks import TaskRunner

DEBOUNCE_MS = 250


@dataclass(frozen=True, slots=True)
class MeterPart:
    """One coloured part of the bar; `role` is the theme's colour role, `tokens` its width."""

    role: str
    label: str
    tokens: int


class ContextMeterPresenter(QObject):
    """Measures the shown chat with its draft, and words the result."""

    changed = Signal()

    def __init__(self, service: ChatUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._slot = ChatSlot()
        self._draft = ""
        self._measured_draft: str | None = None
        self._meter: ContextMeter | None = None
        self._problem: InkwellError | None = None
        self._closed = False
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
        self._slot = slot
        self._draft = draft
        self._measured_draft = None
        self.refresh()

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
        if self._closed:
            return
        self._timer.stop()
        slot, draft = self._slot, self._draft

        def work(_cancel: CancelToken) -> ContextMeter | None:
            return self._service.meter(slot.id, draft)

        def done(meter: ContextMeter | None) -> None:
            self._measured_draft = draft
            self._set(meter, None)

        def failed(error: InkwellError) -> None:
            self._set(None, error)

        self._tasks.run(work, done=done, failed=failed, channel="chat.meter")

    def refuses(self, draft: str) -> bool:
        """True when this very draft was measured and does not fit."""
        return self._meter is not None and not self._meter.fits and self._measured_draft == draft

    def parts(self) -> list[MeterPart]:
        """The coloured parts of the bar, in order; the rest of it is reserved or free."""
        meter = self._meter
        if meter is None:
            return []
        return [
            MeterPart("meter_instructions", self.tr("Instructions"), meter.instructions),
            MeterPart("meter_conversation", self.tr("Conversation"), meter.conversation),
            MeterPart("meter_draft", self.tr("Your draft"), meter.draft),
        ]

    def text(self) -> str:
        """One line: "54 % of context used · starts in about 0.2 s"."""
        meter = self._meter
        if meter is None:
            return self.tr("Context is counted when the model is ready")
        if not meter.fits:
            return self.tr("This message is too long for the context")
        share = self.tr("{0} % of context used").format(round(meter.used_fraction * 100))
        if meter.will_drop:
            return self.tr("{0} · oldest messages leave the memory").format(share)
        if meter.seconds_to_first_token is None:
            return share
        return self.tr("{0} · starts in about {1}").format(share, seconds_in_words(meter.seconds_to_first_token))

    def too_long_error(self) -> InkwellError | None:
        """What to say about a draft that does not fit, None when it does."""
        meter = self._meter
        if meter is None or meter.fits:
            return None
        room = max(0, meter.context_length - meter.instructions - meter.reserved)
        what = (
            self.tr(
                "This message and the unanswered ones are too long together: {0} tokens, and there is room for {1}."
            )
            if meter.unanswered
            else self.tr("This message is too long: {0} tokens, and there is room for {1}.")
        )
        return InkwellError(
            what.format(f"{meter.draft + meter.unanswered:,}", f"{room:,}"),
            self.tr("{0} tokens are kept free for the answer.").format(f"{meter.reserved:,}"),
            self.tr("Shorten it, or raise the context length in Settings."),
        )

    def _set(self, meter: ContextMeter | None, problem: InkwellError | None) -> None:
        self._meter = meter
        self._problem = problem
        self.changed.emit()


def seconds_in_words(seconds: float) -> str:
    """A short duration: "0.2 s", "4 s", "2 min"."""
    if seconds < 0.95:
        return f"{max(0.1, round(seconds, 1)):.1f} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min"
