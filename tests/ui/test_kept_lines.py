"""Lines of a note that is read end where they do in its text, or paragraphs are filled."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest
from PySide6.QtGui import QImage, QPainter, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import encode
from desktop_app.domain.notes import Note
from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.chat.formula_objects import OBJECT, FormulaObjects
from desktop_app.ui.chat.markdown_document import MarkdownWriter, WrittenTo
from desktop_app.ui.notes.live_preview import LivePreview
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.note_pdf import NotePages, PrintTheme
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.notes.rendered_note import RenderedNote, edits_of
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_formulas import BoxTypesetter
from tests.ui.test_note_export import typeset

POEM = "Ink dries slowly,\n*paper* waits.\n\n- milk\n  and **oats**\n- bread\n\n> so\n> it goes"
AS_TYPED = "Ink dries slowly,\npaper waits.\nmilk\nand oats\nbread\nso\nit goes"
FILLED = "Ink dries slowly, paper waits.\nmilk and oats\nbread\nso it goes"


@pytest.fixture
def view(read_view: ReadView) -> ReadView:
    read_view.set_keeps_lines(True)
    return read_view


def shown(view: RenderedNote) -> str:
    return "\n".join(edit.document().toPlainText() for body in view.bodies for edit in edits_of(body))


def test_lines_are_read_as_typed_or_filled_and_copied_as_seen(view: ReadView) -> None:
    view.show_text(POEM)
    assert shown(view) == AS_TYPED
    for edit in edits_of(view.bodies[0]):
        edit.selectAll()
    assert view.selected_text() == AS_TYPED
    view.set_keeps_lines(False)
    assert shown(view) == FILLED


def test_the_place_that_is_read_stays_when_lines_are_kept(view: ReadView) -> None:
    view.show_text("words\n\n" * 2_000)
    view.scroll_to(9_000)
    view.set_keeps_lines(False)
    assert view.verticalScrollBar().value() == 9_000


def test_lines_that_show_nothing_leave_no_empty_ones(view: ReadView) -> None:
    view.show_text("one\n^name\ntwo\n^name\n\nthree\n%%hidden%%\n\n> [!note] Title\n> four\n> five\n\n%%a%%\nsix")
    assert shown(view).split("\n") == ["one", "two", "three", "Title", "four", "five", "six"]


def test_what_is_written_is_rendered_beside_it_line_by_line(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    editor = MarkdownEditor(theme)
    preview = LivePreview(theme, editor)
    preview.set_keeps_lines(True)
    layout = QHBoxLayout(page)
    layout.addWidget(editor)
    layout.addWidget(preview)
    qtbot.addWidget(page)
    page.resize(1_100, 600)
    page.show()
    qtbot.waitExposed(page)
    preview.set_following(True)
    with qtbot.waitSignal(editor.loaded):
        editor.show_text(encode(POEM))
    qtbot.waitUntil(lambda: preview.is_complete and shown(preview) == AS_TYPED)
    preview.set_keeps_lines(False)
    qtbot.waitUntil(lambda: preview.is_complete and shown(preview) == FILLED)


def test_a_chat_fills_what_a_model_wrote(theme: Theme, qapp: object) -> None:
    document = QTextDocument()
    MarkdownWriter(theme, FormulaObjects(document, theme)).write(QTextCursor(document), "one\ntwo", WrittenTo())
    assert document.toPlainText() == "one two"


@pytest.mark.parametrize("keeps", [True, False])
def test_a_pdf_is_as_it_is_read(qapp: object, keeps: bool) -> None:
    pages = NotePages(PrintTheme(typeset), lambda file: b"", keeps_lines=keeps)
    now = datetime.now(UTC)
    note = Note(1, "Poem", POEM, "", (), now, now)
    read = pypdfium2.PdfDocument(pages.pdf("Poem", [(note, {})]))[0].get_textpage().get_text_bounded()
    assert ("slowly, paper" in read.replace("\r\n", "\n")) is not keeps


def test_a_formula_on_a_line_of_its_own_has_no_empty_line_above(
    theme: Theme, tasks: TaskRunner, view: ReadView, qtbot: QtBot
) -> None:
    theme.set_formulas(FormulaBook(BoxTypesetter, tasks, theme))
    view.show_text("so\n$$E$$\nit is")
    qtbot.waitUntil(lambda: OBJECT in shown(view))
    assert shown(view) == f"so\n{OBJECT}\nit is"


def test_the_colour_of_code_has_no_gaps_between_its_lines(theme: Theme, qapp: object) -> None:
    document = QTextDocument()
    document.setDefaultFont(theme.reading_font())
    document.setTextWidth(300)
    MarkdownWriter(theme, FormulaObjects(document, theme)).write(
        QTextCursor(document), "```\none\n\ntwo\n```", WrittenTo()
    )
    image = QImage(300, round(document.size().height()), QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    painter = QPainter(image)
    document.drawContents(painter)
    painter.end()
    column = [image.pixelColor(280, y).name() for y in range(image.height())]
    coloured = [y for y, colour in enumerate(column) if colour == theme.color("code_block").name()]
    assert coloured[-1] - coloured[0] + 1 == len(coloured)
    assert len(coloured) > 3 * 12
