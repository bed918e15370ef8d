"""Keys in lists and on whole lines: Tab and Shift+Tab, Enter and Backspace, moving lines, ticking tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextBlock, QTextCursor

from desktop_app.domain.markdown_lists import (
    depth_of,
    indented,
    item_of,
    number_after,
    outdented,
    renumbered,
    shifted_lines,
    with_tasks,
)
from desktop_app.domain.shared_ends import common_end, common_start
from desktop_app.domain.sorted_lines import sorted_lines
from desktop_app.ui.notes.markdown_keys import continuation
from desktop_app.ui.notes.markdown_lines import LineState
from desktop_app.ui.notes.text_blocks import lines_between

if TYPE_CHECKING:
    from desktop_app.ui.notes.markdown_editor import MarkdownEditor

#: So many lines up and down belong to one list at most.
_REACH = 300
_TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ALLOWED = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class ListKeys:
    """Does what keys mean in the lists of one editor, each as one step of its history."""

    def __init__(self, editor: MarkdownEditor) -> None:
        self._editor = editor

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what the key means here; false where it means nothing of its own."""
        key = Qt.Key(event.key())
        if event.modifiers() & ~_ALLOWED:
            return False
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _TABS:
            return self._shift(back=back or key is Qt.Key.Key_Backtab)
        if key in _ENTER:
            self._break_line(within_item=back)
            return True
        return key is Qt.Key.Key_Backspace and not back and self._step_back()

    def move_lines(self, direction: int) -> None:
        """The lines of the selection, or the cursor's, one line up (-1) or down (1)."""
        first, last = self._chosen()
        beside = first.previous() if direction < 0 else last.next()
        if not beside.isValid():
            return
        cursor = self._editor.textCursor()
        shift = beside.length() * direction
        anchor, place = cursor.anchor() + shift, cursor.position() + shift
        changed_from = min(first.blockNumber(), beside.blockNumber())
        before, start = self._list_around(first)
        in_list = start <= beside.blockNumber() < start + len(before) and item_of(first.text()) is not None
        top, end = first.position(), last.position() + last.length() - 1
        edit = QTextCursor(self._editor.document())
        edit.beginEditBlock()
        if direction < 0:
            edit.setPosition(end)
            edit.insertText("\n" + beside.text())
            _remove(edit, top - beside.length(), top)
        else:
            length, words = beside.length(), beside.text()
            edit.setPosition(top)
            edit.insertText(words + "\n")
            _remove(edit, end + length, end + 2 * length)
        # A selection that took the line's end along finds none in the last line.
        latest = self._editor.document().characterCount() - 1
        cursor.setPosition(min(anchor, latest))
        cursor.setPosition(min(place, latest), QTextCursor.MoveMode.KeepAnchor)
        self._editor.setTextCursor(cursor)
        if in_list:
            self._count_from(before, changed_from - start, start)
        edit.endEditBlock()
        self._editor.ensureCursorVisible()

    def toggle_tasks(self) -> None:
        """Make tasks of the chosen lines; tick them where they are tasks, or open them again."""
        first, last = self._chosen()
        if self._editor.state_before(first) is LineState.TEXT:
            lines = lines_between(first, last)
            self._replace(first.blockNumber(), lines, with_tasks(lines))

    def sort_lines(self) -> None:
        """Bring the chosen lines into order; without a selection those of the list that the cursor is in."""
        first, last = self._chosen()
        if self._editor.textCursor().hasSelection() and first != last:
            lines, start = lines_between(first, last), first.blockNumber()
        elif item_of(first.text()) is not None and self._editor.state_before(first) is LineState.TEXT:
            lines, start = self._list_around(first)
        else:
            return
        ordered = sorted_lines(lines)
        if self._editor.state_before(first) is LineState.TEXT:
            ordered = renumbered(lines, ordered, 0)
        if ordered == lines:
            return
        document = self._editor.document()
        end = document.findBlockByNumber(start + len(lines) - 1)
        edit = QTextCursor(document.findBlockByNumber(start))
        edit.setPosition(end.position() + end.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        begin = edit.selectionStart()
        edit.insertText("\n".join(ordered))
        place = edit.position()
        edit.setPosition(begin)
        edit.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
        self._editor.setTextCursor(edit)

    # Inside -------------------------------------------------------------------------------------

    def _chosen(self) -> tuple[QTextBlock, QTextBlock]:
        """First and last line of the selection; a selection that ends at a line's beginning leaves that line out."""
        cursor = self._editor.textCursor()
        document = self._editor.document()
        first, last = document.findBlock(cursor.selectionStart()), document.findBlock(cursor.selectionEnd())
        if last != first and cursor.selectionEnd() == last.position():
            last = last.previous()
        return first, last

    def _shift(self, *, back: bool) -> bool:
        first, last = self._chosen()
        has_selection = self._editor.textCursor().hasSelection()
        in_text = self._editor.state_before(first) is LineState.TEXT
        item = item_of(first.text()) if in_text else None
        if item is not None and first == last:
            lines, start = self._list_around(first)
            at = first.blockNumber() - start
            shifted = outdented(lines, at) if back else indented(lines, at)
            if shifted != lines:
                self._replace(start, lines, renumbered(lines, shifted, at))
            return True
        lines = lines_between(first, last)
        if not (has_selection or (back and depth_of(first.text()) > 0)):
            return False
        self._replace(first.blockNumber(), lines, shifted_lines(lines, back=back))
        return True

    def _break_line(self, *, within_item: bool) -> None:
        """A new line; in a list or quote it begins as this one does, and an empty item ends its list.

        `within_item`: below the item's words, as a line of the same item.
        """
        cursor = self._editor.textCursor()
        block = cursor.block()
        in_fence = self._editor.state_before(block) is not LineState.TEXT
        line, column = block.text(), cursor.positionInBlock()
        lead = "" if in_fence or cursor.hasSelection() else continuation(line, column)
        item = None if in_fence else item_of(line)
        if lead is None and item is not None and item.indent:
            self._shift(back=True)
        elif lead is None:
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            # What is written right below an item or a quote would be read as words of that: a line lies between.
            cursor.insertText("\n" if block.previous().isValid() and block.previous().text().strip() else "")
        elif within_item and item is not None and lead:
            cursor.insertText("\n" + item.indent + " " * (len(item.sign) + 1))
        elif item is not None and lead and item.number is not None:
            self._add_numbered(cursor, block, lead)
        else:
            cursor.insertText("\n" + lead)
        if lead is not None or item is None or not item.indent:
            self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()

    def _add_numbered(self, cursor: QTextCursor, block: QTextBlock, lead: str) -> None:
        lines, start = self._list_around(block)
        at = block.blockNumber() - start
        item = item_of(lead)
        assert item is not None
        number = number_after(lines, at)
        cursor.beginEditBlock()
        cursor.insertText("\n" + item.indent + lead[len(item.indent) :].replace(str(item.number), str(number), 1))
        self._count_from([*lines[: at + 1], lines[at], *lines[at + 1 :]], at + 1, start, was=lines)
        cursor.endEditBlock()

    def _count_from(self, before: list[str], at: int, start: int, was: list[str] | None = None) -> None:
        """Count the numbers of a list anew from its line `at` on; it begins at line `start` of the text."""
        block = self._editor.document().findBlockByNumber(start)
        lines: list[str] = []
        while block.isValid() and len(lines) < len(before):
            lines.append(block.text())
            block = block.next()
        if not any((item := item_of(line)) is not None and item.number is not None for line in lines):
            return
        self._replace(start, lines, renumbered(was or before, lines, at))

    def _step_back(self) -> bool:
        """Backspace right behind an item's sign: one step out, or, from the outermost list, no item any more."""
        cursor = self._editor.textCursor()
        block = cursor.block()
        item = item_of(block.text())
        if cursor.hasSelection() or item is None or self._editor.state_before(block) is not LineState.TEXT:
            return False
        if cursor.positionInBlock() != item.lead:
            return False
        lines, start = self._list_around(block)
        at = block.blockNumber() - start
        moved = outdented(lines, at) if item.indent else lines
        if moved != lines:
            self._replace(start, lines, renumbered(lines, moved, at))
        else:
            self._replace(block.blockNumber(), [block.text()], [block.text()[item.lead :]])
        return True

    def _list_around(self, block: QTextBlock) -> tuple[list[str], int]:
        """The lines of the list that a line is in, and the number of the first of them."""
        first = last = block
        for _ in range(_REACH):
            previous = first.previous()
            if not previous.isValid() or not _goes_on(previous.text()):
                break
            first = previous
        for _ in range(_REACH):
            following = last.next()
            if not following.isValid() or not _goes_on(following.text()):
                break
            last = following
        return lines_between(first, last), first.blockNumber()

    def _replace(self, start: int, before: Sequence[str], after: Sequence[str]) -> None:
        """Write the lines that changed, and in these only what did: cursors in them stay where they are."""
        document = self._editor.document()
        edit = QTextCursor(document)
        edit.beginEditBlock()
        for number, (old, new) in enumerate(zip(before, after, strict=True), start):
            if old == new:
                continue
            head = common_start(old, new)
            tail = common_end(old[head:], new[head:])
            # What differs stands in front of a line, where every character is one unit.
            position = document.findBlockByNumber(number).position()
            edit.setPosition(position + head)
            edit.setPosition(position + len(old) - tail, QTextCursor.MoveMode.KeepAnchor)
            edit.insertText(new[head : len(new) - tail])
        edit.endEditBlock()


def _remove(edit: QTextCursor, start: int, end: int) -> None:
    edit.setPosition(start)
    edit.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    edit.removeSelectedText()


def _goes_on(line: str) -> bool:
    return item_of(line) is not None or (bool(line.strip()) and depth_of(line) > 0)
