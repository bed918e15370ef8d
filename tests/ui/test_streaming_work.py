"""What a piece of text costs while an answer is written: counted in work done, which is the same on any machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.markdown_blocks import LONGEST_BLOCK
from desktop_app.ui.chat import code_block, markdown_document
from desktop_app.ui.chat.answer_body import LARGEST_TEXT, AnswerBody
from desktop_app.ui.chat.code_colours import LONGEST_LEXED
from desktop_app.ui.chat.code_rows import LONGEST_ROW
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.chat.selection import MessageSelection
from desktop_app.ui.theme.theme import Theme

WIDTH = 700


class Work:
    """Counts what is done between two looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed = 0
        self.lexed = 0
        self.fitted = 0
        self.laid_out = 0
        parse, spans, fit = markdown_document.soft_broken, code_block.code_spans, MarkdownText.fit
        code_fit = code_block.CodeBlock.fit
        highlight = code_block._Colours.highlightBlock

        def count_parse(source: str) -> str:
            self.parsed += len(source)
            return parse(source)

        def count_spans(code: str, language: str) -> Iterator[tuple[int, int, str]]:
            self.lexed += len(code)
            return spans(code, language)

        def count_fit(part: MarkdownText, width: int) -> int:
            self.fitted += 1
            return fit(part, width)

        def count_code_fit(part: code_block.CodeBlock, width: int) -> int:
            self.fitted += 1
            return code_fit(part, width)

        def count_highlight(colours: code_block._Colours, text: str) -> None:
            self.laid_out += len(text)  # each row that is coloured is laid out anew
            highlight(colours, text)

        monkeypatch.setattr(code_block._Colours, "highlightBlock", count_highlight)
        monkeypatch.setattr(markdown_document, "soft_broken", count_parse)
        monkeypatch.setattr(code_block, "code_spans", count_spans)
        monkeypatch.setattr(MarkdownText, "fit", count_fit)
        monkeypatch.setattr(code_block.CodeBlock, "fit", count_code_fit)

    def of(self, act: Callable[[], object]) -> tuple[int, int, int, int]:
        """(characters parsed as Markdown, lexed as code, parts measured, characters of code laid out) by `act`."""
        self.parsed = self.lexed = self.fitted = self.laid_out = 0
        act()
        return self.parsed, self.lexed, self.fitted, self.laid_out


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


@pytest.fixture
def body(qtbot: QtBot, theme: Theme) -> AnswerBody:
    made = AnswerBody(theme, MessageSelection(list, str, lambda: None))
    qtbot.addWidget(made)
    made.resize(WIDTH, 400)
    made.show()
    return made


def section(number: int) -> str:
    return (
        f"## Section {number}\n\nWords of ink and `paper`, with $a_{number}$ and **weight**.\n\n"
        f"- one\n- two\n\n```python\nvalue_{number} = compute({number})\n```\n\n"
        f"| a | b |\n|---|---|\n| {number} | x |\n\n"
    )


SHAPES: dict[str, tuple[str, Callable[[int], str]]] = {
    "sections": ("", section),
    "one paragraph": ("", lambda number: f"word{number} of a paragraph without an end "),
    "one list": ("", lambda number: f"- item {number} of the list\n"),
    "one nested list": ("- outer\n", lambda number: f"    - inner {number} of the list\n"),
    "one table": ("| a | b |\n|---|---|\n", lambda number: f"| row {number} | of the table |\n"),
    "one quote": ("", lambda number: f"> line {number} of the quote\n"),
    "one piece of code": ("```python\n", lambda number: f"value_{number} = compute({number})  # why\n"),
    "one line of code": ("```json\n{", lambda number: f'"key {number}": [1, 2.5, true, "text"], '),
    "one line of nothing known": ("```\n", lambda number: f"{number:06d}"),
}


PIECES = 80
"""Pieces measured: more than fill a block, so that each kind of work is seen."""


def costs(body: AnswerBody, work: Work, shape: str, length: int) -> list[tuple[int, int, int, int]]:
    """What each of the pieces costs that come behind `length` characters."""
    opening, piece = SHAPES[shape]
    count = length // len(piece(500))
    body.show_text(opening + "".join(piece(number) for number in range(count)), writing=True)
    body.render_all()
    for part in body.parts:
        while isinstance(part, code_block.CodeBlock) and part._later.isActive():
            part._later.stop()
            part._colour_on()
    body.fit(WIDTH)

    def add(number: int) -> None:
        body.add_text(piece(number))
        body.fit(WIDTH)

    return [work.of(lambda number=number: add(number)) for number in range(count, count + PIECES)]  # type: ignore[misc]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_piece_of_text_costs_the_same_at_the_end_of_a_long_answer(body: AnswerBody, work: Work, shape: str) -> None:
    early, late = costs(body, work, shape, 6_000), costs(body, work, shape, 60_000)
    assert max(parsed for parsed, _, _, _ in late) <= 2 * LONGEST_BLOCK + LARGEST_TEXT
    assert max(lexed for _, lexed, _, _ in late) <= LONGEST_LEXED
    assert max(fitted for _, _, fitted, _ in late) <= 8
    assert max(laid_out for _, _, _, laid_out in late) <= 6 * LONGEST_ROW
    for kind in range(4):
        before, after = (sum(cost[kind] for cost in part) / PIECES for part in (early, late))
        assert after <= 1.5 * before + 2, kind


def test_parts_far_above_are_not_touched(body: AnswerBody) -> None:
    body.show_text("".join(section(number) for number in range(120)), writing=True)
    body.render_all()
    body.fit(WIDTH)
    moved: list[QWidget] = []
    first = body.parts[:-3]
    before = [(part, part.geometry()) for part in first]
    body.add_text("and on, and on.\n\nMore.")
    body.fit(WIDTH)
    moved = [part for part, place in before if part.geometry() != place]
    assert moved == []
    assert body.parts[: len(first)] == first


def test_parts_below_one_that_grew_move_down(qtbot: QtBot, body: AnswerBody) -> None:
    body.show_text("Above.\n\n```\n" + "x" * 2_000 + "\n```\n\nBelow.", writing=False)
    height = body.fit(WIDTH)
    code, below = body.parts[1], body.parts[2]
    top = below.y()
    code.height_changed.emit()
    assert body.fit(WIDTH) == height
    body.fit(300)
    assert below.y() == code.y() + code.height() + 12
    assert body.fit(WIDTH) == height
    assert below.y() == top
