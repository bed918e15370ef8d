"""The sheet that picks a preset for the open chat: type a few letters, take a line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidgetItem,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.presets import Preset
from desktop_app.presenters.presets import PresetsPresenter
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.field_with_list import FieldWithList, paint_mark
from desktop_app.ui.widgets.floating_sheet import FloatingSheet

_PRESET = Qt.ItemDataRole.UserRole
_WIDTH = 560
_HEIGHT = 460


class _PresetDelegate(QStyledItemDelegate):
    """Name and what it is good for; at the right whose it is."""

    def __init__(self, theme: Theme, sheet: PresetSheet) -> None:
        super().__init__(sheet)
        self._theme = theme
        self._sheet = sheet

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, self._theme.px(50))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        name, second, right = self._sheet.words_of(index.data(_PRESET))
        painter.save()
        paint_mark(painter, option, theme)
        box = option.rect.adjusted(12, theme.px(5), -12, -theme.px(5))
        half = box.height() // 2
        upper, lower = QRect(box.topLeft(), QSize(box.width(), half)), box.adjusted(0, half, 0, 0)
        taken = self._draw(painter, upper, right, theme.interface_font(12), "muted_text", Qt.AlignmentFlag.AlignRight)
        upper.setRight(upper.right() - taken - 12)
        self._draw(painter, upper, name, theme.interface_font(13.5, QFont.Weight.Medium), "text")
        self._draw(painter, lower, second, theme.interface_font(12.5), "muted_text")
        painter.restore()

    def _draw(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        font: QFont,
        colour: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> int:
        painter.setFont(font)
        painter.setPen(self._theme.color(colour))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, max(0, box.width()))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)


class PresetSheet(FloatingSheet):
    """A field and the presets that fit it. Up and Down move, Enter takes, Esc closes; the field keeps the focus."""

    settings_wanted = Signal()
    """The person wants to see and change this chat's own settings."""

    def __init__(self, presenter: PresetsPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=_WIDTH, height=_HEIGHT, from_top=1 / 9)
        self._presenter = presenter
        self.set_name(self.tr("Preset for this chat"))
        self.content.setContentsMargins(12, 10, 12, 10)
        self.content.setSpacing(6)
        self._choice = FieldWithList(
            self.tr("Choose a preset for this chat…"),
            self.tr("Name of the preset"),
            self.tr("Presets"),
            nothing=self.tr("No preset is called that. Clear the field to see all of them."),
        )
        self.field, self.list, self.nothing = self._choice.field, self._choice.list, self._choice.nothing
        self.field.textChanged.connect(self._show)
        self.list.setItemDelegate(_PresetDelegate(theme, self))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentRowChanged.connect(self._allow)
        self._choice.taken.connect(self._take)
        self._choice.entered.connect(self._take_marked)
        self.content.addWidget(self._choice, 1)
        self.problem = PlainLabel("", "warning", wrap=True)
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.content.addLayout(self._make_foot())
        presenter.list_changed.connect(self._show)
        presenter.choices_changed.connect(self._show)
        presenter.failed.connect(self._show_problem)

    def open_over(self, window: QWidget) -> None:
        """Show all presets, the one in use marked."""
        self.problem.hide()
        self.field.clear()
        self._presenter.refresh()
        self._show()
        super().open_over(window)
        self.field.setFocus()

    def words_of(self, preset: Preset | None) -> tuple[str, str, str]:
        """(name, second line, what stands at the right) of a line; None is the line of no preset."""
        followed = self._presenter.choices.preset_ref
        if preset is None:
            words = self.tr("No preset"), self.tr("As in Settings")
            return *words, "" if followed else self.tr("in use")
        own = "" if preset.is_builtin else self.tr("yours")
        return preset.name, preset.description, self.tr("in use") if preset.ref == followed else own

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.settings_button = TextButton(self.tr("Settings of this chat…"))
        self.settings_button.clicked.connect(self._want_settings)
        self.import_button = TextButton(self.tr("Import…"))
        self.import_button.setAccessibleName(self.tr("Import a preset from a file"))
        self.import_button.clicked.connect(self._import)
        self.more_button = TextButton(self.tr("Export or delete…"))
        self.more_button.clicked.connect(
            lambda: self._open_menu(self.list.visualItemRect(self.list.currentItem()).center())
        )
        foot.addWidget(self.settings_button)
        foot.addStretch()
        foot.addWidget(self.import_button)
        foot.addWidget(self.more_button)
        return foot

    def _show(self) -> None:
        text = self.field.text()
        found: list[Preset | None] = list(self._presenter.matching(text))
        if not text.strip():
            found.insert(0, None)
        lines, marked = [], 0
        for place, preset in enumerate(found):
            name, second, right = self.words_of(preset)
            line = QListWidgetItem(name)
            line.setData(_PRESET, preset)
            line.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(part for part in (name, second, right) if part))
            lines.append(line)
            if not text.strip() and (preset.ref if preset else "") == self._presenter.choices.preset_ref:
                marked = place
        self._choice.show_lines(lines, marked)

    def _allow(self, row: int) -> None:
        """Only a preset can be exported or deleted, not the line of none."""
        entry = self.list.item(row)
        self.more_button.setEnabled(entry is not None and entry.data(_PRESET) is not None)

    def _take_marked(self) -> None:
        if self.list.currentItem() is not None:
            self._take(self.list.currentItem())

    def _take(self, entry: QListWidgetItem) -> None:
        self.hide()
        self._presenter.pick(entry.data(_PRESET))

    def _want_settings(self) -> None:
        self.hide()
        self.settings_wanted.emit()

    def _open_menu(self, place: QPoint) -> None:
        """Export and delete for the line at `place`."""
        entry = self.list.itemAt(place)
        preset: Preset | None = entry.data(_PRESET) if entry is not None else None
        if preset is None:
            return
        menu = QMenu(self)
        export = QAction(self.tr("Export…"), menu)
        export.triggered.connect(lambda: self._export(preset))
        delete = QAction(self.tr("Delete"), menu)
        delete.setEnabled(not preset.is_builtin)
        delete.triggered.connect(lambda: self._presenter.delete(preset))
        menu.addActions([export, delete])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _export(self, preset: Preset) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, self.tr("Export preset"), f"{preset.name}.toml".replace("/", "-"), self.tr("Presets (*.toml)")
        )
        if name:
            self._presenter.export(preset, Path(name))

    def _import(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, self.tr("Import preset"), "", self.tr("Presets (*.toml)"))
        if name:
            self._presenter.import_file(Path(name))

    def _show_problem(self, error: InkwellError) -> None:
        self.problem.setText(str(error))
        self.problem.show()
