"""The editor for the samplers' order: a list whose entries are moved and ticked, by keyboard as by mouse."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout

from desktop_app.domain.sampling_lists import SAMPLERS
from desktop_app.presenters.setting_row import SettingRow
from desktop_app.presenters.setting_words import sampler_name
from desktop_app.settings.schema import Setting
from desktop_app.ui.settings.editor import Editor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import TextButton

_NAME = Qt.ItemDataRole.UserRole


class _SamplerList(QListWidget):
    """Alt with an arrow key moves the current entry."""

    move_wanted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_wanted.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)


class OrderEditor(Editor):
    """All samplers: the ticked ones in their order, then those that are off."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        super().__init__(setting)
        self._theme = theme
        self._shown = ""
        self.list = _SamplerList()
        self.list.setAccessibleName(setting.label)
        self.list.setAccessibleDescription(self.tr("Space ticks an entry, Alt+Up and Alt+Down move it."))
        self.list.setProperty("role", "ticks")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.up = self._button(self.tr("Up"), self.tr("Move the sampler up (Alt+Up)"), -1)
        self.down = self._button(self.tr("Down"), self.tr("Move the sampler down (Alt+Down)"), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch()
        self._row.addWidget(self.list, 1)
        self._row.addLayout(buttons)
        self.list.move_wanted.connect(self._move)
        self.list.itemChanged.connect(lambda _item: self._tell())
        self.list.model().rowsMoved.connect(lambda *_: self._tell())
        self.list.currentRowChanged.connect(lambda _row: self._fit_buttons())
        theme.changed.connect(self._fit)
        self._fit()

    def show_row(self, row: SettingRow) -> None:
        self.setEnabled(not row.locked_by)
        text = str(row.value or "")
        if text == self._shown:
            return
        self._shown = text
        on = [name.strip() for name in text.split(",")]
        current = self._name(self.list.currentRow())
        with QSignalBlocker(self.list):
            self.list.clear()
            for name in [*on, *(name for name in SAMPLERS if name not in on)]:
                self._add(name, name in on)
        names = [self._name(place) for place in range(self.list.count())]
        self.list.setCurrentRow(names.index(current) if current in names else 0)
        self._fit_buttons()

    def _add(self, name: str, is_on: bool) -> None:
        item = QListWidgetItem(sampler_name(name))
        item.setData(_NAME, name)
        item.setFlags((item.flags() | Qt.ItemFlag.ItemIsUserCheckable) & ~Qt.ItemFlag.ItemIsDropEnabled)
        item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        self.list.addItem(item)

    def _name(self, place: int) -> str:
        item = self.list.item(place)
        return str(item.data(_NAME)) if item is not None else ""

    def _button(self, text: str, name: str, step: int) -> TextButton:
        button = TextButton(text)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self._move(step))
        return button

    def _move(self, step: int) -> None:
        here = self.list.currentRow()
        there = here + step
        if here < 0 or not 0 <= there < self.list.count():
            return
        with QSignalBlocker(self.list):
            self.list.insertItem(there, self.list.takeItem(here))
        self.list.setCurrentRow(there)
        self._fit_buttons()
        self._tell()

    def _tell(self) -> None:
        places = range(self.list.count())
        on = [self._name(n) for n in places if self.list.item(n).checkState() is Qt.CheckState.Checked]
        text = ", ".join(on)
        if text != self._shown:
            self._shown = text if on else ""
            self.edited.emit(text)

    def _fit_buttons(self) -> None:
        here = self.list.currentRow()
        self.up.setEnabled(here > 0)
        self.down.setEnabled(0 <= here < self.list.count() - 1)

    def _fit(self) -> None:
        self.list.setFixedHeight(self._theme.px(26) * len(SAMPLERS) + self._theme.px(14))
