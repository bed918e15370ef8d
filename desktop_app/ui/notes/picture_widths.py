"""The menu of a picture where a note is written: how wide it is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QMenu

from desktop_app.domain.editor_text import character_at, unit_count
from desktop_app.domain.picture_width import picture_at, with_width
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.markdown_lines import LineState

#: In pixels.
_NARROW, _MIDDLE, _WIDE = 200, 400, 600


class PictureWidths(QObject):
    """Adds to the menu of one editor where a picture is named."""

    def __init__(self, editor: MarkdownEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        editor.menu_wanted.connect(self._fill_menu)

    def _fill_menu(self, menu: QMenu, place: QPoint) -> None:
        cursor = self._editor.cursorForPosition(place)
        block, line = cursor.block(), cursor.block().text()
        found = picture_at(line, character_at(line, cursor.positionInBlock()))
        if found is None or self._editor.isReadOnly() or self._editor.state_before(block) is not LineState.TEXT:
            return
        picture = QTextCursor(block)  # moves with what is written meanwhile
        start, end = (block.position() + unit_count(line[:at]) for at in found)
        picture.setPosition(start)
        picture.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        widths = menu.addMenu(self.tr("Width of the picture"))
        for words, width in (
            (self.tr("Narrow"), _NARROW),
            (self.tr("Middle"), _MIDDLE),
            (self.tr("Wide"), _WIDE),
            (self.tr("As it is"), 0),
        ):
            widths.addAction(words).triggered.connect(lambda _=False, width=width: _set(picture, width))


def _set(picture: QTextCursor, width: int) -> None:
    said = picture.selectedText()
    if picture_at(said, 0) == (0, len(said)) or picture_at(f"{said}(x)", 0) == (0, len(said)):
        picture.insertText(with_width(said, width))
