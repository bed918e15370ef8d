"""The sheet that Ctrl+K opens: type a few letters, take a line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.presenters.command_palette import CommandPalettePresenter, PaletteItem
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.field_with_list import FieldWithList, paint_mark
from desktop_app.ui.widgets.floating_sheet import FloatingSheet

_WIDTH = 580
_HEIGHT = 420
_ITEM = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _LineDelegate(QStyledItemDelegate):
    """One line: icon, name, a muted second text, the section or the shortcut at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, self._theme.px(34))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item: PaletteItem = index.data(_ITEM)
        theme = self._theme
        painter.save()
        paint_mark(painter, option, theme)
        line = option.rect.adjusted(10, 0, -10, 0)
        if item.icon:
            side = theme.px(17)
            place = QRect(line.x(), line.center().y() - side // 2, side, side)
            theme.icon(item.icon, "muted_text").paint(painter, place)
        line.setLeft(line.left() + theme.px(28))
        line.setRight(line.right() - self._draw_right(painter, line, item.keys or item.section))
        painter.setFont(theme.interface_font(13.5, QFont.Weight.Medium))
        painter.setPen(theme.color("text"))
        taken = self._draw_left(painter, line, item.title)
        if item.second_line:
            line.setLeft(line.left() + taken + 10)
            painter.setFont(theme.interface_font(12.5))
            painter.setPen(theme.color("muted_text"))
            self._draw_left(painter, line, item.second_line)
        painter.restore()

    def _draw_right(self, painter: QPainter, line: QRect, text: str) -> int:
        font = self._theme.interface_font(12)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted_text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return QFontMetrics(font).horizontalAdvance(text) + 12

    @staticmethod
    def _draw_left(painter: QPainter, line: QRect, text: str) -> int:
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, max(0, line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)


class CommandPalette(FloatingSheet):
    """A field and what fits it. Up and Down move, Enter takes, with Ctrl beside what is open, Esc closes; the field
    keeps the focus.
    """

    def __init__(self, presenter: CommandPalettePresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=_WIDTH, height=_HEIGHT, from_top=1 / 9)
        self._presenter = presenter
        self._listed_for = ""
        self._marked: PaletteItem | None = None
        self._enter_waits = False
        self.set_name(self.tr("Open anything"))
        self.content.setContentsMargins(12, 10, 12, 10)
        words = self.tr("Go to a chat or a note, or do something…")
        self._choice = FieldWithList(words, self.tr("What to open"), self.tr("What fits"))
        self.field, self.list = self._choice.field, self._choice.list
        self._with_ctrl = False
        self.field.installEventFilter(self)
        self.field.textEdited.connect(presenter.set_text)
        self.list.setItemDelegate(_LineDelegate(theme, self.list))
        self.list.itemEntered.connect(lambda entry: self._mark(self.list.row(entry)))
        self._choice.taken.connect(self._take)
        self._choice.marked.connect(self._mark)
        self._choice.entered.connect(self._take_when_current)
        self.content.addWidget(self._choice)
        presenter.changed.connect(self._show_items)

    def open_over(self, window: QWidget) -> None:
        """Show the sheet in the upper middle of `window`, with nothing typed."""
        self.field.clear()
        self._marked = None
        self._enter_waits = self._with_ctrl = False
        self._presenter.refresh()
        super().open_over(window)
        self.field.setFocus()

    def _show_items(self) -> None:
        items = self._presenter.items
        if self._presenter.text != self._listed_for:
            self._listed_for = self._presenter.text
            self._marked = None
            self._enter_waits = False
        lines = []
        for item in items:
            line = QListWidgetItem(item.title)
            line.setData(_ITEM, item)
            line.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.title}, {item.section}")
            lines.append(line)
        self._choice.show_lines(lines, self._row_of_marked(items))
        if self._enter_waits and self.isVisible():
            self._take_when_current()

    def _mark(self, row: int) -> None:
        """The person's own choice, which stays marked when names that are found later push it down."""
        self.list.setCurrentRow(row)
        self._marked = self.list.item(row).data(_ITEM)

    def _row_of_marked(self, items: list[PaletteItem]) -> int:
        marked = self._marked
        if marked is None:
            return 0
        for row, item in enumerate(items):
            if item.is_same(marked):
                return row
        self._marked = None
        return 0

    def _take_when_current(self) -> None:
        """Enter: take the marked line; the first one only when all that fit are there, for a better one may come."""
        self._enter_waits = self._marked is None and not self._presenter.first_is_final
        if not self._enter_waits and self.list.count():
            self._take(self.list.currentItem())

    def _take(self, entry: QListWidgetItem) -> None:
        item: PaletteItem = entry.data(_ITEM)
        self.hide()
        (item.run_beside if self._with_ctrl and item.run_beside is not None else item.run)()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and watched is self.field and event.key() in _ENTER:
            self._with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return super().eventFilter(watched, event)
