"""Long lines of code: shown in rows, coloured as if they were one, and copied as they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop_app.ui.chat import code_block
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.code_colours import LONGEST_LEXED, code_spans
from desktop_app.ui.chat.code_rows import LONGEST_ROW, CodeRows
from desktop_app.ui.chat.selection import MessageSelection, select
from desktop_app.ui.theme.theme import Theme

ITEMS = "".join(f'"key {number} 🙂": ["text, with {{ marks", {number}.5, true], ' for number in range(200))


def shown(qtbot: QtBot, theme: Theme, pieces: list[str], language: str = "json") -> CodeBlock:
    block = CodeBlock(theme)
    qtbot.addWidget(block)
    block.resize(700, 200)
    block.show()
    code = ""
    for piece in pieces:
        code += piece
        block.set_code(code, language, is_open=True)
    block.set_code(code, language)
    qtbot.waitUntil(lambda: not block._later.isActive())
    return block


def rows_of(block: CodeBlock) -> list[str]:
    return block.lines.toPlainText().split("\n")


def colours_of(block: CodeBlock) -> dict[int, str]:
    """The colour of each character that has one, by its place in the code; parts in pieces or not."""
    found = {}
    for row, spans in block._colours.rows.items():
        for start, length, role in spans:
            begin = block._rows.start_of(row) + start
            found |= dict.fromkeys(range(begin, begin + length), role)
    return found


@given(st.lists(st.text(st.sampled_from("ab \n🙂\r"), max_size=30) | st.just("x" * 700) | st.just("word " * 150)))
def test_rows_hold_the_code_in_its_order(pieces: list[str]) -> None:
    rows, code = CodeRows(), "".join(pieces)
    text = "".join(rows.append(piece) for piece in pieces)
    lines = text.split("\n")
    assert len(lines) == len(rows)
    assert max(map(len, lines)) <= LONGEST_ROW
    for number, line in enumerate(lines):
        start = rows.start_of(number)
        assert code[start : start + len(line)].replace("\r", " ") == line
        assert rows.row_at(start) >= number
    whole = CodeRows()
    assert whole.append(code) == text, "in whatever pieces it came"


def test_a_long_line_is_laid_out_in_rows_that_end_at_blanks(qtbot: QtBot, theme: Theme) -> None:
    rows = rows_of(shown(qtbot, theme, [ITEMS, "\nnext"]))
    assert max(map(len, rows)) <= LONGEST_ROW
    assert all(row.endswith(" ") for row in rows[:-1])
    assert rows[-1] == "next"
    assert rows_of(shown(qtbot, theme, ["x" * 1_200], ""))[0] == "x" * LONGEST_ROW


def test_a_line_that_grows_is_coloured_as_if_it_came_at_once(qtbot: QtBot, theme: Theme) -> None:
    at_once = colours_of(shown(qtbot, theme, [ITEMS]))
    pieces = [ITEMS[place : place + 7] for place in range(0, len(ITEMS), 7)]
    assert colours_of(shown(qtbot, theme, pieces)) == at_once
    place = ITEMS.index("text, with", 9_000)
    assert at_once[place] == "code_string", "far behind the first stretch"


def test_a_string_over_several_lines_keeps_its_colour_where_a_stretch_ends_in_it(qtbot: QtBot, theme: Theme) -> None:
    before = "x = [1, 2]  # why\n" * 430
    code = before + 'y = """\n' + "def words, if any\n\n" * 40 + '"""\ndef f():\n    return 1\n'
    assert len(before) < LONGEST_LEXED < code.index("def f")
    colours = colours_of(shown(qtbot, theme, [code], "python"))
    for place in range(len(before) + 4, code.rindex('"""') + 3):
        assert code[place] == "\n" or colours[place] == "code_string", place
    assert colours[code.index("def f")] == "code_keyword"


def test_a_string_that_grows_over_lines_is_coloured_as_if_it_came_at_once(qtbot: QtBot, theme: Theme) -> None:
    code = 'def f():\n    x = """\nif a\n\nthen "b"\n\nelse\n"""\n    return x\n'
    at_once = colours_of(shown(qtbot, theme, [code], "python"))
    pieces = [code[place : place + 5] for place in range(0, len(code), 5)]
    assert colours_of(shown(qtbot, theme, pieces, "python")) == at_once


def test_code_in_parts_is_coloured_as_one(qtbot: QtBot, theme: Theme) -> None:
    parts = ["a = 1\n/* one\n", "if two\n", "three */\nif (x) { return; }\n"]
    blocks = [shown(qtbot, theme, [part], "c") for part in parts]
    for above, below in pairwise(blocks):
        below.begin_within(above.opening_behind)
    found: dict[int, str] = {}
    for number, block in enumerate(blocks):
        start = len("".join(parts[:number]))
        found |= {start + place: role for place, role in colours_of(block).items()}
    whole = "".join(parts)
    at_once = colours_of(shown(qtbot, theme, [whole], "c"))
    assert {place for place in found if whole[place] != "\n"} == {place for place in at_once if whole[place] != "\n"}
    assert all(role == at_once[place] for place, role in found.items() if whole[place] != "\n")
    assert blocks[-1].opening_behind == ""
    blocks[1].begin_within("")
    assert colours_of(blocks[1])[0] == "code_keyword"


def test_what_follows_a_part_is_told_of_it_without_lexing_it_again(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    above, below = CodeBlock(theme), CodeBlock(theme)
    for block, code in ((above, "a = 1\n/* one\n"), (below, "if two\n")):
        qtbot.addWidget(block)
        block.set_code(code, "c")
    lexed: list[str] = []

    def counted(code: str, language: str) -> Iterator[tuple[int, int, str]]:
        lexed.append(code)
        return code_spans(code, language)

    monkeypatch.setattr(code_block, "code_spans", counted)
    assert above.opening_behind == "/* one\n"
    assert lexed == []
    below.begin_within(above.opening_behind)
    assert below.opening_behind == "/* one\n"
    assert lexed == ["/* one\nif two\n"]


def test_colours_stand_where_they_belong_behind_an_emoji(qtbot: QtBot, theme: Theme) -> None:
    block = shown(qtbot, theme, ['{"🙂🙂": true}'])
    layout = block.lines.document().firstBlock().layout()
    number = next(each for each in layout.formats() if each.format.foreground().color() == theme.color("code_number"))
    text = block.lines.toPlainText().encode("utf-16-le")
    assert text[2 * number.start : 2 * (number.start + number.length)].decode("utf-16-le") == "true"


@pytest.mark.parametrize("code", [ITEMS, "a\u200b\nb\r c\u2029d" + "x" * 1_200 + "\n\u200bend"])
def test_what_is_copied_is_the_code(qtbot: QtBot, theme: Theme, code: str) -> None:
    block = shown(qtbot, theme, [code])
    block.lines.selectAll()
    assert block.selected_text() == code
    start, end = code.index("x", 5), code.rindex("e")
    cursor = QTextCursor(block.lines.document())
    select(block.lines, _position(block, start), _position(block, end))
    assert block.selected_text() == code[start:end]
    assert not cursor.hasSelection()


def _position(block: CodeBlock, place: int) -> int:
    row = block._rows.row_at(place)
    start = block._rows.start_of(row)
    first = block.lines.document().findBlockByNumber(row).position()
    return first + len(block.code[start:place].encode("utf-16-le")) // 2


def test_an_answer_that_is_json_as_a_whole_wraps(qtbot: QtBot, theme: Theme) -> None:
    body = AnswerBody(theme, MessageSelection(list, str, lambda: None))
    qtbot.addWidget(body)
    body.resize(700, 400)
    body.show()
    body.show_text(ITEMS[:300], writing=True, language="json")
    body.fit(700)
    code = body.parts[0]
    assert isinstance(code, CodeBlock)
    height = code.lines.height()
    for place in range(300, 3_000, 90):
        body.add_text(ITEMS[place : place + 90])
        body.setFixedHeight(body.fit(700))
    assert code.lines.height() > 4 * height
    assert code.lines.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    assert code.lines.verticalScrollBar().maximum() == 0, "every line is seen"
    narrow = body.fit(400)
    assert code.lines.verticalScrollBar().maximum() == 0
    assert narrow > body.fit(700)
    body.show_text(f"```json\n{ITEMS}\n```", writing=False)
    assert not body.parts[0].lines.wraps, "code in Markdown keeps its lines"  # type: ignore[union-attr]


def test_a_wrapped_answer_has_its_height_before_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    body = AnswerBody(theme, MessageSelection(list, str, lambda: None))
    qtbot.addWidget(body)
    body.show_text(ITEMS[:900], writing=False, language="json")
    height = body.fit(700)
    body.resize(700, height)
    body.show()
    qtbot.waitExposed(body)
    body.fit(400)
    assert body.fit(700) == height
    code = body.parts[0]
    assert isinstance(code, CodeBlock)
    assert code.lines.verticalScrollBar().maximum() == 0


def test_code_leaves_no_room_for_a_scroll_bar_that_is_not_there(qtbot: QtBot, theme: Theme) -> None:
    """It was too narrow for its line before, or had not been given its width yet."""
    block = shown(qtbot, theme, ["value = compute('a line of some length', 3)  # as long as that"], "python")
    fits = block.fit(700)
    assert block.lines.horizontalScrollBar().maximum() == 0
    scrolls = block.fit(300)
    block.resize(300, scrolls)
    assert scrolls > fits
    assert block.fit(700) == fits
