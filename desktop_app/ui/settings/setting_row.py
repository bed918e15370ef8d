"""One row of the form: words at the left, the editor in the middle, default or reset at the right."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.setting_row import SettingRow, Tone
from desktop_app.presenters.setting_words import translated
from desktop_app.settings.schema import Setting, SettingType
from desktop_app.ui.settings.editors import make_editor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, set_role

_WORDS_WIDTH = 232
_SIDE_WIDTH = 132
_NARROW = 590
_TONES = {Tone.MUTED: "small", Tone.OK: "ok", Tone.WARNING: "warning"}


class Rows(Protocol):
    """What decides the rows of a form: the person's settings, or those of one chat."""

    @property
    def row_changed(self) -> Any:
        """Signal(str): a row is another now."""
        ...

    @property
    def refused(self) -> Any:
        """Signal(str, InkwellError): a value was not taken."""
        ...

    def row(self, key: str) -> SettingRow:
        """The row of one setting."""
        ...

    def set(self, key: str, value: object) -> None:
        """Take a new value; `refused` tells when it cannot be."""
        ...

    def reset(self, key: str) -> None:
        """Go back to the value the row's reset link names."""
        ...


class SettingRowWidget(QFrame):
    """Shows a setting, passes on what is entered. Below a certain width its parts stand in a column."""

    def __init__(self, setting: Setting, presenter: Rows, theme: Theme) -> None:
        super().__init__()
        setting = translated(setting)
        self.setting = setting
        self._presenter = presenter
        self._theme = theme
        self._stacked: bool | None = None
        self.setAccessibleName(setting.label)
        self.editor = make_editor(setting, theme)
        self._words = self._make_words()
        self._side = self._make_side()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 13, 0, 13)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(8)
        self.editor.edited.connect(lambda value: presenter.set(setting.key, value))
        theme.changed.connect(self._arrange)
        self._arrange()
        self.refresh()

    def refresh(self) -> None:
        """Show what is in force now."""
        row = self._presenter.row(self.setting.key)
        self.editor.show_row(row)
        self._show_words(row)
        self._show_side(row)

    def focus_editor(self) -> None:
        """Give the keys to the first control of the editor that takes them."""
        takes = (child for child in self.editor.findChildren(QWidget) if child.focusPolicy() & Qt.FocusPolicy.TabFocus)
        first = next(takes, None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_error(self, error: InkwellError) -> None:
        """Say under the words why a value was not taken, until the next one is."""
        what = error.what.replace(self.setting.key, self.setting.label)
        self._error.setText(" ".join(part for part in (what, error.why, error.todo) if part))
        self._error.show()

    def clear_error(self) -> None:
        """Take the sentence away."""
        self._error.hide()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the parts below each other are: what is beside each other must not hold the page wide."""
        parts = (self._words, self.editor, self._side)
        return QSize(max(part.minimumSizeHint().width() for part in parts), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Parts --------------------------------------------------------------------------------------

    def _make_words(self) -> QWidget:
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        title = QHBoxLayout()
        title.setSpacing(5)
        title.addWidget(PlainLabel(self.setting.label, "strong", wrap=True))
        if self.setting.plain_label:
            title.addWidget(PlainLabel(f"· {self.setting.plain_label}", "muted", wrap=True))
        title.addStretch()
        column.addLayout(title)
        self._help = PlainLabel("", "small", wrap=True)
        self._error = PlainLabel("", "warning", wrap=True)
        self._error.hide()
        column.addWidget(self._help)
        column.addWidget(self._error)
        return words

    def _make_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self._side_layout = column
        self.reset = TextButton("", "small_link")
        self.reset.setProperty("state", "problem")
        self.reset.clicked.connect(lambda: self._presenter.reset(self.setting.key))
        self.remark = PlainLabel("", "small", wrap=True)
        self._effect = PlainLabel("", "small", wrap=True)
        self.memory = PlainLabel("", "ok", wrap=True)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        for label in (self.remark, self._effect, self.memory):
            column.addWidget(label)
        column.addStretch(1)
        return side

    def _show_words(self, row: SettingRow) -> None:
        self._help.setText(row.help)
        for child in (self.editor, self._words):
            child.setAccessibleDescription(row.help)

    def _show_side(self, row: SettingRow) -> None:
        had_focus = self.reset.hasFocus()
        self.reset.setVisible(bool(row.reset_text))
        self.reset.setText(row.reset_text)
        self.reset.setAccessibleName(row.reset_words)
        if had_focus and not row.reset_text:
            self.editor.setFocus()
        self.remark.setVisible(not row.reset_text and bool(row.remark))
        self.remark.setText(row.remark)
        self._effect.setVisible(bool(row.effect))
        self._effect.setText(row.effect)
        self.memory.setVisible(bool(row.memory))
        self.memory.setText(row.memory)
        set_role(self.memory, _TONES[row.memory_tone])

    # Layout -------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Beside each other where there is room for it, else below each other."""
        theme = self._theme
        beside = theme.px(_WORDS_WIDTH) + theme.px(_SIDE_WIDTH) + 2 * self._grid.horizontalSpacing()
        least = max(theme.px(_NARROW), beside + self.editor.width_to_read())
        stacked = self.width() < least or self.setting.type is SettingType.LONG_TEXT
        self._words.setMinimumWidth(0 if stacked else theme.px(_WORDS_WIDTH))
        self._words.setMaximumWidth(16_777_215 if stacked else theme.px(_WORDS_WIDTH))
        self._side.setMinimumWidth(0 if stacked else theme.px(_SIDE_WIDTH))
        self._side.setMaximumWidth(16_777_215 if stacked else theme.px(_SIDE_WIDTH))
        if stacked == self._stacked:
            return
        self._stacked = stacked
        directions = QVBoxLayout.Direction
        self._side_layout.setDirection(directions.LeftToRight if stacked else directions.TopToBottom)
        self._side_layout.setSpacing(14 if stacked else 1)
        for part in (self._words, self.editor, self._side):
            self._grid.removeWidget(part)
        middle = Qt.AlignmentFlag.AlignVCenter
        if stacked:
            self._grid.addWidget(self._words, 0, 0)
            self._grid.addWidget(self.editor, 1, 0)
            self._grid.addWidget(self._side, 2, 0)
            self._grid.setColumnStretch(0, 1)
            self._grid.setColumnStretch(1, 0)
        else:
            self._grid.addWidget(self._words, 0, 0, middle)
            self._grid.addWidget(self.editor, 0, 1, middle)
            self._grid.addWidget(self._side, 0, 2, middle)
            self._grid.setColumnStretch(0, 0)
            self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
