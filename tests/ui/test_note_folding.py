"""Sections and lists of a note that is written, folded and unfolded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.domain.outline import headings
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.fold_ranges import FoldRange, Rank, fold_ranges
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom

TEXT = """# Walks

Words before.

## Hills

Up and down.

- boots
    - laces
    - wax
- hat

```sh
# no heading
```

### Moors

Wet feet.

## Coast

Salt."""
HILLS_FOLDED = ["# Walks", "Words before.", "## Hills", "## Coast", "Salt."]
ALL_FOLDED = ["# Walks", "Words before.", "## Hills", "## Coast"]
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def editor(theme: Theme, qtbot: QtBot) -> Iterator[MarkdownEditor]:
    made = MarkdownEditor(theme)
    qtbot.addWidget(made)
    made.resize(900, 900)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    made.show_text(encode(TEXT))
    yield made
    made.hide()


def go_to(editor: MarkdownEditor, words: str, *, end: bool = False) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(editor.display_text().index(words) + (len(words) if end else 0))
    editor.setTextCursor(cursor)


def shown(editor: MarkdownEditor) -> list[str]:
    """The lines that are seen and say something."""
    return [block.text() for block, rect in editor.lines_on_screen() if rect.height() and block.text()]


def fold(editor: MarkdownEditor, words: str) -> None:
    go_to(editor, words)
    editor.toggle_fold()


def test_what_a_line_hides() -> None:
    lines = TEXT.split("\n")
    found = {lines[one.first]: lines[one.last] for one in fold_ranges(lines)}
    assert found == {
        "# Walks": "Salt.",
        "## Hills": "Wet feet.",
        "- boots": "    - wax",
        "### Moors": "Wet feet.",
        "## Coast": "Salt.",
    }


def test_an_item_hides_its_paragraphs_and_code_and_a_heading_ends_a_list() -> None:
    lines = ["- a", "", "  more", "  ```", "deep", "  ```", "- b", "* * *", "1. c", "   d", "# e"]
    assert [one[:2] for one in fold_ranges(lines)] == [(0, 5), (8, 9)]
    assert fold_ranges(["# a", "", ""]) == []
    assert fold_ranges(["## a", "b"]) == [FoldRange(0, 1, Rank(False, 2))]


def test_the_section_that_the_cursor_is_in_is_folded_and_unfolded(editor: MarkdownEditor) -> None:
    go_to(editor, "Up and")
    editor.toggle_fold()
    assert shown(editor) == HILLS_FOLDED
    assert editor.textCursor().block().text() == "## Hills"
    assert editor.display_text() == TEXT
    editor.toggle_fold()
    assert shown(editor) == [line for line in TEXT.split("\n") if line]


def test_folding_is_no_edit(editor: MarkdownEditor, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(editor.edited, wait=50):
        editor.fold_all()
        editor.unfold_all()
    assert not editor.document().isModified()


def test_all_is_folded_but_the_title_and_what_is_within_stays_folded(editor: MarkdownEditor) -> None:
    editor.fold_all()
    assert shown(editor) == ALL_FOLDED
    fold(editor, "## Hills")
    assert "### Moors" in shown(editor)
    assert "Wet feet." not in shown(editor)
    assert "    - wax" not in shown(editor)
    editor.unfold_all()
    assert shown(editor) == [line for line in TEXT.split("\n") if line]


def test_two_quick_presses_on_the_arrow_fold_and_unfold_and_select_nothing(editor: MarkdownEditor) -> None:
    rect = next(rect for block, rect in editor.lines_on_screen() if block.text() == "## Hills")
    arrow = QPoint(int(rect.left()) - 8, int(rect.top()) + 12)
    before = shown(editor)
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    assert shown(editor) != before
    left, place = Qt.MouseButton.LeftButton, QPointF(arrow)
    second = QMouseEvent(  # as the desktop sends it: in place of a press
        QEvent.Type.MouseButtonDblClick, place, place, left, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(editor.viewport(), second)
    assert not editor.textCursor().hasSelection()
    assert shown(editor) == before


def test_a_press_on_the_arrow_folds_and_one_on_the_dots_unfolds(editor: MarkdownEditor, qtbot: QtBot) -> None:
    rect = next(rect for block, rect in editor.lines_on_screen() if block.text() == "## Hills")
    QTest.mouseMove(editor.viewport(), QPoint(200, int(rect.center().y())))
    arrow = QPoint(int(rect.left()) - 8, int(rect.top()) + 12)
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    assert shown(editor) == HILLS_FOLDED
    block = editor.document().findBlockByNumber(4)
    right = int(rect.left() + block.layout().lineAt(0).naturalTextRect().right())
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(right + 20, arrow.y()))
    assert "Up and down." in shown(editor)


def test_arrow_keys_step_over_what_is_folded(editor: MarkdownEditor) -> None:
    fold(editor, "## Hills")
    go_to(editor, "## Hills", end=True)
    QTest.keyClick(editor, Qt.Key.Key_Right)
    assert editor.textCursor().block().next().text() == "## Coast"
    QTest.keyClick(editor, Qt.Key.Key_Left, SHIFT)
    assert editor.textCursor().block().text() == "## Hills"
    assert "Wet feet." in editor.textCursor().selectedText()
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Up)
    assert editor.textCursor().block().text() == "## Hills"
    assert shown(editor) == HILLS_FOLDED


def test_where_the_cursor_goes_is_shown(editor: MarkdownEditor) -> None:
    editor.fold_all()
    go_to(editor, "laces")
    assert editor.textCursor().block().isVisible()
    assert "    - wax" in shown(editor)
    assert "Salt." not in shown(editor)


def test_writing_in_a_folded_line_keeps_it_and_taking_its_sign_unfolds_it(editor: MarkdownEditor) -> None:
    fold(editor, "## Hills")
    go_to(editor, "## Hills", end=True)
    QTest.keyClicks(editor, "ide")
    assert "Up and down." not in shown(editor)
    go_to(editor, "## Hills")
    QTest.keyClick(editor, Qt.Key.Key_Return)  # above it
    assert "Up and down." not in shown(editor)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert "Up and down." in shown(editor)
    assert editor.folded_lines == ()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Delete])
def test_what_changes_hidden_lines_unfolds_them(editor: MarkdownEditor, key: Qt.Key) -> None:
    fold(editor, "## Hills")
    go_to(editor, "## Hills", end=True)
    QTest.keyClick(editor, key)
    assert "Up and down." in shown(editor)
    editor.undo()
    assert editor.display_text() == TEXT
    assert "Up and down." in shown(editor)


def test_folded_sections_are_moved_with_all_that_is_in_them(editor: MarkdownEditor) -> None:
    editor.fold_all()
    go_to(editor, "Coast")
    for _ in range(2):
        editor.move_lines(-1)
    intro, hills, coast = TEXT.split("\n## ")
    moved = "\n## ".join((intro, coast, hills)).split("\n")
    assert [line for line in editor.display_text().split("\n") if line] == [line for line in moved if line]
    assert shown(editor) == ["# Walks", "Words before.", "## Coast", "## Hills"]
    assert editor.textCursor().block().text()[editor.textCursor().positionInBlock() :] == "Coast"
    for _ in range(2):
        editor.move_lines(1)
    assert editor.display_text() == TEXT
    assert shown(editor) == ALL_FOLDED
    go_to(editor, "Words before")
    for _ in range(2):
        editor.move_lines(1)
    assert editor.display_text().index("Wet feet.") < editor.display_text().index("Words before.")
    assert "Words before." in shown(editor), "it is a line of that section now"
    editor.undo()
    editor.undo()
    assert editor.display_text() == TEXT


def test_nothing_is_left_folded_when_all_is_deleted(editor: MarkdownEditor) -> None:
    editor.fold_all()
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.folded_lines == ()
    assert editor.textCursor().block().isVisible()
    editor.undo()
    assert shown(editor) == [line for line in TEXT.split("\n") if line]


def test_what_is_typed_over_a_selection_that_ends_in_a_fold_is_seen(editor: MarkdownEditor) -> None:
    editor.fold_all()
    editor.selectAll()
    QTest.keyClicks(editor, "new")
    assert shown(editor) == ["new"]
    editor.undo()
    editor.fold_all()
    go_to(editor, "Words before", end=True)
    cursor = editor.textCursor()
    cursor.setPosition(editor.display_text().index("## Coast") - 1, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    QTest.keyClicks(editor, "x")
    assert shown(editor) == ["# Walks", "Words beforex", "## Coast"]


def test_a_long_fold_costs_no_look_at_its_lines(editor: MarkdownEditor) -> None:
    text = "# A\n" + "word\n" * 20_000 + "# B\n\n`code`"
    editor.show_text(encode(text))
    editor.toggle_fold()
    lines = editor.lines_on_screen()
    assert [block.text() for block, _ in lines] == ["# A", "# B", "", "`code`"]
    editor.grab()
    styled = editor.document().lastBlock().layout().formats()
    assert styled, "what stands below a fold is styled"
    editor.moveCursor(QTextCursor.MoveOperation.End)
    assert editor.verticalScrollBar().value() == 0


@pytest.fixture
def room(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)
    made.walks = made.notes.create("", TEXT).id  # type: ignore[attr-defined]
    made.other = made.notes.create("", "# Other\n").id  # type: ignore[attr-defined]
    made.open()
    yield made
    made.close()


def test_a_note_keeps_its_folds_over_other_notes_and_restarts(room: NotesRoom) -> None:
    walks, other = room.walks, room.other  # type: ignore[attr-defined]
    room.show(walks)
    room.actions["note.fold_all"].trigger()
    editor = room.screen.view.editor
    room.show(other)
    assert editor.folded_lines == ()
    room.show(walks)
    assert shown(editor) == ALL_FOLDED
    state = room.screen.save_state()
    room.open()
    room.screen.restore_state(state)
    room.settle(walks)
    assert shown(room.screen.view.editor) == ALL_FOLDED


def test_the_outline_and_find_unfold_what_they_go_to(room: NotesRoom) -> None:
    walks = room.walks  # type: ignore[attr-defined]
    room.show(walks)
    view, links = room.screen.view, room.screen.links
    assert links is not None
    room.actions["note.fold_all"].trigger()
    links.pane.heading_chosen.emit(next(one for one in headings(TEXT) if one.title == "Moors"))
    room.until(lambda: "### Moors" in shown(view.editor))
    room.settle(walks)
    assert "Salt." not in shown(view.editor)
    room.actions["note.find"].trigger()
    view.find_bar.line.setText("salt")
    view.find_step(1)
    assert "Salt." in shown(view.editor)


def test_a_hidden_task_is_ticked_where_it_is(room: NotesRoom) -> None:
    note = room.notes.create("", "# T\n\n## A\n\n- [ ] ink\n\n## B")
    room.show(note.id)
    editor = room.screen.view.editor
    room.actions["note.fold_all"].trigger()
    assert editor.tick_task(0, False, "ink")
    assert "- [x] ink" in editor.display_text()
    assert "- [x] ink" not in shown(editor)
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)


_LINES = ("# a", "## b", "### c", "words", "- item", "    - child", "", "", "```", "> quote", "1. one", "   more")


def act(editor: MarkdownEditor, chance: random.Random) -> str:
    """Do one of the things that a person does; what it was."""
    cursor, last = editor.textCursor(), editor.document().characterCount() - 1
    what = chance.choice(("fold", "fold", "all", "none", "type", "select", "select", "press", "move", "paste", "undo"))
    if what == "fold":
        editor.toggle_fold()
    elif what == "all":
        editor.fold_all()
    elif what == "none":
        editor.unfold_all()
    elif what == "type":
        QTest.keyClicks(editor, chance.choice(("a", "# ", "- ", " ")))
    elif what == "select":
        cursor.setPosition(chance.randint(0, last))
        cursor.setPosition(chance.randint(0, last), chance.choice(list(QTextCursor.MoveMode)))
        editor.setTextCursor(cursor)
    elif what == "press":
        keys = Qt.Key
        pressed = (keys.Key_Return, keys.Key_Delete, keys.Key_Backspace, keys.Key_Right, keys.Key_Left, keys.Key_Down)
        QTest.keyClick(editor, chance.choice(pressed))
    elif what == "move":
        lines = sorted(editor.display_text().split("\n"))
        editor.move_lines(chance.choice((-1, 1)))
        assert len(editor.display_text().split("\n")) == len(lines)
    elif what == "paste":
        cursor.insertText("\n".join(chance.choice(_LINES) for _ in range(3)))
    else:
        editor.undo()
    return what


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_only_what_is_below_a_folded_line_is_hidden(editor: MarkdownEditor, seed: int) -> None:
    chance = random.Random(seed)
    editor.show_text(encode("\n".join(chance.choice(_LINES) for _ in range(chance.randint(2, 30)))))
    done = []
    for _ in range(40):
        done.append(act(editor, chance))
        assert editor.textCursor().block().isVisible(), done
        folded, under = set(editor.folded_lines), False
        block = editor.document().begin()
        while block.isValid():
            under = not block.isVisible() and (under or block.blockNumber() - 1 in folded)
            assert block.isVisible() or under, (done, block.blockNumber(), editor.display_text())
            block = block.next()
        rows = [block.blockNumber() for block, rect in editor.lines_on_screen() if rect.height()]
        assert all(editor.document().findBlockByNumber(number).isVisible() for number in rows), done
