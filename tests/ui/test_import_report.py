"""The report of an import: what came in, what did not, and why."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.notes import ImportFailure, ImportReport
from desktop_app.ui.notes.import_dialog import ImportReportDialog
from desktop_app.ui.theme.theme import Theme
from tests.ui.notes_room import texts_in


def test_the_report_names_each_reason_once_and_what_was_not_taken(theme: Theme, qtbot: QtBot) -> None:
    failed = tuple(ImportFailure(f"{name}.docx", "It is no DOCX.") for name in "ab")
    failed += (ImportFailure("c.md", "It is not text."),)
    not_taken = ("d.png", "letter.DOC", "old.zip")
    report = ImportReport((1,), failed=failed, skipped_attachments=12, not_taken=not_taken)
    box = ImportReportDialog(theme, report)
    qtbot.addWidget(box)
    (listed,) = box.findChildren(QPlainTextEdit)
    assert listed.toPlainText() == (
        "It is no DOCX.\n    a.docx\n    b.docx\nIt is not text.\n    c.md\nNot taken: no note names it.\n    d.png\n"
        "Inkwell does not read this kind of file. Save it as PDF or DOCX, and import that.\n    letter.DOC\n"
        "An archive inside a folder is passed over. Import it by itself.\n    old.zip"
    )
    assert {"1", "new note", "12", "files were not taken, see below"} <= set(texts_in(box))


def test_the_report_says_once_where_all_files_lie(theme: Theme, qtbot: QtBot) -> None:
    failed = (
        ImportFailure("/home/me/notes/a/b.md", "It is empty."),
        ImportFailure("/home/me/notes/c.md", "It is empty."),
    )
    box = ImportReportDialog(theme, ImportReport(failed=failed))
    qtbot.addWidget(box)
    (listed,) = box.findChildren(QPlainTextEdit)
    common = str(Path("/home/me/notes"))
    assert listed.toPlainText() == f"In {common}\nIt is empty.\n    a/b.md\n    c.md"
    (single,) = ImportReportDialog(theme, ImportReport(failed=failed[:1])).findChildren(QPlainTextEdit)
    assert single.toPlainText() == "It is empty.\n    /home/me/notes/a/b.md"


def test_a_report_says_first_why_an_import_broke_off(theme: Theme, qtbot: QtBot) -> None:
    for report, title in (
        (ImportReport((1,), broken_off="The disk is full."), "Broken off: a part is in your notes"),
        (ImportReport(broken_off="The disk is full."), "Nothing was imported"),
    ):
        box = ImportReportDialog(theme, report)
        qtbot.addWidget(box)
        assert texts_in(box)[:2] == [title, "The disk is full."]


def test_a_report_without_notes_promises_no_search(theme: Theme, qtbot: QtBot) -> None:
    for report, promised in ((ImportReport(stopped=True), False), (ImportReport((1,), stopped=True), True)):
        box = ImportReportDialog(theme, report)
        qtbot.addWidget(box)
        assert any("Search finds them" in text for text in texts_in(box)) is promised
