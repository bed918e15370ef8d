"""Answers that are JSON by their chat's answer format are shown as code; all others are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.constraint import ANSWER_FORMAT
from desktop_app.domain.conversation import EDITED, Message, Role
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.transcript import AnswerWords
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.message_rows import AnswerMessage
from desktop_app.ui.theme.theme import Theme

SCHEMA: dict[str, Any] = {ANSWER_FORMAT: "json_schema"}
GRAMMAR: dict[str, Any] = {ANSWER_FORMAT: "grammar"}
WHOLE = '{"name": "*Ink*",\n "age": 3}'


def row_of(qtbot: QtBot, theme: Theme, text: str, used: dict[str, Any], *, writing: bool = False) -> AnswerMessage:
    reason = None if writing else StopReason.END
    message = Message(
        1, 1, None, 0, Role.ASSISTANT, text, datetime.now(UTC), stop_reason=reason, settings_used=dict(used)
    )
    row = AnswerMessage(theme, message, AnswerWords(), writing=writing)
    qtbot.addWidget(row)
    row.resize(700, 300)
    row.show()
    row.fit(700)
    return row


def add(row: AnswerMessage, text: str) -> None:
    row.add_text(replace(row.message, text=row.message.text + text), text)


def finish(row: AnswerMessage) -> None:
    row.show_message(replace(row.message, stop_reason=StopReason.END), AnswerWords(), writing=False)


def code_of(row: AnswerMessage) -> str | None:
    """The code, where the answer is shown as nothing but one piece of JSON."""
    parts = row.body.parts
    if len(parts) != 1 or not isinstance(parts[0], CodeBlock):
        return None
    assert parts[0].language == "json"
    return parts[0].code


def test_an_answer_under_a_schema_is_code_from_its_first_letter(qtbot: QtBot, theme: Theme) -> None:
    row = row_of(qtbot, theme, "", SCHEMA, writing=True)
    assert row.body.parts == []
    for piece in ("{", '"name": "*In', 'k*",\n "age"', ": 3}"):
        add(row, piece)
        assert code_of(row) == row.message.text
    block = row.body.parts[0]
    finish(row)
    assert code_of(row) == WHOLE
    assert row.body.parts == [block], "nothing is made anew at its end"
    assert isinstance(block, CodeBlock)
    assert block._colours.rows, "it is highlighted"
    block._copy.click()
    assert QGuiApplication.clipboard().text() == WHOLE


def test_a_cut_answer_under_a_schema_stays_code_and_goes_on(qtbot: QtBot, theme: Theme) -> None:
    row = row_of(qtbot, theme, '{"name": "*In', SCHEMA)
    assert code_of(row) == '{"name": "*In'
    row.show_message(replace(row.message, stop_reason=None), AnswerWords(), writing=True)
    add(row, 'k*",\n "age": 3}')
    assert code_of(row) == WHOLE


def test_json_that_a_grammar_gave_becomes_code_once_it_is_whole(qtbot: QtBot, theme: Theme) -> None:
    row = row_of(qtbot, theme, "", GRAMMAR, writing=True)
    add(row, '{"name": "*Ink*",\n "age": 3')
    assert code_of(row) is None
    add(row, "}")
    finish(row)
    assert code_of(row) == WHOLE
    row.show_message(replace(row.message, stop_reason=None), AnswerWords(), writing=True)
    add(row, " more")
    assert code_of(row) is None, "it is written on, and is no JSON any more"
    finish(row)
    assert code_of(row) is None
    assert code_of(row_of(qtbot, theme, WHOLE, GRAMMAR)) == WHOLE


def test_everything_else_is_markdown(qtbot: QtBot, theme: Theme) -> None:
    assert code_of(row_of(qtbot, theme, WHOLE, {})) is None, "nothing was asked for"
    assert code_of(row_of(qtbot, theme, "true", GRAMMAR)) is None, "a word is a word"
    assert code_of(row_of(qtbot, theme, "[x] done", GRAMMAR)) is None
    assert code_of(row_of(qtbot, theme, "[" * 100_000, GRAMMAR)) is None
    edited = {**SCHEMA, EDITED: True}
    assert code_of(row_of(qtbot, theme, "Now in *my* words", edited)) is None
    assert code_of(row_of(qtbot, theme, WHOLE, edited)) == WHOLE


def test_what_was_thought_before_is_no_part_of_the_code(qtbot: QtBot, theme: Theme) -> None:
    row = row_of(qtbot, theme, "", SCHEMA, writing=True)
    add(row, "<think>Three, I *guess*.")
    add(row, "</think>\n\n")
    assert code_of(row) is None
    add(row, WHOLE + "\n")
    assert row.body.fold is not None
    assert code_of(row) == WHOLE
    finish(row)
    assert code_of(row) == WHOLE
