"""One editor for each type of setting. An editor shows a row and says what the person entered; it decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
)

from desktop_app.domain.errors import SettingError
from desktop_app.presenters.setting_row import SettingRow, display_value
from desktop_app.settings.schema import Setting, SettingType
from desktop_app.settings.validation import parse_text
from desktop_app.ui.settings.editor import Editor
from desktop_app.ui.settings.number_field import NumberField
from desktop_app.ui.settings.order_editor import OrderEditor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ElidedButton, ElidedLabel, TextButton
from desktop_app.ui.widgets.flow_row import FlowRow

_LOG_POSITIONS = 400
_WIDEST_CHOICE = 150
_WIDEST_SLIDER = 1_000_000  # ranges beyond this are typed, not slid


class QuietSlider(QSlider):
    """A slider that leaves the wheel to the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SliderEditor(Editor):
    """A slider and a number field for the same value."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        super().__init__(setting)
        self._low, self._high = float(setting.minimum or 0), float(setting.maximum or 0)
        self.slider = QuietSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(setting.label)
        self.slider.setMinimumWidth(60)
        self.field = NumberField(setting)
        self.field.setAccessibleName(f"{setting.label}, {setting.unit}" if setting.unit else setting.label)
        self._theme = theme
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.field)
        self._set_range(self._low, self._high)
        self.slider.valueChanged.connect(self._slid)
        self.field.entered.connect(self._typed)
        theme.changed.connect(self._fit)
        self._fit()

    def show_row(self, row: SettingRow) -> None:
        self._set_range(float(row.minimum or 0), float(row.maximum or 0))
        self.setEnabled(not row.locked_by)
        if not isinstance(row.value, int | float):
            return
        self.field.set_value(float(row.value))
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._position(float(row.value)))
        self.slider.setAccessibleDescription(display_value(self.setting, row.value))

    def _fit(self) -> None:
        self.field.setFixedWidth(self._theme.px(78))

    def _set_range(self, low: float, high: float) -> None:
        self._low, self._high = low, high
        self.field.set_range(low, high)
        with QSignalBlocker(self.slider):
            steps = _LOG_POSITIONS if self.setting.logarithmic else max(1, round((high - low) / self.setting.step))
            self.slider.setRange(0, steps)
            self.slider.setSingleStep(max(1, steps // 100))
            self.slider.setPageStep(max(1, steps // 10))

    def _slid(self, position: int) -> None:
        self._typed(self._value(position))

    def _typed(self, value: float) -> None:
        self.edited.emit(int(value) if self.setting.type is SettingType.INTEGER else value)

    def _value(self, position: int) -> float:
        setting, span = self.setting, self.slider.maximum()
        if not setting.logarithmic:
            return min(self._high, round(self._low + position * setting.step, 6))
        if position in (0, span):
            return self._high if position else self._low
        raw = self._low * math.pow(self._high / self._low, position / span)
        return min(self._high, max(self._low, round(raw / setting.step) * setting.step))

    def _position(self, value: float) -> int:
        if not self.setting.logarithmic:
            return round((value - self._low) / self.setting.step)
        if value <= self._low or self._high <= self._low:
            return 0
        return round(self.slider.maximum() * math.log(value / self._low) / math.log(self._high / self._low))


def _is_being_typed(field: QLineEdit) -> bool:
    """What is typed stays when the row is told anew, until it is taken over."""
    return field.hasFocus() and field.isModified()


class TypedNumberEditor(Editor):
    """A line for a number with too wide a range for a slider; empty where the value is drawn anew (the seed)."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.field = QLineEdit()
        self.field.setAccessibleName(setting.label)
        self.field.setMaxLength(20)
        self.field.setMinimumWidth(60)
        self.field.editingFinished.connect(self._finished)
        self._shown = ""
        self._row.addWidget(self.field)

    def show_row(self, row: SettingRow) -> None:
        self.setEnabled(not row.locked_by)
        self._shown = "" if row.value is None else str(row.value)
        if not _is_being_typed(self.field):
            self.field.setText(self._shown)
        self.field.setPlaceholderText(display_value(self.setting, None) if row.value is None else "")

    def _finished(self) -> None:
        text = self.field.text().strip()
        self.field.setModified(False)
        if text == self._shown:
            return
        try:
            self.edited.emit(parse_text(self.setting, text))
        except SettingError:
            self.edited.emit(text)  # the presenter's check says what is wrong with it


class ChoiceEditor(Editor):
    """A few words side by side, one of them taken; with a number beside them where the setting allows one."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        super().__init__(setting)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, ElidedButton] = {}
        labels = setting.choice_labels or setting.choices
        for choice, label in zip(setting.choices, labels, strict=True):
            self._add(choice, label)
            self.buttons[choice].clicked.connect(lambda _=False, choice=choice: self.edited.emit(choice))
        self.number: NumberField | None = None
        if setting.type is SettingType.CHOICE_OR_NUMBER:
            self._add_number(setting)
        flow = FlowRow()
        flow.set_widgets([*self.buttons.values(), *([self.number] if self.number is not None else [])])
        self._row.addWidget(flow, 1)

    def show_row(self, row: SettingRow) -> None:
        self.setEnabled(not row.locked_by)
        value = str(row.value)
        taken = value if value in self.buttons else ""
        if taken in self.buttons:
            self.buttons[taken].setChecked(True)
        if self.number is not None:
            self.number.setVisible(taken == "")
            if taken == "":
                self.number.set_value(float(value))

    def width_to_read(self) -> int:
        """As wide as the widest of the choices: they can stand in lines."""
        return max(button.sizeHint().width() for button in self.buttons.values())

    def minimumSizeHint(self) -> QSize:
        """A long choice ends in "…" where not even a whole line has room for it."""
        width = min(self.width_to_read(), self._theme.px(_WIDEST_CHOICE))
        return QSize(width, super().minimumSizeHint().height())

    def _add(self, choice: str, label: str) -> None:
        button = ElidedButton(label, "chip")
        button.setCheckable(True)
        button.setAccessibleName(f"{self.setting.label}: {label}")
        self._group.addButton(button)
        self.buttons[choice] = button

    def _add_number(self, setting: Setting) -> None:
        self._add("", self.tr("Number"))
        number = NumberField(setting)
        number.set_range(float(setting.minimum or 0), float(setting.maximum or 0))
        number.setAccessibleName(f"{setting.label}, {setting.unit}")
        number.setFixedWidth(self._theme.px(70))
        # The field may be gone before the theme is: its own method goes with it, a lambda would stay.
        self._theme.changed.connect(self._fit_number)
        number.entered.connect(lambda value: self.edited.emit(str(int(value))))
        self.buttons[""].clicked.connect(lambda: self.edited.emit(str(int(number.value))))
        self.number = number

    def _fit_number(self) -> None:
        if self.number is not None:
            self.number.setFixedWidth(self._theme.px(70))


class _LeavingTextEdit(QPlainTextEdit):
    """A text field that tells when it is left. Tab goes on to the next control."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setProperty("role", "field")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class LongTextEditor(Editor):
    """Several lines of text, taken over while typing pauses and when the field is left."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        super().__init__(setting)
        self.field = _LeavingTextEdit()
        self.field.setAccessibleName(setting.label)
        self.field.setPlaceholderText(self.tr("For example: Answer briefly and in plain words."))
        self._theme = theme
        self._row.addWidget(self.field)
        self.field.textChanged.connect(self._typed)
        self.field.left.connect(self._typed)
        self._shown = ""
        theme.changed.connect(self._fit)
        self._fit()

    def show_row(self, row: SettingRow) -> None:
        self.field.setReadOnly(bool(row.locked_by))
        self._shown = str(row.value or "")
        if self.field.toPlainText() != self._shown:
            with QSignalBlocker(self.field):
                self.field.setPlainText(self._shown)

    def _fit(self) -> None:
        self.field.setFixedHeight(self._theme.px(128))

    def _typed(self) -> None:
        text = self.field.toPlainText()
        if text != self._shown:
            self._shown = text
            self.edited.emit(text)


class TextEditor(Editor):
    """One line of text, taken over when it is left or Enter is pressed."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.field = QLineEdit()
        self.field.setAccessibleName(setting.label)
        self.field.editingFinished.connect(self._finished)
        self._shown = ""
        self._row.addWidget(self.field)

    def show_row(self, row: SettingRow) -> None:
        self.setEnabled(not row.locked_by)
        self._shown = str(row.value or "")
        if not _is_being_typed(self.field):
            self.field.setText(self._shown)

    def _finished(self) -> None:
        self.field.setModified(False)
        if self.field.text() != self._shown:
            self.edited.emit(self.field.text())


class PathEditor(Editor):
    """A file or folder: its path, and a dialog to choose another. A read-only one can be copied instead."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._row.setSpacing(10)
        self.label = ElidedLabel("")
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._path = ""
        self.button = TextButton(self.tr("Copy path") if setting.read_only else self.tr("Choose…"))
        self.button.setAccessibleName(f"{setting.label}: {self.button.text()}")
        self.button.clicked.connect(self._copy if setting.read_only else self._choose)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.button)

    def show_row(self, row: SettingRow) -> None:
        self._path = str(row.value or "")
        self.button.setEnabled(not row.locked_by and bool(self._path or not self.setting.read_only))
        self.label.setText(self._path or self.tr("The starter model"))
        self.label.setAccessibleName(f"{self.setting.label}: {self.label.text()}")

    def _choose(self) -> None:
        if self.setting.type is SettingType.FOLDER:
            path = QFileDialog.getExistingDirectory(self, self.setting.label, self._path)
        else:
            path, _kind = QFileDialog.getOpenFileName(
                self, self.setting.label, self._path, self.tr("Models (*.gguf);;All files (*)")
            )
        if path:
            self.edited.emit(path)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._path)


def make_editor(setting: Setting, theme: Theme) -> Editor:
    """The editor for a setting's type."""
    span = float(setting.maximum or 0) - float(setting.minimum or 0)
    if setting.is_number:
        return TypedNumberEditor(setting) if span > _WIDEST_SLIDER else SliderEditor(setting, theme)
    makers: dict[SettingType, Callable[[], Editor]] = {
        SettingType.CHOICE: lambda: ChoiceEditor(setting, theme),
        SettingType.CHOICE_OR_NUMBER: lambda: ChoiceEditor(setting, theme),
        SettingType.LONG_TEXT: lambda: LongTextEditor(setting, theme),
        SettingType.SAMPLER_ORDER: lambda: OrderEditor(setting, theme),
        SettingType.FILE: lambda: PathEditor(setting),
        SettingType.FOLDER: lambda: PathEditor(setting),
    }
    return makers.get(setting.type, lambda: TextEditor(setting))()
