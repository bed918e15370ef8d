"""A field for a number: typed, or stepped with the arrow keys."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop_app.settings.schema import Setting


class NumberField(QLineEdit):
    """Shows a number with thousands apart. Enter or leaving the field takes over what was typed; Esc takes it back.

    A line edit rather than a spin box: styled by a style sheet and without buttons, Qt's spin box hides its text.
    """

    entered = Signal(float)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._decimals, self._step, self._zero_label = setting.decimals, setting.step, setting.zero_label
        self._low, self._high, self._value = 0.0, 0.0, 0.0
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(20)
        self.returnPressed.connect(self._take)

    @property
    def value(self) -> float:
        """The number in force."""
        return self._value

    def set_range(self, low: float, high: float) -> None:
        """Both ends allowed; a number typed beyond is moved to the end."""
        self._low, self._high = low, high

    def set_value(self, value: float) -> None:
        """Show a number without sending `entered`. What is being typed stays until it is taken over."""
        changed = value != self._value or not self.text()
        self._value = value
        if changed or not (self.hasFocus() and self.isModified()):
            self.setText(self._words(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._take()
            self._enter(self._value + step * self._step)
            return
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._words(self._value))
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._take()

    def _take(self) -> None:
        if not self.isModified():
            return
        number = self._number(self.text())
        if number is None:
            self.setText(self._words(self._value))
        else:
            self._enter(number)

    def _enter(self, number: float) -> None:
        number = round(min(self._high, max(self._low, number)), self._decimals)
        changed = number != self._value
        self._value = number
        self.setText(self._words(number))
        if changed:
            self.entered.emit(number)

    def _number(self, text: str) -> float | None:
        text = text.strip().replace(" ", "").replace("\u00a0", "")
        if self._zero_label and text.casefold() == self._zero_label.casefold():
            return self._low
        if self._decimals and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")  # a decimal comma
        number: float | None = None
        with contextlib.suppress(ValueError):
            number = float(text.replace(",", ""))
        return number if number is not None and abs(number) < 1e15 else None

    def _words(self, value: float) -> str:
        if self._zero_label and value == self._low:
            return self._zero_label
        return f"{value:,.{self._decimals}f}"
