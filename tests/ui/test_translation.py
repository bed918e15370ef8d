"""Every text of the window can be translated: with a translator that knows the collected texts, no English is left.

What people wrote, names of models and files, versions and errors are no texts of the window: errors are told alike on
the command line, in English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.app.window import Desk
from desktop_app.domain.backup_thinning import BEFORE_RESTORE
from desktop_app.domain.model_description import ModelKind
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.search import SUGGESTED_QUERIES
from desktop_app.services.backups import BY_HAND
from desktop_app.services.model_catalogue import ModelCatalogue
from desktop_app.ui.rail import ROOMS
from desktop_app.ui.settings.about_page import versions
from desktop_app.ui.settings.restore_dialog import RestoreDialog
from desktop_app.ui.settings.settings_screen import PAGES, SettingsScreen
from tests.fakes.fake_data_actions import FakeBackup
from tests.fakes.pseudo_translator import PseudoTranslator
from tests.ui.empty_program import NO_MODEL, EmptyProgram

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

import translations

WORDS = ("text", "title", "placeholderText", "accessibleName", "accessibleDescription", "toolTip", "windowTitle")
OF_THE_PERSON = (QLineEdit, QPlainTextEdit, QTextEdit)
SHEETS = ("chat.settings", "chat.format", "chat.deleted", "note.about")
REASONS = ("daily", BY_HAND, BEFORE_RESTORE, "before-migration")
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
KEYS = re.compile(r"\b(Ctrl|Alt|Shift|Esc|Del|Enter|Return|Right|Left|Up|Down|F\d+)\b")
TAGS = re.compile(r"</?[a-z]+>")
TRANSLATED = re.compile(r"⟦[^⟦⟧]*(⟧|…$)")  # a button that is short of room shows the beginning
PLAIN = re.compile(r"[A-Za-z]{2,}")
DATE = re.compile(r"\d+ \w+ \d{4}, \d\d:\d\d")  # the system's names of months
NO_WORDS = re.compile(r"\b(Inkwell|GGUF|[kMGT]B|fp32)\b|\S*[/\\]\S*|\S+\.gguf")


def english_of(text: str, names: frozenset[str]) -> str:
    """What is left of a shown text without what was translated, and what is no text of the window."""
    before = ""
    while before != text:
        before, text = text, TRANSLATED.sub("", text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    text = NO_WORDS.sub("", DATE.sub("", KEYS.sub("", TAGS.sub("", text))))
    return text.strip() if PLAIN.search(text) else ""


def words_of(widget: QWidget) -> Iterator[str]:
    """What a widget shows and tells a screen reader, without what the person typed."""
    for name in WORDS:
        method = getattr(widget, name, None)
        if callable(method) and not (name == "text" and isinstance(widget, OF_THE_PERSON)):
            yield str(method())
    if isinstance(widget, QMenu):
        widget.aboutToShow.emit()  # some fill themselves then
    yield from (action.text() for action in widget.actions())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        model: QAbstractItemModel = widget.model()
        for row in range(model.rowCount()):
            yield from (str(model.index(row, 0).data(role) or "") for role in ROLES)


class Window:
    """The real window, translated; `check` fails at what is left in English."""

    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self.qtbot = desk, qtbot
        names = {part for pair in versions() for part in pair if "⟦" not in part} | {NO_MODEL, *SUGGESTED_QUERIES}
        names |= {path.stem for path in resource_path("licences").glob("**/*")}
        catalogue = ModelCatalogue(resource_path("models", "catalogue.toml"))
        for entry in (*catalogue.better(), *(catalogue.starter(kind) for kind in ModelKind)):
            names |= {entry.name, entry.pill, entry.licence}
        self._names = frozenset(name for name in names if name)

    def check(self, root: QWidget | None = None) -> None:
        """Fail where a visible text is English."""
        self.qtbot.waitUntil(lambda: self.desk.tasks.idle)
        root = root or self.desk.window
        left = {
            f"{type(widget).__name__}: {english}"
            for widget in (root, *root.findChildren(QWidget))
            for text in words_of(widget)
            if (english := english_of(text, self._names))
        }
        assert not left, "\n".join(sorted(left))


@pytest.fixture(scope="module")
def template() -> frozenset[tuple[str, str]]:
    return frozenset((message.context, message.text) for message in translations.collect())


@pytest.fixture
def window(
    template: frozenset[tuple[str, str]], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Window]:
    translator = PseudoTranslator(template)
    assert QCoreApplication.installTranslator(translator)
    program = EmptyProgram(tmp_path, qtbot, monkeypatch)
    desk = program.desk
    try:
        notes = desk.container.notes
        welcome = [note.id for note in notes.list_notes(NoteFilter())]
        notes.trash(welcome)
        notes.delete_forever(welcome)
        notes.create("Σημειώσεις", "# Μελάνι\n\nΑπό κηκίδες.")
        yield Window(desk, qtbot)
    finally:
        program.close()
        QCoreApplication.removeTranslator(translator)


def test_no_room_and_no_page_of_the_settings_is_left_in_english(window: Window) -> None:
    for room in ROOMS:
        screen = window.desk.window.show_room(room)
        window.check()
    assert isinstance(screen, SettingsScreen)
    for page in PAGES:
        screen.show_page(page)
        window.check()


def test_no_sheet_and_no_action_is_left_in_english(window: Window, qtbot: QtBot) -> None:
    main, actions = window.desk.window, window.desk.actions
    for opened in (main.open_palette, main.open_shortcuts, main.open_quick_note):
        sheet = opened()
        window.check(sheet)
        sheet.hide()
    backups = [FakeBackup(Path("/b"), datetime(2026, 5, 4, tzinfo=UTC), 1_000_000, reason) for reason in REASONS]
    for dialog in (RestoreDialog(backups, main), RestoreDialog([], main)):
        window.check(dialog)
        dialog.reject()
    for action in SHEETS:
        main.show_room("chat" if action.startswith("chat") else "notes")
        qtbot.waitUntil(lambda: window.desk.tasks.idle)
        actions[action].trigger()
        window.check()
        for sheet in main.findChildren(QDialog):
            sheet.close()
    assert not [text for text in (actions[each].text() for each in actions) if english_of(text, frozenset())]


def test_a_text_that_is_not_in_the_template_is_found(window: Window) -> None:
    label = QLabel("Not as it was", window.desk.window)
    with pytest.raises(AssertionError, match="Not as it was"):
        window.check()
    label.setText("⟦Not as it was⟧ (Ctrl+K)")
    window.check()
