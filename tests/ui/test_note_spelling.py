"""Words that no dictionary knows are marked where a note is written, and can be put right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtGui import QContextMenuEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.domain.spelling import SpellingProblem
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.misspelled_finder import MisspelledFinder
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.spelling_marks import SpellingMarks
from desktop_app.ui.notes.title_field import TitleField
from desktop_app.ui.notes.title_spelling import TitleSpelling
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner
from tests.fakes.fake_notes import FakeNotes

TEXT = (
    "---\ntitle: teh\n---\n\n# Teh 𝄞 title\n\nThe `teh` [[teh]] #teh word teh $teh$\n\n"
    "$$\nteh\n$$\n\n```\nteh\n```\n\nlast wrod\n\n"
)


class Words:
    """Two words are wrong until they are added."""

    def __init__(self) -> None:
        self.wrong_words = {"teh", "Teh", "wrod"}
        self.asked: list[str] = []
        self.trouble: SpellingProblem | None = None
        self.losses = 0

    def problem(self) -> SpellingProblem | None:
        return self.trouble

    def languages(self) -> list[str]:
        return ["en_XX"]

    def wrong(self, words: Sequence[str]) -> frozenset[str]:
        self.asked += words
        if self.losses:
            self.losses -= 1
            raise WorkerCrashedError("It ended.")
        return frozenset(words) & self.wrong_words

    def suggestions(self, word: str) -> list[str]:
        return ["word", "rod"] if word == "wrod" else []

    def add(self, word: str) -> None:
        self.wrong_words -= {word}


class Desk:
    def __init__(self, theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.words = Words()
        self.book = SpellingBook(lambda: self.words, tasks)
        self.editor = MarkdownEditor(theme)
        self.marks = SpellingMarks(self.editor, self.book, theme)
        qtbot.addWidget(self.editor)
        self.editor.resize(900, 700)
        self.editor.show()
        qtbot.waitExposed(self.editor)
        self.editor.show_text(encode(TEXT))
        self._qtbot = qtbot

    @property
    def marked(self) -> list[str]:
        return [mark.cursor.selectedText() for mark in self.editor.extraSelections()]

    def until_marked(self, words: list[str]) -> None:
        self._qtbot.waitUntil(lambda: self.marked == words)

    def menu_at(self, word: str) -> QMenu:
        cursor = self.editor.document().find(word)
        cursor.setPosition(cursor.selectionStart() + 1)
        self.editor.setTextCursor(cursor)
        self.editor.setFocus()
        place = self.editor.cursorRect().center()
        reason = QContextMenuEvent.Reason.Keyboard
        event = QContextMenuEvent(reason, place, self.editor.viewport().mapToGlobal(place))
        QApplication.sendEvent(self.editor.viewport(), event)
        menus = [one for one in self.editor.findChildren(QMenu) if one.isVisible()]
        assert len(menus) == 1
        return menus[0]


@pytest.fixture
def desk(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(theme, tasks, qtbot)
    yield made
    made.editor.hide()


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def test_wrong_words_are_marked_but_not_in_code_links_tags_formulas_and_front_matter(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    places = [mark.cursor.selectionStart() for mark in desk.editor.extraSelections()]
    shown = desk.editor.document().toPlainText().encode("utf-16-le")
    assert [shown[2 * place : 2 * place + 6].decode("utf-16-le") for place in places] == ["Teh", "teh", "wro"]
    assert not desk.editor.document().isUndoAvailable(), "nothing of it is in the text"
    assert desk.words.asked.count("The") == 1


def test_the_word_that_is_being_written_is_left_alone(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    desk.editor.setFocus()
    desk.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(desk.editor, "a teh")
    desk._qtbot.waitUntil(lambda: "a" in desk.editor.toPlainText()[-6:] and not desk.marks._soon.pending)
    assert desk.marked == ["Teh", "teh", "wrod"]
    QTest.keyClicks(desk.editor, " ")
    desk.until_marked(["Teh", "teh", "wrod", "teh"])


def test_marks_go_with_the_text_that_they_are_in(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    with desk._qtbot.waitSignal(desk.editor.loaded):
        desk.editor.show_text(encode("Another note, with a wrod.\n"))
    assert desk.editor.extraSelections() == [], "Qt asks the old marks for their places, in a document that is gone"
    desk.until_marked(["wrod"])


def test_a_suggestion_takes_the_place_of_the_word_in_one_step(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    menu = desk.menu_at("wrod")
    assert "Looking for suggestions…" in texts(menu)
    desk._qtbot.waitUntil(lambda: texts(menu)[:3] == ["word", "rod", "Add “wrod” to the dictionary"])
    menu.actions()[0].trigger()
    menu.close()
    assert desk.editor.toPlainText().endswith("last word\n\n")
    desk.until_marked(["Teh", "teh"])
    desk.editor.undo()
    assert desk.editor.toPlainText().endswith("last wrod\n\n")


def test_an_added_word_is_right_everywhere(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    menu = desk.menu_at("word teh")  # the cursor is in "word", which is right
    assert not any("dictionary" in text for text in texts(menu))
    menu.close()
    menu = desk.menu_at("wrod")
    next(action for action in menu.actions() if "dictionary" in action.text()).trigger()
    menu.close()
    desk.until_marked(["Teh", "teh"])


def test_other_languages_have_all_looked_up_anew(desk: Desk) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    desk.words.wrong_words = {"word"}
    desk.book.forget()
    desk.until_marked(["word"])


def test_only_what_is_seen_is_looked_up(desk: Desk, qtbot: QtBot) -> None:
    desk.editor.show_text(encode("seen\n\n" * 200 + "unseen\n"))
    qtbot.waitUntil(lambda: "seen" in desk.words.asked)
    assert "unseen" not in desk.words.asked
    desk.editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(lambda: "unseen" in desk.words.asked)


def test_from_one_misspelled_word_to_the_next_over_the_whole_text(desk: Desk, qtbot: QtBot) -> None:
    desk.editor.show_text(encode(TEXT + "good words\n\n" * 400 + "Teh end\n"))
    qtbot.waitUntil(lambda: not desk.editor.loading)
    finder = MisspelledFinder(desk.editor, desk.book)
    none: list[bool] = []
    finder.none_found.connect(lambda: none.append(True))
    desk.editor.moveCursor(QTextCursor.MoveOperation.Start)
    found: list[int] = []
    for word in ("Teh", "teh", "wrod", "Teh", "Teh"):
        before = desk.editor.textCursor().selectionStart()
        finder.find_next()
        qtbot.waitUntil(
            lambda word=word, before=before: (
                desk.editor.textCursor().selectedText() == word and desk.editor.textCursor().selectionStart() != before
            )
        )
        found.append(desk.editor.textCursor().selectionStart())
    assert found[:4] == sorted(found[:4]), "not in code, formulas and front matter, and far below, too"
    assert found[4] == found[0], "behind the end comes the beginning"
    desk.words.wrong_words = set()
    desk.book.forget()
    finder.find_next()
    qtbot.waitUntil(lambda: bool(none))


def test_a_title_is_checked_and_put_right(desk: Desk, theme: Theme, qtbot: QtBot) -> None:
    field = TitleField(theme)
    qtbot.addWidget(field)
    field.fit(900)
    field.resize(900, 60)
    field.show()
    TitleSpelling(field.line, desk.book, theme)
    field.show_title("A wrod of teh title")
    qtbot.waitUntil(lambda: field.line.marked == ["wrod", "teh"])
    empty = field.line.grab().toImage()
    field.line.mark_words([], theme.color("warning"))
    assert field.line.grab().toImage() != empty, "a line is drawn below them"
    field.line.setFocus()
    field.line.setCursorPosition(4)
    place = field.line.cursorRect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, field.line.mapToGlobal(place))
    QApplication.sendEvent(field.line, event)
    menu = next(one for one in field.line.findChildren(QMenu) if one.isVisible())
    qtbot.waitUntil(lambda: texts(menu)[:3] == ["word", "rod", "Add “wrod” to the dictionary"])
    menu.actions()[0].trigger()
    menu.close()
    assert field.line.text() == "A word of teh title"


def test_a_word_behind_an_emoji_in_a_title_is_put_right_where_it_stands(desk: Desk, theme: Theme, qtbot: QtBot) -> None:
    field = TitleField(theme)
    qtbot.addWidget(field)
    field.fit(900)
    field.resize(900, 60)
    field.show()
    TitleSpelling(field.line, desk.book, theme)
    field.show_title("🙂🙂 wrod here")
    qtbot.waitUntil(lambda: field.line.marked == ["wrod"])
    field.line.setFocus()
    field.line.setCursorPosition(7)  # behind the w, in what Qt counts
    qtbot.waitUntil(lambda: field.line.marked == [])
    place = field.line.cursorRect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, field.line.mapToGlobal(place))
    QApplication.sendEvent(field.line, event)
    menu = next(one for one in field.line.findChildren(QMenu) if one.isVisible())
    qtbot.waitUntil(lambda: texts(menu)[:1] == ["word"])
    menu.actions()[0].trigger()
    menu.close()
    assert field.line.text() == "🙂🙂 word here"


def test_nothing_to_check_with_is_one_line_that_says_what_to_do(
    theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot
) -> None:
    words, notes = Words(), FakeNotes()
    words.trouble = SpellingProblem.NO_DICTIONARY
    note = notes.add("# Ink\n\na wrod here\n", "")
    editor, presenter = NoteEditorPresenter(notes, tasks, lambda: 1), NotesPresenter(notes, tasks)
    book = SpellingBook(lambda: words, tasks)
    screen = NotesScreen(presenter, SidePresenters(editor, spelling=book), theme, actions)
    qtbot.addWidget(screen)
    screen.resize(1100, 700)
    screen.show()
    screen.open_note(note.id)
    line = screen.desk.main.spelling_line
    assert line is not None
    screen.view.show_words(3)
    qtbot.waitUntil(line.isVisible)
    assert line.text() == "Spelling is not checked: no dictionary. What to do…"
    actions["note.next_misspelled"].trigger()
    banner = screen.view.findChild(Banner)
    assert isinstance(banner, Banner)
    assert "LibreOffice" in banner.accessibleName()
    screen.view.set_mode(READ)
    assert not line.isVisible(), "who reads needs no spelling"
    words.trouble = None
    book.forget()
    book.want(["new"])
    qtbot.waitUntil(lambda: book.problem is None)
    assert line.isHidden()
    actions["note.next_misspelled"].trigger()
    qtbot.waitUntil(lambda: screen.view.editor.textCursor().selectedText() == "wrod")
    assert screen.view.mode != READ
    editor.close()
    presenter.close()


@pytest.mark.parametrize("losses", [1, 2])
def test_words_without_an_answer_are_not_remembered_as_right(losses: int, tasks: TaskRunner, qtbot: QtBot) -> None:
    words = Words()
    book = SpellingBook(lambda: words, tasks)
    words.losses = losses
    with qtbot.waitSignal(book.looked_up if losses == 1 else book.unanswered):
        book.want(["teh", "word"])
    assert book.knows("teh") == book.knows("word") == (losses == 1), "asked once more by itself"
    if losses == 2:
        with qtbot.waitSignal(book.looked_up):
            book.want(["teh", "word"])
    assert book.is_wrong("teh")
    assert not book.is_wrong("word")


def test_the_search_for_a_wrong_word_ends_where_nothing_answers(desk: Desk, qtbot: QtBot) -> None:
    desk.until_marked(["Teh", "teh", "wrod"])
    finder = MisspelledFinder(desk.editor, desk.book)
    desk.book.forget()
    desk.words.losses = 1_000
    with qtbot.waitSignal(finder.none_found):
        finder.find_next()
