"""Callouts that can be folded (`> [!note]-`), where a note is read and beside its text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.callouts import callout_in
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.block_marks import FOLDS
from desktop_app.ui.chat.callout_folds import CalloutFolds
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.notes.note_head import BOTH, READ
from desktop_app.ui.notes.rendered_note import RenderedNote
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

TEXT = """# T

> [!tip]- Closed
> hidden words
>
> - [ ] hidden task

> [!note]+ Open
> shown words

> [!note] Plain
> plain words

> [!note]- Nothing below

- [ ] own task"""


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    note = made.notes.create("", TEXT)
    made.open()
    made.show(note.id)
    yield made
    made.close()


def part_of(rendered: RenderedNote) -> MarkdownText:
    (part,) = [part for body in rendered.bodies for part in body.parts]
    assert isinstance(part, MarkdownText)
    return part


def press(part: MarkdownText, words: str) -> None:
    block = part.document().find(words).block()
    rect = part.document().documentLayout().blockBoundingRect(block)
    QTest.mouseClick(
        part.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(rect.left()) + 60, int(rect.center().y()))
    )


def test_the_sign_behind_the_brackets_says_whether_it_folds() -> None:
    folds = [found.folds for line in ("[!a]-", "[!a]+ b", "[!a] b") if (found := callout_in(line)) is not None]
    assert folds == ["-", "+", ""]


@pytest.mark.parametrize("mode", [READ, BOTH])
def test_a_press_on_the_title_folds_and_unfolds(room: NotesRoom, mode: str) -> None:
    view = room.screen.view
    view.set_mode(mode)
    rendered = view.reader if mode == READ else view.preview
    room.until(lambda: rendered.bodies and rendered.bodies[0].parts)
    part = part_of(rendered)
    assert "Closed" in part.toPlainText()
    assert "hidden" not in part.toPlainText()
    height = part.height()
    press(part, "Closed")
    room.until(lambda: part.height() > height)
    assert "hidden words" in part.toPlainText()
    press(part, "Open")
    assert "shown words" not in part.toPlainText()
    press(part, "Plain")
    press(part, "Nothing below")
    assert "plain words" in part.toPlainText()
    press(part, "Closed")
    assert "hidden" not in part.toPlainText()


def test_tasks_behind_a_folded_callout_are_counted(room: NotesRoom) -> None:
    view = room.screen.view
    view.set_mode(READ)
    part = part_of(view.reader)
    assert [(task.number, task.words) for task in part.tasks()] == [(1, "own task")]
    block = part.document().find("own task").block()
    rect = part.document().documentLayout().blockBoundingRect(block)
    QTest.mouseClick(part.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, int(rect.center().y())))
    room.until(lambda: "- [x] own task" in room.editor.text())
    assert "> - [ ] hidden task" in room.editor.text()
    assert "hidden" not in part_of(view.reader).toPlainText()
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)


def test_what_was_unfolded_stays_so_when_the_note_is_drawn_again(room: NotesRoom, theme: Theme) -> None:
    view = room.screen.view
    view.set_mode(READ)
    press(part_of(view.reader), "Closed")
    view.set_keeps_lines(True)
    assert "hidden words" in part_of(view.reader).toPlainText()


def test_a_task_that_is_ticked_folds_no_callout(room: NotesRoom) -> None:
    room.screen.view.set_mode(READ)
    reader = room.screen.view.reader
    press(part_of(reader), "Closed")
    part = part_of(reader)
    part.task_clicked.emit(part.tasks()[0])
    room.until(lambda: "> - [x] hidden task" in room.editor.text())
    assert [(task.done, task.words) for task in part_of(reader).tasks()] == [(True, "hidden task"), (False, "own task")]
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)


def test_nothing_is_folded_in_an_answer(theme: Theme, qtbot: QtBot) -> None:
    from desktop_app.domain.markdown_blocks import split_blocks

    text = MarkdownText(theme, links_to_notes=True)
    qtbot.addWidget(text)
    text.show_blocks(split_blocks(TEXT))
    assert "hidden words" in text.toPlainText()
    block = text.document().begin()
    while block.isValid():
        assert not block.blockFormat().intProperty(FOLDS)
        block = block.next()


def test_a_callout_that_is_written_in_stays_as_it_was_turned(room: NotesRoom) -> None:
    view = room.screen.view
    view.set_mode(BOTH)
    room.until(lambda: view.preview.is_complete)
    press(part_of(view.preview), "Closed")
    room.until(lambda: "hidden words" in part_of(view.preview).document().toPlainText())
    line = view.editor.document().find("hidden words").block()
    cursor = view.editor.textCursor()
    cursor.setPosition(line.position() + line.length() - 1)
    view.editor.setTextCursor(cursor)
    for letter in " more":
        QTest.keyClicks(view.editor, letter)
        room.until(lambda: view.preview.is_complete)
    room.until(lambda: "hidden words more" in part_of(view.preview).document().toPlainText())
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)


def test_others_of_the_same_title_are_not_turned_with_it() -> None:
    folds = CalloutFolds()
    assert folds.is_folded("Note\none", at_first=True)
    folds.turn("Note\none")
    assert not folds.is_folded("Note\none", at_first=True)
    assert folds.is_folded("Note\ntwo, shown for the first time", at_first=True)
    assert not folds.is_folded("A note\none", at_first=True), "its title is written"
    assert folds.is_folded("A note\nanother", at_first=True)
    folds.turn("Note\none")
    assert folds.is_folded("Note\none", at_first=True)
    for number in range(1_000):
        folds.is_folded(f"{number}", at_first=True)
    assert len(folds._turned) <= 200
