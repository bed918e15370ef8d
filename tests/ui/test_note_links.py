"""Links between notes on the screen: seen, completed, followed, listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.note_renaming import NoteRenamingPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_links import NoteLinkService
from desktop_app.services.note_renaming import NoteRenaming
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import LINKS
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_side import SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.notes.rename_dialog import RenameDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner

LONG = "\n\n".join(f"Paragraph {number} about dyes and galls." for number in range(60))


class Desk:
    """The notes screen over a store of its own."""

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.actions = actions
        self.store = Store.open(folder / "a.sqlite3", backups=folder / "b")
        self.notes = NoteService(self.store)
        self.presenter = NotesPresenter(self.notes, tasks)
        self.editor = NoteEditorPresenter(self.notes, tasks, lambda: 1)
        self.links = NoteLinksPresenter(
            NoteLinkService(self.notes, self.store.note_links, self.store.note_attachments), tasks
        )
        self.notices: list[str] = []
        self.undos: list[Callable[[], None]] = []
        self.presenter.notice.connect(self._notice)
        self.renaming = NoteRenamingPresenter(NoteRenaming(self.notes, self.store.note_links), tasks)
        self.screen = NotesScreen(
            self.presenter, SidePresenters(self.editor, self.links), theme, actions, renaming=self.renaming
        )
        assert self.screen.links is not None
        self.controls = self.screen.links
        self.view = self.screen.view
        qtbot.addWidget(self.screen)
        self.screen.resize(1200, 700)
        self.screen.show()
        qtbot.waitExposed(self.screen)

    def _notice(self, text: str, undo: Callable[[], None]) -> None:
        self.notices.append(text)
        self.undos.append(undo)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def open(self, note_id: int) -> None:
        self.screen.open_note(note_id)
        self.until(lambda: self.is_open(note_id))

    def is_open(self, note_id: int) -> bool:
        shown = self.editor.note is not None and self.editor.note.id == note_id
        return shown and not self.view.editor.loading and self.view._shown_id == note_id

    def write(self, text: str) -> None:
        self.view.editor.setFocus()
        QTest.keyClicks(self.view.editor, text)

    def saved(self) -> bool:
        return not self.editor.unsaved and self.editor.state.kind is SaveKind.SAVED

    def cursor_into(self, words: str) -> None:
        cursor = self.view.editor.document().find(words)
        assert not cursor.isNull()
        cursor.setPosition(cursor.selectionStart() + 1)
        self.view.editor.setTextCursor(cursor)

    def close(self) -> None:
        self.editor.flush()
        for part in (self.editor, self.presenter, self.links):
            part.close()


@pytest.fixture
def desk(tmp_path: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, theme, actions, tasks, qtbot)
    yield made
    made.close()
    tasks.close()
    made.store.close()


def test_a_link_is_completed_while_it_is_typed(desk: Desk) -> None:
    desk.notes.create("Work", "# Iron gall ink\n\n## Recipe")
    pen = desk.notes.create("", "# Pen\n")
    desk.open(pen.id)
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    completer = desk.controls.completer
    desk.view.editor.insertPlainText("𝄞 ")
    desk.write("filled with [[gal")
    desk.until(completer.isVisible)
    assert "Iron gall ink" in completer.list.item(0).text()
    QTest.keyClick(desk.view.editor, Qt.Key.Key_Return)
    assert desk.view.editor.toPlainText().endswith("𝄞 filled with [[Iron gall ink]]")
    assert not completer.isVisible()
    desk.write(" [[iron gall ink#re")
    desk.until(completer.isVisible)
    QTest.keyClick(desk.view.editor, Qt.Key.Key_Tab)
    assert desk.view.editor.toPlainText().endswith(" [[iron gall ink#Recipe]]")
    desk.write(" [[")
    desk.until(completer.isVisible)
    assert desk.screen.on_escape()
    assert not completer.isVisible()
    asked: list[str] = []
    completer.wanted.connect(asked.append)
    desk.write("pe")
    desk.view.editor.insertPlainText("𝄞")
    desk.write("n")
    assert asked == []
    desk.until(desk.saved)


def test_a_half_typed_tag_is_completed(desk: Desk) -> None:
    ink = desk.notes.create("", "# Ink\n")
    desk.notes.set_tags(ink.id, ["work/ink", "inkwell", "wor k"])
    pen = desk.notes.create("", "# Pen\n")
    desk.presenter.refresh()
    desk.until(lambda: len(desk.presenter.facets.tags) == 3)
    desk.open(pen.id)
    editor, completer = desk.view.editor, desk.controls.tag_completer
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertPlainText("𝄞 ")
    desk.write("about #ink")
    assert completer.isVisible()
    rows = [completer.list.item(row).text() for row in range(completer.list.count())]
    assert rows == ["#inkwell", "#work/ink"], "what begins so comes first"
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText().endswith("𝄞 about #work/ink")
    assert not completer.isVisible()
    desk.write(" #inkwel")
    assert completer.isVisible()
    desk.write("l")
    assert not completer.isVisible(), "it is whole"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText().endswith(" #inkwell\n")
    desk.write("`x #ink")
    assert not completer.isVisible(), "in code"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.write("a#ink # ink")
    assert not completer.isVisible()
    desk.write(" #ink")
    assert completer.isVisible()
    assert desk.screen.on_escape()
    assert not completer.isVisible()
    desk.until(desk.saved)


def test_ctrl_enter_opens_the_note_at_its_heading(desk: Desk) -> None:
    ink = desk.notes.create("", f"# Ink\n\n{LONG}\n\n## Iron gall\n\n{LONG}")
    pen = desk.notes.create("", "# Pen\n\nfilled 𝄞 with [[Ink#Iron gall|the black one]]")
    desk.open(pen.id)
    desk.cursor_into("black one")
    desk.actions["note.follow_link"].trigger()
    desk.until(lambda: desk.is_open(ink.id))
    desk.until(lambda: desk.view.editor.textCursor().selectedText() == "## Iron gall")


def test_ctrl_and_a_click_open_a_link_and_a_click_alone_does_not(desk: Desk) -> None:
    ink = desk.notes.create("", "# Ink")
    pen = desk.notes.create("", "# Pen\n\nfilled with [[Ink]]\n\n```\n[[Ink]]\n```")
    desk.open(pen.id)
    edit = desk.view.editor
    led: list[object] = []
    desk.links.led_to.connect(led.append)

    def place(words: str) -> QPoint:
        cursor = edit.document().find(words)
        cursor.setPosition(cursor.selectionStart() + 2)
        return edit.cursorRect(cursor).center()

    QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, pos=place("Ink]]"))
    assert edit.open_link_at_cursor()  # the cursor is in it, and still nothing was opened by the click
    desk.until(lambda: desk.is_open(ink.id))
    desk.open(pen.id)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, control, place("Ink]]"))
    desk.until(lambda: desk.is_open(ink.id))
    assert len(led) == 2
    desk.open(pen.id)
    cursor = edit.document().find("```")
    cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
    cursor.movePosition(QTextCursor.MoveOperation.Right, n=3)
    edit.setTextCursor(cursor)
    assert not edit.open_link_at_cursor()  # code


def test_a_rendered_link_leads_to_its_heading_and_stays_rendered(desk: Desk) -> None:
    ink = desk.notes.create("", f"# Ink\n\n{LONG}\n\n## Iron gall\n\n{LONG}\n\n## Iron gall\n\n{LONG}")
    pen = desk.notes.create("", "# Pen\n\n| a |\n|---|\n| [[Ink#Iron gall|black]] |\n")
    desk.view.set_mode(READ)
    desk.open(pen.id)
    body = desk.view.reader.bodies[0]
    links = [fragment.charFormat().anchorHref() for fragment in _fragments(body) if fragment.charFormat().anchorHref()]
    assert links == ["inkwell-note:Ink%23Iron%20gall"]
    desk.view.reader._on_link(links[0])
    desk.until(lambda: desk.is_open(ink.id) and desk.view.reader.verticalScrollBar().value() > 300)
    top, title = desk.view.reader.bodies[0].headings()[1]
    assert title == "Iron gall"
    assert 0 <= top + desk.view.reader.bodies[0].y() - desk.view.reader.verticalScrollBar().value() < 40
    assert desk.view.mode == READ


def test_a_link_to_nothing_looks_so_and_makes_the_note(desk: Desk) -> None:
    pen = desk.notes.create("Work", "# Pen\n\n[[Quill]] and [[Pen]]")
    desk.open(pen.id)
    desk.until(lambda: desk.links.about.missing == {"quill"})
    block = desk.view.editor.document().findBlockByNumber(2)
    underlined = [one for one in block.layout().formats() if one.format.fontUnderline() or _dashed(one.format)]
    assert [(one.start, one.length) for one in underlined] == [(2, 5)]
    desk.view.set_mode(READ)
    hrefs = [one.charFormat().anchorHref() for one in _fragments(desk.view.reader.bodies[0])]
    assert "inkwell-missing-note:Quill" in hrefs
    desk.view.reader._on_link("inkwell-missing-note:Quill")
    desk.until(lambda: desk.notices == ["Made the note “Quill”."])
    desk.until(lambda: desk.editor.note is not None and desk.editor.note.title == "Quill")
    assert desk.editor.note is not None
    made = desk.editor.note.id
    desk.undos[0]()
    desk.until(lambda: desk.notes.get(made).trashed_at is not None)
    desk.open(pen.id)
    desk.until(lambda: desk.links.about.missing == {"quill"})


def test_outline_and_backlinks_stand_beside_the_note(desk: Desk) -> None:
    ink = desk.notes.create("", f"# Ink\n\n{LONG}\n\n## Iron gall")
    pen = desk.notes.create("", "# Pen\n\nfilled with [[Ink|black ink]] today")
    desk.open(ink.id)
    pane = desk.controls.pane
    assert not desk.controls.drawer.drawer_open
    desk.actions["note.about"].trigger()
    assert pane.isVisible()
    desk.until(lambda: pane.outline.model().rowCount() == 2)
    pane.heading_chosen.emit(desk.links.about.outline[1])
    desk.until(lambda: desk.view.editor.textCursor().selectedText() == "## Iron gall")
    pane.show_tab(LINKS)
    assert pane.links.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Pen, filled with black ink today"
    pane.links.chosen.emit(0)
    desk.until(lambda: desk.is_open(pen.id))
    desk.until(lambda: desk.view.editor.textCursor().selectedText() == "[[Ink|black ink]]")
    desk.until(lambda: not desk.links.about.backlinks)
    desk.notes.create("", "# New\n\n[[pen]]")
    desk.until(lambda: [one.title for one in desk.links.about.backlinks] == ["New"])
    state = desk.screen.save_state()
    assert state["about"] is True
    assert state["about_tab"] == LINKS


def test_the_keyboard_goes_into_the_pane_and_back(desk: Desk) -> None:
    ink = desk.notes.create("", f"# Ink\n\n{LONG}\n\n## Iron gall")
    desk.open(ink.id)
    desk.view.editor.setFocus()
    pane, about = desk.controls.pane, desk.actions["note.about"]
    about.trigger()
    desk.until(lambda: pane.outline.model().rowCount() == 2)
    assert desk.screen.window().focusWidget() is desk.view.editor
    about.trigger()
    assert desk.screen.window().focusWidget() is pane.outline
    QTest.keyClick(pane.outline, Qt.Key.Key_Down)
    QTest.keyClick(pane.outline, Qt.Key.Key_Return)
    desk.until(lambda: desk.view.editor.textCursor().selectedText() == "## Iron gall")
    assert desk.screen.window().focusWidget() is desk.view.editor
    pane.show_tab(LINKS)
    about.trigger()
    assert pane.tabs.isAncestorOf(desk.screen.window().focusWidget())
    about.trigger()
    assert not desk.controls.drawer.drawer_open
    assert desk.screen.window().focusWidget() is desk.view.editor


def test_in_a_narrow_window_the_pane_lies_over_the_note_until_esc(desk: Desk) -> None:
    pen = desk.notes.create("", "# Pen")
    desk.screen.set_compact(True)
    desk.open(pen.id)
    desk.actions["note.about"].trigger()
    assert desk.controls.pane.isVisible()
    assert desk.screen.on_escape()
    assert not desk.controls.pane.isVisible()
    assert not desk.screen.on_escape()


def test_a_new_title_shows_its_links_first_and_is_taken_back_in_one_step(desk: Desk) -> None:
    ink = desk.notes.create("", "# Ink\n\ntext")
    pens = [desk.notes.create("", text).id for text in ("# Pen\n\n[[Ink]] or [[ink|x]]", "# Nib\n\n[[Ink#a]]")]
    texts = [desk.notes.get(note_id).text for note_id in (ink.id, *pens)]
    desk.open(ink.id)
    desk.actions["note.rename"].trigger()
    dialog = desk.screen.findChild(RenameDialog)
    assert isinstance(dialog, RenameDialog)
    desk.until(lambda: dialog.count.text() == "3 links in 2 notes will be changed.")
    assert dialog.list.model().rowCount() == 3
    dialog.line.setText("C#")
    assert "lead nowhere" in dialog.count.text()
    dialog.line.setText("Tint")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    desk.until(lambda: desk.notices == ["“Ink” is “Tint” now. 3 links in 2 notes changed."])
    desk.until(lambda: desk.view.editor.toPlainText() == "# Tint\n\ntext")
    assert desk.notes.get(pens[0]).text == "# Pen\n\n[[Tint]] or [[Tint|x]]"
    desk.undos[0]()
    desk.until(lambda: [desk.notes.get(note_id).text for note_id in (ink.id, *pens)] == texts)
    desk.until(lambda: desk.view.editor.toPlainText() == texts[0])


def test_links_to_a_title_that_was_typed_over_are_offered_to_be_changed(desk: Desk) -> None:
    ink = desk.notes.create("", "# Ink")
    pen = desk.notes.create("", "# Pen\n\n[[Ink]]")
    desk.open(ink.id)
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    desk.write("well")
    desk.until(desk.saved)
    assert not desk.view.findChildren(Banner)  # while it is written
    desk.screen.pane.filter_box.setFocus()
    desk.until(lambda: desk.view.findChildren(Banner))
    banner = desk.view.findChildren(Banner)[0]
    assert "1 link in 1 note still says “Ink”." in banner.accessibleName()
    next(button for button in banner.findChildren(QPushButton) if button.text() == "Change them").click()
    desk.until(lambda: desk.notes.get(pen.id).text == "# Pen\n\n[[Inkwell]]")
    desk.until(lambda: desk.notices == ["1 link in 1 note changed."])


def test_a_note_that_is_saved_after_its_view_is_gone_is_nothing_to_it(desk: Desk) -> None:
    note = desk.notes.create("", "# Ink")
    desk.open(note.id)
    shiboken6.delete(desk.view)
    desk.editor.note_changed.emit(note)  # what a slot raises fails the test


def test_a_click_on_a_box_ticks_the_task_in_the_text(desk: Desk) -> None:
    text = (
        "# Pen 𝄞\n\n```\n- [ ] code\n```\n\n- [ ] fill [[Ink]]\n- [x] **clean**\n\n"
        + LONG * 3
        + "\n\n1. a\n2. [ ] last\n"
    )
    pen = desk.notes.create("", text)
    desk.view.set_mode(READ)
    desk.open(pen.id)
    reader = desk.view.reader
    while reader._next_page() is not None:
        reader._add_page()
    reader._place()
    for body_number, words, before, after in (
        (0, "clean", "[x] **clean", "[ ] **clean"),
        (0, "fill Ink", "- [ ] fill", "- [x] fill"),
        (-1, "last", "[ ] last", "[x] last"),
    ):
        while reader._next_page() is not None:
            reader._add_page()
        body = reader.bodies[body_number]
        body.render_all()
        reader._place()
        part = next(
            one for one in body.parts if hasattr(one, "tasks") and words in [task.words for task in one.tasks()]
        )
        block = part.document().find(words).block()
        rect = part.document().documentLayout().blockBoundingRect(block)
        QTest.mouseClick(part.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(8, int(rect.center().y())))
        text = text.replace(before, after)
        assert desk.editor.text() == text
        assert reader.shown_text == text
    desk.until(lambda: desk.notes.get(pen.id).text == text)


def test_words_stand_at_the_foot(desk: Desk) -> None:
    pen = desk.notes.create("", "# Pen\n\n- one two\n")
    desk.open(pen.id)
    desk.until(lambda: desk.view.words.text() == "3 words")
    assert desk.view.words.isVisible()
    cursor = desk.view.editor.document().find("one")
    desk.view.editor.setTextCursor(cursor)
    desk.until(lambda: desk.view.words.text() == "1 of 3 words")
    cursor.clearSelection()
    desk.view.editor.setTextCursor(cursor)
    desk.until(lambda: desk.view.words.text() == "3 words")
    desk.editor.close_note()
    desk.until(lambda: not desk.view.words.isVisible())


def rest_on(desk: Desk, words: str) -> None:
    """The pointer rests in a text that is written, and Qt says so."""
    edit = desk.view.editor
    place = edit.cursorRect(edit.document().find(words)).center() - QPoint(4, 0)
    desk.controls.link_preview.pointer = lambda: edit.viewport().mapToGlobal(place)
    event = QHelpEvent(QEvent.Type.ToolTip, place, edit.viewport().mapToGlobal(place))
    QApplication.sendEvent(edit.viewport(), event)


def test_what_a_link_leads_to_is_shown_where_the_pointer_rests(desk: Desk) -> None:
    desk.notes.create("", "# Ink\n\nOak <b>galls</b> & [[Gum|gum]]\n\n## Keep\n\ncool")
    pen = desk.notes.create("", "# Pen\n\nfilled with [[Ink]] here, [[Ink#Keep]], [[Quill]]")
    desk.open(pen.id)
    rest_on(desk, "with [[In")
    desk.until(QToolTip.isVisible)
    assert "<b>Ink</b><br>Oak &lt;b&gt;galls&lt;/b&gt; &amp; gum<br>" in QToolTip.text()
    rest_on(desk, "filled")
    desk.until(lambda: not QToolTip.isVisible())
    rest_on(desk, "Ink#Ke")
    desk.until(lambda: QToolTip.isVisible() and "<br>cool<" in QToolTip.text())
    desk.notes.create("", "# Poem\n\none\ntwo\n- three")
    desk.view.editor.moveCursor(QTextCursor.MoveOperation.End)
    desk.view.editor.insertPlainText(" [[Poem]]")
    rest_on(desk, "[[Po")
    desk.until(lambda: "<br>one two<br>" in QToolTip.text())
    desk.view.set_keeps_lines(True)
    rest_on(desk, "[[Po")
    desk.until(lambda: "<br>one<br>two<br>" in QToolTip.text())
    rest_on(desk, "[[Qui")
    desk.until(lambda: "no such note" in QToolTip.text())
    desk.view.set_mode("read")
    for written, shown in (("Ink#Keep", True), ("", False)):
        desk.view.reader.note_link_hovered.emit(written)
        desk.until(lambda shown=shown: QToolTip.isVisible() == shown)


def _fragments(body: object) -> list[object]:
    found = []
    for part in body.parts:  # type: ignore[attr-defined]
        block = part.document().begin()
        while block.isValid():
            iterator = block.begin()
            while not iterator.atEnd():
                found.append(iterator.fragment())
                iterator += 1
            block = block.next()
    return found


def _dashed(form: object) -> bool:
    return form.underlineStyle().name == "DashUnderline"  # type: ignore[attr-defined]


def test_after_a_conflict_what_is_told_is_of_the_text_that_is_shown(desk: Desk) -> None:
    pen = desk.notes.create("", "# Pen\n\none two three\n")
    desk.open(pen.id)
    desk.editor.refresh = lambda: None  # type: ignore[method-assign]
    desk.store.notes.save(pen.id, title="Pen", text="elsewhere")
    desk.view.editor.insertPlainText("## Mine\n\n")
    desk.until(lambda: desk.editor.note is not None and desk.editor.note.id != pen.id)
    desk.until(lambda: desk.view.words.text() == "5 words")
    assert [heading.title for heading in desk.links.about.outline] == ["Mine", "Pen"]
