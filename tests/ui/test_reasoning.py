"""What a model thought stands folded above its answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.transcript import AnswerWords
from desktop_app.ui.chat.message_rows import AnswerMessage
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.theme.theme import Theme

USED = {"reasoning_tokens": 1340, "reasoning_s": 12.4}


def message(text: str, *, done: bool = True, **more: object) -> Message:
    return Message(
        1,
        1,
        None,
        0,
        Role.ASSISTANT,
        text,
        datetime.now(UTC),
        stop_reason=StopReason.END if done else None,
        settings_used=dict(USED) if done else dict(more),
    )


def make(qtbot: QtBot, theme: Theme, text: str, *, writing: bool = False, unfolds: bool = False) -> AnswerMessage:
    words = AnswerWords(unfolds_reasoning=unfolds)
    row = AnswerMessage(theme, message(text, done=not writing), words, writing=writing)
    qtbot.addWidget(row)
    row.resize(700, 300)
    row.show()
    row.fit(700)
    return row


def seen(row: AnswerMessage) -> str:
    return "|".join(part.toPlainText() for part in row.body.parts if isinstance(part, MarkdownText))


def label(row: AnswerMessage) -> str:
    assert row.body.fold is not None
    return row.body.fold.button.text()


def add(row: AnswerMessage, text: str) -> None:
    row.add_text(replace(row.message, text=row.message.text + text), text)


def finish(row: AnswerMessage) -> None:
    row.show_message(message(row.message.text), AnswerWords(), writing=False)


def test_a_stored_answer_shows_its_words_and_one_line_for_its_thoughts(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "<think>\nIt may be **ink**.\n</think>\n\nBecause.")
    assert seen(row) == "Because."
    assert label(row) == "▸ Thought for 12 s · 1,340 tokens"
    fold = row.body.fold
    assert fold is not None
    assert not fold.body.parts  # nothing is laid out before it is wanted
    before = row.fit(700)
    QTest.keyClick(fold.button, Qt.Key.Key_Space)
    assert fold.is_unfolded
    assert seen(row) == "It may be ink.|Because."
    assert row.fit(700) > before
    assert row.selection is not None
    row.selection.select_all()
    assert row.selected_text() == "It may be ink.\nBecause."
    QTest.mouseClick(fold.button, Qt.MouseButton.LeftButton)
    assert seen(row) == "Because."
    assert row.fit(700) == before


def test_the_fold_has_a_name_and_takes_the_keyboard(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "<think>Hm.</think>Because.")
    fold = row.body.fold
    assert fold is not None
    assert fold.button.accessibleName() == "Thought for 12 s · 1,340 tokens"
    assert fold.button.accessibleDescription()
    assert fold.button.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_thoughts_being_written_are_folded_until_the_answer_begins(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "", writing=True)
    assert row.body.fold is None
    for piece in ("<th", "ink>", "It may", " be ink.", "</thi"):
        add(row, piece)
    assert label(row) == "▸ Thinking…"
    assert seen(row) == ""
    for piece in ("nk>", "\n\n", "Be", "cause."):
        add(row, piece)
    assert label(row).startswith("▸ Thought for")
    finish(row)
    assert seen(row) == "Because."
    assert label(row) == "▸ Thought for 12 s · 1,340 tokens"


def test_thoughts_can_be_watched_and_fold_when_the_answer_begins(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "", writing=True, unfolds=True)
    for piece in ("<think>", "It may", " be ink."):
        add(row, piece)
    assert seen(row).startswith("It may be ink.")
    add(row, "</think>Because.")
    assert seen(row).startswith("Because.")
    fold = row.body.fold
    assert fold is not None
    assert not fold.is_unfolded


def test_what_a_person_unfolded_stays_unfolded(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "", writing=True)
    add(row, "<think>It may")
    fold = row.body.fold
    assert fold is not None
    fold.button.click()
    add(row, " be ink.</think>Because.")
    finish(row)
    assert seen(row) == "It may be ink.|Because."


def test_a_model_whose_template_opens_the_thoughts(qtbot: QtBot, theme: Theme) -> None:
    begun = message("", done=False, opens_reasoning=True)
    row = AnswerMessage(theme, begun, AnswerWords(), writing=True)
    qtbot.addWidget(row)
    add(row, "It may be ink.")
    assert label(row) == "▸ Thinking…"
    add(row, "</think>Because.")
    assert seen(row).startswith("Because.")


def test_text_that_turns_out_to_be_thoughts_moves_into_the_fold(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "", writing=True)
    add(row, "It may be ink.\n</think>")
    with qtbot.waitSignal(row.height_changed):
        add(row, "\n\nBecause.")
    assert seen(row).startswith("Because.")
    assert row.body.fold is not None


@pytest.mark.parametrize("text", ["Because.", "Write <think> first."])
def test_other_answers_have_no_fold(qtbot: QtBot, theme: Theme, text: str) -> None:
    row = make(qtbot, theme, text)
    assert row.body.fold is None


def test_stopped_while_thinking(qtbot: QtBot, theme: Theme) -> None:
    row = make(qtbot, theme, "<think>It may be")
    assert label(row) == "▸ Thought for 12 s · 1,340 tokens"
    assert seen(row) == ""
