"""Notes that show other notes, and links to places in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.notes import NoteFilter
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.chat.picture_objects import EMBED
from desktop_app.ui.notes.pictures import NotePictures
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import NotesRoom


class NoFiles(QObject):
    """Attachments of which there are none; each is looked for at once."""

    failed = Signal(object)

    def look_up(
        self,
        note_id: int,
        targets: list[str],
        read: object,
        each: Callable[[str, None], None],
        done: Callable[[], None],
    ) -> None:
        for target in targets:
            each(target, None)
        done()


@pytest.fixture
def pictures(qapp: object) -> Iterator[NotePictures]:
    made = NotePictures(NoFiles(), lambda: 1, lambda: 600)  # type: ignore[arg-type]
    yield made
    made.deleteLater()


@pytest.fixture
def view(read_view: ReadView, pictures: NotePictures) -> ReadView:
    read_view.set_files(pictures)
    return read_view


def texts(view: ReadView) -> list[MarkdownText]:
    return [part for body in view.bodies for part in body.parts if isinstance(part, MarkdownText)]


def shown(view: ReadView) -> str:
    return "\n".join(part.document().toPlainText() for part in texts(view))


def test_lines_around_and_in_a_shown_note_are_kept_and_none_is_empty(
    view: ReadView, pictures: NotePictures, qtbot: QtBot
) -> None:
    pictures.set_embeds(lambda _note_id, _written, done: done(EmbeddedNote(2, "Ink", "black\nblue")))
    view.set_keeps_lines(True)
    view.show_text("before\n![[Ink]]\nafter\nthat")
    qtbot.waitUntil(lambda: "blue" in shown(view))
    assert shown(view).split("\n") == ["before", "Ink", "black", "blue", "after", "that"]


def test_an_embedded_note_is_shown_with_its_name_and_its_tasks_are_not_the_texts_own(
    view: ReadView, pictures: NotePictures, qtbot: QtBot
) -> None:
    asked: list[str] = []

    def embeds(_note_id: int, written: str, done: Callable[[EmbeddedNote | None], None]) -> None:
        asked.append(written)
        done(EmbeddedNote(7, "Ink", "Oak **galls**\n\n## Part\n\n- [ ] theirs\n\n![[Pen]]"))

    pictures.set_embeds(embeds)
    view.show_text("before\n\n![[Ink#Recipe]]\n\n- [ ] ours\n\n## End")
    qtbot.waitUntil(lambda: "Oak galls" in shown(view))
    assert shown(view).split("\n") == ["before", "Ink › Recipe", "Oak galls", "Part", "theirs", "Pen", "ours", "End"]
    assert asked == ["Ink#Recipe"], "what is embedded in there is a link"
    assert [task.words for part in texts(view) for task in part.tasks()] == ["ours"]
    assert [title for body in view.bodies for _top, title in body.headings()] == ["End"]


def test_what_cannot_be_shown_stays_a_link(view: ReadView, pictures: NotePictures, qtbot: QtBot) -> None:
    answers: list[Callable[[EmbeddedNote | None], None]] = []
    pictures.set_embeds(lambda _note_id, _written, done: answers.append(done))
    view.show_text("so ![[Ink]] it\n\n| a |\n|---|\n| ![[Ink]] |")
    qtbot.waitUntil(lambda: len(answers) == 1)
    answers[0](None)
    qtbot.waitUntil(lambda: pictures.is_known(EMBED + "Ink"))
    assert "so Ink it" in shown(view)


@pytest.fixture
def room(tmp_path: object, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[NotesRoom]:
    made = NotesRoom(tmp_path, theme, actions, tasks, qtbot)  # type: ignore[arg-type]
    yield made
    made.close()


def test_a_link_to_the_place_of_the_cursor_is_copied(room: NotesRoom) -> None:
    note = room.notes.create("", "# Ink\n\nOak galls,\niron\n\n## Keep")
    screen = room.open()
    room.show(note.id)
    editor = screen.view.editor
    clipboard = QGuiApplication.clipboard()

    def copied(words: str) -> str:
        editor.setTextCursor(editor.document().find(words))
        room.actions["note.copy_link"].trigger()
        return clipboard.text()

    assert copied("Keep") == "[[Ink#Keep]]"
    link = copied("galls")
    name = link.removeprefix("[[Ink#").removesuffix("]]")
    assert f"iron {name}\n" in editor.display_text()
    assert copied("iron") == link, "it has its name already"
    screen.view.set_mode("read")
    room.actions["note.copy_link"].trigger()
    assert clipboard.text() == "[[Ink]]"
    clipboard.clear()
    room.until(lambda: name in room.notes.get(note.id).text)


def test_a_template_takes_the_cursor_to_its_place_in_one_step(room: NotesRoom) -> None:
    note = room.notes.create("", "# Ink\n\n")
    screen = room.open()
    room.show(note.id)
    editor = screen.view.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    screen.take_template("Who 🙂: {{cursor}}\nWhat: ")
    assert editor.display_text() == "# Ink\n\nWho 🙂: \nWhat: "
    QTest.keyClicks(editor, "Ada")
    assert editor.display_text() == "# Ink\n\nWho 🙂: Ada\nWhat: "
    editor.undo()
    editor.undo()
    assert editor.display_text() == "# Ink\n\n"
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)


def test_the_selection_becomes_a_note_with_a_link_in_its_place(
    room: NotesRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = room.notes.create("", "# Ink\n\nOak galls 🙂 are\ncrushed. Then")
    screen = room.open()
    room.show(note.id)
    editor = screen.view.editor
    asked: list[str] = []

    def answer(_questions: Questions, offered: str) -> str:
        asked.append(offered)
        return "Galls"

    monkeypatch.setattr(Questions, "title_of_part", answer)
    room.actions["note.extract"].trigger()
    assert (asked, room.notices) == ([], ["Select the words that are to become a note."])
    cursor = editor.document().find("Oak")
    cursor.setPosition(editor.document().find("crushed.").selectionEnd(), QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    room.actions["note.extract"].trigger()
    room.until(lambda: editor.display_text() == "# Ink\n\n[[Galls]] Then")
    assert asked == ["Oak galls 🙂 are"]
    made = next(row for row in room.notes.list_notes(NoteFilter()) if row.title == "Galls")
    assert room.notes.get(made.id).text == "# Galls\n\nOak galls 🙂 are\ncrushed."
    room.undos[-1]()
    room.until(lambda: room.notes.get(made.id).trashed_at is not None)
    assert editor.display_text() == "# Ink\n\nOak galls 🙂 are\ncrushed. Then"
    room.until(lambda: room.editor.state.kind is SaveKind.SAVED)
