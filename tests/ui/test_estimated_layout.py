"""Very long texts are laid out where they are seen, and look as Qt's own layout draws them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QTextBlock, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.ui.notes import markdown_highlighter
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.markdown_lines import Stretch, line_styles
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import long_text_editor
from desktop_app.ui.widgets.estimated_layout import EstimatedLayout
from desktop_app.ui.widgets.height_table import HeightTable
from desktop_app.ui.widgets.long_text_editor import LongTextEditor

_TEXT = (
    "# Ink\n\nIron gall ink is made of **galls**, vitriol and gum; it darkens in the air, and eats paper in the end.\n"
    "- one\n- two\n\n```python\nif ink:\n\tprint(1)\n```\n\nשלום עולם 漢字 🙂 end\n\n| a | b |\n|---|---|\nlast line"
)
_MANY = 30_000


class Pair:
    """The same text in two editors: `own` lays it out as Qt does, `estimated` as very long texts are."""

    def __init__(self, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.own, self.estimated = LongTextEditor(theme, "own"), LongTextEditor(theme, "estimated")
        for editor in self.both:
            qtbot.addWidget(editor)
            editor.resize(500, 400)
            editor.show()
            qtbot.waitExposed(editor)

    @property
    def both(self) -> tuple[LongTextEditor, LongTextEditor]:
        return self.own, self.estimated

    def show(self, text: str) -> None:
        for editor, most in ((self.own, 10**9), (self.estimated, -1)):
            self._monkeypatch.setattr(long_text_editor, "_MANY_CHARACTERS", most)
            editor.show_text(encode(text))
        assert isinstance(self.estimated.document().documentLayout(), EstimatedLayout)

    def edit(self, start: int, end: int, text: str) -> None:
        for editor in self.both:
            cursor = QTextCursor(editor.document())
            length = editor.document().characterCount()
            cursor.setPosition(min(start, end) % length)
            cursor.setPosition(max(start, end) % length, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(text)

    def assert_same(self) -> None:
        rects = [_rects(editor) for editor in self.both]
        assert rects[0] == rects[1]
        for place in _places_in_words(self.estimated):
            hits = [
                editor.document().documentLayout().hitTest(place, Qt.HitTestAccuracy.FuzzyHit) for editor in self.both
            ]
            assert hits[0] == hits[1], place


@pytest.fixture
def pair(theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    pair = Pair(theme, qtbot, monkeypatch)
    yield pair
    for editor in pair.both:
        editor.hide()


@pytest.fixture
def editor(theme: Theme, qtbot: QtBot) -> Iterator[MarkdownEditor]:
    made = MarkdownEditor(theme)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.loaded, timeout=20_000):
        made.show_text(encode("# Long\n\n" + "A line of words about ink and paper.\n" * _MANY + "the end"))
    yield made
    made.hide()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, 400), st.integers(0, 400), st.sampled_from(["", "x", "\n", "two\nlines\n", "words " * 40])
        ),
        max_size=6,
    ),
    undone=st.integers(0, 4),
)
def test_every_line_stands_where_qts_own_layout_puts_it(
    pair: Pair, edits: list[tuple[int, int, str]], undone: int
) -> None:
    pair.show(_TEXT)
    for start, end, text in edits:
        pair.edit(start, end, text)
    for editor in pair.both:
        for _ in range(undone):
            editor.undo()
    pair.assert_same()


def test_another_width_and_other_letters_are_followed(pair: Pair, theme: Theme) -> None:
    pair.show(_TEXT)
    for editor in pair.both:
        editor.resize(360, 400)
    pair.assert_same()
    theme.set_font_size(20.0)
    pair.assert_same()


def test_cursor_and_selection_are_drawn(pair: Pair) -> None:
    pair.show(_TEXT)
    pictures = []
    for start, end in ((0, 0), (10, 60)):
        pair.estimated.select_place(start, end)
        pictures.append(pair.estimated.viewport().grab().toImage())
    assert pictures[0] != pictures[1]
    accent = pair.estimated.palette().highlight().color()
    assert any(
        pictures[1].pixelColor(x, y) == accent
        for x in range(0, pictures[1].width(), 3)
        for y in range(0, pictures[1].height(), 3)
    )


def test_a_key_and_a_jump_lay_out_no_more_than_the_screen(editor: MarkdownEditor, qtbot: QtBot) -> None:
    editor.moveCursor(QTextCursor.MoveOperation.End)
    assert editor.viewport().rect().intersects(editor.cursorRect())
    QTest.keyClicks(editor, "X")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.document().lastBlock().previous().text() == "the endX"
    place = editor.document().findBlockByNumber(_MANY // 2).position()
    editor.select_place(place, place + 6)
    QTest.keyClicks(editor, "Z")
    assert editor.viewport().rect().intersects(editor.cursorRect())
    editor.grab()
    assert sum(1 for block in _blocks(editor) if block.layout().lineCount()) < 400
    editor.undo()
    assert editor.document().findBlockByNumber(_MANY // 2).text() == "A line of words about ink and paper."


def test_the_scroll_bar_leads_to_the_last_line(editor: MarkdownEditor, qtbot: QtBot) -> None:
    bar = editor.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: editor.blocks_on_screen()[1] == editor.document().lastBlock())
    line = editor.line_at(editor.height_of(_MANY / 2))
    assert line == pytest.approx(_MANY / 2, abs=0.6)


@settings(max_examples=40, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 3_000), st.integers(0, 700), st.lists(st.integers(0, 300), max_size=700)), max_size=5
    ),
    measured=st.lists(st.tuples(st.integers(0, 5_000), st.floats(1, 90)), max_size=8),
)
def test_heights_are_those_of_a_plain_list(
    changes: list[tuple[int, int, list[int]]], measured: list[tuple[int, float]]
) -> None:
    table, plain = HeightTable(), [20.0] * 2_000
    table.set_measure(20.0, 50.0)
    table.replace(0, 0, [0] * 2_000)
    for at, most, lengths in changes:
        first = min(at, len(plain))
        gone = min(most, len(plain) - first)
        table.replace(first, gone, lengths)
        plain[first : first + gone] = [20.0 * max(1, -(-length // 50)) for length in lengths]
        for number, height in measured:
            if number < len(plain):
                table.set_height(number, height)
                plain[number] = height if abs(height - plain[number]) >= 0.01 else plain[number]
    assert len(table) == len(plain)
    assert table.total == pytest.approx(sum(plain))
    for number in range(0, len(plain), 97):
        assert table.top(number) == pytest.approx(sum(plain[:number]))
        assert table.line_at(sum(plain[:number]) + plain[number] / 2) == number
    assert table.line_at(-5.0) == 0
    if plain:
        assert table.line_at(sum(plain) + 5.0) == len(plain) - 1


def _blocks(editor: LongTextEditor) -> Iterator[QTextBlock]:
    block = editor.document().begin()
    while block.isValid():
        yield block
        block = block.next()


def _rects(editor: LongTextEditor) -> list[tuple[float, float, float, float]]:
    layout = editor.document().documentLayout()
    for block in _blocks(editor):
        layout.blockBoundingRect(block)
    return [layout.blockBoundingRect(block).getRect() for block in _blocks(editor)]


def _places_in_words(editor: LongTextEditor) -> Iterator[QPointF]:
    layout = editor.document().documentLayout()
    for block in _blocks(editor):
        corner = layout.blockBoundingRect(block).topLeft()
        for number in range(block.layout().lineCount()):
            words = block.layout().lineAt(number).naturalTextRect().translated(corner)
            if words.width() > 8:
                yield from (
                    QPointF(words.left() + words.width() * part, words.center().y()) for part in (0.1, 0.5, 0.9)
                )


def test_a_note_that_grows_very_long_is_laid_out_as_those_are_and_keeps_place_looks_and_history(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_text_editor, "_MANY_LINES", 300)
    editor = MarkdownEditor(theme)
    qtbot.addWidget(editor)
    editor.resize(500, 400)
    editor.show()
    qtbot.waitExposed(editor)
    text = "\n".join(f"{number} **bold** words" for number in range(299))
    editor.show_text(encode(text))
    editor.select_place(text.index("200 "), text.index("200 "))
    editor.verticalScrollBar().setValue(editor.cursorRect().top() + editor.verticalScrollBar().value() - 100)
    before = editor.cursorRect().top()
    assert not isinstance(editor.document().documentLayout(), EstimatedLayout)
    QTest.keyClicks(editor, "x")
    assert not isinstance(editor.document().documentLayout(), EstimatedLayout)
    cursor = QTextCursor(editor.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText("\n\nend")
    qtbot.waitUntil(lambda: isinstance(editor.document().documentLayout(), EstimatedLayout))
    assert abs(editor.cursorRect().top() - before) <= 1
    weights = [form.format.fontWeight() for form in editor.textCursor().block().previous().layout().formats()]
    assert QFont.Weight.DemiBold in weights
    editor.undo()
    editor.undo()
    assert editor.display_text() == text
    QTest.keyClicks(editor, "y")
    assert "y200 " in editor.display_text()


def test_a_key_styles_the_line_it_is_typed_in_and_no_other(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = MarkdownEditor(theme)
    qtbot.addWidget(editor)
    editor.resize(500, 400)
    editor.show()
    qtbot.waitExposed(editor)
    editor.show_text(encode("some **bold** words\n" * 9_000))
    qtbot.wait(50)
    styled: list[str] = []

    def count(text: str, *others: object, **named: object) -> list[Stretch]:
        styled.append(text)
        return line_styles(text, *others, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(markdown_highlighter, "line_styles", count)
    for _ in range(5):
        QTest.keyClicks(editor, "x")
        qtbot.wait(5)
    assert styled == ["x" * number + "some **bold** words" for number in range(1, 6)]
