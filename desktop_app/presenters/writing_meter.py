"""How much of the context window a page of free writing takes, and from where on the model reads it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.editor_text import decode, unit_count
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot, Meter, WritingUseCases
from desktop_app.presenters.context_meter import seconds_in_words
from desktop_app.presenters.tasks import TaskRunner

DEBOUNCE_MS = 400
_CHANNEL = "writing.meter"


class _Measured(msgspec.Struct, frozen=True):
    meter: Meter | None
    reads_from: int | None


class WritingMeterPresenter(QObject):
    """Measures the shown page when writing pauses, and words the result."""

    changed = Signal()

    def __init__(
        self, service: WritingUseCases, tasks: TaskRunner, display: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """`display()` is the editor's text."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._display = display
        self._slot: ChatSlot | None = None
        self._line_end = "\n"
        self._measured = _Measured(None, None)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.refresh)

    @property
    def meter(self) -> Meter | None:
        """The last measurement; None while no decoder is loaded."""
        return self._measured.meter

    @property
    def reads_from(self) -> int | None:
        """Where in the editor (UTF-16 units) the model begins to read; None where it reads all."""
        return self._measured.reads_from

    @property
    def fraction(self) -> float:
        """Share of the context window in use, 0.0 to 1.0."""
        return min(1.0, self.meter.used_fraction) if self.meter is not None else 0.0

    def show(self, slot: ChatSlot | None, line_end: str = "\n") -> None:
        """Measure another page from now on; None: no page."""
        self._slot = slot
        self._line_end = line_end
        self._measured = _Measured(None, None)
        self._tasks.drop_channel(_CHANNEL)
        self.changed.emit()
        self.refresh()

    def text_changed(self) -> None:
        """Measure again once writing pauses."""
        self._timer.start()

    def close(self) -> None:
        """Measure no more (the task runner is about to close)."""
        self._timer.stop()
        self._slot = None

    def refresh(self) -> None:
        """Measure now."""
        self._timer.stop()
        slot, line_end = self._slot, self._line_end
        if slot is None or self._tasks.closed:
            return
        display = self._display()

        def work(_cancel: CancelToken) -> _Measured:
            meter = self._service.meter(slot.id, decode(display, line_end))
            if meter is None or not meter.reads_from:
                return _Measured(meter, None)
            return _Measured(meter, _position_of(display, line_end, meter.reads_from))

        def failed(_error: InkwellError) -> None:
            self._set(_Measured(None, None))  # going on would fail in the same way, and say so

        self._tasks.run(work, done=self._set, failed=failed, channel=_CHANNEL)

    def text(self) -> str:
        """One line: "54 % of context used · starts in about 0.2 s"."""
        meter = self.meter
        if meter is None:
            return self.tr("Context is counted when the model is ready")
        if meter.reads_from:
            return self.tr("The model reads the last {0} tokens, from the line in the text on").format(
                f"{meter.tokens:,}"
            )
        share = self.tr("{0} % of context used").format(round(meter.used_fraction * 100))
        if meter.seconds_to_first_token is None:
            return share
        return self.tr("{0} · starts in about {1}").format(share, seconds_in_words(meter.seconds_to_first_token))

    def _set(self, measured: _Measured) -> None:
        self._measured = measured
        self.changed.emit()


def _position_of(display: str, line_end: str, offset: int) -> int:
    """Where character `offset` of the text stands in the editor, in UTF-16 units."""
    low, high = 0, len(display)
    while low < high:
        middle = (low + high) // 2
        if len(decode(display[:middle], line_end)) < offset:
            low = middle + 1
        else:
            high = middle
    return unit_count(display[:low])
