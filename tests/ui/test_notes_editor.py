"""The editor: text comes back byte for byte, large texts do not hold the window up, Markdown is seen."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import RUN_LIMIT, SOFT_BREAK, decode, encode, encode_paste
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.long_text_editor import PADDING
from desktop_app.ui.widgets.sliced_insertion import SlicedInsertion
from tests.ui.event_loop import longest_gap, seconds_with_a_core

_AWKWARD = (
    "\0\r\n\u2028\u2029\ufdd0\ufdd1\ufffc\ufffe\ufeff"
    "\u0085\x0b\x0c\x1c\u00a0\u00ad\u200b\u206a\u206c\u206d ab\U0001f642\u05d0"
)


@pytest.fixture
def editor(markdown_editor: MarkdownEditor) -> MarkdownEditor:
    return markdown_editor


def show(editor: MarkdownEditor, text: str, qtbot: QtBot) -> None:
    with qtbot.waitSignal(editor.loaded, timeout=20_000):
        editor.show_text(encode(text))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=_AWKWARD, max_size=40) | st.text(max_size=120))
def test_any_text_comes_back_byte_for_byte(editor: MarkdownEditor, text: str) -> None:
    encoded = encode(text)
    editor.show_text(encoded)
    assert decode(editor.display_text(), encoded.line_end) == text


def test_a_plain_document_would_not_give_it_back() -> None:
    """Why texts are encoded: what Qt does to some characters. When this fails, the encoding can go."""
    document = QTextDocument()
    document.setPlainText("a\r\nb\u2028c")
    assert document.toRawText().replace("\u2029", "\n") != "a\r\nb\u2028c"


def test_an_edit_in_the_middle_leaves_the_rest_as_it_was(editor: MarkdownEditor, qtbot: QtBot) -> None:
    text = "one\r\ntwo\u2028\0\r\nthree" + "x" * 30_000
    encoded = encode(text)
    editor.show_text(encoded)
    cursor = editor.textCursor()
    cursor.setPosition(3)
    cursor.insertText(" and a half")
    assert decode(editor.display_text(), encoded.line_end) == text.replace("one", "one and a half", 1)
    editor.undo()
    assert decode(editor.display_text(), encoded.line_end) == text


def test_typing_is_told_and_loading_is_not(editor: MarkdownEditor, qtbot: QtBot) -> None:
    edits: list[bool] = []
    editor.edited.connect(lambda: edits.append(True))
    show(editor, "# Title\n\ntext " * 50, qtbot)
    assert edits == []
    QTest.keyClicks(editor, "ab")
    assert edits == [True, True]


def test_a_note_of_5_mb_opens_in_slices_and_takes_keys(editor: MarkdownEditor, qtbot: QtBot) -> None:
    text = "## Heading\n\n" + "word " * 15 + "\n"
    text *= 5_000_000 // len(text)
    encoded = encode(text)
    progress: list[float] = []
    longest = 0.0
    editor.load_progress.connect(progress.append)
    finished: list[bool] = []
    editor.loaded.connect(lambda: finished.append(True))
    editor.show_text(encoded)
    assert editor.isReadOnly()
    while not finished:
        start = seconds_with_a_core()
        qtbot.wait(1)
        longest = max(longest, seconds_with_a_core() - start)
    assert len(progress) > 5
    assert longest < 3.0, "one slice of the loading must not freeze the window"
    start = seconds_with_a_core()
    QTest.keyClicks(editor, "a")
    assert seconds_with_a_core() - start < 3.0
    assert decode(editor.display_text(), encoded.line_end) == "a" + text


def test_a_word_of_200_kb_is_shown_and_taken_back_whole(editor: MarkdownEditor, qtbot: QtBot) -> None:
    word = "x" * 200_000
    start = seconds_with_a_core()
    show(editor, word, qtbot)
    QTest.keyClicks(editor, "y")
    assert seconds_with_a_core() - start < 5.0, "laying out such a word unbroken takes longer"
    assert decode(editor.display_text()) == "y" + word


def test_pasting_a_huge_word_breaks_it_softly(editor: MarkdownEditor, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setText("z" * 120_000)
    editor.show_text(encode("before "))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertFromMimeData(data)
    assert SOFT_BREAK in editor.display_text()
    assert decode(editor.display_text()) == "before " + "z" * 120_000


def paste(editor: MarkdownEditor, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    editor.insertFromMimeData(data)


@pytest.mark.parametrize("character", ["x", "漢"])
def test_a_huge_word_is_pasted_while_the_window_goes_on(editor: MarkdownEditor, qtbot: QtBot, character: str) -> None:
    word = character * 200_000
    display = encode_paste(word)
    editor.show_text(encode("before\n\n\nafter"))
    cursor = editor.textCursor()
    cursor.setPosition(len("before\n"))
    start = seconds_with_a_core()
    cursor.insertText(display)
    at_once = seconds_with_a_core() - start
    editor.show_text(encode("before\n\n\nafter"))
    cursor = editor.textCursor()
    cursor.setPosition(len("before\n"))
    editor.setTextCursor(cursor)
    stall = longest_gap(lambda: paste(editor, word), lambda: not editor.isReadOnly(), qtbot)
    assert stall < at_once / 2, f"{stall:.3f} s; all at once takes {at_once:.3f} s"
    assert decode(editor.display_text()) == f"before\n{word}\n\nafter"
    assert editor.textCursor().position() == len("before\n") + len(display)
    assert editor.viewport().rect().intersects(editor.cursorRect())


def test_a_paste_in_pieces_is_one_step_to_undo(editor: MarkdownEditor, qtbot: QtBot) -> None:
    editor.show_text(encode("before "))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    paste(editor, "z" * 100_000)
    assert editor.isReadOnly(), "more than one piece"
    qtbot.waitUntil(lambda: not editor.isReadOnly())
    editor.undo()
    assert editor.display_text() == "before "
    editor.redo()
    assert decode(editor.display_text()) == "before " + "z" * 100_000


def test_keys_pressed_during_a_paste_are_typed_behind_it(editor: MarkdownEditor, qtbot: QtBot) -> None:
    editor.show_text(encode(""))
    paste(editor, "z" * 100_000)
    assert editor.isReadOnly(), "more than one piece"
    QTest.keyClicks(editor, "after")
    assert "after" not in editor.document().toRawText()
    qtbot.waitUntil(lambda: not editor.isReadOnly())
    assert decode(editor.display_text()) == "z" * 100_000 + "after"


def test_what_is_read_during_a_paste_is_the_whole_of_it(editor: MarkdownEditor, qtbot: QtBot) -> None:
    """A note may be left, and saved, at any moment."""
    editor.show_text(encode("before "))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    paste(editor, "z" * 100_000)
    QTest.keyClicks(editor, "!")
    assert decode(editor.display_text()) == "before " + "z" * 100_000 + "!"
    editor.show_text(encode("another"))
    paste(editor, "y" * 100_000)
    editor.show_text(encode("a third"))
    assert not editor.isReadOnly()
    qtbot.waitUntil(lambda: not editor.findChildren(SlicedInsertion))
    assert editor.display_text() == "a third"


def test_a_line_that_grows_piece_by_piece_is_broken_too(editor: MarkdownEditor, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setText("z" * RUN_LIMIT)
    editor.show_text(encode(""))
    for _ in range(12):
        editor.insertFromMimeData(data)
    qtbot.waitUntil(lambda: SOFT_BREAK in editor.display_text())
    assert decode(editor.display_text()) == "z" * 12 * RUN_LIMIT


def test_copied_text_is_the_stored_one(editor: MarkdownEditor, qtbot: QtBot) -> None:
    text = "a\0b" + "x" * 25_000
    show(editor, text, qtbot)
    editor.selectAll()
    assert editor.createMimeDataFromSelection().text() == text


def test_pasted_html_and_files_bring_no_markup(editor: MarkdownEditor) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='file:///etc/passwd'>")
    data.setText("bold")
    editor.show_text(encode(""))
    editor.insertFromMimeData(data)
    assert editor.display_text() == "bold"
    files = QMimeData()
    files.setUrls(["file:///etc/passwd"])
    assert not editor.canInsertFromMimeData(files)


def formats_of(editor: MarkdownEditor, number: int) -> list[tuple[int, int, float]]:
    block = editor.document().findBlockByNumber(number)
    return [(each.start, each.length, each.format.fontPointSize()) for each in block.layout().formats()]


def test_headings_are_larger_and_plain_lines_are_not_styled(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "# Title\nplain", qtbot)
    normal = editor.document().defaultFont().pointSizeF()
    assert formats_of(editor, 0)[0][2] > normal * 1.4
    assert formats_of(editor, 1) == []


def test_signs_show_where_the_cursor_is(editor: MarkdownEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    focused = False
    monkeypatch.setattr(editor, "hasFocus", lambda: focused)
    editor._highlighter.set_active_block(-1)
    show(editor, "# Title\nplain", qtbot)
    hidden = formats_of(editor, 0)[1][2]
    assert 0 < hidden < 1
    focused = True
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    editor.moveCursor(QTextCursor.MoveOperation.Right)
    assert formats_of(editor, 0)[1][2] == 0  # the heading's own size
    editor.moveCursor(QTextCursor.MoveOperation.Down)
    assert formats_of(editor, 0)[1][2] == hidden


def test_a_fence_that_is_typed_restyles_what_follows(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "text\n\n# Title\n" + "line\n" * 3_000, qtbot)
    heading = formats_of(editor, 2)[0][2]
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    editor.insertPlainText("```\n")
    qtbot.waitUntil(lambda: formats_of(editor, 3)[0][2] < heading)
    last = editor.document().lastBlock()
    qtbot.waitUntil(lambda: last.userState() & 3 == 1)
    editor.undo()
    qtbot.waitUntil(lambda: formats_of(editor, 2)[0][2] == heading)
    qtbot.waitUntil(lambda: editor.document().lastBlock().userState() & 3 == 0)


def test_code_stands_on_one_sheet(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "before\n\n```\none\n\ntwo\n```\nbetween\n\n```\nopen " + "line\n" * 60, qtbot)
    layout = editor.document().documentLayout()

    def edges(first: int, last: int) -> tuple[float, float]:
        top, bottom = (layout.blockBoundingRect(editor.document().findBlockByNumber(n)) for n in (first, last))
        shift = editor.verticalScrollBar().value()
        return top.top() - shift, bottom.bottom() - shift

    qtbot.waitUntil(lambda: len(editor._code_on_screen(editor.lines_on_screen())) == 2)
    first, second = editor._code_on_screen(editor.lines_on_screen())
    assert first == edges(2, 6)
    assert second[0] == edges(9, 9)[0]
    assert second[1] > editor.viewport().height(), "it goes on below"
    editor.verticalScrollBar().setValue(int(edges(4, 4)[0]))
    first, _second = editor._code_on_screen(editor.lines_on_screen())
    assert first[0] < 0, "it has begun above"
    assert first[1] == edges(6, 6)[1]


def colours_of(editor: MarkdownEditor, number: int) -> dict[str, str]:
    block = editor.document().findBlockByNumber(number)
    text = block.text()
    return {
        text[each.start : each.start + each.length]: each.format.foreground().color().name()
        for each in block.layout().formats()
    }


def test_code_has_the_colours_of_its_language(editor: MarkdownEditor, theme: Theme, qtbot: QtBot) -> None:
    show(editor, 'text\n\n```python\nwhile x:\n    y = """a\n\nb"""  # c\n```\nwhile x:\n\n```\nwhile x:\n```', qtbot)
    keyword, string = theme.color("code_keyword").name(), theme.color("code_string").name()
    assert colours_of(editor, 3)["while"] == keyword
    assert colours_of(editor, 6)["b"] == string, "what began lines above goes on"
    assert colours_of(editor, 6)["# c"] == theme.color("code_comment").name()
    assert colours_of(editor, 8) == {}
    assert "while" not in colours_of(editor, 11), "no language, no colours"
    cursor = QTextCursor(editor.document().findBlockByNumber(4))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    cursor.insertText('"""')
    qtbot.waitUntil(lambda: "# c" not in colours_of(editor, 6))


def test_a_task_that_is_done_is_struck(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "- [x] bought 𝄞 ink\n- [ ] read", qtbot)

    def struck(number: int) -> list[str]:
        block = editor.document().findBlockByNumber(number)
        units = block.text().encode("utf-16-le")
        return [
            units[2 * each.start : 2 * (each.start + each.length)].decode("utf-16-le")
            for each in block.layout().formats()
            if each.format.fontStrikeOut()
        ]

    assert struck(0) == ["bought 𝄞 ink"]
    assert struck(1) == []


def test_pasted_lines_are_styled_without_scrolling(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "", qtbot)
    editor.insertPlainText("one\n\ntwo\n\nthree\n\n# Title\n")
    qtbot.waitUntil(lambda: bool(formats_of(editor, 6)))


def test_only_what_is_seen_is_styled_at_first(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "# Title\n" * 5_000, qtbot)
    assert formats_of(editor, 0)
    assert formats_of(editor, 4_000) == []
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(lambda: bool(formats_of(editor, 4_999)))


def test_enter_goes_on_with_a_list_and_ends_it(editor: MarkdownEditor, qtbot: QtBot) -> None:
    show(editor, "- one", qtbot)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "two")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.display_text() == "- one\n- two\n- "
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "no word of the list")
    assert editor.display_text() == "- one\n- two\n\nno word of the list"
    editor.undo()
    editor.undo()
    assert editor.display_text() == "- one\n- two\n- "


def test_the_column_keeps_to_its_width(editor: MarkdownEditor, theme: Theme) -> None:
    editor.resize(1_400, 600)
    assert abs(editor.document().textWidth() - 2 * PADDING - 720) <= 12
    editor.resize(500, 600)
    assert 420 <= editor.document().textWidth() - 2 * PADDING <= 452


def test_a_window_beyond_the_column_is_resized_without_laying_out_anew(editor: MarkdownEditor, qtbot: QtBot) -> None:
    editor.resize(1_400, 600)
    show(editor, "line\n" * 3_000, qtbot)
    last = editor.document().lastBlock()

    def laid_out() -> bool:
        return last.layout().lineCount() > 0

    qtbot.waitUntil(laid_out)
    editor.resize(1_300, 600)
    assert laid_out()
    editor.resize(500, 600)
    assert not laid_out(), "Qt drops the lines of a document whose width changed"
    qtbot.waitUntil(laid_out)


def test_a_place_is_marked_and_in_view(editor: MarkdownEditor, qtbot: QtBot) -> None:
    text = "line\n" * 500 + "here it is\n" + "line\n" * 500
    start = text.index("here")
    with qtbot.waitSignal(editor.loaded):
        editor.show_text(encode(text), (start, start + 10))
    assert editor.textCursor().selectedText() == "here it is"
    assert editor.viewport().rect().contains(editor.cursorRect())


def test_indented_code_is_in_the_font_of_code_while_it_is_code(
    editor: MarkdownEditor, theme: Theme, qtbot: QtBot
) -> None:
    def families() -> list[str]:
        formats = editor.document().findBlockByNumber(2).layout().formats()
        return [family for each in formats for family in each.format.font().families()]

    code = theme.code_font().families()[0]
    editor.resize(600, 400)
    editor.show()
    show(editor, "Words:\n\n    ink = 1", qtbot)
    qtbot.waitUntil(lambda: code in families())
    cursor = QTextCursor(editor.document().findBlockByNumber(0))
    cursor.insertText("- ")  # what is indented below an item of a list is the item's
    qtbot.waitUntil(lambda: code not in families())
