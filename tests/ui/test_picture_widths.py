"""The menu of a picture where a note is written."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from desktop_app.domain.editor_text import encode
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.picture_widths import PictureWidths


def menu_at(editor: MarkdownEditor, words: str) -> list[QMenu]:
    menu = QMenu(editor)
    editor.menu_wanted.emit(menu, editor.cursorRect(editor.document().find(words)).center())
    return [action.menu() for action in menu.actions()]  # type: ignore[misc]


def test_a_width_is_written_into_the_text_in_one_step(markdown_editor: MarkdownEditor) -> None:
    editor = markdown_editor
    PictureWidths(editor)
    editor.show_text(encode("𝄞 words ![cat](cat.png)\n\n```\n![code](x.png)\n```\n"))
    assert menu_at(editor, "words") == []
    assert menu_at(editor, "code") == []
    (widths,) = menu_at(editor, "cat")
    widths.actions()[0].trigger()
    assert editor.display_text().startswith("𝄞 words ![cat|200](cat.png)\n")
    editor.undo()
    assert editor.display_text().startswith("𝄞 words ![cat](cat.png)\n")
    (widths,) = menu_at(editor, "cat")
    widths.actions()[2].trigger()
    (widths,) = menu_at(editor, "cat")
    widths.actions()[3].trigger()
    assert editor.display_text().startswith("𝄞 words ![cat](cat.png)\n")
    (widths,) = menu_at(editor, "cat")
    editor.document().find("cat").insertText("dog")
    widths.actions()[0].trigger()  # another picture by now, at the same place
    assert editor.display_text().startswith("𝄞 words ![dog|200](cat.png)\n")
    editor.setReadOnly(True)
    assert menu_at(editor, "dog") == []
