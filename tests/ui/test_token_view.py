"""The token view: shading, what else was likely, by keyboard, and the way to another answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import ConstraintError, InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.token_alternatives import LikelyToken, TokenPlace
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.token_text import TokenText, likely_words, percent
from desktop_app.ui.chat.token_view import TokenViewDialog
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import Room, open_room, shown_text


def place(position: int, text: str, probability: float | None, *others: tuple[int, str, float]) -> TokenPlace:
    likeliest = [LikelyToken(each[0], each[1], each[2], each[1] == text) for each in others]
    return TokenPlace(position, text, probability, tuple(likeliest))


PLACES = [
    place(0, "The", 0.99, (10, "The", 0.99), (11, "A", 0.006)),
    place(1, " sea", 0.3, (20, " sky", 0.5), (21, " sea", 0.3), (2, "", 0.05)),
    place(2, "\n", 0.02, (30, ".", 0.6), (31, "!", 0.1)),
    place(3, "<b>x</b>", None),
]


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        made.show()
        made.open(made.service.add_chat("Chat", "Question", "The sea"))
        yield made
        made.settle()


def opened(room: Room, known: list[TokenPlace] | InkwellError) -> TokenViewDialog:
    room.service.tokens.known = known
    room.actions["chat.tokens"].trigger()
    room.settle()
    shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, TokenViewDialog) and each.isVisible()]
    assert len(shown) == 1
    return shown[0]


def listed(dialog: TokenViewDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_the_first_doubtful_place_is_shown_with_what_else_was_likely(room: Room) -> None:
    dialog = opened(room, PLACES)
    assert dialog.text.toPlainText() == "The sea\n<b>x</b>", "text as it is, never as HTML"
    assert dialog.text.current == 1
    assert dialog.place.text() == "Place 2 of 4: “ sea”"
    assert listed(dialog) == ["“ sky”   50 %", "“ sea”   30 %   chosen", "end of the answer   5.0 %"]
    assert dialog.branch.isEnabled()
    dialog.reject()


def test_hesitation_is_shaded_and_certainty_is_not(room: Room) -> None:
    dialog = opened(room, PLACES)
    document = dialog.text.document()
    shades = []
    for at in (1, 5, 9):
        cursor = dialog.text.textCursor()
        cursor.setPosition(at)
        has_shade = cursor.charFormat().background().style() is not Qt.BrushStyle.NoBrush
        shades.append(cursor.charFormat().background().color().alpha() if has_shade else 0)
    assert document.characterCount() > 9
    assert shades[0] == 0, "sure"
    assert shades[1] > 150, "seven tenths of doubt"
    assert shades[2] == 0, "not known"
    dialog.reject()


def test_the_keyboard_walks_the_tokens_and_takes_another_one(room: Room) -> None:
    answer = room.last().message.id
    dialog = opened(room, PLACES)
    QTest.keyClick(dialog.text, Qt.Key.Key_Right)
    assert dialog.place.text() == dialog.text.accessibleDescription() == "Place 3 of 4: “↵”"
    assert listed(dialog)[-1] == "“↵”   2.0 %   chosen", "not among the likeliest, and still there"
    QTest.keyClick(dialog.text, Qt.Key.Key_End)
    assert listed(dialog) == []
    assert not dialog.branch.isEnabled()
    QTest.keyClick(dialog.text, Qt.Key.Key_Home)
    QTest.keyClick(dialog.text, Qt.Key.Key_Right)
    QTest.keyClick(dialog.text, Qt.Key.Key_Return)
    assert dialog.list.hasFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    room.until(lambda: room.service.token_branches)
    assert room.service.token_branches == [(answer, 1, 20)]
    room.service.feed("The sky", StopReason.END)
    room.until(lambda: shown_text(room.last()) == "The sky")


def test_a_token_that_is_refused_is_said_in_the_view_which_stays(room: Room) -> None:
    dialog = opened(room, PLACES)
    room.service.tokens.refusal = ConstraintError("This token does not fit the answer format.", "", "Choose another.")
    dialog.branch.click()
    assert not dialog.branch.isEnabled(), "once is enough"
    room.settle()
    assert dialog.isVisible()
    assert dialog.status.text() == "This token does not fit the answer format. Choose another."
    assert dialog.branch.isEnabled()
    assert dialog.list.hasFocus()
    assert room.service.token_branches == []
    room.service.tokens.refusal = None
    dialog.branch.click()
    room.until(lambda: room.service.token_branches)
    room.service.feed("The sky", StopReason.END)
    room.until(lambda: shown_text(room.last()) == "The sky")


def test_an_answer_whose_tokens_are_not_known_says_why(room: Room) -> None:
    dialog = opened(room, InkwellError("The tokens of this answer are not known.", "It was edited."))
    assert dialog.status.text() == "The tokens of this answer are not known. It was edited."
    assert not dialog.text.isVisible()
    assert not dialog.branch.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert room.service.token_branches == []


def test_what_was_not_kept_is_said(room: Room) -> None:
    dialog = opened(room, [place(0, "Hi", None)])
    assert "was not kept" in dialog.status.text()
    dialog.reject()


def test_words_for_a_place() -> None:
    assert likely_words(PLACES[2]) == "“.”  60 %\n“!”  10 %\n“↵”  2.0 %"
    assert [percent(each) for each in (1.0, 0.123, 0.0123, 0.0001)] == ["100 %", "12 %", "1.2 %", "< 0.1 %"]


def test_a_run_without_a_break_is_laid_out_at_once(theme: Theme, qtbot: QtBot) -> None:
    text = TokenText(theme)
    qtbot.addWidget(text)
    text.resize(600, 400)
    text.show()
    text.show_places([place(n, "xxxx", 0.4) for n in range(5000)])
    assert text.current == 0
    qtbot.waitUntil(lambda: text.toPlainText().count("x") == 20_000)
    QTest.keyClick(text, Qt.Key.Key_End)
    assert text.current == 4999
    assert text.toPlainText().count("\u200b") >= 19


def test_its_size_stays_in_another_theme(room: Room, theme: Theme) -> None:
    dialog = opened(room, PLACES)
    dialog.resize(dialog.width() + 90, dialog.height() + 70)
    size = dialog.size()
    theme.set_mode("light" if theme.is_dark else "dark")
    room.turn()
    assert dialog.size() == size
