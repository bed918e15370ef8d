"""The transcript: a window of message widgets over the presenter's messages, following the tail only for its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from desktop_app.presenters.chat_branches import MessageEdit
from desktop_app.presenters.transcript import TranscriptPresenter
from desktop_app.ui.theme.theme import READING_COLUMN

if TYPE_CHECKING:
    # Rows, and what draws Markdown in them, are imported with the first message.
    from desktop_app.ui.chat.message_row import MessageRow
    from desktop_app.ui.theme.theme import Theme

MOST_ALIVE = 160
"""Message widgets kept at most; those far from the reader are let go and made again when they are needed."""

BATCH = 10
"""Message widgets made in one go while paging."""

_NEAR = 1_200
_FIRST_PAINT_MS = 60  # what is in view is painted before more is made
_GAP = 22
_AT_BOTTOM = 24
_ON_CURRENT = (Qt.Key.Key_C, Qt.Key.Key_E, Qt.Key.Key_P, Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Right)
_ON_TOP = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)
_ABOVE_GOAL = 48  # room above a message that was gone to


def column_width(theme: Theme, width: int) -> int:
    """Width of the reading column in a view of `width` pixels."""
    margin = theme.px(36) if width > 520 else 14
    return max(120, min(theme.px(READING_COLUMN), width - 2 * margin))


class TranscriptView(QScrollArea):
    """Shows TranscriptPresenter's messages. `tail` is a widget that always stands below the last message."""

    copy_wanted = Signal(int)  # message id
    regenerate_wanted = Signal(int)
    action_wanted = Signal(int, object)
    menu_wanted = Signal(int, object)
    edit_wanted = Signal(int)
    edit_text_changed = Signal(int, str)
    edit_submitted = Signal(int, bool)
    edit_room_wanted = Signal(int, object)  # message id, WhenFull
    edit_new_chat_wanted = Signal(int)  # message id
    edit_left = Signal(int)
    version_wanted = Signal(int, int)  # message id, -1 or 1
    delete_wanted = Signal(int)
    link_activated = Signal(str)
    attachment_wanted = Signal(int)  # attachment id
    source_wanted = Signal(int, int)  # message id of an answer, attachment id of a passage that it read (0: all)
    link_hovered = Signal(str)
    row_made = Signal(object)  # MessageRow
    arrived = Signal(int)  # the message that was gone to stands in its place
    pin_wanted = Signal(int, bool)
    recalled_wanted = Signal(int)
    summary_edit_wanted = Signal()

    def __init__(
        self,
        presenter: TranscriptPresenter,
        theme: Theme,
        tail: QWidget,
        edit_of: Callable[[int], MessageEdit | None] = lambda _message_id: None,
        parent: QWidget | None = None,
    ) -> None:
        """`edit_of` says how a message is being edited, if it is."""
        super().__init__(parent)
        self._presenter = presenter
        self._edit_of = edit_of
        self._theme = theme
        self._rows: list[MessageRow] = []
        self._first = 0
        self._following = True
        self._placing = False
        self._current: int | None = None
        self._wanted_anchor: tuple[int, int] | None = None
        self._to_mark: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Transcript"))
        self._column = QWidget()
        self._column.setObjectName("transcriptColumn")
        self.setWidget(self._column)
        self._tail = tail
        tail.setParent(self._column)
        self._latest = QPushButton(self.tr("↓ Latest"), self)
        self._latest.setProperty("role", "chip")
        self._latest.setAccessibleName(self.tr("Go to the latest message"))
        self._latest.clicked.connect(self.go_to_latest)
        self._latest.hide()
        self._place_soon = QTimer(self)
        self._place_soon.setSingleShot(True)
        self._place_soon.timeout.connect(self.place)
        self._page_soon = QTimer(self)
        self._page_soon.setSingleShot(True)
        self._page_soon.timeout.connect(self._page)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        presenter.reset.connect(self.rebuild)
        presenter.older_loaded.connect(self._older_loaded)
        presenter.appended.connect(self._appended)
        presenter.replaced.connect(self._replaced)
        presenter.truncated.connect(self._truncated)
        presenter.path_changed.connect(self._path_changed)
        presenter.version_changed.connect(self._version_changed)
        presenter.text_added.connect(self._text_added)
        presenter.memory_start_changed.connect(self._mark_memory)
        theme.changed.connect(self.rebuild)

    # The window over the messages ---------------------------------------------------------------

    @property
    def rows(self) -> list[MessageRow]:
        """The message widgets alive, from the top."""
        return self._rows

    @property
    def first_index(self) -> int:
        """Presenter's index of the first row."""
        return self._first

    @property
    def following(self) -> bool:
        """True while new text keeps the view at the end."""
        return self._following

    def rebuild(self) -> None:
        """Show the presenter's messages anew, from the end."""
        anchor = None if self._following or self.sender() is self._presenter else self.anchor()
        written_in = self._written_in()
        for row in self._rows:
            self._let_go(row)
        self._rows = []
        self._current = None
        messages = self._presenter.messages
        self._first = max(0, len(messages) - 2 * BATCH)
        self._rows = [self._make(index) for index in range(self._first, len(messages))]
        self._following = True
        self._mark_last()
        self._mark_memory()
        self.place()
        if anchor is not None:
            self.go_to(anchor)
        if written_in is not None:
            self._write_on(*written_in)
        self._page_soon.start(_FIRST_PAINT_MS)

    def _written_in(self) -> tuple[int, int] | None:
        """(message id, place of the cursor) of the editor that has the keyboard."""
        for row in self._rows:
            if row.editor is not None and row.editor.edit.hasFocus():
                return row.message.id, row.editor.edit.textCursor().position()
        return None

    def _write_on(self, message_id: int, place: int) -> None:
        """The editor was made anew: the keyboard is where it was."""
        row = next((each for each in self._rows if each.message.id == message_id), None)
        if row is not None and row.editor is not None:
            edit = row.editor.edit
            cursor = edit.textCursor()
            cursor.setPosition(min(place, edit.document().characterCount() - 1))
            edit.setTextCursor(cursor)
            edit.setFocus()

    def _make(self, index: int) -> MessageRow:
        from desktop_app.ui.chat.message_rows import make_row

        message = self._presenter.messages[index]
        row = make_row(
            self._theme,
            message,
            self._presenter.words(message),
            writing=message.id == self._presenter.running_id,
            parent=self._column,
        )
        message_id = message.id
        row.height_changed.connect(lambda: self._place_soon.start(0))
        row.copy_wanted.connect(lambda: self.copy_wanted.emit(message_id))
        row.regenerate_wanted.connect(lambda: self.regenerate_wanted.emit(message_id))
        row.action_wanted.connect(lambda action: self.action_wanted.emit(message_id, action))
        row.menu_wanted.connect(lambda point: self.menu_wanted.emit(message_id, point))
        row.edit_wanted.connect(lambda: self.edit_wanted.emit(message_id))
        row.edit_text_changed.connect(lambda text: self.edit_text_changed.emit(message_id, text))
        row.edit_submitted.connect(lambda go_on: self.edit_submitted.emit(message_id, go_on))
        row.edit_room_wanted.connect(lambda choice: self.edit_room_wanted.emit(message_id, choice))
        row.edit_new_chat_wanted.connect(lambda: self.edit_new_chat_wanted.emit(message_id))
        row.edit_left.connect(lambda: self.edit_left.emit(message_id))
        row.version_wanted.connect(lambda step: self.version_wanted.emit(message_id, step))
        row.link_activated.connect(self.link_activated)
        row.attachment_wanted.connect(self.attachment_wanted)
        row.source_wanted.connect(lambda attachment: self.source_wanted.emit(message_id, attachment))
        row.link_hovered.connect(self.link_hovered)
        row.pin_wanted.connect(lambda pinned: self.pin_wanted.emit(message_id, pinned))
        row.recalled_wanted.connect(lambda: self.recalled_wanted.emit(message_id))
        row.summary_edit_wanted.connect(self.summary_edit_wanted)
        row.selection_began.connect(lambda: self._clear_other_selections(row))
        row.set_version(self._presenter.version_of(message_id))
        row.set_edit(self._edit_of(message_id))
        row.show()
        self.row_made.emit(row)
        return row

    def _let_go(self, row: MessageRow) -> None:
        self.link_hovered.emit("")  # no pointer leaves what is gone
        row.hide()
        row.deleteLater()

    def _older_loaded(self, count: int) -> None:
        self._first += count
        if self._current is not None:
            self._current += count
        self._mark_memory()
        self._page_soon.start(0)

    def _page(self) -> None:
        """Make rows on the side the reader nears, let go of those on the other."""
        bar = self.verticalScrollBar()
        if bar.value() < _NEAR and (self._first > 0 or self._presenter.has_older):
            if self._first > 0:
                self._grow_up()
            else:
                self._presenter.load_older()
        elif bar.maximum() - bar.value() < _NEAR and self._last < len(self._presenter.messages):
            self._grow_down()
        self._try_wanted_anchor()

    @property
    def _last(self) -> int:
        return self._first + len(self._rows)

    def _grow_up(self) -> None:
        anchor = self.anchor()  # before the new rows, which stand nowhere yet
        start = max(0, self._first - BATCH)
        self._rows[:0] = [self._make(index) for index in range(start, self._first)]
        self._first = start
        surplus = len(self._rows) - MOST_ALIVE
        if surplus > 0:
            for row in self._rows[-surplus:]:
                self._let_go(row)
            del self._rows[-surplus:]
        if not self._following:
            self._wanted_anchor = self._wanted_anchor or anchor
        self._after_paging()

    def _grow_down(self) -> None:
        end = min(len(self._presenter.messages), self._last + BATCH)
        self._rows += [self._make(index) for index in range(self._last, end)]
        surplus = len(self._rows) - MOST_ALIVE
        if surplus > 0:
            for row in self._rows[:surplus]:
                self._let_go(row)
            anchor = self.anchor()
            del self._rows[:surplus]
            self._first += surplus
            self._wanted_anchor = self._wanted_anchor or anchor
        self._after_paging()

    def _after_paging(self) -> None:
        self._mark_last()
        self._mark_memory()
        self.place()
        self._page_soon.start(0)

    # Changes ------------------------------------------------------------------------------------

    def _appended(self, index: int) -> None:
        if index != self._last:
            self._show_latest_button()
            return
        self._rows.append(self._make(index))
        if len(self._rows) > MOST_ALIVE + BATCH:
            for row in self._rows[:BATCH]:
                self._let_go(row)
            del self._rows[:BATCH]
            self._first += BATCH
        self._mark_last()
        self.place()

    def _replaced(self, index: int) -> None:
        row = self._row(index)
        if row is None:
            return
        message = self._presenter.messages[index]
        row.show_message(message, self._presenter.words(message), writing=message.id == self._presenter.running_id)
        self.place()

    def _truncated(self, index: int) -> None:
        for row in self._rows[max(0, index - self._first) :]:
            self._let_go(row)
        del self._rows[max(0, index - self._first) :]
        self._mark_last()
        self.place()

    def _path_changed(self, index: int) -> None:
        """Other messages stand from `index` on; the first of them takes the old one's place before the reader."""
        if not self._first <= index <= self._last:
            self.rebuild()
            return
        anchor, old = self._anchor_through(index), self._row(index)
        step = old.switch.focused_step() if old is not None and old.switch is not None else 0
        was_current, self._current = self._current, None
        for row in self._rows[index - self._first :]:
            self._let_go(row)
        del self._rows[index - self._first :]
        end = min(len(self._presenter.messages), index + 2 * BATCH)
        self._rows += [self._make(each) for each in range(index, end)]
        self._following = False
        self._wanted_anchor = anchor
        self._after_paging()
        if was_current is not None and was_current < self._last:
            self._set_current(was_current)
        new = self._row(index)
        if step and new is not None and new.switch is not None:
            new.switch.focus_step(step)

    def _anchor_through(self, index: int) -> tuple[int, int] | None:
        """The anchor that keeps the reader's place while the messages from `index` on give way to others."""
        anchor, old = self.anchor(), self._row(index)
        ids = [row.message.id for row in self._rows]
        if anchor is None or old is None or self._first + ids.index(anchor[0]) < index:
            return anchor
        messages = self._presenter.messages
        return (messages[index].id, old.y() - self.verticalScrollBar().value()) if index < len(messages) else None

    def _version_changed(self, index: int) -> None:
        row = self._row(index)
        if row is not None:
            row.set_version(self._presenter.version_of(row.message.id))

    def show_edit(self, message_id: int) -> None:
        """Open, change or close the editor in a message's place; one that opens has the keyboard and is in view."""
        row = next((each for each in self._rows if each.message.id == message_id), None)
        if row is None:
            return
        edit, had_editor = self._edit_of(message_id), row.editor is not None
        if edit is not None and not had_editor:
            self._following = False
        held_focus = row.editor is not None and row.editor.isAncestorOf(self.focusWidget() or self)
        row.set_edit(edit)
        self.place()
        if row.editor is not None and not had_editor:
            self.ensureVisible(row.x(), row.y() + row.height(), 0, 20)
            row.editor.edit.setFocus()
        elif held_focus:
            self.setFocus()

    def _text_added(self, index: int, text: str) -> None:
        row = self._row(index)
        if row is not None:
            row.add_text(self._presenter.messages[index], text)
            if row.fit(row.width()) != row.height():  # most pieces of text do not begin a new line
                self.place()

    def _row(self, index: int) -> MessageRow | None:
        return self._rows[index - self._first] if self._first <= index < self._last else None

    def _mark_last(self) -> None:
        end = len(self._presenter.messages) - 1
        for offset, row in enumerate(self._rows):
            row.set_last(self._first + offset == end)

    def _mark_memory(self) -> None:
        start = self._presenter.memory_start_index
        for offset, row in enumerate(self._rows):
            row.set_memory_line(self._first + offset == start, self._presenter.summary)

    # Placing and scrolling ----------------------------------------------------------------------

    def place(self) -> None:
        """Lay out all rows; the reader keeps the place, or stays at the end while following."""
        self._place_soon.stop()
        if self._placing:
            return
        self._placing = True
        anchor = None if self._following else self._wanted_anchor or self.anchor()
        view_width = self.width()  # not the viewport's: the column stays where it is when the scroll bar comes
        column = column_width(self._theme, view_width)
        x = (view_width - column) // 2
        y = self._theme.px(22)
        for row in self._rows:
            height = row.fit(column)
            row.setGeometry(x, y, column, height)
            y += height + _GAP
        tail_height = (
            self._tail.heightForWidth(column) if self._tail.hasHeightForWidth() else self._tail.sizeHint().height()
        )
        tail_height = tail_height if not self._tail.isHidden() else 0
        self._tail.setGeometry(x, y, column, tail_height)
        y += tail_height + self._theme.px(14)
        self._column.resize(self.viewport().width(), max(y, self.viewport().height()))
        if self._following:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        elif anchor is not None:
            self._restore(anchor)
        self._placing = False
        self._show_latest_button()

    def anchor(self) -> tuple[int, int] | None:
        """(message id, pixels from the top of the view to its top) of the first message in view."""
        top = self.verticalScrollBar().value()
        for row in self._rows:
            if row.y() + row.height() > top:
                return row.message.id, row.y() - top
        return None

    def go_to(self, anchor: tuple[int, int]) -> None:
        """Bring a message back to where `anchor` says; older pages are read until it is there."""
        self._following = False
        self._wanted_anchor = anchor
        self._page_soon.start(0)
        self._try_wanted_anchor()

    def go_to_message(self, message_id: int) -> None:
        """Bring a message to the top of the view and mark it briefly."""
        self._to_mark = message_id
        self.go_to((message_id, self._theme.px(_ABOVE_GOAL)))

    def _try_wanted_anchor(self) -> None:
        if self._wanted_anchor is None:
            return
        wanted = self._wanted_anchor[0]
        if self._restore(self._wanted_anchor):
            self._wanted_anchor = None
            self._show_latest_button()
            self._mark_goal(wanted)
            self.arrived.emit(wanted)
            return
        index = self._presenter.index_of(wanted)
        if index is not None:
            self._show_around(index)
        elif not self._presenter.load_back_to(wanted):
            self._wanted_anchor = None

    def _show_around(self, index: int) -> None:
        """Make the rows about a message anew; what lies between it and the rows before is not made."""
        for row in self._rows:
            self._let_go(row)
        self._current = None
        self._first = max(0, index - BATCH)
        end = min(len(self._presenter.messages), index + BATCH)
        self._rows = [self._make(each) for each in range(self._first, end)]
        self._after_paging()

    def _mark_goal(self, message_id: int) -> None:
        if self._to_mark == message_id:
            self._to_mark = None
            for row in self._rows:
                if row.message.id == message_id:
                    row.mark_briefly()

    def _restore(self, anchor: tuple[int, int]) -> bool:
        for row in self._rows:
            if row.message.id == anchor[0]:
                self.verticalScrollBar().setValue(row.y() - anchor[1])
                return True
        return False

    def place_of(self, widget: QWidget, point: QPoint) -> QPoint:
        """Where a point of a widget in a row stands in the column."""
        return widget.mapTo(self._column, point)

    def show_stretch(self, top: int, bottom: int, margin: int) -> None:
        """Scroll as little as needed to have the column's pixels [top, bottom) in view, `margin` off the edges."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if not bar.value() + margin <= top <= bottom <= bar.value() + height - margin:
            self._following = False
            bar.setValue(top - height // 3)

    def go_to_latest(self) -> None:
        """To the end, and follow it again."""
        self._following = True
        self._wanted_anchor = None
        if self._last < len(self._presenter.messages):
            self.rebuild()
        else:
            self.place()

    def _scrolled(self, value: int) -> None:
        if self._placing:
            return
        bar = self.verticalScrollBar()
        at_end = bar.maximum() - value <= _AT_BOTTOM and self._last >= len(self._presenter.messages)
        self._following = at_end
        self._show_latest_button()
        if not self._page_soon.isActive():
            self._page_soon.start(0)

    def _show_latest_button(self) -> None:
        bar = self.verticalScrollBar()
        at_end = bar.maximum() - bar.value() <= _AT_BOTTOM and self._last >= len(self._presenter.messages)
        shown = not self._following and bool(self._rows) and not at_end
        self._latest.setVisible(shown)
        if shown:
            size = self._latest.sizeHint()
            self._latest.resize(size)
            self._latest.move((self.width() - size.width()) // 2, self.height() - size.height() - 12)
            self._latest.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything wraps anew; the reader keeps the place."""
        super().resizeEvent(event)
        self.place()

    # Keyboard -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk the messages, Left and Right their versions; C copies, E edits, P pins, Del deletes; Home
        and End go to the ends, Page keys scroll.
        """
        key = event.key()
        bar = self.verticalScrollBar()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            bar.setValue(bar.value() + (-1 if key == Qt.Key.Key_PageUp else 1) * int(bar.pageStep() * 0.9))
        elif key == Qt.Key.Key_End:
            self.go_to_latest()
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif self.current_id is not None and key in _ON_CURRENT:
            self._ask(key, self.current_id)
        elif key in (Qt.Key.Key_Menu, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self._menu_at_current()
        else:
            super().keyPressEvent(event)

    @property
    def current_id(self) -> int | None:
        """The message the keyboard is at."""
        row = self._row(self._current) if self._current is not None else None
        return row.message.id if row is not None else None

    def _ask(self, key: int, message_id: int) -> None:
        if key == Qt.Key.Key_C:
            self.copy_wanted.emit(message_id)
        elif key == Qt.Key.Key_E:
            self.edit_wanted.emit(message_id)
        elif key == Qt.Key.Key_P:
            index = self._presenter.index_of(message_id)
            if index is not None:
                self.pin_wanted.emit(message_id, not self._presenter.messages[index].pinned)
        elif key == Qt.Key.Key_Delete:
            self.delete_wanted.emit(message_id)
        else:
            self.version_wanted.emit(message_id, -1 if key == Qt.Key.Key_Left else 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame of the keyboard goes with the focus; a menu or a sheet over the window is about that message."""
        if event.reason() not in _ON_TOP:
            self._set_current(None)
        super().focusOutEvent(event)

    def _walk(self, step: int) -> None:
        if not self._rows:
            return
        start = self._last if self._current is None else self._current
        self._set_current(max(self._first, min(self._last - 1, start + step)))
        row = self._row(self._current) if self._current is not None else None
        if row is not None:
            self.ensureVisible(row.x(), row.y() + min(40, row.height() // 2), 0, 60)

    def _set_current(self, index: int | None) -> None:
        old = self._row(self._current) if self._current is not None else None
        if old is not None:
            old.set_current(False)
        self._current = index
        new = self._row(index) if index is not None else None
        if new is not None:
            new.set_current(True)

    def _menu_at_current(self) -> None:
        row = self._row(self._current) if self._current is not None else None
        if row is not None:
            self.menu_wanted.emit(row.message.id, row.mapToGlobal(QPoint(20, 20)))

    # Selection ----------------------------------------------------------------------------------

    def selected_text(self) -> str:
        """What is selected, wherever in the transcript."""
        return next((text for row in self._rows if (text := row.selected_text())), "")

    def _clear_other_selections(self, kept: MessageRow) -> None:
        for row in self._rows:
            if row is not kept:
                row.clear_selection()
