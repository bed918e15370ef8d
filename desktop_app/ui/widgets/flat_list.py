"""The flat list of chats, notes and sections: a title, a second line, an accent edge at what is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.presenters.rows import RowListModel, RowRole
from desktop_app.ui.theme.theme import Theme

_MARGIN = 10  # from the row's edge to its text
_RADIUS = 8.0
_EDGE = 3  # width of the accent edge
_ICON = 15  # in front of a title
_CUT = "…"
_IN_FRONT = 0.75  # of the width at most, for the words in front of a mark and the mark


class RowDelegate(QStyledItemDelegate):
    """Draws one row. Fonts are made once for each state of the theme; making them for each row would cost more."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, one_line: bool = False) -> None:
        """`one_line`: rows have a title only, and stand closer."""
        super().__init__(parent)
        self._theme = theme
        self._one_line = one_line
        theme.changed.connect(self._make_fonts)
        self._make_fonts()

    def _make_fonts(self) -> None:
        theme = self._theme
        self._title_font = theme.interface_font(13.5, QFont.Weight.Medium)
        self._second_font = theme.interface_font(12.5)
        self._section_font = theme.interface_font(11.5, QFont.Weight.Medium)
        self._section_font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.5)
        self._title_height = QFontMetrics(self._title_font).height()
        self._second_height = QFontMetrics(self._second_font).height()
        self._section_height = QFontMetrics(self._section_font).height()
        gaps = theme.px(16)
        self._section_size = QSize(80, self._section_height + gaps)
        self._row_size = QSize(80, self._title_height + self._second_height + 2 + gaps)
        self._short_size = QSize(80, self._title_height + (gaps * 3 // 4 if self._one_line else gaps))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        if self._one_line:
            return self._short_size
        model = index.model()
        if isinstance(model, RowListModel):  # asked for each of thousands of rows: its roles would take thrice as long
            return self._section_size if model.rows[index.row()].is_section else self._row_size
        if index.data(RowRole.SECTION):
            return self._section_size
        return self._row_size if index.data(RowRole.SECOND_LINE) is not None else self._short_size

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        if index.data(RowRole.SECTION):
            self._paint_section(painter, option.rect, str(index.data()))
        else:
            self._paint_row(painter, option, index)
        painter.restore()

    def _paint_section(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._section_font)
        painter.setPen(self._theme.color("muted_text"))
        line = rect.adjusted(_MARGIN - 2, 0, -_MARGIN, -self._theme.px(5))
        painter.drawText(line, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text.upper())

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, state = self._theme, option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, option.rect, selected, bool(state & QStyle.StateFlag.State_MouseOver))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        top, bottom = (6, 5) if self._one_line else (8, 7)
        inner = option.rect.adjusted(_MARGIN, theme.px(top), -_MARGIN, -theme.px(bottom))
        at_right = index.data(RowRole.AT_RIGHT) or ""
        title_width = inner.width()
        if at_right:
            painter.setFont(self._second_font)
            painter.setPen(theme.color("muted_text"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(inner, flags, at_right)
            title_width -= QFontMetrics(self._second_font).horizontalAdvance(at_right) + 8
        painter.setFont(self._title_font)
        painter.setPen(theme.color("text"))
        line = QRect(inner.x(), inner.y(), title_width, self._title_height)
        icon = index.data(RowRole.ICON)
        if icon:
            side = min(theme.px(_ICON), self._title_height)
            place = QRect(line.x(), line.y() + (line.height() - side) // 2, side, side)
            theme.icon(icon, "muted_text").paint(painter, place)
            line.setLeft(place.right() + theme.px(6))
        self._draw_line(painter, line, str(index.data() or ""))
        second = index.data(RowRole.SECOND_LINE)
        if second:
            painter.setFont(self._second_font)
            painter.setPen(theme.color("muted_text"))
            top = inner.y() + self._title_height + 2
            line = QRect(inner.x(), top, inner.width(), self._second_height)
            text, marks = str(second), index.data(RowRole.MARKS)
            if marks:
                text, marks = brought_into_view(text, marks, painter.fontMetrics(), line.width())
                self._draw_marks(painter, line, text, marks)
            self._draw_line(painter, line, text)

    def _paint_ground(self, painter: QPainter, rect: QRect, selected: bool, hovered: bool) -> None:
        theme = self._theme
        if not (selected or hovered):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(theme.color("selected_row" if selected else "hover"))
        # On white paper the row needs a line around it; in the dark its ground is enough.
        painter.setPen(theme.color("line") if selected and not theme.is_dark else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(shape, _RADIUS, _RADIUS)
        if selected:
            outline = QPainterPath()
            outline.addRoundedRect(QRectF(rect), _RADIUS, _RADIUS)
            rest = QPainterPath()
            rest.addRoundedRect(QRectF(rect).adjusted(_EDGE, 0, _RADIUS * 2, 0), _RADIUS, _RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawPath(outline.subtracted(rest))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_marks(self, painter: QPainter, rect: QRect, text: str, marks: Sequence[tuple[int, int]]) -> None:
        """The ground behind the stretches that stand out, as far as there is room for them."""
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        whole = len(shown) if shown == text else max(0, len(shown) - 1)
        for start, end in marks:
            if start >= whole:
                break
            left = metrics.horizontalAdvance(text[:start])
            right = metrics.horizontalAdvance(text[: min(end, whole)])
            stretch = QRect(rect.x() + left, rect.y(), right - left, rect.height())
            painter.fillRect(stretch, self._theme.color("highlight"))
            painter.setPen(self._theme.color("text"))

    def _draw_line(self, painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def brought_into_view(
    text: str, marks: Sequence[tuple[int, int]], metrics: QFontMetrics, width: int
) -> tuple[str, list[tuple[int, int]]]:
    """A line and its marks, without what stands so far in front of the first mark that `width` pixels would not show
    the mark; what is left begins with a word.
    """
    first, end = marks[0]
    if metrics.horizontalAdvance(text[:end] + _CUT) <= width:
        return text, list(marks)
    start = first
    while (before := text.rfind(" ", 0, max(0, start - 1)) + 1) < start:
        if metrics.horizontalAdvance(_CUT + text[before:end] + _CUT) > width * _IN_FRONT:
            break
        start = before
    if start == 0:
        return text, list(marks)
    moved = len(_CUT) - start
    return _CUT + text[start:], [(left + moved, right + moved) for left, right in marks if left >= start]


class FlatList(QListView):
    """A list over a model with the roles of `presenters.rows` (RowListModel, or one of the screen's own).

    `chosen(id)` follows a click, Enter or a move of the selection by keys; `menu_wanted(id, global position)` a right
    click or the menu key; `remove_wanted(id)` the Delete key. Where several rows can be selected, Ctrl with an
    arrow goes on without choosing, and Ctrl+Space selects.
    """

    chosen = Signal(object)
    menu_wanted = Signal(object, QPoint)
    remove_wanted = Signal(object)

    def __init__(
        self,
        theme: Theme,
        model: QAbstractItemModel,
        *,
        name: str,
        sections: bool = False,
        one_line: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`sections`: the model has headings between rows (each row is then measured on its own). `one_line`: rows have
        a title only.
        """
        super().__init__(parent)
        self._silent = False
        self._goes_past = False  # by Ctrl and an arrow, in a list of which several rows can be selected
        self._drag: Callable[[list[object]], object] | None = None
        self.setModel(model)
        self.setItemDelegate(RowDelegate(theme, self, one_line=one_line))
        self.setAccessibleName(name)
        self.setUniformItemSizes(not sections)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_menu)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        theme.changed.connect(self.doItemsLayout)

    def let_drag(self, drag: Callable[[list[object]], object]) -> None:
        """Let selected rows be dragged away where the model allows it; `drag(ids)` does it, and returns at its end."""
        self._drag = drag
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - Qt's signature
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        if self._drag is not None and indexes:
            self._drag([index.data(RowRole.ID) for index in indexes])

    @property
    def current_id(self) -> object:
        """Id of the selected row, None without one."""
        index = self.currentIndex()
        return index.data(RowRole.ID) if index.isValid() else None

    def select(self, row_id: object) -> bool:
        """Select a row without sending `chosen`; false where there is none (the selection is then cleared)."""
        index = self._index_of(row_id)
        if index is not None:
            if self.currentIndex() != index:
                self._silent = True
                self.setCurrentIndex(index)
                self._silent = False
                self.scrollTo(index)
            return True
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())
        return False

    def _index_of(self, row_id: object) -> QModelIndex | None:
        model = self.model()
        if isinstance(model, RowListModel):  # asking it for each row costs more than its own look
            number = model.row_of(row_id)
            return model.index(number) if number >= 0 and not model.rows[number].is_section else None
        for number in range(model.rowCount()):
            index = model.index(number, 0)
            if index.data(RowRole.ID) == row_id and not index.data(RowRole.SECTION):
                return index
        return None

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        if current.data(RowRole.NEEDS_ENTER):
            return
        if self.hasFocus() and not self._silent and not self._button_down() and not self._goes_past:
            self._choose(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.remove_wanted.emit(self.current_id)
            return
        self._goes_past = self._picks_several and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().keyPressEvent(event)
        self._goes_past = False

    @property
    def _picks_several(self) -> bool:
        return self.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection

    def _button_down(self) -> bool:
        return self.state() != QAbstractItemView.State.NoState

    def _choose(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid() and not index.data(RowRole.SECTION):
            self.chosen.emit(index.data(RowRole.ID))

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self.indexAt(position)
        if index.isValid() and not index.data(RowRole.SECTION):
            self.menu_wanted.emit(index.data(RowRole.ID), self.viewport().mapToGlobal(position))
