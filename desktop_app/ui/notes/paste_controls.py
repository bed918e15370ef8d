"""Pasting into a note: an address over words becomes a link, HTML becomes Markdown."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QTextCursor, QTextDocumentFragment

from desktop_app.domain.editor_text import encode_paste
from desktop_app.domain.pasted_text import as_address, as_table, link_over, says_more_than_text
from desktop_app.presenters.note_pasting import NotePastingPresenter
from desktop_app.ui.notes.markdown_editor import MarkdownEditor


class PasteControls(QObject):
    """Takes what is pasted into one editor; without `pasting` HTML comes in as its plain text."""

    def __init__(self, editor: MarkdownEditor, pasting: NotePastingPresenter | None) -> None:
        super().__init__(editor)
        self._editor = editor
        self._pasting = pasting
        editor.add_paste_taker(self.take_paste)

    def take_paste(self, data: QMimeData) -> bool:
        """Take an address for the selected words, HTML, or rows of cells; false for everything else, which is pasted as
        text.
        """
        if self._editor.is_in_code():
            return False
        return self._take_address(data) or self._take_html(data) or self._take_cells(data)

    def _take_cells(self, data: QMimeData) -> bool:
        table = as_table(data.text()) if data.hasText() and not self._editor.is_in_table else None
        if table is None:
            return False
        cursor = self._editor.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        block, column = cursor.block(), cursor.positionInBlock()
        before, after = block.text()[:column].strip(), block.text()[column:].strip()
        # Right below or above other words, these would be read as words of the table, or it as words of theirs.
        above, below = block.previous().text().strip(), block.next().text().strip()
        front = "\n\n" if before else "\n" if above else ""
        cursor.insertText(front + table + ("\n\n" if after else "\n" if below else ""))
        cursor.endEditBlock()
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()
        return True

    def _take_address(self, data: QMimeData) -> bool:
        cursor = self._editor.textCursor()
        address = as_address(data.text()) if data.hasText() else None
        if address is None or not cursor.hasSelection():
            return False
        link = link_over(cursor.selectedText().replace("\u2029", "\n"), address)
        if link is None:
            return False
        cursor.insertText(link)
        self._editor.setTextCursor(cursor)
        return True

    def _take_html(self, data: QMimeData) -> bool:
        if self._pasting is None or not data.hasHtml() or as_address(data.text()) is not None:
            return False
        html = data.html()
        if data.hasImage() and not data.hasText():
            return False  # a picture that a browser copied
        if data.hasText() and not says_more_than_text(html):
            return False
        place = self._editor.textCursor()
        place.removeSelectedText()
        place.setKeepPositionOnInsert(True)  # what is typed meanwhile stands behind
        plain = data.text() if data.hasText() else QTextDocumentFragment.fromHtml(html).toPlainText()
        self._pasting.to_markdown(html, partial(self._write, place, plain))
        return True

    def _write(self, place: QTextCursor, plain: str, markdown: str | None) -> None:
        if place.isNull() or place.document() is not self._editor.document() or self._editor.isReadOnly():
            return  # another note was opened meanwhile
        follows = self._editor.textCursor().position() == place.position()
        place.setKeepPositionOnInsert(False)
        place.setPosition(place.position())  # its other end moved on with what was typed
        place.insertText(encode_paste(plain if markdown is None else markdown.rstrip("\n")))
        if follows:
            self._editor.setTextCursor(place)
            self._editor.ensureCursorVisible()
